"""SOAP 1.2 on the server's side (`spec/dmp.md` §3, §10; `spec/ins.md` §4.2, §4.4)."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from app.sandbox.lecture_xml import (
    NS_SOAP,
    NS_WSA,
    Element,
    XmlRefuse,
    enfant,
    enfants,
    lire,
    nom_local,
    texte,
)

TYPE = "application/soap+xml; charset=utf-8"


class FauteSoap(Exception):
    """A refusal that leaves as a SOAP fault.

    Parameters
    ----------
    code
        Subcode (`DMPInvalidCertificate`, `siram_100`...), empty for none.
    detail
        Serialised content of Detail.
    """

    def __init__(self, code: str, message: str, *, http: int = 500, detail: str = "",
                 emetteur: str = "Sender") -> None:
        super().__init__(message)
        self.code, self.message, self.http = code, message, http
        self.detail, self.emetteur = detail, emetteur


@dataclass(frozen=True, slots=True)
class Message:
    """A request: WS-Addressing, security header, first element of the body."""

    action: str
    message_id: str
    entete: Element | None
    securite: Element | None
    corps: Element


def lire_message(octets: bytes) -> Message:
    """Read an envelope.

    Raises
    ------
    FauteSoap
        Not XML, not SOAP 1.2, or without body.
    """
    try:
        racine = lire(octets)
    except XmlRefuse as e:
        raise FauteSoap("", f"Message illisible : {e}") from e
    if racine.tag != f"{{{NS_SOAP}}}Envelope":
        raise FauteSoap("", "Une enveloppe SOAP 1.2 est attendue")
    entete = next(iter(enfants(racine, "Header", NS_SOAP)), None)
    corps = enfants(next(iter(enfants(racine, "Body", NS_SOAP)), None))
    if len(corps) != 1:
        raise FauteSoap("", "Le corps doit porter un élément et un seul")
    wsa = {nom_local(e): texte(e) for e in enfants(entete, "", NS_WSA)}
    return Message(wsa.get("Action", ""), wsa.get("MessageID", ""), entete,
                   enfant(entete, "Security"), corps[0])


def action_du_type(content_type: str) -> str:
    """The action parameter of an application/soap+xml content type, empty when absent."""
    trouve = re.search(r'action="?([^";]+)"?', content_type)
    return trouve.group(1) if trouve else ""


def controler_adressage(message: Message, content_type: str, actions: frozenset[str],
                        vus: set[str], identifiant: str) -> None:
    """Action known and equal to that of the content type; MessageID well formed and new.

    Parameters
    ----------
    vus
        MessageIDs already received; completed.
    identifiant
        Regular expression of a MessageID.

    Raises
    ------
    FauteSoap
        One of these is wrong.
    """
    if message.action not in actions:
        raise FauteSoap("", f"Action inconnue : {message.action or '(absente)'}")
    annoncee = action_du_type(content_type)
    if annoncee and annoncee != message.action:
        raise FauteSoap("", "L’action du Content-Type n’est pas celle du message")
    if not re.fullmatch(identifiant, message.message_id, re.IGNORECASE):
        raise FauteSoap("", "MessageID absent ou mal formé")
    if message.message_id in vus:
        raise FauteSoap("", "MessageID déjà reçu")
    if len(vus) > 100_000:
        vus.clear()
    vus.add(message.message_id)


def enveloppe(contenu: str, *, action: str = "", relates_to: str = "", entetes: str = "",
              prefixes: tuple[str, str, str] = ("soap", "soap", "soap")) -> bytes:
    """Serialise an answer. `prefixes` are those of Envelope, Header and Body: they may differ."""
    e, h, b = prefixes
    espaces = " ".join(f'xmlns:{p}="{NS_SOAP}"' for p in dict.fromkeys(prefixes))
    adresse = "".join([
        f'<wsa:Action xmlns:wsa="{NS_WSA}">{xml(action)}</wsa:Action>' if action else "",
        f'<wsa:RelatesTo xmlns:wsa="{NS_WSA}">{xml(relates_to)}</wsa:RelatesTo>'
        if relates_to else "",
        f'<wsa:To xmlns:wsa="{NS_WSA}">{NS_WSA}/anonymous</wsa:To>' if action else ""])
    return (f'<?xml version="1.0" encoding="UTF-8"?><{e}:Envelope {espaces}>'
            f"<{h}:Header>{adresse}{entetes}</{h}:Header><{b}:Body>{contenu}</{b}:Body>"
            f"</{e}:Envelope>").encode()


def faute(erreur: FauteSoap, relates_to: str = "") -> bytes:
    """Serialise a fault (`spec/dmp.md` annex A)."""
    sous = (f"<soap:Subcode><soap:Value>soap:{xml(erreur.code)}</soap:Value></soap:Subcode>"
            if erreur.code else "")
    detail = f"<soap:Detail>{erreur.detail}</soap:Detail>" if erreur.detail else ""
    contenu = (f"<soap:Fault><soap:Code><soap:Value>soap:{erreur.emetteur}</soap:Value>{sous}"
               f'</soap:Code><soap:Reason><soap:Text xml:lang="fr">{xml(erreur.message)}'
               f"</soap:Text></soap:Reason>{detail}</soap:Fault>")
    return enveloppe(contenu, action=f"{NS_WSA}/fault" if relates_to else "",
                     relates_to=relates_to)


def reponse(octets: bytes, statut: int = 200, type_mime: str = TYPE) -> Response:
    """An HTTP answer."""
    return Response(octets, statut, {"Content-Type": type_mime})


def xml(valeur: Any) -> str:
    """Escape text for an element or a quoted attribute."""
    return (str(valeur).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            .replace('"', "&quot;"))


def bombe(forme: object) -> bytes:
    """A hostile SOAP answer: `entites` (billion laughs), `externe`, or `profondeur`."""
    if forme == "profondeur":
        return (f'<soap:Envelope xmlns:soap="{NS_SOAP}"><soap:Body>'.encode()
                + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</soap:Body></soap:Envelope>")
    if forme == "externe":
        dtd = '<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    else:
        niveaux = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
        dtd = f'<!DOCTYPE e [<!ENTITY l0 "ha">{niveaux}<!ENTITY x "&l9;">]>'
    return (f'<?xml version="1.0" encoding="UTF-8"?>{dtd}<soap:Envelope xmlns:soap="{NS_SOAP}">'
            "<soap:Body><e>&x;</e></soap:Body></soap:Envelope>").encode()
