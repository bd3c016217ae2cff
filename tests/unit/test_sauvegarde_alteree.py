"""A backup altered anywhere, cut anywhere, or of another version: whole, or refused."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store import places, vault
from app.store.connections import moteur_sqlite, ouvrir_brut
from app.store.engine import ouvrir
from app.store.errors import ErreurStore, FichierTropRecent
from app.store.upgrade import REVISION
from app.usecases import backup
from app.usecases.restore import restaurer
from tests.sauvegarde_outils import MOT, creer
from tests.store_outils import NOM_RARE, semer_0001

PAGE = 4096


@pytest.fixture(scope="module")
def bonne(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    dossier = tmp_path_factory.mktemp("bonne")
    (dossier / "poste").mkdir()
    with pytest.MonkeyPatch.context() as m:
        cabinet = creer(dossier / "poste" / "cabinet.pleiade", m)
    faite = backup.sauvegarder(cabinet.ctx, dossier).chemin
    cabinet.ctx.fermer()
    yield faite


#: Where, then what: a bit, a cut, a page over another, bytes added.
ALTERATIONS = st.one_of(
    st.tuples(st.just("bit"), st.floats(0, 1, exclude_max=True), st.integers(0, 7)),
    st.tuples(st.just("bit"), st.sampled_from([0, 15 / 5e5, 16 / 5e5, 100 / 5e5]),
              st.integers(0, 7)),
    st.tuples(st.just("coupe"), st.floats(0, 1, exclude_max=True), st.sampled_from([0, 1, 2])),
    st.tuples(st.just("page"), st.floats(0, 1, exclude_max=True), st.integers(1, 9)),
    st.tuples(st.just("ajout"), st.just(0.0), st.sampled_from([1, 100, PAGE, 3 * PAGE])))


def _alterer(octets: bytes, genre: str, ou: float, quoi: int) -> bytes:
    lus, place = bytearray(octets), int(ou * len(octets))
    pas = min(PAGE, len(lus) // 4)  # a vault is smaller than a page
    if genre == "bit":
        lus[place] ^= 1 << quoi
    elif genre == "coupe":  # anywhere, at a page, one byte short of a page
        del lus[(place, place // pas * pas, max(0, place // pas * pas - 1))[quoi]:]
    elif genre == "page":
        de = place // pas * pas
        vers = (de + quoi * pas) % (len(lus) // pas * pas)
        lus[vers:vers + pas] = lus[de:de + pas]
    else:
        lus += bytes(quoi)
    return bytes(lus)


@pytest.mark.attaque("Sauvegarde altérée n’importe où",
                     tente="un bit changé, une coupure n’importe où ou au bord d’une page, une "
                           "page recopiée sur une autre, des octets ajoutés, tirés au hasard ; le "
                           "coffre de même",
                     constat="restaurée entière ou refusée en français ; jamais à moitié, rien "
                             "n’apparaît")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture],
          deadline=None)
@given(alteration=ALTERATIONS, coffre=st.booleans())
def test_whole_or_refused(bonne: Path, tmp_path: Path, alteration: tuple[str, float, int],
                          coffre: bool) -> None:
    ici = tmp_path / "ici"
    shutil.rmtree(ici, ignore_errors=True)
    (ici / "neuf").mkdir(parents=True)
    copie = ici / bonne.name
    for fichier in (bonne, places.chemin_coffre(bonne)):
        octets = fichier.read_bytes()
        if coffre is (fichier != bonne):
            octets = _alterer(octets, *alteration)
        (ici / fichier.name).write_bytes(octets)
    vers = ici / "neuf" / "cabinet.pleiade"
    try:
        rendu = restaurer(copie, vers, mot_de_passe=MOT)
    except ErreurStore as erreur:
        assert erreur.message.endswith(".")
        assert list(vers.parent.iterdir()) == []
        return
    assert rendu.rapport.bon or all(p.code == "coffre" for p in rendu.rapport.points
                                    if p.etat == "defaut")
    store = ouvrir(vers, vault.ouvrir_coffre(vers, MOT), creer=False)
    try:
        with store.lecture() as u:
            assert [p.nom_naissance for p in u.patients.chercher(NOM_RARE)] == [NOM_RARE]
    finally:
        store.fermer()


def _avec_coffre(bonne: Path, fichier: Path) -> bytes:
    shutil.copy(places.chemin_coffre(bonne), places.chemin_coffre(fichier))
    return vault.ouvrir_coffre(bonne, MOT)


def test_a_backup_of_a_newer_version_is_refused_and_named(bonne: Path, tmp_path: Path) -> None:
    copie = tmp_path / bonne.name
    shutil.copyfile(bonne, copie)
    cle = _avec_coffre(bonne, copie)
    connexion = ouvrir_brut(copie, cle)
    connexion.execute("UPDATE alembic_version SET version_num = '9999'")
    connexion.close()
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    with pytest.raises(FichierTropRecent, match="récente"):
        restaurer(copie, vers, mot_de_passe=MOT)
    assert list(vers.parent.iterdir()) == []


def test_a_backup_of_the_first_version_comes_back_and_is_upgraded(
        bonne: Path, tmp_path: Path) -> None:
    """The practice of some years ago, on the program of today."""
    ancienne = tmp_path / "pleiade-00000000-20200101-080000.pleiade"
    cle = _avec_coffre(bonne, ancienne)
    ancienne.touch()
    moteur = moteur_sqlite(ancienne, cle, references=False)
    semer_0001(moteur)
    moteur.dispose()
    vers = tmp_path / "neuf" / "cabinet.pleiade"
    rendu = restaurer(ancienne, vers, mot_de_passe=MOT)
    assert rendu.rapport.revision == "0001"
    store = ouvrir(vers, cle, creer=False)
    assert store.verifier().revision == REVISION
    with store.lecture() as u:
        assert u.documents.contenu(u.documents.lire(1).cda_sha256) == b"abc"
    store.fermer()
    # Before the upgrade, its usual backup.
    assert list((vers.parent / "sauvegardes").glob("cabinet-avant-mise-a-niveau-*.pleiade"))
