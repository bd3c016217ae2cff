"""TD0.2: does the DMP exist, is it open, may I (`spec/dmp.md` §5).

The traits of the answer are never read: they must not be shown (RG_0320).
"""

import uuid
from datetime import UTC, datetime

from lxml import etree

from app.domain.dmp import AutorisationDmp, EtatDmp
from app.services.dmp_erreurs import erreur, exiger
from app.services.errors import Invalide, Remede
from app.services.logiciel import IdentiteLogiciel
from app.services.noms import texte_propre
from app.services.soap import ReponseSoap
from app.services.xml_sur import ajouter, attribut, element, texte

NS_HL7 = "urn:hl7-org:v3"
ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"
OID_DMP = "1.2.250.1.213.4.1.1.1"
OID_RAISONS = "1.2.250.1.213.1.1.4.11"


def requete(logiciel: IdentiteLogiciel, matricule_ins: str, oid: str) -> etree._Element:
    """PRPA_IN201307UV02 with the reason TEST_EXST."""
    corps = element(_h("PRPA_IN201307UV02"), {None: NS_HL7}, {"ITSVersion": "XML_1.0"})

    def ligne(parent: etree._Element, nom: str, **attributs: str) -> etree._Element:
        return ajouter(parent, _h(nom), None, attributs)

    ligne(corps, "id", root=f"{logiciel.oid}.1.1", extension=str(uuid.uuid4()))
    ligne(corps, "creationTime", value=datetime.now(UTC).strftime("%Y%m%d%H%M%S"))
    ligne(corps, "interactionId", root="2.16.840.1.113883.1.6", extension="PRPA_IN201307UV02")
    ligne(corps, "processingCode", code="D")
    ligne(corps, "processingModeCode", code="T")
    ligne(corps, "acceptAckCode", code="AL")
    for nom, genre, root, logiciel_nom in (("receiver", "RCV", OID_DMP, "DMP"),
                                           ("sender", "SND", logiciel.oid, logiciel.nom)):
        appareil = ligne(ligne(corps, nom, typeCode=genre), "device", classCode="DEV",
                         determinerCode="INSTANCE")
        ligne(appareil, "id", root=root)
        ajouter(appareil, _h("softwareName"), logiciel_nom)
    acte = ligne(corps, "controlActProcess", classCode="CACT", moodCode="EVN")
    ligne(acte, "reasonCode", code="TEST_EXST", codeSystem=OID_RAISONS,
          displayName="Test d'existence de dossier")
    parametres = ligne(acte, "queryByParameter")
    ligne(parametres, "queryId", root=f"{logiciel.oid}.2", extension=str(uuid.uuid4()))
    ligne(parametres, "statusCode", code="new")
    identifiant = ligne(ligne(parametres, "parameterList"), "patientIdentifier")
    ligne(identifiant, "value", root=oid, extension=matricule_ins)
    ajouter(identifiant, _h("semanticsText"), "Patient.id")
    return corps


def lire(reponse: ReponseSoap, matricule_ins: str) -> EtatDmp:
    """Read PRPA_IN201308UV02.

    Raises:
        Invalide: not this answer, or the answer for another patient.
        Refuse, Rejete: acknowledgement AE or AR, or a fault.
    """
    corps = exiger(reponse, "PRPA_IN201308UV02")
    acquittement = attribut(corps, _h("acknowledgement"), "typeCode")
    acte = corps.find(_h("controlActProcess"))
    code_requete = attribut(acte, f"{_h('queryAck')}/{_h('queryResponseCode')}", "code")
    maintenant = datetime.now().astimezone().isoformat(timespec="seconds")
    code, detail = _detail(corps)
    if code_requete == "NF" or code == "DMPNotFound":
        return EtatDmp(existe=False, ouvert=False, autorisation=AutorisationDmp.NON_EXISTE,
                       verifie_le=maintenant)
    if acquittement != "AA" or code_requete in ("AE", "QE"):
        raise erreur(code or code_requete or acquittement or "?", detail,
                     contexte="Le DMP n’a pas pu vérifier l’existence du dossier")
    patient = corps.find(f".//{_h('registrationEvent')}/{_h('subject1')}/{_h('patient')}")
    if patient is None:
        raise Invalide("Le DMP a renvoyé une réponse sans patient.", service="dmp",
                       remede=Remede.REESSAYER)
    if attribut(patient, _h("id"), "extension") != matricule_ins:
        raise Invalide("Le DMP a renvoyé la réponse d’un autre patient. Elle n’est pas utilisée.",
                       service="dmp", remede=Remede.REESSAYER)
    observations = {attribut(obs, _h("code"), "code"): attribut(obs, _h("value"), "value")
                    for obs in patient.iter(_h("administrativeObservation"))}
    rattache = observations.get("RATTACHEMENT_ENS")
    ouvert = attribut(patient, _h("statusCode"), "code") == "active"
    return EtatDmp(
        existe=True, ouvert=ouvert, autorisation=_autorisation(corps), verifie_le=maintenant,
        motif_fermeture="" if ouvert else _motif_fermeture(corps),
        rattache_mes=None if rattache is None else rattache == "true",
        medecin_traitant=_ligne(corps, "STATUT_MT").get("value") == "true")


def _autorisation(corps: etree._Element) -> AutorisationDmp:
    code = str(_ligne(corps, "AUTORISATION").get("code", ""))
    try:
        return AutorisationDmp(code)
    except ValueError:
        # No line, or a word of a later version: nothing says that we may.
        return AutorisationDmp.NON_EXISTE


def _ligne(corps: etree._Element, mot: str) -> dict[str, str]:
    """Attributes of the value of an attentionLine."""
    for ligne in corps.iter(_h("attentionLine")):
        if attribut(ligne, _h("keyWordText"), "code") == mot:
            valeur = ligne.find(_h("value"))
            return {} if valeur is None else {str(k): str(v) for k, v in valeur.attrib.items()}
    return {}


def _detail(corps: etree._Element) -> tuple[str, str]:
    detail = corps.find(f"{_h('acknowledgement')}/{_h('acknowledgementDetail')}")
    return attribut(detail, _h("code"), "code"), texte(detail, _h("text"))


def _motif_fermeture(corps: etree._Element) -> str:
    """Why a DMP is closed: text of the detected issue, else its label or code."""
    for evenement in corps.iter(_h("detectedIssueEvent")):
        code = evenement.find(_h("code"))
        motif = (texte(evenement, _h("text")) or attribut(code, ".", "displayName")
                 or attribut(code, ".", "code"))
        if motif:
            return texte_propre(motif, 200)
    return ""


def _h(nom: str) -> str:
    return f"{{{NS_HL7}}}{nom}"
