"""Export of the trail: verified, filtered, inert, traced; retention (IAM.91)."""

import csv
import errno
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.__main__ import main
from app.store.errors import DisquePlein, ErreurStore
from app.usecases import export_csv, traces
from app.usecases.errors import Refus
from tests.sauvegarde_outils import MOT, Cabinet, creer


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    with cree.ctx.store.ecriture() as u:
        u.trail.ecrire(qui="LINE INFIRMIERE", quoi="dossier.ouverture", sur_qui="1")
        u.trail.ecrire(qui="PAUL", quoi="dossier.fusion", sur_qui="1,12")
        u.trail.ecrire(qui="PA_L", quoi="dossier.ouverture", sur_qui="12",
                       detail='=HYPERLINK("http://exemple.test")')
    yield cree
    cree.ctx.fermer()


def _lire(chemin: Path) -> list[dict[str, str]]:
    with chemin.open(encoding="utf-8-sig", newline="") as entree:
        return list(csv.DictReader(entree, delimiter=";"))


def test_every_line_comes_out_once_and_the_export_is_one_of_them(
        cabinet: Cabinet, tmp_path: Path) -> None:
    fait = traces.exporter_traces(cabinet.ctx, tmp_path / "t.csv")
    lignes = _lire(fait.chemin)
    assert [int(li["numero"]) for li in lignes] == list(range(1, fait.lignes + 1))
    assert lignes[-1]["quoi"] == "traces.export" and lignes[-1]["qui"] == cabinet.ctx.qui
    assert fait.chaine.intacte
    assert fait.chemin.stat().st_mode & 0o077 == 0
    assert next(li for li in lignes if "HYPERLINK" in li["detail"])["detail"].startswith("'=")


def test_filters(cabinet: Cabinet, tmp_path: Path) -> None:
    def exporter(nom: str, **filtres: Any) -> list[str]:
        filtre = traces.FiltreTraces(**filtres)
        lignes = [li["quoi"] for li in _lire(traces.exporter_traces(
            cabinet.ctx, tmp_path / nom, filtre).chemin)]
        montrees = [li.quoi for li in traces.consulter_traces(cabinet.ctx, filtre)][::-1]
        assert lignes == montrees  # the file holds what the screen shows
        return lignes

    assert exporter("a.csv", patient="1") == ["dossier.ouverture", "dossier.fusion",
                                              "traces.export"]
    assert exporter("b.csv", patient="2") == ["traces.export"]
    assert exporter("c.csv", qui="PA_L") == ["dossier.ouverture"]  # no wildcard
    assert exporter("d.csv", qui="%") == []
    assert exporter("e.csv", au="31/12/2020") == []
    assert len(exporter("f.csv", du="01/01/2020")) > 5
    assert exporter("g.csv", natures=("dossier.f",)) == ["dossier.fusion"]
    with cabinet.ctx.store.ecriture() as u:
        u.trail.ecrire(qui="x", quoi="compte.verrou", resultat="refuse")
    assert exporter("h.csv", echecs=True) == ["compte.verrou"]
    assert exporter("i.csv", natures=("dossier.",), echecs=True) == []
    assert traces.consulter_traces(cabinet.ctx, traces.FiltreTraces())[0].detail == (
        "actes dossier., échecs seuls")


@pytest.mark.parametrize("filtres", [{"du": "hier"}, {"du": "02/01/2026", "au": "01/01/2026"},
                                     {"patient": "1 OR 1=1"}])
def test_bad_filters_are_refused(cabinet: Cabinet, tmp_path: Path,
                                 filtres: dict[str, str]) -> None:
    with pytest.raises(Refus):
        traces.exporter_traces(cabinet.ctx, tmp_path / "t.csv", traces.FiltreTraces(**filtres))
    assert not (tmp_path / "t.csv").exists()


