"""Every way the DMP has of saying no, as errors of the family (`spec/dmp.md` §10).

The official code is kept verbatim. A code that isn't in the table is DATA: shown to the user with
the sentence of the DMP, never retried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from app.services.errors import (
    ClasseErreur,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.noms import phrase, texte_propre
from app.services.soap import Faute, ReponseSoap
from app.services.xml_sur import enfant, nom_local

NS_RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
STATUT = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"


@dataclass(frozen=True, slots=True)
class _Regle:
    """How a code is told: class of error, sentence, remedy, class of the outbox."""

    genre: type[ErreurService]
    message: str
    remede: Remede | None = None
    classe: ClasseErreur | None = None


_PATIENT = ClasseErreur.PATIENT_STATE
_DESCRIPTION = _Regle(Rejete, "Le DMP refuse la description du document")
_OCCUPE = _Regle(Indisponible, "Le DMP est trop sollicité pour le moment")
_AUTHENTIFICATION = _Regle(SessionExpiree, "Le DMP n’accepte pas votre authentification")

_REGLES = {
    "DMPInvalidCertificate": _Regle(
        Refuse, "Le DMP n’accepte pas le certificat de signature de cette installation",
        Remede.SIGNALER, ClasseErreur.AUTH),
    "DMPAccessDeniedByRightsService": _Regle(
        Refuse, "Le DMP refuse l’accès\u00a0: vos droits ne le permettent pas, ou le document est "
        "masqué"),
    "DMPAccessDenied": _Regle(Refuse, "Le DMP refuse l’accès\u00a0: vos droits ne le permettent "
                              "pas"),
    "DMPNotFound": _Regle(Refuse, "Ce patient n’a pas de DMP", classe=_PATIENT),
    "DMPPatientClosed": _Regle(Refuse, "Le DMP de ce patient est fermé", classe=_PATIENT),
    "XDSUnknownPatientId": _Regle(
        Refuse, "Le DMP ne connaît pas le matricule INS de ce patient", Remede.QUALIFIER_INS,
        _PATIENT),
    "XDSPatientIdDoesNotMatch": _Regle(
        Rejete, "Le matricule INS de la demande n’est pas celui du document"),
    "XDSDuplicateUniqueIdInRegistry": _Regle(
        Rejete, "Le DMP contient déjà un document avec cet identifiant"),
    "XDSMissingDocument": _DESCRIPTION,
    "XDSMissingDocumentMetadata": _DESCRIPTION,
    "XDSRegistryMetadataError": _DESCRIPTION,
    "XDSRepositoryMetadataError": _DESCRIPTION,
    "XDSNonIdenticalHash": _Regle(
        Rejete, "Le DMP contient déjà un autre document sous cet identifiant"),
    "XDSReplaceFailed": _Regle(
        Rejete, "Le document à remplacer n’est plus la dernière version dans le DMP"),
    "XDSRegistryDeprecatedDocumentError": _Regle(
        Rejete, "Le document à remplacer n’est plus la dernière version dans le DMP"),
    "XDSTooManyResults": _Regle(
        Rejete, "Trop de documents répondent\u00a0: précisez la recherche", Remede.AUCUN),
    "XDSDocumentUniqueIdError": _Regle(
        Rejete, "Ce document n’est plus accessible dans le DMP\u00a0: il a pu être supprimé ou "
        "masqué", Remede.AUCUN),
    "XDSRegistryBusy": _OCCUPE,
    "XDSRepositoryBusy": _OCCUPE,
    "XDSRegistryOutOfResources": _OCCUPE,
    "XDSRepositoryOutOfResources": _OCCUPE,
    "FailedAuthentication": _AUTHENTIFICATION,
    "InvalidSecurity": _AUTHENTIFICATION,
    "InvalidSecurityToken": _AUTHENTIFICATION,
    "MessageExpired": _AUTHENTIFICATION,
    "SecurityTokenUnavailable": _AUTHENTIFICATION,
}

#: Sentences of the real platform whose code isn't known: fragment (lower case) -> rule.
_TEXTES = {
    "ps et structure non liés": _Regle(
        Refuse, "Le DMP ne vous connaît pas dans cette structure", Remede.SIGNALER,
        ClasseErreur.AUTH),
    "structure introuvable ou inactive": _Regle(
        Refuse, "Le DMP ne connaît pas votre structure, ou elle est inactive", Remede.SIGNALER,
        ClasseErreur.AUTH),
    "aucune spécialité dans le vihf": _Regle(
        Refuse, "Le DMP attend une spécialité pour votre profession", Remede.SIGNALER,
        ClasseErreur.AUTH),
    "aucun authorinstitution": _Regle(
        Rejete, "La structure du document n’est pas celle de votre connexion"),
}

_DEMANDE_MAL_FORMEE = ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown")


def erreur(code: str, texte: str = "", *, contexte: str = "") -> ErreurService:
    """The error of an official code and its sentence.

    Args:
        code: as received, without prefix.
        texte: sentence of the DMP.
        contexte: what was asked, when no rule knows the code (« Le DMP refuse le document »).
    """
    propre = texte_propre(texte)
    regle = _REGLES.get(code)
    if regle is None:
        cherche = propre.lower()
        regle = next((r for fragment, r in _TEXTES.items() if fragment in cherche), None)
    if regle is None:
        regle = _Regle(Rejete, contexte or "Le DMP n’a pas accepté la demande")
    return regle.genre(phrase(regle.message, propre), service="dmp", code=code,
                       remede=regle.remede, classe=regle.classe)


def erreur_de_faute(faute: Faute) -> ErreurService:
    """The error of a SOAP fault."""
    for code in (*reversed(faute.sous_codes), *(detail.code for detail in faute.details)):
        if code in _REGLES:
            return erreur(code, faute.texte)
    code = faute.code_officiel
    if faute.code in _DEMANDE_MAL_FORMEE:
        return Invalide(phrase("Le DMP ne comprend pas la demande", faute.texte or code),
                        service="dmp", code=code)
    sans_code_dmp = not faute.sous_codes and not faute.details
    if faute.code in ("Receiver", "Server") and sans_code_dmp:
        return Indisponible(phrase("Le DMP a rencontré une erreur", faute.texte), service="dmp",
                            code=code, incertain=True)
    return erreur(code, faute.texte)


def exiger(reponse: ReponseSoap, *racines: str) -> etree._Element:
    """The body of an answer; a fault or another kind of body is raised.

    Args:
        reponse: the answer.
        racines: local names accepted for the body.
    """
    if reponse.faute is not None:
        raise erreur_de_faute(reponse.faute)
    contenu = reponse.contenu
    if contenu is None or nom_local(contenu) not in racines:
        raise Invalide("Le DMP a renvoyé une réponse d’une autre nature que la demande.",
                       service="dmp", remede=Remede.REESSAYER)
    return contenu


@dataclass(frozen=True, slots=True)
class ErreurXds:
    """One `rs:RegistryError`."""

    code: str
    contexte: str
    grave: bool


def erreurs_xds(reponse: etree._Element) -> tuple[str, Sequence[ErreurXds]]:
    """Status (last part of its URN) and errors of a RegistryResponse or AdhocQueryResponse."""
    statut = str(reponse.get("status", "")).rpartition(":")[2]
    liste = enfant(reponse, "RegistryErrorList")
    erreurs = [] if liste is None else [
        ErreurXds(code=str(noeud.get("errorCode", "")).rpartition(":")[2],
                  contexte=str(noeud.get("codeContext", "")),
                  grave=not str(noeud.get("severity", "")).endswith("Warning"))
        for noeud in liste if nom_local(noeud) == "RegistryError"]
    return statut, erreurs


def verifier_statut(reponse: etree._Element, contexte: str, *,
                    partiel_permis: bool = False) -> None:
    """Raise the error of a RegistryResponse that isn't a success.

    Args:
        reponse: RegistryResponse or AdhocQueryResponse.
        contexte: French sentence (without its end) for a code without a rule.
        partiel_permis: accept PartialSuccess; the caller treats each document alone.
    """
    statut, erreurs = erreurs_xds(reponse)
    if statut == "Success" or (partiel_permis and statut == "PartialSuccess"):
        return
    if not statut:
        raise Invalide("Le DMP a renvoyé une réponse sans statut.", service="dmp",
                       remede=Remede.REESSAYER)
    graves = [e for e in erreurs if e.grave] or list(erreurs)
    # An error that a rule knows says more than a general one beside it.
    connue = next((e for e in graves if e.code in _REGLES), graves[0] if graves else None)
    if connue is None:
        raise erreur(statut, "", contexte=contexte)
    raise erreur(connue.code, connue.contexte, contexte=contexte)
