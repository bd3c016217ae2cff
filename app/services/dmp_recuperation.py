"""TD3.2: the bytes of a document (ITI-43, `spec/dmp.md` §8).

Bytes are kept untouched and checked: size and SHA-1 against the metadata of TD3.1.
"""

import binascii
import hashlib
from collections.abc import Mapping, Sequence

from lxml import etree

from app.domain.dmp import FicheDmp
from app.services import mtom
from app.services.dmp_acces import DocumentRecu
from app.services.dmp_erreurs import erreur as erreur_dmp
from app.services.dmp_erreurs import erreurs_xds, exiger, verifier_statut
from app.services.errors import Invalide, Remede
from app.services.soap import ReponseSoap
from app.services.xml_sur import ajouter, element, enfant, enfants, nom_local

ACTION = "urn:ihe:iti:2007:RetrieveDocumentSet"
NS_XDSB = "urn:ihe:iti:xds-b:2007"
REPOSITORY_DMP = "1.2.250.1.213.4.1.1.1.2"
_CONTEXTE = "Le DMP n’a pas donné le document"


def requete(documents: Sequence[tuple[str, str]]) -> etree._Element:
    """RetrieveDocumentSetRequest for pairs (repositoryUniqueId, uniqueId)."""
    corps = element(_x("RetrieveDocumentSetRequest"), {None: NS_XDSB})
    for repository_id, unique_id in documents:
        demande = ajouter(corps, _x("DocumentRequest"))
        ajouter(demande, _x("RepositoryUniqueId"), repository_id or REPOSITORY_DMP)
        ajouter(demande, _x("DocumentUniqueId"), unique_id)
    return corps


def lire(reponse: ReponseSoap, unique_id: str, attendu: FicheDmp | None = None) -> DocumentRecu:
    """Read RetrieveDocumentSetResponse for one document.

    Args:
        reponse: the SOAP answer with its parts.
        unique_id: the document asked for.
        attendu: metadata of TD3.1; size and hash are checked when given.

    Raises:
        Invalide: missing part, another document, wrong size or hash.
        Refuse, Rejete, Indisponible: what the DMP says.
    """
    corps = exiger(reponse, "RetrieveDocumentSetResponse")
    etat = enfant(corps, "RegistryResponse")
    if etat is None:
        raise Invalide("Le DMP a renvoyé une réponse sans statut.", service="dmp",
                       remede=Remede.REESSAYER)
    verifier_statut(etat, _CONTEXTE, partiel_permis=True)
    for bloc in enfants(corps, "DocumentResponse"):
        champs = {nom_local(fils): fils for fils in bloc}
        if _texte(champs.get("DocumentUniqueId")) == unique_id:
            contenu = _contenu(champs.get("Document"), reponse.parties)
            verifier_integrite(contenu, attendu)
            return DocumentRecu(contenu, _texte(champs.get("mimeType")) or "text/xml", unique_id)
    _, erreurs = erreurs_xds(etat)
    if erreurs:
        raise erreur_dmp(erreurs[0].code, erreurs[0].contexte, contexte=_CONTEXTE)
    raise Invalide("Le DMP a renvoyé un autre document que celui demandé.", service="dmp",
                   remede=Remede.REESSAYER)


def verifier_integrite(contenu: bytes, attendu: FicheDmp | None) -> None:
    """Check size (bytes) and SHA-1 against the metadata, when they give them.

    Raises:
        Invalide: they differ; the bytes must not be used.
    """
    if not contenu:
        raise Invalide("Le DMP a renvoyé un document vide.", service="dmp",
                       remede=Remede.REESSAYER)
    if attendu is None:
        return
    if attendu.taille is not None and attendu.taille != len(contenu):
        raise Invalide("Le document reçu du DMP n’a pas la taille annoncée\u00a0: il n’est pas "
                       "ouvert.", service="dmp", code="TAILLE", remede=Remede.REESSAYER)
    # SHA-1 is what the DMP publishes: it detects damage, not malice.
    empreinte = hashlib.sha1(contenu, usedforsecurity=False).hexdigest()
    if attendu.hash_sha1 and attendu.hash_sha1.lower() != empreinte:
        raise Invalide("Le document reçu du DMP ne correspond pas à son empreinte\u00a0: il n’est "
                       "pas ouvert.", service="dmp", code="EMPREINTE", remede=Remede.REESSAYER)


def _contenu(document: etree._Element | None, parties: Mapping[str, bytes]) -> bytes:
    """Bytes of a Document: by XOP reference, or inline base64."""
    if document is None:
        raise _manquant()
    inclusion = document.find(f"{{{mtom.NS_XOP}}}Include")
    if inclusion is None:
        try:
            return binascii.a2b_base64("".join((document.text or "").split()), strict_mode=True)
        except (binascii.Error, ValueError) as erreur:
            raise _manquant() from erreur
    contenu = parties.get(mtom.cid_de(str(inclusion.get("href", ""))))
    if contenu is None:
        raise _manquant()
    return contenu


def _manquant() -> Invalide:
    return Invalide("Le DMP a renvoyé une réponse sans le document.", service="dmp",
                    code="PARTIE-ABSENTE", remede=Remede.REESSAYER)


def _texte(noeud: etree._Element | None) -> str:
    return "" if noeud is None or noeud.text is None else noeud.text.strip()


def _x(nom: str) -> str:
    return f"{{{NS_XDSB}}}{nom}"
