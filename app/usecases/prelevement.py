"""Home sampling (SC.INS.24): checklist, attestation of a qualified identity, archive that waits.

The attestation is a CDA with its PDF/A; the IHE_XDM archive for the laboratory is made at once and
waits in the outbox until the mail can take it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app import __version__
from app.documents.controle import DocumentIncomplet
from app.documents.model import (
    Bloc,
    Destinataire,
    DocumentClinique,
    Intervenant,
    Liste,
    Paragraphe,
    RoleIntervenant,
    Tableau,
    patient_document,
)
from app.documents.oids import CategorieOid, nouvel_oid, racine_patients
from app.documents.production import DocumentProduit, produire
from app.documents.types import profession, type_document
from app.documents.xdm import EmetteurXdm, ecrire_xdm
from app.domain.document import EtatDocument, FicheDocument
from app.domain.libelles import preuve_qualification
from app.domain.outbox import Destination, EtatOrdre, Ordre
from app.domain.patient import Patient
from app.domain.prelevement import (
    CHECKLIST,
    PointConnu,
    manquants,
    points_connus,
    refus_adresse,
    refus_identite,
    refus_preleveur,
)
from app.domain.roles import Droit
from app.services.errors import Remede
from app.store.unite import Unite
from app.usecases.conservation import conserver, refuser_identite_changee
from app.usecases.context import Contexte, iso_utc, maintenant_utc
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.outbox import CODE_MSSANTE
from app.usecases.reglages_identite import traits_a_imprimer
from app.usecases.settings import NOM_LOGICIEL, Reglages, lire_reglages
from app.usecases.types_documents import libelle_type

TYPE = "attestation-identite-prelevement"
#: Setting: laboratories already written to, the last one first.
CLE_LABOS = "prelevement.laboratoires"
LABOS_MAX = 20
#: Types of the documents that may be the prescription, JDV_J07.
PRESCRIPTIONS = frozenset({"57832-8", "PRESC-BIO", "PRESC-INF", "57833-6", "57828-6"})
EDITEUR = "Pléiade"
MOTIF_ATTENTE = "L’archive pour le laboratoire est prête ; elle partira par MSSanté."


@dataclass(frozen=True, slots=True)
class Echantillon:
    """What was taken: « Tube EDTA », 2."""

    libelle: str
    nombre: int = 1


@dataclass(frozen=True, slots=True)
class DemandeAttestation:
    """What the professional filled in. `preleve_le` is aware; `coches` are codes of `CHECKLIST`.

    `document_prescription` is the id of a document of the file, sent with the attestation.
    """

    patient_id: int
    laboratoire: Destinataire
    preleve_le: datetime
    coches: frozenset[str]
    echantillons: tuple[Echantillon, ...] = ()
    prescripteur: Destinataire | None = None
    prescrit_le: datetime | None = None
    document_prescription: int | None = None


@dataclass(frozen=True, slots=True)
class PrescriptionPossible:
    """A prescription of the file. Only a `structuree` one fits the archive. `date`: AAAA-MM-JJ."""

    document_id: int
    titre: str
    date: str
    structuree: bool


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is known before the form: checks, prescriptions, laboratories (the last one first)."""

    patient: Patient
    points: tuple[PointConnu, ...]
    prescriptions: tuple[PrescriptionPossible, ...] = ()
    laboratoires: tuple[Destinataire, ...] = ()


@dataclass(frozen=True, slots=True)
class Attestation:
    """The document kept, and the order that waits with its archive."""

    document: FicheDocument
    ordre: Ordre
    archive_sha256: str


@exige(Droit.CLINIQUE_ECRIRE)
def preparer(ctx: Contexte, patient_id: int) -> tuple[Patient, str]:
    """The patient, and the French reason why no attestation can be made now (or empty)."""
    with ctx.store.lecture() as u:
        patient = u.patients.lire(u.regroupements.actuel(patient_id))
    return patient, refus_identite(patient.identite)


