"""Documents validated before the identity is qualifiée: kept as values, rendered again with it.

The DMP refuses a document without INS (`spec/dmp.md` §6), and a matricule leaves only when the
identity is qualifiée (rule 28). Such a document is signed at once; it is rendered again, same id,
set, version, text and date, when the identity allows: it never left.
"""

import logging
from dataclasses import replace

from app.documents.conserve import document_depuis_json, document_en_json
from app.documents.model import DocumentClinique, patient_document
from app.documents.oids import racine_patients
from app.documents.production import produire
from app.documents.valeur_json import ValeurInvalide
from app.domain.document import FicheDocument
from app.store.unite import Unite
from app.usecases.context import Contexte
from app.usecases.garde import libre
from app.usecases.settings import lire_reglages

journal = logging.getLogger("pleiade.documents")


def cle_source(document_id: int) -> str:
    """Where the value of a document that waits for its identity is kept."""
    return f"document.source.{document_id}"


def garder_source(u: Unite, document_id: int, document: DocumentClinique) -> None:
    """Keep the value of a document that was rendered without matricule."""
    if not document.patient.matricule_ins:
        u.reglages.ecrire(cle_source(document_id), document_en_json(document))


@libre("appelé par l’expéditeur sur un document déjà validé")
def refaire_avec_identite(ctx: Contexte, fiche: FicheDocument) -> bytes | None:
    """Render a waiting document again, now with its INS; its payload is replaced in the queue.

    :return: the CDA, or None when its value isn't kept or the identity still isn't qualifiée.
    """
    with ctx.store.lecture() as u:
        source = u.reglages.lire(cle_source(fiche.id))
        patient = u.patients.lire(fiche.patient_id)
    if not source or not patient.identite.matricule_transmissible:
        return None
    try:
        document = document_depuis_json(source)
    except ValeurInvalide:
        journal.warning("document %d : valeur gardée illisible", fiche.id)
        return None
    racine = racine_patients(lire_reglages(ctx).racine_oid)
    document = replace(document, patient=patient_document(patient, str(patient.id), racine))
    rendu = ctx.lourd(produire, document)
    with ctx.store.ecriture() as u:
        u.documents.remplacer_contenu(fiche.id, cda=rendu.cda, pdf=rendu.pdf,
                                      version=fiche.version)
        u.reglages.ecrire(cle_source(fiche.id), None)
        u.trail.ecrire(qui=ctx.qui, quoi="document.identite", sur_qui=str(patient.id),
                       resultat="ok", detail=f"document {fiche.id}")
    cda: bytes = rendu.cda
    return cda
