"""Accounts of the practice: who has one, their roles, their life cycle (IAM.91, IAM.92, IE.33).

Each account has its envelope in the vault; what the program knows of it beside its name is its
`FicheCompte`.
"""

import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.domain.dates import formater
from app.domain.libelles import PROFESSIONS
from app.domain.names import defauts_personne
from app.domain.people import Professionnel
from app.domain.roles import Acces, Droit, defauts_acces
from app.store import essais, passwords, vault, vault_psc
from app.usecases import second_facteur
from app.usecases.concurrence import (
    Champ,
    Edition,
    Lu,
    dernier_auteur,
    ecrire_ensemble,
    enregistrer_valeur,
)
from app.usecases.errors import Refus
from app.usecases.essais import essai_compte, heure_echec
from app.usecases.fiches_comptes import (
    FicheCompte,
    aujourdhui,
    avec_enveloppe,
    ecrire_fiche,
    exiger_identifiant_libre,
    fiche_connue,
    fiche_gardee,
    lire_fiche,
)
from app.usecases.garde import exige, oublier
from app.usecases.mots_de_passe import exiger_bon, exiger_seul, lire_politique, mot_provisoire

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte


@dataclass(frozen=True, slots=True)
class Compte:
    """An account as lists show it."""
    id: int
    professionnel: Professionnel
    acces: Acces
    change_le: str
    avec_mot_de_passe: bool
    a_changer: bool = False
    second_facteur: bool = False
    sujet_psc: str = ""
    """Identity of Pro Santé Connect tied to the account (SubjectNameID), empty when none."""
    actif: bool = True


@dataclass(frozen=True, slots=True)
class Invitation:
    """An account and the temporary password to say to its user, once; kept nowhere."""
    compte: Compte
    mot_de_passe: str = field(repr=False)


# --- list, add, retire -------------------------------------------------------------------------

@exige(Droit.COMPTES)
def lister_comptes(ctx: "Contexte", *, retires: bool = False) -> list[Compte]:
    """Accounts, oldest first, and how each is protected: for who keeps them alone.

    :param retires: those that were retired, instead.
    """
    return _lister(ctx, retires=retires)


def _lister(ctx: "Contexte", *, retires: bool = False) -> list[Compte]:
    enveloppes = set(vault.comptes(ctx.store.emplacement))
    with ctx.store.lecture() as u:
        lus = u.comptes.retires() if retires else u.comptes.professionnels()
        return [_compte(u, i, qui, enveloppes, actif=not retires) for i, qui in lus]


def _compte(u: "Unite", compte_id: int, qui: Professionnel, enveloppes: set[str], *,
            actif: bool = True) -> Compte:
    fiche = lire_fiche(u, compte_id) if actif else fiche_gardee(u, compte_id)
    return Compte(compte_id, qui, fiche.acces, fiche.change_le, fiche.coffre in enveloppes,
                  fiche.a_changer, second_facteur.actif(u, compte_id),
                  u.comptes.subject_name_id(compte_id), actif)


