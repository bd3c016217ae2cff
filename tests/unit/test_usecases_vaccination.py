"""From a box to the note: what is read, refused, kept, sent, and told again by the history."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from documents_outils import texte_pdf

from app.documents.datamatrix import charge_ins
from app.documents.model import patient_document
from app.documents.reader import lire
from app.documents.vaccination_lecture import lire_vaccinations
from app.domain import statuts
from app.domain.calendrier_vaccinal import LIEN_CALENDRIER, EtatVaccinal
from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.domain.identity import OID_NIR, Identite
from app.domain.outbox import EtatOrdre
from app.domain.patient import Patient
from app.domain.vaccination import Gravite, ProduitVaccin, SaisieVaccination
from app.usecases import boite_vaccin, carnet_vaccinal, settings, vaccination
from app.usecases.attente_identite import refaire_avec_identite
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.identite_outils import ADRUN, MATRICULE, contexte

QUALIFIEE = statuts.controler_document(
    statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"),
    "CN")
AU = date(2026, 11, 23)
BOITE = "]d201034009367738751727083110AC37B214TA\x1d21SERIE1"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def patient(ctx: Contexte) -> Patient:
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(QUALIFIEE, auteur="T", cause="C")


def saisie(ctx: Contexte, patient: Patient, **autres: object) -> SaisieVaccination:
    lue = boite_vaccin.lire_boite(ctx, patient.id, BOITE, AU)
    return replace(SaisieVaccination(
        lue.produit, lue.lot, date.today().isoformat(),
        (date.today() + timedelta(days=200)).isoformat(), lue.nature, lue.rang,
        lue.voie, lue.site), **autres)  # type: ignore[arg-type]


def codes(proposition: object) -> set[str]:
    return {r.code for r in proposition.remarques}  # type: ignore[attr-defined]


# --- The box ------------------------------------------------------------------------------------

def test_a_box_fills_the_form(ctx: Contexte, patient: Patient) -> None:
    lue = boite_vaccin.lire_boite(ctx, patient.id, BOITE, AU)
    assert lue.produit is not None
    assert (lue.produit.marque, lue.produit.cip13) == ("BOOSTRIXTETRA", "3400936773875")
    assert lue.produit.cis and lue.produit.atc == "J07CA02" and lue.produit.structurable
    assert (lue.lot, lue.peremption) == ("AC37B214TA", "2027-08-31")
    assert (lue.voie, lue.site) == ("20035000", "16217701000119102")
    assert lue.nature == "BOOSTER" and lue.gravite is not Gravite.BLOQUANT


def test_an_expired_box_blocks_until_a_reason_is_given(ctx: Contexte, patient: Patient) -> None:
    vieille = BOITE.replace("17270831", "17240831")
    lue = boite_vaccin.lire_boite(ctx, patient.id, vieille, AU)
    assert "EXPIRED" in codes(lue) and lue.gravite is Gravite.BLOQUANT
    perimee = saisie(ctx, patient, peremption="2024-08-31")
    with pytest.raises(vaccination.SaisieIncomplete) as refus:
        vaccination.valider(ctx, patient.id, perimee)
    assert refus.value.champs[0][0] == "perime"
    faite = vaccination.valider(ctx, patient.id, replace(perimee, motif_perime="Seule dose"))
    with ctx.store.lecture() as u:
        cda = u.documents.contenu(u.documents.lire(faite.fiche.id).cda_sha256)
    assert "après sa date de péremption : Seule dose" in cda.decode()


def test_a_box_that_expires_soon_is_only_told(ctx: Contexte, patient: Patient) -> None:
    lue = boite_vaccin.lire_boite(ctx, patient.id, BOITE, date(2027, 8, 20))
    assert "EXPIRES_SOON" in codes(lue) and lue.gravite is Gravite.INFO


def test_an_unknown_product_keeps_lot_and_expiry_for_a_choice_by_hand(
        ctx: Contexte, patient: Patient) -> None:
    lue = boite_vaccin.lire_boite(ctx, patient.id, "010340093285724117280131" + "10L1", AU)
    assert lue.produit is None and lue.medicament
    assert (lue.lot, lue.peremption, lue.cip13) == ("L1", "2028-01-31", "3400932857241")
    assert "UNKNOWN_PRODUCT" in codes(lue)


def test_an_ambiguous_lot_stays_empty_with_its_candidates(ctx: Contexte,
                                                          patient: Patient) -> None:
    lue = boite_vaccin.lire_boite(ctx, patient.id, "0103400936773875" "17270831" "10AB21CD21EF",
                                  AU)
    assert lue.lot == "" and len(lue.lots) >= 2 and "AMBIGUOUS" in codes(lue)
    assert lue.produit is not None and lue.gravite is Gravite.A_VERIFIER


def test_a_recalled_lot_is_refused_twice(ctx: Contexte, patient: Patient) -> None:
    boite_vaccin.noter_rappel(ctx, "3400936773875", "AC37B214TA")
    lue = boite_vaccin.lire_boite(ctx, patient.id, BOITE, AU)
    assert "RECALLED" in codes(lue) and lue.gravite is Gravite.BLOQUANT
    with pytest.raises(vaccination.SaisieIncomplete, match="rappel"):
        vaccination.valider(ctx, patient.id, saisie(ctx, patient))
    with pytest.raises(Refus):
        boite_vaccin.noter_rappel(ctx, "", "L")


def test_a_code_that_is_no_box_says_what_it_is(ctx: Contexte, patient: Patient) -> None:
    ins = charge_ins(patient_document(QUALIFIEE, "1", "1.2.3"))
    lue = boite_vaccin.lire_boite(ctx, patient.id, ins, AU)
    assert not lue.medicament and "identité INS" in lue.remarques[0].message
    inconnu = boite_vaccin.lire_boite(ctx, patient.id, "https://exemple.test", AU)
    assert not inconnu.medicament and "sans boîte" in inconnu.remarques[0].message


def test_infants_are_proposed_the_thigh(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        bebe = u.patients.ajouter(
            Identite(replace(ADRUN, date_naissance="2026-07-01")), auteur="T", cause="C")
    lue = boite_vaccin.lire_boite(ctx, bebe.id, BOITE, AU)
    assert lue.site == "61396006" and lue.nature == "INITIMMUNIZ"


def test_vaccines_are_found_by_name_disease_and_code() -> None:
    assert boite_vaccin.chercher_vaccins("boostrix")[0].marque == "BOOSTRIXTETRA"
    assert {"ABRYSVO", "AREXVY"} <= {v.marque for v in boite_vaccin.chercher_vaccins("syncytial")}
    assert boite_vaccin.chercher_vaccins("3400936773875")[0].cip13 == "3400936773875"
    assert boite_vaccin.chercher_vaccins("zzzz") == ()


# --- The note -----------------------------------------------------------------------------------

def test_the_note_is_kept_with_its_order_and_told_by_the_history(ctx: Contexte,
                                                                 patient: Patient) -> None:
    avant = carnet_vaccinal.carnet(ctx, patient.id)
    assert avant.faites == () and avant.situation[0].etat is EtatVaccinal.A_VERIFIER
    faite = vaccination.valider(ctx, patient.id, saisie(ctx, patient, rang=4))
    assert faite.ordre and faite.structuree and faite.vaccin == "BOOSTRIXTETRA"
    with ctx.store.lecture() as u:
        (ordre,) = u.outbox.par_document(faite.fiche.id)
        fiche = u.documents.lire(faite.fiche.id)
        cda, pdf = u.documents.contenu(fiche.cda_sha256), u.documents.contenu(fiche.pdf_sha256)
    assert ordre.etat is EtatOrdre.PROGRAMME and pdf.startswith(b"%PDF-")
    (lu,) = lire(cda)
    assert (lu.type_code, lu.nature.value, lu.pdf) == ("87273-9", "CDA-N3", pdf)
    assert lu.patient.matricule_ins == MATRICULE
    apres = carnet_vaccinal.carnet(ctx, patient.id)
    (vue,) = apres.faites
    assert (vue.vaccin, vue.maladies, vue.lot, vue.rang) == (
        "BOOSTRIXTETRA", "dTcaP", "AC37B214TA", 4)
    assert vue.libelle_nature == "Rappel, dose 4" and vue.vaccinateur == "Claire MOREAU"
    assert vue.document_id == faite.fiche.id and vue.origine is OrigineDocument.CABINET
    assert next(x for x in apres.situation if x.titre.startswith("Diph")).etat is \
        EtatVaccinal.A_JOUR
    assert ctx.store.verifier().bon


def test_held_or_not_sent(ctx: Contexte, patient: Patient) -> None:
    retenue = vaccination.valider(ctx, patient.id, saisie(ctx, patient), retenir=True)
    with ctx.store.lecture() as u:
        assert u.outbox.par_document(retenue.fiche.id)[0].etat is EtatOrdre.RETENU
    seule = vaccination.valider(ctx, patient.id, saisie(ctx, patient, envoyer=False))
    with ctx.store.lecture() as u:
        assert u.outbox.par_document(seule.fiche.id) == []


def test_opposition_makes_no_order(ctx: Contexte, patient: Patient) -> None:
    with ctx.store.ecriture() as u:
        episode = u.episodes.ouvrir(patient.id, auteur="T")
        u.episodes.noter(episode.id, opposition_alimentation=True, auteur="T",
                         version=episode.version)
    assert not vaccination.valider(ctx, patient.id, saisie(ctx, patient)).ordre


def test_a_provisional_identity_gets_its_note_without_the_matricule(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        provisoire = u.patients.ajouter(Identite(ADRUN), auteur="T", cause="C")
    faite = vaccination.valider(ctx, provisoire.id, saisie(ctx, provisoire))
    with ctx.store.lecture() as u:
        cda = u.documents.contenu(u.documents.lire(faite.fiche.id).cda_sha256)
    assert MATRICULE.encode() not in cda and faite.ordre


@pytest.mark.parametrize(("champ", "valeur"), [
    ("lot", " "), ("date", "2026-02-30"), ("peremption", "31/12/27"),
    ("date", (date.today() + timedelta(days=2)).isoformat()), ("date", "1970-01-01")])
def test_what_is_missing_is_told_by_field(ctx: Contexte, patient: Patient, champ: str,
                                          valeur: str) -> None:
    with pytest.raises(vaccination.SaisieIncomplete) as refus:
        vaccination.valider(ctx, patient.id, saisie(ctx, patient, **{champ: valeur}))
    assert [c for c, _ in refus.value.champs] == [champ]
    assert carnet_vaccinal.carnet(ctx, patient.id).faites == ()


def test_no_vaccine_no_note(ctx: Contexte, patient: Patient) -> None:
    with pytest.raises(vaccination.SaisieIncomplete, match="Choisissez le vaccin"):
        vaccination.apercu(ctx, patient.id, saisie(ctx, patient, produit=None))


def test_a_vaccine_that_cannot_be_coded_makes_an_unstructured_note(ctx: Contexte,
                                                                   patient: Patient) -> None:
    libre = ProduitVaccin("Vaccin étranger contre la rage")
    faite = vaccination.valider(ctx, patient.id, saisie(ctx, patient, produit=libre))
    assert not faite.structuree
    with ctx.store.lecture() as u:
        (lu,) = lire(u.documents.contenu(u.documents.lire(faite.fiche.id).cda_sha256))
    assert (lu.type_code, lu.nature.value) == ("87273-9", "CDA-N1")
    (vue,) = carnet_vaccinal.carnet(ctx, patient.id).faites
    assert "étranger" in vue.vaccin and vue.codes == ()


def test_a_past_date_is_the_date_of_the_act(ctx: Contexte, patient: Patient) -> None:
    faite = vaccination.valider(ctx, patient.id, saisie(ctx, patient, date="2026-05-02",
                                                        peremption=""))
    assert faite.fiche.date_acte == "2026-05-02"
    with ctx.store.lecture() as u:
        (lu,) = lire(u.documents.contenu(u.documents.lire(faite.fiche.id).cda_sha256))
    assert lu.date_acte == "2026-05-02"


def test_the_preview_keeps_nothing(ctx: Contexte, patient: Patient) -> None:
    apercu = texte_pdf(vaccination.apercu(ctx, patient.id, saisie(ctx, patient)))
    assert "Brouillon" in apercu and "Validé électroniquement" not in apercu
    assert "Établi le" not in apercu  # it isn't, yet
    assert carnet_vaccinal.carnet(ctx, patient.id).faites == ()
    fiche = vaccination.valider(ctx, patient.id, saisie(ctx, patient)).fiche
    with ctx.store.lecture() as u:
        garde = texte_pdf(u.documents.contenu(u.documents.lire(fiche.id).pdf_sha256))
    assert "Brouillon" not in garde and "Validé électroniquement le" in garde


def test_only_profiles_that_vaccinate(ctx: Contexte, patient: Patient) -> None:
    reglages = settings.lire_reglages(ctx)
    for profil, permis in (("MK", False), ("SF", True), ("IPA", True), ("OPH", False)):
        assert carnet_vaccinal.vaccine_permise(replace(reglages, profils=(profil,))) is permis
    with ctx.store.ecriture() as u:
        u.reglages.ecrire("profils", ["MK"])
    with pytest.raises(Refus, match="ne vaccinent pas"):
        vaccination.valider(ctx, patient.id, saisie(ctx, patient))


# --- The history --------------------------------------------------------------------------------

def test_integrated_documents_are_in_the_history(ctx: Contexte, patient: Patient,
                                                 shared: Path) -> None:
    cda = (shared / "cda-kit" / "examples" / "VAC-NOTE_2023.01.xml").read_bytes()
    (lue,) = lire_vaccinations(cda)
    assert (lue.date, lue.lot, lue.nature) == ("2009-09-28", "4456672", "INITIMMUNIZ")
    assert lue.vaccinateur.endswith("MULLER") and lue.cip13 == "3400932857241"
    with ctx.store.ecriture() as u:
        fiche = u.documents.ajouter(FicheDocument(
            0, patient.id, OrigineDocument.DMP, EtatDocument.VALIDE, "87273-9", "Note",
            "2009-09-28", "MULLER", cda_id="1.2.3", set_id="1.2.4"), cda=cda, pdf=None)
    (vue,) = carnet_vaccinal.carnet(ctx, patient.id).faites
    assert vue.origine is OrigineDocument.DMP and vue.document_id == fiche.id


def test_an_unreadable_note_still_stands_in_the_history(ctx: Contexte, patient: Patient) -> None:
    with ctx.store.ecriture() as u:
        u.documents.ajouter(FicheDocument(
            0, patient.id, OrigineDocument.IMPORT, EtatDocument.VALIDE, "87273-9", "Carnet",
            "2001-05-22", "?"), cda=b"<a/>", pdf=None)
    (vue,) = carnet_vaccinal.carnet(ctx, patient.id).faites
    assert (vue.vaccin, vue.date, vue.codes) == ("Carnet", "2001-05-22", ())


def test_refused_and_planned_acts_are_not_vaccinations(shared: Path) -> None:
    cda = (shared / "cda-kit" / "examples" / "VAC-NOTE_2023.01.xml").read_text("utf-8")
    assert lire_vaccinations(cda.replace('negationInd="false"', 'negationInd="true"')
                             .encode()) == ()
    assert lire_vaccinations(cda.replace('moodCode="EVN" negationInd', 'moodCode="INT" negationInd')
                             .encode()) == ()


def test_the_schedule_is_dated_help_with_a_link_of_the_settings(ctx: Contexte,
                                                                patient: Patient) -> None:
    vu = carnet_vaccinal.carnet(ctx, patient.id)
    assert "Aide" in vu.aide and "2026" in vu.aide and vu.lien == LIEN_CALENDRIER
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(carnet_vaccinal.CLE_LIEN, "https://exemple.test/calendrier")
    assert carnet_vaccinal.carnet(ctx, patient.id).lien == "https://exemple.test/calendrier"


def test_no_schedule_without_a_full_birth_date(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        lunaire = u.patients.ajouter(Identite(replace(ADRUN, date_naissance="1936-00-00")),
                                     auteur="T", cause="C")
    assert carnet_vaccinal.carnet(ctx, lunaire.id).situation == ()


def test_a_note_made_before_the_identity_is_qualifiee_is_rendered_again_with_it(
        ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        provisoire = u.patients.ajouter(Identite(ADRUN), auteur="T", cause="C")
    note = vaccination.valider(ctx, provisoire.id, saisie(ctx, provisoire))
    assert refaire_avec_identite(ctx, note.fiche) is None  # rule 28: still not qualifiée
    with ctx.store.ecriture() as u:
        avant = u.documents.contenu(u.documents.lire(note.fiche.id).cda_sha256)
        u.patients.enregistrer_identite(provisoire.id, QUALIFIEE, auteur="T", cause="C",
                                     version=provisoire.version)
    assert MATRICULE.encode() not in avant
    cda = refaire_avec_identite(ctx, note.fiche)
    assert cda is not None and MATRICULE.encode() in cda
    with ctx.store.lecture() as u:
        assert u.documents.contenu(u.documents.lire(note.fiche.id).cda_sha256) == cda
    [avant_lu], [apres_lu] = lire(avant), lire(cda)
    assert (avant_lu.id, avant_lu.set_id) == (apres_lu.id, apres_lu.set_id)
    assert lire_vaccinations(avant) == lire_vaccinations(cda)
    assert refaire_avec_identite(ctx, note.fiche) is None  # done once
