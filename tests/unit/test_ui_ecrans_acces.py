"""Access screens at 100 and 200 % text, with long data: whole words, one primary gesture."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from ui_outils import habiller

from app.domain.calendrier_vaccinal import EtatVaccinal, LigneSituation
from app.domain.people import SituationExercice
from app.domain.session import EtatSession
from app.ui import theme
from app.ui.models.journal import Colonne
from app.ui.views.carnet_vaccinal import BadgeEtat, CarteSituation
from app.ui.views.comptes import FILTRE_DES, LigneCompte
from app.ui.views.elements import Icone
from app.ui.views.equipes import LigneEquipes
from app.ui.views.etapes import EtapeCabinet, EtapeCompte, EtapeMotDePasse
from app.ui.views.etat_vide import etat_vide
from app.ui.views.journal import VueJournal
from app.ui.views.premier_demarrage import PremierDemarrage
from app.ui.views.reglages import VueReglages
from app.ui.views.repli import Repli
from app.ui.views.session import PanneauSession
from app.ui.views.verrou import Verrou
from app.usecases.settings import MODULES_MSS, PROFILS
from tests.lisible import coupes

LONG = "Anne-Charlotte-Bérengère DE LA ROCHEFOUCAULD-MONTBEL DE SAINT-EXUPÉRY"
CENTRE = ("Centre de santé infirmier départemental des Combrailles et du Sancy – antenne de "
          "Saint-Gervais-d’Auvergne")
FAUTES = ["15 caractères au moins", "une minuscule", "une majuscule", "un chiffre",
          "un signe (ponctuation ou espace)"]
REPRISE = {"nom": LONG, "profession": "Infirmière en pratique avancée", "cabinet": CENTRE,
           "lieu": "Saint-Gervais-d’Auvergne", "psc_possible": True, "reprise": True,
           "faits": (("lock", "Verrouillé à 12:04 après deux heures sans activité"),)}


@pytest.fixture(params=[100, 200])
def taille(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[int]:
    """Text size, in per cent."""
    habiller(qapp, "clair", request.param)
    yield request.param
    habiller(qapp)


def vivre() -> None:
    for _ in range(4):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def montrer(qtbot: QtBot, ecran: QWidget, largeur: int = 1366, hauteur: int = 768) -> None:
    qtbot.addWidget(ecran)
    ecran.resize(largeur, hauteur)
    ecran.show()
    vivre()


def principaux(racine: QWidget) -> list[str]:
    return [b.text() for b in racine.findChildren(QPushButton)
            if b.isVisible() and b.property("role") == "principal"]


# -- Lock screen -----------------------------------------------------------------------------

#: State -> what makes it, and its one primary button.
ETATS: dict[str, tuple[Callable[[Verrou], object], str]] = {
    "mot de passe": (lambda v: v.proposer_psc(), "S’identifier avec Pro Santé Connect"),
    "refus": (lambda v: v.refuser("Mot de passe refusé. Il reste 3 essais avant une attente."),
              "S’identifier avec Pro Santé Connect"),
    "code": (lambda v: v.demander_code(), "Valider le code"),
    "nouveau": (lambda v: v.demander_nouveau("Votre mot de passe est provisoire. Choisissez le "
                                             "vôtre.", lambda mot: FAUTES), "Changer et ouvrir"),
    "comptes": (lambda v: v.choisir_compte([LONG, "Camille DÉMO"], "Lequel ouvrir ?"), ""),
    "deux chiffres": (lambda v: v.attendre_psc("MOBILE", "47"), ""),
}


@pytest.mark.parametrize("etat", ETATS)
def test_the_lock_screen_is_whole_and_has_one_primary_button(qtbot: QtBot, taille: int,
                                                             etat: str) -> None:
    verrou = Verrou("1.0.0", **REPRISE)  # type: ignore[arg-type]
    montrer(qtbot, verrou)
    faire, principal = ETATS[etat]
    faire(verrou)
    vivre()
    assert not coupes(verrou)
    assert principaux(verrou) == ([principal] if principal else [])


def test_a_step_given_up_brings_pro_sante_connect_back(qtbot: QtBot, taille: int) -> None:
    """Neither the step nor an answer that comes late leaves two ways on screen."""
    verrou = Verrou("1.0.0", psc_possible=True, cabinet="cabinet.pleiade")
    montrer(qtbot, verrou)
    verrou.demander_code()
    verrou.proposer_psc()  # the known accounts are read by then
    vivre()
    assert principaux(verrou) == ["Valider le code"] and not verrou._autre_psc.isVisible()
    verrou._bascule.click()
    vivre()
    assert principaux(verrou) == ["S’identifier avec Pro Santé Connect"]
    assert verrou._autre_psc.isVisible()


def test_no_hole_under_the_password(qtbot: QtBot, taille: int) -> None:
    """The page is as high as what it shows, not as the highest one."""
    verrou = Verrou("1.0.0", psc_possible=True, cabinet="cabinet.pleiade")
    montrer(qtbot, verrou)
    champ, lien = verrou._secret, verrou._bascule
    bas = champ.mapTo(verrou, champ.rect().bottomLeft()).y()
    haut = lien.mapTo(verrou, lien.rect().topLeft()).y()
    assert 0 < haut - bas <= theme.espace(16)


# -- Pro Santé Connect -----------------------------------------------------------------------

SITUATIONS = tuple(SituationExercice("60", "CIV", "", "SA01", str(n), nom)
                   for n, nom in enumerate((CENTRE, f"{CENTRE} bis", "CH DE TESTVILLE")))


@pytest.fixture
def vue(qtbot: QtBot, taille: int) -> Iterator[PanneauSession]:
    """The session panel, as wide as under its button."""
    cadre = QWidget()
    colonne = QVBoxLayout(cadre)
    vue = PanneauSession()
    colonne.addWidget(vue)
    colonne.addStretch(1)
    montrer(qtbot, cadre, theme.espace(380), theme.espace(700))
    yield vue


def dans(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def test_two_situations_that_differ_by_their_last_word_are_read_whole(vue: PanneauSession) -> None:
    vue.choisir_situation(SITUATIONS)
    vivre()
    assert not coupes(vue)
    boutons = [b for b in vue.findChildren(QPushButton) if b.isVisible()]
    assert [b.accessibleName() for b in boutons] == [
        f"Infirmier, {s.structure_nom}" for s in SITUATIONS]
    recus: list[int] = []
    vue.choisi.connect(recus.append)
    boutons[1].click()
    assert recus == [1]


def test_a_long_name_is_whole_in_the_session_panel(vue: PanneauSession) -> None:
    vue.montrer(EtatSession(True, LONG, dans(192), True, SITUATIONS[0], SITUATIONS))
    vivre()
    assert not coupes(vue)


def test_an_ended_session_says_when_it_ended(vue: PanneauSession) -> None:
    vue.montrer(EtatSession(True, "Camille DÉMO", dans(-3)))
    vivre()
    assert any("Votre session a pris fin à" in e.text() for e in vue.findChildren(QLabel))
    assert principaux(vue) == ["S’identifier avec Pro Santé Connect"]
    vue.montrer(EtatSession())
    vivre()
    assert not any("pris fin" in e.text() for e in vue.findChildren(QLabel))


def test_the_bar_of_the_confirmation_shrinks_with_the_time_left(vue: PanneauSession) -> None:
    vue.attendre_ciba("MOBILE", "47", 120)
    vivre()
    (barre,) = [b for b in vue.findChildren(QProgressBar) if b.isVisible()]
    assert barre.maximum() == 120 and barre.value() > 60
    vue._fin -= 60
    vue._compter()
    assert 0 < barre.value() <= 60


# -- First start -----------------------------------------------------------------------------


def test_the_first_start_is_whole(qtbot: QtBot, taille: int) -> None:
    page = PremierDemarrage((EtapeCabinet(), EtapeCompte(PROFILS, MODULES_MSS),
                             EtapeMotDePasse(lambda mot: FAUTES)))
    montrer(qtbot, page)
    for rang in range(3):
        page.aller(rang)
        vivre()
        fautes = [f for f in coupes(page) if "BoutonIcone" not in f]  # two px of an eye's frame
        assert not fautes, rang
        assert len(principaux(page)) == 1


# -- Settings --------------------------------------------------------------------------------

FAITS = (("calendar", "du 01/11/2026 au 31/12/2026", "texte2"),
         ("key", "mot de passe provisoire, pas encore changé", "alerte"),
         ("shield-check", "rattaché à Pro Santé Connect", "succes"))


def remplir(vue: VueReglages) -> None:
    """Forty accounts, delegations, references: long names among short ones."""
    noms = [LONG, *(f"Camille PERSONNE-{n}" for n in range(39))]
    vue.comptes.montrer([LigneCompte(
        n, nom, "Infirmier en pratique avancée, RPPS 99700000016",
        "Titulaire, Professionnel de l’équipe, Secrétaire, Administrateur" if n % 2 else
        "Secrétaire", FAITS[:n % 4], actif=n < 38) for n, nom in enumerate(noms)])
    lignes = [LigneEquipes(n, "user", f"À {nom}", "Préparer ses documents, tenir son agenda",
                           "En cours\ndu 29/11/2026 au 31/12/2026", "succes", "Reprendre…")
              for n, nom in enumerate(noms[:3])]
    vue.equipes.montrer(lignes, lignes, lignes, administre=True, seul=False)
    vue.a_propos.montrer("1.0.0", [SimpleNamespace(
        nom="Types de documents (JDV_J07), classes (JDV_J57) et formats (ASS_A11)",
        version="PDT-INF-526 v1.8", date="2026-11", source="Agence du numérique en santé",
        licence="SIL Open Font License 1.1")])


def test_no_section_scrolls_sideways_nor_has_two_primary_buttons(qtbot: QtBot, taille: int) -> None:
    vue = VueReglages(PROFILS, MODULES_MSS)
    remplir(vue)
    montrer(qtbot, vue, 1366 - theme.espace(84), 720)
    fautes = []
    for nom in vue._noms:
        vue.aller(nom)
        vivre()
        fautes += [f"{nom} : {f}" for f in coupes(vue) if "défile en largeur" in f]
        if nom in ("comptes", "equipes", "a_propos"):
            fautes += [f"{nom} : {f}" for f in coupes(vue) if "défile" not in f]
        if len(principaux(vue)) > 1:
            fautes.append(f"{nom} : plusieurs boutons principaux, {principaux(vue)}")
    assert not fautes, "\n".join(fautes)
    assert any(e.text() == "PDT-INF-526 v1.8, 11/2026"
               for e in vue.a_propos.findChildren(QLabel))


def test_the_columns_of_the_accounts_stay_in_line(qtbot: QtBot, taille: int) -> None:
    vue = VueReglages(PROFILS, MODULES_MSS)
    remplir(vue)
    vue.aller("comptes")
    montrer(qtbot, vue, 1366 - theme.espace(84), 720)
    roles = [e for e in vue.comptes.findChildren(QLabel)
             if e.isVisible() and e.text().startswith(("Titulaire,", "Secrétaire"))]
    departs = {e.mapTo(vue.comptes, e.rect().topLeft()).x() for e in roles}
    assert len(roles) == 40 and len(departs) == 1, departs


def test_forty_accounts_are_found_by_a_few_letters(qtbot: QtBot, qapp: QApplication) -> None:
    habiller(qapp)
    vue = VueReglages(PROFILS, MODULES_MSS)
    comptes = vue.comptes
    vue.aller("comptes")
    montrer(qtbot, vue)
    assert not comptes._titre_retires.isVisible()  # nothing is known yet
    remplir(vue)
    vivre()

    def montres() -> list[str]:
        return [r._ligne.nom for r in comptes._rangees if r.isVisible()]

    assert comptes.filtre.isVisible() and len(montres()) == 40
    comptes.filtre.setText("berengere secretaire")
    assert montres() == [LONG] and not comptes._titre_retires.isVisible()
    comptes.filtre.setText("personne que voici")
    assert montres() == [] and comptes._personne.isVisible()
    comptes.filtre.clear()
    assert len(montres()) == 40 and comptes._titre_retires.isVisible()
    comptes.montrer([LigneCompte(n, f"Camille {n}", "", "Titulaire")
                     for n in range(FILTRE_DES - 1)])
    assert not comptes.filtre.isVisible()


# -- Trail -----------------------------------------------------------------------------------


def test_a_broken_chain_is_said_whole_above_the_lines(qtbot: QtBot, taille: int) -> None:
    vue = VueJournal()
    montrer(qtbot, vue, 1366 - theme.espace(66), 768 - theme.espace(48))
    phrase = "Chaîne rompue à la ligne 128 du 12/11/2026 à 08:51\u00a0: une ligne a été modifiée."
    vue.dire_chaine(False, phrase)
    vue.dire_conservation(10, 1283)
    vue.montrer([])
    vivre()
    assert not coupes(vue)
    assert any(e.text() == phrase and e.isVisible() for e in vue.findChildren(QLabel))
    assert "1\u202f283\u00a0échues" in vue.conservation.text()
    vue.dire_chaine(True, "Chaîne intacte, 47 lignes")
    vivre()
    assert vue.etat.isVisible() and not any(
        e.text() == phrase and e.isVisible() for e in vue.findChildren(QLabel))
    assert vue.table.isColumnHidden(Colonne.DETAIL) == (taille == 200)


def test_the_heads_of_the_lists_follow_the_text_size(qtbot: QtBot, qapp: QApplication) -> None:
    """They are painted in the font of the viewport, which kept that of the first size."""
    habiller(qapp)
    vue = VueJournal()
    montrer(qtbot, vue)
    theme.appliquer(qapp, "clair", 200)
    vivre()
    tete = vue.table.horizontalHeader()
    assert tete.viewport().font().pointSizeF() == tete.font().pointSizeF() == pytest.approx(18)
    theme.appliquer(qapp, "clair", 100)


def test_the_states_of_the_schedule_follow_the_text_size(qtbot: QtBot, qapp: QApplication) -> None:
    """Rows made at 100 % were cut at 200 %, the states with them."""
    habiller(qapp)
    carte = CarteSituation()
    montrer(qtbot, carte, 900, 500)
    carte.definir([LigneSituation("Diphtérie, tétanos", "À 65 ans", etat)
                   for etat in EtatVaccinal], "Aide à la décision.", "https://exemple.test")
    vivre()
    avant = carte.findChildren(BadgeEtat)[0].height()
    theme.appliquer(qapp, "clair", 200)
    vivre()
    badges = [b for b in carte.findChildren(BadgeEtat) if b.isVisible()]
    assert len(badges) == len(EtatVaccinal) and not coupes(carte)
    for badge in badges:
        assert badge.height() > avant and badge.width() >= badge.sizeHint().width()
        cadre = badge.parentWidget()
        assert cadre is not None and cadre.rect().contains(badge.geometry())
    theme.appliquer(qapp, "clair", 100)


def test_an_empty_page_loses_its_icon_before_its_words(qtbot: QtBot, taille: int) -> None:
    page = etat_vide("vaccine", QLabel("Aucune vaccination"), taille=32)
    montrer(qtbot, page, 600, theme.espace(300))
    (icone,) = page.findChildren(Icone)
    assert icone.isVisible() and icone.height() >= theme.espace(32)
    page.resize(600, theme.espace(90))
    vivre()
    assert not icone.isVisible() and page.findChildren(QLabel)[-1].isVisible()


# -- A row that wraps ------------------------------------------------------------------------


def test_a_row_goes_on_at_the_next_line(qtbot: QtBot, qapp: QApplication) -> None:
    habiller(qapp)
    cadre = QWidget()
    rangee = Repli(10)
    cadre.setLayout(rangee)
    cases = []
    for _ in range(4):
        case = QWidget()
        case.setFixedSize(100, 30)
        rangee.addWidget(case)
        cases.append(case)
    montrer(qtbot, cadre, 500, 200)
    assert [c.pos().toTuple() for c in cases] == [(0, 0), (110, 0), (220, 0), (400, 0)]
    cadre.resize(330, 200)
    vivre()
    assert [c.pos().toTuple() for c in cases] == [(0, 0), (110, 0), (220, 0), (230, 40)]
    assert rangee.heightForWidth(330) == 70 and rangee.heightForWidth(430) == 30
    cases[1].hide()
    vivre()
    assert [cases[n].pos().toTuple() for n in (0, 2, 3)] == [(0, 0), (110, 0), (230, 0)]