@exige(Droit.CLINIQUE_ECRIRE)
def preparation(ctx: Contexte, patient_id: int) -> Preparation:
    """What the screen shows before anything is filled in; nothing is written."""
    with ctx.store.lecture() as u:
        patient = u.patients.lire(u.regroupements.actuel(patient_id))
        fiches = [f for f in u.documents.lister(patient.id)
                  if f.type_code in PRESCRIPTIONS and f.etat is EtatDocument.VALIDE]
        connus = u.reglages.lire(CLE_LABOS, [])
    return Preparation(
        patient, points_connus(patient.identite, ctx.professionnel.identifiant, ctx.qui),
        tuple(PrescriptionPossible(f.id, f.titre or libelle_type(f.type_code), f.date_acte[:10],
                                   bool(f.cda_sha256)) for f in fiches),
        tuple(Destinataire(structure=str(c.get("nom", "")), messagerie=str(c.get("adresse", "")))
              for c in connus if isinstance(c, dict)))


def _retenir_labo(u: Unite, labo: Destinataire) -> None:
    """The laboratory of this time is proposed first the next one."""
    ligne = {"nom": labo.structure, "adresse": labo.messagerie}
    connus = [c for c in u.reglages.lire(CLE_LABOS, []) if isinstance(c, dict)
              and str(c.get("adresse", "")).lower() != labo.messagerie.lower()]
    u.reglages.ecrire(CLE_LABOS, [ligne, *connus][:LABOS_MAX])


@exige(Droit.CLINIQUE_ECRIRE)
def attester(ctx: Contexte, demande: DemandeAttestation) -> Attestation:
    """Make the attestation and its archive; both are kept, the order waits, all or nothing.

    :raises Refus: identity not qualifiée, checklist not complete, or something missing.
    """
    patient, refus = preparer(ctx, demande.patient_id)
    if refus:
        raise Refus(refus, remede=Remede.QUALIFIER_INS, code="INS-NON-QUALIFIEE")
    if refus := refus_preleveur(ctx.professionnel.identifiant) or (
            refus_adresse(demande.laboratoire.messagerie)):
        raise Refus(refus)
    if absents := manquants(demande.coches):
        raise Refus("L’attestation n’est pas faite. Il reste à contrôler : "
                    + " ; ".join(p.libelle[0].lower() + p.libelle[1:] for p in absents) + ".")
    if demande.preleve_le > maintenant_utc() + timedelta(minutes=5):
        raise Refus("Le prélèvement est daté dans le futur. Corrigez la date ou l’heure.")
    reglages = lire_reglages(ctx)
    try:
        document = _composer(patient, demande, reglages, traits_a_imprimer(ctx))
        produit: DocumentProduit = ctx.lourd(produire, document)
    except DocumentIncomplet as erreur:
        raise Refus(" ".join(erreur.manques)) from erreur
    joints = _prescription(ctx, patient, demande.document_prescription)
    archive = _archiver([produit.cda, *joints], reglages)
    with ctx.store.ecriture() as u:
        refuser_identite_changee(u, patient, "rédaction")
        fiche = conserver(ctx, u, document, patient.id, cda=produit.cda, pdf=produit.pdf)
        ordre = u.outbox.ajouter(
            Destination.MSSANTE, fiche.id, patient.id, ctx.compte_id, iso_utc(maintenant_utc()),
            etat=EtatOrdre.RETENU, motif=MOTIF_ATTENTE, code=CODE_MSSANTE)
        garde = u.archives.ajouter(
            ordre.id, archive, nom="IHE_XDM.ZIP",
            destinataire=demande.laboratoire.structure or demande.laboratoire.nom,
            adresse=demande.laboratoire.messagerie)
        _retenir_labo(u, demande.laboratoire)
        u.trail.ecrire(qui=ctx.qui, quoi="prelevement.attestation", sur_qui=str(patient.id),
                       resultat="ok", detail=f"document {fiche.id}, envoi {ordre.id}")
    return Attestation(fiche, ordre, garde.sha256)


@exige(Droit.ENVOYER)
def archive_prete(ctx: Contexte, ordre_id: int) -> tuple[str, bytes]:
    """Name and bytes of the archive of an order, for the mail."""
    with ctx.store.lecture() as u:
        archive = u.archives.lire(ordre_id)
        return archive.nom, u.documents.contenu(archive.sha256)


