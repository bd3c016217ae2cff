"""What the encrypted file keeps of an account beside its name: envelope, roles, days, passwords.

Read and written by every gesture on accounts, inside its own transaction.
"""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from app.domain.people import Professionnel
from app.domain.roles import ADMINISTRATEUR, Acces
from app.store import vault
from app.usecases.errors import Refus
from app.usecases.garde import libre, oublier

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte


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
    a_changer: bool = False
    """True while the password is a temporary one: its user chooses another at first use."""

    @property
    def acces(self) -> Acces:
        """Roles and days."""
        return Acces(self.roles, self.du, self.au)


def _cle(compte_id: int) -> str:
    return f"compte.{compte_id}"


def lire_fiche(u: "Unite", compte_id: int) -> FicheCompte:
    """What is kept of an account. A practice older than the accounts has one administrator."""
    comptes = u.comptes.professionnels()
    if not u.reglages.lire(_cle(compte_id), {}):
        identifiant = dict(comptes)[compte_id].identifiant
        premier = bool(comptes) and comptes[0][0] == compte_id
        return FicheCompte(identifiant, ROLES_PREMIER if premier else ("titulaire",))
    return fiche_gardee(u, compte_id)


def fiche_gardee(u: "Unite", compte_id: int) -> FicheCompte:
    """What is kept of an account, retired ones too; empty when nothing is."""
    brut: dict[str, Any] = u.reglages.lire(_cle(compte_id), {}) or {"coffre": "", "roles": ()}
    connus = {f.name for f in fields(FicheCompte)}
    valeurs: dict[str, Any] = {c: tuple(v) if isinstance(v, list) else v
                               for c, v in brut.items() if c in connus}
    return FicheCompte(**valeurs)


def ecrire_fiche(u: "Unite", compte_id: int, fiche: FicheCompte) -> None:
    """Keep what is known of an account."""
    u.reglages.ecrire(_cle(compte_id), asdict(fiche))
    oublier()


@libre("fait partie d’un geste gardé, dans sa transaction")
def exiger_identifiant_libre(u: "Unite", identifiant: str, sauf: int = 0) -> None:
    """Refuse an identifier that another active account has. :raises Refus: it has one."""
    if any(p.identifiant == identifiant for i, p in u.comptes.professionnels() if i != sauf):
        raise Refus("Un compte porte déjà cet identifiant.")


@libre("un nom d’enveloppe")
def avec_enveloppe(ctx: "Contexte", fiche: FicheCompte) -> FicheCompte:
    """The card with the true name of its envelope (the identifier may have been corrected)."""
    presentes = vault.comptes(ctx.store.emplacement)
    # A name with « # » was given by `ajouter_compte`: its account may have no password at all.
    if fiche.coffre not in presentes and len(presentes) == 1 and "#" not in fiche.coffre:
        return replace(fiche, coffre=presentes[0])
    return fiche


def fiche_connue(u: "Unite", compte_id: int) -> FicheCompte:
    """What is kept of an active account. :raises Refus: no such account."""
    if compte_id not in dict(u.comptes.professionnels()):
        raise Refus("Ce compte n’existe pas.")
    return lire_fiche(u, compte_id)


def aujourdhui() -> str:
    """Today on this workstation, AAAA-MM-JJ."""
    return date.today().isoformat()


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
    """Today (AAAA-MM-JJ) for what is dated: nobody moves it by the clock of a workstation."""
    return u.trail.jour(aujourdhui())
