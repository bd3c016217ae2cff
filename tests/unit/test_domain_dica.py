"""DICA: four facts, one answer, no call without the right (`spec/dmp.md` §11, §12)."""

import itertools
from dataclasses import replace

import pytest

from app.domain import libelles
from app.domain.consent import EpisodeSoins
from app.domain.dica import EtatLigne, FaitsDica, RemedeDica, evaluer, heure, td02_permis
from app.domain.dmp import AutorisationDmp, EtatDmp
from app.domain.identity import (
    OID_NIR,
    Attribut,
    Identite,
    ModeQualification,
    StatutIdentite,
    Traits,
)

TRAITS = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE")
QUALIFIEE = Identite(TRAITS, StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR,
                     justificatif="CN", mode_qualification=ModeQualification.DOCUMENT,
                     date_insi="2026-10-12T09:00:00+02:00")
OUI = EpisodeSoins(1, 1, "2026-10-12", "2026-10-12T09:00:00+02:00", "Camille DÉMO", True)
OUVERT = EtatDmp(True, True, AutorisationDmp.VALIDE, "2026-11-21T08:51:00+01:00")
TOUT = FaitsDica(QUALIFIEE, OUI, OUVERT, session_ouverte=True,
                 session_expire_le="2026-11-21T12:04:00+01:00")


def test_all_four() -> None:
    dica = evaluer(TOUT)
    assert dica.consultable and dica.titre == "DMP consultable"
    assert dica.manque.replace("\u00a0", " ") == "D I C A : 4 sur 4"
    assert [x.lettre for x in dica.lignes] == list("DICA")
    assert dica.envoi.endswith("autorisé")
    assert "12/10/2026" in dica.lignes[1].fait and "carte nationale" in dica.lignes[1].fait
    assert "Camille DÉMO" in dica.lignes[2].fait


def test_consultable_if_and_only_if_the_four_hold() -> None:
    manques = {
        "D": {"etat_dmp": None}, "I": {"identite": Identite(TRAITS)},
        "C": {"episode": replace(OUI, consentement_consultation=None)},
        "A": {"session_ouverte": False},
    }
    for n in range(5):
        for lettres in itertools.combinations("DICA", n):
            faits = TOUT
            for lettre in lettres:
                faits = replace(faits, **manques[lettre])
            dica = evaluer(faits)
            assert dica.consultable == (n == 0)
            assert {x.lettre for x in dica.lignes if x.etat != EtatLigne.REMPLI} == set(lettres)


def test_the_second_line_of_the_button() -> None:
    sans_c = replace(TOUT, episode=replace(OUI, consentement_consultation=None))
    assert evaluer(sans_c).manque.replace("\u00a0", " ") == "Il manque : C (consentement)"
    sans_rien = replace(sans_c, identite=Identite(TRAITS))
    assert evaluer(sans_rien).manque.replace("\u00a0", " ") == "Il manque : I, C"
    en_cours = replace(TOUT, etat_dmp=None, dmp_en_cours=True)
    assert evaluer(en_cours).manque == "Vérification en cours"


@pytest.mark.parametrize(("etat", "titre", "ligne"), [
    (replace(OUVERT, existe=False, ouvert=False), "Pas de DMP", EtatLigne.BLOQUE),
    (replace(OUVERT, ouvert=False, motif_fermeture="décès"), "DMP fermé", EtatLigne.BLOQUE),
    (replace(OUVERT, autorisation=AutorisationDmp.INTERDIT), "Accès bloqué par le patient",
     EtatLigne.BLOQUE),
    (replace(OUVERT, autorisation=AutorisationDmp.NON_EXISTE), "DMP accessible",
     EtatLigne.REMPLI),
    (replace(OUVERT, autorisation=AutorisationDmp.EXPIRE), "DMP accessible", EtatLigne.REMPLI),
])
def test_what_td02_answers(etat: EtatDmp, titre: str, ligne: EtatLigne) -> None:
    d = evaluer(replace(TOUT, etat_dmp=etat)).lignes[0]
    assert (d.titre, d.etat) == (titre, ligne)


