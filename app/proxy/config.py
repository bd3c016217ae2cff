"""Configuration of the Proxy e-santé: one TOML file, secrets in files of their own.

Keys are French because an operator reads them; `docs/proxy.md` documents each. Unknown keys are
refused: a typo in a security setting must not be ignored. Relative paths start from the folder
of the file; `$VARIABLE` is expanded (systemd's `$CREDENTIALS_DIRECTORY`).
"""

import dataclasses
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

#: Who may read `/traces` and `/metrics`.
EXPOSITIONS = ("non", "loopback", "oui")


class ErreurConfiguration(Exception):
    """The file can't be used; the message (French) says which key and why."""


@dataclass(frozen=True, slots=True)
class Ecoute:
    """`[proxy]`: where the server listens and with which certificate."""

    certificat: Path
    cle: Path
    host: str = "127.0.0.1"
    port: int = 0
    url_publique: str = ""
    """Base URL as browsers see it; by default the address the server is bound to."""
    ca_clients: Path | None = None
    """When given, a workstation must present a certificate of this authority (mTLS)."""
    crl_clients: Path | None = None
    """Revocation lists of that authority (PEM): a stolen workstation is kept out."""
    mandataires: tuple[str, ...] = ()
    """Reverse proxies whose X-Forwarded-For is believed (addresses or networks)."""
    protocole_proxy: bool = False
    """These balancers pass TCP on and announce who calls (PROXY protocol, compulsory then)."""

    @property
    def local(self) -> bool:
        """True when only this machine can reach the server.

        A public address says that something on this machine lets others in.
        """
        public = urlsplit(self.url_publique).hostname
        return all(hote == "localhost" or _est_loopback(hote)
                   for hote in (self.host, public or self.host))


@dataclass(frozen=True, slots=True)
class Psc:
    """`[psc]`: Pro Santé Connect as OpenID provider (`spec/psc.md` §1)."""

    decouverte: str
    """Full URL of the discovery document (its name isn't the standard one)."""
    ca: Path | None = None
    crl: Path | None = None
    """Revocation lists (PEM) of the authorities of PSC; needed to be valid when given."""
    portee: str = "openid scope_all"
    acr: str = "eidas1"
    reauthentifier: bool = True
    """Send `prompt=login` where the software asks for an authentication by hand."""
    delai_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Client:
    """`[clients.NOM]`: one LPS, known at PSC under `client_id`."""

    nom: str
    client_id: str
    type: str = "mtls"
    certificat: Path | None = None
    cle: Path | None = None
    cle_mot_de_passe_fichier: Path | None = None
    secret_fichier: Path | None = None
    redirect_uri: str = ""

    def secret(self) -> str:
        """Client secret, read at each use so that it can be rotated without a restart."""
        if self.secret_fichier is None:
            return ""
        return self.secret_fichier.read_text(encoding="utf-8").strip()

    def mot_de_passe(self) -> str | None:
        """Passphrase of the private key, or None."""
        if self.cle_mot_de_passe_fichier is None:
            return None
        return self.cle_mot_de_passe_fichier.read_text(encoding="utf-8").strip()


@dataclass(frozen=True, slots=True)
class Api:
    """`[api.NOM]`: one API behind `/send/NOM/…` and its authorization server (AS)."""

    nom: str
    url: str
    jeton: str
    """Token endpoint of the AS."""
    revocation: str = ""
    introspection: str = ""
    client_id: str = ""
    """Client_ID_AS when it isn't the one known at PSC."""
    audience: str = ""
    portee: str = ""
    subject_issuer: str = "psc"
    ca: Path | None = None
    crl: Path | None = None
    delai_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """`[session]`: life of a proxy session, seconds."""

    inactivite_s: float = 14400.0
    absolue_s: float = 14400.0
    maintien_psc: bool = True
    """Refresh the PSC tokens before they lapse as long as the session lives."""
    magasin: str = "memoire"
    """`memoire`, or `redis://hôte:port/base` for several processes."""
    magasin_cle_fichier: Path | None = None
    """32 bytes in hexadecimal: what is written to Redis is encrypted with this key."""
    magasin_mot_de_passe_fichier: Path | None = None
    magasin_ca: Path | None = None
    """Authorities (PEM) of a `rediss://` server; by default the system's."""


@dataclass(frozen=True, slots=True)
class Traces:
    """`[traces]`: the persistent journal of `spec/psc.md` §4.4."""

    fichier: Path | None = None
    exposer: str = ""
    conservation_jours: int = 365
    taille_max_mo: int = 64


