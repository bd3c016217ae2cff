"""Teams and delegations: dated, traced, never passed on; the consent is the team's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.equipes import (
    Delegation,
    Equipe,
    Geste,
    Membre,
    defauts_delegation,
    delegue,
    meme_equipe,
)
from app.domain.people import Professionnel
from app.store.errors import ConflitVersion
from app.usecases import agenda, consentement, equipes, patients
from app.usecases.access import DemandeCabinet, creer_cabinet
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.centre_outils import CENTRE, JULIE, MARIAM, MOT_DE_PASSE
from tests.store_outils import traits


def aujourdhui(jours: int = 0) -> str:
    """Today, or so many days later, when the test runs (the run may have begun the day before)."""
    return (date.today() + timedelta(days=jours)).isoformat()
JOURS = st.sampled_from(["", "2026-01-01", "2026-06-01", "2026-12-31"])
COMPTES = st.integers(1, 4)


@pytest.fixture
def ctx(tmp_path: Path, derivation_legere: None) -> Iterator[Contexte]:
    ctx = creer_cabinet(tmp_path / "c.pleiade",
                        DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte
    yield ctx
    ctx.fermer()


def ajouter(ctx: Contexte, qui: Professionnel) -> int:
    with ctx.store.ecriture() as u:
        return u.comptes.ajouter_professionnel(qui)


@given(st.lists(st.builds(Delegation, st.just(1), COMPTES, COMPTES,
                          st.frozensets(st.sampled_from(Geste)), JOURS, JOURS,
                          revoquee_le=st.sampled_from(["", "2026-01-01T00:00:00+01:00"])),
                max_size=5), COMPTES, COMPTES, st.sampled_from(Geste))
def test_a_delegation_is_never_passed_on(donnees: list[Delegation], de: int, a: int,
                                         geste: Geste) -> None:
    permis = delegue(donnees, de, a, geste, "2026-06-01")
    directe = any(d.de_id == de and d.a_id == a and geste in d.gestes and not d.revoquee_le
                  and (not d.du or d.du <= "2026-06-01") and (not d.au or d.au >= "2026-06-01")
                  for d in donnees)
    assert permis == (de == a or directe)


def test_without_a_team_the_practice_is_one() -> None:
    assert meme_equipe([], 1, 2, aujourdhui())
    equipe = Equipe(1, "Nord", (Membre(1), Membre(2, au=aujourdhui(-1))))
    assert not meme_equipe([equipe], 1, 2, aujourdhui())
    assert meme_equipe([equipe], 1, 2, aujourdhui(-1))
    assert not meme_equipe([equipe], 1, 3, aujourdhui(-1))
    assert meme_equipe([replace(equipe, active=False)], 1, 3, aujourdhui(-1))


@pytest.mark.parametrize(("champs", "message"), [
    ({"a_id": 1}, "autre personne"), ({"gestes": frozenset()}, "ce que vous confiez"),
    ({"au": ""}, "date de début"), ({"au": "2026-05-01"}, "précède"),
    ({"au": "2028-01-01"}, "un an")])
def test_what_can_t_be_delegated(champs: dict[str, object], message: str) -> None:
    bonne = Delegation(0, 1, 2, frozenset({Geste.AGENDA}), "2026-06-01", "2026-06-30")
    assert defauts_delegation(bonne) == []
    (faute,) = defauts_delegation(replace(bonne, **champs))  # type: ignore[arg-type]
    assert message in faute


def test_delegating_then_taking_back(ctx: Contexte) -> None:
    julie = ajouter(ctx, JULIE)
    chez_julie = replace(ctx, compte_id=julie, professionnel=JULIE)
    with pytest.raises(Refus, match="Mariam DIALLO ne vous a pas confié"):
        equipes.exiger_delegation(chez_julie, ctx.compte_id, Geste.AGENDA)
    donnee = equipes.deleguer(ctx, julie, {Geste.AGENDA}, aujourdhui(), aujourdhui(), "congé")
    equipes.exiger_delegation(chez_julie, ctx.compte_id, Geste.AGENDA)
    assert equipes.pour_qui(chez_julie, Geste.AGENDA) == (julie, ctx.compte_id)
    assert equipes.pour_qui(chez_julie, Geste.CONSENTEMENT) == (julie,)
    with pytest.raises(Refus, match="Seule la personne"):
        equipes.revoquer(chez_julie, donnee)
    equipes.revoquer(ctx, donnee)
    with pytest.raises(Refus):
        equipes.exiger_delegation(chez_julie, ctx.compte_id, Geste.AGENDA)
    with ctx.store.lecture() as u:
        faits = [ligne.quoi for ligne in u.trail.lister() if ligne.quoi.startswith("delegation")]
    assert faits == ["delegation.refus", "delegation.fin", "delegation.ouverture",
                     "delegation.refus"]


def test_the_agenda_of_a_colleague_needs_a_delegation(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        julie = u.comptes.ajouter_professionnel(JULIE)
    chez_julie = replace(ctx, compte_id=julie, professionnel=JULIE)
    with pytest.raises(Refus, match="ne vous a pas confié"):
        agenda.ajouter_passage(chez_julie, aujourdhui(), "10:00", None, pour=ctx.compte_id)
    assert agenda.tournee(ctx, aujourdhui()) == []
    equipes.deleguer(ctx, julie, {Geste.AGENDA}, aujourdhui(), aujourdhui())
    assert [nom for _, nom in equipes.personnes_pour(chez_julie, Geste.AGENDA)] == [
        "Julie FONTAINE", "Mariam DIALLO"]
    passage = agenda.ajouter_passage(chez_julie, aujourdhui(), "10:00", None, pour=ctx.compte_id)
    assert passage.professionnel_id == ctx.compte_id
    siens = agenda.ajouter_passage(chez_julie, aujourdhui(), "11:00", None)
    assert siens.professionnel_id == julie
    with ctx.store.lecture() as u:
        (ligne,) = [x for x in u.trail.lister() if x.quoi == "delegation.usage"]
    assert ligne.qui == chez_julie.qui and ligne.sur_qui == f"compte {ctx.compte_id}"
    assert "agenda pour Mariam DIALLO" in ligne.detail


@pytest.mark.exigence("SC.DMP/CONF.06.BIS")
def test_the_consent_is_the_team_s_and_no_other_s(ctx: Contexte) -> None:
    julie = ajouter(ctx, JULIE)
    chez_julie = replace(ctx, compte_id=julie, professionnel=JULIE)
    lu = patients.creer_patient(ctx, traits()).patient
    assert lu is not None
    consentement.noter_consentement(ctx, lu.id, True, False)

    def partage(qui: Contexte) -> bool:
        with qui.store.lecture(entiere=True) as u:
            return equipes.consentement_partage(u, qui.compte_id, u.episodes.courant(lu.id))

    assert partage(ctx)
    assert partage(chez_julie)
    nord = equipes.enregistrer_equipe(ctx, Equipe(0, "Nord", (Membre(ctx.compte_id),)))
    assert not partage(chez_julie)
    assert partage(ctx)
    equipes.enregistrer_equipe(ctx, replace(nord, membres=(*nord.membres, Membre(julie))))
    assert partage(chez_julie)
    with pytest.raises(ConflitVersion):
        equipes.enregistrer_equipe(ctx, nord)
    with pytest.raises(Refus, match="nom"):
        equipes.enregistrer_equipe(ctx, Equipe(0, " "))
