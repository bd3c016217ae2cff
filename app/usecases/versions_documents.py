"""A validated document again: its next version, its deletion; nothing that was signed is lost."""

from dataclasses import dataclass, replace

from app.documents.courrier import depuis_texte, en_texte
from app.domain.document import Brouillon, EtatDocument, FicheDocument, OrigineDocument
from app.domain.preparations import GenrePreparation
from app.domain.roles import Droit
from app.usecases.brouillons import enregistrer_brouillon
from app.usecases.conservation import annuler_attente
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige


@dataclass(frozen=True, slots=True)
class DocumentEcrit:
    """A document written here, for the history of the tab. `reprenable`: its text is kept."""

    fiche: FicheDocument
    reprenable: bool


@exige(Droit.CLINIQUE_LIRE)
def documents_ecrits(ctx: Contexte, patient_id: int) -> tuple[DocumentEcrit, ...]:
    """Documents written in the editor for a patient, last versions, newest first."""
    with ctx.store.lecture() as u:
        connus = u.courriers.avec_source(patient_id)
        fiches = u.documents.lister(patient_id)
    return tuple(DocumentEcrit(f, f.id in connus) for f in fiches
                 if f.origine is OrigineDocument.CABINET and f.etat is EtatDocument.VALIDE
                 and f.id in connus)


@exige(Droit.CLINIQUE_ECRIRE)
def nouvelle_version(ctx: Contexte, document_id: int) -> Brouillon:
    """A draft with the text of a document; validated, it replaces it (RPLC).

    A draft of its next version that exists already is given again: two drafts of one version
    would part the text.

    :raises Refus, Introuvable: it isn't the last version, or wasn't written in the editor.
    """
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
        texte = u.courriers.source(document_id)
        brouillons = [b for b in u.documents.brouillons(fiche.patient_id)
                      if u.preparations.de(GenrePreparation.COURRIER, b.id) is None]
    if fiche.etat is not EtatDocument.VALIDE:
        raise Refus("Ce document a été remplacé ou supprimé. Reprenez sa dernière version.")
    for brouillon in brouillons:
        if depuis_texte(brouillon.texte).entete.remplace == document_id:
            return brouillon
    courrier = depuis_texte(texte)
    suite = replace(courrier, entete=replace(courrier.entete, remplace=document_id))
    return enregistrer_brouillon(ctx, Brouillon(
        id=0, patient_id=fiche.patient_id, auteur_id=ctx.compte_id, type_code=fiche.type_code,
        titre=fiche.titre, texte=en_texte(suite), modifie_le=maintenant_local()))


@exige(Droit.CLINIQUE_ECRIRE)
def supprimer_document(ctx: Contexte, document_id: int) -> FicheDocument:
    """Delete a document written here. Its bytes, its versions and its traces stay in the file; an
    order that hasn't left is cancelled, what was sent stays at the DMP. `suites_documents.retablir`
    undoes it.

    :raises Refus: it is deleted already. :raises ConflitVersion: it changed meanwhile.
    """
    with ctx.store.ecriture() as u:
        fiche = u.documents.lire(document_id)
        if fiche.etat is EtatDocument.SUPPRIME:
            raise Refus("Ce document est déjà supprimé.")
        if fiche.etat is EtatDocument.REMPLACE:
            raise Refus("Une version plus récente de ce document vient d’être validée. La liste "
                        "est à jour : rien n’a été supprimé.", code="CONFLIT")
        supprime = u.documents.changer_etat(document_id, EtatDocument.SUPPRIME,
                                            version=fiche.version)
        annuler_attente(u, document_id)
        u.trail.ecrire(qui=ctx.qui, quoi="document.suppression", sur_qui=str(fiche.patient_id),
                       resultat="ok", detail=f"document {document_id}")
    return supprime
