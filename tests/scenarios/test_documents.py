"""Documents received: shown, listed, sorted, versioned, filed, never twice, through the window."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.documents.reader import lire
from app.domain.document import EtatLigne, OrigineDocument
from app.domain.entrant import VerdictEntrant
from app.ui.models.documents import Colonne
from app.ui.models.etats_documents import ICONES_ORIGINE, envois_affiches, etat_affiche
from app.usecases import classement, scanner
from app.usecases.documents import documents_du_patient
from tests.scenarios.depots_outils import (
    AUTO,
    N1,
    N3,
    N3_PDF,
    archive,
    deposer,
    documents,
    exemple,
    feuille,
    lignes,
    page,
    version,
)
from tests.scenarios.test_geste_principal import consentir, ordres, qualifier, rediger

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve


def deposer_au_dossier(poste: "Poste", dossier: Path, **fichiers: bytes) -> None:
    """Drop files on the open file; they are there once the list holds them."""
    dossier.mkdir(exist_ok=True)
    chemins = []
    for nom, octets in fichiers.items():
        chemin = dossier / nom.replace("__", ".")
        chemin.write_bytes(octets)
        chemins.append(chemin)
    deposer(poste.application.fenetre, chemins)


def choisir_forme(poste: "Poste", forme: str) -> str:
    """Click a form of the viewer; gives the text shown."""
    v = documents(poste).visionneuse
    QTest.mouseClick(v.formes.bouton(forme), Qt.MouseButton.LeftButton)
    poste.pilote.attendre(lambda: v.structure.isVisible() or v.formes.valeur != forme,
                          f"forme {forme}")
    poste.pilote.laisser(0.2)
    return v.structure.navigateur.toPlainText()


def titre_montre(poste: "Poste") -> str:
    document = documents(poste).visionneuse.document
    return "" if document is None else document.titre


@pytest.mark.exigence("SC.CDA/VISU.01", "SC.CDA/VISU.03")
def test_pdf_first_then_structured_then_the_producers_sheet(poste: "Poste", preuve: "Preuve",
                                                            tmp_path: Path) -> None:
    """An N3 with a PDF and its producer's sheet; an N1 without; an auto-presentable one."""
    poste.ouvrir()
    pilote = poste.pilote
    poste.dossier("PAT-TROIS")
    documents(poste)
    deposer_au_dossier(poste, tmp_path / "a", IHE_XDM__ZIP=archive(
        version(N3_PDF, 1), sheet=feuille("Présentation du centre d’imagerie")))
    v = documents(poste).visionneuse
    pilote.attendre(lambda: v.pages.image(0) is not None, "la première page du PDF")
    assert v.formes.valeur == "pdf" and "imagerie" in titre_montre(poste).lower()
    assert pilote.voit("Identité conforme")
    pilote.capturer("n3-pdf-d-abord")
    texte = choisir_forme(poste, "structure")
    for trait in ("Nom de naissance", "PAT-TROIS", "Date de l’acte", "Auteur"):
        assert trait in texte
    pilote.capturer("n3-vue-structuree")
    texte = choisir_forme(poste, "producteur")
    assert "Présentation du centre d’imagerie" in texte
    pilote.capturer("n3-feuille-du-producteur")
    QTest.mouseClick(v.formes.bouton("pdf"), Qt.MouseButton.LeftButton)
    pilote.attendre(lambda: v.vue_pdf.isVisible(), "retour au PDF")

    deposer_au_dossier(poste, tmp_path / "b", n1__xml=exemple(N1))
    pilote.attendre(lambda: v.document is not None and v.document.ligne.unique_id.endswith(
        "12345.1.1") and v.pages.image(0) is not None, "le N1")
    texte = choisir_forme(poste, "structure")
    assert "PAT-TROIS" in texte and "Le contenu de ce document est un PDF" in texte
    choisir_forme(poste, "producteur")
    pilote.attendre(lambda: pilote.voit("n’est pas arrivée avec"), "pourquoi sans feuille")
    assert v.formes.valeur == "structure"
    pilote.capturer("n1-sans-feuille")

    deposer_au_dossier(poste, tmp_path / "c", auto__xml=exemple(AUTO))
    identifiant = lire(exemple(AUTO))[0].id
    pilote.attendre(lambda: v.document is not None and v.document.ligne.unique_id == identifiant,
                    "l’autoprésentable")
    assert "PAT-TROIS" in choisir_forme(poste, "producteur")
    pilote.capturer("autopresentable-par-sa-feuille")
    texte = choisir_forme(poste, "structure")
    preuve.fichier("structuree.txt", texte.encode())


