"""Every way by which something leaves the practice is known, traced, and private.

The first test reads the code: a new exit fails it until it is named here with its trace.
"""

import ast
import stat
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import tableur
from app.domain.tableau_ins import MoisIns, TableauIns
from app.store.errors import ErreurStore
from app.ui.controllers import import_identites as ecran_identites
from app.ui.controllers import prelevement as ecran_prelevement
from app.ui.controllers import tableau_ins as ecran_tableau
from app.ui.controllers import visionneuse as ecran_visionneuse
from app.usecases import backup, export_dossier, questionnaire, sorties, traces
from app.usecases.context import Contexte
from tests.sauvegarde_outils import Cabinet, creer
from tests.store_outils import fiche

APP = Path(__file__).parents[2] / "app"

#: Call that lets something out -> where it may stand -> act of the trail (a reason when none).
CONNUES: dict[str, dict[str, str]] = {
    "getSaveFileName": {
        "ui/controllers/visionneuse.py": "sortie.enregistrement",
        "ui/controllers/prelevement.py": "sortie.enregistrement",
        "ui/controllers/feuille_cle.py": "sortie.enregistrement",
        "ui/controllers/export_dossier.py": "dossier.export, cabinet.export",
        "ui/controllers/import_identites.py": "identite.export",
        "ui/controllers/tableau_ins.py": "tableau.ins.export",
        "ui/controllers/journal.py": "traces.export, traces.purge",
        "ui/controllers/questionnaire.py": "reglages.questionnaire_export"},
    "QPrintDialog": {
        "ui/controllers/visionneuse.py": "document.impression, sortie.impression",
        "ui/controllers/feuille_cle.py": "sortie.impression"},
    "setMimeData": {"ui/presse_papiers.py": "sortie.presse_papiers"},
    "clipboard": {"ui/presse_papiers.py": "sortie.presse_papiers",
                  "ui/views/apcv.py": "lecture seule : une image collée"},
    "openUrl": {
        "ui/controllers/vaccinations.py": "notice publique du vaccin, en https",
        "ui/controllers/premier_demarrage.py": "adresse de Pro Santé Connect",
        "ui/controllers/export_cabinet.py": "dossier du poste où est l’archive",
        "ui/controllers/navigateur.py": "adresse de Pro Santé Connect"},
    "ecrire_fichier": {
        "usecases/sorties.py": "sortie.enregistrement",
        "ui/controllers/prelevement.py": "sortie.enregistrement",
        "ui/controllers/acces_taches.py": "sortie.enregistrement",
        "ui/controllers/import_identites.py": "identite.export",
        "ui/controllers/tableau_ins.py": "tableau.ins.export"},
    "fichier_de_sortie": {
        "usecases/export_csv.py": "ecrire_table : ci-dessous",
        "usecases/export_dossier.py": "dossier.export, cabinet.export"},
    "ecrire_table": {"usecases/traces.py": "traces.export, traces.purge",
                     "usecases/questionnaire.py": "reglages.questionnaire_export"},
    "write_bytes": {"usecases/scanner.py": "fichier vide, pour essayer le dossier"},
    "write_text": {},
}


def _appels() -> dict[str, set[str]]:
    trouves: dict[str, set[str]] = defaultdict(set)
    for etage in ("ui", "usecases"):
        for source in (APP / etage).rglob("*.py"):
            for noeud in ast.walk(ast.parse(source.read_text("utf-8"))):
                if isinstance(noeud, ast.Call):
                    nom = getattr(noeud.func, "attr", getattr(noeud.func, "id", ""))
                    if nom in CONNUES:
                        trouves[nom].add(source.relative_to(APP).as_posix())
    return trouves


def test_no_exit_is_unknown() -> None:
    trouves = _appels()
    assert {nom: trouves[nom] for nom in CONNUES} == {n: set(ou) for n, ou in CONNUES.items()}


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cabinet:
    return creer(tmp_path / "cabinet.pleiade", monkeypatch)


def _xdm(ctx: Contexte, vers: Path) -> None:
    from app.domain.outbox import Destination

    with ctx.store.ecriture() as u:
        f = u.documents.ajouter(fiche(1, "1.1"), cda=b"<cda/>", pdf=b"%PDF")
        ordre = u.outbox.ajouter(Destination.DMP, f.id, 1, ctx.compte_id,
                                 "2026-01-01T00:00:00+00:00")
        u.archives.ajouter(ordre.id, b"PK", nom="IHE_XDM.ZIP", destinataire="LABO",
                           adresse="labo@exemple.test")
    ecran_prelevement._enregistrer(ctx, ordre.id, str(vers))


