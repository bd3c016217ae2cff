"""TD2.1: everything that a lot must satisfy before it is kept (`spec/dmp.md` §6, §22)."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from app.sandbox.dmp import concordance, droits, ebxml, signature_lot
from app.sandbox.dmp.depots import Depots, sha1
from app.sandbox.dmp.ebxml import NS_XDS, ErreurXds
from app.sandbox.dmp.lot import OID, Lien, Lot, Objet, controler_forme, lire_lot
from app.sandbox.dmp.modele import (
    Association,
    AuteurXds,
    Dossier,
    Fiche,
    Liaison,
    Soumission,
    Statut,
)
from app.sandbox.dmp.mtom import reference
from app.sandbox.dmp.vihf import Vihf
from app.sandbox.lecture_xml import Element, enfant, enfants

_XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
_RPLC = frozenset({Liaison.REMPLACE.value, "urn:ihe:iti:2010:AssociationType:RPLC"})
_SCHEMES_SIGNATURE = {ebxml.CLASSE: ("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN"),
                      ebxml.TYPE: ("E1762", "ASTM"), ebxml.FORMAT: (_XMLDSIG, "URN"),
                      ebxml.EVENEMENT: ("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12")}


@dataclass(frozen=True, slots=True)
class Depot:
    """What a lot accepted brings: uniqueIds kept, algorithm of the signature."""

    uniques: tuple[str, ...]
    signature: str


def deposer(corps: Element, parties: dict[str, bytes], dossier: Dossier, depots: Depots,
            vihf: Vihf, autorite: x509.Certificate, instant: datetime) -> Depot:
    """Check a lot, then keep all of it, or nothing.

    Parameters
    ----------
    parties
        MTOM parts by Content-ID.

    Raises
    ------
    ErreurXds, FauteSoap
        The first rule that is broken.
    """
    lot = lire_lot(corps)
    octets = _documents(corps, parties, lot)
    signatures = [o for o in lot.objets if _est_signature(o)]
    documents = [o for o in lot.objets if not _est_signature(o)]
    if not documents:
        raise ErreurXds("XDSMissingDocument", "Le lot ne contient aucun document")
    if len(signatures) != 1:
        raise ErreurXds("XDSRegistryMetadataError", "Le lot doit porter un document de signature")
    for objet in lot.objets:
        controler_forme(objet, objet in signatures)
        _controler_patient(objet, ebxml.ID_PATIENT, vihf)
        _controler_hash(objet, octets[objet.id])
    _controler_signature(signatures[0])
    _controler_soumission(lot, vihf, instant)
    remplacees = _controler_liens(lot, documents, signatures[0], dossier)
    _controler_unicite(lot, octets, depots)
    for objet in documents:
        if not droits.habilite(vihf.profession, objet.code(ebxml.TYPE).code, "depot"):
            raise ErreurXds("DMPAccessDeniedByRightsService",
                            f"{objet.id} : dépôt refusé selon la matrice d’habilitation")
        concordance.controler(objet, octets[objet.id], vihf, remplacees.get(objet.id))
    algorithme = signature_lot.controler(
        octets[signatures[0].id],
        {o.identifiants[ebxml.ID_UNIQUE]: octets[o.id] for o in documents},
        lot.soumission.identifiants[ebxml.SS_UNIQUE], autorite,
        vihf.structure if vihf.indirecte else "", vihf.carte)
    _garder(lot, octets, signatures[0], remplacees, dossier, instant)
    return Depot(tuple(o.identifiants[ebxml.ID_UNIQUE] for o in documents), algorithme)


def _est_signature(objet: Objet) -> bool:
    return any(c.code == _XMLDSIG for c in objet.codes.get(ebxml.FORMAT, []))


def _documents(corps: Element, parties: dict[str, bytes], lot: Lot) -> dict[str, bytes]:
    """Bytes of each object: one Document, one xop:Include, one part; nothing more."""
    octets: dict[str, bytes] = {}
    cids = []
    for element in enfants(corps, "Document", NS_XDS):
        inclusion = enfant(element, "Include")
        if inclusion is None:
            raise ErreurXds("XDSMissingDocument", "Document sans xop:Include")
        cid = reference(inclusion.get("href", ""))
        if cid not in parties:
            raise ErreurXds("XDSMissingDocument", f"Partie absente : {cid}")
        cids.append(cid)
        octets[element.get("id", "")] = parties[cid]
    ids = {o.id for o in lot.objets}
    if ids - set(octets):
        raise ErreurXds("XDSMissingDocument", ", ".join(sorted(ids - set(octets))))
    if set(octets) - ids:
        raise ErreurXds("XDSMissingDocumentMetadata", ", ".join(sorted(set(octets) - ids)))
    if sorted(cids) != sorted(parties):
        raise ErreurXds("XDSRepositoryMetadataError", "Partie MTOM sans document, ou partagée")
    return octets


def _controler_patient(objet: Objet, schema: str, vihf: Vihf) -> None:
    """patientId = patient of the VIHF; CX.7 (date of assignment) is accepted."""
    valeur = objet.identifiants.get(schema, "")
    attendu = f"{vihf.matricule}^^^&{vihf.oid}&ISO^NH"
    if not re.fullmatch(re.escape(attendu) + r"(\^\^\d{8}(\d{6})?)?", valeur):
        raise ErreurXds("XDSPatientIdDoesNotMatch", f"{objet.id} : {valeur}")


def _controler_hash(objet: Objet, octets: bytes) -> None:
    hash_, taille = objet.slot("hash"), objet.slot("size")
    if hash_ and hash_.lower() != sha1(octets):
        raise ErreurXds("XDSNonIdenticalHash", f"{objet.id} : hash")
    if taille and taille != str(len(octets)):
        raise ErreurXds("XDSRegistryMetadataError", f"{objet.id} : size")


def _controler_signature(objet: Objet) -> None:
    for schema, (code, scheme) in _SCHEMES_SIGNATURE.items():
        lu = objet.code(schema)
        if (lu.code, lu.scheme) != (code, scheme):
            raise ErreurXds("XDSRegistryMetadataError", f"{objet.id} : {schema} {lu.code}")


def _controler_soumission(lot: Lot, vihf: Vihf, instant: datetime) -> None:
    """Set: time, title, content type, ids; the connected professional is among its authors."""
    ss = lot.soumission
    heure = ss.slot("submissionTime")
    if not re.fullmatch(r"\d{14}", heure):
        raise ErreurXds("XDSMissingDocumentMetadata", "submissionTime")
    try:
        soumise = datetime.strptime(heure, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as e:
        raise ErreurXds("XDSRegistryMetadataError", "submissionTime") from e
    if abs(instant - soumise) > timedelta(minutes=15):
        raise ErreurXds("XDSRegistryMetadataError", "submissionTime (heure UTC attendue)")
    if not ss.nom:
        raise ErreurXds("XDSMissingDocumentMetadata", "Titre du lot")
    if ss.code(ebxml.SS_CONTENU).scheme != "1.2.250.1.213.2.2":
        raise ErreurXds("XDSRegistryMetadataError", "contentTypeCode")
    _controler_patient(ss, ebxml.SS_PATIENT, vihf)
    for schema in (ebxml.SS_SOURCE, ebxml.SS_UNIQUE):
        if not OID.fullmatch(ss.identifiants.get(schema, "")):
            raise ErreurXds("XDSRegistryMetadataError", f"Lot : {schema}")
    _controler_auteurs(ss.auteurs, vihf)


def _controler_auteurs(auteurs: tuple[AuteurXds, ...], vihf: Vihf) -> None:
    if not any(p.split("^")[0] == vihf.professionnel for a in auteurs for p in a.personnes):
        raise ErreurXds("XDSRegistryMetadataError",
                        "Aucun auteur ne correspond à l’utilisateur du VIHF")
    if not any(i.rsplit("^", 1)[1] == vihf.structure for a in auteurs for i in a.institutions):
        raise ErreurXds("XDSRegistryMetadataError",
                        "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF")


def _controler_liens(lot: Lot, documents: list[Objet], signature: Objet, dossier: Dossier
                     ) -> dict[str, Fiche]:
    """HasMember for each object, signs, then RPLC to current entries of the dossier.

    Returns
    -------
    Entry replaced, by local id of the new document.
    """
    ss, membres = lot.soumission.id, []
    signe = False
    remplacees: dict[str, Fiche] = {}
    locaux = {o.id for o in documents}
    for lien in lot.liens:
        if lien.type == Liaison.MEMBRE and lien.source == ss and lien.statut == "Original":
            membres.append(lien.cible)
        elif (lien.type == Liaison.SIGNE and lien.source == signature.id and lien.cible == ss
              and lien.statut == "Original"):
            signe = True
        elif lien.type in _RPLC and lien.source in locaux:
            remplacees[lien.source] = _remplacee(lien, dossier)
        else:
            raise ErreurXds("XDSRegistryMetadataError",
                            f"Association incorrecte : {lien.type} {lien.source}")
    if sorted(membres) != sorted(o.id for o in lot.objets):
        raise ErreurXds("XDSRegistryMetadataError", "HasMember manquant ou en trop")
    if not signe:
        raise ErreurXds("XDSRegistryMetadataError", "Association signs absente")
    return remplacees


def _remplacee(lien: Lien, dossier: Dossier) -> Fiche:
    cible = dossier.par_uuid(lien.cible)
    if cible is None or cible.statut is Statut.DELETED:
        raise ErreurXds("XDSReplaceFailed", lien.cible)
    if cible.statut is Statut.DEPRECATED:
        raise ErreurXds("XDSRegistryDeprecatedDocumentError", lien.cible)
    if cible.statut is not Statut.APPROVED:
        raise ErreurXds("XDSReplaceFailed", lien.cible)
    return cible


def _controler_unicite(lot: Lot, octets: dict[str, bytes], depots: Depots) -> None:
    soumission = lot.soumission.identifiants[ebxml.SS_UNIQUE]
    if depots.soumission_connue(soumission):
        raise ErreurXds("XDSDuplicateUniqueIdInRegistry", f"uniqueId={soumission}")
    vus = {soumission}
    for objet in lot.objets:
        unique_id = objet.identifiants[ebxml.ID_UNIQUE]
        connue = depots.detenteur(unique_id)
        if connue is not None and connue.hash != sha1(octets[objet.id]):
            raise ErreurXds("XDSNonIdenticalHash", f"uniqueId={unique_id}")
        if connue is not None or unique_id in vus:
            raise ErreurXds("XDSDuplicateUniqueIdInRegistry", f"uniqueId={unique_id}")
        vus.add(unique_id)


def _garder(lot: Lot, octets: dict[str, bytes], signature: Objet, remplacees: dict[str, Fiche],
            dossier: Dossier, instant: datetime) -> None:
    ss = lot.soumission
    uuids = {o.id: f"urn:uuid:{uuid.uuid4()}" for o in (*lot.objets, ss)}
    dossier.soumissions.append(Soumission(
        uuids[ss.id], ss.identifiants[ebxml.SS_UNIQUE], ss.identifiants[ebxml.SS_SOURCE],
        dossier.cx, ss.nom, ss.slot("submissionTime"), ss.code(ebxml.SS_CONTENU),
        list(ss.auteurs)))
    for objet in lot.objets:
        dossier.fiches.append(Fiche(
            uuids[objet.id], f"urn:uuid:{uuid.uuid4()}", objet.identifiants[ebxml.ID_UNIQUE],
            objet.nom, objet.mime, objet.code(ebxml.TYPE), objet.code(ebxml.CLASSE),
            objet.code(ebxml.FORMAT), list(objet.codes[ebxml.CONFIDENTIALITE]),
            objet.code(ebxml.ETABLISSEMENT), objet.code(ebxml.CADRE),
            list(objet.codes.get(ebxml.EVENEMENT, [])), list(objet.auteurs),
            objet.slot("creationTime"), objet.slot("serviceStartTime"),
            objet.slot("serviceStopTime"), objet.slot("languageCode"),
            objet.slot("legalAuthenticator"), dossier.cx, objet.slot("sourcePatientId"),
            objet.slots["sourcePatientInfo"], objet.description, octets[objet.id],
            sha1(octets[objet.id]), instant, uuids[ss.id], signature=objet is signature))
    for lien in lot.liens:
        remplacement = lien.type in _RPLC
        dossier.associations.append(Association(
            f"urn:uuid:{uuid.uuid4()}", Liaison.REMPLACE if remplacement else lien.type,
            uuids[lien.source], uuids.get(lien.cible, lien.cible), lien.statut))
    for ancienne in remplacees.values():
        ancienne.statut = Statut.DEPRECATED
