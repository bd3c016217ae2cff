"""Proxy e-santé: the components, the conformity run, the file of the habilitations."""

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.cli.serveurs import BacASable, demarrer

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

RACINE = Path(__file__).parents[2]
CONFORMITE = RACINE / "docs" / "habilitations" / "espace-de-confiance.md"
CLAIRE = "899700000016"


@contextmanager
def proxy_de_conformite(bac: BacASable, dossier: Path) -> Iterator[httpx.Client]:
    """A proxy set as for the tool of the ANS: the official contract alone, traces open."""
    texte = Path(bac.bac.etat["proxy_config"]).read_text(encoding="utf-8")
    texte = re.sub(r"(?m)^port = .*$", "port = 0", texte)
    texte = re.sub(r"(?m)^part_cle_fichier = .*$", "actif = false", texte)
    texte = re.sub(r"(?m)^fichier = .*$", 'fichier = "traces.jsonl"\nexposer = "oui"', texte)
    edc = bac.bac.etat["edc"]
    texte += (f'\n[api.signsessiondata]\nurl = "{edc}"\n'
              f'jeton = "{edc}/realms/signsessiondata/protocol/openid-connect/token"\n')
    config = dossier / "proxy-conformite.toml"
    config.write_text(texte, encoding="utf-8")
    serveur = demarrer(["proxy", "--config", str(config)], dossier / "proxy-conformite.log")
    try:
        with httpx.Client(base_url=str(serveur.etat["url"]), timeout=30, trust_env=False,
                          verify=ssl.create_default_context(
                              cafile=str(bac.bac.etat["ca"]))) as http:
            yield http
    finally:
        serveur.arreter()


def appareil(bac: BacASable, **decision: object) -> None:
    httpx.post(f"{bac.controle}/controle/psc/appareil", json=decision).raise_for_status()


@pytest.mark.exigence("MIN.EDC.01", "SC.PSC.16", "MIN.PXY.01",
                      titre="Passage de conformité du proxy contre le bac à sable")
def test_conformity_run(bac: BacASable, preuve: "Preuve", tmp_path: Path) -> None:
    """What the ANS tool does: connect by CIBA, replay, send, compare, traces, disconnect."""
    debut = datetime.now(UTC) - timedelta(seconds=1)
    echanges: list[dict[str, Any]] = []

    def appeler(http: httpx.Client, methode: str, route: str, **kw: Any) -> httpx.Response:
        reponse = http.request(methode, route, **kw)
        echanges.append({"requete": f"{methode} {route}", "corps": kw.get("json"),
                         "statut": reponse.status_code, "reponse": reponse.text[:2000]})
        return reponse

    demande = {"nationalId": CLAIRE, "bindingMessage": "42", "clientId": "pleiade",
               "channel": "MOBILE"}
    with proxy_de_conformite(bac, tmp_path) as http:
        assert appeler(http, "GET", "/check/alive").text == "OK"
        assert appeler(http, "POST", "/session/nouvelle", json={}).status_code == 404
        assert appeler(http, "POST", "/connect", json={}).status_code == 400
        appareil(bac, decision="refuser", delai_s=0.1)
        assert appeler(http, "POST", "/connect", json=demande).status_code == 401
        appareil(bac, decision="approuver", delai_s=0.1)
        assert appeler(http, "POST", "/connect", json={
            **demande, "nationalId": "899799999999"}).status_code == 404
        assert appeler(http, "GET", "/send/signsessiondata/signsessiondata").status_code == 401
        ouverte = appeler(http, "POST", "/connect", json=demande)
        assert ouverte.status_code == 200
        session = ouverte.json()
        assert appeler(http, "POST", "/connect", json=demande).status_code == 304
        donnees = {"nationalId": CLAIRE, "clientID": "pleiade", **session}
        signee = appeler(http, "POST", "/send/signsessiondata/signsessiondata", json=donnees)
        assert signee.status_code == 200
        assert {**donnees, "signature": signee.json()["signature"]} == signee.json()
        assert appeler(http, "DELETE", "/disconnect").status_code == 200
        assert appeler(http, "DELETE", "/disconnect").status_code == 401
        traces = http.get("/traces", params={"start": debut.isoformat()}).json()
    preuve.fichier("echanges.json", json.dumps(echanges, ensure_ascii=False, indent=1).encode())
    preuve.fichier("traces.json", json.dumps(traces, ensure_ascii=False, indent=1).encode())
    genres = [t["type"] for t in traces]
    assert genres == ["CONNECT_FAILURE", "CONNECT_FAILURE", "CONNECT_SUCCESS", "CONNECT_REPLAY",
                      "SEND", "DISCONNECT"]
    envoi = traces[4]
    assert envoi["IdRPPS"] == CLAIRE and envoi["session_state"] == session["session_state"]
    assert envoi["proxy_id_session"] == session["proxy_session_id"]
    assert envoi["apiRequest"]["nomApiPsc"] == "signsessiondata"
    preuve.noter("Connexion CIBA refusée, inconnue, acceptée, rejouée ; envoi signé ; traces ; "
                 "déconnexion : conforme au contrat.")


@pytest.mark.exigence("MIN.PXY.01", "SC.PSC.16",
                      titre="Composants déclarés ; le proxy n’a pas d’interface")
def test_components_are_declared(connecte: "Poste", bac: BacASable, preuve: "Preuve") -> None:
    pilote = connecte.pilote
    connecte.assemblage.reglages.ouvrir("a_propos")
    pilote.attendre(lambda: pilote.voit("Proxy e-santé"), "composants")
    assert pilote.voit("Composant principal") and pilote.voit("sans interface")
    pilote.capturer("composants")
    pages = []
    with httpx.Client(base_url=str(bac.proxy.etat["url"]), trust_env=False,
                      verify=ssl.create_default_context(
                          cafile=str(bac.bac.etat["ca"]))) as http:
        for route in ("/", "/connect", "/send", "/send/dmp/x", "/traces", "/check/alive",
                      "/check/ready", "/metrics", "/session/etat", "/admin", "/docs"):
            reponse = http.get(route)
            pages.append(f"GET {route} : {reponse.status_code} "
                         f"{reponse.headers.get('content-type', '')}")
            assert "html" not in reponse.headers.get("content-type", "")
    preuve.fichier("routes.txt", "\n".join(pages).encode())


@pytest.mark.exigence("SC.PSC.14", "MIN.EDC.01",
                      titre="Dossier d’habilitation : chaque preuve citée existe")
def test_file_of_the_habilitations(preuve: "Preuve") -> None:
    """The four levels have their place, and no line of N1 names a test that is gone."""
    texte = CONFORMITE.read_text(encoding="utf-8")
    for niveau in ("N1", "N2", "N3", "N4"):
        assert f"## {niveau} –" in texte
    citees = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", texte)
    assert len(citees) > 15
    for fichier, fonction in citees:
        assert re.search(rf"^(async )?def {fonction}\(", (RACINE / fichier).read_text(
            encoding="utf-8"), re.M), f"{fichier}::{fonction}"
    for lien in re.findall(r"\]\(([^)#]+)\)", texte):
        assert (CONFORMITE.parent / lien).exists(), lien
    preuve.fichier("espace-de-confiance.md", texte.encode())
