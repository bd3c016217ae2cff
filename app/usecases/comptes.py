"""Accounts of the practice: roles, passwords, life cycle (IAM.91, IAM.92, IE.33).

Each account has its envelope in the vault; what the program knows of it beside its name (roles,
days, former passwords) is a setting of the encrypted file.
"""

import secrets
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from app.domain.mot_de_passe import Politique, defauts_politique, juger
from app.domain.people import Professionnel
from app.domain.roles import (
    ADMINISTRATEUR,
    Acces,
    Droit,
    defauts_acces,
    refus_du_jour,
)
from app.store import passwords, vault
from app.usecases.errors import Refus
from app.usecases.garde import droits_de as droits_de
from app.usecases.garde import exige, exiger, libre, oublier

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte

_CLE_POLITIQUE = "comptes.politique"
#: Roles of the first account of a practice.
ROLES_PREMIER = ("titulaire", ADMINISTRATEUR)


@dataclass(frozen=True, slots=True)
class FicheCompte:
    """What is kept of an account. `coffre`: name of its envelope in the vault."""

    coffre: str
    roles: tuple[str, ...]
    du: str = ""
    au: str = ""
    change_le: str = ""
    """Day of the last password change, AAAA-MM-JJ."""
    marques: tuple[str, ...] = field(default=(), repr=False)

    @property
    def acces(self) -> Acces:
        """Roles and days."""
        return Acces(self.roles, self.du, self.au)


@dataclass(frozen=True, slots=True)
class Compte:
    """An account as lists show it."""

    id: int
    professionnel: Professionnel
    acces: Acces
    change_le: str
    avec_mot_de_passe: bool


def _cle(compte_id: int) -> str:
    return f"compte.{compte_id}"


def lire_fiche(u: "Unite", compte_id: int) -> FicheCompte:
    """What is kept of an account. A practice older than the accounts has one administrator."""
    comptes = u.comptes.professionnels()
    brut: dict[str, Any] = u.reglages.lire(_cle(compte_id), {})
    if not brut:
        identifiant = dict(comptes)[compte_id].identifiant
        premier = bool(comptes) and comptes[0][0] == compte_id
        return FicheCompte(identifiant, ROLES_PREMIER if premier else ("titulaire",))
    connus = {f.name for f in fields(FicheCompte)}
    valeurs: dict[str, Any] = {c: tuple(v) if isinstance(v, list) else v
                               for c, v in brut.items() if c in connus}
    return FicheCompte(**valeurs)


def ecrire_fiche(u: "Unite", compte_id: int, fiche: FicheCompte) -> None:
    """Keep what is known of an account."""
    u.reglages.ecrire(_cle(compte_id), asdict(fiche))
    oublier()


def lire_politique(u: "Unite") -> Politique:
    """The password policy of the practice."""
    connus = {f.name for f in fields(Politique)}
    return Politique(**{c: v for c, v in u.reglages.lire(_CLE_POLITIQUE, {}).items()
                        if c in connus})


@exige(Droit.COMPTES)
def enregistrer_politique(ctx: "Contexte", politique: Politique) -> Politique:
    """Set the policy; it holds for the next passwords. :raises Refus: out of bounds."""
    fautes = defauts_politique(politique)
    if fautes:
        raise Refus(f"Politique refusée : {' ; '.join(fautes)}.")
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_CLE_POLITIQUE, asdict(politique))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.politique", resultat="ok", detail=", ".join(
            f"{c}={v}" for c, v in asdict(politique).items()))
    return politique


# --- list, add, retire -------------------------------------------------------------------------

@libre("noms et rôles des collègues, pour les listes")
def lister_comptes(ctx: "Contexte") -> list[Compte]:
    """Active accounts, oldest first."""
    enveloppes = set(vault.comptes(ctx.store.emplacement))
    with ctx.store.lecture() as u:
        resultat = []
        for compte_id, professionnel in u.comptes.professionnels():
            fiche = lire_fiche(u, compte_id)
            resultat.append(Compte(compte_id, professionnel, fiche.acces, fiche.change_le,
                                   fiche.coffre in enveloppes))
        return resultat


