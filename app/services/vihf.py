"""VIHF: the SAML assertion that every DMP call carries (`spec/dmp.md` §4).

How a mode of access fills it is a row of `PROFILS`. The row of the API PSC is our default: its
exact content wasn't found in any source.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from app.services.assertion import NS_XSI, attribut_texte, debuter, finir, instant, saml
from app.services.logiciel import IdentiteLogiciel
from app.services.signature import Signataire, exiger_signataire
from app.services.xml_sur import ajouter

NS_HL7 = "urn:hl7-org:v3"
OID_PROFESSIONS = "1.2.250.1.71.1.2.7"
OID_SAVOIR_FAIRE = "1.2.250.1.71.4.2.5"
OID_SECTEURS = "1.2.250.1.71.4.2.4"
OID_MODE_ACCES = "1.2.250.1.213.1.1.4.248"
OID_CONFIDENTIALITE = "1.2.250.1.213.1.1.4.13"

#: TRE_G15: the seven professions of the product.
PROFESSIONS = {"50": "Sage-femme", "60": "Infirmier", "69": "Infirmier psychiatrique",
               "70": "Masseur-kinésithérapeute", "80": "Pédicure-podologue",
               "91": "Orthophoniste", "92": "Orthoptiste"}

#: TRE_R248-ModeAcces: code -> label.
MODES_ACCES = {"normal": "Accès normal", "bris_de_glace": "Accès bris de glace",
               "centre_15": "Accès centre de régulation"}


@dataclass(frozen=True, slots=True)
class ProfilVihf:
    """How a mode of access fills the assertion."""

    mode: str
    contexte_authn: str
    version: str = "3.0"
    sujet: bool = True
    """Carry subject-id (« NOM Prénom »)."""
    scelle: bool = False
    """The signature is mandatory: ORG_SIGN of the structure (`spec/dmp.md` §4)."""


PROFILS = {
    "psc": ProfilVihf(
        mode="INDIRECTE",
        contexte_authn="urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered"),
    # The card opens TLS and signs; the professional is there in person (`spec/dmp.md` §4).
    "cps": ProfilVihf(
        mode="DIRECTE", contexte_authn="urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
        sujet=False, scelle=True),
    # The structure answers for its user, whom it knows by the password of the account.
    "certificat_structure": ProfilVihf(
        mode="INDIRECTE", contexte_authn="urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
        scelle=True),
}


@dataclass(frozen=True, slots=True)
class ContexteVihf:
    """Who acts, from where, on whose DMP, and how.

    Args:
        identifiant: national id of the professional (SubjectNameID).
        nom, prenom: of the professional.
        profession: code TRE_G15; `savoir_faire`: code R01, or empty.
        structure: Struct_idNat of the situation d'exercice; `secteur`: code TRE_R02.
        matricule_ins, oid: of the patient, as kept with the identity.
        mode_acces: `normal`, `bris_de_glace` or `centre_15`; `motif` of the bris de glace.
        connecte_le: login time, aware; that of the call when unknown.
        connexion_secrete: documents of a minor invisible to legal representatives.
    """

    identifiant: str
    nom: str
    prenom: str
    profession: str
    structure: str
    secteur: str
    matricule_ins: str
    oid: str
    savoir_faire: str = ""
    mode_acces: str = "normal"
    motif: str = ""
    connecte_le: datetime | None = None
    connexion_secrete: bool = False
    profil: str = "psc"


def construire_vihf(contexte: ContexteVihf, logiciel: IdentiteLogiciel,
                    signataire: Signataire | None,
                    maintenant: datetime | None = None) -> etree._Element:
    """Build the assertion, signed when there is a key.

    Args:
        contexte: who acts on whose DMP.
        logiciel: as shown in « À propos ».
        signataire: software key of the installation, or None.
        maintenant: instant of issue, aware.

    Raises:
        KeyError: unknown profile or access mode.
        Refuse: a profile that must be signed, and no key.
        Indisponible: the certificate is out of its time.
    """
    profil = PROFILS[contexte.profil]
    if profil.scelle:
        exiger_signataire(signataire)
    emis = maintenant or datetime.now(UTC)
    assertion = debuter("saml2", logiciel, signataire, emis)
    ajouter(ajouter(assertion, saml("Subject")), saml("NameID"), contexte.identifiant)
    authn = ajouter(assertion, saml("AuthnStatement"), None,
                    {"AuthnInstant": instant(contexte.connecte_le or emis)})
    ajouter(ajouter(authn, saml("AuthnContext")), saml("AuthnContextClassRef"),
            profil.contexte_authn)
    enonce = ajouter(assertion, saml("AttributeStatement"))
    attribut_texte(enonce, "Identifiant_Structure", contexte.structure)
    attribut_texte(enonce, "Secteur_Activite", f"{contexte.secteur}^{OID_SECTEURS}")
    if profil.sujet:
        attribut_texte(enonce, "urn:oasis:names:tc:xspa:1.0:subject:subject-id",
                       f"{contexte.nom} {contexte.prenom}".strip())
    _roles(enonce, contexte)
    attribut_texte(enonce, "VIHF_Version", profil.version)
    attribut_texte(enonce, "Authentification_mode", profil.mode)
    attribut_texte(enonce, "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
                   identifiant_patient(contexte.matricule_ins, contexte.oid))
    attribut_texte(enonce, "Ressource_URN", "urn:dmp")
    _mode_acces(enonce, contexte)
    if contexte.connexion_secrete:
        attribut_texte(enonce,
                       "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code",
                       f"INVISIBLE_REPRESENTANTS_LEGAUX^{OID_CONFIDENTIALITE}")
    attribut_texte(enonce, "LPS_ID", logiciel.instance)
    attribut_texte(enonce, "LPS_Nom", logiciel.nom)
    attribut_texte(enonce, "LPS_Version", logiciel.version)
    attribut_texte(enonce, "LPS_ID_HOMOLOGATION_DMP", logiciel.homologation_dmp)
    return finir(assertion, signataire)


def identifiant_patient(matricule_ins: str, oid: str) -> str:
    """Patient identifier of type CX: `INS^^^&OID&ISO^NH`."""
    return f"{matricule_ins}^^^&{oid}&ISO^NH"


def _roles(enonce: etree._Element, contexte: ContexteVihf) -> None:
    """Profession first, then the savoir-faire when there is one."""
    porteur = ajouter(enonce, saml("Attribute"), None,
                      {"Name": "urn:oasis:names:tc:xacml:2.0:subject:role"})
    _code(porteur, "Role", contexte.profession, OID_PROFESSIONS, "professions",
          PROFESSIONS.get(contexte.profession, contexte.profession))
    if contexte.savoir_faire:
        _code(porteur, "Role", contexte.savoir_faire, OID_SAVOIR_FAIRE, "specialites RPPS",
              contexte.savoir_faire)


def _mode_acces(enonce: etree._Element, contexte: ContexteVihf) -> None:
    porteur = ajouter(enonce, saml("Attribute"), None,
                      {"Name": "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"})
    _code(porteur, "PurposeOfUse", contexte.mode_acces, OID_MODE_ACCES, "mode acces VIHF 2.0",
          MODES_ACCES[contexte.mode_acces])
    if contexte.motif:
        attribut_texte(enonce, "Mode_Acces_Raison", contexte.motif)


def _code(porteur: etree._Element, nom: str, code: str, systeme: str, nom_systeme: str,
          libelle: str) -> None:
    valeur = ajouter(porteur, saml("AttributeValue"))
    ajouter(valeur, f"{{{NS_HL7}}}{nom}", None,
            {f"{{{NS_XSI}}}type": "CE", "code": code, "codeSystem": systeme,
             "codeSystemName": nom_systeme, "displayName": libelle}, {None: NS_HL7})
