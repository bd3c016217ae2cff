"""Configuration, log, traces, metrics, limits, readiness of the Proxy e-santé."""

import json
import logging
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from proxy_doubles import Banc, certificat, configuration

from app.cli import proxy as commande
from app.proxy.config import ErreurConfiguration, depuis, lire
from app.proxy.journal import JsonFormatter, mask
from app.proxy.limits import Bucket
from app.proxy.metrics import Metrics
from app.proxy.sessions import MemoryStore, PscTokens, Session
from app.proxy.tls import read_certificate
from app.proxy.traces import TraceLog


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# --- configuration -----------------------------------------------------------------------

MINIMUM = """
[proxy]
certificat = "s.pem"
cle = "s.key"
[psc]
decouverte = "https://psc.test/x"
[clients.lps]
client_id = "lps"
certificat = "c.pem"
cle = "$CREDENTIALS_DIRECTORY/c.key"
[api.insi]
url = "https://api.test/insi"
jeton = "https://as.test/token"
"""


def test_minimal_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x")
    (tmp_path / "p.toml").write_text(MINIMUM)
    config = lire(tmp_path / "p.toml")
    assert config.proxy.certificat == tmp_path / "s.pem"
    assert config.clients["lps"].cle == Path("/run/credentials/x/c.key")
    assert config.api["insi"].nom == "insi"
    assert config.exposition_traces == "loopback"
    assert config.client("lps") is config.clients["lps"]
    assert config.session.inactivite_s == 14400


@pytest.mark.parametrize(("avant", "apres", "mot"), [
    ("[psc]", "[pcs]", "Section"), ('decouverte = "https', 'decouverte = "http', "https"),
    ('cle = "s.key"', "", "cle"), ('cle = "s.key"', 'cle = "s.key"\nprot = 1', "prot"),
    ('cle = "s.key"', 'cle = "s.key"\nport = "8443"', "port"),
    ('cle = "s.key"', 'cle = "s.key"\nport = -1', "port"),
    ('cle = "s.key"', 'cle = "s.key"\nmandataires = ["x"]', "mandataires"),
    ('client_id = "lps"', 'client_id = "lps"\ntype = "mot"', "type"),
    ('certificat = "c.pem"', "", "certificat"), ("[api.insi]", '[api."in/si"]', "nom"),
    ('url = "https://api.test/insi"', 'url = "https://api.test/insi?x=1"', "param"),
    ("[api.insi]", '[traces]\nexposer = "tous"\n[api.insi]', "exposer"),
    ("[api.insi]", '[session]\nmagasin = "sql"\n[api.insi]', "magasin"),
    ("[api.insi]", '[session]\nmagasin = "redis://x:1"\n[api.insi]', "magasin_cle"),
    ("[api.insi]", "[[api.insi", "TOML")])
def test_mistakes_are_told(tmp_path: Path, avant: str, apres: str, mot: str) -> None:
    (tmp_path / "p.toml").write_text(MINIMUM.replace(avant, apres, 1))
    with pytest.raises(ErreurConfiguration, match=mot):
        lire(tmp_path / "p.toml")


def test_missing_file_and_section(tmp_path: Path) -> None:
    with pytest.raises(ErreurConfiguration, match="illisible"):
        lire(tmp_path / "rien.toml")
    with pytest.raises(ErreurConfiguration, match="proxy"):
        depuis({}, tmp_path)


def test_traces_are_closed_on_a_public_address(tmp_path: Path) -> None:
    config = configuration(tmp_path, proxy={"host": "0.0.0.0"}, traces={"exposer": ""})
    assert config.exposition_traces == "non"


def test_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    import argparse
    parser = argparse.ArgumentParser()
    commande.declare(parser)
    (tmp_path / "p.toml").write_text(MINIMUM)
    args = parser.parse_args(["--config", str(tmp_path / "p.toml"), "--verifier"])
    assert commande.run(args) == 2
    assert "inutilisable" in capsys.readouterr().err
    for nom in ("s", "c"):
        certificat(tmp_path, nom)
    (tmp_path / "p.toml").write_text(MINIMUM.replace("$CREDENTIALS_DIRECTORY/", ""))
    assert commande.run(args) == 0
    assert "correcte" in capsys.readouterr().out


