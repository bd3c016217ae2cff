"""ebXML of the registry: writing entries and answers, names of the schemes (`spec/dmp.md` §6)."""

from dataclasses import dataclass

from app.sandbox.dmp.modele import REPOSITORY, Association, AuteurXds, Code, Fiche, Soumission
from app.sandbox.soap import xml

NS_RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
NS_RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
NS_LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
NS_QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
NS_XDS = "urn:ihe:iti:xds-b:2007"
NS_XOP = "http://www.w3.org/2004/08/xop/include"

SUCCES = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
ECHEC = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
PARTIEL = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
_SEVERITE = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:"

OBJET_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
NOEUD_SOUMISSION = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
#: Classification schemes of a document entry.
AUTEUR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASSE = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
CONFIDENTIALITE = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
ETABLISSEMENT = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
CADRE = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
EVENEMENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
ID_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ID_UNIQUE = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
#: Schemes of a submission set.
SS_AUTEUR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SS_CONTENU = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SS_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SS_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SS_UNIQUE = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"


class ErreurXds(Exception):
    """A refusal that leaves as a RegistryError (`spec/dmp.md` §10)."""

    def __init__(self, code: str, contexte: str) -> None:
        super().__init__(contexte)
        self.code, self.contexte = code, contexte


@dataclass(frozen=True, slots=True)
class Erreur:
    """One line of a RegistryErrorList."""

    code: str
    contexte: str
    severite: str = "Error"


def slot(nom: str, *valeurs: str) -> str:
    """A Slot, or nothing without value."""
    if not any(valeurs):
        return ""
    liste = "".join(f"<Value>{xml(v)}</Value>" for v in valeurs)
    return f'<Slot name="{nom}"><ValueList>{liste}</ValueList></Slot>'


def _nom(balise: str, texte: str) -> str:
    return (f'<{balise}><LocalizedString xml:lang="FR" charset="UTF8" value="{xml(texte)}"/>'
            f"</{balise}>")


def _classification(schema: str, objet: str, numero: int, code: Code) -> str:
    return (f'<Classification id="{objet}-c{numero}" classificationScheme="{schema}" '
            f'classifiedObject="{objet}" nodeRepresentation="{xml(code.code)}">'
            f"{slot('codingScheme', code.scheme)}{_nom('Name', code.libelle)}</Classification>")


def _auteur(schema: str, objet: str, numero: int, auteur: AuteurXds) -> str:
    return (f'<Classification id="{objet}-a{numero}" classificationScheme="{schema}" '
            f'classifiedObject="{objet}" nodeRepresentation="">'
            f"{slot('authorInstitution', *auteur.institutions)}"
            f"{slot('authorPerson', *auteur.personnes)}{slot('authorRole', *auteur.roles)}"
            f"{slot('authorSpecialty', *auteur.specialites)}</Classification>")


def _identifiant(schema: str, objet: str, nom: str, valeur: str) -> str:
    return (f'<ExternalIdentifier id="{objet}-{nom.rsplit(".", 1)[1]}" registryObject="{objet}" '
            f'identificationScheme="{schema}" value="{xml(valeur)}">{_nom("Name", nom)}'
            "</ExternalIdentifier>")


