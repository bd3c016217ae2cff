"""Level 3 documents against the ANS schematrons and Preflight."""

import base64
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from documents_outils import (
    datamatrix_pdf,
    erreurs_cda,
    preflight,
    sans_blanc,
    texte_pdf,
)
from documents_valeurs import DATE, MEDECIN, SAGE_FEMME, document, documents, identites
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from app.documents.cda_trod import genres_trod
from app.documents.contenus import (
    ContenuStructure,
    DispositifTest,
    DroitsLigne,
    LigneDispositif,
    LigneMedicament,
    MentionPrescription,
    NoteVaccination,
    Prescription,
    Prise,
    ReactionVaccinale,
    ResultatTest,
    Substance,
    Trod,
)
from app.documents.contenus_naissance import (
    EXAMENS_DEMANDES,
    MaterniteEnfant,
    NaissanceEnfant,
    NaissanceMere,
)
from app.documents.contenus_obstetrique import (
    PATHOLOGIES_SUIVIES,
    ActeCouches,
    Pathologie,
    RencontreGrossesse,
    SuitesCouchesMere,
    SyntheseAntepartum,
    TraitementGrossesse,
)
from app.documents.controle import DocumentIncomplet
from app.documents.datamatrix import charge_ins
from app.documents.model import (
    DocumentClinique,
    Intervenant,
    RoleIntervenant,
    patient_document,
    texte_brut,
)
from app.documents.pdf_polices import imprimable
from app.documents.pdfa_controle import verifier_structure
from app.documents.production import corps_imprime, produire
from app.documents.texte import propre
from app.documents.types import jeu, type_document

NS = {"h": "urn:hl7-org:v3"}
RAPIDE = settings(max_examples=10, deadline=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))
D = Decimal

# --- Strategies ---------------------------------------------------------------------------------

phrases = st.sampled_from(["Bien toléré.", "L’œdème régresse : 36,8 °C", "<b>&amp;</b> « ok »",
                           "mot " * 120, "O'NEIL\nà revoir"])
courts = st.sampled_from(["A12-b/3", "LOT 7", "x" * 20, "é&<>"])
notes = st.builds(
    NoteVaccination, date=st.sampled_from(["2026-03-02", "1999-02-28"]),
    denomination=st.sampled_from(["REVAXIS, suspension injectable", "VACCIN D’ESSAI " * 12]),
    cis=st.just("60990140"), atc=st.sampled_from(["J07CA01", "J07BX05"]), atc_libelle=courts,
    lot=courts, nature=st.sampled_from(sorted(jeu("vaccination"))),
    marque=st.sampled_from(["", "REVAXIS"]), cip13=st.sampled_from(["", "3400930275573"]),
    peremption=st.sampled_from(["", "2027-05-31"]),
    voie=st.sampled_from(["", *jeu("voie_vaccination")]),
    site=st.sampled_from(["", *jeu("site_vaccination")]),
    rang=st.sampled_from([None, 1, 4]), maladies=st.sampled_from([(), ("Tétanos", "Diphtérie")]),
    reactions=st.sampled_from([(), (ReactionVaccinale("R50.2", "Fièvre", "2026-03-03"),) * 2]),
    commentaire=st.just("") | phrases, vaccinateur=st.sampled_from([None, SAGE_FEMME]))
dispositifs_test = st.builds(
    DispositifTest, courts, courts, courts, st.just("2027-12-31"),
    st.sampled_from(["", "(01)03612345678903(17)271231(10)B987654"]))


@st.composite
def trods(draw: st.DrawFn) -> Trod:
    """Rapid tests of every kind, with any result."""
    genre = draw(st.sampled_from(sorted(genres_trod())))
    return Trod(genre, DATE, draw(dispositifs_test), tuple(
        ResultatTest(e.cle, draw(st.sampled_from(sorted(jeu(e.resultats)))),
                     draw(st.just("") | phrases)) for e in genres_trod()[genre]), True)


droits = st.builds(DroitsLigne, *[st.booleans()] * 5)
prises = st.builds(
    Prise, st.sampled_from(["2026-03-02", "2026-03-05"]), st.sampled_from([1, 14]),
    st.sampled_from([D(8), D("1"), D(5)]), st.sampled_from(["h", "d", "wk", "mo"]),
    st.sampled_from([D("0.5"), D(1)]), st.sampled_from([D(1), D("2.25")]),
    st.sampled_from(["{tablet}", "mL", "mg"]), st.sampled_from(["comprimé(s)", "mL"]))
