"""XDS metadata of a document, read from the CDA itself (`spec/cda.md` §12.1, `spec/dmp.md` §6).

The CDA is the only source: what METADATA.XML and TD2.1 say can't differ from the header.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from lxml import etree

from app.documents.cda_lecture import OID_PS, OID_STRUCTURE, localiser
from app.documents.hl7 import attribut, enfant, enfants, texte
from app.documents.lu import Emballage
from app.documents.types import (
    Code,
    classe_du_type,
    format_modele,
    format_par_template,
)
from app.domain.dmp import VisibiliteDmp
from app.domain.matricule import OIDS_INS

SYSTEME_VISIBILITE = "1.2.250.1.213.1.1.4.13"
NORMAL = Code("N", "Normal", "2.16.840.1.113883.5.25")
_VISIBILITES = {
    VisibiliteDmp.MASQUE_PS: "Masqué aux professionnels de santé",
    VisibiliteDmp.INVISIBLE_PATIENT: "Non visible par le patient",
    VisibiliteDmp.INVISIBLE_REPRESENTANTS_LEGAUX:
        "Non visible par les représentants légaux du patient"}
_N1_PAR_MIME = {"application/pdf": "N1", "text/plain": "N1-TEXTE", "text/rtf": "N1-RTF",
                "application/rtf": "N1-RTF", "image/jpeg": "N1-JPEG", "image/tiff": "N1-TIFF"}


class MetadonneesImpossibles(ValueError):
    """The CDA lacks what the metadata need. The message is French."""


@dataclass(frozen=True, slots=True)
class AuteurXds:
    """An author: XCN, XON and `code^libellé^système` of the speciality; role is optional."""

    personne: str
    institution: str
    specialite: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class EntreeXds:
    """A DocumentEntry. Dates are AAAAMMJJhhmmss in UTC, without offset.

    `patient` and `patient_local` are CX; `sha1` (hex) and `taille` are of the CDA bytes;
    `remplace_id` is the uniqueId that the CDA says it replaces, `remplace_entry_uuid` the
    entryUUID of it in the registry, which only the caller knows (a RPLC association needs it).
    """

    unique_id: str
    set_id: str
    version: int
    titre: str
    type: Code
    classe: Code
    format: Code
    secteur: Code
    cadre: Code
    date_creation: str
    debut: str
    patient: str
    patient_local: str
    sha1: str
    taille: int
    fin: str = ""
    langue: str = "fr-FR"
    mime_type: str = "text/xml"
    responsable: str = ""
    patient_infos: tuple[str, ...] = ()
    auteurs: tuple[AuteurXds, ...] = ()
    confidentialites: tuple[Code, ...] = (NORMAL,)
    actes: tuple[Code, ...] = ()
    references: tuple[str, ...] = field(default=())
    remplace_id: str = ""
    remplace_entry_uuid: str = ""


def entree_depuis_cda(cda: bytes, *, visibilites: Iterable[VisibiliteDmp] = (),
                      classe: Code | None = None, remplace_entry_uuid: str = "") -> EntreeXds:
    """Read the metadata of a document from its CDA.

    Args:
        cda: the bytes, bare, auto-presentable or signed.
        visibilites: codes added after N; they exist in the metadata only, never in the CDA.
        classe: class of the type, when the table has none.
        remplace_entry_uuid: `urn:uuid:…` of the version that this one replaces.

    Raises:
        DocumentIllisible: not a CDA, or refused by the parser.
        MetadonneesImpossibles: an obligatory value is absent.
    """
    lu = localiser(cda)
    racine = lu.element
    code_document = _code(enfant(racine, "code"), "type")
    evenement = _acte_principal(racine)
    periode = enfant(evenement, "effectiveTime")
    executant = enfant(evenement, "performer", "assignedEntity", "representedOrganization")
    lieu = enfant(racine, "componentOf", "encompassingEncounter", "location", "healthCareFacility")
    ins, local = _patients(racine)
    debut = dtm(attribut(enfant(periode, "low"), "value") or attribut(periode, "value"))
    auto = lu.emballage is Emballage.AUTO_PRESENTABLE
    return EntreeXds(
        unique_id=_exiger(_ii(enfant(racine, "id")), "l’identifiant du document"),
        set_id=_ii(enfant(racine, "setId")),
        version=int(attribut(enfant(racine, "versionNumber"), "value") or 1),
        titre=_exiger(texte(enfant(racine, "title")) or "", "le titre"),
        type=code_document,
        classe=_exiger_code(classe or classe_du_type(code_document.code), "la classe"),
        format=_format(racine),
        secteur=_code(enfant(lieu, "code"), "secteur d’activité"),
        cadre=_code(enfant(executant, "standardIndustryClassCode"), "cadre d’exercice"),
        date_creation=_exiger(dtm(attribut(enfant(racine, "effectiveTime"), "value")),
                              "la date de création"),
        debut=_exiger(debut, "la date de l’acte"),
        fin=dtm(attribut(enfant(periode, "high"), "value")),
        patient=_exiger(ins or local, "l’identifiant du patient"), patient_local=local or ins,
        sha1=hashlib.sha1(cda, usedforsecurity=False).hexdigest(), taille=len(cda),
        langue=attribut(enfant(racine, "languageCode"), "code") or "fr-FR",
        mime_type="application/xslt+xml" if auto else "text/xml",
        responsable=_xcn(enfant(racine, "legalAuthenticator", "assignedEntity")),
        patient_infos=tuple(_infos_patient(racine)),
        auteurs=tuple(_auteur(a) for a in enfants(racine, "author")),
        confidentialites=_confidentialites(racine, visibilites),
        actes=tuple(_actes(racine)),
        remplace_id=_remplace(racine), remplace_entry_uuid=remplace_entry_uuid)


# --- Values -------------------------------------------------------------------------------------

def dtm(ts: str | None) -> str:
    """A CDA date-time as UTC digits; a date without offset is kept as its digits."""
    if not ts:
        return ""
    chiffres = "".join(c for c in ts.partition("+")[0].partition("-")[0].partition(".")[0]
                       if c.isdigit())
    decalage = ts[len(ts) - 5:] if len(ts) > 5 and ts[-5] in "+-" else ""
    if len(chiffres) < 12 or not decalage or not decalage[1:].isdigit():
        return chiffres[:14]
    signe = -1 if decalage[0] == "-" else 1
    ecart = timedelta(hours=int(decalage[1:3]), minutes=int(decalage[3:5])) * signe
    try:
        local = datetime.strptime(chiffres[:14].ljust(14, "0"), "%Y%m%d%H%M%S")
        return f"{local.replace(tzinfo=timezone(ecart)).astimezone(UTC):%Y%m%d%H%M%S}"
    except (ValueError, OverflowError):
        raise MetadonneesImpossibles(f"Date impossible dans le document : {ts}.") from None


def dtm_utc(moment: datetime) -> str:
    """An aware date-time as UTC digits."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}"