@exige(Droit.ENVOYER)
def remettre_archive(ctx: Contexte, ordre_id: int) -> bytes:
    """The archive of an order, handed to the user to be saved outside: traced first."""
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="sortie.enregistrement",
                       sur_qui=str(u.outbox.lire(ordre_id).patient_id), resultat="ok",
                       detail=f"archive XDM de l’envoi {ordre_id}")
    return archive_prete(ctx, ordre_id)[1]


def _prescription(ctx: Contexte, patient: Patient, document_id: int | None) -> list[bytes]:
    """The CDA of the prescription, when the file holds one; a PDF alone doesn't fit an archive."""
    if document_id is None:
        return []
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
        if fiche.patient_id != patient.id:
            raise Refus("Cette prescription est celle d’un autre patient.")
        if not fiche.cda_sha256:
            raise Refus("Cette prescription n’est pas un document structuré : joignez-la à part.")
        return [u.documents.contenu(fiche.cda_sha256)]


def _archiver(cdas: Sequence[bytes], reglages: Reglages) -> bytes:
    racine = reglages.racine_oid
    try:
        return ecrire_xdm(list(cdas), EmetteurXdm(
            reglages.professionnel, reglages.structure, NOM_LOGICIEL, __version__, EDITEUR,
            unique_id=nouvel_oid(racine, CategorieOid.LOT), source_id=racine,
            date=datetime.now(UTC)))
    except ValueError as erreur:
        raise Refus("La prescription jointe n’est pas au nom de ce patient : l’archive n’est pas "
                    "faite et rien n’a été enregistré.") from erreur


def _composer(patient: Patient, demande: DemandeAttestation, reglages: Reglages,
              imprimes: tuple[str, ...]) -> DocumentClinique:
    modele, auteur = type_document(TYPE), reglages.professionnel
    instant = datetime.now(UTC).astimezone().replace(microsecond=0)
    preleve = demande.preleve_le.astimezone().replace(microsecond=0)
    code = profession(auteur)
    intervenants = [Intervenant(
        RoleIntervenant.PRELEVEUR,
        Destinataire(auteur.nom, auteur.prenom, auteur.identifiant, code.libelle,
                     auteur.civilite), preleve, code.code)]
    if demande.prescripteur is not None:
        intervenants.append(Intervenant(RoleIntervenant.PRESCRIPTEUR, demande.prescripteur,
                                        demande.prescrit_le))
    racine = reglages.racine_oid
    return DocumentClinique(
        id=nouvel_oid(racine, CategorieOid.DOCUMENT),
        set_id=nouvel_oid(racine, CategorieOid.ENSEMBLE), type_code=modele.type_code,
        type_libelle=modele.libelle, titre=modele.titre, date_creation=instant,
        date_acte=preleve, patient=patient_document(
            patient, str(patient.id), racine_patients(racine), imprimes=imprimes),
        auteur=auteur, structure=reglages.structure, code_system=modele.code_system,
        destinataires=(demande.laboratoire,),
        corps=_corps(demande, preleve, preuve_qualification(patient.identite)),
        mention_rgpd=reglages.mention_rgpd, logiciel=NOM_LOGICIEL, version_logiciel=__version__,
        cadre="SAD", intervenants=tuple(intervenants), type_cle=TYPE)


def _corps(demande: DemandeAttestation, preleve: datetime, preuve: str) -> tuple[Bloc, ...]:
    corps: list[Bloc] = [
        Paragraphe("J’atteste avoir prélevé cette personne le "
                   f"{preleve:%d/%m/%Y} à {preleve:%H:%M}. Son identité est qualifiée "
                   f"({preuve[0].lower()}{preuve[1:]})."),
        Liste(tuple(p.libelle for p in CHECKLIST if p.code in demande.coches))]
    if demande.echantillons:
        corps.append(Tableau(("Échantillon", "Nombre"), tuple(
            (e.libelle, str(e.nombre)) for e in demande.echantillons), (3, 1)))
    return tuple(corps)
