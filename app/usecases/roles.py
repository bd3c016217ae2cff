"""The roles of the practice, edited by an administrator (LABEL.04)."""

from app.domain.roles import ADMINISTRATEUR, Droit, Role, defauts_role
from app.usecases.comptes import lire_fiche
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre, oublier


@libre("noms des rôles, pour les listes")
def lister_roles(ctx: Contexte) -> list[Role]:
    """The roles, in their order."""
    with ctx.store.lecture() as u:
        return list(u.roles.tous().values())


@exige(Droit.COMPTES)
def enregistrer_role(ctx: Contexte, role: Role) -> Role:
    """Add a role, or change the one of this code; it holds at once, and is traced.

    :raises Refus: a role that can't be, or that would close the practice to its administrators.
    """
    fautes = defauts_role(role)
    if fautes:
        raise Refus(f"Rôle refusé : {' ; '.join(fautes)}. Rien n’a été modifié.", code="ROLE")
    with ctx.store.ecriture() as u:
        avant = u.roles.tous().get(role.code)
        u.roles.enregistrer(role)
        u.trail.ecrire(qui=ctx.qui, quoi="role.modification", sur_qui=f"rôle {role.code}",
                       resultat="ok", detail=_ecart(avant, role))
    oublier()
    return role


@exige(Droit.COMPTES)
def supprimer_role(ctx: Contexte, code: str) -> None:
    """Take a role away. :raises Refus: an account still has it, or it is the administrators'."""
    if code == ADMINISTRATEUR:
        raise Refus("Le rôle d’administrateur ne peut pas être supprimé.", code="ROLE")
    with ctx.store.ecriture() as u:
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