def _tableau(ctx: Contexte, vers: Path) -> None:
    ecran_tableau._ecrire(ctx, TableauIns((MoisIns("2026-11", 1),), (), ()), str(vers))


GESTES: dict[str, tuple[Callable[[Contexte, Path], object], str]] = {
    "document": (lambda ctx, f: ecran_visionneuse._enregistrer(ctx, str(f), b"%PDF", "7", 1),
                 "sortie.enregistrement"),
    "archive XDM": (_xdm, "sortie.enregistrement"),
    "identités CSV": (lambda ctx, f: ecran_identites._exporter(ctx, "csv", str(f)),
                      "identite.export"),
    "identités FHIR": (lambda ctx, f: ecran_identites._exporter(ctx, "fhir", str(f)),
                       "identite.export"),
    "dossier d’un patient": (lambda ctx, f: export_dossier.exporter_dossier(ctx, 1, f, None),
                             "dossier.export"),
    "tout le cabinet": (lambda ctx, f: export_dossier.exporter_cabinet(ctx, f, None),
                        "cabinet.export"),
    "indicateurs": (_tableau, "tableau.ins.export"),
    "journal": (traces.exporter_traces, "traces.export"),
    "questionnaire": (questionnaire.exporter_questionnaire, "reglages.questionnaire_export"),
    "sauvegarde": (lambda ctx, f: backup.sauvegarder(ctx, f.parent).chemin.rename(f),
                   "sauvegarde"),
}


@pytest.mark.attaque("Faire sortir des données sans laisser de trace",
                     tente="chaque sortie du logiciel : document, archive, identités, indicateurs, "
                           "journal, questionnaire, sauvegarde ; un test les énumère dans le code",
                     constat="chacune a sa ligne au journal, et son fichier n’est lisible que de "
                             "son auteur")
@pytest.mark.parametrize("nom", GESTES)
def test_each_exit_is_traced_and_private(cabinet: Cabinet, tmp_path: Path, nom: str) -> None:
    geste, acte = GESTES[nom]
    dossier = tmp_path / "dehors"
    dossier.mkdir()
    with cabinet.ctx.store.lecture() as u:
        avant = u.trail.lister(1)[0].numero
    geste(cabinet.ctx, dossier / "sorti")
    assert stat.S_IMODE((dossier / "sorti").stat().st_mode) & 0o077 == 0
    assert not [f for f in dossier.iterdir() if "partiel" in f.name]
    with cabinet.ctx.store.lecture() as u:
        lignes = [x for x in u.trail.lister(20) if x.numero > avant]
    assert acte in {x.quoi for x in lignes if x.qui == cabinet.ctx.qui and x.resultat != "echec"}


def test_a_job_that_fails_midway_was_traced(cabinet: Cabinet) -> None:
    """Its first pages are in the spooler already."""
    def casser() -> int:
        raise OSError("l’imprimante s’éteint")

    for patient, acte in ((1, "document.impression"), (None, "sortie.impression")):
        with pytest.raises(OSError):
            ecran_visionneuse._tracer_puis(cabinet.ctx, ("document 7", patient), casser)
        with cabinet.ctx.store.lecture() as u:
            ligne = u.trail.lister(1)[0]
        assert (ligne.quoi, ligne.detail) == (acte, "document 7")


def test_what_was_there_stays_when_the_disk_refuses(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vers = tmp_path / "compte rendu.pdf"
    vers.write_bytes(b"ancien")
    with pytest.raises(ErreurStore, match="autre dossier"):
        sorties.ecrire_fichier(tmp_path / "absent" / "x.pdf", b"neuf")

    def plein(chemin: Path, contenu: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sorties, "ecrire_durablement", plein)
    with pytest.raises(ErreurStore, match="disque est plein"):
        sorties.ecrire_fichier(vers, b"neuf")
    assert vers.read_bytes() == b"ancien"


@pytest.mark.attaque("Formule piégée dans une cellule exportée",
                     tente="« =cmd », « +33… », une espace ou une tabulation devant, les formes "
                           "larges, une apostrophe déjà là",
                     constat="aucune cellule n’est exécutée par un tableur ; relue par Pléiade, "
                             "elle retrouve son texte")
@given(st.text(alphabet="'=+-@\t\r\n \u00a0\uff1d\uff0b\uff0d\uff20cmd|é1", max_size=8))
def test_no_cell_is_a_formula_and_each_comes_back(texte: str) -> None:
    cellule = tableur.inerte(texte)
    assert cellule.lstrip("\t\r\n \u00a0")[:1] not in {
        "=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"} or not cellule
    assert not cellule.startswith(("\t", "\r", "\n"))
    assert tableur.sans_apostrophe(cellule) == texte
