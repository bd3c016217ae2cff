"""Theme and text size of the workstation, known before any file is open."""

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication

from app.ui import theme


class Apparence(QObject):
    """Dresses the application; a session's settings outrank the workstation's.

    Args:
        gardee: False on a throw-away file: nothing is read nor written in the user's own settings.
    """

    def __init__(self, application: QApplication, parent: QObject, *, gardee: bool) -> None:
        super().__init__(parent)
        self._application, self._gardee = application, gardee
        self._theme, self._taille = "systeme", 100
        poste = self._poste()
        if poste is not None:
            self._theme = str(poste.value("theme", "systeme"))
            taille = str(poste.value("taille", "100"))
            self._taille = int(taille) if taille.isdigit() else 100
        self._appliquer()
        application.styleHints().colorSchemeChanged.connect(self._systeme_change)

    def habiller(self, choisi: str, taille: int) -> None:
        """Wear a theme (`systeme`, `clair`, `sombre`) and a text size (percent) from now on."""
        if (choisi, taille) != (self._theme, self._taille):
            self._theme, self._taille = choisi, taille
            self._appliquer()
        poste = self._poste()
        if poste is not None:
            poste.setValue("theme", self._theme)
            poste.setValue("taille", str(self._taille))

    def _poste(self) -> QSettings | None:
        """Settings of the user, kept in clear so that the lock screen has them too."""
        if not self._gardee:
            return None
        return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Pleiade",
                         "apparence")

    def _appliquer(self) -> None:
        theme.appliquer(self._application, self._theme, self._taille)

    def _systeme_change(self) -> None:
        if self._theme == "systeme":
            self._appliquer()
