"""Reading of a lot (lcm:SubmitObjectsRequest): metadata as values, first rules (`dmp.md` §6)."""

import re
from dataclasses import dataclass

from app.sandbox.dmp import ebxml
from app.sandbox.dmp.ebxml import NS_LCM, NS_RIM, ErreurXds
from app.sandbox.dmp.modele import AuteurXds, Code
from app.sandbox.lecture_xml import Element, enfant, enfants, texte

OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_UTC = re.compile(r"\d{14}")
_XCN = re.compile(r"[^^]+\^[^^]+\^[^^]*\^\^\^\^\^\^&[0-9.]+&ISO\^[DU]\^\^\^(IDNPS|EI|RI|NH)")
_XON = re.compile(r"[^^]+\^\^\^\^\^&1\.2\.250\.1\.71\.4\.2\.2&ISO\^IDNST\^\^\^[^^]+")
_CX_LOCAL = re.compile(r"[^^]+\^\^\^&[0-9.]+&ISO\^(PI|NH)")


@dataclass(frozen=True, slots=True)
class Objet:
    """A RegistryPackage or ExtrinsicObject: its parts by name."""

    id: str
    mime: str
    type_objet: str
    slots: dict[str, tuple[str, ...]]
    nom: str
    description: str
    codes: dict[str, list[Code]]
    auteurs: tuple[AuteurXds, ...]
    identifiants: dict[str, str]
    noeuds: frozenset[str]
    """classificationNodes of the object."""

    def slot(self, nom: str) -> str:
        """First value of a slot, empty when absent."""
        return next(iter(self.slots.get(nom, ())), "")

    def code(self, schema: str) -> Code:
        """First code of a scheme.

        Raises
        ------
        ErreurXds
            XDSMissingDocumentMetadata.
        """
        codes = self.codes.get(schema, [])
        if not codes:
            raise ErreurXds("XDSMissingDocumentMetadata", f"{self.id} : {schema}")
        return codes[0]


