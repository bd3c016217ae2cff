"""Section « Comptes » of the settings: list, invitations, roles, help to colleagues."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.domain.dates import formater
from app.domain.libelles import PROFESSIONS
from app.domain.names import cle_recherche
from app.domain.people import Professionnel
from app.domain.roles import Acces, Role
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.comptes import LigneCompte, VueComptes
from app.ui.views.comptes_dialogues import (
    DialogueCompte,
    DialoguePolitique,
    DialogueProvisoire,
)
from app.ui.views.confirmation import Confirmation
from app.ui.views.roles import DialogueRoles
from app.ui.workers import Workers
from app.usecases import (
    comptes,
    mots_de_passe,
    ouverture_psc,
    roles,
    second_facteur,
    traces,
)
from app.usecases.comptes import Compte, Invitation
from app.usecases.context import Contexte


class _Lu:
    """What the section shows, read by a worker."""

    def __init__(self, ctx: Contexte) -> None:
        self.roles: list[Role] = roles.lister_roles(ctx)
        self.comptes: list[Compte] = sorted(
            [*comptes.lister_comptes(ctx), *comptes.lister_comptes(ctx, retires=True)],
            key=lambda c: cle_recherche(f"{c.professionnel.nom} {c.professionnel.prenom}"))
        self.blocage = comptes.etat_blocage(ctx)
        self.politique = mots_de_passe.politique(ctx)
        self.annees = traces.annees_conservation(ctx)


def ligne(compte: Compte, libelles: dict[str, str], moi: int) -> LigneCompte:
    """An account in words."""
    qui = compte.professionnel
    rpps = qui.identifiant[1:] if len(qui.identifiant) == 12 else ""
    complement = ", ".join(filter(None, (
        PROFESSIONS.get(qui.profession, "sans profession de santé"), f"RPPS {rpps}" if rpps else "",
        f"compte {compte.id}",  # its private id, by which the journal names it (IE.33)
        "votre compte" if compte.id == moi else "")))
    noms = ", ".join(libelles.get(r, r) for r in compte.acces.roles)
    faits: list[tuple[str, str, str]] = []
    if compte.acces.du or compte.acces.au:
        jours = " ".join(filter(None, (
            f"du {formater(compte.acces.du)}" if compte.acces.du else "",
            f"au {formater(compte.acces.au)}" if compte.acces.au else "")))
        faits.append(("calendar", jours, "texte2"))
    if compte.a_changer:
        faits.append(("key", "mot de passe provisoire, pas encore changé", "alerte"))
    elif not compte.avec_mot_de_passe and compte.actif:
        faits.append(("key", "sans mot de passe", "texte2"))
    if compte.second_facteur:
        faits.append(("device-mobile", "second facteur", "succes"))
    if compte.sujet_psc:
        faits.append(("shield-check", "rattaché à Pro Santé Connect", "succes"))
    gestes = ["roles", "identite"]
    if compte.id != moi:
        gestes += ["mot_de_passe", "retirer"]
    if compte.second_facteur and compte.id != moi:
        gestes.append("second_facteur")
    return LigneCompte(compte.id, f"{qui.prenom} {qui.nom}".strip(),
                       complement, noms or "aucun rôle",
                       tuple(faits), tuple(gestes), compte.actif)


class ComptesController(QObject):
    """Glue of the section."""

    journal_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueComptes | None = None
        self._lu: _Lu | None = None

    def brancher(self, vue: VueComptes) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.inviter.connect(self._inviter)
        vue.roles.connect(self._roles)
        vue.politique.connect(self._politique)
        vue.journal.connect(self.journal_demande)
        vue.debloquer.connect(self._debloquer)
        vue.geste.connect(self._geste)
        vue.montree.connect(self.actualiser)
        self.actualiser()

    def actualiser(self) -> None:
        """Read again."""
        if self._vue is not None:
            self._workers.submit(_Lu, self._ctx, proprietaire=self._vue, on_done=self._montrer)

    def _montrer(self, lu: _Lu) -> None:
        self._lu = lu
        if self._vue is not None:
            libelles = {r.code: r.libelle for r in lu.roles}
            self._vue.montrer([ligne(c, libelles, self._ctx.compte_id) for c in lu.comptes])
            self._vue.dire_blocage(lu.blocage.rates, lu.blocage.attente_s)

    # -- Gestures -------------------------------------------------------------------------------

    def _faire(self, dialogue: Any, dit: str, geste: Callable[..., Any], *args: Any,
               ensuite: Callable[[Any], None] | None = None) -> None:
        """Run a use case for a dialog; it closes when it is done, and says why when it isn't."""
        def fait(resultat: Any) -> None:
            dialogue.accept()
            if dit:
                self._fenetre.ligne_flottante(dit)
            self._change()
            if ensuite is not None:
                ensuite(resultat)

        def refuse(erreur: Exception) -> None:
            dialogue.bouton.setEnabled(True)
            if not resoudre(erreur, self._fenetre, self._workers, fait=fait, parent=dialogue,
                            proprietaire=dialogue,
                            sinon=lambda e: dialogue.refuser(texte_erreur(e))):
                dialogue.refuser(texte_erreur(erreur))

        self._workers.submit(geste, self._ctx, *args, proprietaire=dialogue, on_done=fait,
                             on_error=refuse)

    def _change(self) -> None:
        """Accounts changed: read again, and let Pro Santé Connect open those that it may."""
        self.actualiser()
        self._workers.submit(ouverture_psc.tenir, self._ctx, queue="psc")

    def _inviter(self) -> None:
        if self._lu is None:
            return
        dialogue = DialogueCompte(
            "Inviter un collègue", "Un mot de passe provisoire sera créé\u00a0: vous le lui direz, "
            "et il ou elle choisira le sien. Avec un RPPS, Pro Santé Connect ouvrira aussi ce "
            "compte, sans mot de passe.", "Créer le compte", self._fenetre,
            professionnel=Professionnel("", "", "", ""), roles=self._lu.roles)
        dialogue.valide.connect(lambda qui, acces: self._faire(
            dialogue, "", comptes.inviter, qui, acces, ensuite=self._dire_provisoire))
        dialogue.open()

    def _dire_provisoire(self, invitation: Invitation) -> None:
        qui = invitation.compte.professionnel
        DialogueProvisoire(f"{qui.prenom} {qui.nom}", invitation.mot_de_passe,
                           self._fenetre).open()

    def _compte(self, compte_id: int) -> Compte:
        assert self._lu is not None
        return next(c for c in self._lu.comptes if c.id == compte_id)

    def _geste(self, code: str, compte_id: int) -> None:
        if self._lu is None:
            return
        compte = self._compte(compte_id)
        nom = f"{compte.professionnel.prenom} {compte.professionnel.nom}"
        match code:
            case "roles":
                self._changer_roles(compte, nom)
            case "identite":
                dialogue = DialogueCompte(
                    f"Identité de {nom}", "Elle figure sur ce que le compte écrit et signe. Le "
                    "changement est inscrit au journal.", "Enregistrer", self._fenetre,
                    professionnel=compte.professionnel)
                dialogue.valide.connect(lambda qui, _: self._faire(
                    dialogue, "Identité enregistrée", comptes.modifier_identite, compte_id, qui,
                    compte.professionnel))
                dialogue.open()
            case "mot_de_passe":
                self._confirmer(
                    f"Donner un mot de passe provisoire à {nom}\u00a0?",
                    "L’ancien n’ouvrira plus rien.", "Donner un mot de passe",
                    mots_de_passe.reinitialiser_mot_de_passe, compte_id, dit="",
                    ensuite=lambda mot: DialogueProvisoire(nom, mot, self._fenetre).open())
            case "second_facteur":
                self._confirmer(
                    f"Retirer le second facteur de {nom}\u00a0?", "Assurez-vous de parler à la "
                    "bonne personne. Le mot de passe suffira jusqu’à une nouvelle activation.",
                    "Retirer", second_facteur.retirer_second_facteur, compte_id,
                    dit="Second facteur retiré")
            case "retirer":
                self._confirmer(
                    f"Retirer le compte de {nom}\u00a0?", "Il n’ouvrira plus rien. Ce qu’il a "
                    "écrit reste au dossier, à son nom\u00a0; le compte peut être réactivé.",
                    "Retirer le compte", comptes.retirer_compte, compte_id, dit="Compte retiré")
            case "reactiver":
                dialogue = DialogueCompte(
                    f"Réactiver le compte de {nom}", "Choisissez ses rôles\u00a0; un mot de passe "
                    "provisoire sera créé.", "Réactiver", self._fenetre, roles=self._lu.roles)
                dialogue.valide.connect(lambda _, acces: self._faire(
                    dialogue, "", comptes.reactiver_compte, compte_id, acces,
                    ensuite=self._dire_provisoire))
                dialogue.open()

    def _changer_roles(self, compte: Compte, nom: str) -> None:
        assert self._lu is not None
        dialogue = DialogueCompte(
            f"Rôles de {nom}", "Le changement vaut aussitôt, même si le compte travaille.",
            "Enregistrer", self._fenetre, roles=self._lu.roles, acces=compte.acces)

        def changer(_: object, acces: Acces) -> None:
            self._faire(dialogue, "Rôles enregistrés", comptes.changer_acces, compte.id, acces,
                        compte.acces)

        dialogue.valide.connect(changer)
        dialogue.open()

    def _confirmer(self, question: str, explication: str, verbe: str, geste: Callable[..., Any],
                   *args: Any, dit: str, ensuite: Callable[[Any], None] | None = None) -> None:
        def fait(resultat: Any) -> None:
            if dit:
                self._fenetre.ligne_flottante(dit)
            self._change()
            if ensuite is not None:
                ensuite(resultat)

        boite = Confirmation(question, explication, verbe, "Annuler", self._fenetre, danger=True)
        boite.accepted.connect(lambda: self._workers.submit(
            geste, self._ctx, *args, proprietaire=self, on_done=fait,
            on_error=self._refuse))
        boite.open()

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)

    # -- For all accounts -------------------------------------------------------------------------

    def _debloquer(self) -> None:
        self._workers.submit(comptes.lever_blocage, self._ctx, proprietaire=self,
                             on_done=lambda _: self.actualiser(),
                             on_error=self._refuse)

    def _politique(self) -> None:
        if self._lu is None:
            return
        lues = self._lu.politique, self._lu.annees
        dialogue = DialoguePolitique(*lues, self._fenetre)

        def enregistrer(politique: object, annees: int) -> None:
            self._faire(dialogue, "Règles enregistrées", _enregistrer_regles, politique, annees,
                        *lues)

        dialogue.valide.connect(enregistrer)
        dialogue.open()

    def _roles(self) -> None:
        if self._lu is None:
            return
        dialogue = DialogueRoles(self._lu.roles, self._fenetre)

        def relire(code: str) -> None:
            self._workers.submit(roles.lister_roles, self._ctx, proprietaire=dialogue,
                                 on_done=lambda lus: dialogue.actualiser(lus, code))
            self.actualiser()

        def enregistrer(role: Role, base: Role | None) -> None:
            def refuser(erreur: Exception) -> None:
                if not resoudre(erreur, self._fenetre, self._workers, parent=dialogue,
                                proprietaire=dialogue, fait=lambda ecrit: relire(ecrit.code),
                                sinon=lambda e: dialogue.dire("erreur", texte_erreur(e))):
                    dialogue.dire("erreur", texte_erreur(erreur))

            geste = roles.creer_role if base is None else roles.enregistrer_role
            self._workers.submit(geste, self._ctx, role, *([] if base is None else [base]),
                                 proprietaire=dialogue, on_error=refuser,
                                 on_done=lambda fait: relire(fait.code))

        def supprimer(role: Role) -> None:
            def refuser(erreur: Exception) -> None:
                self._workers.submit(
                    roles.lister_roles, self._ctx, proprietaire=dialogue,
                    on_done=lambda lus: dialogue.actualiser(lus, role.code, texte_erreur(erreur)))

            self._workers.submit(roles.supprimer_role, self._ctx, role.code, role,
                                 proprietaire=dialogue, on_done=lambda _: relire(""),
                                 on_error=refuser)

        dialogue.enregistrer.connect(enregistrer)
        dialogue.supprimer.connect(supprimer)
        dialogue.open()


def _enregistrer_regles(ctx: Contexte, politique: Any, annees: int, politique_lue: Any,
                        annees_lues: int) -> None:
    mots_de_passe.enregistrer_politique(ctx, politique, politique_lue)
    if annees != annees_lues:
        traces.regler_conservation(ctx, annees, annees_lues)
