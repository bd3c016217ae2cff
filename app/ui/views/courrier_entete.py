"""The header of a letter: its recipients, its context of care; a band, and the dialog behind it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtGui import QFontMetrics, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.documents.champs import cle
from app.documents.courrier import EnteteCourrier
from app.documents.libelles import lignes_destinataire
from app.documents.model import Destinataire, Intervenant, RoleIntervenant
from app.domain.dossier_clinique import ROLES_CORRESPONDANT, RoleCorrespondant
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.deroulante import Deroulante
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, BoutonIcone, Champ, Elide, Etiquette, vider
from app.ui.views.formulaires import choisir, liste

#: Practice settings offered (JDV_J04).
CADRES = (("AMBULATOIRE", "Au cabinet"), ("SAD", "Soins à domicile"),
          ("HAD", "Hospitalisation à domicile"), ("MAD", "Maintien à domicile"),
          ("PALLIATIF", "Soins palliatifs"), ("DEPISTAGE", "Dépistage"))
_VISIBLES = 2
_FORME = "dd/MM/yyyy HH:mm"


def nom_destinataire(qui: Destinataire) -> str:
    """A recipient on one line."""
    return lignes_destinataire(qui)[0]


class BandeEntete(QWidget):
    """« À : … » with what may be taken away, and the context on the line below."""

    #: Open the dialog.
    ouverture_demandee = Signal()
    #: The header changed here.
    change = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entete, self._responsable = EnteteCourrier(), ""
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        rangee = QHBoxLayout()
        rangee.setSpacing(6)
        rangee.addWidget(Etiquette("À", "small", "texte2", 500))
        self._puces = QHBoxLayout()
        self._puces.setSpacing(6)
        rangee.addLayout(self._puces)
        rangee.addStretch(1)
        self.modifier = Bouton("En-tête", icone="users-plus", petit=True)
        self.modifier.setToolTip("Destinataires, prescripteur, cadre et dates de l’acte "
                                 "(Ctrl+Maj+E)")
        self.modifier.clicked.connect(self.ouverture_demandee)
        rangee.addWidget(self.modifier)
        colonne.addLayout(rangee)
        self._contexte = Elide("", "small", "texte2")
        colonne.addWidget(self._contexte)
        theme.signaux().change.connect(self._refaire)

    def _refaire(self) -> None:
        """Another size of text: the names are measured again."""
        self.definir(self._entete)

    def definir(self, entete: EnteteCourrier, responsable: str = "") -> None:
        """Show a header. `responsable`: who signs."""
        self._entete, self._responsable = entete, responsable or self._responsable
        vider(self._puces)
        if not entete.destinataires:
            self._puces.addWidget(Etiquette("aucun destinataire", "body", "texte2"))
        for qui in entete.destinataires[:_VISIBLES]:
            self._puces.addWidget(self._puce(qui))
        reste = len(entete.destinataires) - _VISIBLES
        if reste > 0:
            autres = Etiquette(f"+ {reste} autre{'s' if reste > 1 else ''}", "body", "texte2")
            autres.setToolTip(sure("\n".join(
                map(nom_destinataire, entete.destinataires[_VISIBLES:]))))
            self._puces.addWidget(autres)
        self._contexte.definir(self._phrase())

    def _puce(self, qui: Destinataire) -> QWidget:
        puce = QWidget()
        theme.poser(puce, fond="surface2")
        rangee = QHBoxLayout(puce)
        rangee.setContentsMargins(8, 0, 0, 0)
        rangee.setSpacing(2)
        nom = nom_destinataire(qui)
        etiquette = Elide(nom, "body")
        etiquette.setMinimumWidth(min(theme.espace(170), 2 + QFontMetrics(
            theme.police("body")).horizontalAdvance(nom)))
        etiquette.setToolTip(sure("\n".join(lignes_destinataire(qui))))
        rangee.addWidget(etiquette)
        retirer = BoutonIcone("x", f"Retirer {nom} des destinataires", bordure=False)
        retirer.clicked.connect(lambda: self._retirer(qui))
        rangee.addWidget(retirer)
        return puce

    def _retirer(self, qui: Destinataire) -> None:
        self.change.emit(replace(self._entete, destinataires=tuple(
            d for d in self._entete.destinataires if d != qui)))

    def _phrase(self) -> str:
        e = self._entete
        morceaux = [dict(CADRES).get(e.cadre, e.cadre)]
        if e.date_acte is not None:
            morceaux.append(f"acte du {e.date_acte:%d/%m/%Y}")
        noms = {RoleIntervenant.PRESCRIPTEUR: "prescripteur",
                RoleIntervenant.MEDECIN_TRAITANT: "médecin traitant"}
        morceaux += [f"{noms[i.role]} : {nom_destinataire(i.personne)}" for i in e.intervenants
                     if i.role in noms]
        if e.remplace:
            morceaux.insert(0, "nouvelle version")
        if self._responsable:
            morceaux.append(f"signé par {self._responsable}")
        return " · ".join(morceaux)


class DialogueEntete(Dialogue):
    """Recipients at the left, context of care at the right."""

    choisi = Signal(object)
    ENTREE_AVANCE = True
    #: A correspondent to write: (Destinataire or None, id).
    correspondant_demande = Signal(object, int)

    def __init__(self, parent: QWidget, entete: EnteteCourrier) -> None:
        super().__init__("En-tête du document", parent, 860)
        self._entete = entete
        self._coches: tuple[Destinataire, ...] = entete.destinataires
        zone = QWidget()
        rangee = QHBoxLayout(zone)
        rangee.setContentsMargins(20, 4, 20, 16)
        rangee.setSpacing(18)
        rangee.addLayout(self._gauche(), 3)
        rangee.addLayout(self._droite(), 2)
        self.corps.addWidget(zone)
        annuler = Bouton("Annuler", "second", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.valider = Bouton("Appliquer", "principal", touche="Ctrl+Entrée")
        self.valider.clicked.connect(self._valider)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.valider)

    def _gauche(self) -> QVBoxLayout:
        colonne = QVBoxLayout()
        colonne.setSpacing(8)
        haut = QHBoxLayout()
        self.filtre = QLineEdit()
        self.filtre.setPlaceholderText("Chercher un correspondant")
        self.filtre.setAccessibleName("Chercher un correspondant")
        self.filtre.setClearButtonEnabled(True)
        self.filtre.textChanged.connect(self._filtrer)
        nouveau = Bouton("Nouveau", icone="user-plus", petit=True)
        nouveau.clicked.connect(lambda: self.correspondant_demande.emit(None, 0))
        haut.addWidget(self.filtre, 1)
        haut.addWidget(nouveau)
        colonne.addWidget(Etiquette("Destinataires", "small", "texte2", 500))
        colonne.addLayout(haut)
        self.liste = QListWidget()
        self.liste.setAccessibleName("Destinataires (Espace coche)")
        self.liste.setSpacing(3)
        self.liste.setWordWrap(True)
        self.liste.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.liste.setMinimumHeight(theme.espace(230))
        self.liste.itemActivated.connect(self._modifier)
        colonne.addWidget(self.liste, 1)
        conseil = Etiquette("Espace coche, Entrée modifie.", "small", "texte2")
        colonne.addWidget(conseil)
        return colonne

    def _droite(self) -> QVBoxLayout:
        colonne = QVBoxLayout()
        colonne.setSpacing(8)
        self.cadre = liste(list(CADRES))
        choisir(self.cadre, self._entete.cadre)
        self.prescripteur, self.traitant = Deroulante(), Deroulante()
        self.ordonnance, ordonnance = self._date("Ordonnance du", None)
        self.acte, acte = self._date("Acte du", self._entete.date_acte)
        self.fin, fin = self._date("Fin le", self._entete.date_fin)
        for champ in (Champ("Cadre de soins", self.cadre),
                      Champ("Médecin traitant", self.traitant),
                      Champ("Prescripteur", self.prescripteur), ordonnance, acte, fin):
            colonne.addWidget(champ)
        colonne.addStretch(1)
        return colonne

    def _date(self, libelle: str, valeur: datetime | None) -> tuple[QDateTimeEdit, QWidget]:
        """A date that may be left out: a tick, then the hour."""
        ligne = QWidget()
        rangee = QHBoxLayout(ligne)
        rangee.setContentsMargins(0, 0, 0, 0)
        case = QCheckBox(libelle)
        date = QDateTimeEdit()
        date.setDisplayFormat(_FORME)
        date.setCalendarPopup(True)
        date.setAccessibleName(libelle)
        date.setProperty("choisie", valeur is not None)
        self._poser_date(date, valeur or datetime.now())
        date.setEnabled(valeur is not None)
        case.setChecked(valeur is not None)

        def basculer(oui: bool) -> None:
            date.setProperty("choisie", oui)
            date.setEnabled(oui)

        case.toggled.connect(basculer)
        date.setProperty("case", case)
        rangee.addWidget(case, 1)
        rangee.addWidget(date)
        return date, ligne

    @staticmethod
    def _poser_date(date: QDateTimeEdit, valeur: datetime) -> None:
        date.setDateTime(QDateTime(QDate(valeur.year, valeur.month, valeur.day),
                                   QTime(valeur.hour, valeur.minute)))

    @staticmethod
    def _lire_date(date: QDateTimeEdit) -> datetime | None:
        if not date.property("choisie"):
            return None
        lue = date.dateTime()
        jour, heure = lue.date(), lue.time()
        return datetime(jour.year(), jour.month(), jour.day(), heure.hour(),
                        heure.minute()).astimezone()

    def definir_carnet(self, carnet: Sequence[tuple[int, Destinataire]],
                       roles: Sequence[tuple[RoleCorrespondant, int, Destinataire]],
                       ajouter: int = 0) -> None:
        """The address book and the patient's own correspondents. `ajouter`: id to tick."""
        if self.liste.count():
            self._coches = self._destinataires()
        siens = {identifiant: ROLES_CORRESPONDANT[role] for role, identifiant, _ in roles}
        connus = dict(carnet)
        ordre = [*siens, *(i for i in connus if i not in siens)]
        self.liste.clear()
        for qui in self._coches:
            if qui not in connus.values():
                self._ajouter(0, qui, "", True)
        for identifiant in ordre:
            if identifiant in connus:
                qui = connus[identifiant]
                self._ajouter(identifiant, qui, siens.get(identifiant, ""),
                              qui in self._coches or identifiant == ajouter)
        self._combos([qui for _, qui in carnet], roles)

    def _ajouter(self, identifiant: int, qui: Destinataire, role: str, coche: bool) -> None:
        suite = " · ".join(x for x in (role or qui.qualite, qui.structure, qui.commune) if x)
        element = QListWidgetItem(nom_destinataire(qui) + (f"\n{suite}" if suite else ""))
        element.setFlags(element.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        element.setCheckState(Qt.CheckState.Checked if coche else Qt.CheckState.Unchecked)
        element.setData(Qt.ItemDataRole.UserRole, (identifiant, qui))
        self.liste.addItem(element)

    def _combos(self, carnet: Sequence[Destinataire],
                roles: Sequence[tuple[RoleCorrespondant, int, Destinataire]]) -> None:
        for combo, role, du_patient in (
                (self.traitant, RoleIntervenant.MEDECIN_TRAITANT,
                 RoleCorrespondant.MEDECIN_TRAITANT),
                (self.prescripteur, RoleIntervenant.PRESCRIPTEUR,
                 RoleCorrespondant.PRESCRIPTEUR)):
            actuel = combo.currentData() if combo.count() else next(
                (i.personne for i in self._entete.intervenants if i.role is role), None)
            if role is RoleIntervenant.PRESCRIPTEUR and not combo.count():
                date = next((i.date for i in self._entete.intervenants if i.role is role), None)
                if date is not None:
                    self.ordonnance.property("case").setChecked(True)
                    self._poser_date(self.ordonnance, date)
            combo.clear()
            combo.addItem("–", None)
            siens = [qui for r, _, qui in roles if r is du_patient]
            for qui in dict.fromkeys([*siens, *([actuel] if actuel else []), *carnet]):
                combo.addItem(nom_destinataire(qui), qui)
            rang = next((n for n in range(combo.count()) if combo.itemData(n) == actuel), 0)
            combo.setCurrentIndex(rang)

    def _filtrer(self, texte: str) -> None:
        mots = cle(texte).split()
        for n in range(self.liste.count()):
            element = self.liste.item(n)
            element.setHidden(not all(mot in cle(element.text()) for mot in mots))

    def _modifier(self, element: QListWidgetItem) -> None:
        identifiant, qui = element.data(Qt.ItemDataRole.UserRole)
        if identifiant:
            self.correspondant_demande.emit(qui, identifiant)

    def _destinataires(self) -> tuple[Destinataire, ...]:
        elements = [self.liste.item(n) for n in range(self.liste.count())]
        return tuple(e.data(Qt.ItemDataRole.UserRole)[1] for e in elements
                     if e.checkState() is Qt.CheckState.Checked)

    def valeur(self) -> EnteteCourrier:
        """The header as chosen."""
        intervenants = [i for i in self._entete.intervenants if i.role not in (
            RoleIntervenant.MEDECIN_TRAITANT, RoleIntervenant.PRESCRIPTEUR)]
        if (qui := self.traitant.currentData()) is not None:
            intervenants.append(Intervenant(RoleIntervenant.MEDECIN_TRAITANT, qui))
        if (qui := self.prescripteur.currentData()) is not None:
            intervenants.append(Intervenant(RoleIntervenant.PRESCRIPTEUR, qui,
                                            self._lire_date(self.ordonnance)))
        return replace(self._entete, destinataires=self._destinataires(),
                       intervenants=tuple(intervenants), cadre=str(self.cadre.currentData()),
                       date_acte=self._lire_date(self.acte), date_fin=self._lire_date(self.fin))

    def _valider(self) -> None:
        self.choisi.emit(self.valeur())
        self.accept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self.liste if self.liste.count() else self.filtre).setFocus(
            Qt.FocusReason.OtherFocusReason)


