"""The security checks that run with the tests: they find, they say, they don't cry wolf."""

import importlib.util
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging" / "audit"
JOUR = date(2026, 11, 29)
AVIS = {"id": "GHSA-fict-0001", "aliases": ["CVE-2026-99999"], "summary": "fictive",
        "modified": "2026-11-01T00:00:00Z",
        "affected": [{"package": {"name": "lxml", "ecosystem": "PyPI"}, "ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}]}]}


def charger(nom: str) -> ModuleType:
    fiche = importlib.util.spec_from_file_location(f"audit_{nom}", PACKAGING / f"{nom}.py")
    assert fiche is not None and fiche.loader is not None
    module = importlib.util.module_from_spec(fiche)
    sys.modules[f"audit_{nom}"] = module
    fiche.loader.exec_module(module)
    return module


controler, roues = charger("controler"), charger("roues")


@contextmanager
def service_d_avis(*atteints: str) -> Iterator[tuple[str, list[str]]]:
    """A service that speaks as OSV does, and knows one vulnerability of some packages."""
    demandes: list[str] = []

    class Reponse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            demande = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            nom = demande["package"]["name"]
            demandes.append(nom)
            corps = json.dumps({"vulns": [AVIS]} if nom in atteints else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(corps)))
            self.end_headers()
            self.wfile.write(corps)

        def log_message(self, *_: object) -> None:
            pass

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Reponse)
    fil = threading.Thread(target=serveur.serve_forever)
    fil.start()
    try:
        yield f"http://127.0.0.1:{serveur.server_port}/v1/query", demandes
    finally:
        serveur.shutdown()
        fil.join()
        serveur.server_close()


def test_pip_audit_finds_what_the_service_knows(racine: Path) -> None:
    with service_d_avis("lxml") as (url, demandes):
        rapport = controler.interroger(url)
    assert rapport is not None
    fautes, examines = controler.juger_vulnerabilites(rapport, [], JOUR)
    assert examines == len(demandes) > 80
    (faute,) = fautes
    assert faute.startswith("lxml ") and "CVE-2026-99999" in faute and "99.0" in faute
    acceptee = {"identifiant": "CVE-2026-99999", "paquet": "lxml", "jusqu_au": "2026-11-29",
                "raison": "Pléiade n’emploie pas la fonction visée."}
    assert controler.juger_vulnerabilites(rapport, [acceptee], JOUR) == ([], examines)
    for changee, dit in (({"jusqu_au": "2026-11-28"}, "ce jour est passé"),
                         ({"raison": "plus tard"}, "la raison d’accepter manque"),
                         ({"paquet": "pillow"}, "lxml")):
        assert any(dit in f for f in controler.juger_vulnerabilites(
            rapport, [acceptee | changee], JOUR)[0]), changee


def test_a_service_that_does_not_answer_is_no_failure_and_no_success() -> None:
    assert controler.interroger("http://127.0.0.1:9/v1/query") is None
    assert controler.juger_vulnerabilites({}, [], JOUR) == ([], 0)
    # What a mirror says of packages that it doesn't know: nothing was examined.
    muet = {"dependencies": [{"name": "lxml", "skip_reason": "not found"}]}
    assert controler.juger_vulnerabilites(muet, [], JOUR) == ([], 0)


def test_secrets_are_found_and_known_ones_have_a_reason(tmp_path: Path, racine: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cle = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEfictif\n"
    (tmp_path / "app").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "app" / "a.py").write_text("mot_de_passe_api = password = 'Kx93!lmPq0-zz'\n")
    (tmp_path / "tests" / "b.pem").write_text(cle)
    (tmp_path / "app" / "c.py").write_text("print('bonjour')\n")
    trouves = controler.chercher_secrets(["app/a.py", "tests/b.pem", "app/c.py"])
    assert {t.fichier for t in trouves} == {"app/a.py", "tests/b.pem"}
    dits = controler.juger_secrets(trouves, [])
    assert len(dits) == len(trouves) and "Kx93" not in "".join(dits) and "MIIE" not in "".join(dits)
    admis = [{"fichier": t.fichier, "empreinte": t.empreinte, "raison": "fictif, pour un essai"}
             for t in trouves]
    assert controler.juger_secrets(trouves, admis) == []
    assert controler.juger_secrets([], [admis[0] | {"raison": " "}]) != []


def test_the_exceptions_are_few_dated_and_reasoned() -> None:
    for ligne in controler.lire_table(controler.SECRETS):
        assert len(ligne["raison"]) >= 5 and re.fullmatch(r"[0-9a-f]{40}", ligne["empreinte"])
        assert (controler.RACINE / ligne["fichier"]).is_file(), ligne["fichier"]
    for ligne in controler.lire_table(controler.VULNERABILITES):
        assert len(ligne["raison"]) >= 15 and date.fromisoformat(ligne["jusqu_au"])


def test_every_exemption_of_the_static_analysis_says_why(racine: Path) -> None:
    """ruff holds the rules of bandit (S) everywhere in app: one line exempted is one reason."""
    lignes = [(f.relative_to(racine).as_posix(), ligne.strip())
              for f in sorted((racine / "app").rglob("*.py"))
              for ligne in f.read_text(encoding="utf-8").splitlines() if "noqa: S" in ligne]
    assert lignes
    assert [x for x in lignes if not re.search(r"# noqa: S\d+ - \w.{8,}", x[1])] == []
    conf = (racine / "pyproject.toml").read_text(encoding="utf-8")
    exemptees = re.search(r"^ignore = \[(.*)\]", conf, re.MULTILINE)
    assert exemptees is not None
    assert re.findall(r'"(S\d+)"', exemptees[1]) == ["S101"]
    # Each exemption of a file stands under a comment that says why.
    avant = ""
    for ligne in conf.partition("per-file-ignores]")[2].partition("[tool.mypy]")[0].splitlines():
        if re.match(r'"(app|migrations|packaging|tests)/', ligne):
            assert avant.startswith(("#", '"')), ligne
        avant = ligne


def test_the_lock_was_proved_on_windows_and_linux() -> None:
    preuve = json.loads(roues.PREUVE.read_text(encoding="utf-8"))
    assert preuve["verrou"] == roues.empreinte(), "make verrou"
    assert set(preuve["plateformes"]) == {"windows", "linux"}
    assert preuve["sources"] == {"pyscard": ["linux"]}
    assert preuve["paquets"] == len(roues.noms()) > 40


def test_continuous_integration_runs_the_checks(racine: Path) -> None:
    """`.ci/run` is `make test`, which runs them, and stops when they find something."""
    assert "exec make test" in (racine / ".ci" / "run").read_text()
    assert "packaging/audit/controler.py" in (racine / "packaging" / "test.sh").read_text()
    assert (racine / "packaging" / "test.sh").read_text().count("set -eu") == 1


def test_the_command_says_what_is_to_be_done(capsys: pytest.CaptureFixture[str],
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controler, "fichiers_suivis", lambda: [])
    monkeypatch.chdir(controler.RACINE)
    with service_d_avis("pillow") as (url, _):
        assert controler.main(["--osv-url", url]) == 1
    dit = capsys.readouterr()
    assert "CVE-2026-99999" in dit.err and "1 à traiter" in dit.out
    assert controler.main(["--osv-url", "http://127.0.0.1:9/"]) == 0
    assert "n’a pas répondu" in capsys.readouterr().out
