"""First start, unlocking, recovery key."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from app.domain.mot_de_passe import Politique, attente_apres
from app.domain.people import Professionnel, Structure
from app.store import essais, passwords, places, vault
from app.store.engine import Store, ouvrir
from app.store.errors import ErreurStore
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.essais import TropEssais as TropEssais
from app.usecases.essais import duree, essai_compte, heure_echec
from app.usecases.fiches_comptes import (
    ROLES_PREMIER,
    FicheCompte,
    compte_de_enveloppe,
    ecrire_fiche,
    premier_administrateur,
)
from app.usecases.mots_de_passe import (
    changer_mot_de_passe,
    exiger_ouvert,
    exiger_provisoire_vivant,
    fautes_de,
)
from app.usecases.second_facteur import CodeDemande, CodeRefuse, actif, verifier_code
from app.usecases.serveur import actualiser_coffre, apprendre, refuser_si_occupe
from app.usecases.settings import Reglages, charger, construire_services, controler

journal = logging.getLogger("pleiade.acces")


@dataclass(frozen=True, slots=True)
class DemandeCabinet:
    """What the first start asks."""

    structure: Structure
    professionnel: Professionnel
    mot_de_passe: str
    profils: tuple[str, ...] = ("IDE",)
    module_mss: str = "integree"


@dataclass(frozen=True, slots=True)
class CabinetCree:
    """A practice just created. The recovery key is shown once and kept nowhere."""

    contexte: Contexte
    cle_secours: str


def est_url(emplacement: Path | str) -> bool:
    """True when the file is a PostgreSQL database."""
    return isinstance(emplacement, str) and emplacement.startswith("postgresql")


def fichier_existe(emplacement: Path | str) -> bool:
    """True when a practice was created there."""
    return vault.chemin_coffre(emplacement).exists()


def juger_mot_de_passe(texte: str) -> list[str]:
    """Faults of a password under the policy of a new practice, in French; empty = good (IAM.92)."""
    return fautes_de(texte, Politique())


def creer_cabinet(emplacement: Path | str, demande: DemandeCabinet) -> CabinetCree:
    """Create the key, the encrypted file, the practice and its first professional.

    :raises Refus: a practice exists there, or the password is weak.
    """
    if fichier_existe(emplacement):
        raise Refus("Un cabinet existe déjà à cet endroit. Rien n’a été modifié.")
    fautes = juger_mot_de_passe(demande.mot_de_passe)
    if fautes:
        raise Refus(f"Mot de passe trop simple. Il manque : {', '.join(fautes)}.")
    if not (demande.structure.raison_sociale.strip() and demande.professionnel.nom.strip()):
        raise Refus("Le nom du cabinet et celui du professionnel sont nécessaires.")
    reglages = Reglages(structure=demande.structure, professionnel=demande.professionnel,
                        profils=demande.profils, module_mss=demande.module_mss)
    controler(reglages)
    refuser_si_occupe(emplacement)
    coffre = vault.creer_coffre(emplacement, demande.mot_de_passe,
                                demande.professionnel.identifiant)
    store = ouvrir(emplacement, coffre.cle)
    with store.ecriture() as u:
        u.comptes.enregistrer_structure(demande.structure)
        compte_id = u.comptes.ajouter_professionnel(demande.professionnel)
        ecrire_fiche(u, compte_id, FicheCompte(
            demande.professionnel.identifiant, ROLES_PREMIER,
            change_le=datetime.now().date().isoformat(),
            marques=(passwords.marquer(demande.mot_de_passe),)))
        u.reglages.ecrire("profils", list(demande.profils))
        u.reglages.ecrire("module_mss", demande.module_mss)
        u.trail.ecrire(qui=demande.professionnel.identifiant, quoi="cabinet.creation",
                       resultat="ok")
    return CabinetCree(_contexte(store, compte_id), coffre.cle_secours)


def _contexte(store: Store, compte_id: int) -> Contexte:
    reglages = charger(store, compte_id)
    return Contexte(store=store, compte_id=compte_id, professionnel=reglages.professionnel,
                    structure=reglages.structure, services=construire_services(reglages))


def _ouvrir(emplacement: Path | str, cle: bytes, moyen: str, *, coffre: str | None = None,
            echecs: tuple[str, ...] = (), expiration: bool = True,
            code: str | None = "") -> Contexte:
    """Open the file for the account of an envelope; None = the recovery key's account.

    :param code: of the second factor; None when the means of opening needs none.
    """
    store = ouvrir(emplacement, cle, creer=False)
    try:
        with store.ecriture() as u:
            for quand in echecs:
                u.trail.ecrire(qui="?", quoi="compte.connexion", resultat="echec",
                               detail=f"mot de passe incorrect, {heure_echec(quand)}")
            compte_id, professionnel = (
                premier_administrateur(u) if coffre is None else compte_de_enveloppe(
                    u, coffre, len(vault.comptes(emplacement)) == 1))
        try:
            if coffre is not None:
                with store.lecture() as u:
                    exiger_ouvert(u, compte_id, expiration=expiration)
                if code is not None:
                    moyen += _second_facteur(store, compte_id, code)
        except CodeDemande:
            raise
        except Refus as refus:
            with store.ecriture() as u:
                u.trail.ecrire(qui=f"{professionnel.prenom} {professionnel.nom}".strip(),
                               quoi="compte.connexion",
                               sur_qui=f"compte {compte_id}", resultat="refuse",
                               detail=refus.code)
            raise
        with store.ecriture() as u:
            u.outbox.reprendre_bails_expires()
            u.trail.ecrire(qui=f"{professionnel.prenom} {professionnel.nom}".strip(),
                           quoi="dossier.deverrouillage", sur_qui=f"compte {compte_id}",
                           resultat="ok", detail=moyen)
        return _contexte(store, compte_id)
    except BaseException:
        store.fermer()
        raise


def _second_facteur(store: Store, compte_id: int, code: str) -> str:
    """Check the code of an account that has a second factor; what it was, for the trail."""
    with store.ecriture() as u:
        if not actif(u, compte_id):
            return ""
        if not code:
            raise CodeDemande()
        return f", {verifier_code(u, compte_id, code)}"


def deverrouiller(emplacement: Path | str, mot_de_passe: str, compte: str | None = None, *,
                  expiration: bool = True, code: str | None = "") -> Contexte:
    """Open the file with a password, for the account that it belongs to.

    :param compte: only that envelope of the vault; by default every account is tried.
    :param expiration: False lets an expired or temporary password in, in order to change it.
    :param code: of the second factor, or a backup code, when the account has one; None comes
        back to a session that gave it already (lock screen).
    :raises CodeDemande: right password, but the account has a second factor.
    :raises CodeRefuse: wrong code; it counts as a wrong password does.
    :raises TropEssais: too many failures in a row; the wait outlives a restart.
    :raises MotDePasseRefuse: wrong password; `attente_s` says when the next try is possible.
    :raises CoffreAbime, ErreurStore, Refus: each with a French message.
    """
    avant = apres = essais.Essais()
    try:
        avant, apres = essais.noter_essai(emplacement, attente_apres)
    except essais.TropTot as tot:
        raise TropEssais(tot.reste_s) from tot
    except OSError as erreur:
        # A full disk must not keep a nurse out of her file.
        if fichier_existe(emplacement):
            journal.error("essais : %s", erreur.strerror)
    try:
        cle, coffre = _identifier(emplacement, mot_de_passe, compte)
    except vault.MotDePasseRefuse as refus:
        if apres.attente_s:
            attendu = vault.MotDePasseRefuse(
                f"{refus.message} Nouvel essai possible dans {duree(apres.attente_s)}.")
            attendu.attente_s = apres.attente_s
            raise attendu from refus
        raise
    except BaseException:
        _compter(essais.rendre, emplacement, avant, apres)
        raise
    try:
        ctx = _ouvrir(emplacement, cle, "mot de passe", coffre=coffre, echecs=avant.dates,
                      expiration=expiration, code=code)
    except CodeRefuse as refus:
        # The failure stays counted: a known password doesn't make codes free to guess. Those
        # already in the trail aren't written twice.
        _compter(essais.tracees, emplacement, apres.dates)
        if apres.attente_s:
            refus.message += f" Nouvel essai possible dans {duree(apres.attente_s)}."
            refus.attente_s = apres.attente_s
        raise
    except Refus:
        # Neither a failure nor a success (a code is asked, a former replacement's password): the
        # count is what it was, and others' failures meanwhile stay.
        _compter(partial(essais.rendre, tracees=True), emplacement, avant, apres)
        raise
    except BaseException:
        _compter(essais.rendre, emplacement, avant, apres)
        raise
    _compter(essais.reussir, emplacement)
    try:
        essais.noter_compte(emplacement, coffre)
    except OSError as erreur:  # only slower next time
        journal.info("dernier compte : %s", erreur.strerror)
    _moderniser(emplacement, cle, coffre, mot_de_passe)
    return ctx


def _identifier(emplacement: Path | str, mot_de_passe: str,
                compte: str | None) -> tuple[bytes, str]:
    """Key and envelope that a password opens, in the vault as it is on the server now."""
    actualiser_coffre(emplacement)
    for _ in range(2):
        cle, coffre = vault.identifier(emplacement, mot_de_passe, compte,
                                       d_abord=essais.dernier_compte(emplacement))
        if not apprendre(emplacement, cle):
            break
    return cle, coffre


def cle_par_mot_de_passe(emplacement: Path, mot_de_passe: str) -> bytes:
    """Key of a practice or of a backup, to check it: opens no session, gives nothing to read.

    Tries on a practice count with those of the screen; a backup is on a disk of its own, often
    read-only, and is left as it is.

    :raises TropEssais, MotDePasseRefuse, CoffreAbime: each with a French message.
    """
    if places.est_sauvegarde(emplacement) or not fichier_existe(emplacement):
        return vault.ouvrir_coffre(emplacement, mot_de_passe)
    with essai_compte(emplacement, trace=False):
        return vault.ouvrir_coffre(emplacement, mot_de_passe)


def renouveler_mot_de_passe(emplacement: Path | str, ancien: str, nouveau: str, *,
                            code: str = "") -> Contexte:
    """Open with an expired or temporary password and change it at once.

    :raises Refus, ErreurStore: as `deverrouiller`, or the new one isn't good: the file is closed.
    """
    ctx = deverrouiller(emplacement, ancien, expiration=False, code=code)
    try:
        with ctx.store.lecture() as u:
            exiger_provisoire_vivant(u, ctx.compte_id)
        changer_mot_de_passe(ctx, nouveau, ancien=ancien)
    except BaseException:
        ctx.fermer()
        raise
    return ctx


def ouvrir_par_cle(emplacement: Path | str, cle: bytes, moyen: str, compte: str) -> Contexte:
    """Open the file for an account whose owner was identified otherwise than by a password.

    :param moyen: how, for the trail. :param compte: name of its envelope.
    :raises Refus: the account was retired, or it isn't its day.
    """
    return _ouvrir(emplacement, cle, moyen, coffre=compte, expiration=False, code=None)


def _moderniser(emplacement: Path | str, cle: bytes, coffre: str, mot_de_passe: str) -> None:
    """Bring the account's envelope to the present form, which follows a change of key."""
    try:
        if vault.moderniser(emplacement, cle, coffre, mot_de_passe):
            journal.info("coffre : une enveloppe mise à la forme actuelle")
    except (OSError, ErreurStore) as erreur:
        # A disk in read-only still opens; the next opening does it.
        journal.warning("coffre : %s", type(erreur).__name__)