@dataclass(frozen=True, slots=True)
class Limites:
    """`[limites]`: what one caller, and all of them, may use."""

    connexions: int = 2000
    connexions_par_adresse: int = 500
    """Open connections of one address (IPv6: of a /64); 0 without a limit, `mandataires` apart."""
    requetes_en_cours: int = 200
    connexions_api: int = 100
    """Open connections towards one API for one client."""
    entetes_octets: int = 32768
    entetes_delai_s: float = 10.0
    corps_octets: int = 67108864
    corps_delai_s: float = 30.0
    lecture_delai_s: float = 30.0
    """A caller that doesn't read its answer is cut after this."""
    debit_min_octets_s: int = 500
    """A body, or the reading of an answer, that stays slower than this beyond its delay is cut."""
    rejeu_octets: int = 1048576
    """A request up to this size can be replayed after an expired token."""
    identifications_par_minute: int = 60
    """Login attempts per address."""
    sollicitations_par_minute: int = 6
    """CIBA requests per professional: nobody may flood a telephone."""
    envois_par_seconde: float = 50.0
    """Calls to `/send` per session (a burst of four times as many is accepted)."""
    envois_simultanes: int = 20
    """Calls to `/send` at once per session."""
    arret_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Journal:
    """`[journal]`: technical log, JSON lines on stderr."""

    niveau: str = "INFO"


@dataclass(frozen=True, slots=True)
class Metriques:
    """`[metriques]`: Prometheus page `/metrics`."""

    exposer: str = "loopback"


@dataclass(frozen=True, slots=True)
class Bureau:
    """`[bureau]`: the routes that are not in the official contract (desktop login, PSC token)."""

    actif: bool = True
    attente_s: float = 300.0
    """Time given to the user to authenticate in the browser."""
    ticket_s: float = 60.0
    part_cle_fichier: Path | None = None
    """Secret behind `/session/part` (opening a patient file by PSC); absent: route closed."""
    part_fraicheur_s: float = 600.0
    """`/session/part` wants an authentication younger than this."""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    proxy: Ecoute
    psc: Psc
    clients: Mapping[str, Client]
    api: Mapping[str, Api]
    session: Sessions = field(default_factory=Sessions)
    traces: Traces = field(default_factory=Traces)
    limites: Limites = field(default_factory=Limites)
    journal: Journal = field(default_factory=Journal)
    metriques: Metriques = field(default_factory=Metriques)
    bureau: Bureau = field(default_factory=Bureau)

    def client(self, identifiant: str) -> Client | None:
        """The client that an LPS names, by its name here or by its PSC client_id."""
        connu = self.clients.get(identifiant)
        if connu is not None:
            return connu
        return next((c for c in self.clients.values() if c.client_id == identifiant), None)

    @property
    def exposition_traces(self) -> str:
        """Who may read `/traces`: by default this machine alone, if it is alone."""
        return self.traces.exposer or ("loopback" if self.proxy.local else "non")


