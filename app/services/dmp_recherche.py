"""TD3.1: the metadata of the registry (ITI-18, `spec/dmp.md` §7).

`lire_reponse_recherche` is a pure function of module level: a list of 2,000 documents (about
10 MB) is read in the worker process and comes back as small frozen values.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from lxml import etree

from app.domain.dmp import FicheDmp, StatutFiche, VisibiliteDmp
from app.domain.names import sans_invisibles
from app.services import soap
from app.services.dmp_erreurs import exiger, verifier_statut
from app.services.noms import texte_propre
from app.services.vihf import identifiant_patient
from app.services.xml_sur import ajouter, element

ACTION = "urn:ihe:iti:2007:RegistryStoredQuery"
NS_QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
NS_RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"

FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"

STATUTS = {
    StatutFiche.APPROVED: "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
    StatutFiche.DEPRECATED: "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
    StatutFiche.ARCHIVED: "urn:asip:ci-sis:2010:StatusType:Archived",
    StatutFiche.DELETED: "urn:asip:ci-sis:2010:StatusType:Deleted",
}

_AUTEUR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
_CLASSE = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
_TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
_CONFIDENTIALITE = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
_FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
_PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"

_R = f"{{{NS_RIM}}}"
journal = logging.getLogger("pleiade.dmp")


def requete_documents(matricule_ins: str, oid: str, *, statuts: Iterable[StatutFiche],
                      depuis: date | None = None) -> etree._Element:
    """FindDocuments.

    Args:
        matricule_ins, oid: of the patient.
        statuts: availability statuses wanted; Approved always is (EX_3.1-1030).
        depuis: earliest date of the act (serviceStartTime); a plain date is local midnight.
    """
    racine, interrogation = requete_adhoc(FIND_DOCUMENTS, "LeafClass")
    patient = identifiant_patient(matricule_ins, oid)
    critere(interrogation, "$XDSDocumentEntryPatientId", f"'{patient}'")
    voulus = {StatutFiche.APPROVED, *statuts}
    critere(interrogation, "$XDSDocumentEntryStatus",
             liste(STATUTS[s] for s in StatutFiche if s in voulus))
    if depuis is not None:
        instant = depuis if isinstance(depuis, datetime) else datetime(
            depuis.year, depuis.month, depuis.day)
        critere(interrogation, "$XDSDocumentEntryServiceStartTimeFrom",
                 instant.astimezone(UTC).strftime("%Y%m%d%H%M%S"))
    return racine


def requete_par_unique_id(unique_ids: Sequence[str], *, complet: bool) -> etree._Element:
    """GetDocuments by uniqueId (TD3.1b).

    `complet` asks for the metadata, which the Consultation profile alone may read; without it
    only the registry's references come back.
    """
    racine, interrogation = requete_adhoc(GET_DOCUMENTS, "LeafClass" if complet else "ObjectRef")
    critere(interrogation, "$XDSDocumentEntryUniqueId", liste(unique_ids))
    return racine


def requete_adhoc(identifiant: str, retour: str) -> tuple[etree._Element, etree._Element]:
    """An AdhocQueryRequest and its AdhocQuery, to which `critere` adds parameters."""
    racine = element(f"{{{NS_QUERY}}}AdhocQueryRequest", {"q": NS_QUERY, None: NS_RIM})
    ajouter(racine, f"{{{NS_QUERY}}}ResponseOption", None,
            {"returnComposedObjects": "true", "returnType": retour})
    return racine, ajouter(racine, f"{_R}AdhocQuery", None, {"id": identifiant})


def critere(interrogation: etree._Element, nom: str, valeur: str) -> None:
    """Add one parameter of a stored query, already quoted."""
    fente = ajouter(interrogation, f"{_R}Slot", None, {"name": nom})
    ajouter(ajouter(fente, f"{_R}ValueList"), f"{_R}Value", valeur)


def liste(valeurs: Iterable[str]) -> str:
    """A list of a stored query: `('a','b')`; an apostrophe is doubled."""
    return "(" + ",".join("'" + v.replace("'", "''") + "'" for v in valeurs) + ")"


def lire_reponse_recherche(corps: bytes, content_type: str = "application/soap+xml",
                           status: int = 200, message_id: str = "",
                           unique_id: str = "") -> list[FicheDmp]:
    """Read an AdhocQueryResponse.

    Answers aren't filtered on the patient: the INS may have changed (EX_3.1-1055); each fiche
    says whose it is.

    Args:
        corps, content_type, status: the HTTP answer.
        message_id: MessageID of our request; "" skips the check of RelatesTo.
        unique_id: uniqueId asked for, given to entries that come back as bare references.

    Raises:
        ErreurService: fault, failure, or unreadable answer.
    """
    contenu = exiger(soap.lire_reponse(corps, content_type, status, service="dmp",
                                       message_id=message_id), "AdhocQueryResponse")
    verifier_statut(contenu, "Le DMP n’a pas pu faire la recherche", partiel_permis=True)
    liste = contenu.find(f"{_R}RegistryObjectList")
    if liste is None:
        return []
    fiches = [lire_fiche(objet) for objet in liste.iterchildren(f"{_R}ExtrinsicObject")]
    illisibles = sum(fiche is None for fiche in fiches)
    if illisibles:
        journal.warning("%d entrées du registre sans identifiant, ignorées", illisibles)
    references = [_reference(str(objet.get("id", "")), unique_id)
                  for objet in liste.iterchildren(f"{_R}ObjectRef")]
    return [fiche for fiche in fiches if fiche is not None] + references


def _reference(entry_uuid: str, unique_id: str) -> FicheDmp:
    """An entry of which only the reference is known."""
    return FicheDmp(
        unique_id=unique_id, entry_uuid=entry_uuid, logical_id="", titre="", type_code="",
        type_libelle="", class_code="", format_code="", mime_type="", date_creation="",
        date_acte="", auteur_nom="", auteur_id="", auteur_structure="", auteur_structure_id="",
        auteur_specialite="", statut=StatutFiche.APPROVED)


def lire_fiche(objet: etree._Element) -> FicheDmp | None:
    """Read one ExtrinsicObject; None when it has no uniqueId: nobody could open it."""
    fentes: dict[str, str] = {}
    codes: dict[str, tuple[str, str]] = {}
    visibilites: set[VisibiliteDmp] = set()
    identifiants: dict[str, str] = {}
    auteur: etree._Element | None = None
    titre = version = ""
    for fils in objet:
        balise = fils.tag
        if balise == f"{_R}Slot":
            fentes[str(fils.get("name"))] = _valeur(fils)
        elif balise == f"{_R}Classification":
            schema = str(fils.get("classificationScheme", ""))
            if schema == _AUTEUR:
                auteur = fils if auteur is None else auteur
            elif schema == _CONFIDENTIALITE:
                code = str(fils.get("nodeRepresentation", ""))
                if code in VisibiliteDmp.__members__:
                    visibilites.add(VisibiliteDmp(code))
            elif schema in (_CLASSE, _TYPE, _FORMAT):
                codes[schema] = (str(fils.get("nodeRepresentation", "")),
                                 _libelle(fils.find(f"{_R}Name")))
        elif balise == f"{_R}ExternalIdentifier":
            identifiants[str(fils.get("identificationScheme", ""))] = str(fils.get("value", ""))
        elif balise == f"{_R}Name":
            titre = _libelle(fils)
        elif balise == f"{_R}VersionInfo":
            version = str(fils.get("versionName", ""))
    unique_id = identifiants.get(_UNIQUE_ID, "")
    if not unique_id:
        return None
    nom, identifiant, structure, structure_id, specialite = _lire_auteur(auteur)
    type_code, type_libelle = codes.get(_TYPE, ("", ""))
    taille = fentes.get("size", "")
    return FicheDmp(
        unique_id=unique_id, entry_uuid=str(objet.get("id", "")),
        logical_id=str(objet.get("lid", "")), titre=sans_invisibles(titre),
        type_code=type_code,
        type_libelle=type_libelle, class_code=codes.get(_CLASSE, ("", ""))[0],
        format_code=codes.get(_FORMAT, ("", ""))[0], mime_type=str(objet.get("mimeType", "")),
        date_creation=date_xds(fentes.get("creationTime", "")),
        date_acte=date_xds(fentes.get("serviceStartTime", "")),
        auteur_nom=sans_invisibles(nom), auteur_id=identifiant,
        auteur_structure=sans_invisibles(structure), auteur_structure_id=structure_id,
        auteur_specialite=specialite, statut=_statut(str(objet.get("status", ""))),
        visibilites=frozenset(visibilites), hash_sha1=fentes.get("hash", "").lower(),
        taille=int(taille) if taille.isascii() and taille.isdigit() else None,
        version_metadonnees=version or "1", repository_id=fentes.get("repositoryUniqueId", ""),
        patient_ins=identifiants.get(_PATIENT_ID, "").partition("^")[0])


def _statut(urn: str) -> StatutFiche:
    dernier = urn.rpartition(":")[2]
    return StatutFiche(dernier) if dernier in _STATUTS_CONNUS else StatutFiche.APPROVED


_STATUTS_CONNUS = frozenset(statut.value for statut in StatutFiche)


def _lire_auteur(auteur: etree._Element | None) -> tuple[str, str, str, str, str]:
    """Name, id, structure, structure id, specialty of the first author."""
    if auteur is None:
        return "", "", "", "", ""
    fentes = {str(fils.get("name")): _valeur(fils) for fils in auteur.iterchildren(f"{_R}Slot")}
    personne = fentes.get("authorPerson", "").split("^")
    structure = fentes.get("authorInstitution", "").split("^")
    specialite = fentes.get("authorSpecialty", "").split("^")
    nom = " ".join(part for part in personne[1:3] if part)
    return (texte_propre(nom, 120), personne[0], texte_propre(structure[0], 200),
            structure[9] if len(structure) > 9 else "",
            texte_propre(specialite[1], 120) if len(specialite) > 1 else "")


def _valeur(fente: etree._Element) -> str:
    valeur = fente.find(f"{_R}ValueList/{_R}Value")
    return "" if valeur is None or valeur.text is None else valeur.text.strip()


def _libelle(nom: etree._Element | None) -> str:
    texte = None if nom is None else nom.find(f"{_R}LocalizedString")
    return "" if texte is None else texte_propre(str(texte.get("value", "")))


def date_xds(dtm: str) -> str:
    """An XDS date-time as ISO: UTC date-time with Z, or a date as precise as it is given.

    `20260115083000` → `2026-01-15T08:30:00Z`; `20260115` → `2026-01-15`; an offset is converted;
    anything else → "".
    """
    chiffres, decalage = _separer_decalage(dtm.strip())
    chiffres = chiffres.partition(".")[0]
    if not chiffres.isascii() or not chiffres.isdigit():
        return ""
    if len(chiffres) in (4, 6, 8):
        return "-".join(filter(None, (chiffres[:4], chiffres[4:6], chiffres[6:8])))
    if len(chiffres) not in (10, 12, 14):
        return ""
    try:
        instant = datetime.strptime(chiffres.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        return ""
    aware = instant.replace(tzinfo=decalage).astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%SZ")


def _separer_decalage(dtm: str) -> tuple[str, timezone]:
    for signe, facteur in (("+", 1), ("-", -1)):
        avant, trouve, apres = dtm.partition(signe)
        if trouve and len(apres) == 4 and apres.isascii() and apres.isdigit():
            ecart = timedelta(hours=int(apres[:2]), minutes=int(apres[2:]))
            if ecart < timedelta(hours=24):
                return avant, timezone(facteur * ecart)
    return dtm.removesuffix("Z"), UTC
