"""A lot of documents as an ebXML request: METADATA.XML of an archive and TD2.1 of the DMP.

`spec/cda.md` §12.1 and §12.2, `spec/dmp.md` §6. One writer for both, so that what leaves by mail
and what leaves for the DMP carry the same metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from app.documents.texte import propre
from app.documents.types import Code
from app.documents.xds_entree import (
    SYSTEME_VISIBILITE,
    AuteurXds,
    EntreeXds,
    dtm_utc,
    patients_des,
)

LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
OBJET_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
NOEUD_LOT = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
ID_LOT, ID_SIGNATURE = "SubmissionSet01", "Signature01"

#: Default contentTypeCode; the value set could not be seen, so it stays a parameter.
CONSULTATION = Code("07", "Consultation", "1.2.250.1.213.2.2")

_DOC = {"auteur": "93606bcf-9494-43ec-9b4e-a7748d1a838d",
        "classe": "41a5887f-8865-4c09-adf7-e362475b143a",
        "type": "f0306f51-975f-434e-a61c-c59651d33983",
        "format": "a09d5840-386c-46f2-b5ad-9c3699a4309d",
        "confidentialite": "f4f85eac-e6cb-4883-b524-f2705394840f",
        "secteur": "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
        "cadre": "cccf5598-8b07-4b77-a05e-ae952c785ead",
        "acte": "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
        "patient": "58a6f841-87b3-4a3e-92fd-a8ffeff98427",
        "unique": "2e82c1f6-a085-4c72-9da3-8640a32e42ab"}
_LOT = {"auteur": "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d",
        "contenu": "aa543740-bdda-424e-8c96-df4873be8500",
        "patient": "6b5aea1a-874d-4603-a4bc-96a0a7b38446",
        "source": "554ac39e-e3fe-47fe-b233-965d2a147832",
        "unique": "96fdda7c-d067-4183-912e-bf5ee74998a8"}


@dataclass(frozen=True, slots=True)
class Soumission:
    """The submission set: its OID, the OID of the installation, a title, when it was made.

    `auteurs` default to those of the documents; for the DMP they must hold the connected
    professional (EX_2.1-1140).
    """

    unique_id: str
    source_id: str
    titre: str
    date: datetime
    contenu: Code = CONSULTATION
    auteurs: tuple[AuteurXds, ...] = ()
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class SignatureXds:
    """The signature document of a DMP lot: its OID, when it was made."""

    unique_id: str
    date: datetime


@dataclass(frozen=True, slots=True)
class FichierXdm:
    """Where a document lies in an archive. `action`: « C » (new version), « D », or empty."""

    uri: str
    action: str = ""


def id_document(numero: int) -> str:
    """Local id of the n-th document (from 1) inside the request: `Document01`."""
    return f"Document{numero:02d}"


def lot_xds(entrees: Sequence[EntreeXds], soumission: Soumission,
            signature: SignatureXds | None = None, *,
            fichiers: Sequence[FichierXdm] = ()) -> etree._Element:
    """Build the `lcm:SubmitObjectsRequest` of a lot.

    Args:
        entrees: documents, in order; their local ids are `id_document(1)`, …
        soumission: the submission set.
        signature: the signature document (DMP only); its local id is `ID_SIGNATURE`.
        fichiers: one a document for an archive: hash, size and URI are then written.

    Raises:
        ValueError: no document, or documents of several patients.
    """
    patient = patients_des(entrees)
    if fichiers and len(fichiers) != len(entrees):
        raise ValueError("one file a document")
    racine = etree.Element(f"{{{LCM}}}SubmitObjectsRequest", nsmap={"lcm": LCM, "rim": RIM})
    liste = _el(racine, "RegistryObjectList")
    _lot(liste, soumission, patient, entrees)
    for n, entree in enumerate(entrees, 1):
        _document(liste, id_document(n), entree, fichiers[n - 1] if fichiers else None)
    if signature is not None:
        _signature(liste, signature, soumission, entrees[0])
    numero = 0
    membres = [id_document(n) for n in range(1, len(entrees) + 1)]
    for membre in [*membres, *([ID_SIGNATURE] if signature else [])]:
        numero += 1
        lien = _association(liste, numero, HAS_MEMBER, ID_LOT, membre)
        _slot(lien, "SubmissionSetStatus", "Original")
    if signature is not None:
        numero += 1
        # As the official sample has it, the « signs » association carries the slot too.
        lien = _association(liste, numero, SIGNS, ID_SIGNATURE, ID_LOT)
        _slot(lien, "SubmissionSetStatus", "Original")
    for n, entree in enumerate(entrees, 1):
        if entree.remplace_entry_uuid:
            numero += 1
            _association(liste, numero, RPLC, id_document(n), entree.remplace_entry_uuid)
    return racine


# --- Objects ------------------------------------------------------------------------------------

class _Ids:
    """Ids of the classifications of one object: its own id with a number."""

    def __init__(self, objet: str) -> None:
        self.objet, self.numero = objet, 0

    def suivant(self, lettre: str) -> str:
        """The next id."""
        self.numero += 1
        return f"{self.objet}-{lettre}{self.numero:02d}"


def _lot(liste: etree._Element, lot: Soumission, patient: str,
         entrees: Sequence[EntreeXds]) -> None:
    paquet = _el(liste, "RegistryPackage", id=ID_LOT)
    ids = _Ids(ID_LOT)
    _slot(paquet, "submissionTime", dtm_utc(lot.date))
    _libelle(paquet, "Name", lot.titre)
    if lot.commentaire:
        _libelle(paquet, "Description", lot.commentaire)
    _el(paquet, "Classification", id=ids.suivant("c"), classifiedObject=ID_LOT,
        classificationNode=NOEUD_LOT)
    auteurs = lot.auteurs or tuple(dict.fromkeys(a for e in entrees for a in e.auteurs))
    for auteur in auteurs:
        _auteur(paquet, ids, _LOT["auteur"], auteur)
    _classification(paquet, ids, _LOT["contenu"], lot.contenu)
    for nom, valeur, libelle in (("patient", patient, "XDSSubmissionSet.patientId"),
                                 ("source", lot.source_id, "XDSSubmissionSet.sourceId"),
                                 ("unique", lot.unique_id, "XDSSubmissionSet.uniqueId")):
        _externe(paquet, ids, _LOT[nom], valeur, libelle)


def _document(liste: etree._Element, local: str, entree: EntreeXds,
              fichier: FichierXdm | None) -> None:
    objet = _el(liste, "ExtrinsicObject", id=local, mimeType=entree.mime_type,
                objectType=OBJET_DOCUMENT)
    ids = _Ids(local)
    if fichier is not None:
        _slot(objet, "URI", fichier.uri)
        _slot(objet, "hash", entree.sha1)
        _slot(objet, "size", str(entree.taille))
        if fichier.action:
            _slot(objet, "urn:action:extraMetadataSlot", fichier.action)
    _slot(objet, "creationTime", entree.date_creation)
    _slot(objet, "languageCode", entree.langue)
    _slot(objet, "serviceStartTime", entree.debut)
    if entree.fin:
        _slot(objet, "serviceStopTime", entree.fin)
    if entree.responsable:
        _slot(objet, "legalAuthenticator", entree.responsable)
    _slot(objet, "sourcePatientId", entree.patient_local)
    if entree.patient_infos:
        _slot(objet, "sourcePatientInfo", *entree.patient_infos)
    if entree.references:
        _slot(objet, "urn:ihe:iti:xds:2013:referenceIdList", *entree.references)
    _libelle(objet, "Name", entree.titre)
    for auteur in entree.auteurs:
        _auteur(objet, ids, _DOC["auteur"], auteur)
    codes = [("classe", entree.classe), ("type", entree.type), ("format", entree.format),
             *(("confidentialite", c) for c in entree.confidentialites),
             ("secteur", entree.secteur), ("cadre", entree.cadre),
             *(("acte", a) for a in entree.actes)]
    for nom, valeur in codes:
        _classification(objet, ids, _DOC[nom], valeur)
    _externe(objet, ids, _DOC["patient"], entree.patient, "XDSDocumentEntry.patientId")
    _externe(objet, ids, _DOC["unique"], entree.unique_id, "XDSDocumentEntry.uniqueId")


def _signature(liste: etree._Element, signature: SignatureXds, lot: Soumission,
               premier: EntreeXds) -> None:
    objet = _el(liste, "ExtrinsicObject", id=ID_SIGNATURE, mimeType="text/xml",
                objectType=OBJET_DOCUMENT)
    ids = _Ids(ID_SIGNATURE)
    instant = dtm_utc(signature.date)
    _slot(objet, "creationTime", instant)
    _slot(objet, "languageCode", "art")
    _slot(objet, "serviceStartTime", instant)
    if premier.responsable:
        _slot(objet, "legalAuthenticator", premier.responsable)
    _slot(objet, "sourcePatientId", premier.patient)
    if premier.patient_infos:
        _slot(objet, "sourcePatientInfo", *premier.patient_infos)
    _libelle(objet, "Name", "Source")
    for auteur in lot.auteurs or premier.auteurs:
        _auteur(objet, ids, _DOC["auteur"], auteur)
    marques = (premier.confidentialites[0],
               Code("MASQUE_PS", "Masqué aux professionnels de santé", SYSTEME_VISIBILITE),
               Code("INVISIBLE_PATIENT", "Non visible par le patient", SYSTEME_VISIBILITE))
    codes = [("classe", Code("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "Digital Signature", "URN")),
             ("type", Code("E1762", "Full Document", "ASTM")),
             ("format", Code("http://www.w3.org/2000/09/xmldsig#",
                             "http://www.w3.org/2000/09/xmldsig#", "URN")),
             *(("confidentialite", m) for m in marques),
             ("secteur", premier.secteur), ("cadre", premier.cadre),
             ("acte", Code("1.2.840.10065.1.12.1.14", "Source", "1.2.840.10065.1.12"))]
    for nom, valeur in codes:
        _classification(objet, ids, _DOC[nom], valeur)
    _externe(objet, ids, _DOC["patient"], premier.patient, "XDSDocumentEntry.patientId")
    _externe(objet, ids, _DOC["unique"], signature.unique_id, "XDSDocumentEntry.uniqueId")


# --- Bricks -------------------------------------------------------------------------------------

def _el(parent: etree._Element, nom: str, **attributs: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{RIM}}}{nom}",
                            {cle: propre(v) for cle, v in attributs.items()})


def _slot(parent: etree._Element, nom: str, *valeurs: str) -> None:
    liste = _el(_el(parent, "Slot", name=nom), "ValueList")
    for valeur in valeurs:
        _el(liste, "Value").text = propre(valeur)


def _libelle(parent: etree._Element, nom: str, texte: str) -> None:
    libelle = _el(_el(parent, nom), "LocalizedString", charset="UTF8", value=texte)
    libelle.set("{http://www.w3.org/XML/1998/namespace}lang", "FR")


def _classification(parent: etree._Element, ids: _Ids, schema: str, valeur: Code) -> None:
    objet = _el(parent, "Classification", id=ids.suivant("c"), classifiedObject=ids.objet,
                classificationScheme=f"urn:uuid:{schema}", nodeRepresentation=valeur.code)
    _slot(objet, "codingScheme", valeur.systeme)
    _libelle(objet, "Name", valeur.libelle)


def _auteur(parent: etree._Element, ids: _Ids, schema: str, auteur: AuteurXds) -> None:
    objet = _el(parent, "Classification", id=ids.suivant("c"), classifiedObject=ids.objet,
                classificationScheme=f"urn:uuid:{schema}", nodeRepresentation="")
    for nom, valeur in (("authorInstitution", auteur.institution),
                        ("authorPerson", auteur.personne), ("authorRole", auteur.role),
                        ("authorSpecialty", auteur.specialite)):
        if valeur:
            _slot(objet, nom, valeur)


def _externe(parent: etree._Element, ids: _Ids, schema: str, valeur: str, libelle: str) -> None:
    objet = _el(parent, "ExternalIdentifier", id=ids.suivant("e"), registryObject=ids.objet,
                identificationScheme=f"urn:uuid:{schema}", value=valeur)
    _libelle(objet, "Name", libelle)


def _association(liste: etree._Element, numero: int, genre: str, source: str,
                 cible: str) -> etree._Element:
    return _el(liste, "Association", id=f"Association{numero:02d}", associationType=genre,
               sourceObject=source, targetObject=cible)
