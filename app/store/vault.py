"""The vault: who may have the key of the patient file (design §5, key).

The file is encrypted by a random key of 256 bits that never changes hands: each account has its
own envelope (see `envelopes`), opened by its password (Argon2id); a printed recovery key opens one
more, and where the user asks the system's key store another. The envelopes are a small JSON beside
the file, in two copies, signed by who had the key. Stealing both yields nothing without a password;
losing a password loses nothing.

Changing the key of the file (`annoncer`, `trancher`) goes through a vault that holds both keys: at
no instant does a file exist that its vault can't open.
"""

import contextlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.store import envelopes, recovery
from app.store.connections import ouvre
from app.store.envelopes import MOT_DE_PASSE, SECOURS, TROUSSEAU, Enveloppe
from app.store.envelopes import PSC as PSC
from app.store.envelopes import TAILLE_CLE as TAILLE_CLE
from app.store.errors import ErreurStore
from app.store.files import ecrire_durablement
from app.store.places import chemin_coffre as chemin_coffre
from app.store.places import est_url
from app.store.recovery import CleSecoursMalSaisie as CleSecoursMalSaisie
from app.store.vault_file import (
    FORMAT,
    MODIFIE,
    Coffre,
    coffre_de,
    ecrire,
    en_octets,
    lire,
    modifier,
    munir,
    publique,
    sceau_bon,
    sceller_signataire,
    signataire_de,
    signer,
)
from app.store.vault_file import CoffreAbime as CoffreAbime
from app.store.vault_file import MotDePasseRefuse as MotDePasseRefuse
from app.store.vault_file import copie as copie
from app.store.vault_file import empreinte as empreinte

#: Argon2id, above the OWASP minimum (19 MiB, 2 passes, 1 lane): 46 MiB, 2 passes, 1 lane.
MEMOIRE_KIO, PASSES, VOIES = 47104, 2, 1
class EnveloppesAnciennes(ErreurStore):
    """The key can't be changed yet: `comptes` have envelopes that need their owner's password."""

    def __init__(self, comptes: tuple[str, ...], secours: bool) -> None:
        quoi = []
        if comptes:
            quoi.append(f"chaque compte doit d’abord ouvrir Pléiade une fois ({len(comptes)} ne "
                        "l’a pas encore fait)")
        if secours:
            quoi.append("la clé de secours doit d’abord être renouvelée")
        super().__init__(f"La clé du dossier ne peut pas encore être changée : "
                         f"{' ; '.join(quoi)}.")
        self.comptes = comptes


@dataclass(frozen=True, slots=True)
class CoffreCree:
    """A new vault. Neither value is ever written, logged or shown by `repr`."""

    cle: bytes = field(repr=False)
    cle_secours: str = field(repr=False)


def creer_coffre(chemin: Path | str, mot_de_passe: str, compte: str) -> CoffreCree:
    """Make the key of a new file and seal it for its first account.

    :param chemin: the patient file, its URL, or the vault itself (see `chemin_coffre`).
    :raises CoffreAbime: a vault exists there; it is never overwritten.
    """
    fichier = chemin_coffre(chemin)
    if fichier.exists() or copie(fichier).exists():
        raise CoffreAbime("Un coffre existe déjà à cet endroit. Rien n’a été modifié.")
    cle = secrets.token_bytes(TAILLE_CLE)
    secours = recovery.nouvelle()
    coffre: Coffre = {"format": FORMAT, "marque": empreinte(cle)}
    munir(coffre, cle)
    coffre["enveloppes"] = [_sceller_mot_de_passe(coffre, cle, mot_de_passe, compte),
                            _sceller_secours(coffre, cle, secours)]
    fichier.parent.mkdir(parents=True, exist_ok=True)
    ecrire(fichier, coffre, cle)
    return CoffreCree(cle, recovery.ecrire(secours))


# --- opening -----------------------------------------------------------------------------------

