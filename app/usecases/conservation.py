"""Keep a document that was just validated: what every gesture that signs one does, in its own
transaction.

The functions take the unit of the caller: the document, its order and its trail stand together or
not at all.
"""

from app.documents.model import DocumentClinique
from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.domain.outbox import EtatOrdre
from app.domain.outbox_rules import opposition
from app.domain.patient import Patient
from app.domain.preparations import Preparation
from app.store.unite import Unite
from app.usecases.attente_identite import garder_source
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import libre
from app.usecases.outbox import ajouter_ordre_dmp
from app.usecases.settings import Reglages


@libre("fait partie d’un geste gardé, dans sa transaction")
def refuser_identite_changee(u: Unite, patient: Patient, pendant: str = "validation") -> None:
    """A document says the identity that was read before it was rendered, or isn't kept.

    :raises Refus: code CONFLIT, the identity was written meanwhile.
    """
    if u.patients.lire(patient.id).identite != patient.identite:
        raise Refus(f"L’identité a changé pendant la {pendant}. Relisez-la, puis recommencez ; "
                    "rien n’a été enregistré.", code="CONFLIT")


@libre("une règle")
def refuser_depasse(remplace: FicheDocument | None) -> None:
    """A version follows the last one, or nothing.

    :raises Refus: a later version exists, or the document was deleted.
    """
    if remplace is not None and remplace.etat is not EtatDocument.VALIDE:
        raise Refus("Une version plus récente de ce document existe déjà, ou il a été supprimé. "
                    "Votre texte est gardé en brouillon\u00a0: reprenez la dernière version.")


@libre("une règle")
def refuser_remplacement(remplace: FicheDocument | None, patient_id: int,
                         preparation: Preparation | None) -> None:
    """A version replaces a document of the same patient, and its author alone decides of it.

    Said by the header of a letter or a form that somebody else prepared, it would withdraw what
    the professional signed without showing it in the preview.

    :raises Refus: another patient's, or the text was prepared by somebody else.
    """
    if remplace is None:
        return
    if remplace.patient_id != patient_id:
        raise Refus("Ce texte remplacerait le document d’un autre patient\u00a0: rien n’a été "
                    "validé. Recommencez-le depuis le dossier du bon patient.")
    if preparation is not None:
        raise Refus("Ce texte, préparé par une autre personne, remplacerait un document que vous "
                    "avez validé. Reprenez vous-même ce document (Documents, Corriger)\u00a0: rien "
                    "n’a été validé.")


@libre("fait partie d’un geste gardé, dans sa transaction")
def conserver(ctx: Contexte, u: Unite, document: DocumentClinique, patient_id: int, *,
              cda: bytes, pdf: bytes, titre: str = "", date_acte: str = "") -> FicheDocument:
    """Keep both forms of a document of the practice.

    :param titre: shown in the lists, when it says more than the document's own.
    :param date_acte: AAAA-MM-JJ, when it isn't the day of the document's.
    :raises ValueError: it is a preview.
    """
    if document.brouillon:
        raise ValueError("a preview is never kept")
    return u.documents.ajouter(
        FicheDocument(
            id=0, patient_id=patient_id, origine=OrigineDocument.CABINET,
            etat=EtatDocument.VALIDE, type_code=document.type_code,
            titre=titre or document.titre,
            date_acte=date_acte or document.date_acte.date().isoformat(), auteur=ctx.qui,
            cda_id=document.id, set_id=document.set_id, version_number=document.version,
            cree_le=maintenant_local(), auteur_id=ctx.compte_id),
        cda=cda, pdf=pdf)


@libre("fait partie d’un geste gardé, dans sa transaction")
def destiner_au_dmp(ctx: Contexte, u: Unite, fiche: FicheDocument, document: DocumentClinique,
                    reglages: Reglages, *, retenir: bool, envoyer: bool = True) -> bool:
    """Order the sending of a kept document (PROG.02), and keep its value when it must be rendered
    again with the identity that it waits for.

    :param envoyer: False keeps it in the practice.
    :return: False when no order was made: not wanted, or the patient opposes.
    """
    garder_source(u, fiche.id, document)
    if not envoyer or opposition(u.episodes.courant(fiche.patient_id)):
        return False
    ajouter_ordre_dmp(u, document_id=fiche.id, patient_id=fiche.patient_id,
                      auteur_id=ctx.compte_id, delai_min=reglages.delai_envoi_min,
                      retenir_envoi=retenir)
    return True


@libre("fait partie d’un geste gardé, dans sa transaction")
def annuler_attente(u: Unite, document_id: int) -> int:
    """Cancel the orders of a document that haven't left. Gives their number."""
    nombre = 0
    for ordre in u.outbox.par_document(document_id):
        if ordre.etat in (EtatOrdre.RETENU, EtatOrdre.PROGRAMME, EtatOrdre.ATTENTE_TECHNIQUE,
                          EtatOrdre.REFUSE):
            u.outbox.changer(ordre.id, EtatOrdre.ANNULE, version=ordre.version)
            nombre += 1
    return nombre
