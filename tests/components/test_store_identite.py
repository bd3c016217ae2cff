"""Upkeep of identities in the store, on both engines: same tests, same answers."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain import statuts
from app.domain.agenda import EtatPassage
from app.domain.identity import OID_NIA, OID_NIR, Attribut, Identite
from app.domain.patient import Patient
from app.domain.verification import CauseVerification, EtatVerification
from app.store.engine import Store, ouvrir
from app.store.errors import ConflitVersion, ErreurStore
from app.store.search.index import reconstruire
from tests.identite_outils import ADRUN, MATRICULE
from tests.store_outils import (
    CLE,
    Decor,
    decor,
    fichier_neuf,
    nouvelle_base,
    serveur_commun,
    supprimer_base,
)

POSTGRESQL = pytest.param("postgresql", marks=[pytest.mark.postgres,
                                               pytest.mark.xdist_group("postgres")])


@pytest.fixture(params=["sqlite", POSTGRESQL])
def d(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Decor]:
    """A file with one professional and one patient."""
    nom = f"essai_{secrets.token_hex(4)}"
    if request.param == "sqlite":
        store = ouvrir(fichier_neuf(tmp_path), CLE)
    else:
        store = ouvrir(nouvelle_base(serveur_commun(), nom), CLE)
    yield decor(store)
    store.fermer()
    if request.param != "sqlite":
        supprimer_base(serveur_commun(), nom)


def ajouter(store: Store, matricule: str = "", oid: str = OID_NIR, date_insi: str = "",
            **traits: Any) -> Patient:
    choisis = replace(ADRUN, **traits)
    identite = Identite(choisis)
    if matricule:
        identite = statuts.recuperer(identite, choisis, matricule, oid, (), date_insi)
    with store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="C")


def test_a_merge_moves_hides_and_comes_back(d: Decor) -> None:
    a, b = ajouter(d.store), ajouter(d.store, MATRICULE)
    with d.store.ecriture() as u:
        u.observations.ajouter(b.id, "note", auteur_id=d.compte)
        u.dmp.marquer_vu(b.id, "1.2.3")
        for id in (a.id, b.id):
            u.episodes.ouvrir(id, auteur="T")
        fusion = u.regroupements.fusionner(a.id, b.id, auteur="T", motif="m",
                                           identite_avant=a.identite)
    with d.store.ecriture() as u:
        assert [p.id for p in u.patients.chercher("adrun")] == [a.id]
        assert u.patients.par_matricule(MATRICULE) == []
        assert (u.patients.compter(), u.regroupements.actuel(b.id)) == (2, a.id)
        assert u.dmp.vus(a.id) == {"1.2.3"}
        assert reconstruire(u.connexion) == 2  # the merged file stays out
        assert [p.id for p in u.patients.nes_le(ADRUN.date_naissance)] == [a.id]
        u.observations.ajouter(b.id, "tard", auteur_id=d.compte)
        assert u.regroupements.rattraper(a.id) == 1
    with pytest.raises(ErreurStore), d.store.ecriture() as u:
        u.regroupements.fusionner(d.patient, b.id, auteur="T", motif="m",
                                  identite_avant=a.identite)
    with d.store.ecriture() as u:
        avant, _ = u.regroupements.defaire(fusion, auteur="T", version=u.regroupements.lire(
            fusion).version)
        assert avant == a.identite
        assert u.patients.par_matricule(MATRICULE) == [b.id]
        assert len(u.observations.lister(b.id)) == 2
        assert u.episodes.courant(b.id) is not None
    with pytest.raises(ConflitVersion), d.store.ecriture() as u:
        u.regroupements.defaire(fusion, auteur="T", version=1)


def test_the_queue_keeps_one_line_a_patient(d: Decor) -> None:
    a = ajouter(d.store, MATRICULE, date_insi="2020-01-01T08:00:00+01:00")
    b = ajouter(d.store, MATRICULE, OID_NIA, "2999-01-01T08:00:00+01:00")
    maintenant = datetime.now(UTC)
    with d.store.ecriture() as u:
        assert set(u.verifications.candidats("2022-01-01")) == {a.id, b.id}
        assert u.verifications.avec_nia([a.id, b.id]) == [b.id]
        assert u.verifications.demander(a.id, CauseVerification.QUATRE_ANS)
        assert not u.verifications.demander(a.id, CauseVerification.NIA)
        ligne = u.verifications.suivante()
        assert ligne is not None
        assert u.verifications.suivante(sauf=[ligne.id]) is None
        u.verifications.reporter(ligne.id, maintenant + timedelta(hours=1), message="m",
                                 version=ligne.version)
        assert u.verifications.suivante() is None
        ligne = u.verifications.suivante(maintenant + timedelta(hours=2))
        assert ligne is not None and (ligne.essais, ligne.message) == (1, "m")
        u.verifications.terminer(ligne.id, EtatVerification.KO, version=ligne.version)
        assert u.verifications.ko() == []  # the identity still holds INSi
        u.patients.enregistrer_identite(a.id, statuts.verification_ko(a.identite), auteur="T",
                                        cause="KO", version=1)
        assert [v.patient_id for v in u.verifications.ko()] == [a.id]
        assert u.verifications.traiter_ko(a.id) == 1
        assert u.verifications.compter_attente() == 0


def test_lists_and_figures(d: Decor) -> None:
    a, b = ajouter(d.store, MATRICULE), ajouter(d.store, MATRICULE, OID_NIA, prenom_utilise="X")
    with d.store.ecriture() as u:
        douteuse = u.patients.ajouter(statuts.poser_attribut(Identite(ADRUN), Attribut.DOUTEUSE),
                                      auteur="T", cause="C")
        passage = u.agenda.ajouter("2026-11-03", "08:00", d.compte, a.id)
        u.agenda.marquer(passage.id, EtatPassage.FAIT, version=1)
        u.observations.ajouter(b.id, "note", auteur_id=d.compte,
                               horodatage="2026-11-04T08:00:00+01:00")
    with d.store.lecture() as u:
        assert [r.id for r, _ in u.listes.nia(10)[0]] == [b.id]
        assert u.listes.attribut(Attribut.DOUTEUSE, 0)[1] == 1
        assert u.listes.a_qualifier(2)[1] == 4
        assert u.listes.meme_matricule() == [(a.id, b.id)]
        (groupe,) = u.listes.nes_le_meme_jour()
        assert [r.id for r in groupe] == [a.id, b.id, douteuse.id]
        assert u.tableau_ins.vus("2026-11-01", "2026-12-01", [d.compte]) == [a.id, b.id]
        assert u.tableau_ins.vus("2026-11-01", "2026-12-01", []) == []
        assert u.tableau_ins.premier_jour() == "2026-11-03"
        assert set(u.tableau_ins.identites_au("2999-01-01", [a.id, b.id])) == {a.id, b.id}
        assert u.tableau_ins.identites_au("2000-01-01", [a.id]) == {}