@dataclass(frozen=True, slots=True)
class Lien:
    """An Association of the lot."""

    type: str
    source: str
    cible: str
    statut: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A submission: one set, its objects, its links."""

    soumission: Objet
    objets: tuple[Objet, ...]
    liens: tuple[Lien, ...]


def lire_lot(corps: Element) -> Lot:
    """Read a ProvideAndRegisterDocumentSetRequest's metadata.

    Raises
    ------
    ErreurXds
        XDSRegistryMetadataError when the structure is wrong.
    """
    demande = next(iter(enfants(corps, "SubmitObjectsRequest", NS_LCM)), None)
    liste = enfant(demande, "RegistryObjectList")
    if liste is None:
        raise ErreurXds("XDSRegistryMetadataError", "RegistryObjectList absent")
    ordre = {"RegistryPackage": 0, "ExtrinsicObject": 1, "Classification": 1, "Association": 2}
    paquets = enfants(liste, "RegistryPackage", NS_RIM)
    if len(paquets) != 1:
        raise ErreurXds("XDSRegistryMetadataError", "Un lot, et un seul, est attendu")
    rangs = [ordre.get(e.tag.split("}")[1], 3) for e in enfants(liste)
             if not e.tag.endswith("}Classification")]
    if rangs != sorted(rangs) or 3 in rangs:
        raise ErreurXds("XDSRegistryMetadataError", "Ordre ou nature des objets incorrect")
    libres = enfants(liste, "Classification", NS_RIM)
    lot = Lot(_objet(paquets[0], libres),
              tuple(_objet(e, []) for e in enfants(liste, "ExtrinsicObject", NS_RIM)),
              tuple(_lien(a) for a in enfants(liste, "Association", NS_RIM)))
    ids = [lot.soumission.id, *(o.id for o in lot.objets)]
    if len(set(ids)) != len(ids) or not all(ids):
        raise ErreurXds("XDSRegistryMetadataError", "Identifiants absents ou en double")
    if ebxml.NOEUD_SOUMISSION not in lot.soumission.noeuds:
        raise ErreurXds("XDSRegistryMetadataError", "Le lot n’est pas classé SubmissionSet")
    return lot


def _valeurs(element: Element | None) -> tuple[str, ...]:
    return tuple(texte(v) for v in enfants(enfant(element, "ValueList"), "Value"))


def _slots(element: Element) -> dict[str, tuple[str, ...]]:
    return {s.get("name", ""): _valeurs(s) for s in enfants(element, "Slot")}


def _localise(element: Element, nom: str) -> str:
    noeud = enfant(element, nom, "LocalizedString")
    return "" if noeud is None else noeud.get("value", "")


def _objet(element: Element, libres: list[Element]) -> Objet:
    identifiant = element.get("id", "")
    classifications = enfants(element, "Classification", NS_RIM) + [
        c for c in libres if c.get("classifiedObject") == identifiant]
    codes: dict[str, list[Code]] = {}
    auteurs, noeuds = [], set()
    for c in classifications:
        schema = c.get("classificationScheme", "")
        if c.get("classificationNode"):
            noeuds.add(c.get("classificationNode", ""))
            continue
        if c.get("classifiedObject") != identifiant:
            raise ErreurXds("XDSRegistryMetadataError", f"classifiedObject de {identifiant}")
        slots = _slots(c)
        if schema in (ebxml.AUTEUR, ebxml.SS_AUTEUR):
            auteurs.append(_auteur(slots, identifiant))
        else:
            codes.setdefault(schema, []).append(Code(
                c.get("nodeRepresentation", ""), next(iter(slots.get("codingScheme", ())), ""),
                _localise(c, "Name")))
    identifiants = {}
    for e in enfants(element, "ExternalIdentifier", NS_RIM):
        if e.get("registryObject") != identifiant:
            raise ErreurXds("XDSRegistryMetadataError", f"registryObject de {identifiant}")
        identifiants[e.get("identificationScheme", "")] = e.get("value", "")
    return Objet(identifiant, element.get("mimeType", ""), element.get("objectType", ""),
                 _slots(element), _localise(element, "Name"), _localise(element, "Description"),
                 codes, tuple(auteurs), identifiants, frozenset(noeuds))


def _auteur(slots: dict[str, tuple[str, ...]], objet: str) -> AuteurXds:
    auteur = AuteurXds(slots.get("authorPerson", ()), slots.get("authorInstitution", ()),
                       slots.get("authorSpecialty", ()), slots.get("authorRole", ()))
    if not auteur.personnes or not all(_XCN.fullmatch(p) for p in auteur.personnes):
        raise ErreurXds("XDSRegistryMetadataError", f"authorPerson de {objet} absent ou mal formé")
    if not all(_XON.fullmatch(i) for i in auteur.institutions):
        raise ErreurXds("XDSRegistryMetadataError", f"authorInstitution de {objet} mal formé")
    return auteur


def _lien(element: Element) -> Lien:
    return Lien(element.get("associationType", ""), element.get("sourceObject", ""),
                element.get("targetObject", ""),
                next(iter(_slots(element).get("SubmissionSetStatus", ())), ""))


def controler_forme(objet: Objet, signature: bool) -> None:
    """Formats of one entry's metadata (`spec/dmp.md` §6, table of values).

    Raises
    ------
    ErreurXds
        XDSMissingDocumentMetadata or XDSRegistryMetadataError.
    """
    def manque(nom: str) -> ErreurXds:
        return ErreurXds("XDSMissingDocumentMetadata", f"{objet.id} : {nom}")

    def faux(nom: str) -> ErreurXds:
        return ErreurXds("XDSRegistryMetadataError", f"{objet.id} : {nom}")

    if objet.type_objet != ebxml.OBJET_DOCUMENT:
        raise faux("objectType")
    if objet.mime not in ("text/xml", "application/xslt+xml"):
        raise faux("mimeType")
    if not objet.nom or len(objet.nom) > 255:
        raise manque("title")
    for nom in ("creationTime", "languageCode", "legalAuthenticator", "serviceStartTime",
                "sourcePatientId", "sourcePatientInfo"):
        if not objet.slot(nom):
            raise manque(nom)
    for nom in ("creationTime", "serviceStartTime", "serviceStopTime"):
        if objet.slot(nom) and not _UTC.fullmatch(objet.slot(nom)):
            raise faux(nom)
    if objet.slot("languageCode") != ("art" if signature else "fr-FR"):
        raise faux("languageCode")
    if not _XCN.fullmatch(objet.slot("legalAuthenticator")):
        raise faux("legalAuthenticator")
    if not _CX_LOCAL.fullmatch(objet.slot("sourcePatientId")):
        raise faux("sourcePatientId")
    infos = objet.slots["sourcePatientInfo"]
    for prefixe in ("PID-5|", "PID-7|", "PID-8|"):
        if not any(i.startswith(prefixe) for i in infos):
            raise faux(f"sourcePatientInfo {prefixe[:-1]}")
    if not objet.auteurs:
        raise manque("author")
    _controler_codes(objet, signature)
    if not OID.fullmatch(objet.identifiants.get(ebxml.ID_UNIQUE, "")) or len(
            objet.identifiants[ebxml.ID_UNIQUE]) > 64:
        raise faux("uniqueId")


def _controler_codes(objet: Objet, signature: bool) -> None:
    """Every mandatory coded value with its scheme; visibility codes not both at once."""
    schemas = {ebxml.ETABLISSEMENT: ("1.2.250.1.71.4.2.4",),
               ebxml.CADRE: ("1.2.250.1.213.1.1.4.9",),
               ebxml.CLASSE: ("1.2.250.1.213.1.1.4.1",),
               ebxml.TYPE: ("2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.12"),
               ebxml.FORMAT: ("1.3.6.1.4.1.19376.1.2.3", "1.2.250.1.213.1.1.4.2.282")}
    for schema, admis in schemas.items():
        code = objet.code(schema)
        # A signature document has its own class, type and format (URN and ASTM schemes).
        libre = signature and schema in (ebxml.CLASSE, ebxml.TYPE, ebxml.FORMAT)
        if not code.code or not code.libelle or not (libre or code.scheme in admis):
            raise ErreurXds("XDSRegistryMetadataError", f"{objet.id} : {schema} {code.code}")
    visibilites = [c.code for c in objet.codes.get(ebxml.CONFIDENTIALITE, [])]
    if not visibilites:
        raise ErreurXds("XDSMissingDocumentMetadata", f"{objet.id} : confidentialityCode")
    if visibilites[0] not in ("N", "R", "V"):
        raise ErreurXds("XDSRegistryMetadataError",
                        f"{objet.id} : confidentialityCode, N doit être le premier")
    connus = {"MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"}
    if not set(visibilites[1:]) <= connus:
        raise ErreurXds("XDSRegistryMetadataError", f"{objet.id} : confidentialityCode inconnu")
    masque_et_invisible = {"MASQUE_PS", "INVISIBLE_PATIENT"} <= set(visibilites)
    if masque_et_invisible is not signature:
        raise ErreurXds("XDSRegistryMetadataError", f"{objet.id} : confidentialityCode, "
                        + ("la signature doit être masquée et non visible" if signature else
                           "masqué et non visible à la fois est interdit"))
