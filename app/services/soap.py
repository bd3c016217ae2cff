"""SOAP 1.2: envelopes out, answers in (`spec/dmp.md` §3, `spec/ins.md` §4).

Answers are read by namespace; SOAP 1.1 envelopes are read too, since the editor package labels one
of its samples so. An HTTP 500 usually carries a fault: the status decides only when the body
isn't SOAP.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from app.services import mtom
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
from app.services.noms import nom_service, texte_propre
from app.services.xml_sur import ajouter, element, enfant, enfants, lire_xml, nom_local

NS_SOAP = "http://www.w3.org/2003/05/soap-envelope"
NS_SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
NS_WSA = "http://www.w3.org/2005/08/addressing"
NS_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ANONYME = "http://www.w3.org/2005/08/addressing/anonymous"


@dataclass(frozen=True, slots=True)
class DetailFaute:
    """One `siram:Erreur` of a fault's detail."""

    code: str
    severite: str = ""
    texte: str = ""


@dataclass(frozen=True, slots=True)
class Faute:
    """A SOAP fault. Codes are local names (prefixes vary); the official texts are verbatim."""

    code: str
    sous_codes: tuple[str, ...] = ()
    raison: str = ""
    details: tuple[DetailFaute, ...] = ()

    @property
    def code_officiel(self) -> str:
        """What the user may quote to the support, e.g. « siram_100 / desir_550 »."""
        codes = [*self.sous_codes, *(detail.code for detail in self.details if detail.code)]
        return " / ".join(dict.fromkeys(codes)) or self.code

    @property
    def texte(self) -> str:
        """The sentence of the service: its reason, then those of its details."""
        textes = [self.raison, *(detail.texte for detail in self.details)]
        return texte_propre(" – ".join(dict.fromkeys(t for t in textes if t)))


@dataclass(frozen=True, slots=True)
class ReponseSoap:
    """An answer: either `faute`, or the first element of the body. `parties` are MTOM parts."""

    message_id: str
    contenu: etree._Element | None
    faute: Faute | None = None
    parties: Mapping[str, bytes] = field(default_factory=dict)


def nouvel_identifiant(prefixe: str = "urn:uuid:") -> str:
    """A fresh MessageID. DMP wants `urn:uuid:`, INSi `uuid:`."""
    return f"{prefixe}{uuid.uuid4()}"


def type_contenu(action: str) -> str:
    """HTTP content type of a plain SOAP 1.2 request."""
    return f'application/soap+xml; charset=UTF-8; action="{action}"'


def entetes_adressage(action: str, message_id: str, adresse: str) -> list[etree._Element]:
    """WS-Addressing headers as the DMP wants them (`spec/dmp.md` §3)."""
    def entete(nom: str, texte: str | None, obligatoire: bool = False) -> etree._Element:
        noeud = element(f"{{{NS_WSA}}}{nom}", {None: NS_WSA})
        noeud.text = texte
        if obligatoire:
            noeud.set(f"{{{NS_SOAP}}}mustUnderstand", "true")
        return noeud

    retour = entete("ReplyTo", None, True)
    ajouter(retour, f"{{{NS_WSA}}}Address", ANONYME)
    return [entete("MessageID", message_id), entete("To", adresse), retour,
            entete("Action", action, True)]


def securite(assertions: Sequence[etree._Element]) -> etree._Element:
    """The `wsse:Security` block holding the SAML assertions."""
    bloc = element(f"{{{NS_WSSE}}}Security", {"wsse": NS_WSSE})
    bloc.extend(assertions)
    return bloc


def enveloppe(entetes: Sequence[etree._Element], contenu: etree._Element) -> bytes:
    """Serialise a SOAP 1.2 envelope in UTF-8.

    The elements are moved into the envelope. Nothing is indented: a signed assertion must keep
    every one of its characters.
    """
    racine = element(f"{{{NS_SOAP}}}Envelope", {"soap": NS_SOAP})
    ajouter(racine, f"{{{NS_SOAP}}}Header").extend(entetes)
    ajouter(racine, f"{{{NS_SOAP}}}Body").append(contenu)
    return bytes(etree.tostring(racine, encoding="UTF-8", xml_declaration=True))


def lire_reponse(corps: bytes, content_type: str, status: int = 200, *, service: str,
                 message_id: str = "", relates_to_exige: bool = True) -> ReponseSoap:
    """Read an answer, plain or multipart.

    Args:
        corps: the body.
        content_type: its media type.
        status: the HTTP status; only looked at when the body isn't SOAP.
        service: short name of the service, for the errors.
        message_id: MessageID of our request; "" skips the check of RelatesTo.
        relates_to_exige: refuse an answer without RelatesTo (faults excepted: a server that
            could not read the request doesn't know its MessageID).

    Raises:
        Indisponible: an HTTP error or a web page instead of SOAP.
        SessionExpiree, Refuse: HTTP 401, 403.
        Invalide: not SOAP, truncated, or the answer to another request.
    """
    parties: Mapping[str, bytes] = {}
    genre = mtom.parametres(content_type)[0]
    if genre == "multipart/related":
        try:
            message = mtom.lire(corps, content_type, service=service)
        except Invalide:
            if status >= 500:
                raise erreur_http(status, service) from None
            raise
        corps, parties = message.racine, message.parties
    elif not _ressemble_a_du_xml(genre, corps):
        raise erreur_http(status, service)
    try:
        racine = lire_xml(corps, service=service)
    except Invalide:
        if status >= 400:
            raise erreur_http(status, service) from None
        raise
    espace = etree.QName(racine).namespace
    if nom_local(racine) != "Envelope" or espace not in (NS_SOAP, NS_SOAP11):
        if status >= 400:
            raise erreur_http(status, service)
        raise Invalide(f"{nom_service(service)} n’a pas renvoyé une enveloppe SOAP.",
                       service=service)
    bloc = racine.find(f"{{{espace}}}Body")
    contenu = None if bloc is None else next(iter(bloc), None)
    if contenu is None:
        raise Invalide(f"{nom_service(service)} a renvoyé une enveloppe vide.", service=service)
    faute = lire_faute(contenu) if nom_local(contenu) == "Fault" else None
    _verifier_relates_to(racine, espace, message_id, service,
                         exige=relates_to_exige and faute is None)
    if faute is None and status >= 400:
        raise erreur_http(status, service)
    return ReponseSoap(message_id, None if faute else contenu, faute, parties)


