"""The professional's own card: who is there, opening it by its PIN, closing it when it leaves."""

from datetime import UTC, datetime
from typing import Protocol

from app.devices.cps import CarteOuverte, CpsAbsente, LecteurCps, Titulaire
from app.services.signature import Signataire
from app.usecases.context import Contexte
from app.usecases.directs import CpsOuverte
from app.usecases.errors import Refus
from app.usecases.garde import libre
from app.usecases.reglages_centre import lire_reglages_centre


class Cartes(Protocol):
    """What this needs of a source of CPS."""

    def titulaires(self) -> list[Titulaire]:
        """Who is in the readers."""
        ...

    def ouvrir(self, pin: str, identifiant: str = "") -> CarteOuverte:
        """Give the PIN."""
        ...


def _cartes(ctx: Contexte) -> Cartes:
    return LecteurCps(lire_reglages_centre(ctx).cps_module)


@libre("la carte est dans le lecteur ; rien n’est lu du dossier")
def qui_est_la(ctx: Contexte) -> Titulaire | None:
    """Who is in the reader, without PIN: the user's own card first; None without a card.

    :raises ErreurCarte: no library to read it.
    """
    la = _cartes(ctx).titulaires()
    miens = [t for t in la if t.identifiant == ctx.professionnel.identifiant]
    return next(iter(miens or la), None)


@libre("chacun ouvre sa propre carte")
def ouvrir_cps(ctx: Contexte, pin: str) -> Titulaire:
    """Give the PIN to the user's own card; its key then signs for INSi until it leaves.

    :raises Refus: another professional's card, expired, or a PIN that isn't four digits.
    :raises ErreurCarte: no card, wrong PIN, blocked card: each says what to do.
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
                    "vôtre : son code n’a pas été essayé.", code="CPS-TITULAIRE")
    if titulaire.perime(datetime.now(UTC)):
        raise Refus("Votre carte CPS est expirée. Demandez la suivante à l’ANS.",
                    code="CPS-PERIMEE")
    carte = _cartes(ctx).ouvrir(pin, titulaire.identifiant)
    fermer_cps(ctx)
    ctx.services.directs.cps = CpsOuverte(
        titulaire.identifiant, f"{titulaire.prenom} {titulaire.nom}", titulaire.porteur,
        Signataire.de_cle(carte.cle, carte.chaine), carte.fermer)
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="cps.ouverture", resultat="ok",
                       detail=titulaire.porteur)
    return titulaire


@libre("ferme ce que l’utilisateur a ouvert")
def fermer_cps(ctx: Contexte) -> bool:
    """The card left, or the user goes; True when one was open."""
    cps, ctx.services.directs.cps = ctx.services.directs.cps, None
    if cps is None:
        return False
    cps.fermer()
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="cps.fermeture", resultat="ok")
    return True
