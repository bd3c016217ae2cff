"""Read the header of any CDA R2 document (`spec/cda.md` §1 and §14).

Unknown elements are ignored, absent ones are None: a document is refused only when it can't be
parsed or isn't a CDA. What is odd in it becomes a French warning.
"""

from dataclasses import dataclass

from lxml import etree

from app.documents import cda_corps
from app.documents.cda_patient import lire_patient, remarques_patient
from app.documents.hl7 import (
    C,
    attribut,
    enfant,
    enfants,
    identifiant,
    jour,
    nom_prenom,
    texte,
)
from app.documents.illisible import DocumentIllisible
from app.documents.lu import AuteurLu, DestinataireLu, DocumentLu, Emballage
from app.documents.xml_sur import DocumentXml, analyser

_CDA = C + "ClinicalDocument"
_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_CONTENU = "{urn:asip-sante:ci-sis}Contenu"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
#: Assigning authorities of professionals and structures.
OID_PS = "1.2.250.1.71.4.2.1"
OID_STRUCTURE = "1.2.250.1.71.4.2.2"


@dataclass(frozen=True, slots=True)
class Cda:
    """A located ClinicalDocument and what stood around it."""

    element: etree._Element
    emballage: Emballage
    xml: DocumentXml


def localiser(contenu: bytes) -> Cda:
    """Parse and find the ClinicalDocument, bare, auto-presentable or signed.

    Raises:
        DocumentIllisible: refused by the parser, or no CDA inside.
    """
    xml = analyser(contenu)
    racine = xml.racine
    if racine.tag == _CDA:
        return Cda(racine, Emballage.AUCUN, xml)
    if racine.tag in (_XSL + "stylesheet", _XSL + "transform"):
        # Only the declared place: a ClinicalDocument may also stand in a template, as output.
        element = racine.find(f"{_CONTENU}/{_CDA}")
        emballage = Emballage.AUTO_PRESENTABLE
    elif racine.tag == _SIGNATURE:
        element, emballage = next(racine.iter(_CDA), None), Emballage.SIGNE
    else:
        element, emballage = None, Emballage.AUCUN
    if element is None:
        raise DocumentIllisible("pas_un_cda", "Ce fichier XML n’est pas un document de santé CDA.")
    return Cda(element, emballage, xml)


def lire_cda(contenu: bytes, fichier: str = "") -> DocumentLu:
    """Read one CDA document.

    Raises:
        DocumentIllisible: refused by the parser, or not a CDA.
    """
    return lire_localise(localiser(contenu), contenu, fichier)


def lire_localise(cda: Cda, contenu: bytes, fichier: str = "") -> DocumentLu:
    """Read a document already parsed; `contenu` is kept as its bytes."""
    racine = cda.element
    code = enfant(racine, "code")
    effectif = attribut(enfant(racine, "effectiveTime"), "value")
    patient = lire_patient(racine)
    corps = cda_corps.lire_corps(racine)
    version, remarque_version = _version(racine)
    auteurs = tuple(_auteur(a) for a in enfants(racine, "author"))
    signataire = enfant(racine, "legalAuthenticator")
    conservateur = enfant(racine, "custodian", "assignedCustodian",
                          "representedCustodianOrganization", "name")
    return DocumentLu(
        fichier=fichier, nature=corps.nature, contenu=contenu,
        type_code=attribut(code, "code"), type_libelle=attribut(code, "displayName"),
        type_systeme=attribut(code, "codeSystem"),
        titre=texte(enfant(racine, "title")) or attribut(code, "displayName"),
        id=identifiant(enfant(racine, "id")), set_id=identifiant(enfant(racine, "setId")),
        version=version, date_acte=_date_acte(racine), date_creation=jour(effectif),
        horodatage=effectif,
        confidentialite=attribut(enfant(racine, "confidentialityCode"), "code"),
        patient=patient, auteurs=auteurs,
        responsable=None if signataire is None else _responsable(signataire),
        conservateur=texte(conservateur),
        destinataires=tuple(_destinataire(d) for d in enfants(racine, "informationRecipient")),
        remplace_id=_remplace(racine), sections=corps.sections, incorpore=corps.incorpore,
        mime_incorpore=corps.mime_incorpore, emballage=cda.emballage,
        feuille_de_style=cda.xml.feuille_de_style,
        modeles=tuple(filter(None, (identifiant(t) for t in enfants(racine, "templateId")))),
        avertissements=(*_remarques(cda, racine), *remarque_version,
                        *remarques_patient(patient), *corps.avertissements))


