"""The patient's rights, through the window: access to the whole file, rectification (MIN.RGPD.01),
and the archive that another software may read (MIN.PORT.01)."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import pyzipper
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.__main__ import main
from app.cli.demo import MOT_DE_PASSE
from app.cli.exporter import VARIABLE
from app.cli.secret import VARIABLE_MOT_DE_PASSE
from app.domain.outbox import Destination
from app.domain.roles import ROLES
from app.store.tables import Base
from app.ui.models.conservation import Colonne
from app.ui.views.conservation import VueConservation
from app.ui.views.effacement import DialogueEffacement
from app.ui.views.export_dossier import DialogueExport
from app.ui.views.journal import VueJournal
from app.usecases import (
    brouillons,
    effacement,
    export_csv,
    export_dossier,
    garde,
    importation,
    patients,
    produce,
)
from app.usecases.documents import documents_du_patient
from app.usecases.dossier import ajouter_observation
from app.usecases.droits_identite import DroitsIdentite, definir_droits
from app.usecases.errors import Refus
from tests.conftest import RACINE
from tests.effacement_outils import JADIS
from tests.identite_outils import contexte
from tests.store_outils import NOM_RARE, fiche, identite

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve


def remettre(poste: "Poste", vers: Path, monkeypatch: pytest.MonkeyPatch, capture: str) -> str:
    """Hand the open file over; returns the password that was proposed."""
    pilote = poste.pilote
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(vers), ""))
    pilote.cliquer("Autres gestes sur ce dossier")
    pilote.choisir("Remettre le dossier au patient")
    pilote.attendre(lambda: pilote.visibles(DialogueExport), "le dialogue")
    dialogue = pilote.visibles(DialogueExport)[0]
    mot = dialogue.mot.texte()
    pilote.capturer(capture)
    pilote.cliquer("Choisir le fichier…")
    pilote.attendre(lambda: pilote.voit(vers.name) and pilote.bouton("Fermer"), "l’archive")
    pilote.capturer(f"{capture}-faite")
    pilote.cliquer("Fermer")
    pilote.attendre(lambda: not pilote.visibles(DialogueExport), "fermé")
    return mot


def ouvrir_archive(archive: Path, mot: str) -> dict[str, bytes]:
    with pyzipper.AESZipFile(archive) as z:
        z.setpassword(mot.encode())
        return {nom: z.read(nom) for nom in z.namelist()}


@pytest.mark.exigence("MIN.RGPD.01", "MIN.PORT.01", titre="Le dossier d’un patient lui est remis "
                      "en entier, son identité rectifiée")
def test_access_then_rectification(connecte: "Poste", preuve: "Preuve", tmp_path: Path,
                                   monkeypatch: pytest.MonkeyPatch) -> None:
    """Four clicks give an encrypted archive with everything; a corrected name is everywhere."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "INSi a répondu")
    ajouter_observation(poste.ctx, patient_id, "Pansement refait, plaie propre.")
    brouillon = brouillons.nouveau_brouillon(poste.ctx, patient_id, "11506-3")
    produce.valider(poste.ctx, replace(brouillon, titre="Passage", texte="Plaie propre."))
    archive = tmp_path / "dossier.zip"
    avant = pilote.clics
    mot = remettre(poste, archive, monkeypatch, "remettre")
    assert pilote.clics - avant == 4
    fichiers = ouvrir_archive(archive, mot)
    assert "ADRUN" not in archive.read_bytes().decode("latin-1")
    lu = json.loads(fichiers["donnees/dossier.json"])["dossier"]
    assert lu["identite"][0]["nom_naissance"] == "ADRUN"
    assert [o["texte"] for o in lu["observations"]] == ["Pansement refait, plaie propre."]
    assert lu["passages"] and "Ouverture d’un dossier" in {x["acte"] for x in lu["acces"]}
    (document,) = lu["documents"]
    xml, pdf = document["fichiers"].split()
    assert fichiers[pdf].startswith(b"%PDF") and b"ClinicalDocument" in fichiers[xml]
    assert (document["nom"], document["prenom"], document["sexe"]) == ("ADRUN", "ZOE", "F")
    for nom in ("index.html", "donnees/dossier.json", "donnees/documents.csv"):
        preuve.fichier(nom.rsplit("/", 1)[-1], fichiers[nom])
    # Another practice takes the documents by its own import.
    with poste.ctx.store.lecture() as u:
        identite = u.patients.lire(patient_id).identite
    ailleurs = tmp_path / "ailleurs"
    ailleurs.mkdir()
    autre = contexte(ailleurs)
    with autre.store.ecriture() as u:
        arrive = u.patients.ajouter(identite, auteur="T", cause="C").id
    bilan = importation.importer(autre, [(n.rsplit("/", 1)[-1], fichiers[n])
                                         for n in (xml, pdf)], arrive)
    assert len(bilan.classes) == 1
    with autre.store.lecture() as u, poste.ctx.store.lecture() as v:
        assert {d.cda_sha256 for d in u.documents.lister(arrive)} == {
            d.cda_sha256 for d in v.documents.lister(patient_id)}
    autre.fermer()
    # Rectification: one gesture, its old and new value kept, found under the new name.
    definir_droits(poste.ctx, poste.ctx.compte_id, DroitsIdentite(traits_stricts=True))
    poste.assemblage.vigilance.ouvrir_historique(patient_id)
    pilote.cliquer("Modifier les traits verrouillés")
    pilote.remplir("Nom de naissance", "ADRUNE")
    pilote.remplir("Motif, gardé dans l’historique de l’identité", "Acte de naissance vu")
    pilote.cliquer("Modifier")
    pilote.attendre(lambda: pilote.voit("ADRUN, puis ADRUNE"), "l’ancienne et la nouvelle valeur")
    pilote.capturer("rectification")
    assert [p.id for p in patients.chercher(poste.ctx, "ADRUNE")] == [patient_id]
    assert "identite.modification" in [t.quoi for t in poste.traces("identite.modification")]
    poste.dossier("ADRUNE")
    rectifiee = tmp_path / "rectifiee.zip"
    lu = json.loads(ouvrir_archive(rectifiee, remettre(poste, rectifiee, monkeypatch, "rectifiee"))
                    ["donnees/dossier.json"])["dossier"]
    assert lu["identite"][0]["nom_naissance"] == "ADRUNE"
    assert any("ADRUN, puis ADRUNE" in x["changements"] for x in lu["identite_historique"])
    assert [t.sur_qui for t in poste.traces("dossier.export")] == [str(patient_id)] * 2
    # « Qui a vu mon dossier », from the file itself.
    pilote.cliquer("Autres gestes sur ce dossier")
    pilote.choisir("Qui a vu ce dossier")
    vue = poste.application.fenetre.page("journal")
    assert isinstance(vue, VueJournal)
    pilote.attendre(lambda: vue.modele.rowCount() and all(
        vue.modele.ligne(i).sur_qui == str(patient_id) for i in range(vue.modele.rowCount())),
        "les accès à ce dossier")
    pilote.capturer("qui-a-vu")
    assert documents_du_patient(poste.ctx, patient_id).lignes


