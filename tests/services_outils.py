"""Fakes and samples for the tests of the services: a scripted transport, a test key, answers.

The answers are composed from the text of the specifications; their prefixes vary on purpose.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from app.domain.people import Professionnel, ProfilUtilisateur, SituationExercice, Structure
from app.services import mtom
from app.services.appel import Reprises
from app.services.dmp_acces import AccesDmp
from app.services.errors import ErreurService
from app.services.logiciel import IdentiteLogiciel
from app.services.signature import Signataire
from app.services.transport import Annulation, Reponse

LOGICIEL = IdentiteLogiciel(nom="Pléiade", version="1.2.3",
                            instance="5b7e0f60-0000-4000-8000-000000000001", idam="NUMAUTOR0000",
                            homologation_dmp="HOMOL-1", oid="1.2.250.1.999.1.1")
STRUCTURE = Structure("499700000016007", "CABINET IDEL TEST0000016")
PROFESSIONNEL = Professionnel("899700000016", "INFIRMIERE0000016", "LINE")
SITUATION = SituationExercice("60", "C", "", "SA07", "499700000016007", "CABINET")
PROFIL = ProfilUtilisateur("899700000016", "INFIRMIERE0000016", "LINE", (SITUATION,))
MATRICULE = "190010100100157"
OID = "1.2.250.1.213.1.4.10"
ACCES = AccesDmp(PROFESSIONNEL, STRUCTURE, "SA07", SITUATION, MATRICULE, OID)

SANS_REPRISE = Reprises(nombre=0)
VITE = Reprises(nombre=3, pause_s=0.001, pause_max_s=0.002)


def paire(cn: str = "899700000016", *, passe: bool = False) -> tuple[bytes, bytes]:
    """Key and self-signed certificate, PEM. `passe`: a certificate out of its time."""
    return _paire(cn, passe)


@lru_cache
def _paire(cn: str, passe: bool) -> tuple[bytes, bytes]:
    cle = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    nom = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
                     x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST"),
                     x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Infirmier"),
                     x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    maintenant = datetime.now(UTC)
    fin = maintenant - timedelta(days=1) if passe else maintenant + timedelta(days=10)
    certificat = (
        x509.CertificateBuilder().subject_name(nom).issuer_name(nom).public_key(cle.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(maintenant - timedelta(days=2)).not_valid_after(fin)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                       critical=False)
        .sign(cle, hashes.SHA256()))
    return (cle.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption()),
            certificat.public_bytes(serialization.Encoding.PEM))


def signataire(*, passe: bool = False) -> Signataire:
    """The key of a test installation."""
    return Signataire(*paire(passe=passe))


@dataclass
class Envoi:
    """A call received by the scripted transport."""

    api: str
    chemin: str
    corps: bytes
    content_type: str
    delai: float

    @property
    def racine(self) -> etree._Element:
        """The envelope received, alone or in a multipart."""
        if mtom.est_multipart(self.content_type):
            return etree.fromstring(mtom.lire(self.corps, self.content_type).racine)
        return etree.fromstring(self.corps)

    @property
    def message_id(self) -> str:
        """MessageID of the request."""
        ns = "{http://www.w3.org/2005/08/addressing}"
        return self.racine.findtext(f".//{ns}MessageID") or ""


Suite = Reponse | ErreurService | Callable[[Envoi], Reponse]


@dataclass
class TransportScript:
    """Plays answers in order; the last one again and again."""

    suite: Sequence[Suite]
    strategie: str = "psc_proxy"
    recus: list[Envoi] = field(default_factory=list)

    def envoyer(self, api: str, chemin: str, corps: bytes, content_type: str, *, delai: float,
                annule: Annulation | None = None) -> Reponse:
        envoi = Envoi(api, chemin, corps, content_type, delai)
        self.recus.append(envoi)
        tour = self.suite[min(len(self.recus), len(self.suite)) - 1]
        if isinstance(tour, ErreurService):
            raise tour
        return tour if isinstance(tour, Reponse) else tour(envoi)


def soap12(corps: str, message_id: str = "", *, prefixe: str = "S", action: str = "a",
           status: int = 200) -> Reponse:
    """A SOAP 1.2 answer; two prefixes for the same namespace, as seen on real ones."""
    relie = "" if not message_id else f"<w:RelatesTo>{message_id}</w:RelatesTo>"
    texte = (f'<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" '
             f'xmlns:{prefixe}="http://www.w3.org/2003/05/soap-envelope">'
             f'<soap:Header xmlns:w="http://www.w3.org/2005/08/addressing">'
             f"<w:Action>{action}</w:Action>{relie}</soap:Header>"
             f"<{prefixe}:Body>{corps}</{prefixe}:Body></soap:Envelope>")
    return Reponse(status, "application/soap+xml; charset=utf-8", texte.encode())


def repondre(corps: str, **options: object) -> Callable[[Envoi], Reponse]:
    """Answer the request received, with its MessageID."""
    return lambda envoi: soap12(corps, envoi.message_id, **options)  # type: ignore[arg-type]


def faute(sous_code: str, raison: str = "", *, code: str = "Sender", detail: str = "",
          prefixe: str = "env") -> str:
    """A SOAP 1.2 fault."""
    sous = (f"<{prefixe}:Subcode><{prefixe}:Value>{prefixe}:{sous_code}</{prefixe}:Value>"
            f"</{prefixe}:Subcode>") if sous_code else ""
    return (f'<{prefixe}:Fault xmlns:{prefixe}="http://www.w3.org/2003/05/soap-envelope">'
            f"<{prefixe}:Code><{prefixe}:Value>{prefixe}:{code}</{prefixe}:Value>{sous}"
            f"</{prefixe}:Code><{prefixe}:Reason><{prefixe}:Text xml:lang=\"en\">nope"
            f"</{prefixe}:Text><{prefixe}:Text xml:lang=\"fr\">{raison}</{prefixe}:Text>"
            f"</{prefixe}:Reason>{detail}</{prefixe}:Fault>")


class ServeurTls:
    """A loopback HTTPS server driven by a function; used as a context manager."""

    def __init__(self, dossier: Path, traiter: Callable[[BaseHTTPRequestHandler], None],
                 paire_tls: tuple[bytes, bytes] | None = None) -> None:
        cle, certificat = paire_tls or paire("127.0.0.1")
        self.ca = dossier / "ca.pem"
        self.ca.write_bytes(certificat)
        (dossier / "serveur.key").write_bytes(cle)
        contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexte.load_cert_chain(self.ca, dossier / "serveur.key")

        class Guichet(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _servir(self) -> None:
                self.corps = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                traiter(self)

            do_GET = do_POST = do_DELETE = _servir

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Serveur(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Clients hang up on purpose here."""

        self._serveur = Serveur(("127.0.0.1", 0), Guichet)
        self._serveur.socket = contexte.wrap_socket(self._serveur.socket, server_side=True,
                                                    do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._serveur.server_port}"

    def __enter__(self) -> "ServeurTls":
        threading.Thread(target=self._serveur.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._serveur.shutdown()
        self._serveur.server_close()


def repondre_http(guichet: BaseHTTPRequestHandler, status: int, corps: bytes = b"",
                  genre: str = "application/json", **entetes: str) -> None:
    """Write one HTTP answer."""
    guichet.send_response(status)
    if status != 304:
        guichet.send_header("Content-Type", genre)
        guichet.send_header("Content-Length", str(len(corps)))
    for nom, valeur in entetes.items():
        guichet.send_header(nom.replace("_", "-"), valeur)
    guichet.end_headers()
    guichet.wfile.write(corps)


@contextmanager
def attendu_avant(secondes: float = 60) -> Iterator[None]:
    """Fail when the block takes longer: a call that should be dropped wasn't. What it waits for in
    that case must last longer still."""
    debut = time.monotonic()
    yield
    assert time.monotonic() - debut < secondes  # short: a minute at least
