"""Every use case that writes over what somebody read, played by two persons on both engines."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox.certificats import ouvrir as ouvrir_pki
from app.store import places
from app.store.engine import ouvrir
from app.usecases.access import DemandeCabinet, creer_cabinet
from app.usecases.context import Contexte
from app.usecases.fiches_comptes import FicheCompte, ecrire_fiche
from tests.centre_outils import CENTRE, JULIE, MARIAM, MOT_DE_PASSE
from tests.jeux_a_deux import JEUX, Table
from tests.store_outils import nouvelle_base, serveur_commun, supprimer_base

POSTGRESQL = pytest.param("postgresql", marks=[pytest.mark.postgres,
                                               pytest.mark.xdist_group("postgres")])
SQLITE = pytest.param("sqlite", marks=pytest.mark.xdist_group("a_deux"))


@pytest.fixture(scope="module", params=[SQLITE, POSTGRESQL])
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
          ) -> Iterator[Table]:
    """One practice for all the games; each makes what it needs."""
    dossier = tmp_path_factory.mktemp("a_deux")
    ou: Path | str = dossier / "c.pleiade"
    nom = f"jeux_{secrets.token_hex(4)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "dossier_donnees", lambda: dossier)
        if request.param == "postgresql":
            ou = nouvelle_base(serveur_commun(), nom)
        un = creer_cabinet(ou, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE,
                                              profils=("CSI", "IDE"))).contexte
        with un.store.ecriture() as u:
            numero = u.comptes.ajouter_professionnel(JULIE)
            ecrire_fiche(u, numero, FicheCompte("julie", ("titulaire", "administrateur")))
        autre = Contexte(ouvrir(ou, un.store._cle), numero, JULIE, un.structure, un.services)
        meme = Contexte(ouvrir(ou, un.store._cle), un.compte_id, MARIAM, un.structure, un.services)
        yield Table(un, meme, autre, ouvrir_pki(dossier / "pki").dossier)
        autre.store.fermer()
        meme.store.fermer()
        un.fermer()
        if request.param == "postgresql":
            supprimer_base(serveur_commun(), nom)


@pytest.mark.parametrize("geste", sorted({jeu.__name__ for jeu in JEUX.values()}))
def test_nothing_is_lost_without_a_word(table: Table, geste: str) -> None:
    next(jeu for jeu in JEUX.values() if jeu.__name__ == geste)(table)