medicaments = st.builds(
    LigneMedicament, st.sampled_from(["PARACETAMOL MYLAN 500 mg, comprimé", "Préparation\nà 2 %"]),
    phrases, st.just("2026-03-02"), st.just("2026-03-08"),
    cis=st.sampled_from(["", "63107752"]), cip13=st.sampled_from(["", "3400933516390"]),
    code_mv=st.sampled_from(["", "MV00002306"]), atc=st.sampled_from(["", "N02BE01"]),
    forme=st.sampled_from(["", "10219000"]),
    substances=st.sampled_from([(), (Substance("Paracétamol", "100000090270", D(500), "mg"),
                                     Substance("Caféine"))]),
    prises=st.lists(prises, max_size=3).map(tuple), voie=st.sampled_from(["", "20053000"]),
    dose_max_jour=st.sampled_from([None, D(4)]), renouvellements=st.sampled_from([0, 3]),
    boites=st.sampled_from([None, 2]), motif_non_substituable=st.sampled_from(["", "allergie"]),
    condition=st.just("") | phrases, instructions_patient=st.just("") | phrases,
    instructions_dispensateur=st.just("") | phrases, droits=droits)
dispositifs = st.builds(
    LigneDispositif, st.sampled_from(["Lit médical", "Tire-lait & accessoires"]),
    st.just("2026-03-02"), st.just("2026-05-01"), st.sampled_from([1, 12]),
    st.sampled_from([0, 2]), st.sampled_from([None, 60]), st.sampled_from(["", "V0806"]),
    st.just(""), st.sampled_from(["", "1215702"]), st.just("") | phrases, droits)


@st.composite
def prescriptions(draw: st.DrawFn) -> Prescription:
    """Prescriptions of medicines, devices or both."""
    lignes = draw(st.lists(medicaments, max_size=4))
    dms = draw(st.lists(dispositifs, min_size=0 if lignes else 1, max_size=3))
    ald = any(li.droits.ald for li in lignes) or any(li.droits.ald for li in dms)
    mentions = draw(st.frozensets(st.sampled_from(MentionPrescription)))
    return Prescription(
        tuple(lignes), tuple(dms),
        mentions if ald else mentions - {MentionPrescription.BIZONE},
        draw(st.just("") | phrases), draw(st.sampled_from([None, D("55.5")])),
        draw(st.sampled_from([None, D(170)])), draw(st.sampled_from(["", "01S2TBPZ2JCNZZYGHZ"])))


pathologies = st.lists(st.builds(
    Pathologie, st.sampled_from(["O24.4", "O13"]), courts, st.sampled_from(["", "2026-01-15"]),
    st.just("") | phrases), max_size=3).map(tuple)
antepartum = st.builds(
    SyntheseAntepartum, st.just("2025-07-01"), st.integers(1, 3), st.integers(0, 9),
    st.sampled_from([D(0), D("1.5")]), st.sampled_from([D(0), D("0.2")]),
    st.sampled_from([D("62.5"), D(110)]), st.sampled_from([D(150), D("172.5")]),
    st.sampled_from(sorted(jeu("groupe_rhesus"))), st.just("2025-11-03"),
    st.lists(st.builds(RencontreGrossesse, st.sampled_from(sorted(jeu("rencontre_grossesse"))),
                       st.just("2025-10-02"), st.sampled_from(["", "2025-10-09"]),
                       st.just("") | phrases), min_size=1, max_size=4).map(tuple),
    st.frozensets(st.sampled_from(sorted(PATHOLOGIES_SUIVIES))), pathologies,
    st.lists(st.builds(TraitementGrossesse, courts, st.sampled_from(["", "66871876"])),
             max_size=3).map(tuple), st.just("") | phrases, st.just("") | phrases)
couches = st.builds(
    SuitesCouchesMere, st.sampled_from(sorted(jeu("sortie_couches"))), st.just("2026-03-01"),
    st.lists(st.builds(ActeCouches, courts, st.just("2026-02-27"), st.just(""), st.just(""),
                       st.just("") | phrases), min_size=1, max_size=4).map(tuple),
    pathologies, st.just("") | phrases)
actes = st.lists(st.builds(ActeCouches, courts, st.just("2026-02-27"), st.just(""), st.just(""),
                           st.just("") | phrases), max_size=3).map(tuple)


def codes(nom: str, *autres: str) -> st.SearchStrategy[str]:
    """A code of a value set, or one of the others."""
    return st.sampled_from([*autres, *sorted(jeu(nom))])


