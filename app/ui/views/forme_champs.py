"""One widget a kind of field of `domain.formulaire`: a value in, a value out."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.dates import formater
from app.domain.formulaire import ChampForme, GenreChamp
from app.ui import theme
from app.ui.views.dates import ecrire_instant, lire_date, lire_instant
from app.ui.views.deroulante import Deroulante
from app.ui.views.elements import Etiquette, Segment

_CHOISIR = "Choisir…"


class SaisieChamp(QWidget):
    """A field without its label. `modifie`: the user changed it."""

    modifie = Signal()

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.champ = champ
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(0, 0, 0, 0)
        self._colonne.setSpacing(4)

    def _porter(self, widget: QWidget) -> None:
        """Put the widget that has the focus and the name of the field."""
        self._colonne.addWidget(widget)
        self.setFocusProxy(widget)

    def nommer(self, nom: str) -> None:
        """What a screen reader says."""
        proxy = self.focusProxy()
        if proxy is not None:
            proxy.setAccessibleName(nom)

    def montrer_etat(self, faute: bool) -> None:
        """Red frame, or none."""
        proxy = self.focusProxy()
        if proxy is not None:
            theme.poser(proxy, etat="erreur" if faute else "")

    def poser(self, valeur: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    @property
    def valeur(self) -> Any:
        """What the field holds."""
        raise NotImplementedError


class SaisieTexte(SaisieChamp):
    """A line: text, number, date, date and time. What doesn't fit stays as typed, to be told."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(champ, parent)
        self.ligne = QLineEdit()
        self._porter(self.ligne)
        attendu = {GenreChamp.DATE: "JJ/MM/AAAA", GenreChamp.DATE_HEURE: "JJ/MM/AAAA HH:MM"}
        self.ligne.setPlaceholderText(attendu.get(champ.genre, ""))
        self.ligne.textEdited.connect(lambda _: self.modifie.emit())
        if champ.genre in attendu:
            self.ligne.editingFinished.connect(lambda: self.poser(self.valeur))
        if champ.suggestions:
            completeur = QCompleter(list(champ.suggestions), self.ligne)
            completeur.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completeur.setFilterMode(Qt.MatchFlag.MatchContains)
            completeur.activated.connect(lambda _: self.modifie.emit())
            self.ligne.setCompleter(completeur)

    def poser(self, valeur: Any) -> None:
        texte = "" if valeur is None else str(valeur)
        if self.champ.genre is GenreChamp.DATE:
            texte = formater(texte)
        elif self.champ.genre is GenreChamp.DATE_HEURE:
            texte = ecrire_instant(texte)
        elif self.champ.genre is GenreChamp.DECIMAL:
            texte = texte.replace(".", ",")
        if texte != self.ligne.text():
            self.ligne.setText(texte)
            self.ligne.setCursorPosition(0)

    @property
    def valeur(self) -> Any:
        texte = self.ligne.text().strip()
        match self.champ.genre:
            case GenreChamp.DATE:
                return lire_date(texte) if texte else ""
            case GenreChamp.DATE_HEURE:
                return lire_instant(texte) if texte else ""
            case GenreChamp.ENTIER:
                if not texte:
                    return None
                return int(texte) if texte.isascii() and texte.isdigit() else texte
            case GenreChamp.DECIMAL:
                return texte.replace(",", ".") or None
            case _:
                return texte


class SaisieParagraphe(SaisieChamp):
    """Some lines of text."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(champ, parent)
        self.texte = QPlainTextEdit()
        self.texte.setTabChangesFocus(True)
        self.texte.setFixedHeight(theme.espace(64))
        self._porter(self.texte)
        self.texte.textChanged.connect(self._change)
        self._pose = False

    def _change(self) -> None:
        if not self._pose:
            self.modifie.emit()

    def poser(self, valeur: Any) -> None:
        texte = str(valeur or "")
        if texte != self.texte.toPlainText():
            self._pose = True
            self.texte.setPlainText(texte)
            self._pose = False

    @property
    def valeur(self) -> Any:
        return self.texte.toPlainText().strip()


class SaisieChoix(SaisieChamp):
    """A list of which nothing is chosen at first."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(champ, parent)
        self.boite = Deroulante()
        self.boite.setMinimumContentsLength(6)
        self.boite.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.boite.addItem(_CHOISIR, "")
        for code, libelle in champ.choix:
            self.boite.addItem(libelle, code)
        self._porter(self.boite)
        self.boite.activated.connect(lambda _: self.modifie.emit())

    def poser(self, valeur: Any) -> None:
        self.boite.setCurrentIndex(max(0, self.boite.findData(valeur or "")))

    @property
    def valeur(self) -> Any:
        return self.boite.currentData()