def _remarques(cda: Cda, racine: etree._Element) -> list[str]:
    suite: list[str] = []
    if cda.xml.encodage_corrige:
        suite.append("L’encodage annoncé n’est pas celui du contenu ; il a été lu en Latin-1.")
    if cda.emballage is Emballage.SIGNE:
        suite.append("Document signé : la signature n’est pas vérifiée.")
    if cda.emballage is Emballage.AUTO_PRESENTABLE:
        suite.append("Document autoprésentable : la présentation du producteur n’est pas exécutée, "
                     "celle de Pléiade la remplace.")
    if identifiant(enfant(racine, "id")) is None:
        suite.append("Document sans identifiant : les doublons ne peuvent pas être reconnus.")
    if identifiant(enfant(racine, "setId")) is None:
        suite.append("Document sans setId (ancien format) : ses versions ne peuvent pas être "
                     "reliées.")
    if attribut(enfant(racine, "code"), "code") is None:
        suite.append("Document sans type.")
    return suite


def _version(racine: etree._Element) -> tuple[int | None, list[str]]:
    valeur = attribut(enfant(racine, "versionNumber"), "value")
    if valeur is None:
        return None, ["Document sans numéro de version (ancien format)."]
    if valeur.isascii() and valeur.isdigit() and len(valeur) <= 9:
        return int(valeur), []
    return None, ["Numéro de version illisible."]


def _date_acte(racine: etree._Element) -> str | None:
    """Start of the principal act: the first service event with a date and a performer."""
    actes = [e for d in enfants(racine, "documentationOf") for e in enfants(d, "serviceEvent")]
    actes.sort(key=lambda e: enfant(e, "performer") is None)
    for acte in actes:
        temps = enfant(acte, "effectiveTime")
        debut = attribut(enfant(temps, "low"), "value") or attribut(temps, "value")
        if lu := jour(debut):
            return lu
    return None


def _auteur(auteur: etree._Element) -> AuteurLu:
    return _personne(enfant(auteur, "assignedAuthor"), "representedOrganization",
                     attribut(enfant(auteur, "time"), "value"))


def _responsable(signataire: etree._Element) -> AuteurLu:
    return _personne(enfant(signataire, "assignedEntity"), "representedOrganization",
                     attribut(enfant(signataire, "time"), "value"))


def _personne(entite: etree._Element | None, organisation: str, date: str | None) -> AuteurLu:
    """A professional, a patient as author, or a device."""
    code = enfant(entite, "code")
    structure = enfant(entite, organisation)
    nom, prenom = nom_prenom(enfant(entite, "assignedPerson", "name"))
    appareil = enfant(entite, "assignedAuthoringDevice")
    if nom is None and appareil is not None:
        nom = texte(enfant(appareil, "softwareName")) or texte(
            enfant(appareil, "manufacturerModelName"))
    return AuteurLu(
        identifiant=_meilleur_id(entite, OID_PS), nom=nom, prenom=prenom,
        profession=attribut(code, "displayName") or attribut(code, "code"),
        profession_code=attribut(code, "code"), structure=texte(enfant(structure, "name")),
        structure_id=_meilleur_id(structure, OID_STRUCTURE), date=jour(date))


def _meilleur_id(element: etree._Element | None, racine: str) -> str | None:
    """Extension of the identifier given by `racine`, else of the first identifier."""
    ids = list(enfants(element, "id"))
    ids.sort(key=lambda e: e.get("root") != racine)
    for lu in ids:
        if valeur := attribut(lu, "extension") or attribut(lu, "root"):
            return valeur
    return None


def _destinataire(destinataire: etree._Element) -> DestinataireLu:
    qui = enfant(destinataire, "intendedRecipient")
    nom, prenom = nom_prenom(enfant(qui, "informationRecipient", "name"))
    structure = enfant(qui, "receivedOrganization")
    telecoms = [attribut(t, "value") for e in (qui, structure) for t in enfants(e, "telecom")]
    return DestinataireLu(
        identifiant=_meilleur_id(qui, OID_PS), nom=nom, prenom=prenom,
        structure=texte(enfant(structure, "name")),
        structure_id=_meilleur_id(structure, OID_STRUCTURE),
        telecoms=tuple(filter(None, telecoms)))


def _remplace(racine: etree._Element) -> str | None:
    """Identifier of the version that this one replaces (RPLC)."""
    for lien in enfants(racine, "relatedDocument"):
        if lien.get("typeCode", "RPLC") == "RPLC":
            return identifiant(enfant(lien, "parentDocument", "id"))
    return None
