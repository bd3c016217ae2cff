"""The scanner's folder: only whole files, imported before they move, none lost nor taken twice."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import cda_fictifs as f
import pytest

from app.domain.document import OrigineDocument
from app.usecases import classement, scanner
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.identite_outils import contexte


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    (tmp_path / "scanner").mkdir()
    return tmp_path / "scanner"


class Horloge:
    """The time that the rounds see."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.t = time.time()
        monkeypatch.setattr(scanner.time, "time", lambda: self.t)

    def avancer(self, secondes: float = scanner.REPOS_S) -> None:
        self.t += secondes


@pytest.fixture
def horloge(monkeypatch: pytest.MonkeyPatch) -> Horloge:
    return Horloge(monkeypatch)


def noms(dossier: Path) -> list[str]:
    return sorted(str(p.relative_to(dossier)) for p in dossier.rglob("*") if p.is_file())


def test_a_file_is_taken_once_it_no_longer_grows(ctx: Contexte, dossier: Path,
                                                 horloge: Horloge) -> None:
    releve, fichier = scanner.Releve(), dossier / "a.pdf"
    fichier.write_bytes(f.PDF[:20])
    assert scanner.relever(ctx, str(dossier), releve).attente == ()
    fichier.write_bytes(f.PDF)
    horloge.avancer()
    assert scanner.relever(ctx, str(dossier), releve).attente == ()
    horloge.avancer()
    (attente,) = scanner.relever(ctx, str(dossier), releve).attente
    assert attente.titre == "a" and noms(dossier) == [f"traités/{date.today()}/a.pdf"]
    (ligne,) = classement.lister(ctx)
    assert ligne.entrant.origine is OrigineDocument.SCAN


def tour(ctx: Contexte, dossier: Path, horloge: Horloge, releve: scanner.Releve) -> object:
    scanner.relever(ctx, str(dossier), releve)
    horloge.avancer()
    return scanner.relever(ctx, str(dossier), releve)


def test_same_names_never_overwrite_and_half_written_names_wait(ctx: Contexte, dossier: Path,
                                                                horloge: Horloge) -> None:
    releve = scanner.Releve()
    for rang in range(3):
        (dossier / "scan.pdf").write_bytes(f.PDF + b"%" * rang + b"\n%%EOF")
        tour(ctx, dossier, horloge, releve)
    for nom in ("b.pdf.part", ".cache.pdf", "c.tmp", "vide.pdf"):
        (dossier / nom).write_bytes(b"" if nom == "vide.pdf" else f.PDF)
    tour(ctx, dossier, horloge, releve)
    assert [n for n in noms(dossier) if n.startswith("traités")] == [
        f"traités/{date.today()}/scan{rang}.pdf" for rang in (" (2)", " (3)", "")]
    assert (dossier / "vide.pdf").exists() and (dossier / "b.pdf.part").exists()
    assert len(classement.lister(ctx)) == 3


def test_killed_between_import_and_move_the_file_only_moves(ctx: Contexte, dossier: Path,
                                                            horloge: Horloge,
                                                            monkeypatch: pytest.MonkeyPatch
                                                            ) -> None:
    (dossier / "a.pdf").write_bytes(f.PDF)
    with monkeypatch.context() as m, pytest.raises(KeyboardInterrupt):
        def mort(*_: object) -> bool:
            raise KeyboardInterrupt
        m.setattr(scanner, "_ranger", mort)
        tour(ctx, dossier, horloge, scanner.Releve())
    assert noms(dossier) == ["a.pdf"] and len(classement.lister(ctx)) == 1
    bilan = tour(ctx, dossier, horloge, scanner.Releve())
    assert bilan.deja and len(classement.lister(ctx)) == 1  # type: ignore[attr-defined]
    assert noms(dossier) == [f"traités/{date.today()}/a.pdf"]


def test_a_file_that_cannot_be_moved_is_said_once_and_not_taken_again(
        ctx: Contexte, dossier: Path, horloge: Horloge, monkeypatch: pytest.MonkeyPatch) -> None:
    (dossier / "a.pdf").write_bytes(f.PDF)
    releve = scanner.Releve()

    def interdit(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", interdit)
    bilan = tour(ctx, dossier, horloge, releve)
    assert "ne peut pas être rangé" in bilan.illisibles[0].raison  # type: ignore[attr-defined]
    horloge.avancer()
    assert scanner.relever(ctx, str(dossier), releve).illisibles == ()
    assert noms(dossier) == ["a.pdf"] and len(classement.lister(ctx)) == 1


def test_bad_files_go_aside_and_absent_folders_are_said(ctx: Contexte, dossier: Path,
                                                        horloge: Horloge) -> None:
    (dossier / "abime.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 90)
    bilan = tour(ctx, dossier, horloge, scanner.Releve())
    assert "« illisibles »" in bilan.illisibles[0].raison  # type: ignore[attr-defined]
    assert noms(dossier) == [f"illisibles/{date.today()}/abime.jpg"]
    with pytest.raises(Refus, match="ne répond pas"):
        scanner.relever(ctx, str(dossier / "absent"), scanner.Releve())


def test_the_setting_is_one_of_this_workstation(ctx: Contexte, dossier: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refus, match="n’existe pas"):
        scanner.choisir_dossier_scanner(ctx, str(dossier / "absent"))
    scanner.choisir_dossier_scanner(ctx, str(dossier))
    assert scanner.dossier_scanner(ctx) == str(dossier) and (dossier / "traités").is_dir()
    monkeypatch.setattr(scanner.platform, "node", lambda: "autre-poste")
    assert scanner.dossier_scanner(ctx) == ""
