"""What failed beside another worker is judged again alone: a fault stays a fault."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "rejouer.py"


@pytest.fixture
def rejouer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rejouer", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cache(dossier: Path, *echecs: str) -> Path:
    """A pytest cache that remembers these failures."""
    liste = dossier / "cache" / "v" / "cache" / "lastfailed"
    liste.parent.mkdir(parents=True)
    liste.write_text(json.dumps(dict.fromkeys(echecs, True)), encoding="utf-8")
    return dossier / "cache"


def essai(dossier: Path, corps: str) -> str:
    """A test of one line, away from the project's own settings."""
    (dossier / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (dossier / "test_un.py").write_text(f"def test_un():\n    {corps}\n", encoding="utf-8")
    return f"{dossier / 'test_un.py'}::test_un"


def test_a_failure_that_remains_is_a_failure(
        rejouer: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rejouer.main([str(cache(tmp_path, essai(tmp_path, "assert False")))]) == 1
    assert "Échec :" in capfd.readouterr().err


def test_once_out_of_three_is_not_enough(rejouer: ModuleType, tmp_path: Path) -> None:
    """It passes, then fails: a race, not the machine."""
    trace = tmp_path / "passages"
    test = essai(tmp_path, f"open({str(trace)!r}, 'a').write('x'); "
                           f"assert len(open({str(trace)!r}).read()) != 2")
    assert rejouer.main([str(cache(tmp_path, test))]) == 1


def test_what_passes_alone_is_named(
        rejouer: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rejouer.main([str(cache(tmp_path)), essai(tmp_path, "assert True")]) == 0
    assert "Instable, à corriger :" in capfd.readouterr().err


@pytest.mark.parametrize("combien", [0, 4])
def test_nothing_to_replay_or_too_much_is_a_failure(
        rejouer: ModuleType, tmp_path: Path, combien: int) -> None:
    """The run itself died, or the program is broken."""
    assert rejouer.main([str(cache(tmp_path, *(f"a.py::t{n}" for n in range(combien))))]) == 1
