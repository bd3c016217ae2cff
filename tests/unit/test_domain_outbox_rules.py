"""Sending and retrying (`spec/dmp.md` §11, §16)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain import libelles, outbox_rules
from app.domain.consent import EpisodeSoins
from app.domain.dmp import AutorisationDmp, EtatDmp
from app.domain.identity import OID_NIR, Attribut, Identite, StatutIdentite, Traits
from app.domain.outbox import TRANSITIONS, EtatOrdre
from app.domain.outbox_rules import envoi_possible, prochain_essai, transition_permise

QUALIFIEE = Identite(Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220"),
                     StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR)
OUVERT = EtatDmp(True, True, AutorisationDmp.NON_EXISTE, "2026-11-21T08:51:00+01:00")
EPISODE = EpisodeSoins(1, 1, "2026-10-12")
MAINTENANT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_what_forbids_sending() -> None:
    assert envoi_possible(QUALIFIEE, EPISODE, OUVERT) == ""
    assert envoi_possible(QUALIFIEE, None, None) == ""
    refus = replace(EPISODE, consentement_consultation=False)
    assert envoi_possible(QUALIFIEE, refus, OUVERT) == ""
    assert "oppose" in envoi_possible(
        QUALIFIEE, replace(EPISODE, opposition_alimentation=True), OUVERT)
    for statut in set(StatutIdentite) - {StatutIdentite.QUALIFIEE}:
        assert "qualifiée" in envoi_possible(replace(QUALIFIEE, statut=statut), EPISODE, OUVERT)
    assert "n’a pas de DMP" in envoi_possible(QUALIFIEE, EPISODE, replace(OUVERT, existe=False))
    assert "fermé" in envoi_possible(QUALIFIEE, EPISODE, replace(OUVERT, ouvert=False))
    assert "fictive" in envoi_possible(
        replace(QUALIFIEE, attributs=frozenset({Attribut.FICTIVE})), EPISODE, OUVERT)


@given(st.integers(0, 10_000), st.floats(-1, 2))
def test_waits_stay_between_one_and_thirty_minutes(essais: int, alea: float) -> None:
    attente = prochain_essai(essais, MAINTENANT, alea) - MAINTENANT
    assert timedelta(minutes=1) <= attente <= timedelta(minutes=30)


def test_waits_double() -> None:
    minutes = [(prochain_essai(n, MAINTENANT) - MAINTENANT).total_seconds() / 60
               for n in range(1, 8)]
    assert minutes == [1, 2, 4, 8, 16, 30, 30]
    assert prochain_essai(3, MAINTENANT, 0.0) < prochain_essai(3, MAINTENANT, 1.0)
    assert prochain_essai(1, MAINTENANT).tzinfo is UTC


def test_final_states_stay_final() -> None:
    assert set(TRANSITIONS) == set(EtatOrdre) == set(libelles.ETATS_ORDRE)
    for final in (EtatOrdre.ENVOYE, EtatOrdre.ANNULE):
        assert not any(transition_permise(final, apres) for apres in EtatOrdre)
    assert transition_permise(EtatOrdre.PROGRAMME, EtatOrdre.EN_COURS)
    assert outbox_rules.opposition(None) is False