@pytest.mark.exigence("SC.CDA/DD.15")
def test_a_cda_and_its_pdf_make_one_line(poste: "Poste", tmp_path: Path) -> None:
    """XDM with CDA and PDF, then a PDF beside a zip: one line each, two representations."""
    poste.ouvrir()
    pilote = poste.pilote
    patient_id = poste.dossier("PAT-TROIS")
    documents(poste)
    pdf = documents_pdf(exemple(N1))
    deposer_au_dossier(poste, tmp_path / "a", IHE_XDM__ZIP=archive(exemple(N3), pdf=pdf))
    v = documents(poste).visionneuse
    pilote.attendre(lambda: v.pages.image(0) is not None, "le PDF")
    assert len(documents_du_patient(poste.ctx, patient_id).lignes) == 1
    assert [c for c, _ in v.formes._choix][:2] == ["pdf", "structure"]
    pilote.capturer("une-ligne-deux-formes")
    assert "Lettre" in choisir_forme(poste, "structure")
    deposer_au_dossier(poste, tmp_path / "b", IHE_XDM__ZIP=archive(exemple("VAC-NOTE_2023.01.xml")),
                       note__pdf=pdf + b"\n%%EOF\n")
    pilote.attendre(lambda: len(documents_du_patient(poste.ctx, patient_id).lignes) == 2, "2")
    pilote.laisser(0.3)
    assert len(documents_du_patient(poste.ctx, patient_id).lignes) == 2


def documents_pdf(cda: bytes) -> bytes:
    """The PDF that a document carries."""
    pdf = lire(cda)[0].pdf
    assert pdf is not None
    return pdf


@pytest.mark.exigence("SC.CDA/VISU.02", "SC.CDA/INT.18")
def test_versions_each_with_its_own_sheet_and_nothing_twice(poste: "Poste",
                                                            tmp_path: Path) -> None:
    """v1, v1 again, v2: messages and state of the list; both versions with their own sheet."""
    poste.ouvrir()
    pilote = poste.pilote
    patient_id = poste.dossier("PAT-TROIS")
    documents(poste)
    un = archive(version(N3, 1), sheet=feuille("Feuille de la version un"))
    deux = archive(version(N3, 2), sheet=feuille("Feuille de la version deux"))
    deposer_au_dossier(poste, tmp_path / "a", v1__zip=un)
    pilote.attendre(lambda: len(lignes(poste)) == 1, "v1")
    deposer_au_dossier(poste, tmp_path / "b", encore__zip=un)
    pilote.attendre(lambda: pilote.voit("Déjà au dossier de PAT-TROIS"), "le doublon dit")
    pilote.capturer("doublon")
    assert len(documents_du_patient(poste.ctx, patient_id).lignes) == 1
    deposer_au_dossier(poste, tmp_path / "c", v2__zip=deux)
    v = documents(poste).visionneuse
    pilote.attendre(lambda: v.outils.versions.count() == 2, "deux versions")
    etats = {x.version_number: x.etat for x in documents_du_patient(poste.ctx, patient_id).lignes}
    assert etats == {1: EtatLigne.REMPLACE, 2: EtatLigne.AU_DOSSIER}
    assert len(lignes(poste)) == 1
    assert "version deux" in choisir_forme(poste, "producteur")
    pilote.capturer("version-2-sa-feuille")
    v.outils.versions.setCurrentIndex(1)
    v.outils.versions.activated.emit(1)
    pilote.attendre(lambda: v.document is not None and v.document.ligne.version_number == 1, "v1")
    assert "version un" in choisir_forme(poste, "producteur")
    pilote.capturer("version-1-sa-feuille")

    autre = version(N3, 2).replace(b"DOMINIQUE MARIE-LOUISE", b"DOMINIQUE", 1) \
        .replace(b"<title>", b"<title>Autre ", 1)
    deposer_au_dossier(poste, tmp_path / "d", conflit__xml=autre)
    pilote.attendre(lambda: pilote.voit("n’est pas classé dans ce dossier"), "le conflit dit")
    pilote.capturer("conflit")
    (attente,) = classement.lister(poste.ctx)
    assert attente.entrant.verdict is VerdictEntrant.CONFLIT
    assert len(documents_du_patient(poste.ctx, patient_id).lignes) == 2


