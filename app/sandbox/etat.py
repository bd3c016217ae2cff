"""All that the bac à sable remembers, in memory."""

from app.sandbox.apcv import Apcv
from app.sandbox.carte import Carte
from app.sandbox.certificats import Pki
from app.sandbox.dmp.service import ServiceDmp
from app.sandbox.edc import Edc
from app.sandbox.horloge import Horloge
from app.sandbox.insi.service import ServiceInsi
from app.sandbox.journal import Journal
from app.sandbox.pannes import Pannes
from app.sandbox.psc.jetons import Cles, Emetteur
from app.sandbox.psc.points import PointsPsc
from app.sandbox.psc.portail import Portail
from app.sandbox.psc.registre import RegistrePsc


class Etat:
    """The doubles and what they share: clock, journal, faults."""

    def __init__(self, pki: Pki) -> None:
        self.pki = pki
        self.horloge = Horloge()
        self.journal = Journal(self.horloge)
        self.pannes = Pannes()
        self.psc = RegistrePsc(self.horloge)
        cles = Cles(pki)
        self.emetteur = Emetteur(self.psc, cles)
        self.points_psc = PointsPsc(self.psc, cles, self.emetteur)
        self.portail = Portail(self.psc)
        self.edc = Edc(pki, self.points_psc)
        self.insi = ServiceInsi()
        self.dmp = ServiceDmp(self.horloge)
        self.carte = Carte()
        self.apcv = Apcv(self.horloge)
        #: Serial numbers of the client and signature certificates that the authority revoked.
        self.certificats_revoques: set[int] = set()

    def reinitialiser(self) -> None:
        """Back to the first second: sessions, data, faults, journal, clock."""
        self.horloge.decalage_s = 0.0
        self.pannes.lever()
        self.journal.vider()
        self.psc.oublier()
        self.edc.oublier()
        self.insi.oublier()
        self.dmp.oublier()
        self.carte.retirer()
        self.apcv.oublier()
        self.certificats_revoques.clear()
