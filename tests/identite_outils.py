"""Helpers of the identity tests: a file, its user, an INSi that says what the test wants."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.domain.identity import OID_NIR, Identite, MatriculeHistorique, Traits
from app.domain.people import Professionnel, ProfilUtilisateur, Structure
from app.domain.session import EtatService
from app.services.errors import ErreurService
from app.services.insi import ReponseInsi
from app.services.meteo import Meteo
from app.store.engine import ouvrir
from app.usecases.context import Contexte
from app.usecases.directs import Directs
from tests.store_outils import CLE, fichier_neuf

ADRUN = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE")
MATRICULE = "275126322074974"
AUTRE_MATRICULE = "160012B02077713"
PROFESSIONNEL = Professionnel("899700000016", "MOREAU", "Claire", "60", civilite="MME")
CABINET = Structure("1999999999", "Cabinet infirmier Moreau", "SA07", "3 rue des Essais", "63420",
                    "Mazoires")


def reponse(traits: Traits = ADRUN, matricule: str = MATRICULE, oid: str = OID_NIR,
            historique: tuple[MatriculeHistorique, ...] = ()) -> ReponseInsi:
    """A 00 answer."""
    return ReponseInsi("00", "OK", Identite(replace(traits, premier_prenom=""),
                                            matricule_ins=matricule, oid=oid,
                                            historique=historique), recuperable=True,
                       automatique=True)


RIEN = ReponseInsi("01", "Aucune identite trouvee")


@dataclass
class InsiFictif:
    """Answers by a function of the call; counts the calls."""

    strategie = "psc_proxy"

    recherche: Callable[..., ReponseInsi] = lambda *_a, **_k: RIEN
    verification: Callable[[Identite], bool] = lambda _i: True
    appels: list[str] = field(default_factory=list)

    def par_traits(self, traits: Traits, prenom: str, **_: Any) -> ReponseInsi:
        self.appels.append("traits")
        return self.recherche(traits, prenom)

    def par_carte(self, beneficiaire: Any, **_: Any) -> ReponseInsi:
        self.appels.append("carte")
        return self.recherche(beneficiaire)

    def verifier(self, identite: Identite, **_: Any) -> bool:
        self.appels.append("verification")
        return self.verification(identite)


class _Proxy:
    session: object | None = object()

    def fermer(self) -> None:
        """Nothing to close."""


class ServicesFictifs:
    """Stands for `usecases.services.Services`."""

    def __init__(self, insi: InsiFictif) -> None:
        self.insi = insi
        self.dmp = None
        self.proxy: _Proxy | None = _Proxy()
        self.etats = Meteo()
        self.directs = Directs()
        self.profil = ProfilUtilisateur("899700000016", "MOREAU", "Claire")
        self.verrou = threading.Lock()

    def exiger_insi(self) -> InsiFictif:
        return self.insi

    def meteo(self) -> tuple[EtatService, ...]:
        return self.etats.etats()

    def fermer(self) -> None:
        """Nothing to close."""


def contexte(dossier: Path, insi: InsiFictif | None = None) -> Contexte:
    """An unlocked throw-away file with one professional."""
    store = ouvrir(fichier_neuf(dossier), CLE)
    with store.ecriture() as u:
        u.comptes.enregistrer_structure(CABINET)
        compte = u.comptes.ajouter_professionnel(PROFESSIONNEL)
    services: Any = ServicesFictifs(insi or InsiFictif())
    return Contexte(store=store, compte_id=compte, professionnel=PROFESSIONNEL, structure=CABINET,
                    services=services)


def panne(erreur: ErreurService) -> Callable[..., Any]:
    """A function that raises."""
    def lever(*_a: Any, **_k: Any) -> Any:
        raise erreur
    return lever
