"""Care teams and delegations of the centre: who shares a consent, who may act for whom."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

from app.domain.consent import EpisodeSoins
from app.domain.dates import formater
from app.domain.equipes import (
    LIBELLES,
    Delegation,
    Equipe,
    Geste,
    Membre,
    defauts_delegation,
    defauts_equipe,
    delegants,
    finie,
    meme_equipe,
)
from app.domain.preparations import OUVERTES
from app.domain.roles import Droit, ne_permet_pas
from app.store.unite import Unite
from app.usecases.concurrence import (
    Champ,
    Edition,
    Lu,
    Valeurs,
    dernier_auteur,
    ecrire_ensemble,
    oui_non,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre, lire_habilitation

#: What one must have to let another do it.
_DROITS = {Geste.REDIGER: Droit.CLINIQUE_ECRIRE, Geste.AGENDA: Droit.AGENDA,
           Geste.CONSENTEMENT: Droit.IDENTITES}


def _jour() -> str:
    return datetime.now().date().isoformat()


@libre("noms des équipes, sans patient")
def lister_equipes(ctx: Contexte) -> tuple[Equipe, ...]:
    """The teams of the centre."""
    with ctx.store.lecture() as u:
        return tuple(u.equipes.lister())


@exige(Droit.COMPTES)
def enregistrer_equipe(ctx: Contexte, equipe: Equipe, base: Equipe | None = None) -> Equipe:
    """Keep a team and its members, dated; the change is traced (SC.SSI/IAM.91).

    :param base: the team as the user read it: what a colleague changed meanwhile is merged, member
        by member.
    :raises Refus: it can't be kept; the sentence says why.
    :raises ConflitVersion: without `base`, somebody changed it since it was read.
    :raises ConflitSaisie: with `base`, the same member or name was changed elsewhere.
    """
    if base is None or not equipe.id:
        with ctx.store.ecriture() as u:
            return _garder_equipe(ctx, u, equipe)
    noms = noms_des_comptes(ctx, retires=True)
    comptes = sorted({m.compte_id for m in (*equipe.membres, *base.membres)})
    autres: list[Membre] = []  # added by a colleague meanwhile: the user knew nothing of them

    def lire(u: Unite) -> Lu:
        connue = next((e for e in u.equipes.lister() if e.id == equipe.id), None)
        if connue is None:
            raise Refus("Cette équipe n’existe plus. Elle n’est pas enregistrée.")
        autres[:] = [m for m in connue.membres if m.compte_id not in comptes]
        return Lu(_valeurs(connue, comptes), connue.version,
                  dernier_auteur(u, "equipe.modification", f"equipe {equipe.id}"))

    def ecrire(u: Unite, valeurs: Valeurs, version: int) -> Equipe:
        membres = (*(valeurs[f"membre.{c}"] for c in comptes), *autres)
        return _garder_equipe(ctx, u, Equipe(
            equipe.id, valeurs["nom"], tuple(m for m in membres if m is not None),
            valeurs["active"], version))

    champs = {"nom": Champ("Nom de l’équipe"), "active": Champ("En activité", oui_non),
              **{f"membre.{c}": Champ(noms.get(c, "Compte retiré"), _dire_membre)
                 for c in comptes}}
    return ecrire_ensemble(ctx, Edition(f"l’équipe {base.nom}", champs, lire, ecrire),
                           _valeurs(base, comptes), _valeurs(equipe, comptes))


def _valeurs(equipe: Equipe, comptes: Iterable[int]) -> dict[str, Any]:
    connus = {m.compte_id: m for m in equipe.membres}
    return {"nom": equipe.nom.strip(), "active": equipe.active,
            **{f"membre.{c}": connus.get(c) for c in comptes}}


def _dire_membre(membre: Membre | None) -> str:
    if membre is None:
        return "pas membre"
    jours = " ".join(filter(None, (f"du {formater(membre.du)}" if membre.du else "",
                                   f"au {formater(membre.au)}" if membre.au else "")))
    return f"membre {jours}".strip()


def _garder_equipe(ctx: Contexte, u: Unite, equipe: Equipe) -> Equipe:
    if fautes := defauts_equipe(equipe):
        raise Refus(f"L’équipe n’est pas enregistrée : {', '.join(fautes)}.")
    noms = noms_de(u)
    if inconnus := [m.compte_id for m in equipe.membres if m.compte_id not in noms]:
        raise Refus(f"Ce compte n’existe plus : {inconnus[0]}. L’équipe n’est pas enregistrée.")
    id = u.equipes.enregistrer(replace(equipe, nom=equipe.nom.strip()))
    u.trail.ecrire(qui=ctx.qui, quoi="equipe.modification", sur_qui=f"equipe {id}",
                   resultat="ok", detail=", ".join(
                       f"{noms[m.compte_id]} {m.du}–{m.au}" for m in equipe.membres))
    return next(e for e in u.equipes.lister() if e.id == id)


@libre("noms des comptes, pour les listes")
def noms_des_comptes(ctx: Contexte, *, retires: bool = False) -> dict[int, str]:
    """Account -> « Prénom NOM ». :param retires: the retired ones too, for what is past."""
    with ctx.store.lecture() as u:
        return noms_de(u, retires=retires)


@libre("ce que chacun a confié ou reçu")
def mes_delegations(ctx: Contexte) -> tuple[Delegation, ...]:
    """Delegations given by the user, or to the user."""
    with ctx.store.lecture() as u:
        return tuple(u.equipes.delegations(ctx.compte_id))


@libre("chacun ne confie que ce qui est à lui")
def deleguer(ctx: Contexte, a_id: int, gestes: Iterable[Geste], du: str, au: str,
             motif: str = "") -> Delegation:
    """Let a colleague act for oneself, between two days or minutes (`Delegation`); traced.

    :raises Refus: it can't be given; the sentence says why.
    """
    delegation = Delegation(0, ctx.compte_id, a_id, frozenset(gestes), du, au, motif.strip())
    if fautes := defauts_delegation(delegation):
        raise Refus(f"La délégation n’est pas enregistrée : {', '.join(fautes)}.")
    with ctx.store.ecriture() as u:
        noms = noms_de(u)
        if a_id not in noms:
            raise Refus("Ce compte n’existe plus. La délégation n’est pas enregistrée.")
        siens = lire_habilitation(u, ctx.compte_id).droits
        if absents := [g for g in delegation.gestes if _DROITS[g] not in siens]:
            raise Refus(f"{ne_permet_pas(_DROITS[absents[0]])} : on ne confie que ce que "
                        "l’on peut faire. La délégation n’est pas enregistrée.")
        if finie(delegation, u.trail.maintenant()):
            raise Refus("La délégation n’est pas enregistrée : sa fin est déjà passée.")
        id = u.equipes.deleguer(delegation)
        u.trail.ecrire(qui=ctx.qui, quoi="delegation.ouverture", sur_qui=f"compte {a_id}",
                       resultat="ok", detail=f"{', '.join(sorted(delegation.gestes))} ; "
                       f"du {du} au {au}")
        return next(d for d in u.equipes.delegations() if d.id == id)


@libre("chacun reprend ce qu’il a confié")
def revoquer(ctx: Contexte, delegation: Delegation) -> int:
    """End a delegation now; only who gave it does. One that is ended already is fine.

    :return: documents that were being prepared under it: they wait in « À valider ».
    :raises Refus: somebody else's.
    """
    with ctx.store.ecriture() as u:
        actuelle = next((d for d in u.equipes.delegations() if d.id == delegation.id), delegation)
        if actuelle.de_id != ctx.compte_id:  # as it is kept, whatever the value says
            raise Refus("Seule la personne qui a donné cette délégation peut la reprendre.")
        if actuelle.revoquee_le:
            return 0  # ended already, in another window
        delegation = actuelle
        u.equipes.revoquer(delegation.id, version=actuelle.version)
        u.trail.ecrire(qui=ctx.qui, quoi="delegation.fin",
                       sur_qui=f"compte {delegation.a_id}", resultat="ok")
        if (Geste.REDIGER not in delegation.gestes
                or ctx.compte_id in ceux_qui_deleguent(u, delegation.a_id, Geste.REDIGER)):
            return 0
        return len(u.preparations.lignes(pour_id=ctx.compte_id, par_id=delegation.a_id,
                                         etats=OUVERTES))


@libre("une règle sur des faits lus dans la transaction de l’appelant")
def ceux_qui_deleguent(u: Unite, compte_id: int, geste: Geste) -> frozenset[int]:
    """Accounts that let this one do a gesture for them at this very moment.

    Nobody gives what they haven't: an account that was retired, is out of its days or lost the
    right delegates it no more. Nor does such an account act for anybody.
    """
    recues = [d for d in u.equipes.delegations(compte_id) if d.a_id == compte_id
              and geste in d.gestes]
    if not recues or lire_habilitation(u, compte_id).refus:
        return frozenset()
    return frozenset(de for de in delegants(recues, compte_id, geste, u.trail.maintenant())
                     if _DROITS[geste] in lire_habilitation(u, de).droits)


@libre("dit pour qui l’on peut agir")
def pour_qui(ctx: Contexte, geste: Geste) -> tuple[int, ...]:
    """Accounts for whom the user may do a gesture now, the user first."""
    with ctx.store.lecture() as u:
        confies = ceux_qui_deleguent(u, ctx.compte_id, geste)
    return (ctx.compte_id, *sorted(confies))


@libre("dit pour qui l’on peut agir")
def personnes_pour(ctx: Contexte, geste: Geste) -> tuple[tuple[int, str], ...]:
    """As `pour_qui`, with names; accounts that were retired are left out."""
    noms = noms_des_comptes(ctx)
    return tuple((id, noms[id]) for id in pour_qui(ctx, geste) if id in noms)


@libre("fait partie d’un geste gardé, dans sa transaction")
def tracer_pour(u: Unite, ctx: Contexte, de_id: int, geste: Geste, detail: str) -> None:
    """Write in the trail who did a gesture for whom (LABEL.04)."""
    nom = noms_de(u).get(de_id, "compte retiré")
    u.trail.ecrire(qui=ctx.qui, quoi="delegation.usage", sur_qui=f"compte {de_id}",
                   resultat="ok", detail=f"{geste.value} pour {nom} ; {detail}")


@libre("refuse ou laisse passer ; le geste lui-même est gardé")
def exiger_delegation(ctx: Contexte, de_id: int, geste: Geste) -> None:
    """Refuse to act for somebody who delegated nothing; acting for oneself is always right.

    :raises Refus: with what to do; traced.
    """
    if de_id == ctx.compte_id:
        return
    with ctx.store.lecture() as u:
        permis = de_id in ceux_qui_deleguent(u, ctx.compte_id, geste)
        nom = noms_de(u).get(de_id, "Ce professionnel")
    if not permis:
        refuser_delegation(ctx, de_id, geste, nom)


@libre("dit un refus")
def refuser_delegation(ctx: Contexte, de_id: int, geste: Geste, nom: str) -> NoReturn:
    """Say that nothing of the kind is delegated (any more); traced.

    :raises Refus: always.
    """
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="delegation.refus", sur_qui=f"compte {de_id}",
                       resultat="refuse", detail=geste.value)
    raise Refus(f"{nom} ne vous a pas confié : {LIBELLES[geste].lower()}. Demandez-lui une "
                "délégation (Réglages, Équipes et délégations).", code="DELEGATION")


@libre("une règle sur des faits déjà lus")
def consentement_partage(u: Unite, compte_id: int, episode: EpisodeSoins | None) -> bool:
    """May this account rely on what the patient answered to whoever asked (CONF.06.BIS)?

    Yes for the one who asked and for the team of that day; yes for all where nobody made a team.
    An answer whose author has no account any more holds for everybody: it is the practice's.
    """
    if episode is None or not episode.informe_par:
        return True
    auteurs = [id for id, nom in noms_de(u).items() if nom == episode.informe_par]
    equipes = u.equipes.lister()
    jour = _jour()
    return not auteurs or any(meme_equipe(equipes, compte_id, a, jour) for a in auteurs)


@libre("masque ce qui n’est pas partagé")
def episode_partage(ctx: Contexte, u: Unite, patient_id: int) -> EpisodeSoins | None:
    """The open episode as this account's team knows it: a consent given to another team isn't a
    consent here; a refusal or an opposition holds for everybody."""
    episode = u.episodes.courant(patient_id)
    if (episode is None or episode.consentement_consultation is not True
            or consentement_partage(u, ctx.compte_id, episode)):
        return episode
    return replace(episode, consentement_consultation=None)


@libre("noms des comptes, pour les listes")
def noms_de(u: Unite, *, retires: bool = False) -> dict[int, str]:
    """As `noms_des_comptes`, in the transaction of the caller."""
    anciens = u.comptes.retires() if retires else ()
    return {id: f"{p.prenom} {p.nom}".strip()
            for id, p in (*anciens, *u.comptes.professionnels())}
