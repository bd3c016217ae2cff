"""Passwords of the accounts: policy, change, temporary ones (IAM.92)."""

from dataclasses import asdict, fields, replace
from datetime import date
from typing import TYPE_CHECKING

from app.domain.mot_de_passe import (
    VIE_PROVISOIRE_JOURS,
    Politique,
    defauts_politique,
    juger,
)
from app.domain.people import Professionnel
from app.domain.roles import Droit, refus_du_jour
from app.store import passwords, vault
from app.usecases import robustesse
from app.usecases.concurrence import Champ, enregistrer_valeur
from app.usecases.errors import Refus
from app.usecases.essais import DejaPris, PrisAilleurs, essai_compte
from app.usecases.fiches_comptes import (
    aujourdhui,
    avec_enveloppe,
    ecrire_fiche,
    fiche_connue,
    jour_sur,
    lire_fiche,
)
from app.usecases.garde import exige, exiger, libre

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte

_CLE_POLITIQUE = "comptes.politique"
_CHAMPS_POLITIQUE = {
    "longueur_min": Champ("Longueur", lambda v: f"{v} caractères"),
    "classes": Champ("Sortes de caractères"),
    "expiration_jours": Champ("Expiration", lambda v: f"{v} jours" if v else "aucune"),
    "historique": Champ("Anciens mots de passe refusés"),
    "robustesse": Champ("Robustesse"),
}


def lire_politique(u: "Unite") -> Politique:
    """The password policy of the practice."""
    connus = {f.name for f in fields(Politique)}
    return Politique(**{c: v for c, v in u.reglages.lire(_CLE_POLITIQUE, {}).items()
                        if c in connus})


@libre("une règle, que chacun doit connaître pour s’y tenir")
def politique(ctx: "Contexte") -> Politique:
    """The password policy of the practice."""
    with ctx.store.lecture() as u:
        return lire_politique(u)


@exige(Droit.COMPTES)
def enregistrer_politique(ctx: "Contexte", politique: Politique,
                          base: Politique | None = None) -> Politique:
    """Set the policy; it holds for the next passwords.

    :param base: the policy as the user read it.
    :raises Refus: out of bounds. :raises ConflitSaisie: a colleague changed the same rules.
    """
    fautes = defauts_politique(politique)
    if fautes:
        raise Refus(f"Politique refusée : {' ; '.join(fautes)}.")

    def ecrire(u: "Unite", voulue: Politique) -> None:
        u.reglages.ecrire(_CLE_POLITIQUE, asdict(voulue))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.politique", resultat="ok", detail=", ".join(
            f"{c}={v}" for c, v in asdict(voulue).items()))

    return enregistrer_valeur(ctx, "les règles des mots de passe", _CHAMPS_POLITIQUE, politique,
                              base, lire=lire_politique, ecrire=ecrire, acte="compte.politique")


def mot_provisoire(u: "Unite", qui: Professionnel | None) -> str:
    """A temporary password that the policy of the practice accepts for this person."""
    noms = () if qui is None else (qui.nom, qui.prenom)
    return robustesse.provisoire(noms, lire_politique(u).longueur_min)


def fautes_de(mot_de_passe: str, politique: Politique, noms: tuple[str, ...] = ()) -> list[str]:
    """Faults of a password, in French, its guessability included; empty = good."""
    fautes = juger(mot_de_passe, politique, noms)
    if not fautes and robustesse.estimer(mot_de_passe, noms) < politique.robustesse:
        fautes.append("des mots moins prévisibles (par exemple quatre mots sans rapport)")
    return fautes


def exiger_bon(mot_de_passe: str, politique: Politique, qui: Professionnel) -> None:
    """Refuse a password that the policy doesn't accept. :raises Refus: with what is missing."""
    fautes = fautes_de(mot_de_passe, politique, (qui.nom, qui.prenom))
    if fautes:
        raise Refus(f"Mot de passe trop simple. Il manque : {', '.join(fautes)}.",
                    code="MDP-SIMPLE")


@libre("étape d’un changement")
def exiger_seul(ctx: "Contexte", mot_de_passe: str) -> None:
    """The lock screen knows the account by its password: two accounts can't share one.

    :raises PrisAilleurs: another account has it; counted as a wrong password is (`essai_compte`),
        for it tells a guesser as much as the door does.
    """
    if _ouvre(ctx, mot_de_passe, None):
        raise PrisAilleurs()


