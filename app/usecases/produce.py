"""Write a document in the file, render it, and hand it to the outbox (`spec/dmp.md` §16)."""

from dataclasses import replace
from datetime import UTC, datetime

from app import __version__
from app.documents.model import (
    Bloc,
    DocumentClinique,
    Intertitre,
    Liste,
    Paragraphe,
    patient_document,
)
from app.documents.oids import CategorieOid, nouvel_oid, racine_patients
from app.domain.document import Brouillon, EtatDocument, FicheDocument, OrigineDocument
from app.domain.outbox_rules import opposition
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.attente_identite import garder_source
from app.usecases.concurrence import Champ, Edition, Lu, ecrire_ensemble
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.outbox import ajouter_ordre_dmp
from app.usecases.reglages_identite import traits_a_imprimer
from app.usecases.settings import NOM_LOGICIEL, Reglages, lire_reglages
from app.usecases.types_documents import libelle_officiel, libelle_type

#: Types offered by the editor of this version: code JDV_J07, short label.
TYPES_COURRIER: tuple[tuple[str, str], ...] = (
    ("11488-4", "Compte rendu de consultation ou de visite"),
    ("11506-3", "Fiche de suivi de soins"),
    ("96349-6", "Lettre d’adressage"),
    ("34133-9", "Synthèse d’épisode de soins"),
)

LONGUEUR_MAX = 100_000
#: What two windows may both change in a draft.
_BROUILLON = {"type_code": Champ("Type", libelle_type), "titre": Champ("Titre"),
              "texte": Champ("Texte", long=True)}


@exige(Droit.CLINIQUE_ECRIRE)
def nouveau_brouillon(ctx: Contexte, patient_id: int, type_code: str) -> Brouillon:
    """Start a letter or report; it exists in the file from its first second."""
    titre = dict(TYPES_COURRIER).get(type_code, libelle_type(type_code))
    return enregistrer_brouillon(ctx, Brouillon(
        id=0, patient_id=patient_id, auteur_id=ctx.compte_id, type_code=type_code, titre=titre,
        texte="", modifie_le=maintenant_local()))


@exige(Droit.CLINIQUE_ECRIRE)
def enregistrer_brouillon(ctx: Contexte, brouillon: Brouillon,
                          base: Brouillon | None = None) -> Brouillon:
    """Autosave. Returns the draft with its id and its new version.

    :param base: the draft as it was last read or kept here: what another window wrote meanwhile is
        merged where it agrees.
    :raises ConflitSaisie: with `base`, the same text was changed elsewhere.
    :raises ConflitVersion: without it, the draft changed since its version.
    """
    quand = maintenant_local()
    if base is None or not brouillon.id:
        with ctx.store.ecriture() as u:
            return u.documents.enregistrer_brouillon(replace(brouillon, modifie_le=quand))

    def lire(u: Unite) -> Lu:
        actuel = u.documents.lire_brouillon(brouillon.id)
        return Lu({c: getattr(actuel, c) for c in _BROUILLON}, actuel.version,
                  "Votre autre fenêtre ou poste")

    return ecrire_ensemble(
        ctx, Edition("ce brouillon", _BROUILLON, lire, lambda u, valeurs, lue:
                     u.documents.enregistrer_brouillon(replace(
                         brouillon, **valeurs, version=lue, modifie_le=quand))),
        *({c: getattr(b, c) for c in _BROUILLON} for b in (base, brouillon)))


@exige(Droit.CLINIQUE_ECRIRE)
def lire_brouillon(ctx: Contexte, brouillon_id: int, patient_id: int) -> Brouillon:
    """A draft of the patient, to go on writing it."""
    with ctx.store.lecture() as u:
        for brouillon in u.documents.brouillons(patient_id):
            if brouillon.id == brouillon_id:
                return brouillon
    raise Refus("Ce brouillon n’existe plus : il a été validé ou abandonné.")


@exige(Droit.CLINIQUE_ECRIRE)
def abandonner_brouillon(ctx: Contexte, brouillon_id: int) -> None:
    """Throw a draft away."""
    with ctx.store.ecriture() as u:
        u.documents.supprimer_brouillon(brouillon_id)


def blocs(texte: str) -> tuple[Bloc, ...]:
    """Text of the editor -> blocks: « # » heads, « - » lists, empty lines part paragraphs."""
    resultat: list[Bloc] = []
    paragraphe: list[str] = []
    liste: list[str] = []

    def vider() -> None:
        if paragraphe:
            resultat.append(Paragraphe("\n".join(paragraphe)))
            paragraphe.clear()
        if liste:
            resultat.append(Liste(tuple(liste)))
            liste.clear()

    for ligne in texte.replace("\r\n", "\n").split("\n"):
        nue = ligne.strip()
        if nue.startswith("# "):
            vider()
            resultat.append(Intertitre(nue[2:].strip()))
        elif nue.startswith(("- ", "• ")):
            if paragraphe:
                vider()
            liste.append(nue[2:].strip())
        elif not nue:
            vider()
        else:
            if liste:
                vider()
            paragraphe.append(ligne.rstrip())
    vider()
    return tuple(resultat)


