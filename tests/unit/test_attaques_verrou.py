"""The lock attacked by many at once: threads, programs, and a count that is deleted."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.store import essais, vault
from app.usecases import access
from tests.sauvegarde_outils import MOT, Cabinet, creer

RACINE = Path(__file__).parents[2]
#: A program that tries one wrong password and says what it was answered.
_ESSAI = """
import sys
from pathlib import Path
from app.store import essais
from app.domain.mot_de_passe import attente_apres
try:
    essais.noter_essai(Path(sys.argv[1]), attente_apres)
    print("essai")
except essais.TropTot:
    print("attente")
"""


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


@pytest.mark.attaque("Force brute en parallèle dans un même programme",
                     tente="trente essais lancés ensemble par seize fils",
                     constat="cinq essais passent, les autres attendent")
def test_tries_made_at_once_don_t_pass_together(cabinet: Cabinet) -> None:
    def essayer(n: int) -> str:
        try:
            access.deverrouiller(cabinet.fichier, f"Pas le bon mot {n}")
        except access.TropEssais:
            return "attente"
        except vault.MotDePasseRefuse:
            return "essai"
        return "ouvert"

    with ThreadPoolExecutor(16) as fils:
        issues = list(fils.map(essayer, range(30)))
    assert issues.count("essai") == 5 and issues.count("attente") == 25
    with pytest.raises(access.TropEssais):
        access.deverrouiller(cabinet.fichier, MOT)


@pytest.mark.attaque("Force brute par plusieurs programmes à la fois",
                     tente="douze programmes essaient au même instant",
                     constat="cinq essais comptés, les autres attendent : aucun compte perdu")
def test_programs_share_the_count(cabinet: Cabinet) -> None:
    programmes = [subprocess.Popen([sys.executable, "-c", _ESSAI, str(cabinet.fichier)],
                                   stdout=subprocess.PIPE, text=True, cwd=RACINE)
                  for _ in range(12)]
    issues = [p.communicate(timeout=60)[0].strip() for p in programmes]
    assert sorted(issues) == ["attente"] * 7 + ["essai"] * 5
    assert essais.lire(cabinet.fichier).rates == 5


@pytest.mark.attaque("Compteur d’échecs effacé ou rempli de n’importe quoi",
                     tente="supprimer le fichier des échecs, y mettre du texte ou un nombre géant",
                     constat="le compte repart de zéro et le vrai mot de passe ouvre : effacer ne "
                             "donne que ce que donnerait une copie du coffre")
@pytest.mark.parametrize("contenu", [None, b"\x00\xff", b"[]",
                                     json.dumps({"rates": 10**400}).encode()])
def test_a_deleted_count_opens_nothing_by_itself(cabinet: Cabinet,
                                                 contenu: bytes | None) -> None:
    for _ in range(5):
        with pytest.raises(vault.MotDePasseRefuse):
            access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
    fichier = essais._fichier(cabinet.fichier)
    if contenu is None:
        fichier.unlink()
    else:
        fichier.write_bytes(contenu)
    with pytest.raises(vault.MotDePasseRefuse):
        access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
    access.deverrouiller(cabinet.fichier, MOT).fermer()


@pytest.mark.attaque("Remettre le compteur à zéro avec le mot de passe d’un ancien remplaçant",
                     tente="intercaler, entre les essais, un mot de passe bon mais hors de ses "
                           "dates",
                     constat="le compte ne repart pas : l’attente vient au cinquième échec")
def test_a_former_replacement_doesn_t_wash_the_count(cabinet: Cabinet) -> None:
    from app.domain.people import Professionnel
    from app.domain.roles import Acces
    from app.usecases import comptes
    from app.usecases.errors import Refus

    mot = comptes.inviter(cabinet.ctx, Professionnel("", "ANCIEN", "PAUL"), Acces(
        ("remplacant",), "2020-01-01", "2020-12-31")).mot_de_passe
    for n in range(1, 6):
        with pytest.raises(vault.MotDePasseRefuse):
            access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
        if n < 5:
            with pytest.raises(Refus, match="terminée"):
                access.deverrouiller(cabinet.fichier, mot)
        assert essais.lire(cabinet.fichier).rates == n
    with pytest.raises(access.TropEssais):
        access.deverrouiller(cabinet.fichier, MOT)


def test_the_account_that_opened_last_is_tried_first(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.domain.people import Professionnel
    from app.domain.roles import Acces
    from app.store import envelopes
    from app.usecases import comptes

    mots = [comptes.inviter(cabinet.ctx, Professionnel("", f"N{n}", "SAM"),
                            Acces(("salarie",))).mot_de_passe for n in range(3)]
    derivees: list[str] = []
    vraie = envelopes.derivee_mot_de_passe

    def compter(mot: str, enveloppe: dict[str, object]) -> bytes:
        derivees.append(str(enveloppe["compte"]))
        return vraie(mot, enveloppe)

    monkeypatch.setattr(envelopes, "derivee_mot_de_passe", compter)
    for attendu in (4, 1):
        derivees.clear()
        access.deverrouiller(cabinet.fichier, mots[-1], expiration=False).fermer()
        assert len(derivees) == attendu
    essais._fichier(cabinet.fichier).with_suffix(".dernier").write_bytes(b"\xff")
    access.deverrouiller(cabinet.fichier, MOT).fermer()