def lire(fichier: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ErreurConfiguration: file absent, not TOML, unknown or missing key, wrong value.
    """
    try:
        brut = tomllib.loads(fichier.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ErreurConfiguration(
            f"Fichier de configuration illisible : {fichier} ({exc.strerror})") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ErreurConfiguration(f"{fichier} n’est pas un fichier TOML : {exc}") from exc
    return depuis(brut, fichier.resolve().parent)


def depuis(brut: Mapping[str, Any], dossier: Path) -> Config:
    """Check an already parsed configuration; relative paths start from `dossier`."""
    connues = {f.name for f in dataclasses.fields(Config)}
    for cle in brut:
        if cle not in connues:
            raise ErreurConfiguration(f"Section inconnue : [{cle}]")
    for cle in ("proxy", "psc", "clients", "api"):
        if not isinstance(brut.get(cle), dict) or not brut[cle]:
            raise ErreurConfiguration(f"Section [{cle}] absente ou vide")

    def section(classe: type[T], nom: str) -> T:
        return _construire(classe, nom, brut.get(nom, {}), dossier, {})

    clients = {n: _construire(Client, f"clients.{n}", v, dossier, {"nom": n})
               for n, v in brut["clients"].items()}
    apis = {n: _construire(Api, f"api.{n}", v, dossier, {"nom": n})
            for n, v in brut["api"].items()}
    config = Config(
        proxy=section(Ecoute, "proxy"), psc=section(Psc, "psc"), clients=clients, api=apis,
        session=section(Sessions, "session"), traces=section(Traces, "traces"),
        limites=section(Limites, "limites"), journal=section(Journal, "journal"),
        metriques=section(Metriques, "metriques"), bureau=section(Bureau, "bureau"))
    _verifier(config)
    return config


def _construire(classe: type[T], nom: str, valeurs: Any, dossier: Path,
                fixes: dict[str, Any]) -> T:
    if not isinstance(valeurs, dict):
        raise ErreurConfiguration(f"[{nom}] doit être une table")
    champs = {f.name: f for f in dataclasses.fields(classe)}  # type: ignore[arg-type]
    retenus: dict[str, Any] = dict(fixes)
    for cle, valeur in valeurs.items():
        if cle not in champs or cle in fixes:
            raise ErreurConfiguration(f"[{nom}] clé inconnue : {cle}")
        retenus[cle] = _convertir(nom, cle, str(champs[cle].type), valeur, dossier)
    for cle, champ in champs.items():
        if (cle not in retenus and champ.default is dataclasses.MISSING
                and champ.default_factory is dataclasses.MISSING):
            raise ErreurConfiguration(f"[{nom}] clé obligatoire absente : {cle}")
    return classe(**retenus)


def _convertir(nom: str, cle: str, genre: str, valeur: Any, dossier: Path) -> Any:
    def refuser(attendu: str) -> ErreurConfiguration:
        return ErreurConfiguration(f"[{nom}] {cle} : {attendu} attendu")

    if "Path" in genre:
        if not isinstance(valeur, str):
            raise refuser("chemin")
        if not valeur:
            if "None" in genre:
                return None
            raise refuser("chemin")
        return dossier / os.path.expandvars(valeur)
    if "tuple" in genre:
        if not isinstance(valeur, list) or not all(isinstance(v, str) for v in valeur):
            raise refuser("liste de textes")
        return tuple(valeur)
    if "bool" in genre:
        if not isinstance(valeur, bool):
            raise refuser("true ou false")
        return valeur
    if "int" in genre or "float" in genre:
        numerique = isinstance(valeur, int | float) and not isinstance(valeur, bool)
        if not numerique or valeur < 0 or ("int" in genre and not isinstance(valeur, int)):
            raise refuser("nombre positif")
        return float(valeur) if "float" in genre else valeur
    if not isinstance(valeur, str):
        raise refuser("texte")
    return valeur


def _verifier(config: Config) -> None:
    for nom, url in [("psc.decouverte", config.psc.decouverte),
                     *((f"api.{a.nom}.url", a.url) for a in config.api.values()),
                     *((f"api.{a.nom}.jeton", a.jeton) for a in config.api.values()),
                     *((f"api.{a.nom}.revocation", a.revocation) for a in config.api.values()),
                     *((f"api.{a.nom}.introspection", a.introspection)
                       for a in config.api.values()),
                     ("proxy.url_publique", config.proxy.url_publique)]:
        morceaux = urlsplit(url)
        if url and (morceaux.scheme != "https" or not morceaux.hostname or morceaux.fragment
                    or morceaux.username):
            raise ErreurConfiguration(f"{nom} : une adresse https est attendue")
    for client in config.clients.values():
        if client.type not in ("mtls", "secret"):
            raise ErreurConfiguration(f"[clients.{client.nom}] type : « mtls » ou « secret »")
        if client.type == "mtls" and not (client.certificat and client.cle):
            raise ErreurConfiguration(f"[clients.{client.nom}] certificat et cle obligatoires")
        if client.type == "secret" and not client.secret_fichier:
            raise ErreurConfiguration(f"[clients.{client.nom}] secret_fichier obligatoire")
        if bool(client.certificat) != bool(client.cle):
            raise ErreurConfiguration(f"[clients.{client.nom}] certificat et cle vont ensemble")
    if config.proxy.crl_clients and not config.proxy.ca_clients:
        raise ErreurConfiguration("[proxy] crl_clients ne sert qu’avec ca_clients")
    if config.proxy.protocole_proxy and not config.proxy.mandataires:
        raise ErreurConfiguration("[proxy] protocole_proxy : nommer les répartiteurs dans "
                                  "mandataires")
    for api in config.api.values():
        if not api.nom.replace("-", "").replace("_", "").isalnum() or not api.nom.isascii():
            raise ErreurConfiguration(f"[api.{api.nom}] nom : lettres, chiffres, - et _")
        if urlsplit(api.url).query:
            raise ErreurConfiguration(f"api.{api.nom}.url : sans paramètres")
    for nom, valeur in (("traces", config.exposition_traces),
                        ("metriques", config.metriques.exposer)):
        if valeur not in EXPOSITIONS:
            raise ErreurConfiguration(f"[{nom}] exposer : « non », « loopback » ou « oui »")
    for adresse in config.proxy.mandataires:
        try:
            ipaddress.ip_network(adresse, strict=False)
        except ValueError as exc:
            raise ErreurConfiguration(f"[proxy] mandataires : {adresse} refusé") from exc
    magasin = config.session.magasin
    if magasin != "memoire":
        serveur = urlsplit(magasin)
        if serveur.scheme not in ("redis", "rediss"):
            raise ErreurConfiguration("[session] magasin : « memoire » ou redis://hôte:port")
        if serveur.password is not None:
            raise ErreurConfiguration("[session] magasin : le mot de passe va dans "
                                      "magasin_mot_de_passe_fichier")
        if config.session.magasin_cle_fichier is None:
            raise ErreurConfiguration("[session] magasin_cle_fichier obligatoire avec Redis")


def _est_loopback(adresse: str) -> bool:
    try:
        return ipaddress.ip_address(adresse).is_loopback
    except ValueError:
        return False
