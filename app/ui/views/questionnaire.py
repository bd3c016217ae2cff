"""The security questionnaire: questions at the left, the one that is answered at the right."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import (
    QModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleTitres
from app.ui.views.elements import Bouton, Champ, Etiquette, filet
from app.ui.views.formulaires import choisir, liste
from app.ui.views.lignes import DelegueLigne, TableLignes
from app.ui.views.tete_page import TetePage

TITRES = ("Question", "Exigence", "Éditeur", "Cabinet")
_LARGEURS = (0, 146, 110, 116)
_ICONES = {"fait": ("check", "succes"), "partiel": ("alert-triangle", "alerte"),
           "a_faire": ("alert-triangle", "alerte"), "sans_objet": ("minus", "texte2")}


class ReponseAffichee(Protocol):
    """Answer of the practice."""

    @property
    def etat(self) -> str: ...

    @property
    def remarque(self) -> str: ...


class QuestionAffichee(Protocol):
    """What a line shows."""

    @property
    def chapitre(self) -> str: ...

    @property
    def texte(self) -> str: ...

    @property
    def exigence(self) -> str: ...

    @property
    def editeur(self) -> str: ...

    @property
    def etat_editeur(self) -> str: ...

    @property
    def etat_bref(self) -> str: ...

    @property
    def reponse(self) -> ReponseAffichee: ...


class _Modele(ModeleTitres):
    """The questions."""

    TITRES = TITRES

    def __init__(self, etats: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._etats = dict(etats)
        self.questions: list[QuestionAffichee] = []

    def definir(self, questions: Sequence[QuestionAffichee]) -> None:
        """Show them; the same ones keep the selection."""
        if len(questions) == len(self.questions):
            self.questions = list(questions)
            self.dataChanged.emit(self.index(0, 0), self.index(len(questions) - 1, 3))
            return
        self.beginResetModel()
        self.questions = list(questions)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.questions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        q = self.questions[index.row()]
        bulle = role == Qt.ItemDataRole.ToolTipRole
        etat = q.etat_editeur if bulle else q.etat_bref
        texte = (q.texte, q.exigence, etat, self._etats[q.reponse.etat])[index.column()]
        return sure(texte) if bulle else texte


class _Delegue(DelegueLigne):
    """The answer of the practice carries its icon."""

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        modele = index.model()
        assert isinstance(modele, _Modele)
        texte = str(index.data())
        etat = modele.questions[index.row()].reponse.etat
        if index.column() == 3 and etat in _ICONES:
            icone, role = _ICONES[etat]
            self.icone_texte(painter, zone, icone, texte, role)
            return
        self.texte(painter, zone, texte, "texte" if index.column() == 0 else "texte2")


class _Table(TableLignes):
    def repartir(self) -> None:
        if self.model() is None:
            return
        fixes = [theme.espace(n) for n in _LARGEURS]
        place = self.viewport().width()
        # Without room, the question and the practice's answer stay.
        etroit = place < theme.espace(180) + sum(fixes)
        for colonne in (1, 2):
            self.setColumnHidden(colonne, etroit)
        prises = fixes[3] if etroit else sum(fixes)
        fixes[0] = max(theme.espace(120), place - prises)
        for colonne, largeur in enumerate(fixes):
            self.setColumnWidth(colonne, largeur)


class VueQuestionnaire(QWidget):
    """The page « questionnaire »."""

    retour_demande = Signal()
    export_demande = Signal()
    #: (text of the question, state, remark).
    repondu = Signal(str, str, str)

    def __init__(self, etats: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(10)
        self.compte = Etiquette("", "small", "texte2")
        self.exporter = Bouton("Exporter…", "second", "download")
        self.exporter.clicked.connect(self.export_demande)
        tete = TetePage("Questionnaire de sécurité", self.compte, self.exporter,
                        retour="Réglages")
        tete.bouton_retour.clicked.connect(self.retour_demande)
        page.addLayout(tete)
        corps = QHBoxLayout()
        corps.setSpacing(12)
        page.addLayout(corps, 1)
        self._modele = _Modele(etats, self)
        self._montree = ""
        #: What is typed and not stored yet, by question: looking at another one loses nothing.
        self._brouillons: dict[str, tuple[str, str]] = {}
        self.table = _Table("Questions de sécurité")
        self.table.setModel(self._modele)
        self.table.setItemDelegate(_Delegue(self.table))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._montrer_courante())
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        dedans = QVBoxLayout(cadre)
        dedans.setContentsMargins(1, 1, 1, 1)
        dedans.addWidget(self.table)
        corps.addWidget(cadre, 3)
        corps.addWidget(self._composer_reponse(etats), 2)
        for touches in ("Ctrl+Return", "Ctrl+Enter"):
            raccourci = QShortcut(QKeySequence(touches), self, self._enregistrer)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _composer_reponse(self, etats: Sequence[tuple[str, str]]) -> QFrame:
        carte = QFrame()
        theme.poser(carte, carte="oui")
        cadre = QVBoxLayout(carte)
        cadre.setContentsMargins(1, 1, 1, 1)
        cadre.setSpacing(0)
        page = QWidget()
        theme.poser(page, fond="surface")
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        defilement.setWidget(page)
        cadre.addWidget(defilement, 1)
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(16, 14, 16, 8)
        colonne.setSpacing(8)
        self._chapitre = Etiquette("", "small", "texte2", 500)
        self._question = Etiquette("", "title")
        self._etat_editeur = Etiquette("", "body", "texte2")
        self._editeur = Etiquette("", "body")
        colonne.addWidget(self._chapitre)
        colonne.addWidget(self._question)
        colonne.addWidget(filet())
        colonne.addWidget(Etiquette("Réponse de l’éditeur", "small", "texte2", 500))
        colonne.addWidget(self._editeur)
        colonne.addWidget(self._etat_editeur)
        for etiquette in (self._question, self._editeur, self._etat_editeur):
            etiquette.setWordWrap(True)
        colonne.addWidget(filet())
        self.etat = liste(list(etats))
        colonne.addWidget(Champ("Au cabinet", self.etat))
        self.remarque = QPlainTextEdit()
        self.remarque.setTabChangesFocus(True)
        self.remarque.setFixedHeight(theme.espace(96))
        self._champ = Champ("Remarque (facultative)", self.remarque)
        colonne.addWidget(self._champ)
        colonne.addStretch(1)
        pied = QHBoxLayout()
        pied.setContentsMargins(16, 8, 16, 14)
        pied.addStretch(1)
        self.bouton = Bouton("Enregistrer et suivante", "principal", "check", "Ctrl+Entrée")
        self.bouton.clicked.connect(self._enregistrer)
        pied.addWidget(self.bouton)
        cadre.addLayout(pied)
        return carte

    def montrer(self, questions: Sequence[QuestionAffichee]) -> None:
        """Fill the list; the first question without an answer is shown at the first time."""
        premiere = self.table.ligne_courante() < 0
        self._modele.definir(questions)
        faites = sum(1 for q in questions if q.reponse.etat)
        self.compte.setText(f"{faites} réponses sur {len(questions)}" if faites > 1
                            else f"{faites} réponse sur {len(questions)}")
        if premiere and questions:
            self.table.aller_a(self._a_repondre(0))
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bouton.setEnabled(True)

    def _a_repondre(self, depuis: int) -> int:
        questions = self._modele.questions
        return next((i for i in range(depuis, len(questions)) if not questions[i].reponse.etat),
                    min(depuis, len(questions) - 1))

    def _montrer_courante(self) -> None:
        rang = self.table.ligne_courante()
        if rang < 0:
            return
        self._garder()
        q = self._modele.questions[rang]
        self._montree = q.texte
        self._chapitre.setText(f"{q.chapitre} · {q.exigence}" if q.exigence else q.chapitre)
        self._question.setText(q.texte)
        self._editeur.setText(q.editeur or "–")
        self._etat_editeur.setText(f"État : {q.etat_editeur}")
        etat, remarque = self._brouillons.get(q.texte, (q.reponse.etat, q.reponse.remarque))
        choisir(self.etat, etat)
        self.remarque.setPlainText(remarque)
        self._champ.montrer_faute("")

    def _garder(self) -> None:
        """Keep what was typed for the question that leaves the screen."""
        avant = next((q for q in self._modele.questions if q.texte == self._montree), None)
        if avant is None:
            return
        saisie = (str(self.etat.currentData()), self.remarque.toPlainText())
        if saisie == (avant.reponse.etat, avant.reponse.remarque):
            self._brouillons.pop(avant.texte, None)
        else:
            self._brouillons[avant.texte] = saisie

    def _enregistrer(self) -> None:
        rang = self.table.ligne_courante()
        if rang >= 0 and self.bouton.isEnabled():
            self.bouton.setEnabled(False)
            self._brouillons.pop(self._montree, None)
            self.repondu.emit(self._modele.questions[rang].texte, str(self.etat.currentData()),
                              self.remarque.toPlainText())

    def suivante(self, question: str) -> None:
        """The answer is stored: go to the next question that waits, unless another is shown."""
        if self._montree != question:
            return
        self._montree = ""
        self.table.aller_a(self._a_repondre(self.table.ligne_courante() + 1))
        self.etat.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuser(self, texte: str) -> None:
        """It isn't: say why, keep what is typed."""
        self.bouton.setEnabled(True)
        self._champ.montrer_faute(texte)
