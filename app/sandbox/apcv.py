"""The ApCV component of the bac à sable: opens contexts from our own QR codes.

The official format isn't public: ours is `APCV-SBX:1:<scenario>:<nonce>`, decoded here only. A QR
code serves once and lives a few minutes, as the real one.
"""

import itertools
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.appel import json_reponse
from app.sandbox.horloge import Horloge
from app.sandbox.identites import Personne, charger

PREFIXE = "APCV-SBX:1:"
DUREE_QR_S = 300
DUREE_CONTEXTE_S = 3600
#: Scenario -> what it shows.
SCENARIOS = {
    "seul": "un utilisateur seul", "enfants": "un utilisateur et ses deux enfants",
    "sans_ins": "un utilisateur dont l’appli ne donne pas l’INS",
    "expire": "un QR code expiré", "refuse": "le patient refuse dans son appli",
    "demo": "une ApCV de démonstration", "court": "un contexte qui expire aussitôt",
}
#: Children of the scenario « enfants ».
_ENFANTS = 2


class ApcvInvalide(ValueError):
    """What is asked makes no sense (French message)."""


class Apcv:
    """Codes shown, contexts opened. `utilisateur` is a birth name of the register, or empty."""

    def __init__(self, horloge: Horloge, personnes: list[Personne] | None = None) -> None:
        self._horloge = horloge
        self._personnes = [p for p in (personnes or charger())
                           if p.liste_prenoms and "00" not in p.date_naissance.split("-")]
        self.oublier()

    def oublier(self) -> None:
        """Forget every code and context."""
        self._codes: dict[str, tuple[str, datetime, str]] = {}
        self._servis: set[str] = set()
        self.contextes: dict[str, datetime] = {}
        self.panne = ""
        self._numeros = itertools.count(1)

    def maintenant(self) -> datetime:
        """Clock of the bac à sable."""
        return self._horloge.utc()

    def afficher(self, scenario: str, utilisateur: str = "") -> str:
        """What the phone shows: a new QR code.

        Raises
        ------
        ApcvInvalide
            Unknown scenario, or nobody of that name.
        """
        if scenario not in SCENARIOS:
            raise ApcvInvalide("Scénario inconnu : " + ", ".join(SCENARIOS))
        if utilisateur and not any(p.nom == utilisateur for p in self._personnes):
            raise ApcvInvalide("Personne ne porte ce nom dans le registre")
        code = f"{PREFIXE}{scenario}:{secrets.token_hex(8)}"
        self._codes[code] = (scenario, self.maintenant() + timedelta(seconds=DUREE_QR_S),
                             utilisateur)
        return code

    def ouvrir(self, mode: str, qr: str) -> tuple[int, dict[str, Any]]:
        """Status and body of an opening: 201, else an error code of the component."""
        if self.panne:
            return 422, {"code": self.panne}
        if mode == "NFC":
            return 422, {"code": "READER_ABSENT"}
        connu = self._codes.get(qr)
        if connu is None or qr in self._servis:
            return 422, {"code": "QR_INVALID"}
        scenario, fin, utilisateur = connu
        self._servis.add(qr)
        if scenario == "expire" or self.maintenant() > fin:
            return 422, {"code": "QR_EXPIRED"}
        if scenario == "refuse":
            return 422, {"code": "DECLINED"}
        identifiant = f"ctx-{next(self._numeros)}-{secrets.token_hex(4)}"
        duree = 1 if scenario == "court" else DUREE_CONTEXTE_S
        expire = self.maintenant() + timedelta(seconds=duree)
        self.contextes[identifiant] = expire
        return 201, {
            "contexte": {"id": identifiant, "expire_le": expire.isoformat(timespec="seconds"),
                         "jeton": secrets.token_urlsafe(24)},
            "demo": scenario == "demo",
            "beneficiaires": [_beneficiaire(p, scenario != "sans_ins")
                              for p in self._famille(scenario, utilisateur)]}

    def fermer(self, identifiant: str) -> bool:
        """End a context; False when there is none."""
        return self.contextes.pop(identifiant, None) is not None

    def _famille(self, scenario: str, utilisateur: str) -> list[Personne]:
        premier = next((p for p in self._personnes if p.nom == utilisateur), self._personnes[0])
        if scenario != "enfants":
            return [premier]
        jeunes = sorted((p for p in self._personnes if p is not premier),
                        key=lambda p: p.date_naissance, reverse=True)
        return [premier, *jeunes[:_ENFANTS]]


def _beneficiaire(p: Personne, avec_ins: bool) -> dict[str, Any]:
    prenom = p.prenom or p.liste_prenoms.split(" ")[0]
    lu: dict[str, Any] = {
        "nom": p.nom, "prenom": prenom, "date_naissance_brute": p.date_naissance.replace("-", ""),
        "rang": int(p.rang or 1), "nir_od": p.nir_od or p.matricule}
    if avec_ins:
        lu["ins"] = {
            "matricule": p.matricule, "oid": p.oid, "nom_naissance": p.nom, "prenom_acte": prenom,
            "liste_prenoms": p.liste_prenoms, "sexe": p.sexe, "date_naissance": p.date_naissance,
            "lieu_naissance": p.cog,
            "historique": [{"matricule": a.numero + a.cle, "oid": p.oid} for a in p.historique]}
    return lu


Point = Callable[[Request], Awaitable[Response]]


def routes_apcv(apcv: Apcv, protege: Callable[[Point], Point],
                corps_json: Callable[[Request], Awaitable[dict[str, Any]]]) -> list[Route]:
    """The component (`/apcv/...`) and its control (`/controle/apcv`)."""

    async def ouvrir(requete: Request) -> Response:
        demande = await corps_json(requete)
        statut, corps = apcv.ouvrir(str(demande.get("mode", "")), str(demande.get("qr", "")))
        return json_reponse(corps, statut)

    async def fermer(requete: Request) -> Response:
        connu = apcv.fermer(requete.path_params["id"])
        return json_reponse({"ok": connu}, 200 if connu else 404)

    async def afficher(requete: Request) -> Response:
        demande = await corps_json(requete)
        try:
            qr = apcv.afficher(str(demande.get("scenario", "seul")),
                               str(demande.get("utilisateur", "")))
        except ApcvInvalide as e:
            return json_reponse({"erreur": str(e)}, 400)
        return json_reponse({"qr": qr}, 201)

    async def regler(requete: Request) -> Response:
        apcv.panne = str((await corps_json(requete)).get("panne", ""))
        return json_reponse({"panne": apcv.panne})

    async def lister(_requete: Request) -> Response:
        return json_reponse({"scenarios": SCENARIOS, "contextes": sorted(apcv.contextes),
                             "panne": apcv.panne})

    return [Route("/apcv/contextes", protege(ouvrir), methods=["POST"]),
            Route("/apcv/contextes/{id}", protege(fermer), methods=["DELETE"]),
            Route("/controle/apcv", protege(lister), methods=["GET"]),
            Route("/controle/apcv", protege(regler), methods=["PUT"]),
            Route("/controle/apcv/qr", protege(afficher), methods=["POST"])]
