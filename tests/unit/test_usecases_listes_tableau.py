"""Work lists and dashboard: who is in them, who isn't, and figures that don't move afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.domain import statuts
from app.domain.agenda import EtatPassage
from app.domain.identity import OID_NIA, OID_NIR, Attribut, Identite, Traits
from app.domain.listes_identite import LISTES, ListeIdentite
from app.domain.patient import Patient
from app.domain.tableau_ins import INDICATEURS, MoisIns, derniers_mois, libelle_taux, mois_suivant
from app.store.tables import T_IDENTITE_HISTORIQUE
from app.usecases import fusion, gestes_identite, listes_identite, tableau_ins, verification
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.reglages_identite import ReglagesIdentite, enregistrer_reglages_identite
from tests.identite_outils import ADRUN, MATRICULE, InsiFictif, contexte

QUAND = "2026-03-02T08:00:00+01:00"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path, InsiFictif(verification=lambda _i: False))
    yield ctx
    ctx.fermer()


def ajouter(ctx: Contexte, traits: Traits = ADRUN, matricule: str = "", oid: str = OID_NIR,
            document: str = "", attribut: Attribut | None = None) -> Patient:
    identite = Identite(traits)
    if matricule:
        identite = statuts.recuperer(identite, traits, matricule, oid, (), QUAND)
    if document:
        identite = statuts.controler_document(identite, document)
    if attribut:
        identite = statuts.poser_attribut(identite, attribut)
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="Création")


def noms(ctx: Contexte, liste: ListeIdentite) -> list[str]:
    return [ligne.patient.nom_naissance for ligne in listes_identite.page(ctx, liste).lignes]


def test_each_list_holds_its_own(ctx: Contexte) -> None:
    def nomme(nom: str, n: int) -> Traits:
        return replace(ADRUN, nom_naissance=nom, date_naissance=f"1980-01-{n:02d}")

    ajouter(ctx, nomme("PROVISOIRE", 1))
    ajouter(ctx, nomme("RECUPEREE", 2), MATRICULE)
    ajouter(ctx, nomme("NIA", 3), "1" + MATRICULE[1:], OID_NIA, "CN")
    ajouter(ctx, nomme("HOMONYME", 4), attribut=Attribut.HOMONYME)
    ajouter(ctx, nomme("DOUTEUSE", 5), attribut=Attribut.DOUTEUSE)
    ajouter(ctx, nomme("FICTIVE", 6), attribut=Attribut.FICTIVE)
    enregistrer_reglages_identite(ctx, ReglagesIdentite(procedure_transitoire=True))
    gestes_identite.qualifier_procedure_transitoire(
        ctx, ajouter(ctx, nomme("TRANSITOIRE", 7), "3" + MATRICULE[1:]).id, "Patient connu")
    ko = ajouter(ctx, nomme("KO", 8), "4" + MATRICULE[1:], document="CN")
    verification.verifier_identite(ctx, ko.id)
    attente = ajouter(ctx, nomme("ATTENTE", 9), "5" + MATRICULE[1:], document="CN")
    verification.demander_verification(ctx, attente.id)

    assert noms(ctx, ListeIdentite.A_QUALIFIER) == ["DOUTEUSE", "HOMONYME", "KO", "PROVISOIRE",
                                                    "RECUPEREE"]
    assert noms(ctx, ListeIdentite.NIA) == ["NIA"]
    assert noms(ctx, ListeIdentite.HOMONYMES) == ["HOMONYME"]
    assert noms(ctx, ListeIdentite.DOUTEUSES) == ["DOUTEUSE"]
    assert noms(ctx, ListeIdentite.TRANSITOIRES) == ["TRANSITOIRE"]
    assert noms(ctx, ListeIdentite.VERIFICATION_KO) == ["KO"]
    assert noms(ctx, ListeIdentite.A_VERIFIER) == ["ATTENTE"]
    assert noms(ctx, ListeIdentite.DOUBLONS) == []
    comptes = listes_identite.compter(ctx)
    assert comptes == {liste: len(noms(ctx, liste)) for liste in LISTES}


def test_duplicates_are_found_judged_and_merged(ctx: Contexte) -> None:
    a = ajouter(ctx, ADRUN, MATRICULE)
    b = ajouter(ctx, replace(ADRUN, nom_naissance="ADRUM"))
    c = ajouter(ctx, replace(ADRUN, nom_naissance="AUTRE", premier_prenom="LEA"), MATRICULE)
    lignes = listes_identite.page(ctx, ListeIdentite.DOUBLONS).lignes
    assert [(x.patient.id, x.autre and x.autre.id, x.detail) for x in lignes] == [
        (a.id, c.id, "Même matricule INS"),
        (a.id, b.id, "Même prénom et même date de naissance, nom presque identique.")]
    gestes_identite.noter_homonymes(ctx, a.id, b.id)
    lignes = listes_identite.page(ctx, ListeIdentite.DOUBLONS).lignes
    assert [x.autre and x.autre.id for x in lignes] == [c.id]
    comparaison = fusion.comparer_dossiers(ctx, a.id, c.id)
    assert not comparaison.refus
    fusion.fusionner(ctx, comparaison.a, comparaison.b, "Même matricule")
    assert listes_identite.page(ctx, ListeIdentite.DOUBLONS).total == 0


# --- Dashboard ----------------------------------------------------------------------------------

def passer(ctx: Contexte, patient: Patient, jour: str,
           etat: EtatPassage = EtatPassage.FAIT) -> None:
    with ctx.store.ecriture() as u:
        passage = u.agenda.ajouter(jour, "08:00", ctx.compte_id, patient.id)
        u.agenda.marquer(passage.id, etat, version=1)


def dater(ctx: Contexte, patient: Patient, *quand: str) -> None:
    """Put the history of a patient in the past."""
    with ctx.store.ecriture() as u:
        ids = list(u.connexion.execute(
            T_IDENTITE_HISTORIQUE.select().where(T_IDENTITE_HISTORIQUE.c.patient_id == patient.id)
            .with_only_columns(T_IDENTITE_HISTORIQUE.c.id)
            .order_by(T_IDENTITE_HISTORIQUE.c.id)).scalars())
        for id, moment in zip(ids, quand, strict=True):
            u.connexion.execute(T_IDENTITE_HISTORIQUE.update().where(
                T_IDENTITE_HISTORIQUE.c.id == id).values(horodatage=moment))


def test_each_month_counts_patients_once_with_the_identity_of_that_month(ctx: Contexte) -> None:
    p = ajouter(ctx)
    q = ajouter(ctx, replace(ADRUN, nom_naissance="QUAL"), MATRICULE)
    enregistrer_reglages_identite(ctx, ReglagesIdentite(procedure_transitoire=True))
    gestes_identite.qualifier_procedure_transitoire(ctx, q.id, "Patient connu")
    dater(ctx, p, "2026-09-01T08:00:00+02:00")
    dater(ctx, q, "2026-09-01T08:00:00+02:00", "2026-10-15T08:00:00+02:00")
    for jour in ("2026-09-03", "2026-09-04", "2026-10-04"):
        passer(ctx, p, jour)
        passer(ctx, q, jour)
    passer(ctx, p, "2026-11-04", EtatPassage.ANNULE)
    with ctx.store.ecriture() as u:
        u.observations.ajouter(q.id, "vue", auteur_id=ctx.compte_id,
                               horodatage="2026-11-05T09:00:00+01:00")
    tableau = tableau_ins.calculer(ctx, au=date(2026, 11, 21))
    assert tableau.mois == (
        MoisIns("2026-09", 2, 1, 1, 0, 0, 0), MoisIns("2026-10", 2, 1, 0, 0, 1, 1),
        MoisIns("2026-11", 1, 0, 0, 0, 1, 1))
    assert (tableau.mois[1].taux("qualifiees"), tableau.mois[1].taux("transitoires")) == (50, 100)
    assert tableau.mois[0].taux("transitoires") is None
    assert libelle_taux(None) == "–" and libelle_taux(33.33) == "33,3 %"

    rpps, finess = tableau.professionnels[0][0], tableau.structures[0][0]
    assert tableau_ins.calculer(ctx, rpps, finess, date(2026, 11, 21)).mois == tableau.mois
    assert all(m.uniques == 0 for m in tableau_ins.calculer(
        ctx, finess="1888888888", au=date(2026, 11, 21)).mois)
    lignes = tableau_ins.exporter_csv(ctx, tableau).decode("utf-8-sig").splitlines()
    assert len(lignes) == 2 + len(INDICATEURS)
    assert lignes[-2] == "Identités qualifiées;0;0,0;1;50,0;1;100,0"
    assert lignes[-1] == "dont par procédure spécifique transitoire;0;;1;100,0;1;100,0"


def test_an_empty_practice_has_no_month(ctx: Contexte) -> None:
    tableau = tableau_ins.calculer(ctx)
    assert tableau.mois == ()
    with pytest.raises(Refus):
        tableau_ins.exporter_csv(ctx, tableau)


def test_months() -> None:
    assert mois_suivant("2026-12") == "2027-01"
    assert derniers_mois(date(2026, 1, 31), 3) == ("2025-11", "2025-12", "2026-01")
