"""« À classer »: what waits at the left; whose it is, then the document, at the right."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.entrant import (
    DetailEntrant,
    Entrant,
    EtatEntrant,
    LigneEntrant,
    Proposition,
    VerdictEntrant,
)
from app.domain.libelles import SEXES
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.models.a_classer import ECARTE, VERDICTS, ModeleEntrants
from app.ui.views.description import FormulaireDescription
from app.ui.views.elements import Bouton, Etiquette, Icone, Segment, vider
from app.ui.views.etat_vide import etat_vide
from app.ui.views.liste_entrants import ListeEntrants
from app.ui.views.messages import PileMessages
from app.ui.views.visionneuse import Visionneuse

#: Verdicts for which the file proposed may be taken without looking further.
_SANS_ALERTE = frozenset({VerdictEntrant.EXACT, VerdictEntrant.A_COMPARER})


class _LignePatient(QWidget):
    """One file that may be the right one, its number and its button."""

    choisi = Signal()

    def __init__(self, rang: int, proposition: Proposition, principal: bool) -> None:
        super().__init__()
        p = proposition.patient
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 4, 0, 4)
        rangee.setSpacing(10)
        mauvais = bool(proposition.differences)
        rangee.addWidget(Icone("user-x" if mauvais else "user-check" if proposition.sure
                               else "user-question",
                               "erreur" if mauvais else "succes" if proposition.sure
                               else "texte2", 18))
        textes = QVBoxLayout()
        textes.setSpacing(1)
        textes.addWidget(Etiquette(
            f"{p.nom_naissance} {p.premier_prenom}, {dates.formater(p.date_naissance)}, "
            f"{SEXES.get(p.sexe, p.sexe)}", "body", "texte", 600))
        if mauvais:
            texte, role = "Différent : " + ", ".join(proposition.differences).lower(), "erreur"
        else:
            texte = "Matricule et traits identiques" if proposition.sure else \
                "Rien ne contredit ; à confirmer"
            role = "texte2"
        if not proposition.sure and not mauvais and rang == 0:
            texte = "Dossier trouvé par son nom"
        textes.addWidget(Etiquette(texte, "small", role))
        rangee.addLayout(textes, 1)
        self.bouton = Bouton("Classer au dossier", "principal" if principal else "second",
                             "folder-plus", str(rang) if rang else "")
        self.bouton.setAccessibleName(f"Classer au dossier de {p.nom_naissance} "
                                      f"{p.premier_prenom}")
        self.bouton.clicked.connect(self.choisi)
        rangee.addWidget(self.bouton)


class PageAClasser(QWidget):
    """The page. `visionneuse` is fed apart."""

    #: The current line changed: entrant id.
    detail_demande = Signal(int)
    #: (entrant id, patient id, type, title, date, author).
    classement_demande = Signal(int, int, str, str, str, str)
    ecarter_demande = Signal(int)
    #: Entrant id of a document put aside.
    remettre_demande = Signal(int)
    #: « À classer » (False) or « Écartés » (True): another list is wanted.
    liste_demandee = Signal(bool)
    recherche_demandee = Signal(str)
    nouveau_patient_demande = Signal()
    import_demande = Signal()
    reglage_demande = Signal()

    def __init__(self, types: Sequence[tuple[str, str]] = (), parent: QWidget | None = None
                 ) -> None:
        super().__init__(parent)
        self.modele = ModeleEntrants(self)
        self._detail: DetailEntrant | None = None
        self._tenu: Entrant | None = None
        self._propositions: tuple[Proposition, ...] = ()
        self._trouves: tuple[PatientResume, ...] = ()
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        colonne.addWidget(self._tete())
        self.messages = PileMessages()
        colonne.addWidget(self.messages)
        self._pile = QStackedWidget()
        colonne.addWidget(self._pile, 1)
        self.partage = QSplitter(Qt.Orientation.Horizontal)
        self.partage.setChildrenCollapsible(False)
        self.partage.setHandleWidth(1)
        self.liste = ListeEntrants(self.modele)
        self.liste.choisi.connect(self._choisir)
        self.liste.geste.connect(self._geste)
        self.liste.ecarter.connect(self._ecarter)
        self.partage.addWidget(self.liste)
        self.partage.addWidget(self._droite(types))
        self._pile.addWidget(self.partage)
        self._pile.addWidget(self._vide())
        self._pause = QTimer(self, singleShot=True, interval=120)
        self._pause.timeout.connect(lambda: self.recherche_demandee.emit(self.recherche.text()))
        self.definir(())

    # -- construction ------------------------------------------------------------------------

    def _tete(self) -> QFrame:
        cadre = QFrame()
        theme.poser(cadre, fond="fond", trait="bas")
        rangee = QHBoxLayout(cadre)
        rangee.setContentsMargins(16, 10, 16, 10)
        rangee.setSpacing(10)
        rangee.addWidget(Etiquette("À classer", "page"))
        self.listes = Segment((("attente", "À classer"), ("ecartes", "Écartés")))
        self.listes.choisi.connect(lambda _: self.liste_demandee.emit(self.ecartes))
        self._compte = Etiquette("", "body", "texte2")
        rangee.addWidget(self.listes)
        rangee.addWidget(self._compte, 1)
        self.scanner = Bouton("Dossier du scanner", icone="scan")
        self.scanner.clicked.connect(self.reglage_demande)
        importer = Bouton("Importer", icone="upload")
        importer.clicked.connect(self.import_demande)
        rangee.addWidget(self.scanner)
        rangee.addWidget(importer)
        return cadre

    def _droite(self, types: Sequence[tuple[str, str]]) -> QWidget:
        droite = QWidget()
        colonne = QVBoxLayout(droite)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        carte = QFrame()
        theme.poser(carte, fond="surface", trait="bas")
        dedans = QVBoxLayout(carte)
        dedans.setContentsMargins(16, 10, 16, 12)
        dedans.setSpacing(8)
        tete = QHBoxLayout()
        tete.setSpacing(8)
        self._icone_verdict = Icone("user-search", "alerte", 18)
        self._verdict = Etiquette("", "trait", "texte", 600)
        self._motif = Etiquette("", "body", "texte2")
        self._motif.setWordWrap(True)
        self.ecarter = Bouton("Écarter…", "discret", touche="Suppr")
        self.ecarter.clicked.connect(self._ecarter)
        tete.addWidget(self._icone_verdict)
        tete.addWidget(self._verdict)
        tete.addWidget(self._motif, 1)
        self.remettre = Bouton("Remettre à classer", "principal", "arrow-back-up", "Entrée")
        self.remettre.clicked.connect(self._remettre)
        tete.addWidget(self.ecarter)
        tete.addWidget(self.remettre)
        dedans.addLayout(tete)
        self._patients = QVBoxLayout()
        self._patients.setSpacing(0)
        dedans.addLayout(self._patients)
        self._cherche = QWidget()
        chercher = QHBoxLayout(self._cherche)
        chercher.setContentsMargins(0, 0, 0, 0)
        chercher.setSpacing(8)
        self.recherche = QLineEdit()
        self.recherche.setPlaceholderText("Chercher un autre patient : nom, prénom, naissance")
        self.recherche.setAccessibleName("Chercher un patient")
        self.recherche.setClearButtonEnabled(True)
        self.recherche.addAction(theme.icone("search", "texte2", 16),
                                 QLineEdit.ActionPosition.LeadingPosition)
        self.recherche.textChanged.connect(lambda _: self._pause.start())
        self.recherche.returnPressed.connect(self._premier_trouve)
        self._nouveau = Bouton("Nouveau patient", icone="user-plus")
        self._nouveau.clicked.connect(self.nouveau_patient_demande)
        chercher.addWidget(self.recherche, 1)
        chercher.addWidget(self._nouveau)
        dedans.addWidget(self._cherche)
        self.formulaire = FormulaireDescription(types)
        dedans.addWidget(self.formulaire)
        self.visionneuse = Visionneuse()
        self.visionneuse.plein_change.connect(self._elargir_document)
        plein = QShortcut(QKeySequence("F11"), self, self.visionneuse.basculer_plein)
        plein.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._carte = carte
        colonne.addWidget(carte)
        colonne.addWidget(self.visionneuse, 1)
        return droite

    def _vide(self) -> QWidget:
        self._titre_vide, self._aide_vide = Etiquette("", "title"), Etiquette("", "body", "texte2")
        return etat_vide("inbox", self._titre_vide, self._aide_vide)

    # -- what the controller says ------------------------------------------------------------

    def definir(self, lignes: Sequence[LigneEntrant], *, en_direct: bool = False) -> None:
        """Show what waits; the current line stays, else its neighbour becomes current.

        :param en_direct: the list changed by itself (another workstation, the scanner): what is
            being typed about the current line stays, unless the line changed.
        """
        courante = self.liste.ligne()
        rang = self.liste.currentIndex().row()
        self._tenu = courante.entrant if en_direct and courante is not None else None
        self.modele.definir(lignes)
        n = len(lignes)
        self._compte.setText(f"{n} document{'s' if n > 1 else ''}" if n else "")
        self._titre_vide.setText("Aucun document écarté." if self.ecartes else "Rien à classer.")
        self._aide_vide.setText(
            "Un document écarté se retrouve ici, avec son motif." if self.ecartes else
            "Déposez des fichiers sur cette page, ou choisissez le dossier où enregistre le "
            "scanner.")
        self._pile.setCurrentIndex(0 if n else 1)
        if not n:
            self._detail = None
            self._tenu = None
            self.visionneuse.vider("")
            return
        meme = self.modele.rang_de(courante.entrant.id) if courante is not None else -1
        self.liste.aller(meme if meme >= 0 else max(0, min(rang, n - 1)))
        self._tenu = None

    def montrer(self, detail: DetailEntrant) -> None:
        """The current line: whose it may be."""
        e = detail.ligne.entrant
        self._detail = detail
        self.modele.remplacer(detail.ligne)
        self._propositions = detail.propositions
        if not self._propositions and detail.ligne.propose is not None:
            self._propositions = (Proposition(detail.ligne.propose),)
        ecarte = e.etat is EtatEntrant.ECARTE
        verdict = ECARTE if ecarte else VERDICTS[e.verdict]
        self._icone_verdict.definir(verdict.icone, verdict.role)
        self._verdict.setText(verdict.texte)
        self._motif.setText(f"Le {dates.formater(e.traite_le[:10])} par {e.traite_par}\u00a0: "
                            f"{e.motif}" if ecarte else e.motif)
        self.ecarter.setVisible(not ecarte)
        self.remettre.setVisible(ecarte)
        self._cherche.setVisible(not ecarte)
        self.formulaire.setVisible(not e.est_cda and not ecarte)
        self.formulaire.definir(e.type_code, e.titre, e.date_acte, e.auteur)
        self.recherche.blockSignals(True)
        self.recherche.clear()
        self.recherche.blockSignals(False)
        self._trouves = ()
        self._remplir()

    def illisible(self, texte: str) -> None:
        """The current line can't be read any more."""
        self._detail = None
        vider(self._patients)
        self.ecarter.setVisible(not self.ecartes)
        self.remettre.setVisible(self.ecartes)
        self._verdict.setText("Illisible")
        self._motif.setText(texte)
        self.visionneuse.vider(texte)

    def poser_trouves(self, texte: str, patients: Sequence[PatientResume]) -> None:
        """Files found by the search."""
        if texte == self.recherche.text():
            self._trouves = tuple(patients)[:5] if texte.strip() else ()
            self._remplir()

    @property
    def ecartes(self) -> bool:
        """True while the list is that of what was put aside."""
        return self.listes.valeur == "ecartes"

    @property
    def entrant_id(self) -> int:
        """The current line, 0 without one."""
        ligne = self.liste.ligne()
        return ligne.entrant.id if ligne is not None else 0

    def entrer(self) -> None:
        """The page is shown: keyboard on the list."""
        self.liste.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.liste.ligne() is None:
            self.liste.aller(0)

    # -- inside ------------------------------------------------------------------------------

    def _remplir(self) -> None:
        """The rows of the files: those proposed, or those of the search."""
        vider(self._patients)
        if self.ecartes:
            return
        cherche = bool(self.recherche.text().strip())
        lignes = tuple(Proposition(p) for p in self._trouves) if cherche else self._propositions
        sur = self._detail is not None and \
            self._detail.ligne.entrant.verdict in _SANS_ALERTE
        for rang, proposition in enumerate(lignes, 1):
            ligne = _LignePatient(0 if cherche else rang, proposition,
                                  rang == 1 and (sur or cherche))
            ligne.choisi.connect(lambda p=proposition: self._classer(p.patient.id))
            self._patients.addWidget(ligne)
        if cherche and not lignes:
            self._patients.addWidget(Etiquette("Aucun patient de ce nom.", "small", "texte2"))

    def _choisir(self, ligne: LigneEntrant) -> None:
        if self._tenu == ligne.entrant:
            return
        self.messages.vider()
        self.detail_demande.emit(ligne.entrant.id)

    def _geste(self, rang: int) -> None:
        """A digit files in that file; Entrée in the only sure one, else it goes to the search."""
        if self._detail is None or self._detail.ligne.entrant.id != self.entrant_id:
            return
        if self.ecartes:
            if rang == 0:
                self._remettre()
            return
        if rang == 0:
            sures = [p for p in self._propositions if not p.differences]
            if len(sures) != 1 or self._detail.ligne.entrant.verdict not in _SANS_ALERTE:
                self.recherche.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return
            self._classer(sures[0].patient.id)
        elif rang <= len(self._propositions):
            self._classer(self._propositions[rang - 1].patient.id)

    def _premier_trouve(self) -> None:
        if len(self._trouves) == 1:
            self._classer(self._trouves[0].id)

    def _classer(self, patient_id: int) -> None:
        if self._detail is None:
            return
        e = self._detail.ligne.entrant
        if e.est_cda:
            self.classement_demande.emit(e.id, patient_id, "", "", "", "")
            return
        lu = self.formulaire.lire()
        if lu is not None:
            self.classement_demande.emit(e.id, patient_id, *lu)

    def _ecarter(self) -> None:
        if self.entrant_id and not self.ecartes:
            self.ecarter_demande.emit(self.entrant_id)

    def _remettre(self) -> None:
        if self.entrant_id and self.ecartes:
            self.remettre_demande.emit(self.entrant_id)

    def _elargir_document(self, plein: bool) -> None:
        """The document alone, or the list and the files that may be the right one again."""
        self.liste.setVisible(not plein)
        self._carte.setVisible(not plein)
        if not plein:
            self.liste.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.recherche.hasFocus():
            self.recherche.clear()
            self.liste.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.property("partage"):
            gauche = min(theme.espace(420), round(self.width() * 0.33))
            self.partage.setSizes([gauche, self.width() - gauche - 1])
