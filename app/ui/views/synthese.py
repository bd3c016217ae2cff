"""Synthèse: what is known at a glance, and what waits. An empty card says what to do."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.dica import Dica
from app.domain.dmp import BandeauMes
from app.domain.document import EtatLigne, LigneDocument
from app.domain.patient import Contact, Observation, Patient
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.models.etats_documents import RETIRES, etat_affiche
from app.ui.models.synthese import MAXIMUM, Tache, a_faire, nom_court
from app.ui.views.elements import Bouton, Carte, Champ, Elide, Etiquette, Icone, Lien, filet

#: Things to do that need no care.
_SANS_SOINS = frozenset({"identite", "qualifier", "contact"})


class _Ligne(QWidget):
    """A row of a card: icon, text, complement at the right, link."""

    def __init__(self, texte: str, complement: str = "", icone: str = "", role: str = "texte2",
                 lien: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 5, 0, 5)
        rangee.setSpacing(8)
        if icone:
            rangee.addWidget(Icone(icone, role, 16))
        self.texte = Elide(texte)
        rangee.addWidget(self.texte, 1)
        if complement:
            rangee.addWidget(Etiquette(complement, "small", "texte2"))
        self.lien = Lien(lien) if lien else None
        if self.lien is not None:
            self.lien.setAccessibleName(f"{lien} : {texte}")
            rangee.addWidget(self.lien)


class CarteContact(Carte):
    """Address, phone, e-mail; edited in place."""

    enregistre = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Coordonnées", "map-pin", parent)
        self._contact = Contact()
        self.modifier = Lien("Modifier")
        self.modifier.clicked.connect(self.editer)
        self.tete.addWidget(self.modifier)
        self.champs: dict[str, QLineEdit] = {}
        self._montre = False

    def afficher(self, contact: Contact) -> None:
        """Show a contact; a form being filled is left alone."""
        nouveau = contact != self._contact or not self._montre
        self._contact = contact
        if not self.champs and nouveau:
            self._montrer()

    def oublier(self) -> None:
        """Another patient: nothing of the former one stays, a form neither."""
        self.champs = {}
        self._montre = False

    def _montrer(self) -> None:
        self.vider()
        self._montre = True
        self.champs = {}
        c = self._contact
        lignes = [(", ".join(filter(None, (c.adresse, f"{c.code_postal} {c.commune}".strip()))),
                   "home"), (c.telephone, "phone"), (c.courriel, "mail")]
        presentes = [(texte, icone) for texte, icone in lignes if texte]
        for i, (texte, icone) in enumerate(presentes):
            if i:
                self.corps.addWidget(filet())
            self.corps.addWidget(_Ligne(texte, icone=icone))
        if not presentes:
            vide = _Vide("Aucune adresse ni téléphone.", "Ajouter")
            vide.lien.clicked.connect(self.editer)
            self.corps.addWidget(vide)
        self.corps.addStretch(1)
        self.modifier.setVisible(bool(presentes))

    def editer(self) -> None:
        """Show the form."""
        self.vider()
        self.modifier.hide()
        c = self._contact
        champs = (("adresse", "Adresse", c.adresse), ("code_postal", "Code postal", c.code_postal),
                  ("commune", "Commune", c.commune), ("telephone", "Téléphone", c.telephone),
                  ("courriel", "Courriel", c.courriel))
        grille = QGridLayout()
        grille.setHorizontalSpacing(8)
        grille.setVerticalSpacing(6)
        places = {"adresse": (0, 0, 1, 3), "code_postal": (1, 0, 1, 1), "commune": (1, 1, 1, 2),
                  "telephone": (2, 0, 1, 1), "courriel": (2, 1, 1, 2)}
        for code, libelle, valeur in champs:
            saisie = QLineEdit(valeur)
            saisie.setMaxLength(200)
            saisie.returnPressed.connect(self._enregistrer)
            self.champs[code] = saisie
            grille.addWidget(Champ(libelle, saisie), *places[code])
        self.corps.addLayout(grille)
        pied = QHBoxLayout()
        pied.setContentsMargins(0, 8, 0, 0)
        pied.addStretch(1)
        annuler = Bouton("Annuler")
        annuler.clicked.connect(self._montrer)
        valider = Bouton("Enregistrer", "principal")
        valider.clicked.connect(self._enregistrer)
        pied.addWidget(annuler)
        pied.addWidget(valider)
        self.corps.addLayout(pied)
        self.corps.addStretch(1)
        self.champs["adresse"].setFocus(Qt.FocusReason.OtherFocusReason)

    def _enregistrer(self) -> None:
        valeurs = {code: saisie.text().strip() for code, saisie in self.champs.items()}
        self._contact = Contact(**valeurs)
        self._montrer()
        self.enregistre.emit(self._contact)


class _Vide(QWidget):
    """An empty card: one line and its action."""

    def __init__(self, texte: str, lien: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 5, 0, 5)
        rangee.setSpacing(6)
        etiquette = Etiquette(texte, "body", "texte2")
        rangee.addWidget(etiquette)
        self.lien = Lien(lien)
        rangee.addWidget(self.lien)
        rangee.addStretch(1)


class VueSynthese(QScrollArea):
    """The cards that exist."""

    #: (gesture, key) of a link: ouvrir, plus_recent, qualifier, dica, identite, envois, contact.
    geste = Signal(str, str)
    #: Contact to store.
    contact_enregistre = Signal(object)
    observation_demandee = Signal()
    observations_demandees = Signal()
    courrier_demande = Signal()
    documents_demandes = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        contenu = QWidget()
        theme.poser(contenu, fond="")
        self.setWidget(contenu)
        self._rangee = QHBoxLayout(contenu)
        self._rangee.setContentsMargins(16, 12, 16, 16)
        self._rangee.setSpacing(12)
        self._piles: list[QVBoxLayout] = []
        for _ in range(3):
            pile = QVBoxLayout()
            pile.setSpacing(12)
            pile.addStretch(1)
            self._rangee.addLayout(pile, 1)
            self._piles.append(pile)
        self.observation = Carte("Observations", "notes")
        self._toutes = Lien("Toutes")
        self._toutes.clicked.connect(self.observations_demandees)
        self._ecrire = Lien("Écrire")
        self._ecrire.clicked.connect(self.observation_demandee)
        self.observation.tete.addWidget(self._toutes)
        self.observation.tete.addWidget(self._ecrire)
        self.taches = Carte("À faire", "list-check")
        self.documents = Carte("Derniers documents", "file-text")
        self._tous = Lien("Tous")
        self._tous.clicked.connect(self.documents_demandes)
        self._courrier = Lien("Écrire un courrier")
        self._courrier.clicked.connect(self.courrier_demande)
        self.documents.tete.addWidget(self._tous)
        self.documents.tete.addWidget(self._courrier)
        self.contact = CarteContact()
        self.contact.enregistre.connect(self.contact_enregistre)
        self._soignant = True
        self._colonnes = 0
        self._montre: dict[str, object] = {}
        self._ranger()

    def reserver_aux_soignants(self, soignant: bool) -> None:
        """Without the right to read care: no note, no letter, nothing to do about them."""
        self._soignant = soignant
        self.observation.setVisible(soignant)
        self._courrier.setVisible(soignant)

    def afficher(self, patient: Patient, dica: Dica, mes: BandeauMes,
                 observations: Sequence[Observation], documents: Sequence[LigneDocument]) -> None:
        """Fill the cards; one whose content is the same is left alone."""
        self.contact.afficher(patient.contact)
        recents = tuple(x for x in documents if x.etat not in RETIRES
                        and x.etat is not EtatLigne.BROUILLON)[:MAXIMUM]
        taches = tuple(t for t in a_faire(patient.identite, dica, mes, documents, patient.contact)
                       if self._soignant or t.geste in _SANS_SOINS)
        notes = tuple(observations[:MAXIMUM - 1])
        if self._change("observations", notes):
            self._observation(notes)
        if self._change("documents", recents):
            self._documents(recents)
        if self._change("taches", taches):
            self._taches(taches)

    def reinitialiser(self) -> None:
        """Another patient: a form being filled for the former one is dropped."""
        self.contact.oublier()
        self._montre.clear()

    def _change(self, carte: str, contenu: object) -> bool:
        """True when a card must be filled again."""
        if self._montre.get(carte) == contenu:
            return False
        self._montre[carte] = contenu
        return True

    def _observation(self, observations: Sequence[Observation]) -> None:
        self.observation.vider()
        self._toutes.setVisible(len(observations) > 1)
        self._ecrire.setVisible(bool(observations))
        if not observations:
            self.observation.complement.setText("")
            vide = _Vide("Aucune observation.", "Écrire la première")
            vide.lien.clicked.connect(self.observation_demandee)
            self.observation.corps.addWidget(vide)
            self.observation.corps.addStretch(1)
            return
        derniere = observations[0]
        self.observation.complement.setText(
            f"{dates.formater(derniere.horodatage)[:10]}, {derniere.auteur}")
        texte = derniere.texte if len(derniere.texte) <= 700 else derniere.texte[:700] + "…"
        etiquette = Etiquette(texte, "body")
        etiquette.setWordWrap(True)
        etiquette.setAlignment(Qt.AlignmentFlag.AlignTop)
        etiquette.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.observation.corps.addWidget(etiquette)
        for ancienne in observations[1:MAXIMUM - 1]:
            self.observation.corps.addSpacing(8)
            self.observation.corps.addWidget(filet())
            self.observation.corps.addWidget(_Ligne(
                " ".join(ancienne.texte.split()), dates.formater(ancienne.horodatage)[:10]))

    def _documents(self, documents: Sequence[LigneDocument]) -> None:
        self.documents.vider()
        montres = documents
        self._tous.setVisible(bool(montres))
        self._courrier.setVisible(bool(montres))
        for i, ligne in enumerate(montres):
            if i:
                self.documents.corps.addWidget(filet())
            etat = etat_affiche(ligne)
            nom = nom_court(ligne.type_libelle, ligne.titre)
            rang = _Ligne(nom, dates.formater(ligne.date), etat.icone, etat.role, "Ouvrir")
            assert rang.lien is not None
            rang.lien.clicked.connect(lambda _=False, c=ligne.cle: self.geste.emit("ouvrir", c))
            rang.setToolTip(sure(etat.texte))
            self.documents.corps.addWidget(rang)
        if not montres:
            vide = _Vide("Aucun document.", "Écrire un courrier")
            vide.lien.clicked.connect(self.courrier_demande)
            self.documents.corps.addWidget(vide)
        self.documents.corps.addStretch(1)

    def _taches(self, taches: Sequence[Tache]) -> None:
        self.taches.vider()
        for i, tache in enumerate(taches):
            if i:
                self.taches.corps.addWidget(filet())
            rang = _Ligne(tache.texte, "", tache.icone, tache.role, tache.lien)
            assert rang.lien is not None
            rang.lien.clicked.connect(lambda _=False, t=tache: self._tache(t))
            self.taches.corps.addWidget(rang)
        if not taches:
            self.taches.corps.addWidget(_Ligne("Rien à faire pour ce patient.", "", "circle-check",
                                               "succes"))
        self.taches.corps.addStretch(1)

    def _tache(self, tache: Tache) -> None:
        if tache.geste == "contact":
            self.contact.editer()
        else:
            self.geste.emit(tache.geste, tache.cle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ranger()

    def _ranger(self) -> None:
        """Three columns, two, or one, after the room."""
        largeur = self.viewport().width()
        colonnes = 3 if largeur >= theme.espace(1080) else 2 if largeur >= theme.espace(640) else 1
        if colonnes == self._colonnes:
            return
        self._colonnes = colonnes
        cartes = (self.observation, self.taches, self.documents, self.contact)
        rangs = {3: (0, 1, 2, 1), 2: (0, 1, 1, 0), 1: (0, 0, 0, 0)}[colonnes]
        if colonnes == 1:
            cartes = (self.taches, self.observation, self.documents, self.contact)
        for carte in cartes:
            # Not takeAt: the item would live on, and Qt would tell it, not the new one, that
            # the card's height changed.
            for pile in self._piles:
                pile.removeWidget(carte)
        for carte, rang in zip(cartes, rangs, strict=True):
            self._piles[rang].insertWidget(self._piles[rang].count() - 1, carte)
        for rang in range(3):
            self._rangee.setStretch(rang, 1 if rang < colonnes else 0)