# --- log ---------------------------------------------------------------------------------

def test_log_masks_whatever_looks_like_a_token() -> None:
    jeton = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    for texte in (jeton, f"Authorization: Bearer {jeton}", "code=abcdef&state=xyz",
                  "Basic bHBzOnNlY3JldA==", "proxy_session_id=abc-DEF"):
        assert not any(secret in mask(texte) for secret in (jeton, "abcdef", "bHBz", "abc-DEF"))


def test_log_line_is_json_and_keeps_known_fields_only() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "requete", None, None)
    record.session, record.statut, record.autre = "cookie-secret", 200, "non"
    ligne = json.loads(JsonFormatter().format(record))
    assert ligne["statut"] == 200 and "autre" not in ligne
    assert len(ligne["session"]) == 12 and "cookie" not in json.dumps(ligne)


@pytest.mark.anyio
@pytest.mark.attaque(
    "Proxy : secrets dans le journal, les traces, les mesures",
    tente="Chercher cookie, jetons et matricule dans tout ce que le proxy écrit.",
    constat="Aucun n’y est.")
async def test_no_secret_reaches_log_or_metrics(tmp_path: Path,
                                                caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    banc = Banc(tmp_path, traces={"exposer": "non"})
    numero = (await banc.connecter()).json()["proxy_session_id"]
    await banc.http.get("/send/insi/lps?matricule=275126322074974")
    await banc.http.get("/session/jeton-psc")
    banc.monde.refresh_refuse = True
    banc.horloge.decalage = 200
    await banc.http.get("/session/jeton-psc")
    await banc.http.delete("/disconnect")
    sortie = JsonFormatter()
    journal = "\n".join(sortie.format(r) for r in caplog.records
                        if r.name.startswith("pleiade"))
    tout = journal + (await banc.http.get("/metrics")).text + (
        tmp_path / "traces.jsonl").read_text()
    assert '"route": "/send"' in journal
    for secret in (numero, "psc-acces", "psc-refresh", "jeton-as-", "275126322074974", "eyJ"):
        assert secret not in tout, secret


# --- traces ------------------------------------------------------------------------------

def _session() -> Session:
    return Session("lps", "lps", "899700000016", PscTokens("a", 0, session_state="e"), 0, 0)


def test_traces_rotate_by_day_and_size_and_are_purged(tmp_path: Path) -> None:
    instant = time.time() - 40 * 86400
    journal = TraceLog(tmp_path / "t" / "traces.jsonl", clear_ids=True, keep_days=30,
                       max_bytes=2000, now=lambda: instant)
    for _ in range(20):
        journal.disconnect(_session(), ip="127.0.0.1", ports=[1])
    instant += 86400
    journal.disconnect(_session(), ip="127.0.0.1", ports=[1])
    fichiers = sorted(f.name for f in (tmp_path / "t").iterdir())
    assert len(fichiers) >= 3
    lues = list(journal.read(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)))
    assert len(lues) == 21
    assert (tmp_path / "t" / "traces.jsonl").stat().st_mode & 0o077 == 0
    import os
    for fichier in (tmp_path / "t").glob("traces-*"):
        os.utime(fichier, (instant - 40 * 86400, instant - 40 * 86400))
    assert journal.purge() == len(fichiers) - 1
    journal.close()


