"""Opens the window and runs its event loop."""

import os
import sys

from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtWidgets import QApplication

from app import __version__
from app.ui.controllers.application import Application, OptionsFenetre
from app.ui.interruption import Interruption
from app.ui.mesure import mesurer

__all__ = ["Application", "OptionsFenetre", "lancer", "nouvelle_application"]


def nouvelle_application() -> QApplication:
    """The Qt application of the process, made now if there is none."""
    existante = QCoreApplication.instance()
    if isinstance(existante, QApplication):
        return existante
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Pléiade")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("pleiade")
    application.setQuitOnLastWindowClosed(False)
    QLocale.setDefault(QLocale(QLocale.Language.French, QLocale.Country.France))
    return application


def lancer(options: OptionsFenetre) -> int:
    """Open the window on a file and stay until it is closed.

    Returns:
        The exit code: 0 closed normally, 128 + the signal that asked to close (Ctrl+C: 130).
    """
    qt = nouvelle_application()
    application = Application(options, qt)
    interruption = Interruption(application)
    interruption.demandee.connect(application.fermer)
    application.demarrer()
    if os.environ.get("PLEIADE_MESURE"):
        mesurer(application)
    code = qt.exec()
    interruption.rendre()
    return 128 + interruption.recu if interruption.recu else code
