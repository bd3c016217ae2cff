"""The documents tab, its model and its viewer."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from ui_outils import habiller, identite, ligne, liste, patient

from app.documents.datamatrix import decoder_ins
from app.documents.pages import page_rgba, tailles_pages
from app.domain.document import DocumentAffiche, EtatLigne, ListeDocuments, OrigineDocument
from app.domain.identity import StatutIdentite
from app.ui.controllers.decoupe import TAILLE, decouper
from app.ui.controllers.impression import imprimer_html, pied_de_page, preparer
from app.ui.models.documents import Colonne, ModeleDocuments
from app.ui.models.etats_documents import (
    FiltreDocuments,
    cle_filtre,
    etat_affiche,
    etat_complet,
)
from app.ui.views.documents import VueDocuments
from app.ui.views.structure import Decoupe, VueStructuree, nouveau_document
from app.usecases.affichage import ins_imprime

LISTE = liste(
    ligne("dmp:1"), ligne("dmp:2", "2026-11-21", titre="INR"),
    ligne("local:3", "2026-11-12", EtatLigne.ENVOYE, origine=OrigineDocument.CABINET,
          type_libelle="Fiche de liaison infirmière", type_code="34133-9", version_number=2),
    ligne("dmp:4", "2026-09-28", EtatLigne.A_LIRE, invisible_patient=True, titre="Œdème"),
    ligne("dmp:5", "2026-06-11", EtatLigne.REMPLACE))


@pytest.fixture
def vue(qtbot: QtBot, qapp: QApplication) -> VueDocuments:
    habiller(qapp)
    vue = VueDocuments()
    qtbot.addWidget(vue)
    vue.resize(1282, 540)
    vue.show()
    vue.afficher(LISTE)
    return vue


# -- States and filter ----------------------------------------------------------------------


def test_states_say_word_icon_and_colour() -> None:
    assert etat_affiche(ligne("x")).texte == "Nouveau"
    assert etat_affiche(ligne("x", etat=EtatLigne.PROGRAMME, etat_detail="12:30")).texte == \
        "Envoi à 12:30"
    assert etat_affiche(ligne("x", etat=EtatLigne.PROGRAMME,
                              etat_detail="23/11 12:30")).texte == "Envoi le 23/11 à 12:30"
    invisible = ligne("x", etat=EtatLigne.A_LIRE, invisible_patient=True)
    assert etat_affiche(invisible).texte == "Invisible au patient"
    assert "invisible au patient" in etat_complet(invisible)
    refus = ligne("x", etat=EtatLigne.REFUSE, etat_detail="INS inconnue", invisible_patient=True)
    assert etat_affiche(refus).texte == "Envoi refusé" and "INS inconnue" in etat_complet(refus)


def test_every_state_is_known() -> None:
    for etat in EtatLigne:
        assert etat_affiche(ligne("x", etat=etat)).texte


def test_filter_ignores_case_accents_and_ligatures() -> None:
    assert cle_filtre("Œdème D’Été") == "oedeme d ete"
    modele = ModeleDocuments()
    modele.definir(LISTE)
    modele.filtrer(FiltreDocuments(texte="oedeme labo"))
    assert [modele.ligne(i).cle for i in range(modele.rowCount())] == ["dmp:4"]  # type: ignore[union-attr]
    modele.filtrer(FiltreDocuments(texte="12/11/2026"))
    assert modele.rowCount() == 1


def test_replaced_documents_are_hidden_unless_asked() -> None:
    modele = ModeleDocuments()
    modele.definir(LISTE)
    assert modele.rowCount() == 4
    modele.filtrer(FiltreDocuments(retires=True))
    assert modele.rowCount() == 5


def test_ticks_survive_a_new_list_and_leave_with_their_line() -> None:
    modele = ModeleDocuments()
    modele.definir(LISTE)
    modele.basculer(0)
    modele.basculer(1)
    modele.definir(ListeDocuments(LISTE.lignes[1:]))
    assert [x.cle for x in modele.coches] == ["dmp:2"]
    assert modele.etat_entete() is Qt.CheckState.PartiallyChecked
    modele.filtrer(FiltreDocuments(origine=OrigineDocument.CABINET))
    assert not modele.coches


def test_cells_speak_whole_sentences() -> None:
    modele = ModeleDocuments()
    modele.definir(LISTE)
    role = Qt.ItemDataRole.AccessibleTextRole
    assert modele.data(modele.index(0, Colonne.TYPE), role) == \
        "Compte rendu de biologie, NFS, non lu"
    assert modele.data(modele.index(2, Colonne.ETAT), role) == "État : Envoyé au DMP"
    assert modele.data(QModelIndex(), role) is None


# -- The tab --------------------------------------------------------------------------------


def test_arrows_preview_after_a_pause_and_entree_opens_at_once(vue: VueDocuments,
                                                              qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(vue.table.apercu):
        vue.table.setFocus()
    with qtbot.waitSignal(vue.ouverture_demandee) as cle:
        qtbot.keyClick(vue.table, Qt.Key.Key_Down)
    assert cle.args == ["dmp:2"]
    with qtbot.waitSignal(vue.ouverture_demandee) as cle:
        qtbot.keyClick(vue.table, Qt.Key.Key_Return)
    assert cle.args == ["dmp:2"]


def test_integrating_n_documents_takes_n_plus_one_clicks(vue: VueDocuments,
                                                         qtbot: QtBot) -> None:
    for rang in (0, 1):
        case = vue.table.visualRect(vue.modele.index(rang, Colonne.CASE)).center()
        qtbot.mouseClick(vue.table.viewport(), Qt.MouseButton.LeftButton, pos=case)
    with qtbot.waitSignal(vue.integration_demandee) as cles:
        qtbot.mouseClick(vue.bouton_integrer, Qt.MouseButton.LeftButton)
    assert cles.args == [["dmp:1", "dmp:2"]]


def test_keys_tick_all_and_integrate(vue: VueDocuments, qtbot: QtBot) -> None:
    vue.table.setFocus()
    vue.table.choisir("dmp:1")
    with qtbot.waitSignal(vue.integration_demandee) as cles:
        qtbot.keyClick(vue.table, Qt.Key.Key_I)
    assert cles.args == [["dmp:1"]]
    qtbot.keyClick(vue.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(vue.modele.coches) == 4
    assert "3 à intégrer" in vue._nombre.text()
    qtbot.keyClick(vue.table, Qt.Key.Key_Escape)
    assert not vue.modele.coches
    qtbot.keyClick(vue.table, Qt.Key.Key_Space)
    assert [x.cle for x in vue.modele.coches] == ["dmp:1"]


def test_the_box_of_the_header_ticks_what_is_shown(vue: VueDocuments, qtbot: QtBot) -> None:
    tete = vue.table.horizontalHeader().viewport()
    qtbot.mouseClick(tete, Qt.MouseButton.LeftButton, pos=QPoint(12, 10))
    assert len(vue.modele.coches) == 4
    qtbot.mouseClick(tete, Qt.MouseButton.LeftButton, pos=QPoint(12, 10))
    assert not vue.modele.coches


def test_new_lines_do_not_move_the_selection(vue: VueDocuments) -> None:
    vue.table.choisir("dmp:2")
    vue.afficher(ListeDocuments((ligne("dmp:0", "2026-11-24"), *LISTE.lignes)))
    courante = vue.table.ligne()
    assert courante is not None and courante.cle == "dmp:2"


def test_an_integrated_line_stays_current(vue: VueDocuments) -> None:
    vue.table.choisir("dmp:1")
    integree = ligne("local:9", etat=EtatLigne.AU_DOSSIER, unique_id="dmp:1")
    vue.afficher(ListeDocuments((integree, *LISTE.lignes[1:])))
    courante = vue.table.ligne()
    assert courante is not None and courante.cle == "local:9"


def test_showing_a_filtered_out_line_clears_the_filter(vue: VueDocuments, qtbot: QtBot) -> None:
    vue.filtre.setText("fiche")
    assert vue.modele.rowCount() == 1
    with qtbot.waitSignal(vue.ouverture_demandee) as cle:
        vue.montrer("dmp:4")
    assert cle.args == ["dmp:4"] and not vue.filtre.text()


def test_counter_of_a_type_filters_and_the_first_line_is_the_newest(vue: VueDocuments) -> None:
    vue.filtrer_type("34133-9")
    assert vue.premiere_cle() == "local:3"
    vue.effacer_filtres()
    assert vue.premiere_cle() == "dmp:1"


def test_a_draft_opens_in_the_editor(vue: VueDocuments, qtbot: QtBot) -> None:
    vue.afficher(liste(ligne("brouillon:7", etat=EtatLigne.BROUILLON)))
    with qtbot.waitSignal(vue.brouillon_demande) as cle:
        vue.montrer("brouillon:7")
    assert cle.args == ["brouillon:7"]


def test_empty_filtered_and_unasked_states(vue: VueDocuments, qtbot: QtBot) -> None:
    vue.filtre.setText("introuvable")
    assert vue._vide_effacer.isVisible() and not vue._vide_courrier.isVisible()
    qtbot.mouseClick(vue._vide_effacer, Qt.MouseButton.LeftButton)
    assert vue.modele.rowCount() == 4
    vue.afficher(liste(interroge=False))
    assert vue._vide_courrier.isVisible() and not vue.elargir.isVisible()
    assert vue._interroge.text() == "DMP pas encore interrogé."


def test_asking_the_dmp_can_be_cancelled(vue: VueDocuments, qtbot: QtBot) -> None:
    vue.interrogation(True)
    assert vue._bande.isHidden()
    qtbot.waitUntil(lambda: not vue._bande.isHidden())
    vue._patienter()
    with qtbot.waitSignal(vue.annuler_demande):
        qtbot.mouseClick(vue._annuler, Qt.MouseButton.LeftButton)
    vue.interrogation(False)
    assert vue._bande.isHidden()


def test_columns_leave_in_order_and_dates_never(vue: VueDocuments, qapp: QApplication) -> None:
    for largeur, auteur in ((1282, True), (700, False)):
        vue.resize(largeur, 540)
        qapp.processEvents()
        table = vue.table
        assert table.isColumnHidden(Colonne.AUTEUR) is not auteur or not auteur
        assert not table.isColumnHidden(Colonne.DATE)
        assert not table.isColumnHidden(Colonne.ETAT)
        largeurs = sum(table.columnWidth(c) for c in Colonne if not table.isColumnHidden(c))
        assert largeurs <= table.viewport().width() + 2


def test_a_narrow_window_shows_the_list_or_the_document(vue: VueDocuments, qtbot: QtBot) -> None:
    vue.resize(700, 540)
    assert vue.table.isVisible() and not vue.visionneuse.isVisible()
    vue.visionneuse.attendre(LISTE.lignes[0])
    assert vue.visionneuse.isVisible() and not vue.table.isVisible()
    qtbot.mouseClick(vue.visionneuse.retour, Qt.MouseButton.LeftButton)
    assert vue.table.isVisible()


# -- The viewer -----------------------------------------------------------------------------

PAGE = ((595.0, 842.0), (595.0, 842.0))


def affiche(**autres: object) -> DocumentAffiche:
    base = DocumentAffiche(LISTE.lignes[0], "Compte rendu", "LABO ESSAI, 23/11/2026", True,
                           b"%PDF", "<p>INR 2,6</p>", original=b"<xml/>")
    return replace(base, **autres)  # type: ignore[arg-type]


def test_pdf_comes_first_and_only_near_pages_are_asked(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    demandes: list[int] = []
    v.page_demandee.connect(lambda n, w: demandes.append(n))
    v.afficher(affiche(), PAGE * 10)
    assert v.formes.valeur == "pdf"
    qtbot.waitUntil(lambda: bool(demandes))
    assert demandes[0] == 0 and max(demandes) <= 3
    assert v.entete.identite.text() == "Identité conforme"


def test_a_late_page_of_another_zoom_is_ignored(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    demandes: list[tuple[int, int]] = []
    v.page_demandee.connect(lambda n, w: demandes.append((n, w)))
    v.afficher(affiche(), PAGE)
    qtbot.waitUntil(lambda: bool(demandes))
    image = QImage(10, 14, QImage.Format.Format_RGB32)
    v.poser_page(0, demandes[0][1] + 5, image)
    assert v.pages.image(0) is None
    v.poser_page(*demandes[0], image)
    assert v.pages.image(0) is not None
    v.afficher(affiche(), PAGE)
    assert v.pages.image(0) is None


def test_zoom_and_page_keys(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    v.afficher(affiche(), PAGE)
    v.pages.setFocus()
    avant = v.pages._par_point()
    qtbot.keyClick(v.pages, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert v.pages._par_point() > avant
    qtbot.keyClick(v.pages, Qt.Key.Key_PageDown)
    assert "2" in v.numero.text()
    qtbot.keyClick(v.pages, Qt.Key.Key_Home)
    assert v.pages.verticalScrollBar().value() == 0


def test_structured_view_is_made_on_demand(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    v.afficher(affiche(), PAGE)
    with qtbot.waitSignal(v.structure_demandee) as html:
        qtbot.mouseClick(v.formes.bouton("structure"), Qt.MouseButton.LeftButton)
    assert html.args == ["<p>INR 2,6</p>"]
    v.poser_structure(decouper("<html><body><p>INR 2,6</p></body></html>"))
    assert "INR 2,6" in v.structure.navigateur.toPlainText()


def test_another_identity_asks_before_integrating(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    v.afficher(affiche(identite_conforme=False), PAGE)
    recues: list[list[str]] = []
    confirmees: list[list[str]] = []
    vue.integration_demandee.connect(recues.append)
    vue.integration_confirmee.connect(confirmees.append)
    qtbot.mouseClick(v.bouton_integrer, Qt.MouseButton.LeftButton)
    assert not recues and not confirmees
    assert any("autre identité" in texte for texte in v.messages.textes)
    bouton = next(b for b in v.messages.findChildren(QPushButton)
                  if b.text() == "Intégrer quand même")
    qtbot.mouseClick(bouton, Qt.MouseButton.LeftButton)
    assert (recues, confirmees) == ([], [["dmp:1"]])


def test_an_invisible_document_says_so_before_its_content(vue: VueDocuments) -> None:
    v = vue.visionneuse
    v.afficher(affiche(ligne=LISTE.lignes[3]), PAGE)
    assert any("invisible au patient" in texte for texte in v.messages.textes)


def test_unreadable_says_why_and_offers_the_original(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    v.afficher(affiche(pdf=None, html=""), ())
    assert v._enregistrer.isVisible()
    with qtbot.waitSignal(v.enregistrer) as document:
        qtbot.mouseClick(v._enregistrer, Qt.MouseButton.LeftButton)
    assert document.args is not None and document.args[0].original == b"<xml/>"
    v.attendre(LISTE.lignes[0])
    v.echouer("Le DMP ne répond pas.", reessayable=True)
    with qtbot.waitSignal(v.reessayer):
        qtbot.mouseClick(v._reessayer, Qt.MouseButton.LeftButton)


# -- The structured view --------------------------------------------------------------------


def test_nothing_is_ever_fetched(qtbot: QtBot, qapp: QApplication,
                                 monkeypatch: pytest.MonkeyPatch) -> None:
    habiller(qapp)
    demandes: list[str] = []

    def refuse(soi: QTextDocument, genre: int, nom: QUrl) -> object:
        demandes.append(nom.toString())
        return None

    vue = VueStructuree()
    qtbot.addWidget(vue)
    html = ('<html><head><link rel="stylesheet" href="http://exemple.test/a.css"></head><body>'
            '<img src="http://exemple.test/x.png"><img src="file:///etc/passwd">'
            '<a href="http://exemple.test/">lien</a><p>texte</p></body></html>')
    vue.definir(decouper(html))
    vue.resize(400, 300)
    vue.show()
    qapp.processEvents()
    for adresse in ("http://exemple.test/x.png", "file:///etc/passwd", "/etc/passwd"):
        genre = QTextDocument.ResourceType.ImageResource.value
        assert vue.navigateur.loadResource(genre, QUrl(adresse)) is None
        assert nouveau_document(Decoupe("", ())).loadResource(genre, QUrl(adresse)) is None
    # A link outside goes nowhere.
    vue.navigateur._aller(QUrl("http://exemple.test/"))
    vue.navigateur.setSource(QUrl("file:///etc/passwd"))
    assert "texte" in vue.navigateur.toPlainText()
    assert "root:" not in vue.navigateur.toPlainText()


def test_images_carried_in_the_text_are_shown() -> None:
    pixel = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
             "RU5ErkJggg==")
    decoupe = decouper(f'<p>avant</p><img src="data:image/png;base64,{pixel}"><p>après</p>')
    assert len(decoupe.images) == 1 and not decoupe.images[0].isNull()
    assert "data:" not in "".join(decoupe.morceaux)
    abimee = decouper('<img src="data:image/png;base64,AAAA">')
    assert abimee.images[0].isNull()


def test_long_tables_are_cut_without_losing_a_row() -> None:
    lignes = "".join(f"<tr><td>ligne {i}</td><td>{'x' * 40}</td></tr>" for i in range(900))
    decoupe = decouper(f"<html><head><style>td{{color:#123456}}</style></head><body><h2>T</h2>"
                       f"<table class='t'>{lignes}</table><p>fin</p></body></html>")
    assert decoupe.style.strip() == "td{color:#123456}"
    assert len(decoupe.morceaux) > 5 and max(map(len, decoupe.morceaux)) <= 2 * TAILLE
    tout = "".join(decoupe.morceaux)
    assert tout.count("<tr>") == 900 and tout.index("ligne 0<") < tout.index("ligne 899<")
    assert tout.count('class="t"') == tout.count("<table")


def test_a_long_document_is_laid_out_as_it_is_read(qtbot: QtBot, qapp: QApplication) -> None:
    habiller(qapp)
    vue = VueStructuree()
    qtbot.addWidget(vue)
    vue.resize(400, 300)
    vue.show()
    vue.definir(decouper("<body>" + "".join(f"<p>{i} {'mot ' * 60}</p>" for i in range(600))
                         + "<p>toute fin</p></body>"))
    pret: Callable[[], bool] = lambda: not vue._suite.isActive()  # noqa: E731
    qtbot.waitUntil(pret)
    assert not vue.complete
    vue.ouvrir_recherche()
    qtbot.waitUntil(lambda: vue.complete)
    vue.mot.setText("toute fin")
    vue._chercher(False)
    assert vue.navigateur.textCursor().selectedText() == "toute fin"


@pytest.mark.parametrize("html", ["", "<", "texte seul", "<p>&amp;&#0;</p>", "<table></table>",
                                  "<div>" * 300 + "x" * 20_000 + "</div>" * 300])
def test_odd_html_never_fails(html: str) -> None:
    decouper(html)


def test_paper_stays_white_and_readable_in_the_dark_theme(qtbot: QtBot, qapp: QApplication) -> None:
    """Colours of documents suppose white paper: light text on it was unreadable."""
    habiller(qapp, "sombre")
    vue = VueStructuree()
    qtbot.addWidget(vue)
    vue.resize(300, 200)
    vue.show()
    vue.definir(decouper("<body><p>" + "MMMMMMMM " * 60 + "</p></body>"))
    qapp.processEvents()
    image = vue.navigateur.viewport().grab().toImage()
    clartes = [image.pixelColor(x, y).lightness() for x in range(0, image.width(), 2)
               for y in range(0, image.height(), 2)]
    assert image.pixelColor(2, 2).lightness() > 250 and min(clartes) < 90
    habiller(qapp)


# -- The whole width, and what is printed ------------------------------------------------------


def test_f11_gives_the_document_the_whole_tab_and_echap_comes_back(vue: VueDocuments,
                                                                   qtbot: QtBot) -> None:
    v = vue.visionneuse
    qtbot.keyClick(vue.table, Qt.Key.Key_F11)
    assert not v.plein and vue.table.isVisible(), "nothing is shown: the list stays"
    for forme in ("pdf", "structure"):
        v.afficher(affiche(), PAGE)
        v.poser_structure(decouper("<html><body><p>INR 2,6</p></body></html>"))
        qtbot.mouseClick(v.formes.bouton(forme), Qt.MouseButton.LeftButton)
        vue.table.setFocus()
        qtbot.keyClick(vue.table, Qt.Key.Key_F11)
        qtbot.waitUntil(lambda: v.width() == vue.width())
        assert not vue.table.isVisible()
        montre = v.pages if forme == "pdf" else v.structure.navigateur
        qtbot.waitUntil(montre.hasFocus)
        qtbot.keyClick(montre, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: vue.table.hasFocus() and v.width() < 700)
        assert v.isVisible() and not v.plein
    qtbot.mouseClick(v.outils.plein, Qt.MouseButton.LeftButton)
    assert v.outils.plein.accessibleName() == "Revenir à la liste"
    v.vider()
    assert vue.table.isVisible(), "a file closed in this state gives the list back"


def test_echap_closes_the_search_before_the_whole_width(vue: VueDocuments, qtbot: QtBot) -> None:
    v = vue.visionneuse
    v.afficher(affiche(), PAGE)
    v.poser_structure(decouper("<html><body><p>INR 2,6</p></body></html>"))
    qtbot.mouseClick(v.formes.bouton("structure"), Qt.MouseButton.LeftButton)
    v.basculer_plein()
    v.structure.ouvrir_recherche()
    qtbot.keyClick(v.structure.mot, Qt.Key.Key_Escape)
    assert v.plein
    qtbot.keyClick(v.structure.navigateur, Qt.Key.Key_Escape)
    assert not v.plein


@pytest.mark.parametrize("statut", [StatutIdentite.QUALIFIEE, StatutIdentite.VALIDEE])
def test_the_printed_structured_view_carries_the_ins_datamatrix(
        tmp_path: Path, qapp: QApplication, statut: StatutIdentite) -> None:
    """Read back from the printed page, by a reader nobody here wrote."""
    imprimante = QPrinter(QPrinter.PrinterMode.HighResolution)
    imprimante.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    imprimante.setOutputFileName(str(tmp_path / "sortie.pdf"))
    preparer(imprimante, "Essai")
    qualifie = patient(qui=identite(statut))
    pied = pied_de_page((("Nom de naissance", "ADRUN"),), "Camille DÉMO", ins_imprime(qualifie))
    lignes = "".join(f"<p>Ligne {i}</p>" for i in range(90))
    total = imprimer_html(None, imprimante, f"<html><body>{lignes}</body></html>", pied)  # type: ignore[arg-type]
    pdf = (tmp_path / "sortie.pdf").read_bytes()
    assert total > 1 and len(tailles_pages(pdf)) == total
    for numero in range(total):
        page = page_rgba(pdf, numero, 1654)
        image = Image.frombytes("RGBA", (page.largeur, page.hauteur), page.rgba).convert("L")
        lus = [code.text for code in zxingcpp.read_barcodes(image)]
        if statut is StatutIdentite.QUALIFIEE:
            assert [decoder_ins(x).matricule_ins for x in lus] == [qualifie.identite.matricule_ins]
        else:
            assert not lus
    textes = " ".join(page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(pdf))
    assert textes.count("INS à scanner") == (total if statut is StatutIdentite.QUALIFIEE else 0)
    assert all(f"Ligne {i}" in textes for i in range(90)), "the foot hides no line"
