"""What INSi checks before it answers (`spec/ins.md` §4.2, §4.4).

Only `desir_550` and `DESIR_560` are official; the codes that begin with `bas_` are the bac à
sable's own, for refusals whose official number is not known.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID

from app.sandbox.appel import Appel, ou_du_certificat
from app.sandbox.certificats import OID_TYPE_CARTE, STRUCTURE_PROXY
from app.sandbox.lecture_xml import Element, enfant, enfants, texte
from app.sandbox.saml import FORMAT_X509, assertions, dn, lire_instant, verifier_signature
from app.sandbox.signature_xml import SignatureRefusee
from app.sandbox.soap import FauteSoap, Message, xml

NS_BAM = "urn:siram:bam:ctxbam"
NS_LPS = "urn:siram:lps:ctxlps"
IDAM = "NUMAUTOR0000"
_AGE_MAX = timedelta(hours=1)
_CN_AUTORISES = ("INSI-AUTO", "INSI-MANU")


def faute_siram(code: str, message: str, *, severite: str = "erreur", message_id: str = ""
                ) -> FauteSoap:
    """A technical error of INSi: siram_100 and one `siram:Erreur`."""
    detail = (f'<siram:Erreur xmlns:siram="urn:siram" severite="{severite}" code="{xml(code)}" '
              f'messageID="{xml(message_id)}">{xml(message)}</siram:Erreur>')
    return FauteSoap("siram_100", message, detail=detail)


@dataclass(frozen=True, slots=True)
class Contexte:
    """What the headers say, once checked."""

    emetteur: str
    couverture: Element


def controler_entetes(message: Message, instant: datetime) -> Contexte:
    """ContexteBAM and ContexteLPS: versions, ids, clocks, authorisation number.

    Raises
    ------
    FauteSoap
        The first thing that is wrong.
    """
    bam = next(iter(enfants(message.entete, "ContexteBAM", NS_BAM)), None)
    lps = next(iter(enfants(message.entete, "ContexteLPS", NS_LPS)), None)
    if bam is None or lps is None:
        raise faute_siram("bas_contexte", "Le contexte BAM ou LPS est absent")
    couverture = enfant(bam, "COUVERTURE")
    if bam.get("Version") != "01_02" or couverture is None:
        raise faute_siram("bas_contexte", "Le contexte BAM est incorrect")
    if lps.get("Nature") != "CTXLPS" or lps.get("Version") != "01_00":
        raise faute_siram("bas_contexte", "Le contexte LPS est incorrect")
    for contexte in (bam, lps):
        _uuid(texte(contexte, "Id"), "Id")
        temps = lire_instant(texte(contexte, "Temps"))
        if temps is None or abs(instant - temps) > _AGE_MAX:
            raise faute_siram("bas_temps", "Temps absent ou trop éloigné")
    idam = enfant(lps, "LPS", "IDAM")
    if idam is None or idam.get("R") != "4" or texte(idam) != IDAM:
        raise faute_siram("desir_550", "Numero d'autorisation du logiciel inconnu")
    _uuid(texte(lps, "LPS", "Instance"), "Instance")
    if not texte(lps, "LPS", "Version") or not texte(lps, "LPS", "Nom"):
        raise faute_siram("bas_contexte", "Version ou nom du logiciel absent")
    emetteur = texte(lps, "Emetteur")
    if not emetteur or texte(bam, "Emetteur") not in ("", emetteur):
        raise faute_siram("bas_emetteur", "Émetteur absent ou différent d’un contexte à l’autre")
    return Contexte(emetteur, couverture)


def _uuid(valeur: str, nom: str) -> None:
    try:
        uuid.UUID(re.sub(r"^(urn:)?uuid:", "", valeur))
    except ValueError as e:
        raise faute_siram("bas_contexte", f"{nom} n’est pas un UUID") from e


def controler_assertion(appel: Appel, message: Message, sujet: str, emetteur: str) -> None:
    """The PS assertion: required behind the API PSC, NameID = professional of the token.

    Parameters
    ----------
    sujet
        SubjectNameID of the bearer token.

    Raises
    ------
    FauteSoap
        Absent, of another person, too old, wrongly signed.
    """
    lues = assertions(message.securite)
    if not lues:
        raise faute_siram("bas_assertion", "Assertion du professionnel absente")
    assertion = lues[0]
    instant = appel.etat.horloge.utc()
    if assertion.format_emetteur != FORMAT_X509 or not assertion.emetteur:
        raise faute_siram("bas_assertion", "Issuer incorrect")
    if assertion.element.get("Version") != "2.0" or not assertion.id:
        raise faute_siram("bas_assertion", "Assertion SAML 2.0 attendue")
    if assertion.emission is None or abs(instant - assertion.emission) > _AGE_MAX:
        raise faute_siram("bas_assertion", "Assertion expirée")
    if assertion.name_id != sujet:
        raise faute_siram("bas_assertion",
                          "Le professionnel de l’assertion n’est pas celui du jeton")
    if emetteur != sujet:
        raise faute_siram("bas_emetteur", "L’émetteur n’est pas le professionnel du jeton")
    try:
        signature = verifier_signature(assertion, appel.etat.pki.charger_certificat("ca"),
                                       datetime.now(UTC))
    except SignatureRefusee as e:
        appel.noter(signature=f"refusée: {e}")
        raise faute_siram("bas_signature", "Signature de l’assertion incorrecte") from e
    appel.noter(signature=signature.algorithme if signature else "absente",
                qualificatif=assertion.qualificatif,
                secteur=assertion.valeur("SecteurActivite").partition("^")[0])


def controler_certificat(appel: Appel, emetteur: str) -> None:
    """Organisation certificate mode: the CN decides, the sender is the OU (`ins.md` §4.2).

    Raises
    ------
    FauteSoap
        DESIR_560, a structure that nobody knows, a revoked certificate, or a sender that is not
        the structure of the certificate.
    """
    certificat = appel.certificat
    noms = ([] if certificat is None
            else certificat.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    if certificat is None or not noms or noms[0].value not in _CN_AUTORISES:
        raise faute_siram("DESIR_560", "Droits insuffisants")
    structure = ou_du_certificat(certificat)
    appel.noter(mode="certificat_structure", structure=structure, cn=str(noms[0].value))
    if structure not in appel.etat.psc.structures() | {STRUCTURE_PROXY}:
        raise faute_siram("DESIR_560", "Droits insuffisants")
    if certificat.serial_number in appel.etat.certificats_revoques:
        raise faute_siram("bas_certificat", "Le certificat de la structure est révoqué")
    if emetteur != structure:
        raise faute_siram("bas_emetteur", "L’émetteur n’est pas la structure du certificat")


def controler_cps(appel: Appel, message: Message, emetteur: str) -> None:
    """Direct mode: the assertion must be signed by the signature key of a CPS.

    Raises
    ------
    FauteSoap
        Absent, unsigned, signed by anything else, of an unknown or another person.
    """
    lues = assertions(message.securite)
    if not lues:
        raise faute_siram("bas_assertion", "Assertion du professionnel absente")
    assertion = lues[0]
    instant = appel.etat.horloge.utc()
    if assertion.emission is None or abs(instant - assertion.emission) > _AGE_MAX:
        raise faute_siram("bas_assertion", "Assertion expirée")
    try:
        signature = verifier_signature(assertion, appel.etat.pki.charger_certificat("ca"),
                                       datetime.now(UTC))
        if signature is None:
            raise SignatureRefusee("the assertion is not signed")
        titulaire, genre = _porteur(signature.certificat)
    except SignatureRefusee as e:
        appel.noter(signature=f"refusée: {e}")
        raise faute_siram("bas_signature", "Signature de l’assertion incorrecte") from e
    appel.noter(mode="cps_assertion", sujet=assertion.name_id, signature=signature.algorithme,
                qualificatif=assertion.qualificatif)
    if signature.certificat.serial_number in appel.etat.certificats_revoques:
        raise faute_siram("bas_certificat", "La carte est révoquée")
    if assertion.format_emetteur != FORMAT_X509 or assertion.emetteur != dn(
            signature.certificat.subject):
        raise faute_siram("bas_assertion", "Issuer différent du sujet du certificat")
    if assertion.name_id != titulaire or assertion.qualificatif != genre:
        raise faute_siram("bas_assertion", "NameID différent du titulaire de la carte")
    if titulaire not in appel.etat.psc.professionnels:
        raise faute_siram("bas_assertion", "Professionnel inconnu")
    if emetteur != titulaire:
        raise faute_siram("bas_emetteur", "L’émetteur n’est pas le titulaire de la carte")


def _porteur(certificat: x509.Certificate) -> tuple[str, str]:
    """CN of the holder and kind of the card; a certificate without that kind is no card's."""
    noms = certificat.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        valeur = certificat.extensions.get_extension_for_oid(OID_TYPE_CARTE).value
    except x509.ExtensionNotFound as e:
        raise SignatureRefusee("not the certificate of a CPS") from e
    assert isinstance(valeur, x509.UnrecognizedExtension)
    genres = {0: "CPS", 1: "CPF", 2: "CDE-CPE", 3: "CPA"}
    return (str(noms[0].value) if noms else ""), genres.get(valeur.value[-1], "CPX")
