"""The fault panel: what must go wrong, where, and how many times (`spec/dmp.md` §22)."""

import itertools
from dataclasses import asdict, dataclass, field
from typing import Any

#: Fault type -> what it does. The control API lists it.
TYPES: dict[str, str] = {
    "delai": "attend `valeur` secondes, puis répond normalement",
    "http": "répond par le statut `valeur` (503), sans corps",
    "html": "répond une page HTML avec le statut `valeur` (503)",
    "coupure": "coupe la connexion : `valeur` = avant (rien n’est traité), apres (traité, sans "
               "réponse) ou milieu (moitié de la réponse)",
    "sans_reponse": "traite, garde, puis se tait `valeur` secondes (30) et coupe",
    "silence": "ne traite rien, se tait `valeur` secondes (30) et coupe",
    "tronque": "MTOM sans frontière finale, coupé au milieu de la dernière partie",
    "cid_manquant": "MTOM dont une partie manque",
    "fault": "SOAP fault : `valeur` = code, ou {code, texte, http, multipart}",
    "jeton_expire": "refuse le jeton présenté (401)",
    "hash_faux": "`valeur` = hash, taille (métadonnées) ou contenu (octets rendus)",
    "code": "code d’erreur fonctionnel `valeur` du service",
    "relates_to": "RelatesTo d’un autre message",
    "autre_patient": "réponse d’un autre patient",
    "partiel": "PartialSuccess : le dernier document manque",
    "occupe": "XDSRegistryBusy ou XDSRepositoryBusy",
    "xml_bombe": "réponse qui porte une bombe XML (`valeur` = entites, externe ou profondeur)",
    "xml_invalide": "réponse 200 qui n’est pas du XML",
    "certificat_expire": "certificat du serveur expiré (tout le service)",
    "ca_inconnue": "certificat d’une autorité inconnue (tout le service)",
    "refus_connexion": "port fermé, jusqu’à ce que la panne soit levée (tout le service)",
    "iss": "émetteur différent dans le retour et les jetons (PSC)",
    "nonce": "nonce différent dans l’id_token (PSC)",
    "kid": "jeton signé d’une clé inconnue du JWKS (PSC)",
    "horloge": "jetons datés de `valeur` secondes plus tard (PSC)",
}

#: Faults of the TLS layer: they hold for a whole server, whatever the operation.
TYPES_TLS = frozenset({"certificat_expire", "ca_inconnue"})
#: Faults below HTTP, the server must be told of.
TYPES_RESEAU = TYPES_TLS | {"refus_connexion"}

SERVICES = frozenset({"psc", "wallet", "edc", "insi", "dmp"})


class PanneInvalide(ValueError):
    """The fault asked for makes no sense; the message (French) says why."""


@dataclass(slots=True)
class Panne:
    """One fault. `fois` is how many times it still strikes, -1 for ever."""

    id: int
    service: str
    operation: str
    type: str
    valeur: Any = None
    fois: int = 1
    frappes: int = field(default=0)

    def concerne(self, service: str, operation: str) -> bool:
        """True when the fault strikes this operation now."""
        return (self.fois != 0 and self.service == service
                and self.operation in ("*", operation))

    def nombre(self, defaut: float) -> float:
        """`valeur` as a number, else `defaut`."""
        return float(self.valeur) if isinstance(self.valeur, int | float) else defaut


class Pannes:
    """All the faults set."""

    def __init__(self) -> None:
        self._pannes: list[Panne] = []
        self._numeros = itertools.count(1)

    def poser(self, demande: dict[str, Any]) -> Panne:
        """Add a fault described as in the control API.

        Raises
        ------
        PanneInvalide
            Unknown service or type, or a count that is no integer.
        """
        service, type_ = str(demande.get("service", "")), str(demande.get("type", ""))
        fois = demande.get("fois", 1)
        if service not in SERVICES:
            raise PanneInvalide(f"Service inconnu : {service or '(vide)'}")
        if type_ not in TYPES:
            raise PanneInvalide(f"Type de panne inconnu : {type_ or '(vide)'}")
        if not isinstance(fois, int) or isinstance(fois, bool) or fois < -1 or fois == 0:
            raise PanneInvalide("« fois » doit être un entier positif, ou -1 sans limite")
        panne = Panne(next(self._numeros), service, str(demande.get("operation") or "*"), type_,
                      demande.get("valeur"), fois)
        self._pannes.append(panne)
        return panne

    def prendre(self, service: str, operation: str) -> list[Panne]:
        """Faults that strike this call, first set first; each one is counted."""
        touchees = [p for p in self._pannes
                    if p.type not in TYPES_RESEAU and p.concerne(service, operation)]
        for panne in touchees:
            panne.frappes += 1
            if panne.fois > 0:
                panne.fois -= 1
        return touchees

    def tls(self, service: str) -> str:
        """TLS fault of a server (`certificat_expire`, `ca_inconnue`), or an empty string."""
        for panne in self._pannes:
            if panne.type in TYPES_TLS and panne.service == service and panne.fois != 0:
                panne.frappes += 1
                if panne.fois > 0:
                    panne.fois -= 1
                return panne.type
        return ""

    def tls_pose(self, service: str) -> bool:
        """True when a TLS fault waits for the next handshake of a service."""
        return any(p.type in TYPES_TLS and p.service == service and p.fois != 0
                   for p in self._pannes)

    def ferme(self, service: str) -> bool:
        """True while the port of a service must refuse connections."""
        return any(p.type == "refus_connexion" and p.service == service for p in self._pannes)

    def lister(self) -> list[dict[str, Any]]:
        """All faults, spent ones included."""
        return [asdict(p) for p in self._pannes]

    def lever(self, numero: int | None = None) -> None:
        """Remove one fault, or all of them."""
        self._pannes = [] if numero is None else [p for p in self._pannes if p.id != numero]
