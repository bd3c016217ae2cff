"""What leaves the file, under attack: weak passwords, and the practice's own files in the way."""

from pathlib import Path

import pytest

from app.store.places import est_du_programme
from app.usecases import export_dossier, sorties
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.unit.test_usecases_export_dossier import MOT, ctx, lignes, patient_id

__all__ = ["ctx", "patient_id"]


@pytest.mark.attaque("Archive remise sous un mot de passe facile à deviner",
                     tente="protéger l’archive d’un patient, ou de tout le cabinet, par douze "
                           "lettres identiques, une suite de touches, un mot courant et une "
                           "année, le nom et l’année de naissance du patient",
                     constat="refusé avant d’écrire\u00a0: le format ZIP ne ralentit pas qui "
                             "essaie, il faut cent mille milliards d’essais au moins")
@pytest.mark.parametrize("mot", ["aaaaaaaaaaaa", "azertyuiop12", "motdepasse2026",
                                 "PAT-TROIS-1979", "Infirmiere2026!"])
def test_a_guessable_password_protects_no_archive(ctx: Contexte, patient_id: int, tmp_path: Path,
                                                  mot: str) -> None:
    for exporter in (lambda vers: export_dossier.exporter_dossier(ctx, patient_id, vers, mot),
                     lambda vers: export_dossier.exporter_cabinet(ctx, vers, mot)):
        with pytest.raises(Refus, match="se devine"):
            exporter(tmp_path / "sortie.zip")
    assert not list(tmp_path.glob("sortie*")) and lignes(ctx, "dossier.export") == []


@pytest.mark.attaque("Cabinet écrasé par ce qui en sort",
                     tente="enregistrer une archive ou un document, en acceptant de remplacer, "
                           "sur le dossier du cabinet, son journal d’écriture, son coffre, son "
                           "repère, une sauvegarde",
                     constat="refusé\u00a0: rien de ce qui sort ne prend le nom d’un fichier de "
                             "Pléiade, tout est intact")
def test_nothing_that_leaves_replaces_the_practice(ctx: Contexte, patient_id: int,
                                                   tmp_path: Path) -> None:
    fichier = Path(ctx.store.emplacement)
    vises = [fichier, fichier.with_name(f"{fichier.name}-wal"),
             fichier.with_name(f"{fichier.stem}.coffre.json"),
             fichier.with_name(f"{fichier.stem}.repere.json"),
             fichier.with_name(f"{fichier.stem.upper()}.PLEIADE"),
             tmp_path / "pleiade-0123abcd-20261129-080000.pleiade"]
    for autre in vises[2:]:
        autre.write_bytes(b"rien d'autre")
    for vers in vises:
        with pytest.raises(Refus, match="fichier de Pléiade"):
            export_dossier.exporter_dossier(ctx, patient_id, vers, MOT, remplacer=True)
        with pytest.raises(Refus, match="fichier de Pléiade"):
            sorties.enregistrer_sortie(ctx, "document 1", vers, b"%PDF", patient_id)
    assert {f.read_bytes() for f in vises[2:]} == {b"rien d'autre"}
    assert lignes(ctx, "sortie.enregistrement") == []
    with ctx.store.lecture() as u:
        assert u.patients.compter() >= 1


def test_names_of_the_program_and_others() -> None:
    for nom in ("cabinet.pleiade", "c.pleiade-shm", "x.coffre.json", "x.essais.json.ab12.partiel",
                "serveur.secret", "X.ESSAIS.DERNIER"):
        assert est_du_programme(Path("/d") / nom), nom
    for nom in ("dossier-1-2026-11-29.zip", "lettre.pdf", "identites.json", "pleiade.csv",
                "coffre.json"):
        assert not est_du_programme(Path("/cabinet.pleiade") / nom), nom
