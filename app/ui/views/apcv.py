"""Read an appli carte Vitale: the QR code scanned, typed or in an image, then who it is.

The content of the code is opaque: nothing here looks into it, and the field is emptied at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette, Icone, Lien, vider
from app.ui.views.messages import MessageEnLigne, PileMessages

_CONSIGNE = ("Le patient déverrouille son appli carte Vitale et affiche son QR code : scannez-le, "
             "la lecture part toute seule.")
#: Longest text typed: a QR code holds no more.
_LONGUEUR_MAX = 4296


@dataclass(frozen=True, slots=True)
class LigneBeneficiaire:
    """A person of the context. `dossier` says what will happen; `fait` once it is done."""

    nom: str
    naissance: str
    dossier: str
    fait: bool = False


def png(image: QImage) -> bytes:
    """An image as PNG."""
    tampon = QBuffer()
    tampon.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(tampon, "PNG")  # type: ignore[call-overload]
    return bytes(tampon.data().data())


class DialogueApcv(Dialogue):
    """Scan, then choose a person when there are several. Keys 1 to 9 choose."""

    #: Text of the scan, untouched.
    code_lu = Signal(str)
    #: Bytes of an image pasted or dropped.
    image_lue = Signal(bytes)
    #: Path of a file dropped.
    fichier_depose = Signal(str)
    #: Choose a file that holds an image.
    image_demandee = Signal()
    #: Show the code to the camera.
    camera_demandee = Signal()
    #: (rank, open the file afterwards).
    choisi = Signal(int, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Appli carte Vitale", parent, 760)
        self.setAcceptDrops(True)
        self._fin: datetime | None = None
        enveloppe = QWidget()
        colonne = QVBoxLayout(enveloppe)
        colonne.setContentsMargins(20, 4, 20, 16)
        colonne.setSpacing(12)
        self.messages = PileMessages(marge=0)
        self.messages.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        colonne.addWidget(self.messages)
        self._zone = QWidget()
        colonne.addWidget(self._zone)
        self._composer_zone()
        self._attente = QWidget()
        rangee = QHBoxLayout(self._attente)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(10)
        rangee.addWidget(Etiquette("Lecture de l’appli carte Vitale…", "body"))
        barre = QProgressBar()
        barre.setRange(0, 0)
        barre.setTextVisible(False)
        rangee.addWidget(barre, 1)
        colonne.addWidget(self._attente)
        self._attente.hide()
        self._personnes = QVBoxLayout()
        self._personnes.setSpacing(4)
        colonne.addLayout(self._personnes)
        self.boutons: list[Bouton] = []
        self.corps.addWidget(enveloppe)
        self._duree = Etiquette("", "small", "texte2")
        self.pied.addWidget(self._duree)
        self.pied.addStretch(1)
        self.fermer = Bouton("Fermer", touche="Échap")
        self.fermer.clicked.connect(self.reject)
        self.pied.addWidget(self.fermer)
        self._horloge = QTimer(self, interval=1000)
        self._horloge.timeout.connect(self._compter)
        self.attendre_code()

    def _composer_zone(self) -> None:
        rangee = QHBoxLayout(self._zone)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(16)
        rangee.addWidget(Icone("device-mobile", "accent", 40), 0, Qt.AlignmentFlag.AlignTop)
        colonne = QVBoxLayout()
        colonne.setSpacing(8)
        consigne = Etiquette(_CONSIGNE, "body")
        consigne.setWordWrap(True)
        colonne.addWidget(consigne)
        self.code = QLineEdit()
        self.code.setMaxLength(_LONGUEUR_MAX)
        self.code.setPlaceholderText("En attente du lecteur de codes…")
        self.code.installEventFilter(self)
        champ = QHBoxLayout()
        champ.setSpacing(8)
        champ.addWidget(Champ("Code du QR", self.code), 1)
        self.camera = Bouton("Caméra", "discret", "scan", "F6")
        self.camera.clicked.connect(self.camera_demandee)
        champ.addWidget(self.camera, 0, Qt.AlignmentFlag.AlignBottom)
        raccourci = QShortcut(QKeySequence("F6"), self)
        raccourci.activated.connect(self.camera_demandee)
        self.image = Bouton("Lire une image…", "discret", "folder-open")
        self.image.clicked.connect(self.image_demandee)
        champ.addWidget(self.image, 0, Qt.AlignmentFlag.AlignBottom)
        colonne.addLayout(champ)
        colonne.addWidget(Etiquette("Une image se colle aussi (Ctrl+V) ou se dépose ici.", "small",
                                    "texte2"))
        rangee.addLayout(colonne, 1)

    # -- states ------------------------------------------------------------------------------

    def attendre_code(self) -> None:
        """Ready for a scan."""
        self._attente.hide()
        self._vider_personnes()
        self.expliquer("")
        self._zone.show()
        self.code.clear()
        self.code.setEnabled(True)
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)
        self.adjustSize()

    def lire(self) -> None:
        """The component is being asked."""
        self.messages.vider()
        self._zone.hide()
        self._attente.show()
        self.adjustSize()

    @property
    def occupe(self) -> bool:
        """True while the component is being asked."""
        return not self._attente.isHidden()

    def refuser(self, texte: str, genre: str = "erreur") -> None:
        """Nothing came, or it expired: say why and wait for another code."""
        self.attendre_code()
        self.dire(texte, genre)

    def dire(self, texte: str, genre: str = "erreur") -> None:
        """Say something above; what is on screen stays."""
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne(genre, texte))
        self.adjustSize()

    def montrer_personnes(self, personnes: Sequence[LigneBeneficiaire], expire_le: str) -> None:
        """Who is in the context, and until when it may be used (UTC ISO)."""
        self._attente.hide()
        self._zone.hide()
        self._vider_personnes()
        for rang, personne in enumerate(personnes):
            bouton = Bouton(f"{personne.nom}   {personne.naissance}", "second", "user",
                            str(rang + 1) if rang < 9 else "", a_gauche=True)
            bouton.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            bouton.clicked.connect(lambda _=False, r=rang: self.choisi.emit(r, True))
            self._personnes.addWidget(bouton)
            self.boutons.append(bouton)
            dessous = QHBoxLayout()
            dessous.setContentsMargins(12, 0, 12, 8)
            fait = Etiquette(personne.dossier, "small", "succes" if personne.fait else "texte2")
            fait.setWordWrap(True)
            dessous.addWidget(fait, 1)
            if len(personnes) > 1 and not personne.fait:
                lien = Lien("Qualifier sans ouvrir")
                lien.setAccessibleName(f"Qualifier {personne.nom} sans ouvrir son dossier")
                lien.clicked.connect(lambda _=False, r=rang: self.choisi.emit(r, False))
                dessous.addWidget(lien)
            self._personnes.addLayout(dessous)
        self.expliquer("Qui est le patient ? Son identité est qualifiée, puis son dossier s’ouvre.")
        if self.boutons:
            self.boutons[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self._fin = _moment(expire_le)
        self._compter()
        self._horloge.start()
        self.adjustSize()

    def _vider_personnes(self) -> None:
        vider(self._personnes)
        self.boutons = []
        self._horloge.stop()
        self._fin = None
        self._duree.setText("")

    def _compter(self) -> None:
        """Time left; at the end nothing can be chosen any more."""
        if self._fin is None:
            return
        reste = round((self._fin - datetime.now(UTC)).total_seconds())
        if reste <= 0:
            self.refuser("La lecture de l’appli carte Vitale a expiré. Demandez au patient un "
                         "nouveau QR code.", "alerte")
            return
        duree = f"{reste} s" if reste < 60 else f"{reste // 60} min"
        self._duree.setText(f"Lecture valable jusqu’à {self._fin.astimezone():%H:%M}, encore "
                            f"{duree}")

    # -- gestures ----------------------------------------------------------------------------

    def _envoyer(self) -> None:
        texte = self.code.text()
        self.code.clear()
        if texte.strip():
            self.code_lu.emit(texte)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 to 9 choose, arrows move, Entrée takes the focused line, Ctrl+V pastes an image."""
        rang = event.key() - Qt.Key.Key_1
        courant = self.focusWidget()
        if self.boutons and 0 <= rang < min(9, len(self.boutons)):
            self.choisi.emit(rang, True)
        elif self.boutons and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(courant, Bouton | Lien):
                courant.click()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._coller()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, objet: QObject, event: QEvent) -> bool:
        """Keys of the field: the end of a scan goes no further (the focus moves meanwhile, a button
        would take it); an image pasted is for the dialog."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        fin = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or (
            event.key() == Qt.Key.Key_Tab and bool(self.code.text()))
        if fin:
            self._envoyer()
            return True
        return event.matches(QKeySequence.StandardKey.Paste) and self._coller()

    def _coller(self) -> bool:
        image = QGuiApplication.clipboard().image()
        if image.isNull():
            return False
        self.image_lue.emit(png(image))
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        donnees = event.mimeData()
        if donnees.hasImage() or any(u.isLocalFile() for u in donnees.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        fichiers = [u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()]
        image = event.mimeData().imageData()
        if fichiers:
            self.fichier_depose.emit(fichiers[0])
        elif isinstance(image, QImage) and not image.isNull():
            self.image_lue.emit(png(image))


def _moment(iso: str) -> datetime:
    """End of a context; an unreadable date is in the past."""
    try:
        fin = datetime.fromisoformat(iso)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return fin if fin.tzinfo is not None else fin.replace(tzinfo=UTC)