def _composer(ctx: Contexte, brouillon: Brouillon, patient: Patient,
              reglages: Reglages) -> DocumentClinique:
    """Build the one value that PDF/A and CDA render."""
    if not brouillon.titre.strip():
        raise Refus("Le document n’a pas de titre. Donnez-lui-en un, puis validez.")
    if len(brouillon.titre.strip()) > 128:
        raise Refus("Le titre dépasse 128 caractères. Raccourcissez-le, puis validez.")
    if len(brouillon.texte) > LONGUEUR_MAX:
        raise Refus("Le texte est trop long pour un seul document. Partagez-le en deux.")
    instant = datetime.now(UTC).astimezone().replace(microsecond=0)
    racine = reglages.racine_oid
    return DocumentClinique(
        id=nouvel_oid(racine, CategorieOid.DOCUMENT), set_id=nouvel_oid(racine,
                                                                       CategorieOid.ENSEMBLE),
        type_code=brouillon.type_code, type_libelle=libelle_officiel(brouillon.type_code),
        titre=brouillon.titre.strip(), date_creation=instant, date_acte=instant,
        patient=patient_document(patient, str(patient.id), racine_patients(racine),
                                 imprimes=traits_a_imprimer(ctx)),
        auteur=reglages.professionnel, structure=reglages.structure,
        corps=blocs(brouillon.texte), mention_rgpd=reglages.mention_rgpd, logiciel=NOM_LOGICIEL,
        version_logiciel=__version__)


def rendre_pdf(document: DocumentClinique) -> bytes:
    """PDF/A-1b. The rendering modules are imported here: 0.4 s that the start must not pay."""
    from app.documents import pdfa

    return pdfa.rendre_pdf(document)


def rendre(document: DocumentClinique) -> tuple[bytes, bytes]:
    """(PDF/A-1b, CDA R2 N1 carrying that PDF). Pure: may run in the worker process."""
    from app.documents.cda import rendre_cda_n1

    pdf = rendre_pdf(document)
    return pdf, rendre_cda_n1(document, pdf)


@exige(Droit.CLINIQUE_ECRIRE)
def apercu(ctx: Contexte, brouillon: Brouillon) -> bytes:
    """The PDF as it would be sent now; nothing is stored."""
    with ctx.store.lecture() as u:
        patient = u.patients.lire(brouillon.patient_id)
    document = _composer(ctx, brouillon, patient, lire_reglages(ctx))
    pdf: bytes = ctx.lourd(rendre_pdf, document)
    return pdf


@exige(Droit.CLINIQUE_ECRIRE)
def valider(ctx: Contexte, brouillon: Brouillon, retenir: bool = False) -> FicheDocument:
    """Sign the draft: PDF/A and CDA are kept, the DMP order is written, all or nothing.

    No order is made when the patient opposes. An identity that isn't qualifiée doesn't stop the
    document: the order waits for it and says so.
    """
    if not brouillon.texte.strip():
        raise Refus("Le document est vide. Écrivez-le, puis validez.")
    reglages = lire_reglages(ctx)
    with ctx.store.lecture() as u:
        patient = u.patients.lire(brouillon.patient_id)
    document = _composer(ctx, brouillon, patient, reglages)
    pdf, cda = ctx.lourd(rendre, document)
    with ctx.store.ecriture() as u:
        fiche = u.documents.ajouter(
            FicheDocument(
                id=0, patient_id=patient.id, origine=OrigineDocument.CABINET,
                etat=EtatDocument.VALIDE, type_code=document.type_code, titre=document.titre,
                date_acte=document.date_acte.date().isoformat(), auteur=ctx.qui,
                cda_id=document.id, set_id=document.set_id, cree_le=maintenant_local()),
            cda=cda, pdf=pdf)
        garder_source(u, fiche.id, document)
        if brouillon.id:
            u.documents.supprimer_brouillon(brouillon.id)
        if not opposition(u.episodes.courant(patient.id)):
            ajouter_ordre_dmp(u, document_id=fiche.id, patient_id=patient.id,
                              auteur_id=ctx.compte_id, delai_min=reglages.delai_envoi_min,
                              retenir_envoi=retenir)
        u.trail.ecrire(qui=ctx.qui, quoi="document.validation", sur_qui=str(patient.id),
                       resultat="ok", detail=f"document {fiche.id}")
    return fiche
