"""TD0.2 (and its twin TD1.3a), TD0.3 (`spec/dmp.md` §5)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.dmp import droits
from app.sandbox.dmp.modele import DUREE_AUTORISATION, Autorisation, Dossier
from app.sandbox.dmp.vihf import Vihf
from app.sandbox.lecture_xml import NS_HL7, Element, enfant, texte
from app.sandbox.soap import FauteSoap, xml

_MOTIFS = {"TEST_EXST": "TD0.2", "CNSLT_DATA": "TD1.3a"}
_LIBELLES_FERMETURE = {"FERMETURE_DEMANDE_PATIENT": "Fermeture à la demande du patient",
                       "DECES": "Décès du patient"}
_ORG = "1.2.250.1.213.4.1.1.1"


@dataclass(frozen=True, slots=True)
class Question:
    """A PRPA_IN201307UV02 that was read."""

    motif: str
    racine: str
    extension: str
    requete_racine: str
    requete_extension: str
    patient_oid: str
    patient: str


def motif(corps: Element) -> str:
    """Transaction asked for by the reasonCode, empty when it is unknown."""
    noeud = enfant(corps, "controlActProcess", "reasonCode")
    return _MOTIFS.get("" if noeud is None else noeud.get("code", ""), "")


def lire_question(corps: Element) -> Question:
    """Check the message of TD0.2 and read it.

    Raises
    ------
    FauteSoap
        A part that the sample message has is missing.
    """
    def attribut(nom: str, *chemin: str) -> str:
        noeud = enfant(corps, *chemin)
        valeur = "" if noeud is None else noeud.get(nom, "")
        if not valeur:
            raise FauteSoap("DMPInvalidRequest", f"{'/'.join(chemin)}/@{nom} absent")
        return valeur

    if corps.tag != f"{{{NS_HL7}}}PRPA_IN201307UV02" or corps.get("ITSVersion") != "XML_1.0":
        raise FauteSoap("DMPInvalidRequest", "PRPA_IN201307UV02 attendu")
    if attribut("extension", "interactionId") != "PRPA_IN201307UV02":
        raise FauteSoap("DMPInvalidRequest", "interactionId incorrect")
    attribut("value", "creationTime")
    for nom in ("processingCode", "processingModeCode", "acceptAckCode"):
        attribut("code", nom)
    if attribut("root", "receiver", "device", "id") != _ORG:
        raise FauteSoap("DMPInvalidRequest", "receiver incorrect")
    attribut("root", "sender", "device", "id")
    if not motif(corps):
        raise FauteSoap("DMPInvalidRequest", "reasonCode inconnu")
    base = ("controlActProcess", "queryByParameter")
    if attribut("code", *base, "statusCode") != "new":
        raise FauteSoap("DMPInvalidRequest", "statusCode doit valoir new")
    valeur = (*base, "parameterList", "patientIdentifier", "value")
    return Question(motif(corps), attribut("root", "id"), attribut("extension", "id"),
                    attribut("root", *base, "queryId"), attribut("extension", *base, "queryId"),
                    attribut("root", *valeur), attribut("extension", *valeur))


def repondre(question: Question, dossier: Dossier | None, vihf: Vihf, instant: datetime, *,
             erreur: str = "") -> str:
    """PRPA_IN201308UV02. `erreur` gives an AE acknowledgement with that code."""
    if not erreur and (question.patient, question.patient_oid) != (vihf.matricule, vihf.oid):
        erreur = "DMPInvalidRequest"
    existe = dossier is not None and dossier.etat != "absent"
    attention = ""
    if not erreur and existe and dossier is not None:
        statut = dossier.autorisation(vihf.professionnel, instant)
        attention = (
            '<attentionLine><keyWordText code="AUTORISATION" codeSystem='
            '"1.2.250.1.213.4.1.2.6.1"/><value xsi:type="CV" code="' + statut + '" codeSystem='
            '"1.2.250.1.213.4.1.2.6.2"/></attentionLine><attentionLine><keyWordText '
            'code="STATUT_MT" codeSystem="1.2.250.1.213.4.1.2.6.3"/><value xsi:type="BL" '
            'value="false"/></attentionLine>')
    detail = "" if not erreur else (
        f'<acknowledgementDetail typeCode="E"><code code="{xml(erreur)}"/>'
        "<text>La demande n’a pas pu être traitée</text></acknowledgementDetail>")
    sujet = "" if erreur or dossier is None or not existe else _sujet(dossier, question.motif)
    reponse = "AE" if erreur else ("OK" if existe else "NF")
    raison = _fermeture(dossier) if sujet and dossier is not None else ""
    code = "TEST_EXST" if question.motif == "TD0.2" else "CNSLT_DATA"
    return (
        f'<PRPA_IN201308UV02 xmlns="{NS_HL7}" xmlns:xsi='
        '"http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">'
        f'<id root="{_ORG}" extension="{uuid.uuid4()}"/>'
        f'<creationTime value="{instant:%Y%m%d%H%M%S}"/>'
        '<interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201308UV02"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>'
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{xml(question.racine)}"/></device></receiver>'
        f'<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id '
        f'root="{_ORG}"/><softwareName>DMP</softwareName></device></sender>{attention}'
        f'<acknowledgement typeCode="{"AE" if erreur else "AA"}"><targetMessage><id '
        f'root="{xml(question.racine)}" extension="{xml(question.extension)}"/></targetMessage>'
        f'{detail}</acknowledgement><controlActProcess classCode="CACT" moodCode="EVN">'
        f'<reasonCode code="{code}" codeSystem="1.2.250.1.213.1.1.4.11"/>{sujet}{raison}'
        f'<queryAck><queryId root="{xml(question.requete_racine)}" '
        f'extension="{xml(question.requete_extension)}"/><queryResponseCode code="{reponse}"/>'
        "</queryAck></controlActProcess></PRPA_IN201308UV02>")


def _observation(code: str, systeme: str, valeur: bool) -> str:
    return ('<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
            f'<code code="{code}" codeSystem="{systeme}"/><value xsi:type="BL" '
            f'value="{str(valeur).lower()}"/></administrativeObservation></subjectOf>')


def _sujet(dossier: Dossier, transaction: str) -> str:
    p = dossier.personne
    ferme = dossier.etat == "ferme"
    observations = (
        _observation("RATTACHEMENT_ENS", "1.2.250.1.213.4.1.2.3", dossier.rattache_mes)
        + _observation("COMPTE_INTERNET_OUVERT", "1.2.250.1.213.4.1.2.9", dossier.rattache_mes))
    if transaction == "TD1.3a":
        observations += (
            _observation("OPPOSITION_BRIS_DE_GLACE", "1.2.250.1.213.4.1.2.3",
                         dossier.opposition_bris_de_glace)
            + _observation("OPPOSITION_ACCES_URGENCE", "1.2.250.1.213.4.1.2.3",
                           dossier.opposition_urgence))
    return (
        '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" '
        'moodCode="EVN"><statusCode code="completed"/><subject1 typeCode="SBJ"><patient '
        f'classCode="PAT"><id root="{p.oid}" extension="{p.matricule}"/><statusCode '
        f'code="{"terminated" if ferme else "active"}"/><patientPerson classCode="PSN" '
        f'determinerCode="INSTANCE"><name><given>{xml(p.prenom)}</given><family qualifier="SP">'
        f'NON RENSEIGNE</family><family qualifier="BR">{xml(p.nom)}</family></name>'
        f'<administrativeGenderCode code="{p.sexe}"/>'
        f'<birthTime value="{p.date_naissance.replace("-", "")}"/></patientPerson>{observations}'
        '</patient></subject1><custodian typeCode="CST"><assignedEntity classCode="ASSIGNED"><id '
        f'root="{_ORG}"/></assignedEntity></custodian></registrationEvent></subject>')


def _fermeture(dossier: Dossier) -> str:
    if dossier.etat != "ferme":
        return ""
    jour = "" if dossier.ferme_le is None else dossier.ferme_le.strftime("%Y%m%d")
    libelle = _LIBELLES_FERMETURE.get(dossier.motif_fermeture, "DMP fermé")
    return ('<reasonOf typeCode="RSON"><detectedIssueEvent classCode="ALRT" moodCode="EVN">'
            f'<code code="{xml(dossier.motif_fermeture)}" codeSystem="1.2.250.1.213.4.1.2.4" '
            f'displayName="{xml(libelle)}"/><text>{xml(libelle)}</text>'
            f'<effectiveTime value="{jour}"/></detectedIssueEvent></reasonOf>')


def autoriser(corps: Element, dossier: Dossier | None, vihf: Vihf, instant: datetime
              ) -> tuple[str, str]:
    """TD0.3: add or remove one's own authorisation.

    Returns
    -------
    status and context of the answer.
    """
    action, role = texte(corps, "action"), texte(corps, "role")
    if action not in ("AJOUT", "SUPPRESSION"):
        raise FauteSoap("DMPInvalidRequest", "Action inconnue")
    libelle = "se déclarer" if action == "AJOUT" else "supprimer son"
    if role or droits.droit("TD0.3", libelle, vihf.acces, vihf.profession,
                            indirecte=vihf.indirecte) != "oui":
        raise FauteSoap("DMPAccessDeniedByRightsService",
                        "Vos droits ne permettent pas cette transaction")
    if dossier is None or dossier.etat == "absent":
        return "DMPNotFound", "Le patient n’a pas de DMP"
    if dossier.etat == "ferme":
        return "DMPPatientClosed", "Le DMP du patient est fermé"
    actuelle = dossier.autorisation(vihf.professionnel, instant)
    if action == "SUPPRESSION":
        dossier.autorisations[vihf.professionnel] = Autorisation(instant)
        return "DMPOk", ""
    if actuelle == "INTERDIT":
        return "DMPAccessDenied", "Le patient a bloqué l’accès de ce professionnel"
    deja = actuelle == "VALIDE"
    dossier.autorisations[vihf.professionnel] = Autorisation(instant + DUREE_AUTORISATION)
    return "DMPOk", "Le professionnel était déjà autorisé" if deja else ""


def reponse_autorisation(statut: str, contexte: str) -> str:
    """Body of the answer of TD0.3."""
    return ('<setAuthorizationResponse xmlns="urn:si-dmp-habilitations"><output><status>'
            f"{xml(statut)}</status><context>{xml(contexte)}</context></output>"
            "</setAuthorizationResponse>")
