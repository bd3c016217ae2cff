"""A form of a patient: kept as it is filled, refused in words, validated all or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.documents.reader import lire
from app.domain import statuts
from app.domain.document import EtatDocument
from app.domain.formulaire import SaisieForme, ecrire_chemin
from app.domain.identity import OID_NIR, Identite
from app.domain.outbox import EtatOrdre
from app.domain.patient import Patient
from app.store.errors import ConflitVersion, Introuvable
from app.usecases import formulaires
from app.usecases.attente_identite import refaire_avec_identite
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.formulaires import FormeIncomplete
from tests.identite_outils import ADRUN, MATRICULE, contexte

QUALIFIEE = statuts.controler_document(
    statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"),
    "CN")


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def patient(ctx: Contexte) -> Patient:
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(QUALIFIEE, auteur="T", cause="C")


def remplie(saisie: SaisieForme, **autres: Any) -> SaisieForme:
    valeur = saisie.valeur
    for chemin, contenu in ({
            "donnees.dispositif": {"fabricant": "Exemple", "reference": "8029", "lot": "B1",
                                   "peremption": "2099-12-31", "udi": ""},
            "donnees.resultats.0.resultat": "260385009", "donnees.consentement": True}
            | {k.replace("__", "."): v for k, v in autres.items()}).items():
        valeur = ecrire_chemin(valeur, chemin, contenu)
    return replace(saisie, valeur=valeur)


def test_what_is_filled_is_kept_and_two_windows_hear_each_other(
        ctx: Contexte, patient: Patient) -> None:
    ouverte = formulaires.nouvelle(ctx, patient.id, "trod-angine")
    une = formulaires.enregistrer(ctx, remplie(ouverte.saisie))
    with pytest.raises(ConflitVersion):
        formulaires.enregistrer(ctx, replace(ouverte.saisie, valeur={"autre": "fenêtre"}))
    assert formulaires.reprendre(ctx, une.id).saisie.valeur == une.valeur
    [(identifiant, titre, _)] = formulaires.accueil(ctx, patient.id).en_cours
    assert (identifiant, titre) == (une.id, "TROD Angine")
    formulaires.abandonner(ctx, une.id)
    with pytest.raises(Introuvable):
        formulaires.reprendre(ctx, une.id)


def test_what_lacks_is_told_field_by_field_and_nothing_is_kept(
        ctx: Contexte, patient: Patient) -> None:
    saisie = formulaires.nouvelle(ctx, patient.id, "trod-angine").saisie
    with pytest.raises(FormeIncomplete, match="champs sont à compléter") as refus:
        formulaires.valider(ctx, saisie)
    assert "donnees.consentement" in refus.value.champs
    perime = remplie(saisie, donnees__dispositif__peremption="2020-01-31")
    with pytest.raises(FormeIncomplete, match="périmé le jour du test"):
        formulaires.valider(ctx, perime)
    with ctx.store.lecture() as u:
        assert u.documents.lister(patient.id) == []
        assert len(u.saisies.lister(patient.id, ctx.compte_id)) == 1


def test_a_test_made_before_the_identity_is_qualifiee_gets_its_ins_later(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        provisoire = u.patients.ajouter(Identite(ADRUN), auteur="T", cause="C")
    saisie = formulaires.nouvelle(ctx, provisoire.id, "trod-angine").saisie
    fiche = formulaires.valider(ctx, remplie(saisie))
    with ctx.store.ecriture() as u:
        assert MATRICULE.encode() not in u.documents.contenu(fiche.cda_sha256)
        u.patients.enregistrer_identite(provisoire.id, QUALIFIEE, auteur="T", cause="C",
                                        version=provisoire.version)
    cda = refaire_avec_identite(ctx, fiche)
    assert cda is not None and MATRICULE.encode() in cda and b"260385009" in cda


def test_a_correction_is_the_next_version_of_the_same_document(
        ctx: Contexte, patient: Patient) -> None:
    saisie = formulaires.nouvelle(ctx, patient.id, "trod-angine").saisie
    premiere = formulaires.valider(ctx, remplie(saisie))
    assert formulaires.accueil(ctx, patient.id).faits == (
        (premiere.id, "TROD Angine", premiere.date_acte),)
    correction = formulaires.nouvelle_version(ctx, premiere.id).saisie
    autre = formulaires.nouvelle_version(ctx, premiere.id).saisie
    seconde = formulaires.valider(ctx, remplie(correction, donnees__dispositif__lot="B2"))
    assert (seconde.set_id, seconde.version_number) == (premiere.set_id, 2)
    with ctx.store.lecture() as u:
        cda = u.documents.contenu(seconde.cda_sha256)
        assert u.documents.lire(premiere.id).etat is EtatDocument.REMPLACE
        assert [o.etat for o in u.outbox.par_document(premiere.id)] == [EtatOrdre.ANNULE]
        assert [o.etat for o in u.outbox.par_document(seconde.id)] != [EtatOrdre.ANNULE]
    [lu] = lire(cda)
    assert (lu.version, b"B2" in cda, premiere.cda_id.encode() in cda) == (2, True, True)
    with pytest.raises(Refus, match="plus récente"):  # the other window comes too late
        formulaires.valider(ctx, remplie(autre))
    with pytest.raises(Refus, match="plus récente"):
        formulaires.nouvelle_version(ctx, premiere.id)
    assert [i for i, *_ in formulaires.accueil(ctx, patient.id).faits] == [seconde.id]


def test_no_order_when_the_patient_opposes(ctx: Contexte, patient: Patient) -> None:
    with ctx.store.ecriture() as u:
        episode = u.episodes.ouvrir(patient.id, auteur="T")
        u.episodes.noter(episode.id, opposition_alimentation=True, auteur="T",
                        version=episode.version)
    saisie = formulaires.nouvelle(ctx, patient.id, "trod-angine").saisie
    fiche = formulaires.valider(ctx, remplie(saisie))
    with ctx.store.lecture() as u:
        assert u.outbox.par_document(fiche.id) == []
        assert u.saisies.lister(patient.id, ctx.compte_id) == []


@pytest.mark.parametrize(("texte", "attendu"), [
    ("(01)03612345678902(17)281231(10)B987654", {
        "donnees.dispositif.udi": "(01)03612345678902(17)281231(10)B987654",
        "donnees.dispositif.lot": "B987654", "donnees.dispositif.peremption": "2028-12-31"}),
    ("]d2010361234567890217280200", {
        "donnees.dispositif.udi": "(01)03612345678902(17)280229",
        "donnees.dispositif.peremption": "2028-02-29"}),
    ("ISO1234", {}), ("", {}), ("\x1d\x1d", {}), ("9" * 5000, {})])
def test_the_box_of_a_test(texte: str, attendu: dict[str, str]) -> None:
    assert formulaires.lire_code_test(texte) == attendu
