"""What an eye would find cut in a window: texts too narrow, widgets outside what holds them."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from app.ui import theme
from app.ui.views.elements import Elide


def internes(widget: QWidget) -> bool:
    """Parts that Qt makes inside its own widgets."""
    parent = widget.parentWidget()
    return widget.objectName().startswith("qt_") or isinstance(
        parent, QComboBox | QAbstractSpinBox | QLineEdit | QAbstractItemView) or (
        parent is not None and isinstance(parent.parentWidget(), QComboBox | QAbstractItemView))


def decrire(widget: QWidget) -> str:
    texte = widget.accessibleName() or getattr(widget, "text", lambda: "")()
    return f"{type(widget).__name__} « {str(texte)[:50]} »"


def coupes(racine: QWidget) -> list[str]:
    """What can't be read whole: narrower or lower than it needs, or outside what holds it."""
    fautes = []
    for w in racine.findChildren(QWidget):
        if not w.isVisible() or internes(w) or isinstance(w, QAbstractScrollArea):
            continue
        if isinstance(w, QLabel):
            besoin = w.heightForWidth(w.width()) if w.wordWrap() else w.sizeHint().height()
            large = 0 if w.wordWrap() or isinstance(w, Elide) else w.sizeHint().width()
            if w.height() < besoin - 1 or w.width() < large - 1:
                fautes.append(f"{decrire(w)} a {w.width()}x{w.height()}, il faut {large}x{besoin}")
        elif isinstance(w, QAbstractButton | QComboBox | QAbstractSpinBox):
            besoin = w.minimumSizeHint() if isinstance(w, QComboBox) else w.sizeHint()
            if w.hasHeightForWidth():  # its words wrap
                besoin = QSize(w.minimumSizeHint().width(), w.heightForWidth(w.width()))
            if w.width() < besoin.width() - 1 or w.height() < besoin.height() - 1:
                fautes.append(f"{decrire(w)} a {w.width()}x{w.height()}, il faut "
                              f"{besoin.width()}x{besoin.height()}")
        if isinstance(w, QComboBox) and not w.toolTip() and w.width() < theme.espace(36) \
                + w.fontMetrics().horizontalAdvance(w.currentText()):
            fautes.append(f"{decrire(w)} : choix coupé « {w.currentText()} »")
        elif isinstance(w, QLineEdit) and w.isReadOnly() and w.echoMode() is w.EchoMode.Normal \
                and w.width() < w.fontMetrics().horizontalAdvance(w.text()):
            fautes.append(f"{decrire(w)} : valeur coupée « {w.text()} »")
        parent = w.parentWidget()
        if parent is not None and parent is not racine \
                and not isinstance(parent.parentWidget(), QAbstractScrollArea) \
                and not parent.rect().adjusted(-1, -1, 1, 1).contains(w.geometry()):
            fautes.append(f"{decrire(w)} sort de {decrire(parent)} : {w.geometry().getRect()} "
                          f"dans {parent.size().toTuple()}")
    for zone in racine.findChildren(QAbstractScrollArea):
        if zone.isVisible() and zone.horizontalScrollBar().maximum() > 0 and not internes(zone):
            fautes.append(f"{decrire(zone)} défile en largeur de "
                          f"{zone.horizontalScrollBar().maximum()} px")
        if zone.isVisible() and zone.verticalScrollBar().maximum() \
                and zone.height() < 3 * zone.fontMetrics().height():
            fautes.append(f"{decrire(zone)} n’a que {zone.height()} px de haut")
    return fautes
