"""The board in a browser: a card goes in and out, a fault is set and removed."""

from pathlib import Path

import httpx

from app.sandbox.serveur import BacASable


def test_board(tmp_path: Path) -> None:
    """Every button does what its words say."""
    with BacASable(tmp_path) as bac:
        base = bac.infos["controle"]
        with httpx.Client(base_url=base, follow_redirects=True) as client:
            assert "Insérer une carte Vitale" in client.get("/").text
            assert "une carte est présente" in client.post("/tableau/carte",
                                                           data={"nom": "ADRUN"}).text
            assert client.get("/controle/carte").json()["presente"]
            assert "aucune carte" in client.post("/tableau/retirer").text
            client.post("/tableau/panne", data={"nom": "DMP indisponible (503)"})
            assert len(client.get("/controle/pannes").json()["pannes"]) == 1
            client.post("/tableau/lever")
            assert client.get("/controle/pannes").json()["pannes"] == []
            assert client.post("/tableau/carte", data={"nom": "<script>"}).status_code == 200
