"""An erased file is nowhere: no row, no byte of the encrypted file, no line of the server.

What is looked for was written in every column of every table that the model has; a table added
tomorrow is looked for too.
"""

import secrets
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from app.domain.effacement import DossierAEffacer
from app.store import places
from app.store.repos.erasure import portee
from app.store.tables import T_DOCUMENT, Base
from app.usecases import effacement
from app.usecases.context import Contexte
from tests.effacement_outils import semer
from tests.pages_brutes import en_clair
from tests.sauvegarde_outils import MOT, Cabinet, creer
from tests.store_outils import NOM_RARE, nouvelle_base, serveur_commun, supprimer_base

JOUR = date(2026, 11, 29)
AUTRE = "QWYXIKTEMOIN"


def _vu(ctx: Contexte, patient_id: int) -> DossierAEffacer:
    return next(x for x in effacement.dossiers_a_effacer(ctx, JOUR).dossiers
                if x.patient_id == patient_id)


def _rangees(ctx: Contexte) -> dict[str, str]:
    """Every row of every table, the trail's too, as text."""
    with ctx.store.lecture(entiere=True) as u:
        noms = [t.name for t in Base.metadata.sorted_tables]
        return {nom: "\n".join(str(tuple(ligne)) for ligne in u.connexion.execute(
            text(f"SELECT * FROM {nom}"))) for nom in noms}


def _effacer(ctx: Contexte, patient_id: int) -> None:
    fait = effacement.effacer_dossiers(ctx, [_vu(ctx, patient_id)], JOUR)
    assert fait.gardes == () and len(fait.effaces) == 2 and fait.documents == 1


def _verifier_base(ctx: Contexte, temoin: int, avant: dict[str, str]) -> None:
    """Nothing of one, everything of the other; the trail says what went, and is whole."""
    apres = _rangees(ctx)
    assert not [nom for nom, lignes in apres.items() if NOM_RARE in lignes]
    assert {nom: lignes.count(AUTRE) for nom, lignes in apres.items()} == {
        nom: lignes.count(AUTRE) for nom, lignes in avant.items()}
    with ctx.store.lecture(entiere=True) as u:
        assert u.patients.chercher(NOM_RARE) == []
        assert [p.id for p in u.patients.chercher(AUTRE)] == [temoin]
        lignes = [x for x in u.trail.lister(20) if x.quoi == effacement.ACTE]
        assert u.trail.verifier_chaine().intacte
    assert [x.resultat for x in lignes] == ["ok", "ok"]
    assert "1\u00a0document, dernier acte le 01/06/2002" in lignes[1].detail
    assert ctx.store.verifier().bon


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cabinet = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    with cabinet.ctx.store.ecriture() as u:  # the patient of the set-up bears the rare name
        u.effacement.effacer([1])
    cabinet.ctx.store.tasser()
    yield cabinet
    cabinet.ctx.fermer()


def test_the_seed_is_in_every_table_that_leads_to_a_patient(cabinet: Cabinet) -> None:
    garde = semer(cabinet.ctx)
    with cabinet.ctx.store.lecture(entiere=True) as u:
        compte = u.effacement.compter(u.effacement.ensemble(garde))
    assert set(compte) == {table.name for table, _ in portee([garde])}
    lignes = _rangees(cabinet.ctx)
    assert {nom for nom in compte if NOM_RARE not in lignes[nom]} == set()


@pytest.mark.attaque(
    "Restes d’un dossier effacé", tente="Cherche, avec la clé du cabinet, le nom d’un patient "
    "effacé dans chaque octet déchiffré du fichier et de son journal.",
    constat="Plus une occurrence\u00a0: pages libres et restes sont remis à zéro.")