@pytest.mark.exigence("MIN.PORT.02", titre="Tout le cabinet sort par un administrateur, pour un "
                      "autre logiciel")
def test_the_whole_practice_by_command(poste: "Poste", preuve: "Preuve", tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    """While the window is open: the command, its archive, and the page that says what it holds."""
    poste.ouvrir()
    monkeypatch.setenv(VARIABLE_MOT_DE_PASSE, MOT_DE_PASSE)
    monkeypatch.setenv(VARIABLE, "Archive-Fictive-2026")
    vers = tmp_path / "cabinet.zip"
    assert main(["exporter", "--cabinet", "--depuis", "29/11/2021", "--vers", str(vers),
                 "--dossier", str(tmp_path / "cabinet.pleiade"), "--json"]) == 0
    dit = json.loads(capsys.readouterr().out)
    fichiers = ouvrir_archive(vers, "Archive-Fictive-2026")
    assert dit["patients"] == sum(n.endswith("index.html") for n in fichiers) > 5
    preuve.fichier("export.json", json.dumps(dit, ensure_ascii=False).encode())
    preuve.fichier("patients.csv", fichiers["patients.csv"])
    assert b"ADRUN" in fichiers["patients.csv"]
    assert "cabinet.export" in [t.quoi for t in poste.traces("cabinet.export")]
    page = (RACINE / "docs" / "securite" / "rgpd.md").read_text(encoding="utf-8")
    for table in json.loads(next(b for n, b in fichiers.items() if n.endswith("dossier.json"))
                            )["dossier"]:
        assert table  # each table of the format is a file of its own
        assert any(n.endswith(f"donnees/{table}.csv") for n in fichiers)
    for attendu in ("index.html", "documents/", "donnees/dossier.json", "donnees/*.csv",
                    "patients.csv", "pleiade exporter --cabinet"):
        assert attendu in page, attendu
    preuve.fichier("rgpd.md", page.encode())


@pytest.mark.exigence("SC.SSI/GEN.20", titre="Une version téléchargée est vérifiée avant d’être "
                      "ouverte")
def test_a_downloaded_version_is_checked_in_the_window(poste: "Poste", tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """À propos: the publisher's version is told good, a changed one is refused with what to do."""
    from app import livraison
    from tests.components.test_livraison import PUBLIQUE, version

    pilote = poste.pilote
    poste.ouvrir()
    archive = version(tmp_path, "9.1.0")
    monkeypatch.setattr(livraison, "cles_connues", lambda: [PUBLIQUE])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(archive), ""))
    poste.assemblage.reglages.ouvrir("a_propos")
    pilote.cliquer("Vérifier une version téléchargée…")
    pilote.attendre(lambda: pilote.voit("vient bien de l’éditeur"), "la réponse")
    pilote.capturer("version-de-l-editeur")
    archive.write_bytes(b"PK autre chose")
    pilote.cliquer("Vérifier une version téléchargée…")
    pilote.attendre(lambda: pilote.voit("Ne l’installez pas"), "le refus")
    assert not pilote.voit("vient bien de l’éditeur")  # never both
    pilote.capturer("version-modifiee")


