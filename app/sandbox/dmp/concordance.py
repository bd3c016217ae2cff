"""The document and its metadata say the same thing (mapping of `spec/dmp.md` §6)."""

import re
from datetime import UTC, datetime

from app.sandbox.dmp import ebxml
from app.sandbox.dmp.ebxml import ErreurXds
from app.sandbox.dmp.lot import Objet
from app.sandbox.dmp.modele import Fiche
from app.sandbox.dmp.vihf import Vihf
from app.sandbox.lecture_xml import NS_HL7, Element, XmlRefuse, enfant, enfants, lire, texte


def controler(objet: Objet, octets: bytes, vihf: Vihf, remplacee: Fiche | None) -> None:
    """Check a document against its entry.

    Parameters
    ----------
    remplacee
        Entry that an RPLC association of the lot names.

    Raises
    ------
    ErreurXds
        The first difference.
    """
    def faux(nom: str) -> ErreurXds:
        return ErreurXds("XDSRegistryMetadataError", f"{objet.id} : {nom} différent du document")

    try:
        cda = lire(octets)
    except XmlRefuse as e:
        raise ErreurXds("XDSRepositoryMetadataError", f"{objet.id} : CDA illisible") from e
    if cda.tag != f"{{{NS_HL7}}}ClinicalDocument":
        raise ErreurXds("XDSRepositoryMetadataError", f"{objet.id} : ClinicalDocument attendu")

    def attribut(nom: str, *chemin: str) -> str:
        noeud = enfant(cda, *chemin)
        return "" if noeud is None else noeud.get(nom, "")

    if attribut("root", "id") != objet.identifiants[ebxml.ID_UNIQUE] or attribut(
            "extension", "id"):
        raise faux("uniqueId")
    type_ = objet.code(ebxml.TYPE)
    if (attribut("code", "code"), attribut("codeSystem", "code")) != (type_.code, type_.scheme):
        raise faux("typeCode")
    if texte(cda, "title") != objet.nom:
        raise faux("title")
    if attribut("code", "languageCode") != "fr-FR":
        raise faux("languageCode")
    if attribut("code", "confidentialityCode") != objet.codes[ebxml.CONFIDENTIALITE][0].code:
        raise faux("confidentialityCode")
    patients = {(i.get("root"), i.get("extension"))
                for i in enfants(enfant(cda, "recordTarget", "patientRole"), "id")}
    if (vihf.oid, vihf.matricule) not in patients:
        raise ErreurXds("XDSPatientIdDoesNotMatch", f"{objet.id} : INS du document")
    if _utc(attribut("value", "effectiveTime")) != objet.slot("creationTime"):
        raise faux("creationTime (UTC)")
    debut = _utc(attribut("value", "documentationOf", "serviceEvent", "effectiveTime", "low"))
    if not debut or not objet.slot("serviceStartTime").startswith(debut):
        raise faux("serviceStartTime (UTC)")
    if not attribut("root", "setId") or not re.fullmatch(
            r"[0-9]{1,6}", attribut("value", "versionNumber")):
        raise faux("setId ou versionNumber absent :")
    valideur = objet.slot("legalAuthenticator").split("^")[0]
    if attribut("extension", "legalAuthenticator", "assignedEntity", "id") != valideur:
        raise faux("legalAuthenticator")
    auteurs = {i.get("extension") for a in enfants(cda, "author")
               for i in enfants(enfant(a, "assignedAuthor"), "id")}
    if not {p.split("^")[0] for a in objet.auteurs for p in a.personnes} <= auteurs:
        raise faux("author")
    _controler_corps(objet, cda)
    _controler_remplacement(objet, cda, remplacee)


def _controler_corps(objet: Objet, cda: Element) -> None:
    """An empty document is refused; an N1's format is that of its content."""
    n1 = enfant(cda, "component", "nonXMLBody", "text")
    if n1 is None:
        if enfant(cda, "component", "structuredBody", "component") is None:
            raise ErreurXds("XDSRepositoryMetadataError", f"{objet.id} : document vide")
        return
    formats = {"application/pdf": "urn:ihe:iti:xds-sd:pdf:2008",
               "text/plain": "urn:ihe:iti:xds-sd:text:2008"}
    attendu = formats.get(n1.get("mediaType", ""))
    if len(texte(n1)) < 20:
        raise ErreurXds("XDSRepositoryMetadataError", f"{objet.id} : document vide")
    if attendu and objet.code(ebxml.FORMAT).code != attendu:
        raise ErreurXds("XDSRegistryMetadataError", f"{objet.id} : formatCode")


def _controler_remplacement(objet: Objet, cda: Element, remplacee: Fiche | None) -> None:
    lien = enfant(cda, "relatedDocument")
    parent = enfant(lien, "parentDocument", "id")
    vise = "" if parent is None or lien is None or lien.get("typeCode") != "RPLC" \
        else parent.get("root", "")
    if vise != ("" if remplacee is None else remplacee.unique_id):
        raise ErreurXds("XDSReplaceFailed",
                        f"{objet.id} : relatedDocument et association RPLC ne concordent pas")
    if remplacee is None:
        return
    ancien = lire(remplacee.contenu)

    def valeur(document: Element, nom: str, attribut: str) -> str:
        noeud = enfant(document, nom)
        return "" if noeud is None else noeud.get(attribut, "")

    if valeur(cda, "setId", "root") != valeur(ancien, "setId", "root"):
        raise ErreurXds("XDSReplaceFailed", f"{objet.id} : setId différent")
    if int(valeur(cda, "versionNumber", "value")) <= int(
            valeur(ancien, "versionNumber", "value") or "1"):
        raise ErreurXds("XDSReplaceFailed", f"{objet.id} : versionNumber")


def _utc(valeur: str) -> str:
    """HL7 time stamp as UTC metadata; a stamp without offset is cut to its date."""
    lu = re.fullmatch(r"(\d{8})(\d{4})(\d{2})?([+-]\d{4})", valeur)
    if lu is None:
        return valeur[:8] if re.match(r"\d{8}", valeur) else ""
    try:
        instant = datetime.strptime(lu[1] + lu[2] + (lu[3] or "00") + lu[4], "%Y%m%d%H%M%S%z")
        return instant.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError):
        return ""
