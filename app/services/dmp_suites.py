"""What became of documents: replaced, by which one, or gone (`spec/dmp.md` §7, §13).

GetDocumentsAndAssociations by uniqueId gives the entries that are still accessible, whatever their
status, and the RPLC associations whose target they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from app.domain.dmp import FicheDmp
from app.services import soap
from app.services.dmp_erreurs import exiger, verifier_statut
from app.services.dmp_recherche import NS_RIM, critere, lire_fiche, liste, requete_adhoc

GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
#: Documents asked for in one call (`spec/dmp.md` §13).
PAR_APPEL = 20
_R = f"{{{NS_RIM}}}"


@dataclass(frozen=True, slots=True)
class Suites:
    """Entries found, and « replaced by »: entryUUID of a document -> entryUUID of the newer one."""

    fiches: tuple[FicheDmp, ...] = ()
    remplacants: dict[str, str] = field(default_factory=dict)

    def plus(self, autre: "Suites") -> "Suites":
        """Both together."""
        return Suites(self.fiches + autre.fiches, self.remplacants | autre.remplacants)


def requete(*, unique_ids: Sequence[str] = (), entry_uuids: Sequence[str] = ()) -> etree._Element:
    """GetDocumentsAndAssociations, by uniqueId or by entryUUID."""
    racine, interrogation = requete_adhoc(GET_DOCUMENTS_AND_ASSOCIATIONS, "LeafClass")
    if unique_ids:
        critere(interrogation, "$XDSDocumentEntryUniqueId", liste(unique_ids))
    else:
        critere(interrogation, "$XDSDocumentEntryEntryUUID", liste(entry_uuids))
    return racine


def lire(corps: bytes, content_type: str, status: int, message_id: str) -> Suites:
    """Read the answer.

    Raises:
        ErreurService: fault, failure, or unreadable answer.
    """
    contenu = exiger(soap.lire_reponse(corps, content_type, status, service="dmp",
                                       message_id=message_id), "AdhocQueryResponse")
    verifier_statut(contenu, "Le DMP n’a pas pu dire ce que sont devenus les documents",
                    partiel_permis=True)
    objets = contenu.find(f"{_R}RegistryObjectList")
    if objets is None:
        return Suites()
    fiches = [lire_fiche(objet) for objet in objets.iterchildren(f"{_R}ExtrinsicObject")]
    remplacants = {
        str(a.get("targetObject", "")): str(a.get("sourceObject", ""))
        for a in objets.iterchildren(f"{_R}Association")
        # 2007 is IHE's, 2010 that of a published kit: both are seen (`spec/dmp.md` §6).
        if str(a.get("associationType", "")).endswith(":RPLC")}
    return Suites(tuple(f for f in fiches if f is not None), remplacants)