@libre("le sien ; celui d’un autre exige COMPTES")
def changer_mot_de_passe(ctx: "Contexte", nouveau: str, *, ancien: str = "",
                         compte_id: int | None = None, secours: bool = False) -> None:
    """Change one's own password, or give another account a new one.

    :param ancien: needed for one's own. :param compte_id: another account: an administrator only,
        and its user must choose another at first use.
    :param secours: the file was opened by the recovery key: no former password is asked.
    :raises Refus, MotDePasseRefuse: nothing changed; the attempt is traced.
    """
    cible = ctx.compte_id if compte_id is None else compte_id
    if cible != ctx.compte_id and not secours:
        exiger(ctx, Droit.COMPTES)
    with ctx.store.lecture() as u:
        fiche = avec_enveloppe(ctx, fiche_connue(u, cible))
        regle = lire_politique(u)
        professionnel = dict(u.comptes.professionnels())[cible]
    try:
        with essai_compte(ctx.store.emplacement):
            if cible == ctx.compte_id and not secours:
                vault.identifier(ctx.store.emplacement, ancien, fiche.coffre)
            exiger_bon(nouveau, regle, professionnel)
            if passwords.deja_employe(nouveau, list(fiche.marques)) or nouveau == ancien \
                    or _ouvre(ctx, nouveau, fiche.coffre):
                raise DejaPris()
            exiger_seul(ctx, nouveau)
    except (Refus, vault.MotDePasseRefuse) as erreur:
        _tracer(ctx, cible, "echec", getattr(erreur, "code", "") or "ancien mot de passe incorrect")
        raise
    marques = ((passwords.marquer(ancien),) if ancien and not fiche.marques else ())
    marques = (*fiche.marques, *marques, passwords.marquer(nouveau))[-regle.historique:]
    with ctx.store.ecriture() as u:
        ecrire_fiche(u, cible, replace(
            fiche, change_le=aujourdhui(), marques=marques,
            a_changer=cible != ctx.compte_id and not secours))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.mot_de_passe", sur_qui=f"compte {cible}",
                       resultat="ok", detail="clé de secours" if secours else "")
        ctx.store.poser_mot_de_passe(fiche.coffre, nouveau)


@exige(Droit.COMPTES)
def reinitialiser_mot_de_passe(ctx: "Contexte", compte_id: int) -> str:
    """Give a colleague who forgot hers a temporary password, to say once; she changes it.

    :raises Refus: no right, unknown account, or one's own.
    """
    if compte_id == ctx.compte_id:
        raise Refus("Changez votre propre mot de passe par « Changer mon mot de passe ».")
    with ctx.store.lecture() as u:
        mot = mot_provisoire(u, dict(u.comptes.professionnels()).get(compte_id))
    changer_mot_de_passe(ctx, mot, compte_id=compte_id)
    return mot


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


def exiger_ouvert(u: "Unite", compte_id: int, *, expiration: bool = True) -> None:
    """Refuse an account out of its days, or whose password has expired or is a temporary one.

    :param expiration: False lets these two in, in order to change it.
    :raises Refus: with what to do; the codes MDP-EXPIRE and MDP-A-CHANGER ask for a new one.
    """
    fiche, jour = lire_fiche(u, compte_id), jour_sur(u)
    refus = refus_du_jour(fiche.acces, jour)
    if refus:
        raise Refus(refus, code="COMPTE-HORS-PERIODE")
    if not expiration:
        return
    exiger_provisoire_vivant(u, compte_id)
    if fiche.a_changer:
        raise Refus("Ce mot de passe est provisoire : choisissez le vôtre.",
                    code="MDP-A-CHANGER")
    vie = lire_politique(u).expiration_jours
    if vie and fiche.change_le and _age(fiche.change_le, jour) >= vie:
        raise Refus("Votre mot de passe a expiré : choisissez-en un nouveau.",
                    code="MDP-EXPIRE")


def exiger_provisoire_vivant(u: "Unite", compte_id: int) -> None:
    """Refuse a temporary password said long ago. :raises Refus: code MDP-PROVISOIRE-ECHU."""
    fiche = lire_fiche(u, compte_id)
    debut = max(fiche.change_le, fiche.du)
    if fiche.a_changer and _age(debut, jour_sur(u)) > VIE_PROVISOIRE_JOURS:
        raise Refus("Ce mot de passe provisoire a expiré. Demandez-en un autre à un administrateur "
                    "du cabinet.", code="MDP-PROVISOIRE-ECHU")


def _age(du: str, jour: str) -> int:
    """Days between two days (AAAA-MM-JJ); 0 when the first isn't known."""
    return (date.fromisoformat(jour) - date.fromisoformat(du)).days if du else 0
