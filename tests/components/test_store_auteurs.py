"""The account that wrote a document, found again in a file of a former version."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.domain.document import OrigineDocument
from app.store.connections import moteur_postgresql, moteur_sqlite
from app.store.engine import ouvrir
from app.store.upgrade import mettre_a_niveau
from tests.store_outils import CLE, SEMENCE_0001, nouvelle_base, serveur_commun, supprimer_base

PERSONNES = ((1, "FONTAINE", "Julie"), (2, "DIALLO", "Mariam"), (3, "DIALLO", "Mariam"))
#: Document -> (where from, name), and the account expected.
DOCUMENTS = ((1, "cabinet", "Julie FONTAINE", 1), (2, "cabinet", "Mariam DIALLO", None),
             (3, "dmp", "Julie FONTAINE", None), (4, "cabinet", "Partie AVANT", None))


def _semer(moteur: Engine) -> None:
    """A file of revision 0008: two namesakes, and one person without any."""
    with moteur.begin() as c:
        mettre_a_niveau(c, "0001")
        c.exec_driver_sql(SEMENCE_0001[1])  # the patient
        c.exec_driver_sql(SEMENCE_0001[2])
        mettre_a_niveau(c, "0008")
        vides = "'', '', '', ''"
        for id, nom, prenom in PERSONNES:
            c.execute(text("INSERT INTO professionnel (id, identifiant, nom, prenom, profession, "
                           "savoir_faire, civilite, subject_name_id, actif) VALUES "
                           f"(:id, :ident, :nom, :prenom, {vides}, true)"),
                      {"id": id, "ident": str(id), "nom": nom, "prenom": prenom})
        for id, origine, auteur, _ in DOCUMENTS:
            c.execute(text("INSERT INTO document (id, patient_id, origine, etat, type_code, titre, "
                           "date_acte, auteur, cda_id, set_id, version_number, entry_uuid, "
                           "logical_id, cree_le, lu, version) VALUES (:id, 1, :origine, 'valide', "
                           "'11488-4', 'T', '2026-01-01', :auteur, '', '', 1, '', '', '', true, "
                           "1)"), {"id": id, "origine": origine, "auteur": auteur})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[
    pytest.mark.postgres, pytest.mark.xdist_group("postgres")])])
def ancien(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    if request.param == "sqlite":
        chemin = tmp_path / "ancien.pleiade"
        chemin.touch()
        moteur = moteur_sqlite(chemin, CLE, references=False)
        _semer(moteur)
        moteur.dispose()
        yield chemin
        return
    url = nouvelle_base(serveur_commun(), "auteurs", "template1")
    moteur = moteur_postgresql(url)
    _semer(moteur)
    moteur.dispose()
    yield url
    supprimer_base(serveur_commun(), "auteurs")


def test_the_author_is_found_where_one_account_bears_the_name(
        ancien: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.places.dossier_donnees", lambda: tmp_path / "donnees")
    store = ouvrir(ancien, CLE)
    with store.lecture() as u:
        fiches = {f.id: f for f in u.documents.lister(1)}
    assert {n: f.auteur_id for n, f in fiches.items()} == {n: c for n, _, _, c in DOCUMENTS}
    assert fiches[3].origine is OrigineDocument.DMP
    assert store.verifier().bon
    store.fermer()
