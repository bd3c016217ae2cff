"""Téléservice INSi: search by traits, by carte Vitale, verification (`spec/ins.md` §4).

One call each: which given name to try next, and what an answer does to an identity, belongs to
the use cases and the domain. A technical error never changes an identity.
"""

from collections.abc import Callable
from typing import TypeVar

from lxml import etree

from app.domain.identity import Beneficiaire, Identite, Traits
from app.domain.people import ProfilUtilisateur
from app.services import soap
from app.services.appel import Appelant, Journal, Operation, Reprises, Requete
from app.services.insi_authentification import AuthentificationInsi, ParPsc
from app.services.insi_reponses import ReponseInsi, lire_recherche, lire_verification
from app.services.insi_requetes import (
    ACTION_TRAITS,
    ACTION_VERIFICATION,
    ACTION_VITALE,
    corps_traits,
    corps_verification,
    corps_vitale,
    couverture_vitale,
    enveloppe_insi,
)
from app.services.logiciel import IdentiteLogiciel
from app.services.meteo import Meteo
from app.services.signature import Signataire
from app.services.soap import ReponseSoap
from app.services.transport import Annulation, Reponse, Transport

__all__ = ["ClientInsi", "IdentiteLogiciel", "ReponseInsi"]

T = TypeVar("T")

CHEMIN = "/lps"
DELAI_S = 20.0


class ClientInsi:
    """Calls INSi.

    Args:
        acces: how the caller is authenticated: one of the three of `insi_authentification`, or a
            bare transport, which is then the Proxy e-santé's.
        logiciel: who calls; `idam` must be the authorisation number of the software.
        signataire: with a bare transport, key that signs the PS assertion; None leaves it
            unsigned.
        meteo: states of the services; that of the transport by default.
        journal: told about every call (rules 37, 39, 48).
    """

    def __init__(self, acces: AuthentificationInsi | Transport, logiciel: IdentiteLogiciel,
                 signataire: Signataire | None = None, *, meteo: Meteo | None = None,
                 journal: Journal | None = None, reprises: Reprises | None = None) -> None:
        self._logiciel = logiciel
        self._acces = acces if isinstance(acces, AuthentificationInsi) \
            else ParPsc(acces, signataire)
        self._appelant = Appelant(self._acces.transport, "insi", meteo=meteo, journal=journal,
                                  reprises=reprises)

    @property
    def strategie(self) -> str:
        """How the caller is authenticated, as the journals name it."""
        return self._acces.transport.strategie

    def par_traits(self, traits: Traits, prenom: str, *, avec_cog: bool,
                   emetteur: ProfilUtilisateur | str,
                   annule: Annulation | None = None) -> ReponseInsi:
        """Search by traits with one given name, or the whole list as one text.

        Args:
            traits: birth name, sex, date and COG are sent; first given names are not.
            prenom: the candidate given name.
            avec_cog: send the birthplace too (second call after `02`); 99999 never is.
            emetteur: profile of the session, or a national id.
            annule: True gives up.

        Raises:
            Rejete: a trait that can't be sent (nothing was), or an unknown functional code.
            Indisponible, Refuse, SessionExpiree, Invalide, Annule.
        """
        corps = corps_traits(traits, prenom, avec_cog=avec_cog)
        return self._appeler("rechercherInsAvecTraitsIdentite", ACTION_TRAITS, corps, None,
                             lire_recherche, emetteur, annule)

    def par_carte(self, beneficiaire: Beneficiaire, *, emetteur: ProfilUtilisateur | str,
                  nir_ouvrant: str = "", annule: Annulation | None = None) -> ReponseInsi:
        """Search by carte Vitale.

        Args:
            beneficiaire: the person chosen on the card.
            nir_ouvrant: NIR of the opener of rights, for a person without one on the card.
            emetteur, annule: as `par_traits`.

        Raises:
            Rejete: the card gives no NIR or no date; nothing was sent.
            Indisponible, Refuse, SessionExpiree, Invalide, Annule.
        """
        corps = corps_vitale(beneficiaire, nir_ouvrant)
        couverture = couverture_vitale(beneficiaire, nir_ouvrant)
        return self._appeler("rechercherInsAvecCarteVitale", ACTION_VITALE, corps, couverture,
                             lire_recherche, emetteur, annule)

    def verifier(self, identite: Identite, *, emetteur: ProfilUtilisateur | str,
                 annule: Annulation | None = None) -> bool:
        """Verify a matricule with its traits: True when INSi confirms all of it.

        Raises:
            Rejete: the identity has no matricule; nothing was sent.
            Indisponible, Refuse, SessionExpiree, Invalide, Annule.
        """
        return self._appeler(
            "verifierInsAvecTraitsIdentite", ACTION_VERIFICATION, corps_verification(identite),
            None, lire_verification, emetteur, annule)

    def _appeler(self, transaction: str, action: str, corps: etree._Element,
                 couverture: etree._Element | None, lecture: Callable[[ReponseSoap], T],
                 emetteur: ProfilUtilisateur | str, annule: Annulation | None) -> T:
        qui = self._acces.emetteur(emetteur)

        def fabriquer(message_id: str) -> Requete:
            return Requete(enveloppe_insi(
                action, message_id, _copie(corps), emetteur=qui, logiciel=self._logiciel,
                assertions=self._acces.assertions(qui, self._logiciel),
                couverture=None if couverture is None else _copie(couverture)),
                soap.type_contenu(action))

        def lire(reponse: Reponse, message_id: str) -> T:
            # The samples of INSi don't show RelatesTo: it is checked when it is there.
            return lecture(soap.lire_reponse(
                reponse.corps, reponse.content_type, reponse.status, service="insi",
                message_id=message_id, relates_to_exige=False))

        return self._appelant.appeler(
            Operation(transaction, CHEMIN, DELAI_S, emetteur=qui.identifiant), fabriquer, lire,
            lambda: soap.nouvel_identifiant("uuid:"), annule=annule)


def _copie(noeud: etree._Element) -> etree._Element:
    """A copy for one try: an envelope takes its elements away."""
    return etree.fromstring(etree.tostring(noeud))