@exige(Droit.COMPTES)
def ajouter_compte(ctx: "Contexte", professionnel: Professionnel, acces: Acces,
                   mot_de_passe: str) -> Compte:
    """Create an account with its password.

    A person without a national identifier (secretary) gets a private one, unique in the practice.

    :raises Refus: no right, bad roles or dates, weak password, identifier already there.
    """
    fautes = _defauts(ctx, acces)
    if not (professionnel.nom.strip() and professionnel.prenom.strip()):
        fautes.append("le nom et le prénom sont nécessaires")
    if fautes:
        raise Refus(f"Compte refusé : {' ; '.join(fautes)}.")
    if not professionnel.identifiant:
        professionnel = replace(professionnel, identifiant=f"interne-{secrets.token_hex(6)}")
    with ctx.store.lecture() as u:
        if any(p.identifiant == professionnel.identifiant for _, p in u.comptes.professionnels()):
            raise Refus("Un compte porte déjà cet identifiant.")
        politique = lire_politique(u)
    _exiger_bon(mot_de_passe, politique, professionnel)
    _exiger_seul(ctx, mot_de_passe)
    coffre = f"{professionnel.identifiant}#{secrets.token_hex(4)}"
    with ctx.store.ecriture() as u:
        for autre_id, _ in u.comptes.professionnels():
            # From the second account on, envelopes are found by what is written, not by order.
            ecrire_fiche(u, autre_id, avec_enveloppe(ctx, lire_fiche(u, autre_id)))
        compte_id = u.comptes.ajouter_professionnel(professionnel)
        fiche = FicheCompte(coffre, acces.roles, acces.du, acces.au, _jour(),
                            (passwords.marquer(mot_de_passe),))
        ecrire_fiche(u, compte_id, fiche)
        u.trail.ecrire(qui=ctx.qui, quoi="compte.creation", sur_qui=f"compte {compte_id}",
                       resultat="ok", detail=_decrire(acces))
        # Last: a vault that can't be written takes the account back.
        ctx.store.poser_mot_de_passe(coffre, mot_de_passe)
    return Compte(compte_id, professionnel, acces, fiche.change_le, True)


def _defauts(ctx: "Contexte", acces: Acces) -> list[str]:
    with ctx.store.lecture() as u:
        return defauts_acces(acces, u.roles.tous())


@libre("un nom d’enveloppe")
def avec_enveloppe(ctx: "Contexte", fiche: FicheCompte) -> FicheCompte:
    """The card with the true name of its envelope (the identifier may have been corrected)."""
    presentes = vault.comptes(ctx.store.emplacement)
    # A name with « # » was given by `ajouter_compte`: its account may have no password at all.
    if fiche.coffre not in presentes and len(presentes) == 1 and "#" not in fiche.coffre:
        return replace(fiche, coffre=presentes[0])
    return fiche


@exige(Droit.COMPTES)
def changer_acces(ctx: "Contexte", compte_id: int, acces: Acces) -> Compte:
    """Give other roles or days. :raises Refus: no right, or no administrator would be left."""
    fautes = _defauts(ctx, acces)
    if fautes:
        raise Refus(f"Rôles refusés : {' ; '.join(fautes)}.")
    with ctx.store.ecriture() as u:
        fiche = _fiche_connue(u, compte_id)
        if not acces.administre:
            _exiger_autre_administrateur(u, compte_id)
        nouvelle = replace(avec_enveloppe(ctx, fiche), roles=acces.roles, du=acces.du,
                           au=acces.au)
        ecrire_fiche(u, compte_id, nouvelle)
        u.trail.ecrire(qui=ctx.qui, quoi="compte.droits", sur_qui=f"compte {compte_id}",
                       resultat="ok", detail=f"{_decrire(fiche.acces)} → {_decrire(acces)}")
    return next(c for c in lister_comptes(ctx) if c.id == compte_id)


@exige(Droit.COMPTES)
def retirer_compte(ctx: "Contexte", compte_id: int) -> None:
    """Retire an account: it opens nothing any more, what it wrote keeps its name.

    :raises Refus: no right, own account, or no administrator would be left.
    """
    with ctx.store.ecriture() as u:
        fiche = avec_enveloppe(ctx, _fiche_connue(u, compte_id))
        _exiger_autre_administrateur(u, compte_id)
        if compte_id == ctx.compte_id:
            raise Refus("Vous ne pouvez pas retirer votre propre compte : demandez-le à un autre "
                        "administrateur.")
        u.comptes.desactiver(compte_id)
        oublier()
        u.trail.ecrire(qui=ctx.qui, quoi="compte.retrait", sur_qui=f"compte {compte_id}",
                       resultat="ok")
        if fiche.coffre in vault.comptes(ctx.store.emplacement):
            ctx.store.retirer_mot_de_passe(fiche.coffre)


def _fiche_connue(u: "Unite", compte_id: int) -> FicheCompte:
    if compte_id not in dict(u.comptes.professionnels()):
        raise Refus("Ce compte n’existe pas.")
    return lire_fiche(u, compte_id)


def _exiger_autre_administrateur(u: "Unite", compte_id: int) -> None:
    autres = (lire_fiche(u, autre) for autre, _ in u.comptes.professionnels()
              if autre != compte_id)
    if not any(fiche.acces.administre for fiche in autres):
        raise Refus("C’est le dernier administrateur : nommez-en un autre d’abord. Rien n’a été "
                    "modifié.", code="DERNIER-ADMINISTRATEUR")


def _decrire(acces: Acces) -> str:
    jours = f" du {acces.du or '…'} au {acces.au or '…'}" if acces.du or acces.au else ""
    return "+".join(acces.roles) + jours


# --- passwords ---------------------------------------------------------------------------------

