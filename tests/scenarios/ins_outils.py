"""Gestures shared by the scenarios of the identity chapter."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.domain import statuts
from app.domain.identity import OID_NIR, Identite, StatutIdentite, Traits
from app.domain.patient import Patient
from app.usecases import patients

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste

ADRUN = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE")
MATRICULE_ADRUN = "275126322074974"
CINQ_ANS = timedelta(days=5 * 365)


def identite(poste: "Poste", patient_id: int) -> Identite:
    """Stored identity."""
    with poste.ctx.store.lecture() as u:
        return u.patients.lire(patient_id).identite


def id_de(poste: "Poste", texte: str) -> int:
    """The patient that a search finds first."""
    return patients.chercher(poste.ctx, texte)[0].id


def ajouter(poste: "Poste", traits: Traits) -> int:
    """A provisional patient, created as the window does."""
    cree = patients.creer_patient(poste.ctx, traits, force=True).patient
    assert cree is not None
    return cree.id


def poser(poste: "Poste", patient_id: int, nouvelle: Identite) -> Patient:
    """Write an identity as an earlier day left it."""
    with poste.ctx.store.ecriture() as u:
        version = u.patients.lire(patient_id).version
        return u.patients.enregistrer_identite(patient_id, nouvelle, auteur="Claire MOREAU",
                                               cause="Reprise", version=version)


def qualifiee(poste: "Poste", texte: str, matricule: str, *, oid: str = OID_NIR,
              age: timedelta = timedelta(days=30), document: str = "CN",
              traits: Traits | None = None) -> int:
    """A patient récupéré `age` ago, and qualified when `document` is given; returns the id."""
    patient_id = id_de(poste, texte)
    avant = identite(poste, patient_id)
    quand = (datetime.now(UTC) - age).isoformat(timespec="seconds")
    apres = statuts.recuperer(avant, traits or avant.traits, matricule, oid, (), quand)
    if document:
        apres = statuts.controler_document(apres, document)
    poser(poste, patient_id, apres)
    return patient_id


def document_controle(poste: "Poste", document: str = "Carte nationale") -> None:
    """Badge, document: two clicks."""
    poste.pilote.cliquer("Identité ")
    poste.pilote.choisir(document)


def marquer(poste: "Poste", attribut: str) -> None:
    """Badge, attribute: two clicks."""
    poste.pilote.cliquer("Identité ")
    poste.pilote.choisir(attribut)


def attendre_statut(poste: "Poste", patient_id: int, statut: StatutIdentite) -> None:
    """Wait until the stored identity and the badge say it."""
    mot = {"provisoire": "Provisoire", "recuperee": "Récupérée", "validee": "Validée",
           "qualifiee": "Qualifiée"}[statut.value]
    poste.pilote.attendre(lambda: identite(poste, patient_id).statut is statut, mot)
    poste.pilote.attendre(lambda: poste.pilote.voit(mot), f"{mot} à l’écran")


def choisir_lieu(poste: "Poste", texte: str, attendu: str) -> None:
    """Type a birthplace, click `attendu` in the list under the field."""
    pilote = poste.pilote
    pilote.remplir("Lieu de naissance (INSEE)", texte)
    pilote.attendre(lambda: any(attendu in x for x in lieux_proposes(poste)), attendu)
    liste = pilote.champ("Lieu de naissance (INSEE)").completer().popup()
    rang = next(i for i, x in enumerate(lieux_proposes(poste)) if attendu in x)
    pilote.cliquer_ligne(liste, rang)


def lieux_proposes(poste: "Poste") -> list[str]:
    """Lines of the list under the field."""
    completeur = poste.pilote.champ("Lieu de naissance (INSEE)").completer()
    modele = completeur.completionModel()
    if not completeur.popup().isVisible():
        return []
    return [str(modele.index(i, 0).data()) for i in range(modele.rowCount())]

