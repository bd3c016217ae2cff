"""Keys of the practice: the file's own, the recovery key, the workstation's key store (design §5).

Every gesture is traced and leaves no moment at which the practice couldn't be opened.
"""

import contextlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.cles import EtatCles
from app.domain.roles import Droit
from app.store import backup as depot
from app.store import envelopes, places, recovery, trousseau, vault
from app.store.errors import ErreurStore, FichierAbime
from app.usecases import backup
from app.usecases.errors import Refus
from app.usecases.essais import essai_compte
from app.usecases.fiches_comptes import lire_fiche
from app.usecases.garde import droits_de, exige, libre
from app.usecases.second_facteur import actif

if TYPE_CHECKING:
    from app.usecases.context import Contexte

journal = logging.getLogger("pleiade.cles")

_CLE_ETAT = "cles.etat"
_MOTIF = "avant-changement-de-cle"


@dataclass(frozen=True, slots=True)
class CleChangee:
    """What a change of the file's key left: the backup made under the new key, or why not."""

    sauvegarde: Path | None
    echec: str = ""


@libre("dates et nom du trousseau, sans donnée de patient")
def etat_cles(ctx: "Contexte") -> EtatCles:
    """What the screens show of the keys."""
    with ctx.store.lecture() as u:
        dates = u.reglages.lire(_CLE_ETAT, {})
    nom = trousseau.nom()
    return EtatCles(
        cle_le=str(dates.get("cle_le", "")), secours_le=str(dates.get("secours_le", "")),
        trousseau=nom, trousseau_actif=bool(nom and _entree_de_ce_poste(ctx)),
        gestionnaire=Droit.COMPTES in droits_de(ctx),
        serveur=places.est_url(ctx.store.emplacement))


def _noter(ctx: "Contexte", quoi: str, *, date: str = "", resultat: str = "ok",
           detail: str = "") -> None:
    with ctx.store.ecriture() as u:
        if date:
            u.reglages.ecrire(_CLE_ETAT, u.reglages.lire(_CLE_ETAT, {}) | {
                date: datetime.now().astimezone().isoformat(timespec="seconds")})
        u.trail.ecrire(qui=ctx.qui, quoi=quoi, resultat=resultat, detail=detail)


# --- key of the file ---------------------------------------------------------------------------

@exige(Droit.COMPTES)
def changer_cle(ctx: "Contexte") -> CleChangee:
    """Encrypt the practice again under a new key: after a theft, or when somebody has left.

    A verified copy is made first; once the new key holds, a backup takes its place. Passwords,
    recovery key and key stores stay the same. Backups already made keep the former key.

    :raises Refus: no right, or a backup runs. :raises ErreurStore: the former key still holds.
    """
    with backup.seule():
        filet = _filet(ctx)
        try:
            ctx.store.changer_cle()
        except ErreurStore as erreur:
            _noter(ctx, "cle.changement", resultat="echec", detail=type(erreur).__name__)
            if not isinstance(erreur, FichierAbime):
                _effacer(filet)
            raise
    _noter(ctx, "cle.changement", date="cle_le")
    try:
        faite = backup.sauvegarder(ctx)
    except (Refus, ErreurStore) as erreur:
        # The copy under the former key stays: it is the only recent one.
        return CleChangee(None, erreur.message)
    _effacer(filet)
    return CleChangee(faite.chemin)


def _filet(ctx: "Contexte") -> Path | None:
    """A verified copy beside the file; a database on a server isn't encrypted again."""
    if not isinstance(ctx.store.emplacement, Path):
        return None
    copie = depot.nom_automatique(places.dossier_sauvegardes(ctx.store.emplacement), _MOTIF)
    ctx.store.sauvegarder(copie)
    return copie


def _effacer(filet: Path | None) -> None:
    if filet is None:
        return
    for fichier in (filet, places.chemin_coffre(filet)):
        with contextlib.suppress(OSError):
            fichier.unlink(missing_ok=True)


# --- recovery key ------------------------------------------------------------------------------

