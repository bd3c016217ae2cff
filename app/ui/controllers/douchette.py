"""Catches what a wedge scanner types, whatever has the focus (`spec/cards.md` §5.5).

A code begins with few characters: only those are held back, for at most 80 ms, until the next key
tells a scanner from a person, or until no code may begin so. What a person typed is given back in
order; a scan never reaches a field.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from app.devices.scan_clavier import DELAI_MS, LONGUEUR_MIN, FrappeScanner, peut_etre_un_code

#: First characters of a code: digits, `]` of the symbology, the same on an AZERTY layout, `I` of
#: an INS datamatrix.
_DEBUTS = frozenset("0123456789]$^&é\"'(-è_çàI")
_FINS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_SEULS = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr,
                    Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_Meta})
_RUPTURES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.WindowDeactivate})
_CONTROLE = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_PAVE = Qt.KeyboardModifier.KeypadModifier


class Douchette(QObject):
    """Application event filter. `actif(c)` says whether a scan that begins by `c` is expected
    now."""

    #: Text of a scan.
    lue = Signal(str)

    def __init__(self, actif: Callable[[str], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._actif = actif
        self._frappe = FrappeScanner()
        self._retenues: list[tuple[QObject, QKeyEvent]] = []
        self._rend = False
        self._minuteur = QTimer(self, singleShot=True, interval=DELAI_MS)
        self._minuteur.timeout.connect(self._peut_etre_une_personne)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, cible: QObject, event: QEvent) -> bool:
        if self._rend:
            return False
        genre = event.type()
        if genre is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._touche(cible, event)
        if self._retenues:
            if genre is QEvent.Type.ShortcutOverride:
                event.accept()  # a scan triggers no shortcut
                return True
            if genre is QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
                if event.key() == Qt.Key.Key_Alt:
                    self._frappe.fin_alt(self._instant(event))
                return event.key() not in _SEULS
            if genre in _RUPTURES:
                self._rendre()
        return False

    # -- inside ------------------------------------------------------------------------------

    @staticmethod
    def _instant(event: QKeyEvent) -> float:
        """Time of the key itself: a late window must not part a scan in two."""
        return float(event.timestamp() or time.monotonic() * 1000)

    def _touche(self, cible: QObject, event: QKeyEvent) -> bool:
        """True when the key is held back."""
        if not self._retenues and not self._commence(event):
            return False
        touche, instant = event.key(), self._instant(event)
        if touche in _SEULS:
            return False
        if touche in _FINS:
            return self._fin(instant)
        if event.modifiers() & _ALT and event.modifiers() & _PAVE:
            self._frappe.chiffre_alt(chr(touche) if 48 <= touche <= 57 else "", instant)
            self._retenir(cible, event)
            return True
        separateur = bool(event.modifiers() & _CONTROLE)
        texte = chr(touche) if separateur and 0 < touche < 0x110000 else event.text()
        separateur = (separateur and texte in "]$") or event.text() == "\x1d"
        f8 = touche == Qt.Key.Key_F8
        if not (f8 or separateur) and (not texte or not texte.isprintable()
                                       or event.modifiers() & _CONTROLE):
            self._rendre()  # a person edits: what was held goes first
            return False
        self._frappe.touche("]" if separateur else texte, instant, controle=separateur, f8=f8)
        self._retenir(cible, event)
        if not peut_etre_un_code(self._frappe.en_cours):
            self._rendre()  # nothing lags behind a fast typist
        return True

    def _commence(self, event: QKeyEvent) -> bool:
        """True for a key that may be the first of a code."""
        libre = not event.modifiers() & (_CONTROLE | _ALT)
        return libre and not event.isAutoRepeat() and event.text() in _DEBUTS \
            and bool(event.text()) and self._actif(event.text())

    def _retenir(self, cible: QObject, event: QKeyEvent) -> None:
        self._retenues.append((cible, event.clone()))
        self._minuteur.start()

    def _fin(self, instant: float) -> bool:
        lu = self._frappe.fin(instant)
        if lu is None or len(lu) < LONGUEUR_MIN:
            self._rendre()
            return False
        self._minuteur.stop()
        self._retenues.clear()
        self._frappe = FrappeScanner()
        QTimer.singleShot(0, self, lambda: self.lue.emit(lu))
        return True

    def _peut_etre_une_personne(self) -> None:
        """Nothing came for 80 ms. Keys already in the queue of a late window come first."""
        QTimer.singleShot(0, self, self._si_rien_de_plus)

    def _si_rien_de_plus(self) -> None:
        if not self._minuteur.isActive():
            self._rendre()

    def _rendre(self) -> None:
        """Give the keys back, in order, to what they were for."""
        self._minuteur.stop()
        retenues, self._retenues = self._retenues, []
        self._frappe = FrappeScanner()
        self._rend = True
        try:
            for cible, event in retenues:
                if isValid(cible):
                    QApplication.sendEvent(cible, event)
        finally:
            self._rend = False
