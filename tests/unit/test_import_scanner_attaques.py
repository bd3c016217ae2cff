"""The scanner's folder and dropped files under attack: links, pipes, files without end."""

import os
from pathlib import Path

import cda_fictifs as f
import pytest

from app.documents import reader
from app.usecases import classement, importation, scanner
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.unit.test_usecases_scanner import Horloge, ctx, dossier, horloge, noms

__all__ = ["ctx", "dossier", "horloge"]


@pytest.mark.attaque("Lien posé dans le dossier du scanner",
                     tente="poser, dans le dossier partagé du scanner, un lien vers un fichier "
                           "privé de la personne qui travaille sur ce poste",
                     constat="le lien est laissé\u00a0: rien n’est lu hors du dossier, et le vrai "
                             "fichier posé à côté est pris")
def test_a_link_reads_nothing_elsewhere(ctx: Contexte, dossier: Path, horloge: Horloge,
                                        tmp_path: Path) -> None:
    prive = tmp_path / "prive.pdf"
    prive.write_bytes(f.PDF)
    (dossier / "lien.pdf").symlink_to(prive)
    (dossier / "vrai.txt").write_text("Compte rendu du jour.")
    releve = scanner.Releve()
    scanner.relever(ctx, str(dossier), releve)
    horloge.avancer()
    bilan = scanner.relever(ctx, str(dossier), releve)
    assert [x.titre for x in bilan.attente] == ["vrai"] and not bilan.illisibles
    assert prive.read_bytes() == f.PDF and (dossier / "lien.pdf").is_symlink()
    assert len(classement.lister(ctx)) == 1


@pytest.mark.attaque("Fichier sans fin à la place d’un document",
                     tente="déposer dans la fenêtre ou le dossier du scanner un fichier de "
                           "plusieurs giga-octets, cent fichiers qui en font autant ensemble, un "
                           "tube, un périphérique",
                     constat="refusés sans être lus, avec leur nom\u00a0; la mémoire du poste n’y "
                             "passe pas")
def test_what_never_ends_is_not_read(ctx: Contexte, dossier: Path, horloge: Horloge,
                                     tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert importation.TAILLE_MAX == reader.TAILLE_MAX
    enorme = tmp_path / "enorme.pdf"
    enorme.write_bytes(f.PDF)
    os.truncate(enorme, 6_000_000_000)  # a file with a hole: it takes no room
    tube = tmp_path / "tube.pdf"
    os.mkfifo(tube)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read whole"))
    bilan = importation.importer_fichiers(ctx, [str(enorme), str(tube), "/dev/zero"], None)
    assert [x.titre for x in bilan.illisibles] == ["enorme.pdf", "tube.pdf", "zero"]
    assert bilan.illisibles[0].raison == importation.TROP_GROS
    enorme.rename(dossier / "enorme.pdf")
    releve = scanner.Releve()
    scanner.relever(ctx, str(dossier), releve)
    horloge.avancer()
    (aside,) = scanner.relever(ctx, str(dossier), releve).illisibles
    assert "volumineux" in aside.raison and noms(dossier)[0].startswith("illisibles/")
    monkeypatch.setattr(importation, "ENSEMBLE_MAX", 10)
    deux = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for fichier in deux:
        fichier.write_text("compte rendu")
    with pytest.raises(Refus, match="ensemble"):
        importation.importer_fichiers(ctx, [str(x) for x in deux], None)