def test_traces_survive_a_power_failure_and_another_writer(tmp_path: Path) -> None:
    chemin = tmp_path / "traces.jsonl"
    chemin.write_text('{"type":"SEND","timestamp":"2026-01')
    premier = TraceLog(chemin, clear_ids=True)
    second = TraceLog(chemin, clear_ids=True)
    premier.disconnect(_session(), ip="1", ports=[])
    chemin.rename(tmp_path / "traces-2026-01-01-1.jsonl")
    second.disconnect(_session(), ip="2", ports=[])
    premier.disconnect(_session(), ip="3", ports=[])
    lues = premier.read(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert [t["ipAddress"] for t in lues] == ["1", "2", "3"]


@pytest.mark.attaque(
    "Proxy : reprise d’une session par le fichier des traces",
    tente="Lire dans les traces un identifiant de session encore ouvert.",
    constat="Le fichier n’a que son empreinte.")
def test_traces_hold_no_usable_session_where_nobody_reads_them(tmp_path: Path) -> None:
    journal = TraceLog(tmp_path / "traces.jsonl", clear_ids=False)
    session = _session()
    journal.connect_success(session, ports=[])
    ligne = json.loads((tmp_path / "traces.jsonl").read_text())
    assert ligne["proxy_id_session"].startswith("sha256:")
    assert session.id not in json.dumps(ligne)


# --- limits, metrics, sessions -----------------------------------------------------------

def test_bucket() -> None:
    maintenant = 0.0
    seau = Bucket(2.0, 3, lambda: maintenant)
    assert [seau.take("a") for _ in range(3)] == [0, 0, 0]
    assert seau.take("a") == pytest.approx(0.5)
    assert seau.take("b") == 0
    maintenant = 0.5
    assert seau.take("a") == 0
    assert Bucket(0, 0, lambda: 0.0).take("x") == 0
    petit = Bucket(1, 1, lambda: 0.0)
    petit.CLES_MAX = 10
    for n in range(100):
        petit.take(str(n))
    assert len(petit._seaux) == 10


def test_metrics_page() -> None:
    m = Metrics()
    m.count("requests_total", route="/send", status="200")
    m.gauge("sessions", 3)
    m.observe("request_seconds", 0.004, route="/send")
    m.observe("request_seconds", 500, route="/send")
    page = m.render()
    assert 'pleiade_proxy_requests_total{route="/send",status="200"} 1\n' in page
    assert "pleiade_proxy_sessions 3\n" in page
    assert 'request_seconds_bucket{route="/send",le="0.002"} 0\n' in page
    assert 'request_seconds_bucket{route="/send",le="0.005"} 1\n' in page
    assert 'request_seconds_bucket{route="/send",le="120.0"} 1\n' in page
    assert 'request_seconds_bucket{route="/send",le="+Inf"} 2\n' in page
    assert 'request_seconds_count{route="/send"} 2\n' in page


@pytest.mark.anyio
async def test_memory_store_bounds_pending_logins() -> None:
    magasin = MemoryStore(10, 10, lambda: 0.0)
    magasin.ATTENTES_MAX = 5
    for n in range(10):
        await magasin.put(f"k{n}", {"n": n}, 5)
    assert await magasin.take("k0") is None
    assert await magasin.take("k9") == {"n": 9}
    assert await magasin.take("k9") is None


@pytest.mark.anyio
async def test_readiness_and_metrics_routes(tmp_path: Path) -> None:
    banc = Banc(tmp_path)
    bon = await banc.http.get("/check/ready")
    assert bon.status_code == 200
    assert bon.json() == {"arret": "ok", "magasin": "ok", "traces": "ok", "psc": "ok",
                               "certificats": "ok"}
    await banc.connecter()
    page = (await banc.http.get("/metrics")).text
    assert "pleiade_proxy_sessions 1" in page
    assert 'certificate_expiry_seconds{client="lps-demo"}' in page
    assert (await banc.appelant("192.0.2.1").get("/metrics")).status_code == 404
    banc.ctx.draining = True
    assert (await banc.http.get("/check/ready")).status_code == 503
    assert (await banc.http.get("/check/alive")).status_code == 200
    assert (await banc.http.get("/send/insi/lps")).status_code == 503


@pytest.mark.anyio
async def test_not_ready_without_psc_or_with_an_expired_certificate(tmp_path: Path) -> None:
    certificat(tmp_path, "client", jours=-1)
    banc = Banc(tmp_path)
    banc.monde.pannes["wallet-openid-configuration"] = httpx.ConnectError("non")
    etat = (await banc.http.get("/check/ready"))
    assert etat.status_code == 503
    assert etat.json()["psc"] == etat.json()["certificats"] == "ko"


def test_cnf_spellings(tmp_path: Path) -> None:
    pem, _ = certificat(tmp_path, "c")
    rfc, ans = read_certificate(pem).cnf_values()
    assert len(rfc) == 43 and len(ans) == 88 and ans.endswith("==")
