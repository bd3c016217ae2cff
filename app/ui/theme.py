"""Colours, fonts, icons and style sheet of the window, in the current theme and text size.

Views ask here and nowhere else: `couleur`, `police`, `icone`, `espace`, and `poser` to set the
dynamic properties that the style sheet selects on. `appliquer` may be called again at any time: it
sets palette and style sheet together, then gives every widget its font and icon anew.
"""

from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QDir, QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTimeEdit,
    QToolButton,
    QWidget,
)

from app.ui.feuille import composer
from app.ui.jetons import CLAIR, POLICES, SOMBRE, VOILE

RESSOURCES = Path(__file__).parents[2] / "resources"
FAMILLE = "Inter"
_FICHIERS_POLICES = ("Regular", "Medium", "SemiBold", "Bold")


class Signaux(QObject):
    """`change` is emitted after the theme or the text size changed."""

    change = Signal()


class _Etat:
    """The one mutable state of this module."""

    jetons: dict[str, str] = CLAIR
    echelle: float = 1.0
    sombre: bool = False
    polices: bool = False
    signaux: Signaux | None = None


def signaux() -> Signaux:
    """The object that tells widgets with their own painting that the theme changed."""
    if _Etat.signaux is None:
        _Etat.signaux = Signaux()
    return _Etat.signaux


# -- Values ---------------------------------------------------------------------------------


def couleur(nom: str) -> QColor:
    """Colour of a token in the current theme. Raises KeyError when the token doesn't exist."""
    return _couleur(_Etat.jetons[nom])


@cache
def _couleur(code: str) -> QColor:
    return QColor(code)


def voile() -> QColor:
    """Veil under a modal dialog."""
    return QColor(*VOILE)


def est_sombre() -> bool:
    """True in the dark theme."""
    return _Etat.sombre


def echelle() -> float:
    """Text scale, 1.0 to 2.0."""
    return _Etat.echelle


def espace(n: float) -> int:
    """Length of `n` px at 100 % text, in px at the current text size."""
    return round(n * _Etat.echelle)


def police(role: str, poids: int | None = None, *, chiffres: bool = False) -> QFont:
    """Font of a role: micro, small, body, trait, title, page, figure.

    Args:
        poids: 400, 500, 600 or 700; the role's own by default.
        chiffres: tabular figures, for columns of dates, numbers and matricules only.
    """
    points, defaut = POLICES[role]
    fonte = QFont(FAMILLE)
    fonte.setPointSizeF(points * _Etat.echelle)
    fonte.setWeight(QFont.Weight(poids or defaut))
    if chiffres:
        fonte.setFeature(QFont.Tag("tnum"), 1)
    return fonte


# -- Icons ----------------------------------------------------------------------------------


@cache
def _svg(nom: str) -> str:
    return (RESSOURCES / "icons" / f"{nom}.svg").read_text(encoding="utf-8")