def _vieillir(poste: "Poste", *ids: int) -> None:
    """Their last act is of June 2002."""
    with poste.ctx.store.ecriture() as u:
        for id in ids:
            for table, colonne in (("passage", "jour"), ("observation", "horodatage"),
                                   ("document", "date_acte"), ("document", "cree_le"),
                                   ("episode", "ouvert_le"), ("element_clinique", "cree_le"),
                                   ("patient", "cree_le")):
                cle = "id" if table == "patient" else "patient_id"
                u.connexion.exec_driver_sql(f"UPDATE {table} SET {colonne} = '{JADIS}' "
                                            f"WHERE {cle} = {id}")


@pytest.mark.exigence("MIN.RGPD.01", titre="Un dossier dont la durée est passée est remis, puis "
                      "effacé pour de bon")
def test_a_file_past_its_term_is_kept_elsewhere_then_erased(
        poste: "Poste", preuve: "Preuve", tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """One is ready, one asks to be looked at, one is held back; what goes is told, and goes."""
    pilote = poste.pilote
    poste.ouvrir()
    ctx = poste.ctx
    with ctx.store.ecriture() as u:
        pret, verifier, retenu = (u.patients.ajouter(
            identite(nom, date=naissance), auteur="T", cause="C").id for nom, naissance in (
            (NOM_RARE, "1931-02-03"), ("SÉRAPHIN", "1940-05-06"), ("RETENU", "1950-07-08")))
        for id in (pret, verifier, retenu):
            for rang in range(3):
                document = u.documents.ajouter(fiche(id, titre=f"{NOM_RARE} {rang}"), cda=None,
                                               pdf=f"%PDF {NOM_RARE} {id} {rang}".encode())
        u.outbox.ajouter(Destination.DMP, document.id, retenu, ctx.compte_id,
                         "2099-01-01T00:00:00Z")
        u.trail.ecrire(qui="Julie FONTAINE", quoi="dossier.ouverture", sur_qui=str(verifier),
                       resultat="ok")
    _vieillir(poste, pret, verifier, retenu)
    fenetre = poste.application.fenetre
    poste.assemblage.reglages.ouvrir("cabinet")
    avant = pilote.clics
    pilote.cliquer("Conservation")
    vue = fenetre.page("conservation")
    assert isinstance(vue, VueConservation)
    pilote.attendre(lambda: vue.modele.rowCount() == 3, "les dossiers échus")
    assert [Colonne.ETAT.name, *(vue.modele.index(i, Colonne.ETAT).data() for i in range(3))] == [
        "ETAT", "Prêt", "À vérifier", "Retenu"]
    pilote.capturer("conservation")
    vue.table.aller_a(2)
    pilote.attendre(lambda: pilote.voit("1\u00a0envoi n’est pas terminé"), "pourquoi il est retenu")
    vue.modele.basculer(2)
    assert vue.modele.choisis == ()
    pilote.cliquer("Choisir les dossiers prêts")
    assert [d.patient_id for d in vue.modele.choisis] == [pret]
    pilote.cliquer("Effacer…")
    pilote.attendre(lambda: pilote.visibles(DialogueEffacement), "la confirmation")
    dialogue = pilote.visibles(DialogueEffacement)[0]
    assert dialogue.verifie.hasFocus() and not dialogue.bouton.isEnabled()
    QTest.keyClick(dialogue.verifie, Qt.Key.Key_Return)  # presses nothing
    assert dialogue.isVisible()
    for phrase in (NOM_RARE, "3\u00a0documents", "sans nom ni soin", "Les sauvegardes déjà faites",
                   "n’est pas effacé là-bas"):
        assert pilote.voit(phrase), phrase
    pilote.capturer("confirmation")
    # A copy first.
    archive = tmp_path / "copie.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(archive), ""))
    pilote.cliquer("Garder d’abord une copie…")
    pilote.attendre(lambda: pilote.visibles(DialogueExport), "l’archive")
    mot = pilote.visibles(DialogueExport)[0].mot.texte()
    pilote.cliquer("Choisir le fichier…")
    pilote.attendre(lambda: pilote.voit("copie.zip") and pilote.bouton("Fermer"), "la copie")
    pilote.capturer("copie-gardee")
    pilote.cliquer("Fermer")
    assert NOM_RARE.encode() in ouvrir_archive(archive, mot)["patients.csv"]
    # Then the erasure itself.
    pilote.cliquer("Effacer…")
    pilote.attendre(lambda: pilote.visibles(DialogueEffacement), "la confirmation")
    pilote.visibles(DialogueEffacement)[0].verifie.click()
    pilote.cliquer("Effacer 1\u00a0dossier")
    pilote.attendre(lambda: vue.modele.rowCount() == 2, "effacé")
    pilote.attendre(lambda: pilote.voit("1\u00a0dossier effacé"), "le bilan")
    pilote.capturer("efface")
    preuve.noter(f"De Réglages au dossier effacé, copie comprise : {pilote.clics - avant} clics.")
    with ctx.store.lecture(entiere=True) as u:
        assert u.patients.chercher(NOM_RARE) == []
        trace = next(x for x in u.trail.lister(20) if x.quoi == "dossier.effacement")
        restes = [t.name for t in Base.metadata.sorted_tables if t.name not in (
            "document", "contenu") and any(NOM_RARE in str(tuple(ligne)) for ligne in
                                           u.connexion.execute(t.select()))]
        assert len(u.documents.lister(verifier)) == 3
    assert restes == [] and (trace.resultat, trace.sur_qui) == ("ok", str(pret))
    preuve.fichier("trace.txt", f"{trace.quoi} ; dossier {trace.sur_qui} ; {trace.detail}".encode())
    # Who hasn't the right is told, and sees no such section.
    monkeypatch.setattr(garde, "droits", lambda *_: ROLES["salarie"].droits)
    garde.oublier()
    with pytest.raises(Refus, match="ne permet pas d’effacer"):
        effacement.dossiers_a_effacer(ctx)
    monkeypatch.undo()
    garde.oublier()


@pytest.mark.exigence("MIN.RGPD.01", "MIN.PORT.02", titre="Tout le cabinet s’exporte depuis les "
                      "réglages, sans quitter l’écran")
def test_the_whole_practice_from_the_settings(poste: "Poste", preuve: "Preuve", tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    """Encrypted unless one says otherwise, followed in the bar, stopped, then opened in a click."""
    pilote = poste.pilote
    poste.ouvrir()
    barre = poste.application.fenetre.barre
    poste.assemblage.reglages.ouvrir("sauvegardes")
    archive = tmp_path / "sortie" / "cabinet.zip"
    archive.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(archive), ""))
    pilote.attendre(lambda: pilote.bouton("Exporter le cabinet…"), "la section")
    pilote.capturer("sauvegardes")
    # The disk has no room: said before a byte is written.
    place = shutil.disk_usage
    monkeypatch.setattr(export_csv.shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000))
    pilote.cliquer("Exporter le cabinet…")
    pilote.attendre(lambda: pilote.visibles(DialogueExport), "le dialogue")
    assert pilote.visibles(DialogueExport)[0].protege.isChecked()
    pilote.capturer("export")
    pilote.cliquer("Choisir le fichier…")
    pilote.attendre(lambda: pilote.voit("ce disque n’a plus que"), "la place manque")
    pilote.capturer("place-manquante")
    monkeypatch.setattr(export_csv.shutil, "disk_usage", place)
    # Stopped half-way: nothing is left.
    suite, vrai = threading.Event(), export_dossier._resume

    def attendre(*args: Any) -> tuple[str, ...]:
        suite.wait(60)
        return vrai(*args)

    monkeypatch.setattr(export_dossier, "_resume", attendre)
    pilote.cliquer("Exporter le cabinet…")
    pilote.attendre(lambda: pilote.visibles(DialogueExport), "le dialogue")
    pilote.cliquer("Choisir le fichier…")
    pilote.attendre(lambda: barre.travail.isVisible(), "suivi dans la barre")
    pilote.capturer("en-cours")
    barre.travail.click()
    pilote.attendre(lambda: pilote.bouton("Arrêter l’export"), "la question")
    pilote.cliquer("Arrêter l’export")
    suite.set()
    pilote.attendre(lambda: not barre.travail.isVisible() and not list(archive.parent.iterdir()),
                    "rien n’est laissé")
    # To its end.
    pilote.cliquer("Exporter le cabinet…")
    pilote.attendre(lambda: pilote.visibles(DialogueExport), "le dialogue")
    mot = pilote.visibles(DialogueExport)[0].mot.texte()
    pilote.cliquer("Choisir le fichier…")
    pilote.attendre(lambda: pilote.voit("Cabinet exporté dans cabinet.zip"), "le bilan")
    pilote.capturer("exporte")
    assert pilote.voit(mot)
    ouverts: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: ouverts.append(url.toLocalFile()))
    pilote.cliquer("Ouvrir le dossier")
    assert [Path(x) for x in ouverts] == [archive.parent]
    fichiers = ouvrir_archive(archive, mot)
    with poste.ctx.store.lecture(entiere=True) as u:
        assert sum(n.endswith("index.html") for n in fichiers) == u.patients.compter() > 5
    assert b"ADRUN" in fichiers["patients.csv"] and b"ADRUN" not in archive.read_bytes()
    preuve.fichier("patients.csv", fichiers["patients.csv"])
    # The last ones first: done; given up; the lack of room is refused before any line is written.
    assert [t.resultat for t in poste.traces("cabinet.export")] in (
        ["ok", "abandon", "ok"], ["ok", "ok", "abandon"][::-1])