def test_nothing_is_overwritten_and_a_full_disk_leaves_nothing(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vers = tmp_path / "t.csv"
    vers.write_text("à garder")
    with pytest.raises(Refus, match="existe déjà"):
        traces.exporter_traces(cabinet.ctx, vers)
    assert vers.read_text() == "à garder"
    vers.unlink()

    def plein(descripteur: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    avant = set(tmp_path.iterdir())
    monkeypatch.setattr(export_csv.os, "fsync", plein)
    with pytest.raises(DisquePlein):
        traces.exporter_traces(cabinet.ctx, vers)
    monkeypatch.undo()
    assert set(tmp_path.iterdir()) == avant and os.fsync is not plein


def test_the_command_says_a_broken_chain(cabinet: Cabinet, tmp_path: Path,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    commande = ["exporter-traces", "--dossier", str(cabinet.fichier), "--json"]
    assert main([*commande, "--vers", str(tmp_path / "a.csv"), "--patient", "1"]) == 0
    dit = json.loads(capsys.readouterr().out)
    assert dit["conservation"] == {"annees": 10, "echues": 0}
    assert dit["lignes"] == 3 and dit["chaine"]["intacte"]
    assert main([*commande, "--vers", str(tmp_path / "c.csv"), "--conservation", "5"]) == 0
    assert json.loads(capsys.readouterr().out)["conservation"]["annees"] == 5
    with cabinet.ctx.store.ecriture() as u:
        u.connexion.execute(text("DROP TRIGGER trail_scelle_update"))
        u.connexion.execute(text("UPDATE trail SET qui = 'X' WHERE numero = 2"))
    assert main([*commande, "--vers", str(tmp_path / "b.csv")]) == 1
    sortie = capsys.readouterr()
    assert json.loads(sortie.out)["chaine"]["rupture"] == 2 and "rompue" in sortie.err
    assert [li["resultat"] for li in _lire(tmp_path / "b.csv")][-1] == "chaine_rompue"


def test_retention_is_a_setting(cabinet: Cabinet) -> None:
    assert traces.conservation(cabinet.ctx, date(2026, 11, 21)).limite == "2016-11-21"
    assert traces.conservation(cabinet.ctx, date(2028, 2, 29)).limite == "2018-02-28"
    for annees in (0, 31):
        with pytest.raises(Refus):
            traces.regler_conservation(cabinet.ctx, annees)
    assert traces.regler_conservation(cabinet.ctx, 3).annees == 3
    demain = date.today().replace(year=date.today().year + 4, day=1)
    assert traces.conservation(cabinet.ctx, demain).echues > 0


# --- consultation, purge, integrity ------------------------------------------------------------

ANCIEN = "2010-03-01T08:00:00+01:00"


def _vieillir(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch, nombre: int) -> None:
    """A practice that began in 2010: its first lines are past the rule."""
    from app.store.repos import trail
    from app.store.repos.trail import ORIGINE, calculer_empreinte

    with cabinet.ctx.store.ecriture() as u:
        c = u.connexion
        for nom in ("trail_scelle_update", "trail_scelle_delete"):
            definition = c.execute(text("SELECT sql FROM sqlite_master WHERE name = :n"),
                                   {"n": nom}).scalar_one()
            c.execute(text(f"DROP TRIGGER {nom}"))
            precedente = ORIGINE
            if nom == "trail_scelle_update":
                for ligne in u.trail.parcourir():
                    quand = ANCIEN if ligne.numero <= nombre else ligne.horodatage
                    champs = (ligne.numero, quand, ligne.qui, ligne.quoi, ligne.sur_qui,
                              ligne.resultat, ligne.detail)
                    precedente = calculer_empreinte(precedente, champs)
                    c.execute(text("UPDATE trail SET horodatage = :q, empreinte = :e "
                                   "WHERE numero = :n"),
                              {"q": quand, "e": precedente, "n": ligne.numero})
                c.execute(text("UPDATE trail_tete SET empreinte = :e"), {"e": precedente})
            c.execute(text(definition))
    assert trail.ORIGINE == "0" * 64


def test_a_purge_archives_removes_and_the_chain_goes_on(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    _vieillir(cabinet, monkeypatch, 3)
    fait = traces.purger_traces(cabinet.ctx, tmp_path / "archive.csv")
    assert (fait.lignes, fait.jusqua) == (3, 3)
    assert [int(li["numero"]) for li in _lire(tmp_path / "archive.csv")] == [1, 2, 3]
    chaine = traces.verifier_traces(cabinet.ctx)
    assert chaine.intacte and chaine.ancre == 3
    with cabinet.ctx.store.lecture() as u:
        assert min(t.numero for t in u.trail.lister()) == 4
        assert [t.quoi for t in u.trail.lister(2)] == ["traces.repere", "traces.purge"]
    assert traces.purger_traces(cabinet.ctx, tmp_path / "b.csv").lignes == 0
    commande = ["exporter-traces", "--dossier", str(cabinet.fichier), "--purger", "--vers",
                str(tmp_path / "c.csv")]
    assert main(commande) == 0 and "rien n’a été effacé" in capsys.readouterr().out
    rapport = cabinet.ctx.store.verifier()
    assert rapport.bon and any("purge de la ligne 3" in p.detail for p in rapport.points)


@pytest.mark.attaque("Journal falsifié",
                     tente="modifier, effacer, couper des lignes, poser une fausse ancre",
                     constat="refusé par la base ; contourné, la chaîne dit la ligne et la raison")
def test_a_tampered_trail_is_refused_then_seen(cabinet: Cabinet, tmp_path: Path) -> None:
    for ordre in ("UPDATE trail SET qui = 'X' WHERE numero = 1", "DELETE FROM trail",
                  "DELETE FROM trail_tete"):
        with pytest.raises(ErreurStore), cabinet.ctx.store.ecriture() as u:
            u.connexion.execute(text(ordre))
    # With the key of the file and SQL at hand, a false anchor lets lines go, but is seen.
    with cabinet.ctx.store.ecriture() as u:
        empreinte = u.trail.lister()[-2].empreinte
        u.connexion.execute(text("INSERT INTO trail_ancre VALUES (2, :e, '2026-01-01')"),
                            {"e": empreinte})
        u.connexion.execute(text("DELETE FROM trail WHERE numero <= 2"))
    chaine = traces.verifier_traces(cabinet.ctx)
    assert not chaine.intacte and "purge" in chaine.raison
    with pytest.raises(ErreurStore), cabinet.ctx.store.ecriture() as u:
        u.connexion.execute(text("DELETE FROM trail_ancre"))
    with pytest.raises(Refus, match="rompue"):
        traces.purger_traces(cabinet.ctx, tmp_path / "p.csv")
    traces.verifier_traces(cabinet.ctx)
    with cabinet.ctx.store.lecture() as u:  # said once a day
        assert [t.quoi for t in u.trail.lister()].count("traces.rupture") == 1


def _couper(fichier: Path | str, cle: bytes) -> None:
    """Cut the last two lines and set the head back, as who has the key and SQL may do."""
    from app.store.connections import ouvrir_brut

    connexion = ouvrir_brut(Path(fichier), cle)
    for nom, in connexion.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' "
                                  "AND name LIKE 'trail%'").fetchall():
        connexion.execute(f"DROP TRIGGER {nom}")
    numero, = connexion.execute("SELECT max(numero) - 2 FROM trail").fetchone()
    connexion.execute("DELETE FROM trail WHERE numero > ?", (numero,))
    connexion.execute("UPDATE trail_tete SET numero = ?, empreinte = (SELECT empreinte FROM trail "
                      "WHERE numero = ?)", (numero, numero))
    connexion.close()


@pytest.mark.attaque("Fin du journal coupée avec la clé, ou dossier remplacé par une copie",
                     tente="effacer les dernières lignes et reculer la tête de la chaîne ; "
                           "remettre le fichier d’hier ; récrire la fin ; effacer ou forger le "
                           "repère du poste",
                     constat="vu à l’ouverture et par « verifier » grâce au repère que le poste "
                             "garde hors du dossier, dit une fois, inscrit au journal ; un repère "
                             "disparu s’inscrit aussi")
@pytest.mark.parametrize("attaque", ["couper", "copie", "recrire"])
def test_a_cut_end_is_seen_by_what_the_workstation_remembers(
        cabinet: Cabinet, attaque: str, capsys: pytest.CaptureFixture[str]) -> None:
    from app.store import temoin
    from app.usecases import access

    fichier, cle = Path(cabinet.fichier), cabinet.ctx.store._cle
    assert cle is not None
    assert traces.verifier_traces(cabinet.ctx).intacte  # the repère is posed, and said
    cabinet.ctx.fermer()
    hier = fichier.read_bytes()
    ctx = access.deverrouiller(fichier, MOT)
    assert traces.verifier_traces(ctx).intacte
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui="PAUL", quoi="dossier.ouverture", sur_qui="12")
    ctx.fermer()
    if attaque == "copie":
        fichier.write_bytes(hier)
    else:
        _couper(fichier, cle)
    if attaque == "recrire":
        for _ in range(3):  # as many lines as were cut, and more
            access.deverrouiller(fichier, MOT).fermer()
    assert main(["verifier", "--json", str(fichier)]) == 1
    points = json.loads(capsys.readouterr().out)["points"]
    assert [p["code"] for p in points if p["etat"] == "defaut"] == ["repere"]
    ctx = access.deverrouiller(fichier, MOT)
    chaine = traces.verifier_traces(ctx)
    assert not chaine.intacte and "ce poste avait vu" in chaine.raison
    assert traces.verifier_traces(ctx).intacte  # said once
    with ctx.store.lecture() as u:
        assert [x.detail for x in u.trail.lister() if x.quoi == "traces.rupture"]
    ctx.fermer()
    assert main(["verifier", str(fichier)]) == 0
    # Forged without the key, or removed: a line says that it was put again.
    repere = temoin.fichier_repere(fichier)
    forge = json.loads(repere.read_bytes()) | {"numero": 1}
    for geste in (lambda: repere.write_text(json.dumps(forge)), repere.unlink):
        geste()
        ctx = access.deverrouiller(fichier, MOT)
        with ctx.store.lecture() as u:
            avant = [x.quoi for x in u.trail.lister()].count("traces.repere")
        assert traces.verifier_traces(ctx).intacte
        with ctx.store.lecture() as u:
            assert [x.quoi for x in u.trail.lister()].count("traces.repere") == avant + 1
        ctx.fermer()


def test_the_repere_follows_a_change_of_key_a_purge_and_a_restoration(
        cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.usecases import access, backup
    from app.usecases.restore import restaurer

    ctx, fichier = cabinet.ctx, Path(cabinet.fichier)
    assert traces.verifier_traces(ctx).intacte
    faite = backup.sauvegarder(ctx).chemin
    ctx.store.changer_cle()
    with ctx.store.lecture() as u:
        assert ctx.store.ecart_repere(u) == ""
    assert traces.verifier_traces(ctx).intacte
    ctx.fermer()
    rendu = restaurer(faite, fichier, mot_de_passe=MOT, mettre_de_cote=True)
    assert rendu.rapport.bon and rendu.mis_de_cote is not None
    ctx = access.deverrouiller(fichier, MOT)
    assert traces.verifier_traces(ctx).intacte  # its own repère went aside with the other practice
    ctx.fermer()
    assert (rendu.mis_de_cote / "cabinet.repere.json").exists()


def test_the_screen_filters_and_pages(cabinet: Cabinet) -> None:
    def voir(**filtre: object) -> list[str]:
        return [t.quoi for t in traces.consulter_traces(
            cabinet.ctx, traces.FiltreTraces(**filtre))]  # type: ignore[arg-type]

    assert voir(patient="12") == ["dossier.ouverture", "dossier.fusion"]
    assert voir(qui="PA_L") == ["dossier.ouverture"] and voir(qui="%") == []
    assert voir(natures=("dossier.f", "cabinet.")) == ["dossier.fusion", "cabinet.creation"]
    assert voir(natures=("dossier_",)) == []
    with cabinet.ctx.store.ecriture() as u:
        u.trail.ecrire(qui="?", quoi="compte.connexion", resultat="echec")
    assert voir(echecs=True) == ["compte.connexion"]
    toutes = traces.consulter_traces(cabinet.ctx, traces.FiltreTraces())
    suite = traces.consulter_traces(cabinet.ctx, traces.FiltreTraces(), avant=toutes[1].numero,
                                    limite=2)
    assert suite == toutes[2:4]
    with pytest.raises(Refus):
        voir(patient="1 OR 1=1")


def test_what_leaves_the_file_is_traced_without_its_content(cabinet: Cabinet) -> None:
    from app.usecases import sorties, verrouillage

    sorties.noter_sortie(cabinet.ctx, sorties.Sortie.IMPRESSION, "document 12", 1)
    sorties.noter_sortie(cabinet.ctx, sorties.Sortie.PRESSE_PAPIERS, "matricule", 1)
    regles = verrouillage.lire_verrouillage(cabinet.ctx)
    assert (regles.verrou_min, regles.fin_min) == (10, 120)
    for faux in ({"verrou_min": 0}, {"fin_min": 300}, {"verrou_min": 30, "fin_min": 30},
                 {"presse_papiers_s": 1}):
        with pytest.raises(Refus):
            verrouillage.enregistrer_verrouillage(cabinet.ctx, replace(regles, **faux))
    verrouillage.enregistrer_verrouillage(cabinet.ctx, replace(regles, retrait_carte=True))
    assert verrouillage.lire_verrouillage(cabinet.ctx).retrait_carte
    with cabinet.ctx.store.lecture() as u:
        assert [(t.quoi, t.sur_qui) for t in u.trail.lister(3)] == [
            ("reglages.verrouillage", ""), ("sortie.presse_papiers", "1"),
            ("sortie.impression", "1")]
