"""TD2.1: the deposit of a signed lot (ITI-41, `spec/dmp.md` §6).

Order of the lot: submission set, documents, signature document, associations; then the bytes,
each in its own MTOM part, exactly as they were signed and stored.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lxml import etree

from app.documents.oids import CategorieOid, nouvel_oid
from app.documents.xds import (
    ID_SIGNATURE,
    AuteurXds,
    EntreeXds,
    SignatureXds,
    Soumission,
    id_document,
    lot_xds,
)
from app.documents.xds_entree import echapper
from app.services import mtom
from app.services.dmp_acces import AccesDmp
from app.services.dmp_erreurs import exiger, verifier_statut
from app.services.errors import Invalide, Rejete, Remede
from app.services.logiciel import IdentiteLogiciel
from app.services.mtom import Partie
from app.services.signature import Signataire
from app.services.soap import ReponseSoap
from app.services.vihf import PROFESSIONS
from app.services.xades import empreinte_cda, signer_lot
from app.services.xml_sur import ajouter, element

__all__ = ["ACTION", "Lot", "empreinte_cda", "lire", "preparer"]

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
NS_XDSB = "urn:ihe:iti:xds-b:2007"
SYSTEME_SPECIALITES = "1.2.250.1.213.1.1.4.5"


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot ready to leave. `corps` goes into one envelope; `parties` are the MTOM parts."""

    corps: etree._Element
    parties: tuple[Partie, ...]
    unique_ids: tuple[str, ...]
    soumission_id: str


def preparer(documents: Sequence[tuple[EntreeXds, bytes]], titre: str, acces: AccesDmp,
             logiciel: IdentiteLogiciel, signataire: Signataire, *, remplace: str = "",
             empreinte: Callable[[bytes], str] = empreinte_cda,
             maintenant: datetime | None = None) -> Lot:
    """Build and sign a lot.

    Args:
        documents: metadata and exact bytes of each document.
        titre: title of the submission.
        acces: who deposits; the structure of the VIHF is that of the submission.
        logiciel: `oid` roots the new identifiers and is the source of the submission.
        signataire: software key of the installation.
        remplace: entryUUID that the first document replaces, or empty.
        empreinte: digests a document; heavy ones may be digested in another process.
        maintenant: instant of the submission, aware.

    Raises:
        Rejete: a document of another patient, or without the INS.
        Invalide: nothing to send, or metadata of other bytes.
        Indisponible: the certificate is out of its time.
    """
    if not documents:
        raise Invalide("Aucun document à envoyer.", service="dmp")
    for entree, contenu in documents:
        _verifier(entree, contenu, acces)
    instant = maintenant or datetime.now(UTC)
    entrees = [entree for entree, _ in documents]
    if remplace:
        entrees[0] = replace(entrees[0], remplace_entry_uuid=remplace)
    soumission = Soumission(
        unique_id=nouvel_oid(logiciel.oid, CategorieOid.LOT), source_id=logiciel.oid, titre=titre,
        date=instant, auteurs=_auteurs(acces, entrees))
    signature = SignatureXds(nouvel_oid(logiciel.oid, CategorieOid.DOCUMENT), instant)
    signee = signer_lot(signataire, soumission.unique_id,
                        [(entree.unique_id, empreinte(contenu)) for entree, contenu in documents],
                        instant)
    corps = element(_x("ProvideAndRegisterDocumentSetRequest"), {None: NS_XDSB})
    corps.append(lot_xds(entrees, soumission, signature))
    parties = [Partie(f"doc{n:02d}@lgc", contenu) for n, (_, contenu) in enumerate(documents, 1)]
    locaux = [*(id_document(n) for n in range(1, len(documents) + 1)), ID_SIGNATURE]
    parties.append(Partie("sig01@lgc", signee))
    for local, partie in zip(locaux, parties, strict=True):
        document = ajouter(corps, _x("Document"), None, {"id": local})
        ajouter(document, f"{{{mtom.NS_XOP}}}Include", None, {"href": mtom.href(partie.cid)},
                {"xop": mtom.NS_XOP})
    return Lot(corps, tuple(parties), tuple(e.unique_id for e in entrees), soumission.unique_id)


def lire(reponse: ReponseSoap) -> None:
    """Read the RegistryResponse of a deposit.

    Raises:
        Refuse, Rejete, Indisponible: what the DMP says. A lot taken in part is `incertain`: ask
            which documents are there before sending again.
        Invalide: not this answer.
    """
    corps = exiger(reponse, "RegistryResponse")
    try:
        verifier_statut(corps, "Le DMP n’a pas accepté le document")
    except Rejete as erreur:
        erreur.incertain = str(corps.get("status", "")).endswith("PartialSuccess")
        raise


def _verifier(entree: EntreeXds, contenu: bytes, acces: AccesDmp) -> None:
    """Never the wrong patient, never other bytes than those described."""
    if entree.patient.partition("^")[0] != acces.matricule_ins:
        raise Rejete("Le document ne porte pas le matricule INS de ce patient\u00a0: produisez-le "
                     "de nouveau avec l’identité qualifiée.", service="dmp", code="INS-DOCUMENT",
                     remede=Remede.AUCUN)
    if hashlib.sha1(contenu, usedforsecurity=False).hexdigest() != entree.sha1:
        raise Invalide("Le document à envoyer n’est pas celui que décrivent ses métadonnées.",
                       service="dmp", code="EMPREINTE")


def _auteurs(acces: AccesDmp, entrees: Sequence[EntreeXds]) -> tuple[AuteurXds, ...]:
    """Authors of the submission: the connected professional in the structure of the VIHF, then
    the other authors of the documents (EX_2.1-1140)."""
    qui = acces.professionnel
    deja = [auteur for entree in entrees for auteur in entree.auteurs]
    mien = next((a for a in deja if a.personne.partition("^")[0] == qui.identifiant), None)
    contexte = acces.contexte_vihf()
    nom = (acces.situation.structure_nom if acces.situation else "") or \
        acces.structure.raison_sociale
    connecte = AuteurXds(
        personne=f"{echapper(qui.identifiant)}^{echapper(qui.nom)}^{echapper(qui.prenom)}"
                 "^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
        institution=f"{echapper(nom)}^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^"
                    f"{echapper(contexte.structure)}",
        specialite=mien.specialite if mien else
        f"G15_{contexte.profession}^{PROFESSIONS.get(contexte.profession, '')}"
        f"^{SYSTEME_SPECIALITES}",
        role=mien.role if mien else "")
    autres = (a for a in deja if a.personne.partition("^")[0] != qui.identifiant)
    return tuple(dict.fromkeys((connecte, *autres)))


def _x(nom: str) -> str:
    return f"{{{NS_XDSB}}}{nom}"
