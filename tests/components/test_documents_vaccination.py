"""Vaccination notes as the screen makes them, before the ANS schematrons and Preflight."""

from datetime import date
from pathlib import Path

import pytest
from documents_outils import datamatrix_pdf, erreurs_cda, preflight, sans_blanc, texte_pdf

from app.documents.datamatrix import charge_ins
from app.documents.model import patient_document
from app.documents.pdfa_controle import verifier_structure
from app.documents.vaccins import vaccins
from app.domain import statuts
from app.domain.identity import OID_NIR, Identite
from app.domain.vaccination import ProduitVaccin, SaisieVaccination
from app.usecases import boite_vaccin, carnet_vaccinal, vaccination
from tests.identite_outils import ADRUN, MATRICULE, contexte

QUALIFIEE = statuts.controler_document(
    statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"),
    "CN")
AUJOURDHUI = date.today()
#: Intramuscular, oral, intradermal, two routes, without ATC class.
BOITES = ("3400936773875", "3400935137340", "3400930296165", "3400933472016", "3400930296448")


@pytest.mark.parametrize("qualifiee", [True, False])
def test_every_note_of_the_screen_is_valid(shared: Path, tmp_path: Path,
                                           qualifiee: bool) -> None:
    ctx = contexte(tmp_path)
    pdfs = tmp_path / "pdf"
    pdfs.mkdir()
    identite = QUALIFIEE if qualifiee else Identite(ADRUN)
    try:
        with ctx.store.ecriture() as u:
            patient = u.patients.ajouter(identite, auteur="T", cause="C")
        orale = next(v.cip13 for v in vaccins() if v.voies == ("20053000",))
        for cip13 in (*BOITES, orale):
            lue = boite_vaccin.lire_boite(
                ctx, patient.id, f"010{cip13}1728{AUJOURDHUI:%m}2810LOT-{cip13[-5:]}", AUJOURDHUI)
            saisie = SaisieVaccination(
                lue.produit, lue.lot, AUJOURDHUI.isoformat(), lue.peremption, lue.nature, lue.rang,
                lue.voie, lue.site)
            _juger(ctx, shared, pdfs, vaccination.valider(ctx, patient.id, saisie), qualifiee)
        libre = SaisieVaccination(ProduitVaccin("Vaccin d’un autre pays"), "B-1",
                                  AUJOURDHUI.isoformat())
        _juger(ctx, shared, pdfs, vaccination.valider(ctx, patient.id, libre), qualifiee)
        assert len(carnet_vaccinal.carnet(ctx, patient.id).faites) == 7
    finally:
        ctx.fermer()
    assert set(preflight(pdfs).values()) == {""}


def _juger(ctx, shared, pdfs, faite, qualifiee) -> None:  # type: ignore[no-untyped-def]
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(faite.fiche.id)
        cda, pdf = u.documents.contenu(fiche.cda_sha256), u.documents.contenu(fiche.pdf_sha256)
    assert erreurs_cda(shared, cda, qualifiee=qualifiee) == []
    assert verifier_structure(pdf) == []
    (pdfs / f"{fiche.id}.pdf").write_bytes(pdf)
    lot = fiche.titre.rpartition("\u00a0: ")[2]
    assert sans_blanc(lot)[:6] in sans_blanc(texte_pdf(pdf))
    attendus = [charge_ins(patient_document(QUALIFIEE, "1", "1.2.3")).encode()]
    assert datamatrix_pdf(pdf) == (attendus if qualifiee else [])