def _ressemble_a_du_xml(genre: str, corps: bytes) -> bool:
    """True when the body may be SOAP: XML media type, and not a web page."""
    if "html" in genre or genre == "application/json":
        return False
    debut = corps[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if debut.startswith((b"<!doctype html", b"<html")):
        return False
    return "xml" in genre or debut.startswith(b"<") or corps[:2] in (b"\xff\xfe", b"\xfe\xff")


def _verifier_relates_to(racine: etree._Element, espace: str | None, message_id: str,
                         service: str, *, exige: bool) -> None:
    if not message_id:
        return
    entete = racine.find(f"{{{espace}}}Header")
    liens = [] if entete is None else entete.findall(f"{{{NS_WSA}}}RelatesTo")
    valeurs = [(lien.text or "").strip() for lien in liens]
    if (valeurs and message_id not in valeurs) or (exige and not valeurs):
        raise Invalide(f"{nom_service(service)} a renvoyé la réponse à une autre demande.",
                       service=service, remede=Remede.REESSAYER)


def erreur_http(status: int, service: str) -> ErreurService:
    """The error of an answer that isn't SOAP (`spec/dmp.md` §10, first line)."""
    sujet, code = nom_service(service), f"HTTP {status}"
    if status == 401:
        return SessionExpiree(f"{sujet} n’accepte plus votre session. Reconnectez-vous.",
                              service=service, code=code)
    if status == 403:
        return Refuse(f"{sujet} refuse l’accès à cette demande.", service=service, code=code,
                      classe=ClasseErreur.AUTH)
    if status == 413:
        return Rejete(f"{sujet} refuse cette demande, trop volumineuse.", service=service,
                      code=code)
    if status in (408, 425, 429) or status >= 500:
        return Indisponible(f"{sujet} est momentanément indisponible.", service=service, code=code,
                            incertain=status not in (425, 429, 503))
    if status == 404:
        return Indisponible(f"{sujet} est introuvable à l’adresse réglée.", service=service,
                            code=code, remede=Remede.ETAT_SERVICES)
    if 200 <= status < 300:
        return Indisponible(f"{sujet} a répondu par une page qui ne lui ressemble pas.",
                            service=service, code=code, incertain=True)
    return Invalide(f"{sujet} n’accepte pas cette demande.", service=service, code=code)


def lire_faute(faute: etree._Element) -> Faute:
    """Read a fault, SOAP 1.2 (Code/Subcode/Reason) or 1.1 (faultcode/faultstring)."""
    code = enfant(faute, "Code")
    if code is None:
        ancien = enfant(faute, "faultcode")
        sous = () if ancien is None else (_sans_prefixe(ancien.text),)
        return Faute(code=sous[0] if sous else "", sous_codes=(),
                     raison=_texte(enfant(faute, "faultstring")),
                     details=_details(enfant(faute, "detail")))
    sous_codes: list[str] = []
    sous_code = enfant(code, "Subcode")
    while sous_code is not None and len(sous_codes) < 5:
        sous_codes.append(_sans_prefixe(_texte(enfant(sous_code, "Value"))))
        sous_code = enfant(sous_code, "Subcode")
    return Faute(code=_sans_prefixe(_texte(enfant(code, "Value"))),
                 sous_codes=tuple(c for c in sous_codes if c),
                 raison=_raison(enfant(faute, "Reason")), details=_details(enfant(faute, "Detail")))


def _raison(raison: etree._Element | None) -> str:
    """The reason, in French when the service offers it."""
    textes = [] if raison is None else list(enfants(raison, "Text"))
    langue = "{http://www.w3.org/XML/1998/namespace}lang"
    francais = [noeud for noeud in textes if str(noeud.get(langue, "")).startswith("fr")]
    return _texte(next(iter(francais or textes), None))


def _details(detail: etree._Element | None) -> tuple[DetailFaute, ...]:
    if detail is None:
        return ()
    erreurs = [noeud for noeud in detail.iter(etree.Element) if nom_local(noeud) == "Erreur"]
    return tuple(DetailFaute(code=str(noeud.get("code", "")).strip(),
                             severite=str(noeud.get("severite", "")).strip(), texte=_texte(noeud))
                 for noeud in erreurs[:10])


def _texte(noeud: etree._Element | None) -> str:
    return "" if noeud is None else " ".join("".join(map(str, noeud.itertext())).split())


def _sans_prefixe(valeur: str | None) -> str:
    return (valeur or "").strip().rpartition(":")[2]
