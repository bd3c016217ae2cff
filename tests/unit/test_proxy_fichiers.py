"""Files of the proxy: traces that rotate, or may not grow, or share a folder; pools that end."""

import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from proxy_doubles import NATIONAL_ID

from app.proxy import outbound
from app.proxy.network import Transport
from app.proxy.sessions import PscTokens, Session
from app.proxy.traces import TraceDown, TraceLog

TOUJOURS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _session() -> Session:
    return Session("lps-demo", "lps-demo", NATIONAL_ID, PscTokens("a", 0, session_state="e"), 0, 0)


def _appel(journal: TraceLog, ip: str) -> None:
    journal.send(_session(), ip=ip, ports=[], api="insi", method="GET", path="/x")


def _lues(journal: TraceLog) -> list[str]:
    return [t["ipAddress"] for t in journal.read(*TOUJOURS)]


def _dans_un_enfant(geste: Callable[[], None]) -> None:
    """Do it in a process of its own, whose limits are its own."""
    enfant = os.fork()
    if enfant == 0:
        code = 1
        try:
            geste()
            code = 0
        except AssertionError as exc:
            print(exc)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(enfant, 0)[1]) == 0


@pytest.mark.attaque(
    "Proxy : fichier de traces arrêté par un quota",
    tente="Limiter la taille des fichiers du processus (RLIMIT_FSIZE) sous celle où il tourne, et "
          "appeler cent fois.",
    constat="Un appel dont la trace ne tient pas est refusé, le suivant a un nouveau fichier : "
            "chaque appel fait est tracé, en entier.")
def test_file_that_may_not_grow(tmp_path: Path) -> None:
    def geste() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
        journal = TraceLog(tmp_path / "traces.jsonl", clear_ids=True)
        faits, refus = [], 0
        for n in range(100):
            try:
                _appel(journal, str(n))
                faits.append(str(n))
            except TraceDown:
                refus += 1
        assert _lues(journal) == faits
        assert len(faits) > 80 and refus < 20 and journal.ready()
        assert len(list(tmp_path.glob("traces-*.jsonl"))) > 3

    _dans_un_enfant(geste)


def test_two_processes_rotate_whatever_the_order(tmp_path: Path) -> None:
    """One has taken its place and not yet moved the file; the other moves it and writes on."""
    instant = time.time() - 2 * 86400
    a, b = (TraceLog(tmp_path / "traces.jsonl", clear_ids=True, now=lambda: instant)
            for _ in range(2))
    _appel(a, "hier")
    _appel(b, "hier")
    instant += 86400
    vrai = Path.replace

    def replace(chemin: Path, cible: Path) -> Path:
        Path.replace = vrai  # type: ignore[method-assign]
        _appel(a, "a")
        return vrai(chemin, cible)

    Path.replace = replace  # type: ignore[method-assign, assignment]
    try:
        _appel(b, "b")
    finally:
        Path.replace = vrai  # type: ignore[method-assign]
    _appel(a, "encore")
    assert sorted(_lues(a)) == ["a", "b", "encore", "hier", "hier"]


def test_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Volumes of containers and network shares have none: at midnight nothing could be traced."""
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    instant = time.time() - 86400
    journal = TraceLog(tmp_path / "traces.jsonl", clear_ids=True, now=lambda: instant)
    _appel(journal, "hier")
    instant += 86400
    _appel(journal, "aujourd’hui")
    assert _lues(journal) == ["hier", "aujourd’hui"]


def test_files_of_others_in_the_folder(tmp_path: Path) -> None:
    """An operator's copy neither stops the purge nor is deleted."""
    journal = TraceLog(tmp_path / "traces.jsonl", clear_ids=True, keep_days=1)
    for nom in ("traces-2020-01-01-1", "traces-2020-01-01-copie", "traces-2020-01-01-²"):
        (tmp_path / f"{nom}.jsonl").write_text("{}\n")
        os.utime(tmp_path / f"{nom}.jsonl", (0, 0))
    _appel(journal, "1")
    assert _lues(journal) == ["1"]
    assert journal.purge() == 1
    assert (tmp_path / "traces-2020-01-01-copie.jsonl").exists()


@pytest.mark.anyio
async def test_old_connections_end_with_their_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that lasts longer than any delay isn't cut because a certificate changed."""
    monkeypatch.setattr(outbound, "SURSIS_S", 0.001)
    regards = []

    class Occupe(Transport):
        def __init__(self) -> None:
            """Without a network."""

        def busy(self) -> bool:
            regards.append(fermes.copy())
            return len(regards) < 20

        async def aclose(self) -> None:
            """Nothing to close."""

    fermes: list[str] = []

    async def aclose() -> None:
        fermes.append("fermé")

    await outbound._fermer_plus_tard([outbound.Pool(
        SimpleNamespace(aclose=aclose), Occupe(), None)])  # type: ignore[arg-type]
    assert fermes == ["fermé"] and regards == [[]] * 20