def test_each_failing_line_offers_its_remedy() -> None:
    def remedes(faits: FaitsDica, place: int) -> tuple[RemedeDica, ...]:
        return evaluer(faits).lignes[place].remedes
    assert RemedeDica.ETAT_SERVICES in remedes(
        replace(TOUT, etat_dmp=None, dmp_indisponible="Le DMP ne répond pas."), 0)
    assert remedes(replace(TOUT, identite=Identite(TRAITS)), 1) == (RemedeDica.QUALIFIER_INS,)
    sans_c = replace(TOUT, episode=None)
    assert remedes(sans_c, 2) == (RemedeDica.PATIENT_CONSENT, RemedeDica.PATIENT_REFUSE,
                                  RemedeDica.QUE_DIRE, RemedeDica.BRIS_DE_GLACE)
    assert RemedeDica.BRIS_DE_GLACE not in remedes(replace(sans_c, peut_bris_de_glace=False), 2)
    refus = replace(TOUT, episode=replace(OUI, consentement_consultation=False))
    assert remedes(refus, 2)[0] is RemedeDica.MODIFIER_CONSENTEMENT
    assert remedes(replace(TOUT, session_ouverte=False), 3) == (RemedeDica.SE_CONNECTER,)


def test_bris_de_glace_replaces_the_consent() -> None:
    assert evaluer(replace(TOUT, episode=None, bris_de_glace=True)).consultable


def test_no_call_before_the_patient_is_informed() -> None:
    muet = EpisodeSoins(1, 1, "2026-10-12")
    assert td02_permis(TOUT)
    assert not td02_permis(replace(TOUT, episode=None))
    assert not td02_permis(replace(TOUT, episode=muet))
    assert td02_permis(replace(TOUT, episode=muet), relaxe=True)
    assert not td02_permis(replace(TOUT, episode=replace(muet, opposition_alimentation=True)),
                           relaxe=True)
    assert not td02_permis(replace(TOUT, session_ouverte=False))
    assert not td02_permis(replace(TOUT, identite=Identite(TRAITS)))
    assert td02_permis(replace(TOUT, episode=None, bris_de_glace=True))


def test_unverified_says_why() -> None:
    faits = replace(TOUT, etat_dmp=None)
    assert "INS" in evaluer(replace(faits, identite=Identite(TRAITS))).lignes[0].fait
    assert "authentifié" in evaluer(replace(faits, session_ouverte=False)).lignes[0].fait
    assert "informez" in evaluer(replace(faits, episode=None)).lignes[0].fait
    assert RemedeDica.REESSAYER in evaluer(faits).lignes[0].remedes


def test_sending_needs_no_consultation_consent() -> None:
    refus = replace(TOUT, episode=replace(OUI, consentement_consultation=False))
    assert evaluer(refus).envoi.endswith("autorisé")
    oppose = replace(TOUT, episode=replace(OUI, opposition_alimentation=True))
    assert "s’oppose" in evaluer(oppose).envoi


def test_hour() -> None:
    assert heure("") == "" and heure("08:51") == ""
    assert heure("2026-11-21T08:51:00") == "08:51"


def test_tooltips_and_labels_cover_every_value() -> None:
    assert set(libelles.STATUTS) == set(StatutIdentite)
    assert set(libelles.ATTRIBUTS) == set(Attribut)
    for statut in StatutIdentite:
        assert libelles.infobulle_statut(replace(QUALIFIEE, statut=statut))
    doute = replace(QUALIFIEE, statut=StatutIdentite.PROVISOIRE,
                    attributs=frozenset({Attribut.DOUTEUSE, Attribut.HOMONYME}))
    assert "homonyme, douteuse" in libelles.infobulle_statut(doute)
    assert "À faire" not in libelles.infobulle_statut(doute)  # nothing can be done before
    for mode in ModeQualification:
        assert "12/10/2026" in libelles.preuve_qualification(
            replace(QUALIFIEE, mode_qualification=mode))
    assert libelles.message_attributs(QUALIFIEE) == ""
    for attribut in Attribut:
        assert libelles.message_attributs(replace(QUALIFIEE, attributs=frozenset({attribut})))