@exige(Droit.COMPTES)
def ajouter_compte(ctx: "Contexte", professionnel: Professionnel, acces: Acces,
                   mot_de_passe: str, *, provisoire: bool = False) -> Compte:
    """Create an account with its password.

    A person without a national identifier (secretary) gets a private one, unique in the practice.

    :param provisoire: its user must choose another password at first use.
    :raises Refus: no right, bad roles or dates, weak password, identifier already there.
    """
    fautes = _defauts(ctx, acces)
    if not (professionnel.nom.strip() and professionnel.prenom.strip()):
        fautes.append("le nom et le prénom sont nécessaires")
    fautes += _defauts_identite(professionnel)
    if fautes:
        raise Refus(f"Compte refusé : {' ; '.join(fautes)}.")
    if not professionnel.identifiant:
        professionnel = replace(professionnel, identifiant=f"interne-{secrets.token_hex(6)}")
    with ctx.store.lecture() as u:
        if any(p.identifiant == professionnel.identifiant for _, p in u.comptes.professionnels()):
            raise Refus("Un compte porte déjà cet identifiant.")
        politique = lire_politique(u)
    exiger_bon(mot_de_passe, politique, professionnel)
    with essai_compte(ctx.store.emplacement):
        exiger_seul(ctx, mot_de_passe)
    coffre = f"{professionnel.identifiant}#{secrets.token_hex(4)}"
    with ctx.store.ecriture() as u:
        for autre_id, _ in u.comptes.professionnels():
            # From the second account on, envelopes are found by what is written, not by order.
            ecrire_fiche(u, autre_id, avec_enveloppe(ctx, lire_fiche(u, autre_id)))
        compte_id = u.comptes.ajouter_professionnel(professionnel)
        fiche = FicheCompte(coffre, acces.roles, acces.du, acces.au, aujourdhui(),
                            (passwords.marquer(mot_de_passe),), provisoire)
        ecrire_fiche(u, compte_id, fiche)
        u.trail.ecrire(qui=ctx.qui, quoi="compte.creation", sur_qui=f"compte {compte_id}",
                       resultat="ok", detail=_decrire(acces))
        # Last: a vault that can't be written takes the account back.
        ctx.store.poser_mot_de_passe(coffre, mot_de_passe)
    return Compte(compte_id, professionnel, acces, fiche.change_le, True, provisoire)


def _defauts_identite(qui: Professionnel) -> list[str]:
    fautes = list(dict.fromkeys([*defauts_personne(qui.nom), *defauts_personne(qui.prenom)]))
    if len(qui.identifiant) > 64 or not (qui.identifiant.isascii()
                                         and (qui.identifiant or "x").isprintable()):
        fautes.append("l’identifiant a 64 lettres, chiffres ou signes au plus")
    return fautes


@exige(Droit.COMPTES)
def inviter(ctx: "Contexte", professionnel: Professionnel, acces: Acces) -> Invitation:
    """Create an account with a temporary password, to say once to its user.

    :raises Refus: as `ajouter_compte`.
    """
    with ctx.store.lecture() as u:
        mot = mot_provisoire(u, professionnel)
    return Invitation(ajouter_compte(ctx, professionnel, acces, mot, provisoire=True), mot)


@exige(Droit.COMPTES)
def modifier_identite(ctx: "Contexte", compte_id: int, professionnel: Professionnel,
                      base: Professionnel | None = None) -> Compte:
    """Correct the identity attributes of an account (IE.33); the change is traced (IAM.91).

    :param base: the identity as the user read it: what a colleague corrected meanwhile is merged
        where it agrees.
    :raises Refus: no right, a name is missing, or another account has this identifier.
    :raises ConflitSaisie: with `base`, the same was corrected elsewhere.
    """
    qui = f"compte {compte_id}"

    def ecrire(u: "Unite", voulu: Professionnel) -> None:
        _ecrire_identite(ctx, u, compte_id, voulu)

    if not (professionnel.nom.strip() and professionnel.prenom.strip()
            and professionnel.identifiant.strip()):
        raise Refus("Le nom, le prénom et l’identifiant sont nécessaires. Rien n’a été modifié.")
    if fautes := _defauts_identite(professionnel):
        raise Refus(f"Identité refusée\u00a0: {fautes[0]}. Rien n’a été modifié.")

    def ensuite(ecrit: Professionnel) -> None:
        if compte_id == ctx.compte_id:
            ctx.professionnel = ecrit

    enregistrer_valeur(
        ctx, f"l’identité de {(base or professionnel).prenom} {(base or professionnel).nom}",
        _champs_identite(), professionnel, base, lire=lambda u: _identite(u, compte_id),
        ecrire=ecrire, acte="compte.identite", sur_qui=qui, ensuite=ensuite)
    return _relu(ctx, compte_id)


def _champs_identite() -> dict[str, Champ]:
    return {"nom": Champ("Nom"), "prenom": Champ("Prénom"), "identifiant": Champ("Identifiant"),
            "profession": Champ("Profession", lambda code: PROFESSIONS.get(code, code or "aucune")),
            "savoir_faire": Champ("Savoir-faire"), "civilite": Champ("Civilité")}


def _identite(u: "Unite", compte_id: int) -> Professionnel:
    fiche_connue(u, compte_id)
    return dict(u.comptes.professionnels())[compte_id]


