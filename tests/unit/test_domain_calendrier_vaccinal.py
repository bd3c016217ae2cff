"""What the schedule expects at an age, from the committed table."""

from datetime import date

import pytest

from app.documents.calendrier import etapes_calendrier, source_calendrier
from app.domain.calendrier_vaccinal import (
    Dose,
    EtatVaccinal,
    LigneSituation,
    mois_revolus,
    prochaine_dose,
    situation,
)
from app.domain.vaccination import avis_profession

AU = date(2026, 11, 23)
DTP = ("DIP", "TET", "POL", "COQ")


def lignes(naissance: str, *doses: tuple[str, tuple[str, ...]],
           au: date = AU) -> tuple[LigneSituation, ...]:
    return situation(etapes_calendrier(), date.fromisoformat(naissance),
                     [Dose(*d) for d in doses], au)


def ligne(titre: str, naissance: str, *doses: tuple[str, tuple[str, ...]],
          au: date = AU) -> LigneSituation | None:
    return next((x for x in lignes(naissance, *doses, au=au) if x.titre.startswith(titre)), None)


def etat(titre: str, naissance: str, *doses: tuple[str, tuple[str, ...]],
         au: date = AU) -> EtatVaccinal | None:
    trouvee = ligne(titre, naissance, *doses, au=au)
    return trouvee.etat if trouvee else None


def test_the_table_says_its_source_and_keeps_its_doubts() -> None:
    assert "2026" in source_calendrier() and "ministère" in source_calendrier()
    etapes = {e.id: e for e in etapes_calendrier()}
    assert len(etapes) == 48
    assert etapes["N01"].verifie and not etapes["E02"].verifie
    assert etapes["D04"].fin is None and etapes["A03"].nombre == 3


def test_a_late_adult_booster_is_to_do_with_its_month() -> None:
    vue = ligne("Diphtérie", "1975-12-31", ("2001-05-22", DTP))
    assert vue is not None
    assert vue.etat is EtatVaccinal.A_FAIRE and vue.rappel
    assert vue.detail == "Rappel des 45 ans, prévu en 12/2020"
    assert vue.titre == "Diphtérie, tétanos, polio"


def test_nothing_recorded_is_not_nothing_done() -> None:
    vue = ligne("Diphtérie", "1975-12-31")
    assert vue is not None
    assert vue.etat is EtatVaccinal.A_VERIFIER and "aucune dose enregistrée" in vue.detail


@pytest.mark.parametrize("jour", ["2016-02-01", "2020-12-31", "2026-01-02"])
def test_a_booster_counts_from_five_years_before_its_age(jour: str) -> None:
    assert etat("Diphtérie", "1975-12-31", (jour, DTP)) is EtatVaccinal.A_JOUR


def test_after_75_a_booster_every_ten_years() -> None:
    assert etat("Diphtérie", "1945-01-01", ("2014-01-01", DTP)) is EtatVaccinal.A_FAIRE
    assert etat("Diphtérie", "1945-01-01", ("2018-01-01", DTP)) is EtatVaccinal.A_JOUR


def test_infants_are_counted_dose_by_dose() -> None:
    hexa = ("DIP", "TET", "POL", "COQ", "HIB", "HEPB")
    assert etat("Diphtérie", "2026-11-01") is EtatVaccinal.PLUS_TARD
    vue = ligne("Diphtérie", "2026-07-01", ("2026-09-02", hexa))
    assert vue is not None and vue.etat is EtatVaccinal.A_FAIRE
    assert vue.detail == "Primo 2, prévue à 4 mois (11/2026) ; 1 dose enregistrée sur 2"
    assert etat("Diphtérie", "2026-07-01", ("2026-09-02", hexa),
                ("2026-11-02", hexa)) is EtatVaccinal.A_JOUR
    onze = ligne("Diphtérie", "2025-12-01", ("2026-02-02", hexa), ("2026-04-02", hexa))
    assert onze is not None and onze.rappel


