"""Pro Santé Connect: in, out, whose account it is, and how long it lasts (`spec/psc.md` §2)."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace

from app.domain.people import ProfilUtilisateur, SituationExercice
from app.domain.rattachement import Rattachement, national, rapprocher
from app.domain.session import EtatService, EtatSession
from app.services.errors import ErreurService, Rejete, Remede
from app.usecases.context import Contexte, iso_utc
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import avec_enveloppe, ecrire_fiche, lire_fiche
from app.usecases.garde import libre


class RattachementDemande(Refus):
    """The account is tied to no identity yet: its user must say that this one is hers."""

    def __init__(self, profil: ProfilUtilisateur, compte: str, autres: tuple[str, ...]) -> None:
        nom = f"{profil.prenom} {profil.nom}".strip()
        super().__init__(f"Rattacher le compte {compte} à l’identité Pro Santé Connect de {nom} "
                         f"({profil.subject_name_id}) ?", code="PSC-RATTACHEMENT")
        self.profil, self.compte, self.autres = profil, compte, autres


def message_liaison() -> str:
    """Two digits shown here and on the phone, for comparison."""
    return f"{secrets.randbelow(100):02d}"


@libre("chacun tient sa propre session")
def etat_session(ctx: Contexte) -> EtatSession:
    """The session as the bar shows it."""
    proxy, cps = ctx.services.proxy, ctx.services.directs.cps
    session = None if proxy is None else proxy.session
    if session is None or not session.psc_active or not ctx.services.sujet:
        if cps is None or session is not None:
            return EtatSession(possible=proxy is not None)
        return EtatSession(possible=proxy is not None, carte=cps.nom, situation=cps.situation,
                           situations=cps.situations)
    return EtatSession(connecte=True, nom=ctx.services.nom_psc,
                       expire_le=iso_utc(session.expire_le), situation=ctx.services.situation,
                       situations=ctx.services.situations)


@libre("chacun tient sa propre session")
def actualiser_session(ctx: Contexte) -> EtatSession:
    """Ask the proxy how long the session lives, then as `etat_session`.

    :raises ErreurService: the proxy doesn't answer.
    """
    if ctx.services.proxy is not None:
        ctx.services.proxy.actualiser()
    if ctx.services.jetons is not None:
        ctx.services.jetons.surveiller()
    return etat_session(ctx)


# --- login ---------------------------------------------------------------------------------------

@libre("chacun tient sa propre session")
def connecter_navigateur(ctx: Contexte, ouvrir_url: Callable[[str], None],
                         annule: Callable[[], bool] | None = None) -> EtatSession:
    """Log in by the external browser (SC.PSC.01).

    An account that no RPPS names will be tied to whoever is there: a browser that a colleague left
    logged in must not answer for her.
    """
    proxy = ctx.services.exiger_proxy()
    with ctx.store.lecture() as u:
        connu = (u.comptes.subject_name_id(ctx.compte_id)
                 or national(ctx.professionnel.identifiant))
    proxy.connecter_navigateur(ouvrir_url, annule, de_nouveau=not connu)
    return accueillir(ctx, proxy.profil(), "navigateur")


@libre("chacun tient sa propre session")
def connecter_ciba(ctx: Contexte, canal: str, liaison: str,
                   annule: Callable[[], bool] | None = None) -> EtatSession:
    """Log in by CIBA: `canal` is MOBILE or CARD, `liaison` the two digits."""
    proxy = ctx.services.exiger_proxy()
    with ctx.store.lecture() as u:
        lie = u.comptes.subject_name_id(ctx.compte_id)
    if not lie and not national(ctx.professionnel.identifiant):
        raise Refus("Sans navigateur, Pro Santé Connect doit connaître votre numéro RPPS, et ce "
                    "compte n’en a pas encore. Identifiez-vous une fois par le navigateur.",
                    code="PSC-SANS-RPPS")
    proxy.connecter_ciba(lie or ctx.professionnel.identifiant, liaison, canal, annule)
    return accueillir(ctx, proxy.profil(), f"CIBA {canal}")


@libre("chacun tient sa propre session")
def reprendre_navigateur(ctx: Contexte, ouvrir_url: Callable[[str], None],
                         annule: Callable[[], bool] | None = None) -> EtatSession:
    """Come back from a lock by the browser: a browser still logged in proves nothing."""
    from app.usecases.ouverture_psc import prouver

    proxy = ctx.services.exiger_proxy()
    proxy.connecter_navigateur(ouvrir_url, annule, de_nouveau=True)
    etat = accueillir(ctx, proxy.profil(), "navigateur")
    prouver(ctx)
    return etat


@libre("chacun tient sa propre session")
def accueillir(ctx: Contexte, profil: ProfilUtilisateur, moyen: str) -> EtatSession:
    """After a login: whose account is it (SC.PSC.02), as what she acts, and what follows.

    :raises RattachementDemande: the account is tied to nobody; the session waits for the answer.
    :raises ErreurService: code `PSC-ANCIENNE`, it would be tied to a login of some time ago; the
        session was closed.
    :raises Refus: somebody else's; the session was closed.
    """
    with ctx.store.lecture() as u:
        lie = u.comptes.subject_name_id(ctx.compte_id)
        siens = u.comptes.par_subject_name_id(profil.subject_name_id)
        tous = u.comptes.professionnels()
    juge = rapprocher(ctx.professionnel.identifiant, lie, profil.subject_name_id)
    if juge is Rattachement.AUTRE:
        _congedier(ctx)
        raise Refus("Cette connexion Pro Santé Connect est celle d’un autre professionnel. Elle a "
                    "été fermée ; rien n’a été envoyé. Connectez-vous avec votre carte ou votre "
                    "e-CPS.", code="PSC-COMPTE")
    if juge is Rattachement.A_CONFIRMER:
        _exiger_geste(ctx)
        autres = tuple(dict.fromkeys(
            f"{p.prenom} {p.nom}" for i, p in (
                *siens, *((i, p) for i, p in tous if p.identifiant == profil.subject_name_id))
            if i != ctx.compte_id))
        raise RattachementDemande(profil, ctx.qui, autres)
    return _installer(ctx, profil, moyen)


def _exiger_geste(ctx: Contexte) -> None:
    """Nobody is tied by a browser that was still logged in: the proxy knows when she authenticated.

    It is asked for a half that opens nothing. A proxy that doesn't open files can't tell: it asked
    Pro Santé Connect to authenticate again.
    """
    proxy = ctx.services.exiger_proxy()
    try:
        proxy.part(*proxy.cle_publique(""))
    except Rejete:
        return
    except ErreurService:
        _congedier(ctx, "authentification non prouvée")
        raise


def _congedier(ctx: Contexte, resultat: str = "autre professionnel") -> None:
    proxy = ctx.services.exiger_proxy()
    try:
        proxy.deconnecter()
    except ErreurService as erreur:
        resultat += f", {erreur.code}"
    ctx.services.oublier_profil()
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="session.refus", resultat=resultat)


def _installer(ctx: Contexte, profil: ProfilUtilisateur, moyen: str) -> EtatSession:
    from app.usecases.ouverture_psc import tenir

    ctx.services.retenir_profil(profil, _situation_connue(ctx, profil))
    with ctx.store.ecriture() as u:
        u.comptes.lier_psc(ctx.compte_id, profil.subject_name_id)
        u.trail.ecrire(qui=ctx.qui, quoi="session.ouverture", resultat="ok",
                       detail=f"{moyen}, {profil.subject_name_id}")
    tenir(ctx)
    return etat_session(ctx)


@libre("chacun tient sa propre session")
def rattacher(ctx: Contexte, demande: RattachementDemande, moyen: str = "") -> EtatSession:
    """Tie the account to the identity: its user has just logged in to both.

    A private or former identifier gives way to the national one.

    :raises Refus: what was asked is no longer so: another login, or an account tied meanwhile.
    """
    profil, actuelle = demande.profil, ctx.services.exiger_proxy().session
    with ctx.store.ecriture() as u:
        if (actuelle is None or actuelle.subject_name_id != profil.subject_name_id
                or rapprocher(ctx.professionnel.identifiant,
                              u.comptes.subject_name_id(ctx.compte_id), profil.subject_name_id)
                is Rattachement.AUTRE):
            raise Refus("Cette connexion n’est plus celle qui a été proposée. Rien n’a été "
                        "rattaché\u00a0: connectez-vous de nouveau.", code="PSC-COMPTE")
        # The envelope of the password keeps its name.
        ecrire_fiche(u, ctx.compte_id, avec_enveloppe(ctx, lire_fiche(u, ctx.compte_id)))
        if not demande.autres:
            ctx.professionnel = replace(ctx.professionnel, identifiant=profil.subject_name_id)
            u.comptes.enregistrer_professionnel(ctx.compte_id, ctx.professionnel)
        u.trail.ecrire(qui=ctx.qui, quoi="compte.rattachement",
                       sur_qui=f"compte {ctx.compte_id}", resultat="ok",
                       detail=profil.subject_name_id)
    return _installer(ctx, profil, moyen or "rattachement")


@libre("chacun tient sa propre session")
def refuser_rattachement(ctx: Contexte) -> EtatSession:
    """« Ce n’est pas moi » : the session is closed, nothing is tied."""
    _congedier(ctx)
    return etat_session(ctx)


# --- situation d'exercice -------------------------------------------------------------------------

def _cle_situation(ctx: Contexte) -> str:
    return f"compte.{ctx.compte_id}.situation"


def _situation_connue(ctx: Contexte, profil: ProfilUtilisateur) -> SituationExercice | None:
    """The one chosen last time, else the one of this practice when there is a single one."""
    with ctx.store.lecture() as u:
        choisie = u.reglages.lire(_cle_situation(ctx), {})
    for situation in profil.situations:
        if asdict(situation) == choisie:
            return situation
    ici = [s for s in profil.situations
           if s.structure_identifiant == ctx.structure.identifiant]
    return ici[0] if len(ici) == 1 else None


@libre("chacun tient sa propre session")
def choisir_situation(ctx: Contexte, situation: SituationExercice) -> EtatSession:
    """Act in this situation d'exercice from now on (`spec/psc.md` §1.6); kept for next time."""
    proxy = ctx.services.exiger_proxy()
    if proxy.session is None or situation not in ctx.services.situations:
        raise Refus("Cette situation d’exercice n’est pas dans votre session Pro Santé Connect. "
                    "Reconnectez-vous.", remede=Remede.SE_CONNECTER, code="PSC-SITUATION")
    ctx.services.choisir_situation(situation)
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_cle_situation(ctx), asdict(situation))
        u.trail.ecrire(qui=ctx.qui, quoi="session.situation", resultat="ok",
                       detail=f"{situation.profession} {situation.structure_identifiant}")
    _oublier_droits(ctx)
    return etat_session(ctx)


# --- end -----------------------------------------------------------------------------------------

@libre("chacun tient sa propre session")
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
    _oublier_droits(ctx)
    return etat_session(ctx)


def _oublier_droits(ctx: Contexte) -> None:
    with ctx.memoire.verrou:
        ctx.memoire.etats_dmp.clear()
        ctx.memoire.bris_de_glace.clear()


@libre("état des services")
def meteo(ctx: Contexte) -> tuple[EtatService, ...]:
    """State of each national service, from the last calls."""
    return ctx.services.meteo()