def _ecrire_identite(ctx: "Contexte", u: "Unite", compte_id: int,
                     voulu: Professionnel) -> None:
    fiche = avec_enveloppe(ctx, fiche_connue(u, compte_id))
    connus = dict(u.comptes.professionnels())
    exiger_identifiant_libre(u, voulu.identifiant, sauf=compte_id)
    # The envelope keeps its name whatever the identifier becomes.
    ecrire_fiche(u, compte_id, fiche)
    u.comptes.enregistrer_professionnel(compte_id, voulu)
    avant, apres = asdict(connus[compte_id]), asdict(voulu)
    u.trail.ecrire(qui=ctx.qui, quoi="compte.identite", sur_qui=f"compte {compte_id}",
                   resultat="ok", detail=", ".join(c for c in apres if avant[c] != apres[c]))


@exige(Droit.COMPTES)
def reactiver_compte(ctx: "Contexte", compte_id: int, acces: Acces) -> Invitation:
    """Open a retired account again, with new roles and a temporary password.

    :raises Refus: no right, bad roles, or the account isn't a retired one.
    """
    fautes = _defauts(ctx, acces)
    if fautes:
        raise Refus(f"Rôles refusés : {' ; '.join(fautes)}.")
    with ctx.store.ecriture() as u:
        retires = dict(u.comptes.retires())
        mot = mot_provisoire(u, retires.get(compte_id))
        if compte_id not in retires:
            raise Refus("Ce compte n’est pas un compte retiré.")
        if any(p.identifiant == retires[compte_id].identifiant
               for _, p in u.comptes.professionnels()):
            raise Refus("Un compte actif porte déjà cet identifiant.")
        coffre = f"{retires[compte_id].identifiant}#{secrets.token_hex(4)}"
        u.comptes.reactiver(compte_id)
        ecrire_fiche(u, compte_id, FicheCompte(
            coffre, acces.roles, acces.du, acces.au, aujourdhui(),
            (passwords.marquer(mot),), True))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.reactivation", sur_qui=f"compte {compte_id}",
                       resultat="ok", detail=_decrire(acces))
        ctx.store.poser_mot_de_passe(coffre, mot)
    return Invitation(next(c for c in _lister(ctx) if c.id == compte_id), mot)


@dataclass(frozen=True, slots=True)
class Blocage:
    """Wrong passwords in a row on this vault, and seconds to wait."""
    rates: int
    attente_s: int


@exige(Droit.COMPTES)
def etat_blocage(ctx: "Contexte") -> Blocage:
    """Is the lock screen of this practice waiting after failures?"""
    return Blocage(essais.lire(ctx.store.emplacement).rates,
                   essais.reste_s(ctx.store.emplacement))


@exige(Droit.COMPTES)
def lever_blocage(ctx: "Contexte") -> None:
    """End the wait after failures (IAM.92); the failures go to the trail."""
    connus = essais.lire(ctx.store.emplacement)
    with ctx.store.ecriture() as u:
        for quand in connus.dates:
            u.trail.ecrire(qui="?", quoi="compte.connexion", resultat="echec",
                           detail=f"mot de passe incorrect, {heure_echec(quand)}")
        u.trail.ecrire(qui=ctx.qui, quoi="compte.deblocage", resultat="ok",
                       detail=f"{connus.rates} échec(s)")
    essais.effacer(ctx.store.emplacement)


def _defauts(ctx: "Contexte", acces: Acces) -> list[str]:
    with ctx.store.lecture() as u:
        return defauts_acces(acces, u.roles.tous())


