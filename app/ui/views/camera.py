"""Aim a camera at a code: the image, what to do, and the way by an image file."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette
from app.ui.views.messages import MessageEnLigne, PileMessages


class _Viseur(QWidget):
    """The image of the camera, with a frame where the code is to be put."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setAccessibleName("Image de la caméra")
        self.setMinimumSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(480, 270)

    def montrer(self, image: QImage) -> None:
        """A new image."""
        self._image = image
        self.update()

    @property
    def vide(self) -> bool:
        """True until an image came."""
        return self._image.isNull()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        peintre.fillRect(self.rect(), theme.couleur("nuit"))
        if self._image.isNull():
            return
        taille = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        zone = QRect((self.width() - taille.width()) // 2, (self.height() - taille.height()) // 2,
                     taille.width(), taille.height())
        peintre.drawImage(zone, self._image)
        cote = round(zone.height() * 0.55)
        cadre = QRect(zone.center().x() - cote // 2, zone.center().y() - cote // 2, cote, cote)
        peintre.setPen(QPen(theme.couleur("focus_nuit"), 3))
        peintre.drawRoundedRect(cadre, 8, 8)


class DialogueCamera(Dialogue):
    """Open while the camera looks for a code."""

    #: Read a file that holds an image instead.
    image_demandee = Signal()
    reprise_demandee = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Lire un code avec la caméra", parent, 560)
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(20, 4, 20, 16)
        colonne.setSpacing(10)
        self.messages = PileMessages(marge=0)
        colonne.addWidget(self.messages)
        self.viseur = _Viseur()
        colonne.addWidget(self.viseur, 1)
        self.consigne = Etiquette("La caméra s’allume…", "body", "texte2")
        self.consigne.setWordWrap(True)
        colonne.addWidget(self.consigne)
        self.corps.addWidget(cadre)
        self.image = Bouton("Lire une image…", icone="folder-open")
        self.image.clicked.connect(self.image_demandee)
        self.reprendre = Bouton("Réessayer", icone="refresh")
        self.reprendre.clicked.connect(self.reprise_demandee)
        self.reprendre.hide()
        self.fermer = Bouton("Fermer", touche="Échap")
        self.fermer.clicked.connect(self.reject)
        self.pied.addWidget(self.image)
        self.pied.addWidget(self.reprendre)
        self.pied.addStretch(1)
        self.pied.addWidget(self.fermer)

    def montrer(self, image: QImage) -> None:
        """A new image of the camera."""
        if self.viseur.vide:
            self.consigne.setText("Placez le code dans le cadre, à plat et bien éclairé : il est "
                                  "lu de lui-même.")
        self.viseur.montrer(image)

    def commencer(self) -> None:
        """The camera is being asked."""
        self.messages.vider()
        self.viseur.show()
        self.reprendre.hide()
        self.consigne.show()
        self.consigne.setText("La caméra s’allume…")

    def dire(self, texte: str) -> None:
        """Nothing came: why, and what to do."""
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne("alerte", texte, fermable=False))
        self.viseur.montrer(QImage())
        self.viseur.hide()
        self.consigne.hide()
        self.reprendre.show()
        self.reprendre.setFocus(Qt.FocusReason.OtherFocusReason)
        self.adjustSize()