def _exiger(valeur: str, quoi: str) -> str:
    if not valeur:
        raise MetadonneesImpossibles(f"Métadonnées impossibles : il manque {quoi}.")
    return valeur


def _exiger_code(valeur: Code | None, quoi: str) -> Code:
    if valeur is None or not valeur.code:
        raise MetadonneesImpossibles(f"Métadonnées impossibles : il manque {quoi}.")
    return valeur


def _code(element: etree._Element | None, quoi: str) -> Code:
    valeur, systeme = attribut(element, "code"), attribut(element, "codeSystem")
    if valeur is None or systeme is None:
        raise MetadonneesImpossibles(f"Métadonnées impossibles : il manque le {quoi}.")
    return Code(valeur, attribut(element, "displayName") or valeur, systeme)


def _ii(element: etree._Element | None) -> str:
    racine, extension = attribut(element, "root"), attribut(element, "extension")
    return f"{racine}^{extension}" if racine and extension else racine or ""


def _acte_principal(racine: etree._Element) -> etree._Element | None:
    """The serviceEvent that carries a performer and a date; else the first."""
    evenements = [e for d in enfants(racine, "documentationOf") for e in enfants(d, "serviceEvent")]
    for evenement in evenements:
        if enfant(evenement, "performer") is not None and enfant(
                evenement, "effectiveTime") is not None:
            return evenement
    return evenements[0] if evenements else None


def _actes(racine: etree._Element) -> Iterable[Code]:
    for document in enfants(racine, "documentationOf"):
        element = enfant(document, "serviceEvent", "code")
        if attribut(element, "code") and attribut(element, "codeSystem"):
            yield _code(element, "code de l’acte")


def _format(racine: etree._Element) -> Code:
    for modele in enfants(racine, "templateId"):
        connu = format_par_template(attribut(modele, "root") or "")
        if connu is not None:
            return connu.code
    corps = enfant(racine, "component", "nonXMLBody", "text")
    if corps is not None:
        mime = (attribut(corps, "mediaType") or "").lower()
        return format_modele(_N1_PAR_MIME.get(mime, "N1")).code
    raise MetadonneesImpossibles("Métadonnées impossibles : le modèle du document n’est pas connu.")


def _confidentialites(racine: etree._Element,
                      visibilites: Iterable[VisibiliteDmp]) -> tuple[Code, ...]:
    niveau = enfant(racine, "confidentialityCode")
    premier = _code(niveau, "niveau de confidentialité") if attribut(niveau, "code") else NORMAL
    voulues = set(visibilites)
    return (premier, *(Code(v.value, libelle, SYSTEME_VISIBILITE)
                       for v, libelle in _VISIBILITES.items() if v in voulues))


