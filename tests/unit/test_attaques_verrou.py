"""The lock attacked by many at once: threads, programs, and a count that is deleted."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.domain.mot_de_passe import ESSAIS_JOUR, Politique, attente_apres, juger
from app.domain.people import Professionnel
from app.domain.roles import Acces
from app.store import essais, vault
from app.usecases import access, comptes, mots_de_passe
from app.usecases.errors import Refus
from app.usecases.essais import TropEssais
from tests.comptes_outils import au_jour
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
    issues = [p.communicate(timeout=300)[0].strip() for p in programmes]
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


@pytest.mark.attaque("Effacer un échec en parallèle d’un essai sans suite",
                     tente="pendant qu’un mot de passe connu, hors de ses dates, est jugé, glisser "
                           "des essais faux",
                     constat="l’essai sans suite rend le sien, jamais ceux des autres")
def test_a_try_given_back_washes_nobody_else_s(cabinet: Cabinet) -> None:
    avant, apres = essais.noter_essai(cabinet.fichier, attente_apres)
    for _ in range(3):
        with pytest.raises(vault.MotDePasseRefuse):
            access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
    essais.rendre(cabinet.fichier, avant, apres)
    lu = essais.lire(cabinet.fichier)
    assert (lu.rates, len(lu.dates), len(lu.recents)) == (3, 3, 3)
    avant, apres = essais.noter_essai(cabinet.fichier, attente_apres)
    essais.rendre(cabinet.fichier, avant, apres)
    assert essais.lire(cabinet.fichier) == lu


@pytest.mark.attaque("Remettre le compteur à zéro avec son propre compte",
                     tente="deviner le mot de passe d’une collègue, quatre essais à la fois, en "
                           "ouvrant son propre compte entre deux",
                     constat="au quarantième échec du jour, une heure d’attente à chacun, même "
                             "après une ouverture réussie")
def test_one_s_own_account_doesn_t_make_guesses_free(cabinet: Cabinet) -> None:
    for _ in range(ESSAIS_JOUR - 1):
        essais.noter_essai(cabinet.fichier, lambda rates, jour: 0)
        essais.reussir(cabinet.fichier)  # takes its own try back
        essais.noter_essai(cabinet.fichier, lambda rates, jour: 0)
    access.deverrouiller(cabinet.fichier, MOT).fermer()
    lu = essais.lire(cabinet.fichier)
    assert (lu.rates, lu.dates, len(lu.recents)) == (0, (), ESSAIS_JOUR - 1)
    with pytest.raises(vault.MotDePasseRefuse, match="60 minutes"):
        access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
    with pytest.raises(access.TropEssais):
        access.deverrouiller(cabinet.fichier, MOT)
    comptes.lever_blocage(cabinet.ctx)
    access.deverrouiller(cabinet.fichier, MOT).fermer()
    assert essais.lire(cabinet.fichier) == essais.Essais()


@pytest.mark.attaque("Deviner depuis un poste laissé ouvert",
                     tente="« Changer mon mot de passe » pour deviner l’ancien, ou celui d’une "
                           "collègue (« ce mot de passe a déjà servi »)",
                     constat="compté comme à la porte : attente au cinquième ; la réponse est la "
                             "même que pour un ancien mot de passe à soi")
def test_an_open_screen_guesses_no_faster_than_the_door(cabinet: Cabinet) -> None:
    autre = "Quatre mots sans rapport 7"
    comptes.ajouter_compte(cabinet.ctx, Professionnel("", "SECRETAIRE", "SOPHIE"),
                           Acces(("secretaire",)), autre)
    with pytest.raises(Refus) as sien:
        mots_de_passe.changer_mot_de_passe(cabinet.ctx, MOT, ancien=MOT)
    with pytest.raises(Refus) as autrui:
        mots_de_passe.changer_mot_de_passe(cabinet.ctx, autre, ancien=MOT)
    assert (sien.value.message, sien.value.code) == (autrui.value.message, autrui.value.code)
    assert essais.lire(cabinet.fichier).rates == 1
    with pytest.raises(Refus, match="trop simple"):  # a fault of form tells nothing
        mots_de_passe.changer_mot_de_passe(cabinet.ctx, "court", ancien=MOT)
    assert essais.lire(cabinet.fichier).rates == 1
    for _ in range(4):
        with pytest.raises(vault.MotDePasseRefuse):
            mots_de_passe.changer_mot_de_passe(cabinet.ctx, "Nouveau et solide 88 mots",
                                               ancien="Pas le bon mot 9")
    with pytest.raises(TropEssais):
        mots_de_passe.changer_mot_de_passe(cabinet.ctx, "Nouveau et solide 88 mots", ancien=MOT)
    comptes.lever_blocage(cabinet.ctx)
    mots_de_passe.changer_mot_de_passe(cabinet.ctx, "Nouveau et solide 88 mots", ancien=MOT)


@pytest.mark.attaque("Mot de passe gonflé par des accents séparés",
                     tente="huit lettres accentuées tapées en deux caractères chacune",
                     constat="comptées pour huit : trop court")
def test_a_password_is_judged_as_it_is_derived() -> None:
    gonfle = "".join(f"{c}\u0301" for c in "aEioUyeA") + "1!"
    assert any("15 caractères" in f for f in juger(gonfle, Politique()))


@pytest.mark.attaque("Mot de passe provisoire retrouvé",
                     tente="ouvrir, longtemps après, un compte jamais employé avec le mot de passe "
                           "provisoire dit à l’oral",
                     constat="refusé au bout de sept jours, changement compris")
def test_a_temporary_password_dies(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    vers = (date.today() + timedelta(days=30)).isoformat()
    jours = [comptes.inviter(cabinet.ctx, Professionnel("", nom, "SOPHIE"), acces)
             for nom, acces in (("SECRETAIRE", Acces(("secretaire",))),
                                ("REMPLACANTE", Acces(("remplacant",), vers, "2099-12-31")))]
    with pytest.raises(Refus) as refus:
        access.deverrouiller(cabinet.fichier, jours[0].mot_de_passe)
    assert refus.value.code == "MDP-A-CHANGER"
    au_jour(monkeypatch, vers)
    for geste in (lambda: access.deverrouiller(cabinet.fichier, jours[0].mot_de_passe),
                  lambda: access.renouveler_mot_de_passe(
                      cabinet.fichier, jours[0].mot_de_passe, "Nouveau et solide 88 mots")):
        with pytest.raises(Refus, match="provisoire a expiré"):
            geste()
    access.renouveler_mot_de_passe(cabinet.fichier, jours[1].mot_de_passe,
                                   "Nouveau et solide 88 mots").fermer()


def test_a_password_that_expired_behind_the_lock_still_uncovers(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen asked for a new one, and nothing listened."""
    from dataclasses import replace

    from app.ui.controllers import acces_taches

    mots_de_passe.enregistrer_politique(cabinet.ctx, replace(Politique(), expiration_jours=30))
    au_jour(monkeypatch, (date.today() + timedelta(days=40)).isoformat())
    acces_taches.verifier(cabinet.fichier, MOT, cabinet.ctx.compte_id)
    with pytest.raises(Refus, match="expiré"):
        access.deverrouiller(cabinet.fichier, MOT)