@cache
def _image(nom: str, code: str, cote: int) -> QImage:
    from PySide6.QtSvg import QSvgRenderer

    rendu = QSvgRenderer(QByteArray(_svg(nom).replace("currentColor", code).encode()))
    image = QImage(cote, cote, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    peintre = QPainter(image)
    rendu.render(peintre)
    peintre.end()
    return image


def _densite() -> float:
    return max((e.devicePixelRatio() for e in QGuiApplication.screens()), default=1.0)


def pixmap(nom: str, role: str = "texte2", taille: int = 16, marge: int = 0) -> QPixmap:
    """An icon as a pixmap, tinted by a colour token, sharp on the densest screen.

    `taille` is in px at 100 % text; `marge` adds empty px at its right. Raises FileNotFoundError
    when the icon isn't in resources.
    """
    densite = _densite()
    dessin = _image(nom, _Etat.jetons[role], round(espace(taille) * densite))
    if marge:
        dessin = dessin.copy(0, 0, dessin.width() + round(espace(marge) * densite),
                             dessin.height())
    image = QPixmap.fromImage(dessin)
    image.setDevicePixelRatio(densite)
    return image


def icone(nom: str, role: str = "texte2", taille: int = 16, marge: int = 0) -> QIcon:
    """An icon tinted by a colour token; grey when its widget is disabled."""
    resultat = QIcon(pixmap(nom, role, taille, marge))
    resultat.addPixmap(pixmap(nom, "texte_off", taille, marge), QIcon.Mode.Disabled)
    return resultat


# -- Widgets --------------------------------------------------------------------------------


def poser(widget: QWidget, **proprietes: Any) -> None:
    """Set the dynamic properties that the style sheet selects on, and polish anew.

    `police="small"` (or "small/600" with a weight) also sets the font, and `largeur_max=720` the
    greatest width in px at 100 % text; both again at each change of text size.
    """
    for nom, valeur in proprietes.items():
        widget.setProperty(nom, valeur)
    if "police" in proprietes:
        _poser_police(widget)
    if "largeur_max" in proprietes:
        _poser_largeur(widget)
    if "fond" in proprietes:  # a subclass of QWidget doesn't paint its background by itself
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if isinstance(widget, QSpinBox | QTimeEdit):  # the style sheet's padding is lost on these
        widget.lineEdit().setTextMargins(espace(6), 0, 0, 0)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    if widget.property("police"):  # last: polishing gives back the font of an older text size
        _poser_police(widget)


def _poser_largeur(widget: QWidget) -> None:
    widget.setMaximumWidth(espace(int(widget.property("largeur_max"))))


def _poser_police(widget: QWidget) -> None:
    role, _, poids = str(widget.property("police")).partition("/")
    fonte = police(role, int(poids) if poids else None)
    widget.setFont(fonte)
    if isinstance(widget, QHeaderView):  # its words are painted in the font of its viewport,
        widget.viewport().setFont(fonte)  # which the style sheet keeps at the first text size


def poser_icone(widget: QAbstractButton | QLabel, nom: str, role: str = "texte2",
                taille: int = 16) -> None:
    """Give a button or a label its icon; it is tinted again at each change of theme."""
    widget.setProperty("icone", f"{nom} {role} {taille}")
    _poser_icone(widget)


def _poser_icone(widget: QWidget) -> None:
    nom, role, texte = str(widget.property("icone")).split()
    taille = int(texte)
    if isinstance(widget, QLabel):
        widget.setPixmap(pixmap(nom, role, taille))
    elif isinstance(widget, QAbstractButton):
        # Qt leaves 4 px between icon and word: too little. The image brings the rest. (A tool
        # button ignores it: its words begin with a space instead.)
        marge = 4 if widget.text() and not isinstance(widget, QToolButton) else 0
        widget.setIcon(icone(nom, role, taille, marge))
        widget.setIconSize(QSize(espace(taille + marge), espace(taille)))



# -- Application ----------------------------------------------------------------------------


def charger_polices() -> None:
    """Register the four Inter faces of the resources, once."""
    if _Etat.polices:
        return
    _Etat.polices = True
    for face in _FICHIERS_POLICES:
        QFontDatabase.addApplicationFont(str(RESSOURCES / "fonts" / f"Inter-{face}.ttf"))


def _veut_sombre(app: QApplication, theme: str) -> bool:
    if theme == "systeme":
        return app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return theme == "sombre"


def _palette() -> QPalette:
    r = QPalette.ColorRole
    palette = QPalette()
    roles = {
        r.Window: "fond", r.WindowText: "texte", r.Base: "surface", r.AlternateBase: "surface2",
        r.Text: "texte", r.Button: "surface", r.ButtonText: "texte", r.BrightText: "erreur",
        r.ToolTipBase: "texte", r.ToolTipText: "surface", r.PlaceholderText: "texte2",
        r.Highlight: "accent", r.HighlightedText: "sur_accent", r.Link: "accent",
        r.LinkVisited: "accent", r.Light: "surface", r.Midlight: "surface2", r.Mid: "bordure",
        r.Dark: "bordure_forte", r.Shadow: "bordure_forte", r.Accent: "accent",
    }
    for role, nom in roles.items():
        palette.setColor(role, couleur(nom))
    for role in (r.Text, r.WindowText, r.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, couleur("texte_off"))
    return palette


def appliquer(app: QApplication, theme: str = "systeme", taille: int = 100) -> None:
    """Dress the application.

    Args:
        theme: "systeme", "clair" or "sombre".
        taille: text size in per cent, 100 to 200.
    """
    premier = not _Etat.polices
    charger_polices()
    _Etat.sombre = _veut_sombre(app, theme)
    _Etat.jetons = SOMBRE if _Etat.sombre else CLAIR
    _Etat.echelle = min(max(taille, 100), 200) / 100
    if premier:
        app.setStyle("Fusion")
    icones = RESSOURCES / "icons" / ("sombre" if _Etat.sombre else "clair")
    QDir.setSearchPaths("icones", [str(icones)])
    app.setFont(police("body"))
    app.setPalette(_palette())
    app.setStyleSheet(composer(_Etat.jetons, _Etat.echelle))
    for widget in app.allWidgets():
        if widget.property("police"):
            _poser_police(widget)
        if widget.property("icone"):
            _poser_icone(widget)
        if widget.property("largeur_max"):
            _poser_largeur(widget)
    signaux().change.emit()
