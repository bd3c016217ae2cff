"""Section « Équipes et délégations »: what is given, what is received, who is in which team."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.domain.dates import formater
from app.domain.equipes import (
    LIBELLES,
    LONGUEUR_JOUR,
    Delegation,
    Equipe,
    Geste,
    Membre,
    en_cours,
    finie,
)
from app.domain.roles import Droit
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.equipes import LigneEquipes, VueEquipes
from app.ui.views.equipes_dialogues import DialogueDelegation, DialogueEquipe
from app.ui.workers import Workers
from app.usecases import equipes
from app.usecases.context import Contexte
from app.usecases.garde import droits_de

#: What the house acts on for somebody else, and the right that one needs to give it.
GESTES = {Geste.AGENDA: Droit.AGENDA, Geste.REDIGER: Droit.CLINIQUE_ECRIRE,
          Geste.CONSENTEMENT: Droit.IDENTITES}


class _Lu:
    """What the section shows, read by a worker."""

    def __init__(self, ctx: Contexte) -> None:
        self.actifs = equipes.noms_des_comptes(ctx)
        self.noms = equipes.noms_des_comptes(ctx, retires=True)
        self.equipes = equipes.lister_equipes(ctx)
        self.delegations = equipes.mes_delegations(ctx)
        droits = droits_de(ctx)
        self.administre = Droit.COMPTES in droits
        self.gestes = tuple(g for g, voulu in GESTES.items() if voulu in droits)


def _borne(borne: str) -> str:
    """« 29/11/2026 », « 29/11/2026 à 18:00 »."""
    heure = f" à {borne[LONGUEUR_JOUR + 1:]}" if len(borne) > LONGUEUR_JOUR else ""
    return formater(borne[:LONGUEUR_JOUR]) + heure


def ligne_delegation(d: Delegation, nom: str, quand: str, *, donnee: bool) -> LigneEquipes:
    """A delegation in words. :param quand: now, local (`Delegation`)."""
    gestes = [LIBELLES[g] for g in Geste if g in d.gestes]
    quoi = ", ".join(gestes[:1] + [g[0].lower() + g[1:] for g in gestes[1:]])
    jours = f"du {_borne(d.du)} au {_borne(d.au)}"
    if len(d.du) + len(d.au) > 2 * LONGUEUR_JOUR:
        jours = f"du {_borne(d.du)}\nau {_borne(d.au)}"
    fini = finie(d, quand)
    if d.revoquee_le:
        etat, couleur = f"Reprise le {formater(d.revoquee_le[:10])}", "texte2"
    elif fini:
        etat, couleur = f"Terminée\n{jours}", "texte2"
    elif en_cours(d, quand):
        etat, couleur = f"En cours\n{jours}", "succes"
    else:
        etat, couleur = f"À venir\n{jours}", "info"
    return LigneEquipes(d.id, "user", f"{'À' if donnee else 'De'} {nom}",
                        quoi + (f" ({d.motif})" if d.motif else ""), etat, couleur,
                        "Reprendre…" if donnee and not fini else "")


def _membre(m: Membre, noms: dict[int, str]) -> str:
    jours = " ".join(filter(None, (f"du {formater(m.du)}" if m.du else "",
                                   f"au {formater(m.au)}" if m.au else "")))
    return noms.get(m.compte_id, "compte retiré") + (f" ({jours})" if jours else "")


def ligne_equipe(e: Equipe, noms: dict[int, str], *, modifiable: bool) -> LigneEquipes:
    """A team in words."""
    nombre = len(e.membres)
    return LigneEquipes(
        e.id, "users", e.nom, ", ".join(_membre(m, noms) for m in e.membres) or "Aucun membre",
        ("" if e.active else "Fermée, ") + f"{nombre} membre{'s' if nombre > 1 else ''}",
        verbe="Modifier…" if modifiable else "")


class EquipesController(QObject):
    """Glue of the section."""

    #: Delegations or teams were changed here.
    change = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueEquipes | None = None
        self._lu: _Lu | None = None

    def brancher(self, vue: VueEquipes) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.deleguer.connect(self._deleguer)
        vue.reprendre.connect(self._reprendre)
        vue.nouvelle_equipe.connect(lambda: self._equipe(Equipe(0, "")))
        vue.modifier_equipe.connect(self._modifier)
        self.actualiser()

    def actualiser(self) -> None:
        """Read again."""
        if self._vue is not None:
            self._workers.submit(_Lu, self._ctx, proprietaire=self._vue, on_done=self._montrer)

    def _montrer(self, lu: _Lu) -> None:
        self._lu = lu
        if self._vue is None:
            return
        moi, jour = self._ctx.compte_id, datetime.now().isoformat(timespec="seconds")
        donnees = [ligne_delegation(d, lu.noms.get(d.a_id, "compte retiré"), jour, donnee=True)
                   for d in lu.delegations if d.de_id == moi]
        recues = [ligne_delegation(d, lu.noms.get(d.de_id, "compte retiré"), jour, donnee=False)
                  for d in lu.delegations if d.a_id == moi]
        self._vue.montrer(
            donnees, recues,
            [ligne_equipe(e, lu.noms, modifiable=lu.administre) for e in lu.equipes],
            administre=lu.administre, seul=len(lu.actifs) < 2)

    def _faire(self, dialogue: Any, dit: str, geste: Callable[..., Any], *args: Any) -> None:
        """Run a gesture for a dialog: it closes when done, keeps what is typed when not."""
        def fait(_: Any) -> None:
            dialogue.accept()
            self._fenetre.ligne_flottante(dit)
            self.actualiser()
            self.change.emit()

        def refuse(erreur: Exception) -> None:
            dialogue.bouton.setEnabled(True)
            if not resoudre(erreur, self._fenetre, self._workers, fait=fait, parent=dialogue,
                            proprietaire=dialogue,
                            sinon=lambda e: dialogue.refuser(texte_erreur(e))):
                dialogue.refuser(texte_erreur(erreur))

        self._workers.submit(geste, self._ctx, *args, proprietaire=dialogue, on_done=fait,
                             on_error=refuse)

    # -- Delegations ------------------------------------------------------------------------

    def _deleguer(self) -> None:
        if self._lu is None:
            return
        autres = {i: nom for i, nom in self._lu.actifs.items() if i != self._ctx.compte_id}
        dialogue = DialogueDelegation(autres, self._lu.gestes, self._fenetre)
        dialogue.valide.connect(
            lambda a, gestes, du, au, motif: self._faire(
                dialogue, "Délégation enregistrée", equipes.deleguer, a, gestes, du, au, motif))
        dialogue.open()

    def _reprendre(self, delegation_id: int) -> None:
        if self._lu is None:
            return
        choisie = next(d for d in self._lu.delegations if d.id == delegation_id)
        nom = self._lu.noms.get(choisie.a_id, "cette personne")
        question = Confirmation(
            f"Reprendre ce que vous confiez à {nom}\u00a0?", "Cette personne n’agira plus pour "
            "vous, dès maintenant. Ce qu’elle a déjà fait reste.", "Reprendre", "Garder",
            self._fenetre)

        def fait(restes: int) -> None:
            suite = "" if not restes else (
                f". {restes} document{'s' if restes > 1 else ''} en préparation "
                f"{'sont' if restes > 1 else 'est'} dans «\u00a0À valider\u00a0»")
            self._fenetre.ligne_flottante(f"Délégation reprise{suite}")
            self.actualiser()
            self.change.emit()

        def refuse(erreur: Exception) -> None:
            if self._vue is not None:
                self._vue.dire("erreur", texte_erreur(erreur))
            self.actualiser()

        question.accepted.connect(lambda: self._workers.submit(
            equipes.revoquer, self._ctx, choisie, proprietaire=self, on_done=fait,
            on_error=refuse))
        question.open()

    # -- Teams ------------------------------------------------------------------------------

    def _modifier(self, equipe_id: int) -> None:
        if self._lu is not None:
            self._equipe(next(e for e in self._lu.equipes if e.id == equipe_id))

    def _equipe(self, equipe: Equipe) -> None:
        if self._lu is None:
            return
        dialogue = DialogueEquipe(equipe, self._lu.actifs, self._fenetre)
        dialogue.valide.connect(lambda nouvelle: self._faire(
            dialogue, "Équipe enregistrée", equipes.enregistrer_equipe, nouvelle, equipe))
        dialogue.open()
