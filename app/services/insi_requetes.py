"""What is said to INSi (`spec/ins.md` §4.2, §4.3): contexts, headers, the three bodies.

The body of the verification has its own serialiser: only fragments of its WSDL were found, so it
is the one part to replace when the real one is there.
"""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from app.domain import dates
from app.domain.identity import COG_INCONNU, OID_NIA, Beneficiaire, Identite, Traits
from app.domain.people import ProfilUtilisateur
from app.services import soap
from app.services.assertion import attribut_texte, debuter, finir, instant, saml
from app.services.errors import Rejete, Remede
from app.services.logiciel import IdentiteLogiciel
from app.services.signature import Signataire
from app.services.vihf import OID_SECTEURS
from app.services.xml_sur import ajouter, element

NS_TRAITS = "http://www.cnamts.fr/INSiRecSans"
NS_VITALE = "http://www.cnamts.fr/INSiRecVit"
NS_VERIFICATION = "http://www.cnamts.fr/INSiLot2/REPUnitaire"
NS_BAM = "urn:siram:bam:ctxbam"
NS_LPS = "urn:siram:lps:ctxlps"

ACTION_TRAITS = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"
ACTION_VITALE = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecCarteVitale"
ACTION_VERIFICATION = "urn:ServiceIdentiteCertifiee:2.0.0:verifierInsAvecTraitsIdentite"