def ouvrir_coffre(chemin: Path | str, mot_de_passe: str, compte: str | None = None) -> bytes:
    """Key of the file, by a password. Without `compte`, each account is tried.

    :raises MotDePasseRefuse: no envelope opens. :raises CoffreAbime: the vault can't be read.
    """
    return identifier(chemin, mot_de_passe, compte)[0]


def identifier(chemin: Path | str, mot_de_passe: str, compte: str | None = None, *,
               d_abord: str = "") -> tuple[bytes, str]:
    """Key of the file and the account whose envelope the password opened.

    :param d_abord: account to try first: each envelope costs one Argon2id.
    :raises MotDePasseRefuse, CoffreAbime: as `ouvrir_coffre`.
    """
    ouverte = _ouvrir(chemin, MOT_DE_PASSE,
                      lambda e: envelopes.derivee_mot_de_passe(mot_de_passe, e),
                      lambda e: compte is None or e.get("compte") == compte, d_abord)
    if ouverte is None:
        raise MotDePasseRefuse()
    return ouverte


def ouvrir_par_secours(chemin: Path | str, cle_secours: str) -> bytes:
    """Key of the file, by the printed recovery key.

    :raises CleSecoursMalSaisie: a typing fault, with its group.
    :raises MotDePasseRefuse: a well-formed key of another file, or replaced since.
    """
    derivee = envelopes.derivee_secours(recovery.lire(cle_secours))
    ouverte = _ouvrir(chemin, SECOURS, lambda _: derivee)
    if ouverte is None:
        raise MotDePasseRefuse("Cette clé de secours n’est pas celle de ce dossier.")
    return ouverte[0]


def ouvrir_par(chemin: Path | str, genre: str, derivee: bytes,
               choisie: Callable[[Enveloppe], bool] = lambda _: True) -> tuple[bytes, str] | None:
    """Key of the file and its account, by another means (key store, Pro Santé Connect).

    :param derivee: as given to `remplacer`. :param choisie: which envelopes of that kind to try.
    :return: None when it opens none. :raises CoffreAbime: the vault can't be read.
    """
    return _ouvrir(chemin, genre, lambda _: derivee, choisie)


def _ouvrir(chemin: Path | str, genre: str, deriver: Callable[[Enveloppe], bytes],
            choisie: Callable[[Enveloppe], bool] = lambda _: True,
            d_abord: str = "") -> tuple[bytes, str] | None:
    coffre = lire(chemin_coffre(chemin))
    suivant = coffre.get("suivant")
    rangs = sorted(enumerate(coffre["enveloppes"]),
                   key=lambda paire: not d_abord or paire[1].get("compte") != d_abord)
    for rang, enveloppe in rangs:
        if enveloppe.get("type") != genre or not choisie(enveloppe):
            continue
        try:
            ouverte = envelopes.ouvrir(enveloppe, deriver(enveloppe))
            if ouverte is None:
                continue
            cle = _cle_prouvee(coffre, rang, ouverte)
            if suivant is not None:
                # Same owner, same pair of keys: only the sealed key differs.
                cle = trancher(chemin, cle, _cle_prouvee(suivant, rang, ouverte))
        except (envelopes.EnveloppeAbimee, KeyError, IndexError, TypeError) as erreur:
            raise CoffreAbime() from erreur
        return cle, str(enveloppe.get("compte", ""))
    return None


def _cle_prouvee(coffre: Coffre, rang: int, ouverte: envelopes.Ouverte) -> bytes:
    """Key of the file, once the vault proved to be written by who had it."""
    if ouverte.signataire and not sceau_bon(coffre, ouverte.signataire):
        raise CoffreAbime(MODIFIE)
    return ouverte.cle_de(coffre["enveloppes"][rang])


# --- envelopes: add, replace, withdraw ---------------------------------------------------------

def changer_mot_de_passe(chemin: Path | str, ancien: str, nouveau: str,
                         compte: str | None = None) -> None:
    """Seal the key again under a new password; the key and the file don't change.

    :raises MotDePasseRefuse: `ancien` is wrong.
    """
    cle, trouve = identifier(chemin, ancien, compte)
    poser_mot_de_passe(chemin, cle, trouve, nouveau)