def test_no_byte_of_the_encrypted_file_holds_it_any_more(cabinet: Cabinet) -> None:
    ctx, fichier = cabinet.ctx, Path(str(cabinet.fichier))
    cle = ctx.store._cle
    assert cle is not None
    temoin = semer(ctx, AUTRE)
    garde = semer(ctx)
    with ctx.store.ecriture() as u:  # a document rendered again left its former bytes
        document = u.effacement.documents([garde])[0]
        u.connexion.execute(T_DOCUMENT.update().where(T_DOCUMENT.c.id == document)
                            .values(pdf_sha256=None))
    avant, brut = _rangees(ctx), en_clair(fichier, cle)
    # The words of the search are in small letters, what they share with the former one left out.
    assert brut.count(NOM_RARE.encode()) > 100 and b"owskitest" in brut and b"iktemoin" in brut
    copie = fichier.with_name("copie.pleiade")
    ctx.store.sauvegarder(copie)
    _effacer(ctx, garde)
    _verifier_base(ctx, temoin, avant)
    brut = en_clair(fichier, cle)
    assert b"OWSKITEST" not in brut.upper()
    assert AUTRE.encode() in brut and b"iktemoin" in brut
    for autre in fichier.parent.rglob("*"):
        if autre.is_file():
            assert NOM_RARE.encode() not in autre.read_bytes().upper(), autre
    # As the screen says: the backups made before hold it until they are rotated.
    assert NOM_RARE.encode() in en_clair(copie, cle)


MOURANT = textwrap.dedent("""
    import sys, time
    from datetime import date
    from pathlib import Path
    from app.store import vault
    from app.store.repos.erasure import Effacement
    from app.usecases import access, effacement
    vault.MEMOIRE_KIO = 64
    ctx = access.deverrouiller(Path(sys.argv[1]), sys.argv[2])
    vus = effacement.dossiers_a_effacer(ctx, date(2026, 11, 29)).dossiers
    vrai = Effacement.effacer_contenus_perdus

    def arret(depot):
        vrai(depot)
        print("MILIEU", flush=True)
        time.sleep(600)

    Effacement.effacer_contenus_perdus = arret
    effacement.effacer_dossiers(ctx, vus, date(2026, 11, 29))
""")


def test_killed_in_the_middle_the_file_is_whole(cabinet: Cabinet, racine: Path) -> None:
    ctx = cabinet.ctx
    garde = semer(ctx)
    avant = _rangees(ctx)
    enfant = subprocess.Popen([sys.executable, "-c", MOURANT, str(cabinet.fichier), MOT],
                              cwd=racine, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert enfant.stdout is not None
    assert enfant.stdout.readline() == "MILIEU\n", enfant.communicate()[1]
    enfant.kill()
    enfant.communicate()
    apres = _rangees(ctx)
    assert {n: x for n, x in apres.items() if n not in ("trail", "trail_tete", "reglage")} == {
        n: x for n, x in avant.items() if n not in ("trail", "trail_tete", "reglage")}
    with ctx.store.lecture(entiere=True) as u:
        assert not [x for x in u.trail.lister(50) if x.quoi == effacement.ACTE]
    _effacer(ctx, garde)
    assert not [nom for nom, lignes in _rangees(ctx).items() if NOM_RARE in lignes]


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_no_row_of_the_server_holds_it_any_more(tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    nom = f"efface_{secrets.token_hex(4)}"
    cabinet = creer(nouvelle_base(serveur_commun(), nom), monkeypatch)
    ctx = cabinet.ctx
    try:
        with ctx.store.ecriture() as u:
            u.effacement.effacer([1])
        temoin = semer(ctx, AUTRE)
        garde = semer(ctx)
        avant = _rangees(ctx)
        assert all(NOM_RARE in avant[t.name] for t, _ in portee([garde]))
        _effacer(ctx, garde)
        _verifier_base(ctx, temoin, avant)
        assert ctx.store.tasser()
        # What a dump of the server's administrator holds.
        copie = tmp_path / "copie.pleiade"
        ctx.store.sauvegarder(copie)
        cle = ctx.store._cle
        assert cle is not None and NOM_RARE.encode() not in en_clair(copie, cle).upper()
    finally:
        ctx.fermer()
        supprimer_base(serveur_commun(), nom)