def _remplace(racine: etree._Element) -> str:
    for lien in enfants(racine, "relatedDocument"):
        if attribut(lien, "typeCode") == "RPLC":
            return _ii(enfant(lien, "parentDocument", "id"))
    return ""


# --- People -------------------------------------------------------------------------------------

def echapper(composant: str) -> str:
    """A text as a component of an HL7 v2 field: its delimiters have escape sequences."""
    for caractere, suite in (("\\", "\\E\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\"),
                             ("|", "\\F\\")):
        composant = composant.replace(caractere, suite)
    return composant


def _patients(racine: etree._Element) -> tuple[str, str]:
    """CX of the INS (empty without), CX of the first local id."""
    ins = local = ""
    for ident in enfants(enfant(racine, "recordTarget", "patientRole"), "id"):
        oid, valeur = attribut(ident, "root"), attribut(ident, "extension")
        if not oid or not valeur:
            continue
        if oid in OIDS_INS:
            ins = ins or f"{echapper(valeur)}^^^&{oid}&ISO^NH"
        else:
            local = local or f"{echapper(valeur)}^^^&{oid}&ISO^PI"
    return ins, local


def _infos_patient(racine: etree._Element) -> Iterable[str]:
    patient = enfant(racine, "recordTarget", "patientRole", "patient")
    familles: dict[str, str] = {}
    prenoms: dict[str, str] = {}
    nom = enfant(patient, "name")
    for element in enfants(nom, "family"):
        familles.setdefault(attribut(element, "qualifier") or "", texte(element) or "")
    for element in enfants(nom, "given"):
        prenoms.setdefault(attribut(element, "qualifier") or "", texte(element) or "")
    naissance = familles.get("BR") or familles.get("SP") or familles.get("") or ""
    if naissance:
        prenom = prenoms.get("BR") or prenoms.get("") or ""
        yield f"PID-5|{echapper(naissance)}^{echapper(prenom)}^^^^^L"
    if familles.get("CL") or prenoms.get("CL"):
        prenom = prenoms.get("CL") or prenoms.get("BR") or ""
        yield f"PID-5|{echapper(familles.get('CL') or naissance)}^{echapper(prenom)}^^^^^D"
    date = attribut(enfant(patient, "birthTime"), "value") or ""
    if date:
        yield f"PID-7|{date[:8]}"
    sexe = attribut(enfant(patient, "administrativeGenderCode"), "code") or "UN"
    yield f"PID-8|{sexe if sexe in ('M', 'F') else 'U'}"


def _xcn(entite: etree._Element | None) -> str:
    """XCN of an assignedEntity or assignedAuthor; a device has its own form."""
    appareil = enfant(entite, "assignedAuthoringDevice")
    ident = next((i for i in enfants(entite, "id") if attribut(i, "root") == OID_PS), None)
    if ident is None:
        ident = enfant(entite, "id")
    valeur, racine = attribut(ident, "extension") or "", attribut(ident, "root") or ""
    if appareil is not None:
        modele = texte(enfant(appareil, "manufacturerModelName")) or ""
        logiciel = texte(enfant(appareil, "softwareName")) or ""
        return (f"{echapper(valeur)}^{echapper(modele)}^{echapper(logiciel)}^^^^^^&{racine}&ISO"
                "^U^^^RI")
    nom = enfant(entite, "assignedPerson", "name")
    famille, prenom = texte(enfant(nom, "family")) or "", texte(enfant(nom, "given")) or ""
    if not valeur and not famille:
        return ""
    genre = "EI" if "/" in valeur else "IDNPS"
    return (f"{echapper(valeur)}^{echapper(famille)}^{echapper(prenom)}^^^^^^&{racine}&ISO^D^^^"
            f"{genre}")


def _auteur(auteur: etree._Element) -> AuteurXds:
    qui = enfant(auteur, "assignedAuthor")
    maison = enfant(qui, "representedOrganization")
    ident = enfant(maison, "id")
    institution = ""
    if maison is not None:
        valeur = attribut(ident, "extension") or ""
        institution = (f"{echapper(texte(enfant(maison, 'name')) or '')}^^^^^&"
                       f"{attribut(ident, 'root') or OID_STRUCTURE}&ISO^IDNST^^^{echapper(valeur)}")
    code_element = enfant(qui, "code")
    specialite = ""
    if attribut(code_element, "code"):
        metier = _code(code_element, "code de profession")
        specialite = f"{metier.code}^{echapper(metier.libelle)}^{metier.systeme}"
    return AuteurXds(_xcn(qui), institution, specialite,
                     attribut(enfant(auteur, "functionCode"), "displayName") or "")


def patients_des(entrees: Sequence[EntreeXds]) -> str:
    """The one patient (CX) of a lot.

    Raises:
        ValueError: no entry, or several patients.
    """
    tous = {e.patient for e in entrees}
    if len(tous) != 1:
        raise ValueError("a lot concerns one patient")
    return tous.pop()


