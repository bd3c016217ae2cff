"""The professional's own card: who is there, opening it by its PIN, closing it when it leaves."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from app.devices.cps import CarteOuverte, CpsAbsente, ExerciceCarte, LecteurCps, Titulaire
from app.devices.events import ErreurCarte
from app.domain.people import SituationExercice
from app.services.errors import Remede, SessionExpiree
from app.services.signature import Signataire
from app.services.tls_carte import CleTls
from app.usecases.context import Contexte
from app.usecases.directs import CpsOuverte, Directs
from app.usecases.errors import Refus
from app.usecases.garde import libre
from app.usecases.reglages_centre import lire_reglages_centre

#: Clients that the card serves (`Directs.client`).
CLIENTS = ("insi_cps", "dmp_cps")


class Cartes(Protocol):
    """What this needs of a source of CPS."""

    def titulaires(self) -> list[Titulaire]:
        """Who is in the readers."""
        ...

    def ouvrir(self, pin: str, identifiant: str = "", *, dernier: bool = False) -> CarteOuverte:
        """Give the PIN."""
        ...


def _cartes(ctx: Contexte) -> Cartes:
    return LecteurCps(lire_reglages_centre(ctx).cps_module)


class _Cle:
    """The keys of the card for the clients: a card that left ends what it had opened."""

    def __init__(self, carte: CarteOuverte, directs: Directs) -> None:
        self._carte, self._directs = carte, directs

    def public_key(self) -> Any:
        """Key of the signature certificate."""
        return self._carte.cle.public_key()

    def sign(self, data: bytes, padding: Any = None, algorithm: Any = None) -> bytes:
        """See `CleCarte.sign`. :raises SessionExpiree: the card left."""
        try:
            return self._carte.cle.sign(data, padding, algorithm)
        except ErreurCarte as erreur:
            raise self._perdue(erreur) from erreur

    def signer_connexion(self, algorithme: str, condensat: bytes) -> bytes:
        """See `CarteOuverte.signer_connexion`. :raises SessionExpiree: the card left."""
        try:
            return self._carte.signer_connexion(algorithme, condensat)
        except ErreurCarte as erreur:
            raise self._perdue(erreur) from erreur

    def _perdue(self, erreur: ErreurCarte) -> SessionExpiree:
        self._directs.perdre()
        return SessionExpiree(erreur.message, code="CPS-RETIREE", remede=Remede.SE_CONNECTER)


@libre("la carte est dans le lecteur\u00a0; rien n’est lu du dossier")
def qui_est_la(ctx: Contexte) -> Titulaire | None:
    """Who is in the reader, without PIN: the user's own card first; None without a card.

    :raises ErreurCarte: no library to read it.
    """
    la = _cartes(ctx).titulaires()
    miens = [t for t in la if t.identifiant == ctx.professionnel.identifiant]
    return next(iter(miens or la), None)


@libre("chacun ouvre sa propre carte")
def ouvrir_cps(ctx: Contexte, pin: str, *, dernier: bool = False) -> Titulaire:
    """Give the PIN to the user's own card, once: its keys serve INSi and the DMP until it leaves.

    :param dernier: the user accepts that a mistake blocks the card.
    :raises Refus: another professional's card, expired, or a PIN that isn't four digits.
    :raises ErreurCarte: no card, wrong PIN, one try left, blocked card: each says what to do.
    """
    if not (pin.isascii() and pin.isdigit() and len(pin) == 4):
        raise Refus("Le code d’une carte CPS a quatre chiffres. Rien n’a été essayé.",
                    code="CPS-PIN")
    titulaire = qui_est_la(ctx)
    if titulaire is None:
        raise CpsAbsente
    # Before any try: a wrong user must not burn the tries of a colleague's card.
    if titulaire.identifiant != ctx.professionnel.identifiant:
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="cps.refus", resultat="autre professionnel")
        raise Refus(f"Cette carte est celle de {titulaire.prenom} {titulaire.nom}. Insérez la "
                    "vôtre\u00a0: son code n’a pas été essayé.", code="CPS-TITULAIRE")
    if titulaire.perime(datetime.now(UTC)):
        raise Refus("Votre carte CPS est expirée. Demandez la suivante à l’ANS.",
                    code="CPS-PERIMEE")
    # A card has one login: that of a former opening would make any PIN look right.
    fermer_cps(ctx)
    try:
        carte = _cartes(ctx).ouvrir(pin, titulaire.identifiant, dernier=dernier)
    except ErreurCarte as erreur:
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="cps.refus", resultat=erreur.code)
        raise
    directs = ctx.services.directs
    cle = _Cle(carte, directs)
    situations = tuple(_situation(ctx, e) for e in carte.exercices)
    directs.cps = CpsOuverte(
        titulaire.identifiant, f"{titulaire.prenom} {titulaire.nom}", titulaire.porteur,
        Signataire.de_cle(cle, carte.chaine), carte.fermer,
        None if carte.connexion is None else CleTls(carte.connexion, cle.signer_connexion),
        situations, _connue(ctx, situations))
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="cps.ouverture", resultat="ok",
                       detail=titulaire.porteur)
    return titulaire


def _situation(ctx: Contexte, exercice: ExerciceCarte) -> SituationExercice:
    return SituationExercice(ctx.professionnel.profession, "C", ctx.professionnel.savoir_faire,
                             exercice.secteur, exercice.structure, exercice.raison_sociale)


def _connue(ctx: Contexte, situations: tuple[SituationExercice, ...]) -> SituationExercice | None:
    """The only one, else the one chosen last time, else that of this practice."""
    if len(situations) == 1:
        return situations[0]
    with ctx.store.lecture() as u:
        choisie = u.reglages.lire(f"compte.{ctx.compte_id}.situation", {})
    ici = [s for s in situations if asdict(s) == choisie] or [
        s for s in situations if s.structure_identifiant == ctx.structure.identifiant]
    return ici[0] if len(ici) == 1 else None


@libre("chacun tient sa propre session")
def choisir_situation_cps(ctx: Contexte, situation: SituationExercice) -> None:
    """Act in this situation d'exercice of the card from now on; kept for next time.

    :raises Refus: it isn't written on the open card.
    """
    cps = ctx.services.directs.cps
    if cps is None or situation not in cps.situations:
        raise Refus("Cette situation d’exercice n’est pas sur votre carte. Ouvrez-la de nouveau.",
                    remede=Remede.SE_CONNECTER, code="CPS-SITUATION")
    ctx.services.directs.cps = replace(cps, situation=situation)
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(f"compte.{ctx.compte_id}.situation", asdict(situation))
        u.trail.ecrire(qui=ctx.qui, quoi="session.situation", resultat="ok",
                       detail=f"carte CPS {situation.structure_identifiant}")


@libre("ferme ce que l’utilisateur a ouvert")
def fermer_cps(ctx: Contexte) -> bool:
    """The card left, or the user goes; True when one was open.

    The connections that it opened are dropped: they would outlive it.
    """
    directs = ctx.services.directs
    cps, partie = directs.carte, directs.carte_perdue
    directs.cps = None
    if cps is None:
        return False
    cps.fermer()
    directs.oublier(*CLIENTS)
    with ctx.memoire.verrou:
        ctx.memoire.etats_dmp.clear()
        ctx.memoire.bris_de_glace.clear()
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="cps.fermeture",
                       resultat="carte retirée" if partie else "ok")
    return True