#: `spec/ins.md` §1.4: what may leave for INSi. A whole list of given names has spaces.
_NOM = re.compile(r"[A-Z]+(?:(?:-{1,2}|[' ])[A-Z]+)*")
_PRENOM = re.compile(r"[A-Z'\- ]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NIR = re.compile(r"[0-9]{6}[0-9A-Z][0-9]{6}[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Emetteur:
    """Who asks: SubjectNameID of the professional, and the sector of the situation if known."""

    identifiant: str
    secteur: str = ""

    @classmethod
    def de(cls, qui: ProfilUtilisateur | str) -> "Emetteur":
        """From the profile of the session, or from a bare national id."""
        if isinstance(qui, str):
            return cls(qui)
        secteur = qui.situations[0].secteur if qui.situations else ""
        return cls(qui.subject_name_id, secteur)


def assertion_ps(emetteur: Emetteur, logiciel: IdentiteLogiciel, signataire: Signataire | None,
                 maintenant: datetime | None = None, *, porteur: str = "CPX") -> etree._Element:
    """PS assertion (`spec/ins.md` §4.2).

    Args:
        porteur: NameQualifier: kind of the card that signs; CPX for a software key, whose
            certificate names no kind of card.
    """
    assertion = debuter("saml", logiciel, signataire, maintenant or datetime.now(UTC))
    ajouter(ajouter(assertion, saml("Subject")), saml("NameID"), emetteur.identifiant,
            {"NameQualifier": porteur})
    if emetteur.secteur:
        enonce = ajouter(assertion, saml("AttributeStatement"))
        attribut_texte(enonce, "SecteurActivite", f"{emetteur.secteur}^{OID_SECTEURS}")
    return finir(assertion, signataire)


def enveloppe_insi(action: str, message_id: str, corps: etree._Element, *, emetteur: Emetteur,
                   logiciel: IdentiteLogiciel, assertions: Sequence[etree._Element],
                   couverture: etree._Element | None = None) -> bytes:
    """The whole request: ContexteBAM, ContexteLPS, Action, MessageID, Security, body.

    Without assertion there is no Security: in the mode of the organisation certificate, TLS says
    who calls.
    """
    maintenant = datetime.now(UTC)
    entetes = [_contexte_bam(emetteur, maintenant, couverture),
               _contexte_lps(emetteur, logiciel, maintenant)]
    for nom, valeur in (("Action", action), ("MessageID", message_id)):
        entete = element(f"{{{soap.NS_WSA}}}{nom}", {"wsa": soap.NS_WSA})
        entete.text = valeur
        entetes.append(entete)
    if assertions:
        entetes.append(soap.securite(assertions))
    return soap.enveloppe(entetes, corps)


def _contexte_bam(emetteur: Emetteur, maintenant: datetime,
                  couverture: etree._Element | None) -> etree._Element:
    contexte = element(_bam("ContexteBAM"), {"bam": NS_BAM}, {"Version": "01_02"})
    ajouter(contexte, _bam("Id"), str(uuid.uuid4()))
    ajouter(contexte, _bam("Temps"), instant(maintenant))
    ajouter(contexte, _bam("Emetteur"), emetteur.identifiant)
    contexte.append(element(_bam("COUVERTURE"), {"bam": NS_BAM}) if couverture is None
                    else couverture)
    return contexte


def _contexte_lps(emetteur: Emetteur, logiciel: IdentiteLogiciel,
                  maintenant: datetime) -> etree._Element:
    contexte = element(_lps("ContexteLPS"), {"lps": NS_LPS},
                       {"Nature": "CTXLPS", "Version": "01_00"})
    ajouter(contexte, _lps("Id"), str(uuid.uuid4()))
    ajouter(contexte, _lps("Temps"), instant(maintenant))
    ajouter(contexte, _lps("Emetteur"), emetteur.identifiant)
    lps = ajouter(contexte, _lps("LPS"))
    ajouter(lps, _lps("IDAM"), logiciel.idam, {"R": "4"})
    ajouter(lps, _lps("Version"), logiciel.version)
    ajouter(lps, _lps("Instance"), _uuid(logiciel.instance))
    nom = re.sub(r"[^A-Za-z0-9._-]", "", _sans_accents(logiciel.nom))
    ajouter(lps, _lps("Nom"), f"urn:lps:{nom}:{logiciel.version}")
    return contexte


def corps_traits(traits: Traits, prenom: str, *, avec_cog: bool) -> etree._Element:
    """RECSANSVITALE: birth name, one given name (or the whole list), sex, date, COG if asked.

    COG 99999 never leaves (`spec/ins.md` §1.7).

    Raises:
        Rejete: a trait that INSi can't take; nothing was sent.
    """
    _exiger(_NOM.fullmatch(traits.nom_naissance), "le nom de naissance")
    _exiger(_PRENOM.fullmatch(prenom) and prenom.strip(" -'"), "le prénom de naissance")
    _exiger(traits.sexe in ("M", "F"), "le sexe (masculin ou féminin)")
    _exiger(_DATE.fullmatch(traits.date_naissance), "la date de naissance")
    corps = element(f"{{{NS_TRAITS}}}RECSANSVITALE", {"r": NS_TRAITS})
    champs = [("NomNaissance", traits.nom_naissance), ("Prenom", prenom), ("Sexe", traits.sexe),
              ("DateNaissance", traits.date_naissance)]
    if avec_cog and traits.lieu_naissance not in ("", COG_INCONNU):
        champs.append(("LieuNaissance", traits.lieu_naissance))
    for nom, valeur in champs:
        ajouter(corps, f"{{{NS_TRAITS}}}{nom}", valeur)
    return corps


def corps_vitale(beneficiaire: Beneficiaire, nir_ouvrant: str) -> etree._Element:
    """RECVITALE: NIR at the position of the beneficiary (maybe the opener's), birth date, rank.

    Raises:
        Rejete: the card gives no NIR, or no birth date.
    """
    nir = _nir(beneficiaire, nir_ouvrant)
    corps = element(f"{{{NS_VITALE}}}RECVITALE", {"r": NS_VITALE})
    matricule = ajouter(corps, f"{{{NS_VITALE}}}MatriculeOD")
    for nom, valeur in (("NumIdentifiant", nir[:13]), ("Cle", nir[13:]), ("TypeMatricule", "NIR")):
        ajouter(matricule, f"{{{NS_VITALE}}}{nom}", valeur)
    ajouter(corps, f"{{{NS_VITALE}}}DateNaissance", _naissance(beneficiaire))
    ajouter(corps, f"{{{NS_VITALE}}}RangNaissance", str(beneficiaire.rang))
    return corps


def couverture_vitale(beneficiaire: Beneficiaire, nir_ouvrant: str) -> etree._Element:
    """COUVERTURE of ContexteBAM, as far as a card read without a CPS tells (`spec/cards.md` §1.4).

    Régime, caisse and centre are not readable: they are left out.
    """
    nir = _nir(beneficiaire, nir_ouvrant)
    couverture = element(_bam("COUVERTURE"), {"bam": NS_BAM})
    assure = ajouter(ajouter(couverture, _bam("ASSURE")), _bam("Id"))
    ajouter(assure, _bam("Num"), nir[:13])
    ajouter(assure, _bam("Cle"), nir[13:])
    personne = ajouter(couverture, _bam("BENEFICIAIRE"))
    ajouter(personne, _bam("DateNai"), _naissance(beneficiaire))
    ajouter(personne, _bam("Rang"), str(beneficiaire.rang))
    ajouter(personne, _bam("Porteur"), "1" if beneficiaire.position == 0 else "0")
    return couverture


def corps_verification(identite: Identite) -> etree._Element:
    """VERIFINS: our own form of the lot 2 request (`spec/ins.md` §4.5, marked [D] there).

    Raises:
        Rejete: the identity has no matricule to verify.
    """
    _exiger(len(identite.matricule_ins) == 15 and identite.oid, "un matricule INS")
    traits = identite.traits

    def lot2(parent: etree._Element, nom: str, valeur: str | None = None) -> etree._Element:
        return ajouter(parent, f"{{{NS_VERIFICATION}}}{nom}", valeur)

    corps = element(f"{{{NS_VERIFICATION}}}VERIFINS", {"v": NS_VERIFICATION})
    individu = lot2(corps, "IndividuVerifie")
    fourni = lot2(individu, "INSFourni")
    numero = lot2(fourni, "IdIndividu")
    lot2(numero, "NumIdentifiant", identite.matricule_ins[:13])
    lot2(numero, "Cle", identite.matricule_ins[13:])
    lot2(numero, "TypeMatricule", "NIA" if identite.oid == OID_NIA else "NIR")
    lot2(fourni, "OID", identite.oid)
    personne = lot2(individu, "TraitsIdentiteIndividu")
    lot2(personne, "NomNaissance", traits.nom_naissance)
    if traits.premier_prenom:
        lot2(personne, "Prenom", traits.premier_prenom)
    lot2(personne, "ListePrenom", traits.prenoms or traits.premier_prenom)
    lot2(personne, "Sexe", traits.sexe)
    lot2(personne, "DateNaissance", traits.date_naissance)
    if traits.lieu_naissance not in ("", COG_INCONNU):
        lot2(personne, "LieuNaissance", traits.lieu_naissance)
    return corps


def _nir(beneficiaire: Beneficiaire, nir_ouvrant: str) -> str:
    nir = "".join((beneficiaire.nir or nir_ouvrant).split()).upper()
    if _NIR.fullmatch(nir) is None:
        raise Rejete("La carte ne donne pas de numéro pour cette personne\u00a0: cherchez-la par "
                     "ses traits d’identité.", service="insi", code="CARTE-SANS-NIR",
                     remede=Remede.COMPLETER_IDENTITE)
    return nir


def _naissance(beneficiaire: Beneficiaire) -> str:
    naissance = dates.depuis_carte(beneficiaire.date_naissance_brute)
    if _DATE.fullmatch(naissance) is None:
        raise Rejete("La carte ne donne pas de date de naissance utilisable\u00a0: cherchez cette "
                     "personne par ses traits d’identité.", service="insi",
                     code="CARTE-SANS-DATE", remede=Remede.COMPLETER_IDENTITE)
    return naissance


def _exiger(condition: object, quoi: str) -> None:
    if not condition:
        raise Rejete(f"L’appel INSi demande {quoi} sous une forme valable. Rien n’a été envoyé.",
                     service="insi", code="TRAITS", remede=Remede.COMPLETER_IDENTITE)


def _uuid(instance: str) -> str:
    """The installation as a UUID: itself, or the one that its identifier (an OID) names."""
    try:
        return str(uuid.UUID(instance))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, instance))


def _sans_accents(texte: str) -> str:
    return unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()


def _bam(nom: str) -> str:
    return f"{{{NS_BAM}}}{nom}"


def _lps(nom: str) -> str:
    return f"{{{NS_LPS}}}{nom}"
