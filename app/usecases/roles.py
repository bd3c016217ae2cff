"""The roles of the practice, edited by an administrator (LABEL.04)."""

from dataclasses import replace
from itertools import count
from typing import Any

from app.domain.confidentialite import LIBELLES_CATEGORIES, Categorie
from app.domain.roles import ADMINISTRATEUR, LIBELLES_DROITS, Droit, Role, defauts_role
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
from app.usecases.fiches_comptes import lire_fiche
from app.usecases.garde import exige, libre, oublier


@libre("noms des rôles, pour les listes")
def lister_roles(ctx: Contexte) -> list[Role]:
    """The roles, in their order."""
    with ctx.store.lecture() as u:
        return list(u.roles.tous().values())


_ACTE = "role.modification"
_CHAMPS = {
    "libelle": Champ("Nom affiché"), "date": Champ("Donné d’un jour à un autre", oui_non),
    **{f"peut.{d}": Champ(f"Peut {texte}", oui_non) for d, texte in LIBELLES_DROITS.items()},
    **{f"lit.{c}": Champ(f"Lit : {texte.lower()}", oui_non)
       for c, texte in LIBELLES_CATEGORIES.items()},
}


def _aplatir(role: Role) -> dict[str, Any]:
    """One value a right: two administrators who give two rights don't contradict each other."""
    return {"libelle": role.libelle, "date": role.date,
            **{f"peut.{d}": d in role.droits for d in Droit},
            **{f"lit.{c}": c in role.categories for c in Categorie}}


def _relever(code: str, valeurs: Valeurs) -> Role:
    return Role(code, valeurs["libelle"], frozenset(d for d in Droit if valeurs[f"peut.{d}"]),
                valeurs["date"], frozenset(c for c in Categorie if valeurs[f"lit.{c}"]))


def _exiger_possible(role: Role) -> None:
    if fautes := defauts_role(role):
        raise Refus(f"Rôle refusé : {' ; '.join(fautes)}. Rien n’a été modifié.", code="ROLE")


@exige(Droit.COMPTES)
def enregistrer_role(ctx: Contexte, role: Role, base: Role | None = None) -> Role:
    """Add a role, or change the one of this code; it holds at once, and is traced.

    :param base: the role as the user read it: what a colleague changed meanwhile is merged right
        by right.
    :raises Refus: a role that can't be, or that would close the practice to its administrators;
        a colleague took it away meanwhile.
    :raises ConflitSaisie: with `base`, the same right was changed elsewhere.
    """
    _exiger_possible(role)

    def lire(u: Unite) -> Lu:
        connu = u.roles.tous().get(role.code)
        if connu is None:
            raise Refus(f"Le rôle « {role.libelle} » vient d’être supprimé sur un autre poste. "
                        "Rien n’a été modifié ; recréez-le s’il est toujours voulu.", code="ROLE")
        return Lu(_aplatir(connu), 0, dernier_auteur(u, _ACTE, f"rôle {role.code}"))

    def ecrire(u: Unite, valeurs: Valeurs, _version: int) -> Role:
        voulu = _relever(role.code, valeurs)
        _exiger_possible(voulu)
        avant = u.roles.tous().get(role.code)
        u.roles.enregistrer(voulu)
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE, sur_qui=f"rôle {role.code}",
                       resultat="ok", detail=_ecart(avant, voulu))
        return voulu

    if base is None:
        with ctx.store.ecriture() as u:
            ecrit = ecrire(u, _aplatir(role), 0)
    else:
        ecrit = ecrire_ensemble(
            ctx, Edition(f"le rôle « {base.libelle} »", _CHAMPS, lire, ecrire,
                         lambda _: oublier()),
            _aplatir(base), _aplatir(role))
    oublier()
    return ecrit


@exige(Droit.COMPTES)
def creer_role(ctx: Contexte, role: Role) -> Role:
    """Add a role under a code that nobody has: two administrators may create one at once.

    :raises Refus: a role that can't be.
    """
    _exiger_possible(replace(role, code="neuf"))
    with ctx.store.ecriture() as u:
        pris = u.roles.tous()
        code = next(c for c in (f"role_{rang}" for rang in count(1)) if c not in pris)
        cree = replace(role, code=code)
        u.roles.enregistrer(cree)
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE, sur_qui=f"rôle {code}", resultat="ok",
                       detail=_ecart(None, cree))
    oublier()
    return cree


@exige(Droit.COMPTES)
def supprimer_role(ctx: Contexte, code: str, base: Role | None = None) -> None:
    """Take a role away; one that is gone already is fine.

    :param base: the role as the user read it.
    :raises Refus: an account still has it, it is the administrators', or somebody changed it since.
    """
    if code == ADMINISTRATEUR:
        raise Refus("Le rôle d’administrateur ne peut pas être supprimé.", code="ROLE")
    with ctx.store.ecriture() as u:
        connu = u.roles.tous().get(code)
        if base is not None and connu is None:
            return
        if base is not None and connu != base:
            raise Refus("Ce rôle vient d’être modifié sur un autre poste. Il est affiché à jour : "
                        "supprimez-le de nouveau si c’est toujours voulu.", code="CONFLIT")
        porteurs = [p for i, p in u.comptes.professionnels() if code in lire_fiche(u, i).roles]
        if porteurs:
            noms = ", ".join(f"{p.prenom} {p.nom}" for p in porteurs[:3])
            raise Refus(f"Ce rôle est encore donné ({noms}). Changez d’abord ces comptes.",
                        code="ROLE")
        u.roles.supprimer(code)
        u.trail.ecrire(qui=ctx.qui, quoi="role.suppression", sur_qui=f"rôle {code}",
                       resultat="ok")
    oublier()


def _ecart(avant: Role | None, apres: Role) -> str:
    """What a change gives and takes, for the trail."""
    if avant is None:
        return "nouveau : " + ", ".join(sorted(apres.droits))
    donnes = [f"+{d}" for d in sorted(apres.droits - avant.droits)]
    repris = [f"-{d}" for d in sorted(avant.droits - apres.droits)]
    lus = [f"+{c}" for c in sorted(apres.categories - avant.categories)]
    caches = [f"-{c}" for c in sorted(avant.categories - apres.categories)]
    return " ".join(donnes + repris + lus + caches) or "libellé ou dates"