@libre("le sien ; celui d’un autre exige COMPTES")
def changer_mot_de_passe(ctx: "Contexte", nouveau: str, *, ancien: str = "",
                         compte_id: int | None = None, secours: bool = False) -> None:
    """Change one's own password, or give another account a new one.

    :param ancien: needed for one's own. :param compte_id: another account: an administrator only.
    :param secours: the file was opened by the recovery key: no former password is asked.
    :raises Refus, MotDePasseRefuse: nothing changed; the attempt is traced.
    """
    cible = ctx.compte_id if compte_id is None else compte_id
    if cible != ctx.compte_id and not secours:
        exiger(ctx, Droit.COMPTES)
    with ctx.store.lecture() as u:
        fiche = avec_enveloppe(ctx, _fiche_connue(u, cible))
        politique = lire_politique(u)
        professionnel = dict(u.comptes.professionnels())[cible]
    try:
        if cible == ctx.compte_id and not secours:
            vault.identifier(ctx.store.emplacement, ancien, fiche.coffre)
        _exiger_bon(nouveau, politique, professionnel)
        if (passwords.deja_employe(nouveau, list(fiche.marques))
                or nouveau == ancien or _ouvre(ctx, nouveau, fiche.coffre)):
            raise Refus("Ce mot de passe a déjà servi. Choisissez-en un autre.",
                        code="MDP-HISTORIQUE")
        _exiger_seul(ctx, nouveau)
    except (Refus, vault.MotDePasseRefuse) as erreur:
        _tracer(ctx, cible, "echec", getattr(erreur, "code", "") or "refus")
        raise
    marques = ((passwords.marquer(ancien),) if ancien and not fiche.marques else ())
    marques = (*fiche.marques, *marques, passwords.marquer(nouveau))[-politique.historique:]
    with ctx.store.ecriture() as u:
        ecrire_fiche(u, cible, replace(fiche, change_le=_jour(), marques=marques))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.mot_de_passe", sur_qui=f"compte {cible}",
                       resultat="ok", detail="clé de secours" if secours else "")
        ctx.store.poser_mot_de_passe(fiche.coffre, nouveau)


def _tracer(ctx: "Contexte", cible: int, resultat: str, detail: str) -> None:
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="compte.mot_de_passe", sur_qui=f"compte {cible}",
                       resultat=resultat, detail=detail)


def _ouvre(ctx: "Contexte", mot_de_passe: str, coffre: str | None) -> bool:
    try:
        vault.identifier(ctx.store.emplacement, mot_de_passe, coffre)
    except vault.MotDePasseRefuse:
        return False
    return True


def _exiger_bon(mot_de_passe: str, politique: Politique, qui: Professionnel) -> None:
    fautes = juger(mot_de_passe, politique, (qui.nom, qui.prenom))
    if fautes:
        raise Refus(f"Mot de passe trop simple. Il manque : {', '.join(fautes)}.",
                    code="MDP-SIMPLE")


def _exiger_seul(ctx: "Contexte", mot_de_passe: str) -> None:
    """The lock screen knows the account by its password: two accounts can't share one."""
    if _ouvre(ctx, mot_de_passe, None):
        raise Refus("Choisissez un autre mot de passe.", code="MDP-HISTORIQUE")


def _jour() -> str:
    return date.today().isoformat()


# --- unlocking ---------------------------------------------------------------------------------

def compte_de_enveloppe(u: "Unite", coffre: str, seule: bool) -> tuple[int, Professionnel]:
    """The account that an envelope of the vault opens.

    :param seule: the vault has no other password: it is the first account's, whatever its name.
    :raises Refus: the account was retired.
    """
    comptes = u.comptes.professionnels()
    for compte_id, professionnel in comptes:
        if lire_fiche(u, compte_id).coffre == coffre:
            return compte_id, professionnel
    if seule and comptes:
        return comptes[0]
    raise Refus("Ce compte a été retiré du cabinet.", code="COMPTE-RETIRE")


def premier_administrateur(u: "Unite") -> tuple[int, Professionnel]:
    """The account that the recovery key opens."""
    comptes = u.comptes.professionnels()
    if not comptes:
        raise Refus("Ce dossier ne contient aucun compte. Restaurez une sauvegarde.")
    return next(((i, p) for i, p in comptes if lire_fiche(u, i).acces.administre), comptes[0])


def jour_sur(u: "Unite") -> str:
    """Today (AAAA-MM-JJ), or the day of the last line of the trail when the clock was set back."""
    dernieres = u.trail.lister(1)
    return max(_jour(), dernieres[0].horodatage[:10] if dernieres else "")


def exiger_ouvert(u: "Unite", compte_id: int, *, expiration: bool = True) -> None:
    """Refuse an account out of its days, or whose password has expired.

    :raises Refus: with what to do.
    """
    fiche, jour = lire_fiche(u, compte_id), jour_sur(u)
    refus = refus_du_jour(fiche.acces, jour)
    if refus:
        raise Refus(refus, code="COMPTE-HORS-PERIODE")
    vie = lire_politique(u).expiration_jours
    if not (expiration and vie and fiche.change_le):
        return
    age = datetime.fromisoformat(jour) - datetime.fromisoformat(fiche.change_le)
    if age.days >= vie:
        raise Refus("Votre mot de passe a expiré. Changez-le par « pleiade comptes "
                    "mot-de-passe ».", code="MDP-EXPIRE")