def test_rotavirus_is_no_longer_told_after_its_age() -> None:
    assert etat("Rotavirus", "2026-08-01") is EtatVaccinal.A_FAIRE
    assert etat("Rotavirus", "2026-01-01") is None


def test_seasonal_campaign() -> None:
    ete = date(2026, 7, 1)
    assert etat("Grippe", "1950-01-01") is EtatVaccinal.A_PROPOSER
    assert etat("Grippe", "1950-01-01", ("2026-10-14", ("GRIPPE",))) is EtatVaccinal.A_JOUR
    assert etat("Grippe", "1950-01-01", ("2025-10-14", ("GRIPPE",))) is EtatVaccinal.A_PROPOSER
    assert etat("Grippe", "1950-01-01", au=ete) is EtatVaccinal.PLUS_TARD
    hiver = ligne("Grippe", "1950-01-01", au=date(2027, 1, 15))
    assert hiver is not None and hiver.detail == "Campagne 2026-2027"
    cible = ligne("Grippe", "1975-12-31")
    assert cible is not None and "si maladies chroniques" in cible.detail


def test_two_doses_in_time_need_no_catching_up() -> None:
    hpv = ("HPV",)
    assert etat("Papillomavirus", "2013-06-01") is EtatVaccinal.A_FAIRE
    assert etat("Papillomavirus", "2013-06-01", ("2025-01-01", hpv)) is EtatVaccinal.A_FAIRE
    deux = (("2021-01-01", hpv), ("2021-08-01", hpv))
    assert etat("Papillomavirus", "2009-06-01", *deux) is EtatVaccinal.A_JOUR
    assert etat("Papillomavirus", "2003-06-01", ("2022-01-01", hpv),
                ("2022-03-01", hpv)) is EtatVaccinal.A_FAIRE


def test_far_steps_share_a_line_by_age() -> None:
    loin = [x for x in lignes("1975-12-31") if x.etat is EtatVaccinal.PLUS_TARD]
    assert [(x.titre, x.detail) for x in loin] == [
        ("Pneumocoque, COVID-19, zona", "À 65 ans"), ("VRS", "À 75 ans")]


def test_a_dose_given_early_is_not_announced_for_later() -> None:
    vues = [x for x in lignes("1975-12-31", ("2026-06-11", ("VRS",))) if "VRS" in x.titre]
    assert [x.etat for x in vues] == [EtatVaccinal.A_JOUR]


def test_what_is_to_do_comes_first() -> None:
    etats = [x.etat for x in lignes("1945-01-01", ("2014-01-01", DTP))]
    assert etats == sorted(etats, key=list(EtatVaccinal).index)


def test_future_doses_and_births_are_ignored() -> None:
    assert etat("Diphtérie", "1975-12-31", ("2027-01-01", DTP)) is EtatVaccinal.A_VERIFIER
    assert lignes("2027-01-01") == ()


def test_full_months() -> None:
    assert mois_revolus(date(2026, 1, 31), date(2026, 2, 28)) == 0
    assert mois_revolus(date(2026, 1, 15), date(2026, 3, 15)) == 2


def test_nature_and_rank_are_proposed_from_what_is_known() -> None:
    vues = lignes("1975-12-31", ("2001-05-22", DTP))
    assert prochaine_dose(vues, DTP, [Dose("2001-05-22", DTP, 3)]) == ("BOOSTER", 4)
    assert prochaine_dose(vues, DTP, [Dose("2001-05-22", DTP)]) == ("BOOSTER", None)
    assert prochaine_dose(vues, ("GRIPPE",), [Dose("2025-10-14", ("GRIPPE",), 1)]) == (
        "IMMUNIZ", None)
    assert prochaine_dose((), ("RAGE",), []) == ("IMMUNIZ", None)


def test_a_nurse_needs_a_prescription_under_eleven() -> None:
    assert "prescription" in avis_profession("IDE", 10)
    assert avis_profession("IDE", 11) == ""
    assert avis_profession("SF", 3) == ""
    assert avis_profession("IDE", None) == ""
