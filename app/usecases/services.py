"""The clients of the national services, built once from the settings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app import __version__
from app.domain.people import ProfilUtilisateur, SituationExercice
from app.domain.session import EtatService
from app.services.dmp import ClientDmp
from app.services.errors import Remede
from app.services.insi import ClientInsi, IdentiteLogiciel
from app.services.jetons_messagerie import JetonsMessagerie
from app.services.meteo import Meteo
from app.services.proxy_client import ProxyClient
from app.services.signature import Signataire
from app.usecases.directs import Directs
from app.usecases.errors import Refus
from app.usecases.settings import NOM_LOGICIEL, Reglages

#: Services shown in the bar: name in the clients, name on screen.
NOMS_SERVICES = (("proxy", "Proxy e-santé"), ("insi", "INSi"), ("dmp", "DMP"))


class Services:
    """Proxy, INSi and DMP clients of one unlocked file. Without a proxy address all are None."""

    def __init__(self, reglages: Reglages, proxy: ProxyClient | None = None) -> None:
        self._reglages = reglages
        self._profil: ProfilUtilisateur | None = None
        self._situation: SituationExercice | None = None
        self.etats = Meteo()
        self.executeur: Callable[..., Any] | None = None
        """Where the window wants large answers to be read (`employer_processus`)."""
        self.proxy: ProxyClient | None = None
        self.insi: ClientInsi | None = None
        self.dmp: ClientDmp | None = None
        self.logiciel = logiciel = IdentiteLogiciel(
            nom=NOM_LOGICIEL, version=__version__, instance=reglages.racine_oid,
            idam=reglages.idam, homologation_dmp=reglages.homologation_dmp,
            oid=reglages.racine_oid)
        self.directs = Directs()
        """Clients of the structure's certificate and of the CPS (`authentifications`)."""
        self.jetons: JetonsMessagerie | None = None
        """Tokens of the mail, in memory alone."""
        if not reglages.proxy_url:
            return
        signataire = _signataire(reglages)
        self.proxy = proxy or ProxyClient(reglages.proxy_url,
                                          ca_pem_path=reglages.proxy_ca or None)
        self.proxy.meteo = self.etats
        self.jetons = JetonsMessagerie(self.proxy)
        self.insi = ClientInsi(self.proxy, logiciel, signataire, meteo=self.etats)
        self.dmp = ClientDmp(self.proxy, logiciel, signataire, meteo=self.etats)

    def employer_processus(self, executeur: Callable[..., Any]) -> None:
        """Parse large answers in the worker process of the window."""
        self.executeur = executeur
        if self.dmp is not None:
            self.dmp.executeur_lourd = executeur

    def exiger_proxy(self) -> ProxyClient:
        """The proxy client, or a refusal that says what to set."""
        if self.proxy is None:
            raise Refus("Le Proxy e-santé n’est pas configuré. Indiquez son adresse dans "
                        "Réglages, Services nationaux.", code="PROXY-ABSENT")
        return self.proxy

    def exiger_insi(self) -> ClientInsi:
        """The INSi client, or a refusal."""
        self.exiger_proxy()
        assert self.insi is not None
        return self.insi

    def exiger_dmp(self) -> ClientDmp:
        """The DMP client, or a refusal."""
        self.exiger_proxy()
        assert self.dmp is not None
        return self.dmp

    def retenir_profil(self, profil: ProfilUtilisateur,
                       situation: SituationExercice | None = None) -> None:
        """Remember who Pro Santé Connect says is there (memory only), and as what she acts.

        :param situation: the one chosen; a single one needs no choice.
        """
        self._profil = profil
        if situation is None and len(profil.situations) == 1:
            situation = profil.situations[0]
        self._situation = situation

    def choisir_situation(self, situation: SituationExercice) -> None:
        """Act in this situation d'exercice from now on."""
        self._situation = situation

    def oublier_profil(self) -> None:
        """Forget the user of Pro Santé Connect."""
        self._profil = self._situation = None
        if self.jetons is not None:
            self.jetons.terminer()

    @property
    def sujet(self) -> str:
        """SubjectNameID of the connected professional, "" when nobody is."""
        return "" if self._profil is None else self._profil.subject_name_id

    @property
    def mode(self) -> str:
        """How the calls are authenticated and as whom, for the trail (SC.INS/PSC.50)."""
        return f"Pro Santé Connect, {self.sujet}" if self.sujet else ""

    @property
    def situation(self) -> SituationExercice | None:
        """The situation d'exercice of the session; None while it is to be chosen, or unknown."""
        return self._situation

    @property
    def situations(self) -> tuple[SituationExercice, ...]:
        """All situations d'exercice of the connected professional."""
        return () if self._profil is None else self._profil.situations

    @property
    def profil(self) -> ProfilUtilisateur:
        """Who is connected, with the situation d'exercice in which she acts.

        :raises Refus: nobody is, or she has several situations and chose none.
        """
        if self._profil is None:
            raise Refus("Cette action demande une connexion à Pro Santé Connect. Rien n’a été "
                        "envoyé.", remede=Remede.SE_CONNECTER, code="PSC-ABSENT")
        if self._situation is not None:
            return replace(self._profil, situations=(self._situation,))
        if self._profil.situations:
            raise Refus("Choisissez d’abord votre situation d’exercice. Rien n’a été envoyé.",
                        remede=Remede.SE_CONNECTER, code="PSC-SITUATION")
        return self._profil

    @property
    def nom_psc(self) -> str:
        """Name of the connected professional, for the bar."""
        return "" if self._profil is None else f"{self._profil.prenom} {self._profil.nom}"

    def meteo(self) -> tuple[EtatService, ...]:
        """State of each service after the last calls; empty without a proxy.

        A service that wasn't called yet is supposed to answer: the first call will tell.
        """
        if self.proxy is None:
            return ()
        connus = {etat.nom: etat for etat in self.etats.etats()}
        return tuple(replace(connus.get(nom, EtatService(nom)), nom=libelle)
                     for nom, libelle in NOMS_SERVICES)

    def fermer(self) -> None:
        """Close the network. The session is left to end at the proxy: locking isn't logging out."""
        self.directs.fermer()
        if self.jetons is not None:
            self.jetons.terminer()
        if self.proxy is not None:
            self.proxy.fermer()


def _signataire(reglages: Reglages) -> Signataire | None:
    """The software key of the installation, or None when there is none.

    :raises Refus: the files named in the settings can't be read.
    """
    if not (reglages.cle_installation and reglages.certificat_installation):
        return None
    try:
        return Signataire(Path(reglages.cle_installation).read_bytes(),
                          Path(reglages.certificat_installation).read_bytes())
    except (OSError, ValueError) as erreur:
        raise Refus("La clé logicielle de l’installation est illisible. Vérifiez les deux fichiers "
                    "indiqués dans Réglages, Services nationaux.", code="CLE-INSTALLATION") \
            from erreur
