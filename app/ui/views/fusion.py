"""Compare two files trait by trait, choose the one that is kept, merge; undo former merges."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.comparison import Comparaison, EtatComparaison, Gravite, LigneComparaison
from app.domain.identity import Identite
from app.domain.libelles import STATUTS
from app.domain.patient import Patient
from app.domain.regroupement import NatureRegroupement, Regroupement
from app.ui import theme
from app.ui.views.comparaison import RangeeComparaison
from app.ui.views.elements import Bouton, Carte, Champ, Etiquette, Icone, filet, vider
from app.ui.views.identite import PastilleAttribut, PastilleStatut

#: Shortest reason accepted.
MOTIF_MIN = 5
_PARTS = (20, 31, 31, 18)


def _rangee(ligne: LigneComparaison) -> RangeeComparaison:
    """One trait: file A, file B, verdict."""
    a, b = ligne.local_affiche or ligne.local, ligne.insi_affiche or ligne.insi
    verdict = _verdict(ligne)
    rangee = RangeeComparaison(
        ligne.libelle, (a, b), verdict, parts=_PARTS, marge=12,
        differe=ligne.gravite is Gravite.BLOQUANTE and bool(ligne.local and ligne.insi))
    rangee.setAccessibleName(f"{ligne.libelle} : premier dossier {a or 'vide'}, second dossier "
                             f"{b or 'vide'}, {verdict[1].lower()}")
    return rangee


def _verdict(ligne: LigneComparaison) -> tuple[str, str, str]:
    if ligne.etat is EtatComparaison.IDENTIQUE:
        return "equal", "Identique", "succes"
    if not (ligne.local and ligne.insi):
        return "plus", "D’un côté", "info"
    if ligne.gravite is Gravite.INFORMATION:
        return "equal", "Compatible", "info"
    return "equal-not", "Différent", "alerte"


class _TeteDossier(QWidget):
    """Head of a column: file, status, what it holds, and the choice « Garder »."""

    def __init__(self, patient: Patient, contenu: str) -> None:
        super().__init__()
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        t = patient.identite.traits
        titre = Etiquette(f"{t.nom_naissance} {t.premier_prenom}", "title")
        titre.setWordWrap(True)
        colonne.addWidget(titre)
        badges = QHBoxLayout()
        badges.setSpacing(6)
        statut = PastilleStatut()
        statut.definir(patient.identite.statut)
        statut.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        badges.addWidget(statut)
        for attribut in sorted(patient.identite.attributs):
            badges.addWidget(PastilleAttribut(attribut))
        badges.addStretch(1)
        colonne.addLayout(badges)
        detail = Etiquette(f"Dossier n° {patient.id} : {contenu}", "small", "texte2")
        detail.setWordWrap(True)
        colonne.addWidget(detail)
        self.garder = QRadioButton("Garder ce dossier")
        self.garder.setAccessibleName(f"Garder le dossier n° {patient.id}, {titre.text()}")
        colonne.addWidget(self.garder)


class VueFusion(QWidget):
    """The page « fusion ». Before two files are given it shows the merges already made."""

    #: Kept file, other file (Patient), reason.
    fusion_demandee = Signal(object, object, str)
    #: They are two persons: ids.
    homonymes_demandes = Signal(int, int)
    #: Undo (Regroupement).
    defaire_demande = Signal(object)
    retour_demande = Signal()
    ouvrir = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._a: Patient | None = None
        self._b: Patient | None = None
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(12)
        tete = QHBoxLayout()
        retour = Bouton("Identités à traiter", "discret", "arrow-left", petit=True)
        retour.clicked.connect(self.retour_demande)
        self._titre = Etiquette("Fusions et séparations", "page")
        tete.addWidget(retour)
        tete.addWidget(self._titre)
        tete.addStretch(1)
        page.addLayout(tete)
        self._pile = QStackedWidget()
        page.addWidget(self._pile, 1)
        self._pile.addWidget(self._composer_journal())
        self._pile.addWidget(self._composer_comparaison())

    # -- The merges made --------------------------------------------------------------------

    def _composer_journal(self) -> QWidget:
        carte = Carte("Regroupements de dossiers", "copy")
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFrameShape(QFrame.Shape.NoFrame)
        dedans = QWidget()
        theme.poser(dedans, fond="surface")
        self._journal = QVBoxLayout(dedans)
        self._journal.setContentsMargins(0, 0, 8, 0)
        self._journal.setSpacing(0)
        defilement.setWidget(dedans)
        carte.corps.addWidget(defilement, 1)
        return carte

    def montrer_regroupements(self, faits: Sequence[Regroupement]) -> None:
        """Show what was merged and split, newest first."""
        vider(self._journal)
        for fait in faits:
            self._journal.addWidget(self._ligne(fait))
            self._journal.addWidget(filet())
        if not faits:
            vide = Etiquette("Aucun dossier n’a été fusionné ni séparé.", "body", "texte2")
            self._journal.addWidget(vide)
        self._journal.addStretch(1)
        self._titre.setText("Fusions et séparations")
        self._pile.setCurrentIndex(0)

    def _ligne(self, fait: Regroupement) -> QWidget:
        ligne = QWidget()
        rangee = QHBoxLayout(ligne)
        rangee.setContentsMargins(4, 10, 4, 10)
        rangee.setSpacing(12)
        fusion = fait.nature is NatureRegroupement.FUSION
        rangee.addWidget(Icone("copy" if fusion else "users", "texte2", 18))
        textes = QVBoxLayout()
        textes.setSpacing(2)
        g, o = fait.garde, fait.autre
        mot = "gardé, dossier n° {} absorbé" if fusion else "séparé en deux, nouveau dossier n° {}"
        textes.addWidget(Etiquette(
            f"{g.nom_naissance} {g.premier_prenom} : " + mot.format(o.id), "body", "texte", 600))
        detail = (f"Le {dates.formater(fait.horodatage)[:10]} par {fait.auteur}. {fait.motif}. "
                  f"{fait.elements} éléments déplacés.")
        if fait.defait_le:
            detail += f" Défait le {dates.formater(fait.defait_le)[:10]} par {fait.defait_par}."
        texte = Etiquette(detail, "small", "texte2")
        texte.setWordWrap(True)
        textes.addWidget(texte)
        rangee.addLayout(textes, 1)
        ouvrir = Bouton("Ouvrir", "discret", petit=True)
        ouvrir.clicked.connect(lambda: self.ouvrir.emit(g.id))
        rangee.addWidget(ouvrir)
        if fusion and not fait.defait_le:
            defaire = Bouton("Défaire la fusion", "second", "arrow-back-up", petit=True)
            defaire.clicked.connect(lambda: self.defaire_demande.emit(fait))
            rangee.addWidget(defaire)
        return ligne

    # -- Two files --------------------------------------------------------------------------

    def _composer_comparaison(self) -> QWidget:
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        tete = QWidget()
        self._tete = QGridLayout(tete)
        self._tete.setContentsMargins(12, 12, 12, 10)
        self._tete.setHorizontalSpacing(12)
        for rang, part in enumerate(_PARTS):
            self._tete.setColumnStretch(rang, part)
        colonne.addWidget(tete)
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFrameShape(QFrame.Shape.NoFrame)
        lignes = QWidget()
        theme.poser(lignes, fond="surface")
        self._lignes = QVBoxLayout(lignes)
        self._lignes.setContentsMargins(0, 0, 0, 0)
        self._lignes.setSpacing(0)
        defilement.setWidget(lignes)
        colonne.addWidget(defilement, 1)
        self._pied = QFrame()
        theme.poser(self._pied, fond="surface2", trait="haut")
        pied = QHBoxLayout(self._pied)
        pied.setContentsMargins(12, 10, 12, 12)
        pied.setSpacing(12)
        self._resultat = Etiquette("", "body")
        self._resultat.setWordWrap(True)
        pied.addWidget(self._resultat, 3)
        self.motif = QLineEdit()
        self.motif.setMaxLength(500)
        self.motif.setPlaceholderText("Même personne, carte d’identité vue…")
        self._champ = Champ("Motif de la fusion", self.motif)
        self.motif.textEdited.connect(lambda _: self._champ.montrer_faute(""))
        pied.addWidget(self._champ, 3)
        self.homonymes = Bouton("Ce sont deux personnes", "second", "users")
        self.homonymes.clicked.connect(self._deux_personnes)
        self.fusionner = Bouton("Fusionner", "principal", "copy")
        self.fusionner.clicked.connect(self._fusionner)
        pied.addWidget(self.homonymes, 0, Qt.AlignmentFlag.AlignBottom)
        pied.addWidget(self.fusionner, 0, Qt.AlignmentFlag.AlignBottom)
        colonne.addWidget(self._pied)
        return cadre

    def montrer_comparaison(self, a: Patient, b: Patient, comparaison: Comparaison,
                            contenus: tuple[str, str], refus: str,
                            fusionnee: Identite | None) -> None:
        """Show two files. `refus` says why they can't be merged; `fusionnee` what they become."""
        self._a, self._b = a, b
        vider(self._tete)
        tetes = [_TeteDossier(p, c) for p, c in zip((a, b), contenus, strict=True)]
        self._groupe = QButtonGroup(self)
        for rang, tete in enumerate(tetes):
            self._tete.addWidget(tete, 0, rang + 1, Qt.AlignmentFlag.AlignTop)
            self._groupe.addButton(tete.garder, rang)
            tete.garder.setVisible(not refus)
        self._tete.addWidget(Etiquette("Trait", "small", "texte2", 500), 0, 0,
                             Qt.AlignmentFlag.AlignBottom)
        tetes[0].garder.setChecked(True)
        vider(self._lignes)
        for ligne in comparaison.lignes:
            if ligne.local or ligne.insi:
                self._lignes.addWidget(_rangee(ligne))
        self._lignes.addStretch(1)
        self._titre.setText("Comparer deux dossiers")
        self.motif.clear()
        self._champ.montrer_faute("")
        possible = fusionnee is not None and not refus
        self._champ.setVisible(possible)
        self.fusionner.setVisible(possible)
        self._resultat.definir_couleur("texte" if possible else "erreur")
        if fusionnee is not None and not refus:
            t = fusionnee.traits
            self._resultat.setText(
                f"Identité gardée, la mieux prouvée : {t.nom_naissance} {t.premier_prenom}, "
                f"{STATUTS[fusionnee.statut].lower()}. La fusion peut être défaite.")
        else:
            self._resultat.setText(refus)
        self._pile.setCurrentIndex(1)

    def _fusionner(self) -> None:
        if self._a is None or self._b is None:
            return
        motif = self.motif.text().strip()
        if len(motif) < MOTIF_MIN:
            self._champ.montrer_faute("Écrivez le motif en quelques mots.")
            self.motif.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        paire = (self._a, self._b) if self._groupe.checkedId() == 0 else (self._b, self._a)
        self.fusion_demandee.emit(*paire, motif)

    def _deux_personnes(self) -> None:
        if self._a is not None and self._b is not None:
            self.homonymes_demandes.emit(self._a.id, self._b.id)

    def entrer(self) -> None:
        """The page is shown."""
        if self._pile.currentIndex() == 1 and self.motif.isVisibleTo(self):
            self.motif.setFocus(Qt.FocusReason.OtherFocusReason)
