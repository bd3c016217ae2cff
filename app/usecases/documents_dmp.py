"""Open a document of the DMP, keep it in the file (TD3.2, `spec/dmp.md` §7, §14)."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.document import (
    DocumentAffiche,
    EtatDocument,
    FicheDocument,
    LigneDocument,
    OrigineDocument,
)
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.services.errors import ErreurService, Invalide
from app.store.errors import ConflitDocument, DocumentDejaPresent
from app.usecases.acces_dmp import voie_consultation
from app.usecases.affichage import afficher_local, afficher_recu
from app.usecases.consult_dmp import Annulation, exiger_consultation, tracer_dmp
from app.usecases.context import Contexte, maintenant_local
from app.usecases.documents import lire_document, trouver_ligne
from app.usecases.equipes import episode_partage
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.rapprochement import autoriser_classement


def _recevoir(ctx: Contexte, patient: Patient, unique_id: str, annule: Annulation) -> bytes:
    """Bytes of a DMP document: from memory, or TD3.2 with its checks."""
    contenu = ctx.memoire.recu(unique_id)
    if contenu is not None:
        return contenu
    with ctx.store.lecture() as u:
        episode = episode_partage(ctx, u, patient.id)
        fiches, _ = u.dmp.liste(patient.id)
    exiger_consultation(ctx, patient, episode)
    fiche = next((f for f in fiches if f.unique_id == unique_id), None)
    try:
        client, acces = voie_consultation(ctx, patient)
        recu = client.recuperer(
            acces, unique_id,
            repository_id="" if fiche is None else fiche.repository_id, attendu=fiche,
            annule=annule)
    except ErreurService as erreur:
        tracer_dmp(ctx, patient.id, "dmp.lecture", erreur.code or "echec", unique_id)
        raise
    tracer_dmp(ctx, patient.id, "dmp.lecture", "ok", unique_id)
    ctx.memoire.garder(unique_id, recu.contenu)
    return recu.contenu


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def ouvrir_document(ctx: Contexte, patient_id: int, cle: str,
                    annule: Annulation = None) -> DocumentAffiche:
    """Open a line of the list in the viewer; a DMP document is marked as seen.

    :raises DocumentIllisible, ErreurService, Refus: each with a French message.
    """
    ligne = trouver_ligne(ctx, patient_id, cle)
    if ligne.document_id is not None:
        if not ligne.lu:
            with ctx.store.ecriture() as u:
                u.documents.marquer_lu(ligne.document_id)
        return afficher_local(ctx, ligne)
    if not ligne.unique_id:
        raise Refus("Ce brouillon s’ouvre dans l’éditeur.")
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    contenu = _recevoir(ctx, patient, ligne.unique_id, annule)
    affiche = afficher_recu(ctx, patient, ligne, contenu)
    with ctx.store.ecriture() as u:
        u.dmp.marquer_vu(patient_id, ligne.unique_id)
    return affiche


@dataclass(frozen=True, slots=True)
class ResultatIntegration:
    """How many documents entered the file, and why others didn't (title, reason)."""

    integres: int
    refus: tuple[tuple[str, str], ...] = ()


@exige(Droit.CLINIQUE_ECRIRE)
def integrer(ctx: Contexte, patient_id: int, cles: Iterable[str],
             annule: Annulation = None, *, accepte: bool = False) -> ResultatIntegration:
    """Keep DMP documents in the file, each once (id, setId, versionNumber).

    A document of another identity is refused; `accepte`: the user saw that it differs.
    """
    from app.documents.reader import DocumentIllisible

    integres, refus = 0, []
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    for cle in cles:
        ligne = trouver_ligne(ctx, patient_id, cle)
        nom = ligne.titre or ligne.type_libelle
        if not ligne.unique_id or ligne.document_id is not None:
            refus.append((nom, "Déjà au dossier."))
            continue
        try:
            contenu = _recevoir(ctx, patient, ligne.unique_id, annule)
            _integrer_un(ctx, patient, ligne, contenu, accepte)
            integres += 1
        except (DocumentDejaPresent, ConflitDocument, DocumentIllisible, Invalide,
                Refus) as erreur:
            refus.append((nom, erreur.message))
    return ResultatIntegration(integres, tuple(refus))


def _integrer_un(ctx: Contexte, patient: Patient, ligne: LigneDocument, contenu: bytes,
                 accepte: bool) -> None:
    lu = lire_document(ctx, contenu)
    if lu.id and lu.id != ligne.unique_id:
        raise Refus("L’identifiant du document n’est pas celui annoncé par le DMP. Il n’a pas été "
                    "intégré.", code="ID-DIFFERENT")
    with ctx.store.ecriture() as u:
        autoriser_classement(u, ctx, lu.patient.identite(), u.patients.lire(patient.id),
                             accepte=accepte, incoherences=lu.incoherences)
        fiches, _ = u.dmp.liste(patient.id)
        fiche = next((f for f in fiches if f.unique_id == ligne.unique_id), None)
        u.documents.ajouter(
            FicheDocument(
                id=0, patient_id=patient.id, origine=OrigineDocument.DMP,
                etat=EtatDocument.VALIDE, type_code=lu.type_code or ligne.type_code,
                titre=lu.titre or ligne.titre,
                date_acte=lu.date_acte or lu.date_creation or ligne.date,
                auteur=ligne.auteur, cda_id=ligne.unique_id, set_id=lu.set_id or "",
                version_number=lu.version or 1,
                entry_uuid="" if fiche is None else fiche.entry_uuid,
                logical_id="" if fiche is None else fiche.logical_id,
                cree_le=maintenant_local()),
            cda=contenu, pdf=lu.pdf)
        u.dmp.marquer_vu(patient.id, ligne.unique_id)
        u.trail.ecrire(qui=ctx.qui, quoi="document.integration", sur_qui=str(patient.id),
                       resultat="ok", detail=ligne.unique_id)