def _compter(geste: Callable[..., None], emplacement: Path | str, *args: object) -> None:
    try:
        geste(emplacement, *args)
    except OSError as erreur:
        journal.error("essais : %s", erreur.strerror)


def deverrouiller_par_secours(emplacement: Path | str, cle_secours: str) -> Contexte:
    """Open the file with the printed recovery key, as its first administrator."""
    actualiser_coffre(emplacement)
    cle = vault.ouvrir_par_secours(emplacement, cle_secours)
    if apprendre(emplacement, cle):
        cle = vault.ouvrir_par_secours(emplacement, cle_secours)
    echecs = essais.lire(emplacement).dates
    _compter(essais.effacer, emplacement)
    return _ouvrir(emplacement, cle, "clé de secours", echecs=echecs)


def deverrouiller_par_trousseau(emplacement: Path | str) -> Contexte:
    """Open the file with what the workstation's key store keeps, for its account.

    :raises Refus: it keeps nothing for this practice, or the account has a second factor.
    """
    from app.usecases.cles import cle_du_trousseau

    ouverte = cle_du_trousseau(emplacement)
    if ouverte is None:
        raise Refus("Ce poste ne garde plus la clé de ce dossier. Tapez votre mot de passe.",
                    code="TROUSSEAU-VIDE")
    try:
        return _ouvrir(emplacement, ouverte[0], "trousseau du poste", coffre=ouverte[1])
    except CodeDemande as demande:
        raise Refus("Votre compte a un second facteur : tapez votre mot de passe et son code.",
                    code="TROUSSEAU-FACTEUR") from demande


def pdf_cle_secours(cle_secours: str, structure: Structure) -> bytes:
    """One printable page with the recovery key. Never stored by the program."""
    from app.documents.cle_secours import rendre_cle_secours

    return rendre_cle_secours(cle_secours, structure.raison_sociale)