@exige(Droit.COMPTES)
def preparer_secours(ctx: "Contexte") -> str:
    """A new recovery key to print. It opens nothing yet: the former one holds until
    `poser_secours`. :raises Refus: no right."""
    return recovery.ecrire(recovery.nouvelle())


@exige(Droit.COMPTES)
def poser_secours(ctx: "Contexte", cle_secours: str) -> None:
    """The new recovery key was written down: it replaces the former one.

    :raises Refus: no right. :raises ErreurStore: the former one still holds.
    """
    ctx.store.poser_secours(cle_secours)
    _noter(ctx, "cle.secours", date="secours_le")


# --- key store of the workstation --------------------------------------------------------------

def _entree_de_ce_poste(ctx: "Contexte") -> str:
    """Entry of the user's account that this workstation keeps, "" when it keeps none."""
    with ctx.store.lecture() as u:
        compte = lire_fiche(u, ctx.compte_id).coffre
    for enveloppe in vault.enveloppes(ctx.store.emplacement, envelopes.TROUSSEAU):
        entree = str(enveloppe.get("entree", ""))
        if enveloppe.get("compte") == compte and _lire(entree) is not None:
            return entree
    return ""


def _lire(entree: str) -> bytes | None:
    try:
        return trousseau.lire(entree)
    except trousseau.TrousseauIndisponible:
        return None


@libre("son propre compte, sur ce poste")
def activer_trousseau(ctx: "Contexte", mot_de_passe: str) -> None:
    """Let this workstation's key store open the practice for the user's account.

    :param mot_de_passe: asked again: an open screen must not be enough.
    :raises Refus: it is active already, or the account has a second factor, which it would
        bypass. :raises ErreurStore: wrong password, or no key store.
    """
    with ctx.store.lecture() as u:
        compte = lire_fiche(u, ctx.compte_id).coffre
        if actif(u, ctx.compte_id):
            raise Refus("Votre compte a un second facteur : ce poste ne peut pas ouvrir le dossier "
                        "sans lui. Rien n’a été modifié.")
    presents = vault.comptes(ctx.store.emplacement)
    if compte not in presents and len(presents) == 1:
        compte = presents[0]
    with essai_compte(ctx.store.emplacement):
        vault.identifier(ctx.store.emplacement, mot_de_passe, compte)
    if _entree_de_ce_poste(ctx):
        raise Refus("Ce poste ouvre déjà le dossier pour votre compte.")
    entree = secrets.token_hex(16)
    secret = trousseau.garder(entree)
    ctx.store.poser_enveloppe({"type": envelopes.TROUSSEAU, "compte": compte, "entree": entree},
                              envelopes.derivee_trousseau(secret))
    _noter(ctx, "cle.trousseau", detail="activé")


@libre("son propre compte, sur ce poste")
def desactiver_trousseau(ctx: "Contexte") -> None:
    """This workstation asks for the password again. :raises Refus: it wasn't active."""
    entree = _entree_de_ce_poste(ctx)
    if not entree:
        raise Refus("Ce poste n’ouvre pas le dossier sans mot de passe.")
    ctx.store.retirer_enveloppe({"type": envelopes.TROUSSEAU, "entree": entree})
    with contextlib.suppress(trousseau.TrousseauIndisponible):
        trousseau.oublier(entree)  # what stays there opens nothing any more
    _noter(ctx, "cle.trousseau", detail="retiré")


def _est_entree(entree: str, enveloppe: envelopes.Enveloppe) -> bool:
    return enveloppe.get("entree") == entree


def cle_du_trousseau(emplacement: Path | str) -> tuple[bytes, str] | None:
    """Key of the file and account that this workstation's key store opens, None when none.

    :raises ErreurStore: the vault can't be read.
    """
    for enveloppe in vault.enveloppes(emplacement, envelopes.TROUSSEAU):
        entree = str(enveloppe.get("entree", ""))
        secret = _lire(entree)
        if secret is not None:
            ouverte = vault.ouvrir_par(emplacement, envelopes.TROUSSEAU,
                                       envelopes.derivee_trousseau(secret),
                                       partial(_est_entree, entree))
            if ouverte is not None:
                return ouverte
    return None