def plusieurs(nom: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Some codes of a value set."""
    return st.lists(codes(nom), max_size=2, unique=True).map(tuple)


naissance_mere = st.builds(
    NaissanceMere, st.just("2026-03-01"), codes("debut_travail"), st.integers(24, 42),
    st.integers(0, 3), codes("sortie_naissance_mere"), st.just("2026-03-01"),
    codes("motif_declenchement", ""), plusieurs("anesthesie_avant"),
    plusieurs("anesthesie_apres"), plusieurs("acte_post_partum"), st.booleans(), pathologies,
    st.frozensets(st.sampled_from(sorted(EXAMENS_DEMANDES))), st.just("") | phrases)
naissance_enfant = st.builds(
    NaissanceEnfant, st.just("2026-03-01"), codes("mode_naissance"), st.integers(24, 42),
    st.sampled_from([D(950), D("3420.5")]), st.sampled_from([D(31), D("50.5")]),
    st.sampled_from([D(28), D(35)]), st.integers(0, 10), st.integers(0, 10),
    codes("sortie_naissance_enfant"), st.just("2026-03-02"), st.sampled_from([None, 0, 10]),
    st.integers(1, 3), st.booleans(), codes("intervention_voie_basse", ""),
    codes("presentation_foetale", ""), codes("quantite_liquide", ""),
    codes("aspect_liquide", ""), st.sampled_from([None, 0, 600]), st.booleans(), st.booleans(),
    st.booleans(), st.booleans(), actes, st.sampled_from(["", "20053000", "20035000"]),
    st.sampled_from([None, D("7.25")]), st.sampled_from([None, D(7)]),
    st.sampled_from([None, D("3.1")]), st.just("") | phrases)
maternite_enfant = st.builds(
    MaterniteEnfant, codes("sortie_maternite_enfant"), st.just("2026-03-04"),
    codes("allaitement"), codes("test_audition"), st.sampled_from(["", "2026-03-03"]), actes,
    st.just("") | phrases, pathologies, st.just("") | phrases, st.just("") | phrases)
MODELES = {"salle-naissance-mere": naissance_mere, "salle-naissance-enfant": naissance_enfant,
           "maternite-enfant": maternite_enfant,
           "synthese-antepartum": antepartum, "suites-couches-mere": couches,
           "note-vaccination": notes, "trod-angine": trods(),
           "prescription-produits-sante": prescriptions()}


def _fabriquer(base: DocumentClinique, donnees: ContenuStructure) -> DocumentClinique:
    cle = type_document(base.type_cle).modele
    cadre = "DEPISTAGE" if isinstance(donnees, Trod) else base.cadre
    if cle.startswith("OBP"):
        base = replace(base, intervenants=(
            Intervenant(RoleIntervenant.MEDECIN_TRAITANT, MEDECIN),))
    if isinstance(donnees, SyntheseAntepartum | SuitesCouchesMere | NaissanceMere):
        base = replace(base, patient=replace(base.patient, sexe="F"))
    return replace(base, donnees=donnees, corps=(), cadre=cadre)


@pytest.mark.parametrize("cle", sorted(MODELES))
def test_any_value_is_valid_and_says_the_same(cle: str, shared: Path, tmp_path: Path) -> None:
    numeros = iter(range(10**6))

    @RAPIDE
    @given(documents(cle), MODELES[cle])
    def juger(base: DocumentClinique, donnees: ContenuStructure) -> None:
        doc = _fabriquer(base, donnees)
        produit = produire(doc)
        qualifiee = bool(doc.patient.matricule_ins)
        assert erreurs_cda(shared, produit.cda, qualifiee=qualifiee) == []
        assert verifier_structure(produit.pdf) == []
        _memes_formes(doc, produit.cda, produit.pdf)
        assert datamatrix_pdf(produit.pdf) == (
            [charge_ins(doc.patient).encode()] if qualifiee else [])
        if (numero := next(numeros)) < 4:
            (tmp_path / f"{numero}.pdf").write_bytes(produit.pdf)

    juger()
    assert {nom: v for nom, v in preflight(tmp_path).items() if v} == {}


def _memes_formes(doc: DocumentClinique, cda: bytes, pdf: bytes) -> None:
    """Every cell of the narrative stands in the PDF; every reference points to an ID."""
    arbre = etree.fromstring(cda)
    texte = sans_blanc(texte_pdf(pdf))
    for cellule in arbre.iterfind(".//h:section/h:text//h:td", NS):
        mots = "".join(str(t) for t in cellule.itertext())
        assert sans_blanc(imprimable(propre(mots)))[:25] in texte, mots
    ids = {e.get("ID") for e in arbre.iter() if e.get("ID")}
    cibles = {r.get("value") for r in arbre.iterfind(".//h:reference", NS)}
    assert {(c or "").removeprefix("#") for c in cibles} <= ids
    assert len(ids) == len([e for e in arbre.iter() if e.get("ID")])
    assert corps_imprime(doc)
    copies = arbre.findall(".//h:observationMedia[@ID='doc-1']/h:value", NS)
    if isinstance(doc.donnees, Trod):
        assert copies == []
    else:
        assert base64.b64decode(copies[0].text or "") == pdf


# --- What is refused ----------------------------------------------------------------------------

NOTE = NoteVaccination("2026-03-02", "REVAXIS", "60990140", "J07CA01", "dTP", "A12")
TROD = Trod("angine", DATE, DispositifTest("F", "R", "L", "2027-12-31"),
            (ResultatTest("angine", "260385009"),), True)
LIGNE = LigneMedicament("PARACETAMOL", "1 par jour", "2026-03-02", "2026-03-08")
DM = LigneDispositif("Lit", "2026-03-02", "2026-03-08")
SAP = SyntheseAntepartum("2025-07-01", 1, 0, D(0), D(0), D(60), D(165), "278149003", "2025-11-03",
                         (RencontreGrossesse("GEN-079", "2025-10-02"),))
SCM = SuitesCouchesMere("160849004", "2026-03-01", (ActeCouches("Examen", "2026-03-01"),))
SNM = NaissanceMere("2026-03-01", "84457005", 40, 1, "MED-1176", "2026-03-01")
SNE = NaissanceEnfant("2026-03-01", "700000006", 40, D(3400), D(50), D(35), 9, 10, "GEN-302",
                      "2026-03-01")
SEM = MaterniteEnfant("GEN-302", "2026-03-04", "MED-1256", "275727004")
PRISE = Prise("2026-03-02", 2, D(8), "h", D(1), D(2), "{tablet}", "cp")


@pytest.mark.parametrize("donnees, mot", [
    (replace(NOTE, cis=""), "CIS"), (replace(NOTE, atc=""), "ATC"), (replace(NOTE, lot=" "), "lot"),
    (replace(NOTE, date="2026-03-00"), "date"), (replace(NOTE, cip13="12"), "CIP"),
    (replace(NOTE, voie="x"), "voie"), (replace(NOTE, site="x"), "site"),
    (replace(NOTE, nature=""), "nature"), (replace(NOTE, rang=0), "rang"),
    (replace(NOTE, denomination=""), "nom"),
    (replace(NOTE, reactions=(ReactionVaccinale("", "x", ""),)), "CIM-10"),
    (replace(SNM, debut_travail=""), "travail"), (replace(SNM, sortie="x"), "sortie"),
    (replace(SNM, date_accouchement="2026-02-30"), "Accouchement"),
    (replace(SNM, age_gestationnel=400), "gestationnel"),
    (replace(SNM, anesthesies_avant=("x",)), "Anesthésie"),
    (replace(SNM, examens_demandes=frozenset({"x"})), "examen"),
    (replace(SNE, mode=""), "naissance"), (replace(SNE, apgar_5=11), "Apgar"),
    (replace(SNE, poids_g=D(34)), "poids"), (replace(SNE, ph_veineux=D("72.5")), "pH"),
    (replace(SNE, vitamine_k="x"), "vitamine"), (replace(SNE, rang=0), "rang"),
    (replace(SEM, audition=""), "audition"), (replace(SEM, guthrie="hier"), "néonatal"),
    (replace(SEM, actes=(ActeCouches("", "2026-03-01"),)), "acte"),
    (replace(SEM, pathologies=(Pathologie("", "x"),)), "CIM-10"),
    (replace(TROD, genre="lune"), "genre"), (replace(TROD, resultats=()), "un résultat"),
    (replace(TROD, resultats=(ResultatTest("angine", "0"),)), "liste"),
    (replace(TROD, consentement=False), "consentement"),
    (replace(TROD, dispositif=replace(TROD.dispositif, lot="")), "lot"),
    (replace(TROD, dispositif=replace(TROD.dispositif, peremption="2020-01-01")), "périmé"),
    (replace(TROD, dispositif=replace(TROD.dispositif, peremption="")), "péremption"),
    (Prescription(), "ni médicament"),
    (Prescription((replace(LIGNE, posologie=""),)), "posologie"),
    (Prescription((replace(LIGNE, fin="2020-01-01"),)), "inversées"),
    (Prescription((replace(LIGNE, cis="1"),)), "CIS"),
    (Prescription((replace(LIGNE, prises=(replace(PRISE, periode=D(0)),)),)), "rythme"),
    (Prescription((replace(LIGNE, prises=(replace(PRISE, dose_max=D(0)),)),)), "dose"),
    (Prescription((), (replace(DM, quantite=0),)), "quantité"),
    (Prescription((LIGNE,), code_2d=b"GIF89a"), "JPEG"),
    (Prescription((LIGNE,), mentions=frozenset({MentionPrescription.BIZONE})), "ALD"),
    (replace(SAP, groupe=""), "groupe"), (replace(SAP, rencontres=()), "rencontre"),
    (replace(SAP, poids_kg=D(0)), "poids"), (replace(SAP, date_dernieres_regles=""), "règles"),
    (replace(SAP, presentes=frozenset({"X"})), "suit"), (replace(SAP, foetus=0), "fœtus"),
    (replace(SCM, sortie=""), "sortie"), (replace(SCM, actes=()), "acte"),
    (replace(SCM, pathologies=(Pathologie("", "x"),)), "CIM-10"),
])
def test_what_is_missing_is_told_and_nothing_is_rendered(donnees: ContenuStructure,
                                                         mot: str) -> None:
    cle = {NoteVaccination: "note-vaccination", Trod: "trod-angine",
           Prescription: "prescription-produits-sante", SyntheseAntepartum: "synthese-antepartum",
           SuitesCouchesMere: "suites-couches-mere", NaissanceMere: "salle-naissance-mere",
           NaissanceEnfant: "salle-naissance-enfant",
           MaterniteEnfant: "maternite-enfant"}[type(donnees)]
    with pytest.raises(DocumentIncomplet) as refus:
        produire(_fabriquer(document(cle), donnees))
    assert any(mot in phrase for phrase in refus.value.manques), refus.value.manques


def test_a_perinatal_document_names_the_doctor() -> None:
    with pytest.raises(DocumentIncomplet, match="médecin traitant"):
        produire(document("synthese-antepartum", donnees=SAP, corps=()))


def test_a_trod_belongs_to_screening() -> None:
    with pytest.raises(DocumentIncomplet, match="DEPISTAGE"):
        produire(document("trod-angine", donnees=TROD, corps=()))


def test_the_2d_code_of_the_prescription_service_is_kept(shared: Path) -> None:
    from app.documents.datamatrix import image_png
    doc = document("prescription-produits-sante", corps=(), date_fin=DATE + timedelta(days=90),
                   donnees=Prescription((LIGNE,), code_2d=image_png("EPU"), numero_epu="01S2"))
    produit = produire(doc)
    assert erreurs_cda(shared, produit.cda, qualifiee=True) == []
    assert b"57723-9" in produit.cda and b'extension="01S2"' in produit.cda


@settings(RAPIDE, max_examples=4)
@given(identites())
def test_structured_posology_wording(identite: object) -> None:
    doc = document("prescription-produits-sante", corps=(), patient=patient_document(
        identite, "7", document().patient.ipp_root), donnees=Prescription((replace(  # type: ignore[arg-type]
            LIGNE, prises=(PRISE, replace(PRISE, periode=D(1), periode_unite="d", dose_max=D(1)),
                           replace(PRISE, periode=D(2), periode_unite="wk", jours=1))),)))
    bloc = corps_imprime(doc)[1]
    texte = texte_brut(bloc.lignes[0][1])  # type: ignore[union-attr]
    assert "1\u00a0cp à 2\u00a0cp, 3\u00a0fois par jour à partir du 02/03/2026" in texte
    assert "1\u00a0cp, 1\u00a0fois par jour" in texte
    assert "1\u00a0fois toutes les 2\u00a0semaines" in texte and "pendant 1\u00a0jour" in texte


def test_a_reaction_alone_is_valid(shared: Path) -> None:
    """No rank, no comment, one reaction: the rules of the ANS take the note."""
    note = NoteVaccination(
        date="2026-03-02", denomination="REVAXIS, suspension injectable", cis="60990140",
        atc="J07CA01", atc_libelle="Diphtérie, poliomyélite, tétanos", lot="A12-b/3",
        nature="BOOSTER", reactions=(ReactionVaccinale("R50.9", "Fièvre", "2026-03-03"),))
    produit = produire(replace(document("note-vaccination"), donnees=note, corps=()))
    assert erreurs_cda(shared, produit.cda, qualifiee=False) == []