def poser_mot_de_passe(chemin: Path | str, cle: bytes, compte: str, mot_de_passe: str) -> None:
    """Give an account its envelope, or replace it (new colleague, forgotten password).

    What the system's key stores kept for the account opens nothing any more.
    """
    with modifier(chemin, cle) as coffre:
        reste = [e for e in coffre["enveloppes"] if e.get("compte") != compte
                 or e.get("type") not in (MOT_DE_PASSE, TROUSSEAU)]
        coffre["enveloppes"] = [*reste, _sceller_mot_de_passe(coffre, cle, mot_de_passe, compte)]


def moderniser(chemin: Path | str, cle: bytes, compte: str, mot_de_passe: str) -> bool:
    """Give an envelope of the first form its pair of keys; True when it was done."""
    if not any(envelopes.est_ancienne(e) and e.get("type") == MOT_DE_PASSE
               and e.get("compte") == compte for e in lire(chemin_coffre(chemin))["enveloppes"]):
        return False
    poser_mot_de_passe(chemin, cle, compte, mot_de_passe)
    return True


def retirer_compte(chemin: Path | str, cle: bytes, compte: str) -> None:
    """Take an account's envelopes away; the last account stays.

    :raises MotDePasseRefuse: it is the last account.
    """
    with modifier(chemin, cle) as coffre:
        reste = [e for e in coffre["enveloppes"] if e.get("compte") != compte]
        if not any(e.get("type") == MOT_DE_PASSE for e in reste):
            raise MotDePasseRefuse("Le dernier compte ne peut pas être retiré.")
        coffre["enveloppes"] = reste


def poser_secours(chemin: Path | str, cle: bytes, cle_secours: str) -> None:
    """Replace the recovery key by one that was already shown to the user."""
    secret = recovery.lire(cle_secours)
    with modifier(chemin, cle) as coffre:
        reste = [e for e in coffre["enveloppes"] if e.get("type") != SECOURS]
        coffre["enveloppes"] = [*reste, _sceller_secours(coffre, cle, secret)]


def remplacer(chemin: Path | str, cle: bytes, champs: Enveloppe, derivee: bytes) -> None:
    """Give an account an envelope of another kind, in place of its former one of that kind.

    :param champs: `type`, `compte` and whatever helps to open it; bound by the seal, in clear.
    :param derivee: 32 bytes that only the means can make again.
    """
    with modifier(chemin, cle) as coffre:
        reste = [e for e in coffre["enveloppes"] if not _meme(e, champs)]
        coffre["enveloppes"] = [*reste, envelopes.sceller(cle, champs, derivee,
                                                          publique(coffre, cle))]


def retirer(chemin: Path | str, cle: bytes, champs: Enveloppe) -> None:
    """Withdraw the envelopes that have these fields."""
    with modifier(chemin, cle) as coffre:
        coffre["enveloppes"] = [e for e in coffre["enveloppes"] if not _meme(e, champs)]


def _meme(enveloppe: Enveloppe, champs: Enveloppe) -> bool:
    """True for the envelope of that kind of the account; a workstation has its own key store."""
    return all(enveloppe.get(c) == champs[c] for c in ("type", "compte", "entree") if c in champs)


# --- changing the key of the file --------------------------------------------------------------

def annoncer(chemin: Path | str, ancienne: bytes, nouvelle: bytes) -> None:
    """Write a vault that opens the file under either key, before the file changes.

    :raises EnveloppesAnciennes: some envelopes can't follow without their owner's password.
    """
    fichier = chemin_coffre(chemin)
    coffre = coffre_de(fichier, ancienne)
    vieilles = [e for e in coffre["enveloppes"] if envelopes.est_ancienne(e)]
    if vieilles:
        raise EnveloppesAnciennes(
            tuple(str(e.get("compte", "")) for e in vieilles if e.get("type") != SECOURS),
            any(e.get("type") == SECOURS for e in vieilles))
    coffre.pop("suivant", None)
    suivant = coffre | {
        "enveloppes": [envelopes.resceller(nouvelle, e) for e in coffre["enveloppes"]],
        "signataire": sceller_signataire(signataire_de(coffre, ancienne), nouvelle)}
    ecrire(fichier, coffre | {"suivant": signer(suivant, nouvelle)}, ancienne)


