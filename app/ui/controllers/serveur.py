"""Section « Serveur du cabinet »: the state of the link, another server, back to a file."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain.dates import formater
from app.store.serveur import Serveur
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.serveur import DialogueServeur
from app.ui.views.serveur_etat import VueServeur
from app.ui.workers import Workers
from app.usecases import serveur
from app.usecases.context import Contexte
from app.usecases.serveur import EtatServeur

#: Days before the end of a certificate when it is said.
ALERTE_JOURS = 30


def faits(etat: EtatServeur) -> tuple[tuple[str, str, str], ...]:
    """The state in words: label, value, colour role."""
    fin = ("aucun (liaison locale)", "")
    if etat.certificat_fin:
        jour = formater(etat.certificat_fin)
        s = "s" if etat.reste_jours > 1 else ""
        fin = (f"jusqu’au {jour} ({etat.reste_jours}\u00a0jour{s})",
               "alerte" if etat.reste_jours <= ALERTE_JOURS else "")
    latence = f"{etat.latence_ms:.1f}".replace(".", ",")
    return (
        ("Liaison", f"répond en {latence}\u00a0ms", "succes"),
        ("Base", f"{etat.base}, utilisateur {etat.utilisateur}", ""),
        ("Serveur", f"PostgreSQL {etat.version}", ""),
        ("Chiffrement", f"{etat.tls.replace('TLSv', 'TLS ')}, certificat vérifié" if etat.tls
         else "liaison locale, sans réseau", ""),
        ("Certificat", *fin),
        ("Mot de passe de la base", etat.secret, ""),
        ("Connexions ouvertes", f"{etat.connexions}, tous postes réunis", ""),
    )


class ServeurController(QObject):
    """Glue of the section."""

    #: This workstation works elsewhere from now on: (path or address). The session must end.
    deplace = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueServeur | None = None
        self._etat: EtatServeur | None = None

    def brancher(self, vue: VueServeur) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.verifier.connect(self.actualiser)
        vue.changer.connect(self._changer)
        vue.quitter.connect(self._quitter)
        self.actualiser()

    def actualiser(self) -> None:
        """Ask the server."""
        vue = self._vue
        if vue is None:
            return
        vue.attendre()
        self._workers.submit(serveur.etat_serveur, self._ctx, proprietaire=vue, queue="recherche",
                             on_done=self._montrer, on_error=self._absent)

    def _montrer(self, etat: EtatServeur) -> None:
        vue = self._vue
        self._etat = etat
        if vue is None:
            return
        if not etat.hote:
            vue.montrer_fichier(etat.adresse)
            return
        vue.dire()
        ou = f"{etat.hote}, port {etat.port}" if etat.adresse else etat.hote
        vue.montrer_serveur(ou, faits(etat), impose=etat.impose)
        if etat.certificat_fin and etat.reste_jours <= ALERTE_JOURS:
            vue.dire("alerte", "Le certificat du serveur arrive à sa fin. Prévenez qui tient le "
                     "serveur\u00a0: passé cette date, plus aucun poste ne s’y connectera.")

    def _absent(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.dire("erreur", texte_erreur(erreur))

    # -- Another server ---------------------------------------------------------------------

    def _changer(self) -> None:
        dialogue = DialogueServeur(self._fenetre)
        if self._etat is not None and self._etat.adresse and self._etat.hote:
            dialogue.remplir(self._etat.adresse, self._etat.port, self._etat.base,
                             self._etat.utilisateur, self._etat.ca)

        def demander(hote: str, port: int, base: str, utilisateur: str, ca: str,
                     mot_de_passe: str) -> None:
            self._workers.submit(
                serveur.changer_serveur, self._ctx, Serveur(hote, base, utilisateur, ca, port),
                mot_de_passe, proprietaire=dialogue, on_done=fait,
                on_error=lambda e: dialogue.refuser(texte_erreur(e)))

        def fait(url: str) -> None:
            dialogue.finir()
            self.deplace.emit(url)

        dialogue.demandee.connect(demander)
        dialogue.open()

    def _quitter(self) -> None:
        question = Confirmation(
            "Quitter le serveur du cabinet\u00a0?", "La session se termine et ce poste oublie "
            "la connexion. Les données restent sur le serveur. Avez-vous une sauvegarde "
            "récente\u00a0?",
            "Quitter le serveur", "Rester", self._fenetre, danger=True)

        def fait(chemin: Path) -> None:
            self.deplace.emit(chemin)

        def refuse(erreur: Exception) -> None:
            if self._vue is not None:
                self._vue.dire("erreur", texte_erreur(erreur))

        question.accepted.connect(lambda: self._workers.submit(
            serveur.quitter_serveur, self._ctx, proprietaire=self, on_done=fait, on_error=refuse))
        question.open()

