"""The VIHF: what it must hold and what refuses it (`spec/dmp.md` §4, §22)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.sandbox.appel import Appel, ou_du_certificat
from app.sandbox.dmp.carte import CLASSE, porteur
from app.sandbox.lecture_xml import Element, enfant
from app.sandbox.psc.professionnels import Professionnel
from app.sandbox.saml import FORMAT_X509, Assertion, assertions, dn, verifier_signature
from app.sandbox.signature_xml import SignatureRefusee
from app.sandbox.soap import FauteSoap, Message

_SUJET = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
_RESSOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_USAGE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_CONFIDENTIALITE = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_PROFESSIONS, _SECTEURS = "1.2.250.1.71.1.2.7", "1.2.250.1.71.4.2.4"
_MODE_ACCES = "1.2.250.1.213.1.1.4.248"
_MODES_ACCES = frozenset({"normal", "bris_de_glace", "centre_15"})
_MODES = frozenset({"DIRECTE", "INDIRECTE", "INDIRECTE_RENFORCEE"})
_AGE_MAX = timedelta(minutes=5)
_CX = re.compile(r"([0-9A-Z]{15})\^\^\^&(1\.2\.250\.1\.213\.1\.4\.\d+)&ISO\^NH")
#: Doctors and pharmacists must give a second role (their specialty).
_AVEC_SPECIALITE = frozenset({"10", "21"})


@dataclass(frozen=True, slots=True)
class Vihf:
    """A VIHF that was accepted."""

    professionnel: str
    nom: str
    profession: str
    structure: str
    secteur: str
    matricule: str
    oid: str
    acces: str
    """Access mode: normal, bris_de_glace, centre_15."""
    motif: str
    mode: str
    signature: str
    """Algorithm of the signature, empty when the assertion is not signed."""
    confidentialite: str = ""
    indirecte: bool = False
    """Authenticated by the structure's certificate, not by the professional's session."""
    carte: str = ""
    """Holder of the CPS that opened the connection, empty otherwise."""


def _refus(texte: str, code: str = "DMPInvalidRequest") -> FauteSoap:
    return FauteSoap(code, texte)


def controler(appel: Appel, message: Message, professionnel: Professionnel | None,
              structure_tls: str = "", carte: str = "") -> Vihf:
    """Check the VIHF of a message.

    Parameters
    ----------
    professionnel
        Whose bearer token came with the message; None with a structure certificate: the VIHF then
        names the user, for whom the structure answers.
    structure_tls
        Structure of the client certificate, in that second case.
    carte
        Holder of the CPS that opened the connection, in direct authentication.

    Raises
    ------
    FauteSoap
        `DMPInvalidRequest` (shape), `DMPInvalidCertificate` (signature), `DMPAccessDenied`
        (structure or person).
    """
    lues = assertions(message.securite)
    if len(lues) != 1:
        raise _refus("VIHF absent")
    vihf = lues[0]
    instant = appel.etat.horloge.utc()
    if vihf.element.get("Version") != "2.0" or not re.fullmatch(r"[A-Za-z_][\w.\-]*", vihf.id):
        raise _refus("VIHF : assertion SAML 2.0 attendue")
    if vihf.format_emetteur != FORMAT_X509 or not vihf.emetteur:
        raise _refus("VIHF : Issuer incorrect")
    if vihf.emission is None or abs(instant - vihf.emission) > _AGE_MAX:
        raise _refus("VIHF expiré")
    if vihf.authentifie is None or vihf.authentifie > instant + _AGE_MAX or not vihf.classe:
        raise _refus("VIHF : authentification absente ou postérieure")
    if enfant(vihf.element, "Conditions", "AudienceRestriction") is not None:
        raise _refus("VIHF : AudienceRestriction ne doit pas être renseigné")
    if professionnel is None:
        professionnel = appel.etat.psc.professionnels.get(vihf.name_id)
        if professionnel is None:
            raise _refus("Professionnel inconnu", "DMPAccessDenied")
    if vihf.name_id != professionnel.id:
        raise _refus("Le professionnel du VIHF n’est pas celui du jeton", "DMPAccessDenied")
    signature = _signature(appel, vihf, structure_tls, carte)
    if carte and (_mode(vihf) != "DIRECTE" or vihf.classe != CLASSE):
        raise _refus("VIHF : mode DIRECTE et SmartcardPKI attendus avec une carte")
    if structure_tls:
        if _valeur(vihf, "Identifiant_Structure") != structure_tls:
            raise _refus("Structure du VIHF différente de celle du certificat", "DMPAccessDenied")
        if _mode(vihf) != "INDIRECTE":
            raise _refus("VIHF : mode INDIRECTE attendu avec un certificat de structure")
        if not vihf.valeur(_SUJET):
            raise _refus("VIHF : attribut subject-id absent")
    structure, secteur = _structure(vihf, professionnel)
    matricule, oid = _ressource(vihf)
    acces, motif = _acces(vihf)
    for nom in ("LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP"):
        _valeur(vihf, nom)
    return Vihf(professionnel.id, professionnel.nom, _profession(vihf, professionnel), structure,
                secteur, matricule, oid, acces, motif, _mode(vihf), signature,
                vihf.valeur(_CONFIDENTIALITE), bool(structure_tls), carte)


def _valeur(vihf: Assertion, *noms: str) -> str:
    """Value of the first of these attributes; a missing one is refused."""
    for nom in noms:
        if vihf.valeur(nom):
            return vihf.valeur(nom)
    raise _refus(f"VIHF : attribut {noms[0]} absent")


def _mode(vihf: Assertion) -> str:
    if _valeur(vihf, "VIHF_Version") != "3.0":
        raise _refus("VIHF : version inconnue")
    if _valeur(vihf, "Ressource_URN") != "urn:dmp":
        raise _refus("VIHF : Ressource_URN inconnue")
    # Both spellings live (`spec/dmp.md` §4).
    mode = _valeur(vihf, "Authentification_mode", "Authentification_Mode")
    if mode not in _MODES:
        raise _refus("VIHF : mode d’authentification inconnu")
    return mode


def _structure(vihf: Assertion, professionnel: Professionnel) -> tuple[str, str]:
    structure = _valeur(vihf, "Identifiant_Structure")
    connues = professionnel.structures()
    if not connues:
        raise _refus("Structure introuvable ou Inactive", "DMPAccessDenied")
    if structure not in connues:
        raise _refus("PS et Structure non liés", "DMPAccessDenied")
    secteur, _, systeme = _valeur(vihf, "Secteur_Activite").partition("^")
    if systeme != _SECTEURS or secteur not in professionnel.secteurs():
        raise _refus("VIHF : secteur d’activité incorrect")
    return structure, secteur


def _profession(vihf: Assertion, professionnel: Professionnel) -> str:
    roles = [r for v in vihf.attributs.get(_ROLE, []) for r in v if isinstance(r.tag, str)]
    if not roles:
        raise _refus("VIHF : rôle absent")
    profession = _code(roles[0], _PROFESSIONS)
    if profession not in professionnel.professions:
        raise _refus("VIHF : profession différente de celle du professionnel")
    if profession in _AVEC_SPECIALITE and len(roles) < 2:
        raise _refus("Aucune spécialité dans le vihf")
    return profession


def _code(element: Element, systeme: str) -> str:
    code = element.get("code", "")
    if not code or element.get("codeSystem") != systeme:
        raise _refus("VIHF : code ou codeSystem incorrect")
    return code


def _ressource(vihf: Assertion) -> tuple[str, str]:
    lu = _CX.fullmatch(_valeur(vihf, _RESSOURCE))
    if lu is None:
        raise _refus("VIHF : identifiant du patient mal formé")
    return lu.group(1), lu.group(2)


def _acces(vihf: Assertion) -> tuple[str, str]:
    valeurs = [e for v in vihf.attributs.get(_USAGE, []) for e in v if isinstance(e.tag, str)]
    if not valeurs:
        raise _refus("VIHF : mode d’accès absent")
    acces = _code(valeurs[0], _MODE_ACCES)
    if acces not in _MODES_ACCES:
        raise _refus("VIHF : mode d’accès inconnu")
    motif = vihf.valeur("Mode_Acces_Raison")
    if acces == "bris_de_glace" and not motif:
        raise _refus("VIHF : motif du bris de glace absent")
    return acces, motif


def _signature(appel: Appel, vihf: Assertion, structure_tls: str, carte: str) -> str:
    """Algorithm of the signature, "" without one; a structure must seal, with its own key; what a
    card signs must be signed by that card (`spec/dmp.md` §4)."""
    try:
        lue = verifier_signature(vihf, appel.etat.pki.charger_certificat("ca"),
                                 datetime.now(UTC))
    except SignatureRefusee as e:
        appel.noter(signature=f"refusée: {e}")
        raise _refus("Not a valid signature certificate", "DMPInvalidCertificate") from e
    if lue is None:
        if structure_tls:
            raise _refus("VIHF signé par ORG_SIGN attendu", "DMPInvalidCertificate")
        return ""
    if lue.certificat.serial_number in appel.etat.certificats_revoques:
        raise _refus("Certificat de signature révoqué", "DMPInvalidCertificate")
    if structure_tls and ou_du_certificat(lue.certificat) != structure_tls:
        appel.noter(signature="refusée: another structure")
        raise _refus("Le VIHF est signé par une autre structure", "DMPInvalidCertificate")
    if carte and porteur(lue.certificat) != carte:
        appel.noter(signature="refusée: another card, or none")
        raise _refus("Le VIHF n’est pas signé par la carte", "DMPInvalidCertificate")
    if re.sub(r",\s+", ",", vihf.emetteur) != dn(lue.certificat.subject):
        appel.noter(signature="refusée: Issuer is not the subject of the certificate")
        raise _refus("Issuer différent du sujet du certificat", "DMPInvalidCertificate")
    return lue.algorithme