def trancher(chemin: Path | str, ancienne: bytes, nouvelle: bytes) -> bytes:
    """The one of both keys that opens the file; the vault then keeps that one alone.

    Called after the change, and by the first opening when the program was killed during it. The
    former key is tried first: what a killed change left in the journal is rolled back under it.

    :raises FichierOccupe: another program is changing the key right now.
    """
    fichier = chemin_coffre(chemin)
    coffre = lire(fichier)
    if est_url(chemin):
        gagne = nouvelle
    else:
        gagne = next((cle for cle in (ancienne, nouvelle) if ouvre(Path(chemin), cle)), ancienne)
    suivant = coffre.pop("suivant", None)
    if suivant is not None:
        with contextlib.suppress(OSError):  # a disk in read-only: the next opening does it again
            ecrire(fichier, suivant if gagne == nouvelle else coffre, gagne)
    return gagne


# --- looking -----------------------------------------------------------------------------------

def comptes(chemin: Path | str) -> list[str]:
    """Accounts that have a password."""
    return [str(e.get("compte", "")) for e in lire(chemin_coffre(chemin))["enveloppes"]
            if e.get("type") == MOT_DE_PASSE]


def enveloppes(chemin: Path | str, genre: str) -> list[Enveloppe]:
    """Envelopes of one kind, as they are written. :raises CoffreAbime: the vault can't be read."""
    return [e for e in lire(chemin_coffre(chemin))["enveloppes"] if e.get("type") == genre]


def marque(chemin: Path | str) -> str:
    """The public mark of the vault: the same for a practice and its backups, whatever the key.

    :raises CoffreAbime: the vault can't be read.
    """
    coffre = lire(chemin_coffre(chemin))
    return str(coffre.get("marque") or coffre["empreinte"])


def cle_attendue(chemin: Path | str, cle: bytes) -> bool | None:
    """True when `cle` is the one of the vault beside the file; None when there is no vault."""
    try:
        return hmac.compare_digest(str(lire(chemin_coffre(chemin))["empreinte"]), empreinte(cle))
    except CoffreAbime:
        return None


def intact(chemin: Path | str, cle: bytes) -> bool:
    """True when nobody touched the vault without the key of the file."""
    try:
        coffre_de(chemin_coffre(chemin), cle)
    except ErreurStore:
        return False
    return True


def copier_coffre(chemin: Path | str, vers: Path) -> bool:
    """Copy the vault beside a backup: a backup without it could not be opened."""
    try:
        coffre = lire(chemin_coffre(chemin))
    except CoffreAbime:
        return False
    ecrire_durablement(vers, en_octets(coffre))
    return True


# --- sealing -----------------------------------------------------------------------------------

def _sceller_mot_de_passe(coffre: Coffre, cle: bytes, mot_de_passe: str,
                          compte: str) -> Enveloppe:
    champs: Enveloppe = {
        "type": MOT_DE_PASSE, "compte": compte, "memoire_kio": MEMOIRE_KIO, "passes": PASSES,
        "voies": VOIES, "sel": envelopes.texte(secrets.token_bytes(16))}
    return envelopes.sceller(cle, champs, envelopes.derivee_mot_de_passe(mot_de_passe, champs),
                             publique(coffre, cle))


def _sceller_secours(coffre: Coffre, cle: bytes, secret: bytes) -> Enveloppe:
    return envelopes.sceller(cle, {"type": SECOURS}, envelopes.derivee_secours(secret),
                             publique(coffre, cle))
