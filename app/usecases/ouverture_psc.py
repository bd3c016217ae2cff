"""Opening the patient file by Pro Santé Connect (SC.PSC.01, SC.PSC.15).

Each professional of the practice has an envelope of the vault that only her own session of Pro
Santé Connect opens (`store/vault_psc.py`, `docs/proxy.md`). They are kept up to date at each login:
nobody has anything to set up.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.people import ProfilUtilisateur
from app.domain.rattachement import national
from app.services.errors import ErreurService, Rejete
from app.services.proxy_client import ProxyClient
from app.store import vault, vault_psc
from app.store.errors import ErreurStore
from app.store.vault_psc import AccesPsc
from app.usecases import access, session
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import avec_enveloppe, lire_fiche
from app.usecases.garde import libre
from app.usecases.settings import charger, construire_services

journal = logging.getLogger("pleiade.acces")

Annulation = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Identifie:
    """A professional whom Pro Santé Connect has just identified, and the accounts that are hers."""

    proxy: ProxyClient
    profil: ProfilUtilisateur
    acces: tuple[AccesPsc, ...]


def acces_connus(emplacement: Path | str) -> tuple[AccesPsc, ...]:
    """Accounts that Pro Santé Connect opens here; none when the vault can't be read."""
    try:
        return tuple(vault_psc.lister(emplacement))
    except vault.CoffreAbime:
        return ()


def _proxy(emplacement: Path | str) -> ProxyClient:
    connus = acces_connus(emplacement)
    if not connus:
        raise Refus("Sur ce poste, Pro Santé Connect n’ouvre pas encore ce dossier. Ouvrez-le avec "
                    "votre mot de passe, puis connectez-vous : la prochaine fois, un clic suffira.",
                    code="PSC-PREMIERE-FOIS")
    # The last sealed knows the present address of the proxy.
    return ProxyClient(connus[-1].proxy_url, connus[-1].proxy_ca or None)


def identifier_navigateur(emplacement: Path | str, ouvrir_url: Callable[[str], None],
                          annule: Annulation | None = None) -> Identifie:
    """Ask who is there, in the browser; a browser still logged in must authenticate again.

    :raises Refus, ErreurService: nobody was identified, or nobody of this practice.
    """
    proxy = _proxy(emplacement)
    try:
        proxy.connecter_navigateur(ouvrir_url, annule, de_nouveau=True)
        return _identifie(emplacement, proxy)
    except BaseException:
        renoncer(proxy)
        raise


def identifier_ciba(emplacement: Path | str, acces: AccesPsc, canal: str, liaison: str,
                    annule: Annulation | None = None) -> Identifie:
    """Ask a professional's telephone (`MOBILE`) or card tool (`CARD`). As the browser."""
    proxy = _proxy(emplacement)
    try:
        proxy.connecter_ciba(acces.sujet, liaison, canal, annule)
        return _identifie(emplacement, proxy)
    except BaseException:
        renoncer(proxy)
        raise


def _identifie(emplacement: Path | str, proxy: ProxyClient) -> Identifie:
    profil = proxy.profil()
    siens = tuple(a for a in acces_connus(emplacement) if a.sujet == profil.subject_name_id)
    if not siens:
        nom = f"{profil.prenom} {profil.nom}".strip() or profil.subject_name_id
        raise Refus(f"Aucun compte de ce cabinet n’est rattaché à {nom} sur ce poste. Rien n’a été "
                    "ouvert. Si vous avez un compte, ouvrez-le une fois avec son mot de passe et "
                    "connectez-vous : il sera rattaché.", code="PSC-SANS-COMPTE")
    return Identifie(proxy, profil, siens)


def renoncer(proxy: ProxyClient) -> None:
    """End the session of an opening that leads nowhere."""
    try:
        if proxy.session is not None:
            proxy.deconnecter()
    except ErreurService as erreur:
        journal.info("session non fermée au proxy : %s", erreur.code)
    finally:
        proxy.fermer()


