"""Section « Certificats et cartes »: certificates of the structure, INSi and DMP by them, CPS."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.certificat import LIBELLES, CertificatStructure, UsageCertificat, alerte
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import (
    Bouton,
    BoutonIcone,
    Champ,
    Etiquette,
    Icone,
    Segment,
    filet,
    vider,
)
from app.ui.views.formulaires import ChampFichier
from app.ui.views.messages import MessageEnLigne
from app.ui.views.secret import ChampSecret

FILTRE = "Certificats (*.p12 *.pfx);;Tous les fichiers (*)"
_ATTENDUS = {
    UsageCertificat.INSI: "INSI-AUTO ou INSI-MANU",
    UsageCertificat.DMP: "organisation, authentification (ORG AUTH_CLI)",
    UsageCertificat.SIGNATURE: "organisation, signature (ORG SIGN)",
}
_ADRESSES = (("insi_certificat_url", "INSi par certificat"), ("insi_cps_url", "INSi par carte CPS"),
             ("dmp_certificat_url", "DMP par certificat"), ("dmp_cps_url", "DMP par carte CPS"))


class DialogueMotDePasse(Dialogue):
    """Password of a PKCS#12 file, given with it by whoever delivered the certificate."""

    saisi = Signal(str)

    def __init__(self, fichier: str, parent: QWidget) -> None:
        super().__init__("Importer un certificat", parent, 480)
        self.expliquer(f"Mot de passe du fichier « {fichier} », remis avec lui. Il n’est pas "
                       "gardé.")
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(20, 4, 20, 16)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self.secret = ChampSecret("Mot de passe du fichier")
        self.secret.valide.connect(self._valider)
        colonne.addWidget(Champ("Mot de passe du fichier", self.secret))
        self.corps.addWidget(cadre)
        annuler = Bouton("Annuler", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.importer = Bouton("Importer", "principal", "file-import", touche="Entrée")
        self.importer.clicked.connect(self._valider)
        self.importer.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.importer)
        self.secret.champ.setFocus()

    def _valider(self) -> None:
        if self.importer.isEnabled():
            self.importer.setEnabled(False)
            self.saisi.emit(self.secret.champ.text())

    def refuser(self, texte: str) -> None:
        """Say why, and let try again."""
        vider(self._messages)
        self._messages.addWidget(MessageEnLigne("erreur", texte, fermable=False))
        self.importer.setEnabled(True)
        self.secret.champ.selectAll()
        self.secret.champ.setFocus()
        self.adjustSize()


class _LigneCertificat(QWidget):
    """One use: the certificate kept, until when, and what may be done."""

    def __init__(self, usage: UsageCertificat) -> None:
        super().__init__()
        self.usage = usage
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 6, 0, 6)
        rangee.setSpacing(12)
        self._icone = Icone("circle", "texte2", 20)
        rangee.addWidget(self._icone)
        textes = QVBoxLayout()
        textes.setSpacing(1)
        textes.addWidget(Etiquette(LIBELLES[usage], "trait", "texte", 600))
        self.detail = Etiquette("", "body", "texte2")
        self.detail.setWordWrap(True)
        textes.addWidget(self.detail)
        rangee.addLayout(textes, 1)
        self.retirer = BoutonIcone("trash", f"Retirer le certificat : {LIBELLES[usage]}")
        rangee.addWidget(self.retirer)
        self.montrer(None)

    def montrer(self, certificat: CertificatStructure | None) -> None:
        """Show the certificate of this use, or that there is none."""
        self.retirer.setVisible(certificat is not None)
        if certificat is None:
            self.detail.setText(f"Aucun certificat. Attendu\u00a0: {_ATTENDUS[self.usage]}.")
            self._icone.definir("circle", "texte2")
            return
        genre, phrase = alerte(certificat, date.today())
        fin = datetime.fromisoformat(certificat.au).strftime("%d/%m/%Y")
        self.detail.setText(f"{certificat.cn}, structure {certificat.structure}, valable jusqu’au "
                            f"{fin}." + (f"\n{phrase}" if phrase else ""))
        self._icone.definir({"": "circle-check", "info": "circle-check", "alerte": "alert-triangle",
                             "erreur": "alert-octagon"}[genre],
                            {"": "succes", "info": "succes"}.get(genre, genre))


