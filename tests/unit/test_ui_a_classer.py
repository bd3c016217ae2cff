"""« À classer », filters, drop zone: keys, words, and nothing done by mistake."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from ui_outils import habiller, ligne, liste

from app.domain.document import (
    DocumentAffiche,
    EtatLigne,
    LigneDocument,
    OrigineDocument,
    SuiviSource,
)
from app.domain.entrant import (
    DetailEntrant,
    Entrant,
    EtatEntrant,
    LigneEntrant,
    Proposition,
    VerdictEntrant,
)
from app.domain.identity import StatutIdentite
from app.domain.patient import PatientResume
from app.ui.models.a_classer import VERDICTS
from app.ui.models.etats_documents import (
    GROUPES_ETATS,
    FiltreDocuments,
    envois_affiches,
    etat_affiche,
    etat_complet,
    filtrer,
)
from app.ui.views.a_classer import PageAClasser
from app.ui.views.depot import ZoneDepot
from app.ui.views.description import FormulaireDescription
from app.ui.views.filtres_documents import FiltresDocuments

ADRUN = PatientResume(5, "ADRUN", "ZOE", "", "", "1975-12-31", "F", StatutIdentite.QUALIFIEE)
PAT = replace(ADRUN, id=7, nom_naissance="PAT-TROIS", premier_prenom="DOMINIQUE")


def entrant(i: int, verdict: VerdictEntrant = VerdictEntrant.EXACT, mime: str = "text/xml",
            **autres: object) -> LigneEntrant:
    e = Entrant(i, "2026-11-23T08:31:00+01:00", OrigineDocument.SCAN, f"f{i}.xml", mime, "s",
                verdict=verdict, titre=f"Titre {i}", date_acte="2026-11-20")
    return LigneEntrant(replace(e, **autres), ADRUN)  # type: ignore[arg-type]


def detail(ligne_: LigneEntrant, *propositions: Proposition) -> DetailEntrant:
    affichee = LigneDocument(f"entrant:{ligne_.entrant.id}", "2026-11-20", "Type", "Titre", "",
                             OrigineDocument.SCAN, EtatLigne.AU_DOSSIER)
    return DetailEntrant(ligne_, DocumentAffiche(affichee, "Titre", "", None, None, ""),
                         propositions)


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> PageAClasser:
    habiller(qapp)
    page = PageAClasser((("57833-6", "Ordonnance"), ("18748-4", "Imagerie")))
    qtbot.addWidget(page)
    page.resize(1282, 700)
    page.show()
    return page


def test_every_verdict_has_words() -> None:
    assert set(VERDICTS) == set(VerdictEntrant)


def test_one_key_files_the_only_sure_file(page: PageAClasser, qtbot: QtBot) -> None:
    un = entrant(1)
    page.definir((un, entrant(2)))
    page.montrer(detail(un, Proposition(ADRUN, sure=True)))
    for touche in (Qt.Key.Key_1, Qt.Key.Key_Return):
        with qtbot.waitSignal(page.classement_demande) as signal:
            qtbot.keyClick(page.liste, touche)
        assert signal.args is not None and signal.args[:2] == [1, 5]


def test_entree_never_chooses_between_two_nor_a_different_one(page: PageAClasser,
                                                              qtbot: QtBot) -> None:
    un = entrant(1, VerdictEntrant.DIFFERENT)
    page.definir((un,))
    for propositions in ((Proposition(ADRUN), Proposition(PAT)),
                         (Proposition(ADRUN, differences=("Sexe",)),), ()):
        page.montrer(detail(un, *propositions))
        with qtbot.assertNotEmitted(page.classement_demande):
            qtbot.keyClick(page.liste, Qt.Key.Key_Return)
        qtbot.waitUntil(page.recherche.hasFocus)
    with qtbot.assertNotEmitted(page.classement_demande):
        qtbot.keyClick(page.liste, Qt.Key.Key_9)


def test_a_key_before_the_detail_files_nothing(page: PageAClasser, qtbot: QtBot) -> None:
    un, deux = entrant(1), entrant(2)
    page.definir((un, deux))
    page.montrer(detail(un, Proposition(ADRUN, sure=True)))
    page.liste.aller(1)  # the detail of the second line hasn't come yet
    with qtbot.assertNotEmitted(page.classement_demande):
        qtbot.keyClick(page.liste, Qt.Key.Key_1)


def test_a_scan_needs_a_title_and_a_past_date(page: PageAClasser, qtbot: QtBot) -> None:
    scan = entrant(3, VerdictEntrant.SANS_IDENTITE, "application/pdf")
    page.definir((scan,))
    page.montrer(detail(scan, Proposition(ADRUN)))
    assert page.formulaire.isVisible()
    page.formulaire.date.setText("31/12/2999")
    with qtbot.assertNotEmitted(page.classement_demande):
        qtbot.keyClick(page.liste, Qt.Key.Key_1)
    page.formulaire.date.setText("03/02/2026")
    page.formulaire.titre.setText("Radio")
    with qtbot.waitSignal(page.classement_demande) as signal:
        qtbot.keyClick(page.liste, Qt.Key.Key_1)
    assert signal.args == [3, 5, "", "Radio", "2026-02-03", ""]


def test_after_filing_the_neighbour_is_current(page: PageAClasser) -> None:
    lignes = tuple(entrant(i) for i in (1, 2, 3))
    page.definir(lignes)
    page.liste.aller(1)
    page.definir((lignes[0], lignes[2]))
    assert page.entrant_id == 3
    page.definir((lignes[0],))
    assert page.entrant_id == 1
    page.definir(())
    assert page.entrant_id == 0


def test_what_was_put_aside_is_read_and_put_back(page: PageAClasser, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.liste_demandee) as voulue:
        qtbot.mouseClick(page.listes.bouton("ecartes"), Qt.MouseButton.LeftButton)
    assert voulue.args == [True]
    un = entrant(1, etat=EtatEntrant.ECARTE, traite_le="2026-11-22T10:00:00+01:00",
                 traite_par="Camille DÉMO", motif="Publicité")
    page.definir((un,))
    page.montrer(detail(un, Proposition(ADRUN, sure=True)))
    assert not page.recherche.isVisible() and not page.ecarter.isVisible()
    assert "22/11/2026" in page._motif.text() and "Publicité" in page._motif.text()
    with qtbot.assertNotEmitted(page.classement_demande):
        qtbot.keyClick(page.liste, Qt.Key.Key_1)
    with qtbot.assertNotEmitted(page.ecarter_demande):
        qtbot.keyClick(page.liste, Qt.Key.Key_Delete)
    with qtbot.waitSignal(page.remettre_demande) as remis:
        qtbot.keyClick(page.liste, Qt.Key.Key_Return)
    assert remis.args == [1]
    page.definir(())
    assert page._titre_vide.text() == "Aucun document écarté."
    qtbot.mouseClick(page.listes.bouton("attente"), Qt.MouseButton.LeftButton)
    deux = entrant(2)
    page.definir((deux,))
    page.montrer(detail(deux, Proposition(ADRUN, sure=True)))
    assert page.recherche.isVisible() and page.ecarter.isVisible()
    assert not page.remettre.isVisible()


def test_what_others_receive_leaves_what_is_typed(page: PageAClasser, qtbot: QtBot) -> None:
    un, deux = entrant(1, mime="application/pdf"), entrant(2)
    page.definir([un, deux])
    page.montrer(detail(un))
    page.recherche.setText("ADR")
    with qtbot.assertNotEmitted(page.detail_demande):
        page.definir([entrant(3), un, deux], en_direct=True)
    assert (page.entrant_id, page.recherche.text()) == (1, "ADR")
    # Changed or filed elsewhere: it is read again.
    with qtbot.waitSignal(page.detail_demande):
        page.definir([entrant(1, VerdictEntrant.CONFLIT, mime="application/pdf")], en_direct=True)
    with qtbot.waitSignal(page.detail_demande) as demande:
        page.definir([deux], en_direct=True)
    assert demande.args == [2]


def test_late_search_answers_are_dropped(page: PageAClasser) -> None:
    scan = entrant(3, VerdictEntrant.SANS_IDENTITE, "application/pdf")
    page.definir((scan,))
    page.montrer(detail(scan))
    page.recherche.setText("PAT")
    page.poser_trouves("PA", (ADRUN, PAT))
    assert page._trouves == ()
    page.poser_trouves("PAT", (PAT,))
    assert page._trouves == (PAT,)


def test_the_type_is_found_by_any_part_of_its_name(qtbot: QtBot) -> None:
    formulaire = FormulaireDescription((("57833-6", "Ordonnance"), ("18748-4", "Imagerie")))
    qtbot.addWidget(formulaire)
    formulaire.definir("18748-4", "Radio", "2026-02-03", "Dr X")
    assert formulaire.lire() == ("18748-4", "Radio", "2026-02-03", "Dr X")
    formulaire.type.setEditText("inconnu")
    lu = formulaire.lire()
    assert lu is not None and lu[0] == ""


# -- States, filters ------------------------------------------------------------------------

def test_sendings_and_news_are_seen_whatever_the_state() -> None:
    envoye = ligne("x", etat=EtatLigne.ENVOYE, envoye_dmp=True,
                   envoye_dmp_le="2025-03-12T10:02:00+01:00")
    assert etat_affiche(envoye).texte == "Envoyé au DMP 12/03/25"
    assert "envoyé au DMP le 12/03/2025 à 10:02" in etat_complet(envoye)
    remplace = replace(envoye, etat=EtatLigne.REMPLACE,
                       envoye_mss_le="2026-03-12T10:02:00+01:00")
    assert envois_affiches(remplace) == ("cloud-check", "mail-check")
    suite = ligne("x", etat=EtatLigne.AU_DOSSIER, suite=SuiviSource.SUPPRIME)
    assert etat_affiche(suite).texte == "Supprimé à la source"
    assert etat_affiche(ligne("x", etat=EtatLigne.AU_DOSSIER, suite=SuiviSource.VU)).texte == \
        "Au dossier"


def test_every_state_belongs_to_a_group_or_is_a_dmp_one() -> None:
    groupes = set().union(*(etats for _, _, etats in GROUPES_ETATS))
    assert set(EtatLigne) - groupes == {EtatLigne.NOUVEAU, EtatLigne.A_LIRE, EtatLigne.ANNULE}


def test_asking_for_replaced_or_deleted_shows_them() -> None:
    lignes = [ligne("a", etat=e) for e in EtatLigne]
    for code in ("remplace", "supprime"):
        assert [lignes[i].etat.value for i in filtrer(lignes, (), FiltreDocuments(etat=code))] \
            == [code]
    assert len(filtrer(lignes, (), FiltreDocuments())) == len(EtatLigne) - 2
    assert filtrer(lignes, (), FiltreDocuments(auteur="Personne")) == []


def test_filters_tell_what_is_active_and_go_away_together(qtbot: QtBot, qapp: QApplication
                                                          ) -> None:
    habiller(qapp)
    filtres = FiltresDocuments()
    qtbot.addWidget(filtres)
    filtres.remplir(liste(ligne("a", auteur="LABO"), ligne("b", auteur="Dr X")))
    with qtbot.waitSignal(filtres.change):
        filtres.choisir_etat("supprime")
    assert filtres.filtre_courant().etat == "supprime" and filtres.plus.text() == "Plus (1)"
    filtres.effacer()
    assert filtres.filtre_courant() == FiltreDocuments() and filtres.plus.text() == "Plus"


# -- Drop -----------------------------------------------------------------------------------

def test_a_locked_window_takes_no_file(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    habiller(qapp)
    fenetre, mots = QWidget(), ["Déposer ici"]
    qtbot.addWidget(fenetre)
    zone = ZoneDepot(fenetre, lambda: mots[0])
    recus: list[list[str]] = []
    zone.depose.connect(recus.append)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.pdf")), QUrl("https://exemple.test/a.pdf")])
    copie, bouton, rien = (Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton,
                           Qt.KeyboardModifier.NoModifier)

    def deposer() -> bool:
        entree = QDragEnterEvent(QPoint(5, 5), copie, mime, bouton, rien)
        QApplication.sendEvent(fenetre, entree)
        depot = QDropEvent(QPointF(5, 5), copie, mime, bouton, rien)
        QApplication.sendEvent(fenetre, depot)
        return entree.isAccepted()

    assert deposer() and recus == [[str(tmp_path / "a.pdf")]]
    mots[0] = ""
    assert not deposer() and len(recus) == 1


def test_the_list_follows_what_the_detail_learnt(page: PageAClasser) -> None:
    """The patient was created since: the line says so too, and stays current."""
    page.definir((entrant(1, VerdictEntrant.INCONNU), entrant(2)))
    page.montrer(detail(entrant(1, VerdictEntrant.A_COMPARER), Proposition(ADRUN)))
    ligne = page.modele.ligne(0)
    assert ligne is not None and ligne.entrant.verdict is VerdictEntrant.A_COMPARER
    assert page.entrant_id == 1
