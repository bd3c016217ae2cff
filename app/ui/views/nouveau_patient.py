"""Search first, then create with the five mandatory traits only (INS/va1.21, va1.22)."""

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QValidator
from PySide6.QtWidgets import (
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates, names
from app.domain.identity import COG_INCONNU, Traits
from app.domain.libelles import SEXES
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette, Icone, Lien, Segment, vider

#: Wait after a keystroke before places and look-alikes are searched.
ATTENTE_MS = 80


class _Capitales(QValidator):
    """Capitals without accents as one types; nothing that was typed is lost."""

    def validate(self, texte: str, position: int) -> tuple[QValidator.State, str, int]:
        propre, _ = names.normaliser_nom(texte)
        if propre and texte[-1:] in (" ", "-", "'", "’"):  # a separator being typed
            propre += texte[-1].replace("’", "'")
        return QValidator.State.Acceptable, propre, position + len(propre) - len(texte)


class DialogueNouveauPatient(Dialogue):
    """Five fields, look-alikes of the file shown while typing.

    Set the answers with `proposer_lieux`, `montrer_semblables`, `montrer_refus`.
    """

    ENTREE_AVANCE = True

    #: Text of the birthplace, birth date (AAAA-MM-JJ or ""): answer with `proposer_lieux`.
    lieu_cherche = Signal(str, str)
    #: (birth name, first given name, birth date): answer with `montrer_semblables`.
    semblables_cherches = Signal(str, str, str)
    #: (Traits, force)
    cree = Signal(object, bool)
    ouvrir = Signal(int)
    #: Fill from an appli carte Vitale, from the image of an INS datamatrix.
    apcv_demandee = Signal()
    image_demandee = Signal()

    def __init__(self, proposition: Traits | None, parent: QWidget, explication: str = "",
                 lieu: str = "") -> None:
        super().__init__("Nouveau patient", parent, 824)
        self.expliquer(explication or "5 champs nécessaires. Les autres pourront attendre.")
        self._lieux: dict[str, str] = {}
        self._cog = ""
        self._doublons: tuple[PatientResume, ...] = ()
        self._attente = QTimer(self)
        self._attente.setSingleShot(True)
        self._attente.setInterval(ATTENTE_MS)
        self._attente.timeout.connect(self._chercher)
        self._attente_lieu = QTimer(self)
        self._attente_lieu.setSingleShot(True)
        self._attente_lieu.setInterval(ATTENTE_MS)
        self._attente_lieu.timeout.connect(self._chercher_lieu)
        enveloppe = QWidget()
        colonne = QVBoxLayout(enveloppe)
        colonne.setContentsMargins(20, 4, 20, 16)
        colonne.setSpacing(12)
        colonne.addLayout(self._champs())
        self.semblables = QVBoxLayout()
        self.semblables.setSpacing(4)
        colonne.addLayout(self.semblables)
        self.refus = Etiquette("", "body", "erreur")
        self.refus.setWordWrap(True)
        self.refus.hide()
        colonne.addWidget(self.refus)
        self.corps.addWidget(enveloppe)
        self.pied.addStretch(1)
        annuler = Bouton("Annuler", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.creer = Bouton("Créer le dossier", "principal", "user-plus", "Ctrl+Entrée")
        self.creer.setObjectName("creerPatient")
        self.creer.clicked.connect(self._creer)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.creer)
        if proposition is not None:
            self.remplir(proposition, lieu)
        self.nom.setFocus()

    def _champs(self) -> QGridLayout:
        grille = QGridLayout()
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(10)
        self.nom, self.prenom = QLineEdit(), QLineEdit()
        for saisie in (self.nom, self.prenom):
            saisie.setMaxLength(100)
            saisie.setValidator(_Capitales(saisie))
            saisie.textEdited.connect(self._attente.start)
        self.naissance = QLineEdit()
        self.naissance.setPlaceholderText("JJMMAAAA ou JJ/MM/AAAA")
        self.naissance.textEdited.connect(self._attente.start)
        self.naissance.editingFinished.connect(self._relire_date)
        self.sexe = Segment(tuple(SEXES.items()))
        self.sexe.effacer()
        self.sexe.choisi.connect(self._sexe_choisi)
        self.lieu = QLineEdit()
        self.lieu.setPlaceholderText("Commune ou pays de naissance")
        self._completer = QCompleter(QStringListModel(self), self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(8)
        if (liste := self._completer.popup()) is not None:
            liste.setItemDelegate(QStyledItemDelegate(liste))
            theme.poser(liste, liste="saisie")
        self._completer.activated.connect(self._lieu_choisi)
        self.lieu.setCompleter(self._completer)
        self.lieu.textEdited.connect(self._lieu_edite)
        self.lieu.editingFinished.connect(self._relire_lieu)
        inconnu = Lien("Lieu inconnu")
        inconnu.clicked.connect(self._lieu_inconnu)
        self.prenoms, self.nom_utilise = QLineEdit(), QLineEdit()
        self.prenoms.setValidator(_Capitales(self.prenoms))
        self.prenoms.setPlaceholderText("Facultatif, dans l’ordre de la pièce")
        self.nom_utilise.setPlaceholderText("Facultatif")
        self._champ_nom = Champ("Nom de naissance", self.nom)
        self._champ_prenom = Champ("1er prénom de naissance", self.prenom)
        self._champ_date = Champ("Date de naissance", self.naissance)
        self._champ_sexe = Champ("Sexe", self.sexe)
        self._champ_lieu = Champ("Lieu de naissance (INSEE)", self.lieu)
        grille.addWidget(self._champ_nom, 0, 0, Qt.AlignmentFlag.AlignTop)
        grille.addWidget(self._champ_prenom, 0, 1, Qt.AlignmentFlag.AlignTop)
        grille.addWidget(self._champ_date, 1, 0, Qt.AlignmentFlag.AlignTop)
        grille.addWidget(self._champ_sexe, 1, 1, Qt.AlignmentFlag.AlignTop)
        grille.addWidget(self._champ_lieu, 2, 0, Qt.AlignmentFlag.AlignTop)
        grille.addWidget(inconnu, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grille.addWidget(Champ("Prénoms de naissance", self.prenoms), 3, 0)
        grille.addWidget(Champ("Nom utilisé", self.nom_utilise), 3, 1)
        grille.setColumnStretch(0, 1)
        grille.setColumnStretch(1, 1)
        return grille

    def proposer_sources(self, *, apcv: bool) -> None:
        """Other ways to fill the fields; a scanner or a card needs no button."""
        image = Bouton("Image d’un datamatrix…", "discret", "scan", petit=True)
        image.clicked.connect(self.image_demandee)
        self.pied.insertWidget(0, image)
        if apcv:
            bouton = Bouton("Appli carte Vitale", "discret", "device-mobile", "F4", petit=True)
            bouton.clicked.connect(self.apcv_demandee)
            raccourci = QShortcut(QKeySequence("F4"), self)
            raccourci.activated.connect(self.apcv_demandee)
            self.pied.insertWidget(0, bouton)

    def remplir(self, traits: Traits, lieu: str = "") -> None:
        """Fill what a card, a scan or a search already gave. `lieu`: « 63220 Mazoires »."""
        self.nom.setText(traits.nom_naissance)
        self.prenom.setText(traits.premier_prenom)
        self.naissance.setText(dates.formater(traits.date_naissance)
                               if traits.date_naissance else "")
        if traits.sexe in ("F", "M"):
            self.sexe.choisir(traits.sexe)
        self.prenoms.setText(traits.prenoms)
        if traits.nom_utilise:
            self.nom_utilise.setText(traits.nom_utilise)
        if traits.lieu_naissance and lieu:
            self._cog = traits.lieu_naissance
            self.lieu.setText(lieu)
            self.lieu.setCursorPosition(0)
            self._champ_lieu.montrer_faute("")
        self._attente.start()

    # -- Answers of the controller ----------------------------------------------------------

    def proposer_lieux(self, lieux: Sequence[tuple[str, str, str]]) -> None:
        """Places found: (code, label, precision)."""
        self._lieux = {f"{libelle} ({cog})" + (f", {precision}" if precision else ""): cog
                       for cog, libelle, precision in lieux}
        modele = self._completer.model()
        if isinstance(modele, QStringListModel):
            modele.setStringList(list(self._lieux))
        if self._lieux and self.lieu.hasFocus():
            liste = self._completer.popup()
            if liste is not None:  # where, until when, and what it became: read without a cut
                liste.setMinimumWidth(min(liste.sizeHintForColumn(0) + theme.espace(40),
                                          self.width()))
            self._completer.complete()

    def montrer_semblables(self, doublons: Sequence[PatientResume]) -> None:
        """Files that may be the same person: opened in one click."""
        self._doublons = tuple(doublons)
        vider(self.semblables)
        if not doublons:
            self.semblables.addWidget(Etiquette("Aucun dossier semblable dans le cabinet.",
                                                "small", "texte2"))
            self.creer.setText("Créer le dossier")
            self.adjustSize()
            return
        self.semblables.addWidget(Etiquette("Déjà dans le cabinet ?", "small", "alerte", 600))
        for patient in self._doublons[:4]:
            rangee = QHBoxLayout()
            rangee.addWidget(Icone("user", "texte2", 16))
            texte = (f"{patient.nom_naissance} {patient.premier_prenom}, "
                     f"{dates.formater(patient.date_naissance)}, {patient.sexe}")
            rangee.addWidget(Etiquette(texte, "body"), 1)
            ouvrir = Lien("Ouvrir ce dossier")
            ouvrir.clicked.connect(lambda _=False, i=patient.id: self._ouvrir(i))
            rangee.addWidget(ouvrir)
            self.semblables.addLayout(rangee)
        self.creer.setText("Créer quand même")
        self.adjustSize()

    def montrer_refus(self, message: str) -> None:
        """Why the file wasn't created."""
        self.refus.setText(message)
        self.refus.setVisible(bool(message))
        self.creer.setEnabled(True)
        self.adjustSize()

    # -- Gestures ---------------------------------------------------------------------------

    def _ouvrir(self, patient_id: int) -> None:
        self.ouvrir.emit(patient_id)
        self.accept()

    def _sexe_choisi(self) -> None:
        self._champ_sexe.montrer_faute("")

    def _relire_date(self) -> None:
        texte = self.naissance.text().strip()
        lue = dates.lire_date_saisie(texte) if texte else None
        if lue is not None:
            self.naissance.setText(dates.formater(lue))
        self._champ_date.montrer_faute(
            "" if lue or not texte else "Écrivez la date comme 31/12/1975 ou 311275.")

    def _date(self) -> str:
        return dates.lire_date_saisie(self.naissance.text().strip()) or ""

    def _lieu_edite(self) -> None:
        self._cog = ""
        self._attente_lieu.start()

    def _chercher_lieu(self) -> None:
        if len(self.lieu.text().strip()) >= 2:
            self.lieu_cherche.emit(self.lieu.text().strip(), self._date())

    def _lieu_choisi(self, libelle: str) -> None:
        self._cog = self._lieux.get(libelle, "")
        self._champ_lieu.montrer_faute("")

    def _relire_lieu(self) -> None:
        if self._cog or not self.lieu.text().strip():
            return
        if len(self._lieux) == 1:
            libelle = next(iter(self._lieux))
            self.lieu.setText(libelle)
            self._lieu_choisi(libelle)
        elif (liste := self._completer.popup()) is None or not liste.isVisible():
            self._champ_lieu.montrer_faute("Choisissez le lieu dans la liste.", conseil=True)

    def _lieu_inconnu(self) -> None:
        self._cog = COG_INCONNU
        self.lieu.setText(f"Inconnu ({COG_INCONNU})")
        self._champ_lieu.montrer_faute("")

    def _chercher(self) -> None:
        nom, prenom, naissance = self.nom.text().strip(), self.prenom.text().strip(), self._date()
        if nom and prenom and naissance:
            self.semblables_cherches.emit(nom, prenom, naissance)

    def _creer(self) -> None:
        manques = ((self._champ_nom, self.nom.text().strip()),
                   (self._champ_prenom, self.prenom.text().strip()),
                   (self._champ_date, self._date()),
                   (self._champ_sexe, self.sexe.valeur),
                   (self._champ_lieu, self._cog))
        for champ, valeur in manques:
            champ.montrer_faute("" if valeur else "Ce champ est nécessaire.")
        vides = [champ for champ, valeur in manques if not valeur]
        if vides:
            vides[0].saisie.setFocus()
            self.adjustSize()
            return
        self.creer.setEnabled(False)
        self.cree.emit(Traits(
            nom_naissance=self.nom.text().strip(), premier_prenom=self.prenom.text().strip(),
            date_naissance=self._date(), sexe=self.sexe.valeur, lieu_naissance=self._cog,
            prenoms=self.prenoms.text().strip(), nom_utilise=self.nom_utilise.text().strip()),
            bool(self._doublons))