class SaisieSegment(SaisieChamp):
    """A choice among few, all visible."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(champ, parent)
        self.segment = Segment(champ.choix)
        self.segment.effacer()
        rangee = QHBoxLayout()
        rangee.addWidget(self.segment)
        rangee.addStretch(1)
        self._colonne.addLayout(rangee)
        if champ.choix:
            self.setFocusProxy(self.segment.bouton(champ.choix[0][0]))
        self.segment.choisi.connect(lambda _: self.modifie.emit())

    def nommer(self, nom: str) -> None:
        for code, libelle in self.champ.choix:
            self.segment.bouton(code).setAccessibleName(f"{nom} : {libelle}")

    def montrer_etat(self, faute: bool) -> None:
        """The sentence under the choice is enough."""

    def poser(self, valeur: Any) -> None:
        if valeur:
            self.segment.choisir(str(valeur))
        else:
            self.segment.effacer()

    @property
    def valeur(self) -> Any:
        return self.segment.valeur


class SaisieCase(SaisieChamp):
    """A tick with its own words."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(champ, parent)
        self.case = QCheckBox(champ.libelle)
        self._porter(self.case)
        self.case.clicked.connect(lambda _: self.modifie.emit())

    def poser(self, valeur: Any) -> None:
        self.case.setChecked(bool(valeur))

    @property
    def valeur(self) -> Any:
        return self.case.isChecked()


class SaisieCases(SaisieChamp):
    """Several ticks, in two columns."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(champ, parent)
        grille = QGridLayout()
        grille.setContentsMargins(0, 0, 0, 0)
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(4)
        self._cases: dict[str, QCheckBox] = {}
        colonnes = 1 if max((len(t) for _, t in champ.choix), default=0) > 40 else 2
        for rang, (code, libelle) in enumerate(champ.choix):
            case = QCheckBox(libelle)
            case.clicked.connect(lambda _: self.modifie.emit())
            grille.addWidget(case, rang // colonnes, rang % colonnes)
            self._cases[code] = case
        self._colonne.addLayout(grille)
        if self._cases:
            self.setFocusProxy(next(iter(self._cases.values())))

    def nommer(self, nom: str) -> None:
        self.setAccessibleName(nom)

    def montrer_etat(self, faute: bool) -> None:
        """The sentence under the ticks is enough."""

    def poser(self, valeur: Any) -> None:
        choisis = set(valeur or ())
        for code, case in self._cases.items():
            case.setChecked(code in choisis)

    @property
    def valeur(self) -> Any:
        return [code for code, case in self._cases.items() if case.isChecked()]


_WIDGETS: dict[GenreChamp, type[SaisieChamp]] = {
    GenreChamp.PARAGRAPHE: SaisieParagraphe, GenreChamp.CHOIX: SaisieChoix,
    GenreChamp.SEGMENT: SaisieSegment, GenreChamp.CASE: SaisieCase,
    GenreChamp.CASES: SaisieCases}


class ChampAffiche(QWidget):
    """A field with its label above and the sentence that says what is wrong under it."""

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.champ = champ
        self.saisie = _WIDGETS.get(champ.genre, SaisieTexte)(champ)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        nom = f"{champ.libelle} ({champ.unite})" if champ.unite else champ.libelle
        if champ.genre is not GenreChamp.CASE:
            libelle = Etiquette(nom, "small", "texte2", 500)
            libelle.setBuddy(self.saisie)
            colonne.addWidget(libelle)
        self.saisie.nommer(nom)
        colonne.addWidget(self.saisie)
        self._aide = Etiquette(champ.aide, "small", "texte2")
        self._aide.setWordWrap(True)
        self._aide.setVisible(bool(champ.aide))
        self._faute = Etiquette("", "small", "erreur")
        self._faute.setWordWrap(True)
        self._faute.hide()
        colonne.addWidget(self._aide)
        colonne.addWidget(self._faute)

    def montrer_faute(self, texte: str) -> None:
        """Say what is wrong; "" takes it away."""
        self._faute.setText(texte)
        self._faute.setVisible(bool(texte))
        self._aide.setVisible(bool(self.champ.aide) and not texte)
        self.saisie.montrer_etat(bool(texte))


def ranger(grille: QGridLayout, champs: Sequence[ChampAffiche | QWidget],
           largeurs: Sequence[int]) -> None:
    """Put fields in rows of twelve columns, in order."""
    ligne = place = 0
    for widget, largeur in zip(champs, largeurs, strict=True):
        if place + largeur > 12:
            ligne, place = ligne + 1, 0
        grille.addWidget(widget, ligne, place, 1, largeur, Qt.AlignmentFlag.AlignTop)
        place += largeur
    for colonne in range(12):
        grille.setColumnStretch(colonne, 1)
