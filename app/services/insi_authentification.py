"""The three authentications of INSi behind one interface (`spec/ins.md` §4.2).

Each says by which way the call leaves, whom it names as sender, and which assertions it carries:

=====================  ======================================  ==========================
strategy               way out                                 `wsse:Security`
=====================  ======================================  ==========================
psc_proxy              Proxy e-santé, API token                PS assertion, software key
certificat_structure   mutual TLS, organisation certificate    none
cps_assertion          TLS                                     PS assertion, key of the CPS
=====================  ======================================  ==========================
"""

from typing import Protocol, runtime_checkable

from lxml import etree

from app.domain.people import ProfilUtilisateur
from app.services.errors import ClasseErreur, Refuse, Remede
from app.services.insi_requetes import Emetteur, assertion_ps
from app.services.logiciel import IdentiteLogiciel
from app.services.signature import Signataire
from app.services.transport import Transport


@runtime_checkable
class AuthentificationInsi(Protocol):
    """How INSi knows who calls."""

    transport: Transport

    def emetteur(self, qui: ProfilUtilisateur | str) -> Emetteur:
        """Who is named in `Emetteur` of both contexts, for the professional at work."""
        ...

    def assertions(self, emetteur: Emetteur,
                   logiciel: IdentiteLogiciel) -> list[etree._Element]:
        """Fresh assertions for one call, in the order of the header."""
        ...


class ParPsc:
    """API Pro Santé Connectée: the user's session at the proxy (SC.INS/PSC.50).

    Args:
        transport: the Proxy e-santé.
        signataire: software key of the installation; None leaves the assertion unsigned.
    """

    def __init__(self, transport: Transport, signataire: Signataire | None) -> None:
        self.transport = transport
        self._signataire = signataire

    def emetteur(self, qui: ProfilUtilisateur | str) -> Emetteur:
        """SubjectNameID of the connected professional."""
        return Emetteur.de(qui)

    def assertions(self, emetteur: Emetteur, logiciel: IdentiteLogiciel) -> list[etree._Element]:
        """The PS assertion, « toujours exigée dans l’API PSC »."""
        return [assertion_ps(emetteur, logiciel, self._signataire)]


class ParCertificat:
    """Organisation certificate (INS/va1.14): the structure calls, no user is named.

    Args:
        transport: mutual TLS with the certificate INSI-AUTO or INSI-MANU.
        structure: OU of its subject.
    """

    def __init__(self, transport: Transport, structure: str) -> None:
        self.transport = transport
        self._structure = structure

    def emetteur(self, qui: ProfilUtilisateur | str) -> Emetteur:
        """The structure, whoever works."""
        del qui
        return Emetteur(self._structure)

    def assertions(self, emetteur: Emetteur, logiciel: IdentiteLogiciel) -> list[etree._Element]:
        """None: TLS vouches for the structure."""
        del emetteur, logiciel
        return []


class ParCps:
    """Direct authentication: the assertion is signed by the signature key of the CPS.

    Args:
        transport: TLS; the card doesn't take part in it.
        signataire: signature key and certificate of the card.
        titulaire: CN of the certificate, the holder's national id.
        porteur: kind of the card (CPS, CPF, CDE-CPE, CPA).
    """

    def __init__(self, transport: Transport, signataire: Signataire, titulaire: str,
                 porteur: str) -> None:
        self.transport = transport
        self._signataire = signataire
        self._titulaire = titulaire
        self._porteur = porteur

    def emetteur(self, qui: ProfilUtilisateur | str) -> Emetteur:
        """The holder of the card; the professional at work must be that person."""
        demande = Emetteur.de(qui)
        if demande.identifiant != self._titulaire:
            raise Refuse("La carte CPS du lecteur est celle d’un autre professionnel. Rien n’a "
                         "été envoyé. Insérez la vôtre.", service="insi", code="CPS-TITULAIRE",
                         remede=Remede.SE_CONNECTER, classe=ClasseErreur.AUTH)
        return demande

    def assertions(self, emetteur: Emetteur, logiciel: IdentiteLogiciel) -> list[etree._Element]:
        """The PS assertion, signed in the card."""
        return [assertion_ps(emetteur, logiciel, self._signataire, porteur=self._porteur)]
