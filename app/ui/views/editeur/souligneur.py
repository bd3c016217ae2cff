"""What the editor shows on top of the text without changing it: spelling, fields, filled parts.

Words are judged elsewhere (the dictionary lives in the worker process): unknown ones are asked for
in lots, and underlined when the answer comes.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument

from app.documents.champs import CHAMP
from app.documents.orthographe import LOT_MAX, MOT
from app.ui import theme
from app.ui.views.editeur.conversion import ORIGINE, niveau


class Souligneur(QSyntaxHighlighter):
    """Heads in the accent colour, fields that wait, parts from the record, unknown words."""

    #: Words to judge: a tuple of texts.
    verification_demandee = Signal(tuple)

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.actif = True
        self._connus: dict[str, bool] = {}
        """Word -> is it misspelt."""
        self._demandes: set[str] = set()
        self._attente = QTimer(self)
        self._attente.setSingleShot(True)
        self._attente.setInterval(250)
        self._attente.timeout.connect(self._demander)
        #: Word being typed: (block number, start, end); not underlined under the hand.
        self.en_cours: tuple[int, int, int] | None = None
        theme.signaux().change.connect(self.rehighlight)

    # -- Verdicts --------------------------------------------------------------------------------

    def poser_verdicts(self, juges: Sequence[str], inconnus: Sequence[str]) -> None:
        """The dictionary answered for `juges`: `inconnus` are the misspelt ones."""
        fautes = set(inconnus)
        self._demandes.difference_update(juges)
        self._connus.update({mot: mot in fautes for mot in juges})
        if fautes:
            self.rehighlight()

    def oublier(self) -> None:
        """The dictionary changed: judge again."""
        self._connus.clear()
        self._demandes.clear()
        self.rehighlight()

    def activer(self, actif: bool) -> None:
        """Switch the spelling on or off."""
        self.actif = actif
        self.rehighlight()

    def est_faute(self, mot: str) -> bool:
        """True when the dictionary refused the word."""
        return self.actif and self._connus.get(mot, False)

    def fautes(self, bloc: QTextBlock) -> Iterator[tuple[int, int]]:
        """Places of the misspelt words of a block: (start, length)."""
        for mot in MOT.finditer(bloc.text()):
            if self.est_faute(mot[0]):
                yield mot.start(), len(mot[0])

    def _demander(self) -> None:
        mots = tuple(sorted(self._demandes))[:LOT_MAX]
        if mots and self.actif:
            self.verification_demandee.emit(mots)

    # -- Painting --------------------------------------------------------------------------------

    def highlightBlock(self, texte: str) -> None:
        """Called by Qt for each block that changed."""
        bloc = self.currentBlock()
        if niveau(bloc) == 1:
            forme = QTextCharFormat()
            forme.setForeground(theme.couleur("accent"))
            self.setFormat(0, len(texte), forme)
        self._origines(bloc)
        for champ in CHAMP.finditer(texte):
            forme = self.format(champ.start())
            forme.setBackground(theme.couleur("alerte_doux"))
            forme.setForeground(theme.couleur("alerte"))
            self.setFormat(champ.start(), len(champ[0]), forme)
        if self.actif:
            self._orthographe(bloc, texte)

    def _origines(self, bloc: QTextBlock) -> None:
        place = bloc.begin()
        while not place.atEnd():
            morceau = place.fragment()
            if morceau.charFormat().property(ORIGINE):
                debut = morceau.position() - bloc.position()
                forme = self.format(debut)
                forme.setBackground(theme.couleur("accent_doux"))
                self.setFormat(debut, morceau.length(), forme)
            place += 1

    def _orthographe(self, bloc: QTextBlock, texte: str) -> None:
        champs = [(c.start(), c.end()) for c in CHAMP.finditer(texte)]
        nouveaux = False
        for mot in MOT.finditer(texte):
            if any(debut <= mot.start() < fin for debut, fin in champs):
                continue
            if self.en_cours and self.en_cours[0] == bloc.blockNumber() \
                    and mot.start() <= self.en_cours[1] <= mot.end():
                continue
            faute = self._connus.get(mot[0])
            if faute is None:
                if mot[0] not in self._demandes:
                    self._demandes.add(mot[0])
                    nouveaux = True
            elif faute:
                for n in range(mot.start(), mot.end()):
                    forme = self.format(n)
                    forme.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
                    forme.setUnderlineColor(theme.couleur("erreur"))
                    self.setFormat(n, 1, forme)
        if nouveaux:
            self._attente.start()