@pytest.mark.exigence("SC.CDA/INT.04", "SC.CDA/INT.17")
def test_headers_sort_by_values_of_the_cda(poste: "Poste", tmp_path: Path) -> None:
    """Imported and produced documents in one list: type, date of the act, author, origin, state."""
    poste.ouvrir()
    pilote = poste.pilote
    patient_id = poste.dossier("PAT-TROIS")
    documents(poste)
    noms = (N1, N3, N3_PDF, "VAC-NOTE_2023.01.xml", "TLM-CR_2022.01.xml")
    deposer_au_dossier(poste, tmp_path / "a", **{
        n.replace(".xml", "").replace(".", "_") + "__xml": exemple(n) for n in noms})
    pilote.attendre(lambda: len(documents_du_patient(poste.ctx, patient_id).lignes) == 5, "import")
    rediger(poste, "# Plaie\nPansement refait.")
    vue = documents(poste)
    pilote.attendre(lambda: vue.modele.rowCount() == 6, "la liste")
    lus = {lu.id: lu for n in noms for lu in lire(exemple(n))}
    for rang in range(6):
        ligne = vue.modele.ligne(rang)
        assert ligne is not None
        if ligne.unique_id in lus:
            lu = lus[ligne.unique_id]
            assert (ligne.date, ligne.type_code) == (lu.date_acte or lu.date_creation,
                                                     lu.type_code)

    def colonne(c: Colonne) -> list[str]:
        modele = vue.modele
        return [str(modele.data(modele.index(r, c))) for r in range(modele.rowCount())]

    def cliquer(c: Colonne) -> None:
        tete = vue.table.horizontalHeader()
        x = tete.sectionViewportPosition(c) + 20
        QTest.mouseClick(tete.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
        QApplication.processEvents()

    par_date = [x.date for r in range(6) if (x := vue.modele.ligne(r)) is not None]
    assert par_date == sorted(par_date, reverse=True)
    pilote.capturer("par-date")
    cliquer(Colonne.TYPE)
    from app.ui.models.etats_documents import cle_filtre
    types = [cle_filtre(t) for t in colonne(Colonne.TYPE)]
    assert types == sorted(types) and vue.modele.tri == (Colonne.TYPE, False)
    pilote.capturer("par-type")
    cliquer(Colonne.TYPE)
    assert [cle_filtre(t) for t in colonne(Colonne.TYPE)] == sorted(types, reverse=True)
    cliquer(Colonne.DATE)
    cliquer(Colonne.DATE)
    dates = [x.date for r in range(6) if (x := vue.modele.ligne(r)) is not None]
    assert dates == sorted(dates)
    for c in (Colonne.AUTEUR, Colonne.ORIGINE, Colonne.ETAT):
        if not vue.table.isColumnHidden(c):
            cliquer(c)
            assert vue.modele.tri == (c, False)


@pytest.mark.exigence("SC.CDA/INT.08", "SC.DMP/HISTO.01")
def test_origin_and_sendings_without_a_click(connecte: "Poste", tmp_path: Path) -> None:
    """DMP, cabinet, import and scan in one list; the one sent says so, with its day."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    pilote.laisser(0.3)
    consentir(poste)
    pilote.attendre(lambda: pilote.bouton("Ouvrir le plus récent"), "compteurs")
    rediger(poste, "# Plaie\nPansement refait.")
    from app.domain.outbox import EtatOrdre
    pilote.attendre(lambda: ordres(poste) == [EtatOrdre.ENVOYE], "envoyé")
    documents(poste)
    deposer_au_dossier(poste, tmp_path / "a", plaie__pdf=documents_pdf(exemple(N1)))
    vue = documents(poste)
    pilote.attendre(lambda: {x.origine for r in range(vue.modele.rowCount())
                             if (x := vue.modele.ligne(r)) is not None} >= {
        OrigineDocument.DMP, OrigineDocument.CABINET, OrigineDocument.IMPORT}, "les origines")
    vue.table.verticalScrollBar().setValue(0)
    assert len(set(ICONES_ORIGINE.values())) == len(OrigineDocument)
    assert not vue.table.isColumnHidden(Colonne.ORIGINE)
    assert not vue.table.isColumnHidden(Colonne.ETAT)
    envoye = next(x for x in vue.modele.liste.lignes if x.origine is OrigineDocument.CABINET)
    jour = time.strftime("%d/%m")
    assert etat_affiche(envoye).texte == f"Envoyé au DMP {jour}"
    assert etat_affiche(envoye).icone == "cloud-check"
    importe = next(x for x in vue.modele.liste.lignes if x.origine is OrigineDocument.IMPORT)
    assert not importe.envoye_dmp and envois_affiches(importe) == ()
    pilote.capturer("origines-et-envois")


@pytest.mark.exigence("SC.CDA/DD.06")
def test_a_newer_version_then_a_deletion_are_announced(connecte: "Poste") -> None:
    """The DMP publishes v2 of an integrated document, then deletes it: banners and actions."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    pilote.laisser(0.3)
    consentir(poste)
    pilote.attendre(lambda: pilote.bouton("Ouvrir le plus récent"), "compteurs")
    pilote.cliquer("Ouvrir le plus récent")
    pilote.attendre(lambda: pilote.bouton("Intégrer"), "document")
    pilote.cliquer("Intégrer")

    def locales() -> list[tuple[int, EtatLigne]]:
        return sorted((x.version_number, x.etat)
                      for x in documents_du_patient(poste.ctx, patient_id).lignes
                      if x.document_id is not None)

    pilote.attendre(lambda: len(locales()) == 1, "intégré")
    ligne = next(x for x in documents_du_patient(poste.ctx, patient_id).lignes if x.document_id)
    with poste.ctx.store.lecture() as u:
        matricule = u.patients.lire(patient_id).identite.matricule_ins
    adresse = f"{poste.bac.controle}/controle/dmp/{matricule}/documents"

    def agir(unique_id: str, action: str) -> dict[str, object]:
        reponse = httpx.post(f"{adresse}/{unique_id}", json={"action": action})
        fiche: dict[str, object] = reponse.raise_for_status().json()
        return fiche

    def rouvrir() -> None:
        poste.assemblage.dossier.fermer()
        poste.dossier("ADRUN ZOE")

    deux = agir(ligne.unique_id, "remplacer")
    rouvrir()
    pilote.attendre(lambda: pilote.voit("Une version plus récente de"), "annoncée sans un clic")
    pilote.capturer("version-plus-recente")
    pilote.cliquer("Voir")
    v = documents(poste).visionneuse
    pilote.attendre(lambda: v.document is not None
                    and v.document.ligne.unique_id == deux["unique_id"], "la v2 vue")
    assert len(locales()) == 1
    bandeau = [b for b in page(poste).messages.findChildren(type(pilote.bouton("Garder")))
               if b.text() == "Intégrer"]
    QTest.mouseClick(bandeau[0], Qt.MouseButton.LeftButton)
    pilote.attendre(lambda: len(locales()) == 2, "v2 intégrée")
    assert [e for _, e in locales()] == [EtatLigne.REMPLACE, EtatLigne.AU_DOSSIER]
    pilote.attendre(lambda: not pilote.voit("Une version plus récente de"), "annonce partie")
    pilote.capturer("v2-integree")

    agir(str(deux["unique_id"]), "supprimer")
    rouvrir()
    pilote.attendre(lambda: pilote.voit("n’est plus dans le DMP"), "suppression annoncée")
    assert len(locales()) == 2
    pilote.capturer("supprime-a-la-source")
    pilote.cliquer("Supprimer du dossier")
    pilote.attendre(lambda: EtatLigne.SUPPRIME in [e for _, e in locales()], "retiré")
    pilote.capturer("supprime-localement")
    pilote.cliquer("Annuler")
    pilote.attendre(lambda: EtatLigne.SUPPRIME not in [e for _, e in locales()], "rétabli")


def test_a_scan_is_filed_with_one_key_and_a_stranger_is_not(poste: "Poste",
                                                            tmp_path: Path) -> None:
    """The scanner's folder: files taken when whole, put away, filed with a digit or a search."""
    poste.ouvrir()
    pilote = poste.pilote
    dossier = tmp_path / "scanner"
    dossier.mkdir()
    scanner.choisir_dossier_scanner(poste.ctx, str(dossier))
    poste.assemblage.entrees.scanner.demarrer()
    (dossier / "IMG_0001.xml").write_bytes(exemple(N3_PDF))
    (dossier / "Scan 12.pdf").write_bytes(documents_pdf(exemple(N1)))
    (dossier / "abime.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 300)
    pilote.attendre(lambda: pilote.voit("« abime.jpg » n’a pas été importé"), "mauvais fichier dit")
    rail = poste.application.fenetre.rail.entree("a_classer")
    assert rail is not None
    pilote.attendre(lambda: rail.compteur == 2, "deux à classer")
    jour = time.strftime("%Y-%m-%d")
    assert sorted(p.name for p in (dossier / "traités" / jour).iterdir()) == [
        "IMG_0001.xml", "Scan 12.pdf"]
    assert (dossier / "illisibles" / jour / "abime.jpg").exists()
    poste.application.fenetre.aller("a_classer")
    vue = poste.application.fenetre.page("a_classer")
    pilote.attendre(lambda: vue._detail is not None, "le détail")  # type: ignore[attr-defined]
    liste = vue.liste  # type: ignore[attr-defined]
    rang = next(r for r in range(2) if vue.modele.ligne(r).entrant.est_cda)  # type: ignore[attr-defined]
    liste.aller(rang)
    pilote.attendre(lambda: vue._detail.ligne.entrant.est_cda  # type: ignore[attr-defined]
                    and vue.visionneuse.document is not None, "le CDA")  # type: ignore[attr-defined]
    pilote.laisser(0.6)
    pilote.capturer("a-classer-cda")
    liste.setFocus()
    QTest.keyClick(liste, Qt.Key.Key_1)
    pilote.attendre(lambda: classement.nombre(poste.ctx) == 1, "classé d’une touche")
    pilote.attendre(lambda: vue._detail is not None  # type: ignore[attr-defined]
                    and not vue._detail.ligne.entrant.est_cda, "le scan")  # type: ignore[attr-defined]
    pilote.laisser(0.5)
    pilote.capturer("a-classer-scan")
    pilote.ecrire(vue.recherche, "ADRUN ZOE")  # type: ignore[attr-defined]
    pilote.attendre(lambda: vue._trouves, "la recherche")  # type: ignore[attr-defined]
    vue.formulaire.titre.setText("Ordonnance de kiné")  # type: ignore[attr-defined]
    pilote.laisser(0.2)
    pilote.capturer("a-classer-recherche")
    pilote.cliquer("Classer au dossier de ADRUN ZOE")
    pilote.attendre(lambda: classement.nombre(poste.ctx) == 0, "classé")
    pilote.attendre(lambda: pilote.voit("Rien à classer"), "vide")
    pilote.capturer("rien-a-classer")
    patient_id = poste.dossier("ADRUN ZOE")
    (scan,) = documents_du_patient(poste.ctx, patient_id).lignes
    assert (scan.titre, scan.origine) == ("Ordonnance de kiné", OrigineDocument.SCAN)


def test_find_zoom_and_print_are_traced(poste: "Poste", preuve: "Preuve", tmp_path: Path) -> None:
    """Ctrl+F in the PDF and in the structured view; a print carries the traits, and is traced."""
    from app.documents.pages import nombre_pages, texte_page
    from app.ui.controllers.impression import preparer

    poste.ouvrir()
    pilote = poste.pilote
    poste.dossier("PAT-TROIS")
    documents(poste)
    deposer_au_dossier(poste, tmp_path / "a", n1__xml=exemple(N3_PDF))
    v = documents(poste).visionneuse
    pilote.attendre(lambda: v.pages.image(0) is not None, "le PDF")
    v.pages.setFocus()
    QTest.keyClick(v.pages, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    v.vue_pdf.barre.mot.setText("a")
    v.vue_pdf.barre.saisi.emit("a")
    pilote.attendre(lambda: " sur " in v.vue_pdf.barre.bilan.text(), "trouvé")
    pilote.capturer("recherche-pdf")
    sorties = []

    def imprimante(titre: str) -> QPrinter:
        p = QPrinter(QPrinter.PrinterMode.HighResolution)
        preparer(p, titre)
        p.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        p.setOutputFileName(str(tmp_path / f"{len(sorties)}.pdf"))
        sorties.append(tmp_path / f"{len(sorties)}.pdf")
        return p

    controleur = poste.assemblage.dossier.documents.visionneuse
    controleur.choisir_imprimante = imprimante
    imprimes: list[object] = []
    controleur.imprime.connect(imprimes.append)
    pilote.cliquer("Imprimer")
    pilote.attendre(lambda: len(imprimes) == 1, "imprimé")
    choisir_forme(poste, "structure")
    QTest.keyClick(v.structure.navigateur, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: len(imprimes) == 2, "imprimé")
    for rang, sortie in enumerate(sorties):
        pdf = sortie.read_bytes()
        preuve.fichier(f"imprime-{rang}.pdf", pdf)
        texte = " ".join(texte_page(pdf, nombre_pages(pdf) - 1).split())
        for mot in ("Nom de naissance : PAT-TROIS", "1er prénom de naissance : DOMINIQUE",
                    "Date de naissance : 28/03/1979", "Sexe : Féminin", "Imprimé le"):
            assert mot in texte, (mot, texte[-400:])
        assert "Matricule" not in texte  # provisoire: no matricule (rule 32)

    def traces() -> list[str]:
        with poste.ctx.store.lecture() as u:
            return [x.quoi for x in u.trail.lister() if x.quoi == "document.impression"]

    pilote.attendre(lambda: len(traces()) == 2, "tracé")


@pytest.mark.exigence("LGC.DMP/UX.10")
def test_the_window_beats_while_the_dmp_is_silent(connecte: "Poste", preuve: "Preuve",
                                                 tmp_path: Path) -> None:
    """The DMP says nothing for half a minute: import, sort and other pages go on meanwhile."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    pilote.laisser(0.3)
    poste.panne("dmp", "*", "delai", 30, fois=1)
    ecarts, dernier = [], [time.monotonic()]

    def battre() -> None:
        ecarts.append(time.monotonic() - dernier[0])
        dernier[0] = time.monotonic()

    coeur = QTimer(interval=10)
    coeur.timeout.connect(battre)
    coeur.start()
    debut = time.monotonic()
    poste.pilote.cliquer("Le patient consent" if pilote.bouton("Le patient consent")
                         else "DMP non consultable")
    documents(poste)
    deposer_au_dossier(poste, tmp_path / "a", note__pdf=documents_pdf(exemple(N1)))
    pilote.attendre(lambda: len(documents_du_patient(poste.ctx, patient_id).lignes) == 1, "import")
    for nom in ("patients", "a_classer", "envois", "dossier"):
        poste.application.fenetre.aller(nom)
        pilote.laisser(0.2)
    assert time.monotonic() - debut < 29, "the gestures waited for the DMP"  # short: the silence
    coeur.stop()
    preuve.fichier("battements.txt", f"{len(ecarts)} battements, plus long {max(ecarts):.3f} s\n"
                   .encode())
    assert max(ecarts) < 9


@pytest.mark.exigence("SC.DMP/UX.11")
def test_the_four_statuses_are_seen_without_a_click(poste: "Poste") -> None:
    """Four files, one of each status: the banner says it, no click."""
    from app.domain import statuts
    from app.domain.identity import OID_NIR, Identite, Traits

    poste.ouvrir()
    traits = Traits("ESSAI", "ANNE", "1980-02-03", "F", "63220", "ANNE")
    valider = statuts.controler_document(Identite(traits), "CN")
    recuperer = statuts.recuperer(Identite(traits), traits, "280026322000046", OID_NIR, (),
                                  "2026-01-01T08:00:00+01:00")
    for nom, mot, identite in (
            ("ESSAI PROVISOIRE", "Provisoire", Identite(traits)),
            ("ESSAI VALIDE", "Validée", valider), ("ESSAI RECUPERE", "Récupérée", recuperer),
            ("ESSAI QUALIFIE", "Qualifiée", statuts.controler_document(recuperer, "CN"))):
        from dataclasses import replace
        autre = replace(identite, traits=replace(traits, nom_naissance=nom))
        with poste.ctx.store.ecriture() as u:
            patient = u.patients.ajouter(autre, auteur="T", cause="Essai")
        poste.assemblage.dossier.ouvrir(patient.id)
        poste.pilote.attendre(lambda nom=nom: poste.pilote.voit(nom), nom)
        poste.pilote.attendre(lambda mot=mot: poste.pilote.voit(mot), mot)
        poste.pilote.capturer(mot)
