"""Other accounts of an open practice, each with its own view of the file; their days."""

from datetime import date
from types import SimpleNamespace

import pytest

from app.domain.people import Professionnel
from app.store.engine import ouvrir
from app.usecases import fiches_comptes
from app.usecases.context import Contexte
from app.usecases.fiches_comptes import FicheCompte, ecrire_fiche
from app.usecases.settings import charger
from tests.sauvegarde_outils import Cabinet


def au_jour(monkeypatch: pytest.MonkeyPatch, jour: str) -> None:
    """Accounts believe that today is `jour` (AAAA-MM-JJ)."""
    monkeypatch.setattr(fiches_comptes, "date",
                        SimpleNamespace(today=lambda: date.fromisoformat(jour)))


def collegue(cabinet: Cabinet, *roles: str, profession: str = "", nom: str = "COLLEGUE",
             du: str = "", au: str = "", prenom: str = "SAM") -> Contexte:
    """A context of another account, on the same file; its store is to be closed."""
    ctx = cabinet.ctx
    with ctx.store.ecriture() as u:
        numero = u.comptes.ajouter_professionnel(
            Professionnel(f"interne-{nom}", nom, prenom, profession))
        ecrire_fiche(u, numero, FicheCompte(nom, roles, du, au))
    store = ouvrir(ctx.store.emplacement, ctx.store._cle)
    return Contexte(store, numero, charger(store, numero).professionnel, ctx.structure,
                    ctx.services)