class VueCentre(QWidget):
    """The section. `montrer` takes values, `valeurs` gives back the settings typed."""

    #: (path) a PKCS#12 was chosen.
    import_demande = Signal(str)
    #: (UsageCertificat)
    retrait_demande = Signal(object)
    enregistrer = Signal()
    #: Look at the reader again.
    carte_demandee = Signal()
    #: (PIN) open the card; never kept.
    ouverture_demandee = Signal(str)

    def __init__(self, modes: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self._composer_certificats(colonne)
        colonne.addWidget(filet())
        colonne.addWidget(Etiquette("Appels INSi", "small", "texte2", 500))
        self.mode = Segment(list(modes))
        colonne.addWidget(self.mode)
        self.dmp = QCheckBox("Envoyer au DMP avec les certificats de la structure")
        colonne.addWidget(self.dmp)
        aide = Etiquette("La consultation du DMP reste la session Pro Santé Connect de chaque "
                         "professionnel.", "small", "texte2")
        aide.setWordWrap(True)
        colonne.addWidget(aide)
        colonne.addWidget(filet())
        self._composer_carte(colonne)
        colonne.addWidget(filet())
        self._composer_adresses(colonne)
        bas = QHBoxLayout()
        bas.addStretch(1)
        self.bouton = Bouton("Enregistrer", "principal", "check")
        self.bouton.clicked.connect(self.enregistrer)
        bas.addWidget(self.bouton)
        colonne.addLayout(bas)

    def _composer_certificats(self, colonne: QVBoxLayout) -> None:
        tete = QHBoxLayout()
        tete.addWidget(Etiquette("Certificats de la structure (IGC-Santé)", "small", "texte2",
                                 500), 1)
        importer = Bouton("Importer un certificat", "second", "file-import")
        importer.clicked.connect(self._choisir)
        tete.addWidget(importer)
        colonne.addLayout(tete)
        self.lignes = {usage: _LigneCertificat(usage) for usage in UsageCertificat}
        for usage, ligne in self.lignes.items():
            ligne.retirer.clicked.connect(lambda _=False, u=usage: self.retrait_demande.emit(u))
            colonne.addWidget(ligne)

    def _composer_carte(self, colonne: QVBoxLayout) -> None:
        colonne.addWidget(Etiquette("Carte CPS", "small", "texte2", 500))
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        self._carte = Etiquette("", "body")
        self._carte.setWordWrap(True)
        rangee.addWidget(self._carte, 1)
        relire = BoutonIcone("refresh", "Relire le lecteur de carte CPS")
        relire.clicked.connect(self.carte_demandee)
        rangee.addWidget(relire)
        self.pin = ChampSecret("Code de la carte CPS")
        theme.poser(self.pin, largeur_max=150)
        self.pin.champ.setMaxLength(4)
        self.pin.champ.setPlaceholderText("Code")
        self.pin.valide.connect(self._ouvrir)
        rangee.addWidget(self.pin)
        self.ouvrir = Bouton("Ouvrir ma carte", "second", "login")
        self.ouvrir.clicked.connect(self._ouvrir)
        rangee.addWidget(self.ouvrir)
        colonne.addLayout(rangee)
        colonne.addWidget(Etiquette("Ce que fait le retrait de la carte se règle dans Sécurité.",
                                    "small", "texte2"))

    def _composer_adresses(self, colonne: QVBoxLayout) -> None:
        self.adresses: dict[str, QLineEdit] = {}
        for nom, libelle in _ADRESSES:
            champ = QLineEdit()
            champ.setPlaceholderText("https://")
            self.adresses[nom] = champ
            colonne.addWidget(Champ(f"Adresse\u00a0: {libelle}", champ))
        self._ca = ChampFichier("Autorité des services nationaux",
                                "Certificats (*.pem *.crt *.cer);;Tous les fichiers (*)")
        self._module = ChampFichier("Composant PKCS#11 de la carte CPS",
                                    "Bibliothèques (*.so *.dll *.dylib);;Tous les fichiers (*)")
        colonne.addWidget(Champ("Autorité des services nationaux (vide\u00a0: celles du poste)",
                                self._ca))
        colonne.addWidget(Champ("Composant de lecture des CPS (vide\u00a0: Cryptolib de l’ANS)",
                                self._module))

    def _choisir(self) -> None:
        chemin, _ = QFileDialog.getOpenFileName(self.window(), "Choisir le certificat", "", FILTRE)
        if chemin:
            self.import_demande.emit(chemin)

    def _ouvrir(self) -> None:
        code = self.pin.champ.text()
        self.pin.champ.clear()
        self.ouverture_demandee.emit(code)

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, valeurs: dict[str, Any],
                certificats: Sequence[CertificatStructure]) -> None:
        """Fill the form and the list."""
        self.mode.choisir(valeurs["insi_mode"])
        self.dmp.setChecked(bool(valeurs["dmp_certificat"]))
        for nom, champ in self.adresses.items():
            champ.setText(valeurs[nom])
        self._ca.champ.setText(valeurs["ca_services"])
        self._module.champ.setText(valeurs["cps_module"])
        self.montrer_certificats(certificats)

    def montrer_certificats(self, certificats: Sequence[CertificatStructure]) -> None:
        """Fill the list alone."""
        connus = {c.usage: c for c in certificats}
        for usage, ligne in self.lignes.items():
            ligne.montrer(connus.get(usage))

    def montrer_carte(self, texte: str, *, ouvrable: bool) -> None:
        """Who is in the reader; `ouvrable`: it is the user's own, not yet opened."""
        self._carte.setText(texte)
        for widget in (self.pin, self.ouvrir):
            widget.setVisible(ouvrable)

    def valeurs(self) -> dict[str, Any]:
        """Settings as typed."""
        return {"insi_mode": self.mode.valeur,
                "dmp_certificat": self.dmp.isChecked(),
                **{nom: champ.text().strip() for nom, champ in self.adresses.items()},
                "ca_services": self._ca.champ.text().strip(),
                "cps_module": self._module.champ.text().strip()}

    def dire(self, genre: str, texte: str) -> None:
        """One message above the section; "" takes it away."""
        vider(self._messages)
        if texte:
            self._messages.addWidget(MessageEnLigne(genre, texte))
