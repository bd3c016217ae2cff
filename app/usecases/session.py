"""Pro Santé Connect: in, out, and how long it lasts (`spec/psc.md` §2)."""

import secrets
from collections.abc import Callable

from app.domain.session import EtatService, EtatSession
from app.services.errors import ErreurService, Remede
from app.usecases.context import Contexte, iso_utc
from app.usecases.errors import Refus


def message_liaison() -> str:
    """Two digits shown here and on the phone, for comparison."""
    return f"{secrets.randbelow(100):02d}"


def etat_session(ctx: Contexte) -> EtatSession:
    """The session as the bar shows it."""
    proxy = ctx.services.proxy
    if proxy is None:
        return EtatSession(possible=False)
    session = proxy.session
    if session is None:
        return EtatSession()
    return EtatSession(connecte=True, nom=ctx.services.nom_psc,
                       expire_le=iso_utc(session.expire_le))


def _ouvrir(ctx: Contexte, moyen: str) -> EtatSession:
    """After a login: whose session is it? Refuse another professional's."""
    proxy = ctx.services.exiger_proxy()
    profil = proxy.profil()
    if profil.subject_name_id != ctx.professionnel.identifiant:
        proxy.deconnecter()
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="session.refus", resultat="autre professionnel")
        raise Refus("Cette connexion Pro Santé Connect est celle d’un autre professionnel. Elle a "
                    "été fermée ; rien n’a été envoyé. Connectez-vous avec votre carte ou votre "
                    "e-CPS.", code="PSC-COMPTE")
    ctx.services.retenir_profil(profil)
    with ctx.store.ecriture() as u:
        u.comptes.lier_psc(ctx.compte_id, profil.subject_name_id)
        u.trail.ecrire(qui=ctx.qui, quoi="session.ouverture", resultat="ok", detail=moyen)
    return etat_session(ctx)


def connecter_navigateur(ctx: Contexte, ouvrir_url: Callable[[str], None],
                         annule: Callable[[], bool] | None = None) -> EtatSession:
    """Log in by the external browser (SC.PSC.01)."""
    ctx.services.exiger_proxy().connecter_navigateur(ouvrir_url, annule)
    return _ouvrir(ctx, "navigateur")


def connecter_ciba(ctx: Contexte, canal: str, liaison: str,
                   annule: Callable[[], bool] | None = None) -> EtatSession:
    """Log in by CIBA: `canal` is MOBILE or CARD, `liaison` the two digits."""
    ctx.services.exiger_proxy().connecter_ciba(ctx.professionnel.identifiant, liaison, canal,
                                               annule)
    return _ouvrir(ctx, f"CIBA {canal}")


def deconnecter(ctx: Contexte) -> EtatSession:
    """Log out of both sessions (here and at Pro Santé Connect)."""
    proxy = ctx.services.proxy
    if proxy is not None and proxy.session is not None:
        resultat = "ok"
        try:
            proxy.deconnecter()
        except ErreurService as erreur:
            resultat = erreur.code or "echec"
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="session.fermeture", resultat=resultat)
    ctx.services.oublier_profil()
    with ctx.memoire.verrou:
        ctx.memoire.etats_dmp.clear()
        ctx.memoire.bris_de_glace.clear()
    return etat_session(ctx)


def meteo(ctx: Contexte) -> tuple[EtatService, ...]:
    """State of each national service, from the last calls."""
    return ctx.services.meteo()


def reessayer_services(ctx: Contexte) -> tuple[EtatService, ...]:
    """« Essayer maintenant »: forget that services were down."""
    ctx.services.etats.rearmer()
    return meteo(ctx)


def exiger_session(ctx: Contexte) -> None:
    """Refuse a gesture that needs Pro Santé Connect when nobody is connected."""
    if not etat_session(ctx).connecte:
        raise Refus("Cette action demande une connexion à Pro Santé Connect. Rien n’a été envoyé.",
                    remede=Remede.SE_CONNECTER, code="PSC-ABSENT")
