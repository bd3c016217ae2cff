"""Keep a document to oneself, to one's profession, or give it to the whole team (LABEL.04)."""

from app.domain.confidentialite import Niveau
from app.domain.document import OrigineDocument
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige


@exige(Droit.CLINIQUE_ECRIRE)
def restreindre_document(ctx: Contexte, document_id: int, niveau: Niveau,
                         vu: Niveau | None = None) -> Niveau:
    """Set who in the practice may read a document; the patient's own access isn't touched.

    A document of the practice is its author's to restrict; one that came from outside, anybody's
    who may read it. Once restricted, only the account that did it changes the level.

    :param vu: the level that the user read.
    :raises Refus: it is somebody else's, or its level was just changed.
    :raises Introuvable: not there, or not for these eyes.
    """
    with ctx.store.ecriture() as u:
        fiche = u.documents.lire(document_id)
        gardien = u.documents.gardien(document_id)
        sien = gardien == ctx.compte_id if gardien else (
            fiche.origine is not OrigineDocument.CABINET or fiche.auteur_id == ctx.compte_id)
        if not sien:
            raise Refus("Ce document a un autre auteur : lui seul peut en changer l’accès. Rien "
                        "n’a été modifié.", code="AUTRE-AUTEUR")
        actuel = u.documents.niveaux(fiche.patient_id).get(document_id, Niveau.EQUIPE)
        if vu is not None and actuel not in (vu, niveau):
            raise Refus("L’accès à ce document vient d’être changé sur un autre poste. Il est "
                        "affiché à jour : choisissez de nouveau si c’est toujours voulu.",
                        code="CONFLIT")
        u.documents.restreindre(document_id, niveau, compte_id=ctx.compte_id,
                                profession=ctx.professionnel.profession)
        u.trail.ecrire(qui=ctx.qui, quoi="document.confidentialite",
                       sur_qui=str(fiche.patient_id), resultat="ok",
                       detail=f"document {document_id} : {niveau.value}")
    return niveau
