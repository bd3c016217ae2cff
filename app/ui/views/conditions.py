"""Terms of use, and the notice on the national services: pages that are read."""

from typing import Protocol

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.domain import dates
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette

AVIS = (
    "Pléiade peut interroger le DMP et Mon espace santé en votre nom, avec votre session Pro Santé "
    "Connect ou votre carte CPS.",
    "Chaque consultation et chaque dépôt sont tracés avec votre identifiant national. Le patient "
    "en est informé.",
    "Consulter le dossier d’une personne que vous ne prenez pas en charge, ou sans y être "
    "autorisé, expose à des poursuites pénales et disciplinaires.",
)


class ConditionsAffichees(Protocol):
    """What the page shows."""

    @property
    def version(self) -> str: ...

    @property
    def date(self) -> str: ...

    @property
    def sections(self) -> tuple[tuple[str, str], ...]: ...


class DialogueConditions(Dialogue):
    """The terms of use; `section` is scrolled to when given."""

    def __init__(self, conditions: ConditionsAffichees, parent: QWidget,
                 section: str = "") -> None:
        super().__init__("Conditions d’utilisation", parent, largeur=760)
        self.setProperty("sur_verrou", True)
        self.expliquer(f"Version {conditions.version} du {dates.formater(conditions.date)}")
        colonne = QVBoxLayout()
        colonne.setContentsMargins(20, 4, 20, 16)
        colonne.setSpacing(6)
        self._cible: Etiquette | None = None
        for titre, texte in conditions.sections:
            entete = Etiquette(titre, "title")
            colonne.addWidget(entete)
            if titre == section:
                self._cible = entete
            for paragraphe in texte.split("\n\n"):
                ligne = Etiquette(paragraphe, "body")
                ligne.setWordWrap(True)
                colonne.addWidget(ligne)
            colonne.addSpacing(10)
        self.corps.addLayout(colonne)
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        fermer.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)

    def aller_a_la_section(self) -> None:
        """Scroll to the section asked for."""
        if self._cible is not None and self.defilement is not None:
            self.defilement.verticalScrollBar().setValue(self._cible.y())


class DialogueAvis(Dialogue):
    """Notice on the DMP (SC.DMP/CONF.21): accepted once « J’ai compris » is ticked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Avant d’utiliser le DMP", parent, largeur=560)
        dedans = QVBoxLayout()
        dedans.setContentsMargins(20, 4, 20, 16)
        dedans.setSpacing(10)
        for phrase in AVIS:
            ligne = Etiquette(phrase, "body")
            ligne.setWordWrap(True)
            dedans.addWidget(ligne)
        self.compris = QCheckBox("J’ai compris")
        dedans.addSpacing(4)
        dedans.addWidget(self.compris)
        self.corps.addLayout(dedans)
        self.continuer = Bouton("Continuer", "principal")
        self.continuer.setEnabled(False)
        plus_tard = Bouton("Plus tard", "second", touche="Échap")
        self.compris.toggled.connect(self.continuer.setEnabled)
        self.continuer.clicked.connect(self.accept)
        plus_tard.clicked.connect(self.reject)
        self.pied.addStretch(1)
        self.pied.addWidget(plus_tard)
        self.pied.addWidget(self.continuer)
