"""Head and tools of the viewer: what the document is, its forms, what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.domain import dates
from app.domain.document import DocumentAffiche, LigneDocument, VersionAffichee
from app.domain.libelles import ORIGINES
from app.ui import theme
from app.ui.models.etats_documents import ICONES_ORIGINE
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import Bouton, BoutonIcone, Elide, Etiquette, Icone, Segment

_PLEIN, _PARTAGE = "Pleine largeur (F11)", "Revenir à la liste (Échap)"
_IDENTITES: dict[bool | None, tuple[str, str, str]] = {
    True: ("Identité conforme", "user-check", "succes"),
    False: ("Identité différente", "user-x", "erreur"),
    None: ("Identité non comparable", "user-question", "texte2"),
}


class EnteteVisionneuse(QFrame):
    """Title, author, date, version; origin and identity at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="surface", trait="bas")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(14, 8, 16, 8)
        rangee.setSpacing(12)
        self.retour = Bouton("Liste", icone="arrow-left")
        self.retour.hide()
        rangee.addWidget(self.retour)
        gauche = QVBoxLayout()
        gauche.setSpacing(2)
        self.titre = Elide("", "title")
        self.sous_titre = Elide("", "small", "texte2")
        gauche.addWidget(self.titre)
        gauche.addWidget(self.sous_titre)
        rangee.addLayout(gauche, 1)
        droite = QVBoxLayout()
        droite.setSpacing(2)
        self._icone_origine, self._origine = Icone("cloud", "texte2", 16), Etiquette(
            "", "small", "texte2")
        self._icone_identite, self.identite = Icone("user-check", "succes", 16), Etiquette(
            "", "small", "succes", 600)
        for icone, texte in ((self._icone_origine, self._origine),
                             (self._icone_identite, self.identite)):
            ligne = QHBoxLayout()
            ligne.setSpacing(5)
            ligne.addStretch(1)
            ligne.addWidget(icone)
            ligne.addWidget(texte)
            droite.addLayout(ligne)
        rangee.addLayout(droite)

    def titrer(self, titre: str, sous_titre: str, ligne: LigneDocument) -> None:
        """What is being opened, or is open."""
        self.titre.definir(titre or ligne.type_libelle)
        self.sous_titre.definir(sous_titre)
        self._origine.setText(ORIGINES[ligne.origine])
        self._icone_origine.definir(ICONES_ORIGINE[ligne.origine])
        self.montrer_identite(None, visible=False)

    def montrer_identite(self, conforme: bool | None, *, visible: bool = True) -> None:
        """Does the document speak of this patient?"""
        mot, icone, role = _IDENTITES[conforme]
        self.identite.setText(mot)
        self.identite.definir_couleur(role)
        self._icone_identite.definir(icone, role)
        self.identite.setVisible(visible)
        self._icone_identite.setVisible(visible)


class OutilsVisionneuse(QFrame):
    """Forms of the document, version, page, zoom, search, print, integrate, menu."""

    version_choisie = Signal(int)
    enregistrer = Signal()
    decrire = Signal()
    supprimer = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="surface2", trait="bas")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(12, 5, 12, 5)
        rangee.setSpacing(6)
        self.formes = Segment((("pdf", "PDF"), ("structure", "Structuré")))
        self.versions = Deroulante()
        self.versions.setAccessibleName("Version du document")
        self.versions.setToolTip("Versions gardées au dossier")
        self.versions.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.versions.activated.connect(self._choisir_version)
        self.chercher = BoutonIcone("search", "Chercher dans le document (Ctrl+F)")
        self.moins = BoutonIcone("zoom-out", "Réduire (Ctrl −)")
        self.plus = BoutonIcone("zoom-in", "Agrandir (Ctrl +)")
        self.numero = Etiquette("", "body", "texte")
        self.imprimer = BoutonIcone("printer", "Imprimer (Ctrl+P)")
        self.plein = BoutonIcone("arrows-maximize", _PLEIN)
        self.integrer = Bouton("Intégrer", icone="folder-check")
        self.menu = BoutonIcone("dots-vertical", "Autres actions")
        self.menu.clicked.connect(self._ouvrir_menu)
        rangee.addWidget(self.formes)
        rangee.addWidget(self.versions)
        rangee.addStretch(1)
        for widget in (self.moins, self.numero, self.plus, self.chercher, self.imprimer,
                       self.plein, self.integrer, self.menu):
            rangee.addWidget(widget)
        self._actions = QMenu(self)
        self._decrire = self._action("pencil", "Type, titre et date…", self.decrire)
        self._action("download", "Enregistrer le fichier d’origine…", self.enregistrer)
        self._supprimer = self._action("trash", "Supprimer du dossier…", self.supprimer)

    def montrer_plein(self, plein: bool) -> None:
        """The document takes the whole width, or shares it."""
        self.plein.definir_icone("arrows-minimize" if plein else "arrows-maximize")
        self.plein.nommer(_PARTAGE if plein else _PLEIN)

    def _action(self, icone: str, texte: str, signal: object) -> QAction:
        action = self._actions.addAction(theme.icone(icone), texte)
        action.triggered.connect(lambda: signal.emit())  # type: ignore[attr-defined]
        return action

    def _ouvrir_menu(self) -> None:
        self._actions.popup(self.menu.mapToGlobal(QPoint(
            self.menu.width() - self._actions.sizeHint().width(), self.menu.height() + 2)))

    def montrer(self, document: DocumentAffiche, formes: Sequence[tuple[str, str]]) -> None:
        """What can be done with this document."""
        ligne = document.ligne
        self.formes.definir(formes)
        self.formes.setVisible(bool(formes))
        self._montrer_versions(document.versions)
        self.integrer.setVisible(ligne.integrable)
        self.integrer.setEnabled(True)
        self._decrire.setVisible(document.descriptible)
        self._supprimer.setVisible(ligne.document_id is not None
                                   and ligne.origine.value != "cabinet")

    def _montrer_versions(self, versions: Sequence[VersionAffichee]) -> None:
        self.versions.clear()
        for version in versions:
            self.versions.addItem(f"Version {version.numero}", version.document_id)
            self.versions.setItemData(self.versions.count() - 1,
                                      f"Version {version.numero} du "
                                      f"{dates.formater(version.date)}", 3)
            if version.courante:
                self.versions.setCurrentIndex(self.versions.count() - 1)
        self.versions.setVisible(bool(versions))

    def _choisir_version(self) -> None:
        document_id = self.versions.currentData()
        if isinstance(document_id, int):
            self.version_choisie.emit(document_id)
