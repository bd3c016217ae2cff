"""Tokens, style sheet, fonts and icons."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from app.ui import feuille, theme
from app.ui.jetons import CLAIR, FONDS_DOUX, SOMBRE

TEXTES = {
    "surface": ["texte", "texte2", "accent", "succes", "alerte", "erreur", "violet", "neutre"],
    "fond": ["texte", "texte2", "accent"],
    "surface2": ["texte", "texte2", "accent"],
    "survol": ["texte", "texte2", "accent", "succes", "alerte", "erreur"],
    "accent_doux": ["texte", "texte2", "accent", "succes", "alerte", "erreur"],
    "accent": ["sur_accent"], "accent_survol": ["sur_accent"], "accent_presse": ["sur_accent"],
    "erreur": ["sur_accent"],
    "nuit": ["sur_nuit", "etoile"], "nuit2": ["sur_nuit", "etoile"],
    "compteur": ["sur_compteur"], "compteur_echec": ["sur_compteur_echec"],
} | {fond: [etat] for etat, fond in FONDS_DOUX.items() if fond != "accent_doux"}


@pytest.fixture(autouse=True)
def habille(qapp: QApplication):
    theme.appliquer(qapp, "clair", 100)
    yield
    theme.appliquer(qapp, "clair", 100)


def luminance(code: str) -> float:
    def canal(v: float) -> float:
        return v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4
    c = QColor(code)
    return 0.2126 * canal(c.redF()) + 0.7152 * canal(c.greenF()) + 0.0722 * canal(c.blueF())


def contraste(a: str, b: str) -> float:
    clair, fonce = sorted((luminance(a), luminance(b)), reverse=True)
    return (clair + 0.05) / (fonce + 0.05)


@pytest.mark.parametrize("jetons", [CLAIR, SOMBRE], ids=["clair", "sombre"])
def test_text_is_readable_on_its_background(jetons: dict[str, str]) -> None:
    for fond, textes in TEXTES.items():
        for texte in textes:
            assert contraste(jetons[texte], jetons[fond]) >= 4.5, (texte, fond)


@pytest.mark.parametrize("jetons", [CLAIR, SOMBRE], ids=["clair", "sombre"])
def test_fields_and_focus_have_an_edge(jetons: dict[str, str]) -> None:
    for fond in ("surface", "fond", "surface2"):
        assert contraste(jetons["bordure_forte"], jetons[fond]) >= 3
        assert contraste(jetons["focus"], jetons[fond]) >= 3
    for fond in ("nuit", "nuit2"):
        assert contraste(jetons["focus_nuit"], jetons[fond]) >= 3


def test_style_sheet_names_known_tokens_only_and_scales_lengths() -> None:
    assert "@" not in feuille.composer(CLAIR, 1.0)
    assert "min-height:20px" in feuille.composer(CLAIR, 1.0)
    assert "min-height:40px" in feuille.composer(CLAIR, 2.0)
    with pytest.raises(KeyError):
        feuille.composer({}, 1.0)


def test_every_focusable_class_of_the_sheet_has_a_focus_rule() -> None:
    for classe in ("QLineEdit", "QComboBox", "QDateTimeEdit", "QTimeEdit", "QSpinBox", "QTextEdit",
                   "QPlainTextEdit", "QTextBrowser", "QCheckBox", "QRadioButton", "QToolButton"):
        assert re.search(rf"{classe}(\[[^]]*\])?:focus", feuille.MODELE), classe
    for role in ("principal", "second", "discret", "lien", "danger"):
        assert f'QPushButton[role="{role}"]:focus' in feuille.MODELE


def test_the_theme_changes_palette_sheet_icons_and_fonts_together(qapp, qtbot) -> None:
    etiquette = QLabel("Âge")
    bouton = QPushButton("Ajouter")
    qtbot.addWidget(etiquette)
    qtbot.addWidget(bouton)
    theme.poser(etiquette, police="small", ton="texte2")
    theme.poser(bouton, role="principal")
    theme.poser_icone(bouton, "plus", "sur_accent")
    avant = bouton.icon().pixmap(16).toImage()
    with qtbot.waitSignal(theme.signaux().change):
        theme.appliquer(qapp, "sombre", 200)
    assert theme.est_sombre() and theme.echelle() == 2.0
    assert qapp.palette().color(QPalette.ColorRole.Base) == QColor(SOMBRE["surface"])
    assert SOMBRE["surface"] in qapp.styleSheet()
    assert etiquette.font().pointSizeF() == pytest.approx(18)
    assert bouton.icon().pixmap(16).toImage() != avant
    assert theme.espace(12) == 24


def test_a_property_set_later_keeps_the_font_of_the_new_text_size(qapp, qtbot) -> None:
    theme.appliquer(qapp, "clair", 100)
    bouton = QToolButton()
    qtbot.addWidget(bouton)
    theme.poser(bouton, role="barre", police="small/500", ton="alerte")
    theme.poser(bouton, ton="")
    bouton.show()
    theme.appliquer(qapp, "clair", 200)
    theme.poser(bouton, ton="succes")
    assert bouton.font().pointSizeF() == pytest.approx(18)
    theme.appliquer(qapp, "clair", 100)


def test_text_size_is_bounded(qapp) -> None:
    theme.appliquer(qapp, "clair", 900)
    assert theme.echelle() == 2.0
    theme.appliquer(qapp, "clair", 10)
    assert theme.echelle() == 1.0


def test_inter_is_the_font_really_used(qapp) -> None:
    for role in ("micro", "small", "body", "trait", "title", "page", "figure"):
        assert QFontInfo(theme.police(role)).family() == "Inter"
    assert theme.police("body", 600).weight() == 600


def test_icons_are_tinted_and_unknown_ones_refused(qapp) -> None:
    image = theme.pixmap("check", "erreur", 24).toImage()
    couleurs = {image.pixelColor(x, y).name() for x in range(image.width())
                for y in range(image.height()) if image.pixelColor(x, y).alpha() == 255}
    assert QColor(CLAIR["erreur"]).name() in couleurs
    with pytest.raises(FileNotFoundError):
        theme.icone("does-not-exist")
    with pytest.raises(KeyError):
        theme.couleur("rose")


def test_icons_carry_their_licence(racine: Path) -> None:
    icones = racine / "resources" / "icons"
    assert "MIT License" in (icones / "LICENSE-MIT.txt").read_text("utf-8")
    voulus = set((icones / "liste.txt").read_text("utf-8").split())
    assert {f.stem for f in icones.glob("*.svg")} == voulus
    clair = {f.name for f in (icones / "clair").glob("*.svg")}
    assert clair == {f.name for f in (icones / "sombre").glob("*.svg")}
    assert set(re.findall(r"icones:([a-z-]+\.svg)", feuille.MODELE)) <= clair
