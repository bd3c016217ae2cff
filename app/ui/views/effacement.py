"""Before files are erased: what exactly goes, what stays elsewhere; then what came of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.domain.accord import compter
from app.domain.dates import formater
from app.domain.duree_conservation import DUREES, MAX_ANNEES, MIN_ANNEES
from app.domain.effacement import DossierAEffacer
from app.ui import theme
from app.ui.views.dialogue_geste import DialogueGeste
from app.ui.views.elements import Bouton, Champ, Etiquette, Icone, filet
from app.ui.views.messages import MessageEnLigne

#: Files named one by one; beyond, the last line counts the others.
NOMMES = 30
_RESTE = (
    ("list", "Le journal garde qui a effacé, quand, le numéro du dossier et le nombre de "
             "documents, sans nom ni soin."),
    ("device-floppy", "Les sauvegardes déjà faites le contiennent encore, jusqu’à leur rotation."),
    ("send", "Ce qui a été envoyé au DMP ou par messagerie n’est pas effacé là-bas."),
)


def _ligne(icone: str, role: str, texte: str, police: str = "body") -> QHBoxLayout:
    rangee = QHBoxLayout()
    rangee.setSpacing(8)
    rangee.addWidget(Icone(icone, role, 16), 0, Qt.AlignmentFlag.AlignTop)
    mots = Etiquette(texte, police, "texte2")
    mots.setWordWrap(True)
    rangee.addWidget(mots, 1)
    return rangee


class DialogueEffacement(DialogueGeste):
    """`efface` when the user confirms; `copie` when a copy is wanted first."""

    efface = Signal()
    copie = Signal()

    def __init__(self, dossiers: Sequence[DossierAEffacer], parent: QWidget, *,
                 copie: bool = True) -> None:
        nombre = compter(len(dossiers), "dossier")
        super().__init__(
            f"Effacer {nombre}\u00a0?", "Tout ce que Pléiade garde de ces patients part, "
            "définitivement. Ce geste ne se défait pas." if len(dossiers) > 1 else
            "Tout ce que Pléiade garde de ce patient part, définitivement. Ce geste ne se défait "
            "pas.", f"Effacer {nombre}", parent, largeur=620)
        for dossier in dossiers[:NOMMES]:
            self.contenu.addWidget(self._composer(dossier))
        if len(dossiers) > NOMMES:
            documents = sum(d.documents for d in dossiers[NOMMES:])
            self.contenu.addWidget(Etiquette(
                f"et {compter(len(dossiers) - NOMMES, 'autre dossier', 'autres dossiers')}, "
                f"{compter(documents, 'document')}", "body", "texte2"))
        self.contenu.addWidget(filet())
        for icone, texte in _RESTE:
            if len(dossiers) > 1:
                texte = texte.replace(" le contiennent", " les contiennent")
            self.contenu.addLayout(_ligne(icone, "texte2", texte, "small"))
        self.verifie = QCheckBox("Aucun litige ni aucune demande en cours ne concerne "
                                 + ("ces dossiers" if len(dossiers) > 1 else "ce dossier"))
        self.verifie.toggled.connect(self.bouton.setEnabled)
        self.contenu.addWidget(self.verifie)
        self.bouton.setDefault(False)
        theme.poser(self.bouton, role="danger")
        self.bouton.setEnabled(False)
        self.bouton.clicked.connect(self.efface)
        self.copier = Bouton("Garder d’abord une copie…", "second", "archive")
        self.copier.clicked.connect(self.copie)
        self.copier.setVisible(copie)
        self.pied.insertWidget(0, self.copier)

    @staticmethod
    def _composer(dossier: DossierAEffacer) -> QWidget:
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(2)
        nom = Etiquette(f"{dossier.nom}, né(e) le {formater(dossier.naissance)}", "body", "texte",
                        600)
        nom.setWordWrap(True)
        colonne.addWidget(nom)
        contenu = Etiquette(f"{dossier.contenu}. Dernier acte le {formater(dossier.dernier_acte)}.",
                            "body", "texte2")
        contenu.setWordWrap(True)
        colonne.addWidget(contenu)
        for phrase in dossier.alertes:
            colonne.addLayout(_ligne("alert-triangle", "alerte", phrase))
        return cadre


class DialogueDurees(DialogueGeste):
    """The periods and their sources; an administrator sets that of the files."""

    #: (years)
    enregistre = Signal(int)

    def __init__(self, annees: int, parent: QWidget, *, modifiable: bool) -> None:
        super().__init__("Durées de conservation", "Ce que la loi demande, et ce que le cabinet "
                         "choisit.", "Enregistrer", parent, largeur=640)
        for duree in DUREES:
            bloc = QVBoxLayout()
            bloc.setSpacing(2)
            bloc.addWidget(Etiquette(duree.quoi, "body", "texte", 600))
            mots = Etiquette(f"{duree.duree[0].upper()}{duree.duree[1:]}.", "body")
            mots.setWordWrap(True)
            bloc.addWidget(mots)
            source = Etiquette(f"Source\u00a0: {duree.source}.", "small", "texte2")
            source.setWordWrap(True)
            bloc.addWidget(source)
            self.contenu.addLayout(bloc)
        self.annees = QSpinBox()
        self.annees.setRange(MIN_ANNEES, MAX_ANNEES)
        self.annees.setSuffix("\u00a0ans")
        self.annees.setValue(annees)
        self.annees.setAccessibleName("Garder les dossiers, en années")
        theme.poser(self.annees, champ="nombre")
        self.contenu.addWidget(filet())
        self.contenu.addWidget(Champ("Garder les dossiers après le dernier acte", self.annees))
        if not modifiable:
            self.annees.setEnabled(False)
            self.contenu.addWidget(MessageEnLigne(
                "info", "Un administrateur du cabinet change cette durée.", fermable=False))
            self.bouton.hide()
            self.annuler.setText("Fermer")
        self.bouton.clicked.connect(self._enregistrer)

    def _enregistrer(self) -> None:
        self.bouton.setEnabled(False)
        self.enregistre.emit(self.annees.value())