def fiche(f: Fiche, *, hash_: str | None = None, taille: int | None = None) -> str:
    """An ExtrinsicObject; `hash_` and `taille` override the true ones (fault `hash_faux`)."""
    codes = [(CLASSE, f.classe), (TYPE, f.type), (FORMAT, f.format),
             (ETABLISSEMENT, f.etablissement), (CADRE, f.cadre),
             *[(CONFIDENTIALITE, c) for c in f.confidentialites],
             *[(EVENEMENT, c) for c in f.evenements]]
    description = _nom("Description", f.description) if f.description else ""
    return (
        f'<ExtrinsicObject xmlns="{NS_RIM}" id="{f.entry_uuid}" lid="{f.lid}" '
        f'mimeType="{f.mime}" objectType="{OBJET_DOCUMENT}" status="{f.statut.value}">'
        + slot("creationTime", f.creation) + slot("hash", f.hash if hash_ is None else hash_)
        + slot("languageCode", f.langue) + slot("legalAuthenticator", f.valideur)
        + slot("repositoryUniqueId", REPOSITORY) + slot("serviceStartTime", f.debut)
        + slot("serviceStopTime", f.fin)
        + slot("size", str(len(f.contenu) if taille is None else taille))
        + slot("sourcePatientId", f.source_patient_id)
        + slot("sourcePatientInfo", *f.source_patient_info) + _nom("Name", f.titre) + description
        + f'<VersionInfo versionName="{f.version}"/>'
        + "".join(_auteur(AUTEUR, f.entry_uuid, n, a) for n, a in enumerate(f.auteurs))
        + "".join(_classification(s, f.entry_uuid, n, c) for n, (s, c) in enumerate(codes))
        + _identifiant(ID_PATIENT, f.entry_uuid, "XDSDocumentEntry.patientId", f.patient_id)
        + _identifiant(ID_UNIQUE, f.entry_uuid, "XDSDocumentEntry.uniqueId", f.unique_id)
        + "</ExtrinsicObject>")


def soumission(s: Soumission) -> str:
    """A RegistryPackage with its classification."""
    return (
        f'<RegistryPackage xmlns="{NS_RIM}" id="{s.entry_uuid}" '
        f'status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">'
        + slot("submissionTime", s.heure) + _nom("Name", s.titre)
        + f'<Classification id="{s.entry_uuid}-n" classifiedObject="{s.entry_uuid}" '
          f'classificationNode="{NOEUD_SOUMISSION}"/>'
        + "".join(_auteur(SS_AUTEUR, s.entry_uuid, n, a) for n, a in enumerate(s.auteurs))
        + _classification(SS_CONTENU, s.entry_uuid, 0, s.contenu)
        + _identifiant(SS_PATIENT, s.entry_uuid, "XDSSubmissionSet.patientId", s.patient_id)
        + _identifiant(SS_SOURCE, s.entry_uuid, "XDSSubmissionSet.sourceId", s.source_id)
        + _identifiant(SS_UNIQUE, s.entry_uuid, "XDSSubmissionSet.uniqueId", s.unique_id)
        + "</RegistryPackage>")


def association(a: Association) -> str:
    """An Association."""
    return (f'<Association xmlns="{NS_RIM}" id="{a.id}" associationType="{a.type}" '
            f'sourceObject="{a.source}" targetObject="{a.cible}">'
            f"{slot('SubmissionSetStatus', a.statut)}</Association>")


def reference(identifiant: str) -> str:
    """An ObjectRef."""
    return f'<ObjectRef xmlns="{NS_RIM}" id="{identifiant}"/>'


def _erreurs(erreurs: list[Erreur]) -> str:
    if not erreurs:
        return ""
    pire = "Error" if any(e.severite == "Error" for e in erreurs) else "Warning"
    lignes = "".join(
        f'<rs:RegistryError errorCode="{xml(e.code)}" codeContext="{xml(e.contexte)}" '
        f'severity="{_SEVERITE}{e.severite}" location=""/>' for e in erreurs)
    return (f'<rs:RegistryErrorList highestSeverity="{_SEVERITE}{pire}">{lignes}'
            "</rs:RegistryErrorList>")


def reponse_registre(statut: str, erreurs: list[Erreur] | None = None) -> str:
    """A RegistryResponse."""
    return (f'<rs:RegistryResponse xmlns:rs="{NS_RS}" status="{statut}">{_erreurs(erreurs or [])}'
            "</rs:RegistryResponse>")


def reponse_requete(statut: str, objets: list[str], erreurs: list[Erreur] | None = None) -> str:
    """An AdhocQueryResponse."""
    return (f'<q:AdhocQueryResponse xmlns:q="{NS_QUERY}" xmlns:rs="{NS_RS}" status="{statut}" '
            f'startIndex="0" totalResultCount="{len(objets)}">{_erreurs(erreurs or [])}'
            f'<RegistryObjectList xmlns="{NS_RIM}">{"".join(objets)}</RegistryObjectList>'
            "</q:AdhocQueryResponse>")
