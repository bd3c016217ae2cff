"""Settings of the practice and of the installation (MIN.PRF.01)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.domain.names import defauts_personne
from app.domain.people import Professionnel, Structure
from app.domain.roles import Droit
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import exiger_identifiant_libre
from app.usecases.garde import exiger, libre

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.proxy_client import ProxyClient
    from app.store.engine import Store
    from app.store.unite import Unite
    from app.usecases.context import Contexte
    from app.usecases.services import Services

#: Profiles of the DSR §3.1: code, label.
PROFILS: tuple[tuple[str, str], ...] = (
    ("IDE", "Infirmier"),
    ("IPA", "Infirmier en pratique avancée"),
    ("SF", "Sage-femme"),
    ("MK", "Masseur-kinésithérapeute"),
    ("OPH", "Orthophoniste"),
    ("OPT", "Orthoptiste"),
    ("PP", "Pédicure-podologue"),
    ("CSI", "Centre de santé infirmier"),
)
#: Exactly one of the two messaging modules is active.
MODULES_MSS: tuple[tuple[str, str], ...] = (
    ("integree", "MSSanté intégrée"),
    ("facilitee", "Intégration de documents facilitée"),
)

MENTION_RGPD = (
    "Les données de ce document sont traitées par le cabinet pour votre prise en charge. Vous "
    "pouvez y accéder, les faire rectifier et vous opposer à leur partage en vous adressant au "
    "professionnel qui vous suit.")


@dataclass(frozen=True, slots=True)
class Reglages:
    """Everything the user may set. Paths are empty when not configured.

    `racine_oid` is the arc of the installation for its identifiers (documents, sets, patients);
    the default one is the test arc and is refused by production services.
    """

    structure: Structure
    professionnel: Professionnel
    profils: tuple[str, ...] = ("IDE",)
    module_mss: str = "integree"
    delai_envoi_min: int = 5
    mention_rgpd: str = MENTION_RGPD
    theme: str = "systeme"
    taille_texte: int = 100
    proxy_url: str = ""
    proxy_ca: str = ""
    cle_installation: str = ""
    certificat_installation: str = ""
    dica_strict: bool = True
    avis_dmp_jours: int = 180
    """Days after which the notice on the DMP is shown again (SC.DMP/CONF.21)."""
    racine_oid: str = "1.2.250.1.999.1.1"
    idam: str = "NUMAUTOR0000"
    """Authorisation number of the software at INSi (`spec/ins.md` §4.2)."""
    homologation_dmp: str = "HOMOLOGATION-BAC-A-SABLE"


#: Name under which the software presents itself (VIHF, CDA, À propos show the same).
NOM_LOGICIEL = "Pléiade"

#: Fields kept as they are in the settings table; the others have tables of their own.
_CLES = ("profils", "module_mss", "delai_envoi_min", "mention_rgpd", "theme", "taille_texte",
         "proxy_url", "proxy_ca", "cle_installation", "certificat_installation", "dica_strict",
         "avis_dmp_jours", "racine_oid", "idam", "homologation_dmp")


def charger(store: "Store", compte_id: int) -> Reglages:
    """Read the settings of `store` for one account."""
    with store.lecture() as u:
        return lire_dans(u, compte_id)


def lire_dans(u: "Unite", compte_id: int) -> Reglages:
    """The settings of one account in a unit of work."""
    professionnel = dict(u.comptes.professionnels())[compte_id]
    base = Reglages(structure=u.comptes.structure(), professionnel=professionnel)
    valeurs = {cle: u.reglages.lire(cle, getattr(base, cle)) for cle in _CLES}
    valeurs["profils"] = tuple(valeurs["profils"])
    return replace(base, **valeurs)


@libre("réglages sans donnée de patient")
def lire_reglages(ctx: "Contexte") -> Reglages:
    """The settings as they are now."""
    return charger(ctx.store, ctx.compte_id)


def controler(reglages: Reglages) -> None:
    """Refuse settings that can't work.

    :raises Refus: a French sentence says what to correct.
    """
    if not reglages.profils or not set(reglages.profils) <= {code for code, _ in PROFILS}:
        raise Refus("Choisissez au moins un profil d’activité.")
    if reglages.module_mss not in {code for code, _ in MODULES_MSS}:
        raise Refus("Choisissez un seul des deux modules de messagerie.")
    if not 0 <= reglages.delai_envoi_min <= 24 * 60:
        raise Refus("Le délai d’envoi va de 0 à 1 440 minutes.")
    if not 1 <= reglages.avis_dmp_jours <= 366:
        raise Refus("L’avis sur le DMP revient au plus tard après un an (366 jours).")
    if not 100 <= reglages.taille_texte <= 200:
        raise Refus("La taille du texte va de 100 à 200 %.")
    if not reglages.structure.raison_sociale.strip():
        raise Refus("Le nom du cabinet est nécessaire.")
    qui = reglages.professionnel
    if fautes := [*defauts_personne(qui.nom), *defauts_personne(qui.prenom)]:
        raise Refus(f"Identité refusée\u00a0: {fautes[0]}. Rien n’a été modifié.")
    if reglages.proxy_url and not reglages.proxy_url.startswith("https://"):
        raise Refus("L’adresse du Proxy e-santé commence par « https:// ».")


#: Attributes of an account that say what it may read and what it signs.
_IDENTITE = ("identifiant", "nom", "prenom", "profession")


@libre("l’affichage est à chacun ; le reste exige REGLAGES")
def enregistrer_reglages(ctx: "Contexte", reglages: Reglages,
                         base: Reglages | None = None) -> Reglages:
    """Check and store the settings, and rebuild the services if their address changed.

    :param base: the settings as the user read them: what a colleague changed meanwhile is merged
        where it agrees.
    :raises Refus: settings that can't work, or an account without that right.
    :raises ConflitSaisie: with `base`, a colleague changed the same ones.
    """
    from app.usecases.concurrence import Edition, ecrire_ensemble
    from app.usecases.settings_fields import CHAMPS, aplatir, lire, relever

    avant = lire_reglages(ctx)
    if replace(avant, theme=reglages.theme, taille_texte=reglages.taille_texte) != reglages:
        exiger(ctx, Droit.REGLAGES)
    lue = (base or avant).professionnel
    if any(getattr(lue, c) != getattr(reglages.professionnel, c) for c in _IDENTITE):
        # Documents are given to a profession, acts are signed by a name: nobody takes another's.
        exiger(ctx, Droit.COMPTES)
    controler(reglages)

    def ecrire(u: "Unite", valeurs: "Mapping[str, Any]", _version: int) -> Reglages:
        nouveaux = relever(reglages, valeurs)
        if avant.professionnel.identifiant != nouveaux.professionnel.identifiant:
            exiger_identifiant_libre(u, nouveaux.professionnel.identifiant, sauf=ctx.compte_id)
        u.comptes.enregistrer_structure(nouveaux.structure)
        u.comptes.enregistrer_professionnel(ctx.compte_id, nouveaux.professionnel)
        for cle in _CLES:
            valeur = getattr(nouveaux, cle)
            u.reglages.ecrire(cle, list(valeur) if isinstance(valeur, tuple) else valeur)
        u.trail.ecrire(qui=ctx.qui, quoi="reglages.modification", resultat="ok")
        if avant.professionnel != nouveaux.professionnel:  # IAM.91: identity of an account
            u.trail.ecrire(qui=ctx.qui, quoi="compte.identite",
                           sur_qui=f"compte {ctx.compte_id}", resultat="ok")
        return nouveaux

    def appliquer(nouveaux: Reglages) -> Reglages:
        ctx.professionnel, ctx.structure = nouveaux.professionnel, nouveaux.structure
        if _reseau(avant) != _reseau(nouveaux):
            ctx.services.fermer()
            ctx.services = construire_services(nouveaux)
        return nouveaux

    if base is None:
        with ctx.store.ecriture() as u:
            ecrits = ecrire(u, aplatir(reglages), 0)
        return appliquer(ecrits)
    return ecrire_ensemble(
        ctx, Edition("les réglages", CHAMPS, lambda u: lire(u, ctx.compte_id), ecrire, appliquer),
        aplatir(base), aplatir(reglages))


def _reseau(reglages: Reglages) -> tuple[str, ...]:
    return (reglages.proxy_url, reglages.proxy_ca, reglages.cle_installation,
            reglages.certificat_installation, reglages.idam, reglages.homologation_dmp)


def construire_services(reglages: Reglages, proxy: "ProxyClient | None" = None) -> "Services":
    """Build the clients (imported late: httpx is not needed to open a file).

    :param proxy: a client that already holds a session, at the address of these settings.
    """
    from app.usecases.services import Services
    return Services(reglages, proxy)