def entrer(emplacement: Path | str, identifie: Identifie, acces: AccesPsc) -> Contexte:
    """Open the file for one of the professional's accounts; her session goes on in it.

    :raises Refus, ErreurService, ErreurStore: it stays closed, and the session ends.
    """
    proxy = identifie.proxy
    try:
        cle = vault_psc.ouvrir(emplacement, acces, proxy.part(acces.point, acces.version))
        ctx = access.ouvrir_par_cle(emplacement, cle, "Pro Santé Connect", acces.compte)
    except BaseException:
        renoncer(proxy)
        raise
    reglages = charger(ctx.store, ctx.compte_id)
    ctx.services.fermer()
    if (reglages.proxy_url, reglages.proxy_ca) == (acces.proxy_url, acces.proxy_ca):
        ctx.services = construire_services(reglages, proxy)
        try:
            session.accueillir(ctx, identifie.profil, "ouverture du dossier")
        except BaseException:
            renoncer(proxy)
            ctx.fermer()
            raise
    else:  # The practice changed its proxy on another workstation.
        renoncer(proxy)
        ctx.services = construire_services(reglages)
    return ctx


@libre("chacun tient sa propre session")
def prouver(ctx: Contexte) -> None:
    """Make sure that the professional who just logged in did so by hand (return from a lock).

    :raises Refus, ErreurService: she didn't, or Pro Santé Connect doesn't open this account here.
    """
    proxy = ctx.services.exiger_proxy()
    sujet = ctx.services.sujet
    siens = [a for a in acces_connus(ctx.store.emplacement) if a.sujet == sujet]
    if not siens:
        raise Refus("Sur ce poste, Pro Santé Connect n’ouvre pas encore ce compte. Employez votre "
                    "mot de passe ou votre téléphone.", code="PSC-PREMIERE-FOIS")
    vault_psc.ouvrir(ctx.store.emplacement, siens[0],
                     proxy.part(siens[0].point, siens[0].version))


@libre("chacun tient sa propre session")
def tenir(ctx: Contexte) -> None:
    """Bring the envelopes up to date: one for each account that Pro Santé Connect may identify.

    Without a session nothing is done. Never disturbs a login: what fails is tried again at the
    next one.
    """
    if ctx.services.proxy is None or ctx.services.proxy.session is None:
        return
    try:
        _tenir(ctx)
    except Rejete:
        journal.info("ce Proxy e-santé n’ouvre pas les dossiers")
    except (ErreurService, ErreurStore) as erreur:
        journal.warning("ouverture par PSC non préparée : %s", getattr(erreur, "code", ""))


def _tenir(ctx: Contexte) -> None:
    proxy, emplacement = ctx.services.exiger_proxy(), ctx.store.emplacement
    reglages = charger(ctx.store, ctx.compte_id)
    voulus: dict[str, AccesPsc] = {}
    with ctx.store.lecture() as u:
        for compte_id, qui in u.comptes.professionnels():
            sujet = u.comptes.subject_name_id(compte_id) or (
                qui.identifiant if national(qui.identifiant) else "")
            if sujet:
                coffre = avec_enveloppe(ctx, lire_fiche(u, compte_id)).coffre
                voulus[coffre] = AccesPsc(coffre, sujet, f"{qui.prenom} {qui.nom}".strip(),
                                          reglages.proxy_url, reglages.proxy_ca)
    presents = {a.compte: a for a in vault_psc.lister(emplacement)}
    for compte in presents.keys() - voulus.keys():
        ctx.store.retirer_psc(compte)
    for compte, voulu in voulus.items():
        cle, version = proxy.cle_publique(voulu.sujet)
        present = presents.get(compte)
        voulu = replace(voulu, version=version)
        if present is None or replace(present, point="") != voulu:
            ctx.store.sceller_psc(voulu, cle)