@exige(Droit.COMPTES)
def changer_acces(ctx: "Contexte", compte_id: int, acces: Acces,
                  base: Acces | None = None) -> Compte:
    """Give other roles or days.

    :param base: roles and days as the user read them: what another administrator changed
        meanwhile is merged where it agrees.
    :raises Refus: no right, or no administrator would be left.
    :raises ConflitSaisie: with `base`, the same was changed elsewhere.
    """
    fautes = _defauts(ctx, acces)
    if fautes:
        raise Refus(f"Rôles refusés : {' ; '.join(fautes)}.")
    with ctx.store.lecture() as u:
        libelles = {code: role.libelle for code, role in u.roles.tous().items()}
        qui = dict(u.comptes.professionnels()).get(compte_id)
    nom = f"{qui.prenom} {qui.nom}" if qui is not None else "ce compte"

    def lire(u: "Unite") -> Lu:
        lus = fiche_connue(u, compte_id).acces
        return Lu(_valeurs(lus), 0, dernier_auteur(u, "compte.droits", f"compte {compte_id}"))

    def ecrire(u: "Unite", valeurs: Any, _version: int) -> None:
        nouveaux = Acces(tuple(valeurs["roles"]), valeurs["du"], valeurs["au"])
        if fautes := defauts_acces(nouveaux, u.roles.tous()):
            raise Refus(f"Rôles refusés : {' ; '.join(fautes)}.")
        fiche = fiche_connue(u, compte_id)
        if not nouveaux.administre:
            _exiger_autre_administrateur(u, compte_id)
        ecrire_fiche(u, compte_id, replace(
            avec_enveloppe(ctx, fiche), roles=nouveaux.roles, du=nouveaux.du, au=nouveaux.au))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.droits", sur_qui=f"compte {compte_id}",
                       resultat="ok", detail=f"{_decrire(fiche.acces)} → {_decrire(nouveaux)}")

    champs = {"roles": Champ("Rôles", lambda codes: ", ".join(
                  libelles.get(c, c) for c in codes) or "aucun"),
              "du": Champ("Premier jour", _jour_ou_aucun),
              "au": Champ("Dernier jour", _jour_ou_aucun)}
    edition = Edition(f"les rôles de {nom}", champs, lire, ecrire)
    if base is None:
        with ctx.store.ecriture() as u:
            ecrire(u, asdict(acces), 0)
        return _relu(ctx, compte_id)
    ecrire_ensemble(ctx, edition, _valeurs(base), _valeurs(acces))
    return _relu(ctx, compte_id)


def _relu(ctx: "Contexte", compte_id: int) -> Compte:
    return next(c for c in _lister(ctx) if c.id == compte_id)


def _valeurs(acces: Acces) -> dict[str, Any]:
    # Sorted: roles ticked in another order are the same roles.
    return {"roles": tuple(sorted(acces.roles)), "du": acces.du, "au": acces.au}


def _jour_ou_aucun(jour: str) -> str:
    return formater(jour) if jour else "sans date"


@exige(Droit.COMPTES)
def retirer_compte(ctx: "Contexte", compte_id: int) -> None:
    """Retire an account: it opens nothing any more, what it wrote keeps its name.

    :raises Refus: no right, own account, or no administrator would be left.
    """
    with ctx.store.ecriture() as u:
        fiche = avec_enveloppe(ctx, fiche_connue(u, compte_id))
        _exiger_autre_administrateur(u, compte_id)
        if compte_id == ctx.compte_id:
            raise Refus("Vous ne pouvez pas retirer votre propre compte : demandez-le à un autre "
                        "administrateur.")
        u.comptes.desactiver(compte_id)
        oublier()
        u.trail.ecrire(qui=ctx.qui, quoi="compte.retrait", sur_qui=f"compte {compte_id}",
                       resultat="ok")
        if any(a.compte == fiche.coffre for a in vault_psc.lister(ctx.store.emplacement)):
            ctx.store.retirer_psc(fiche.coffre)
        if fiche.coffre in vault.comptes(ctx.store.emplacement):
            ctx.store.retirer_mot_de_passe(fiche.coffre)


def _exiger_autre_administrateur(u: "Unite", compte_id: int) -> None:
    autres = (lire_fiche(u, autre) for autre, _ in u.comptes.professionnels()
              if autre != compte_id)
    if not any(fiche.acces.administre for fiche in autres):
        raise Refus("C’est le dernier administrateur : nommez-en un autre d’abord. Rien n’a été "
                    "modifié.", code="DERNIER-ADMINISTRATEUR")


def _decrire(acces: Acces) -> str:
    jours = (f" du {formater(acces.du) or '…'} au {formater(acces.au) or '…'}"
             if acces.du or acces.au else "")
    return "+".join(acces.roles) + jours
