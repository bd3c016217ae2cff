"""Import and export of identities: dry run, then all or nothing; nothing inherited."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import statuts
from app.domain.identity import OID_NIR, Attribut, Identite, StatutIdentite
from app.domain.import_identites import ActionImport
from app.domain.patient import Contact
from app.usecases import import_identites, patients
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.identites_csv import lire_csv
from app.usecases.identites_fhir import lire_fhir
from tests.identite_outils import ADRUN, MATRICULE, contexte

TETE = "Nom de naissance;Prénom;Date de naissance;Sexe;Code INSEE;Matricule INS;Ville\n"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


def compter(ctx: Contexte) -> int:
    return len(patients.ids_patients(ctx))


def essayer(ctx: Contexte, *lignes: str) -> tuple[list[ActionImport], list[str]]:
    essai = import_identites.essayer(ctx, (TETE + "\n".join(lignes)).encode())
    return [x.action for x in essai.lignes], [" ".join(x.messages) for x in essai.lignes]


def test_the_dry_run_writes_nothing_and_says_what_would_happen(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        u.patients.ajouter(statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (),
                                             "2026-01-01T00:00:00+01:00"), auteur="T", cause="C")
    actions, messages = essayer(
        ctx, "Adrun;Zoé;31/12/1975;F;63220;;", f"ADRUN;ZOE;31/12/1975;F;63220;{MATRICULE};",
        "ADRUM;ZOE;31/12/1975;F;63220;;", "Lefèvre;Œdipe;010180;H;75112;;Paris",
        "LEFEVRE;OEDIPE;1980-01-01;M;75112;;", ";ZOE;31/12/1975;F;63220;;",
        "MARTIN;LEA;32/12/1975;F;63220;;", f"PETIT;LEO;01/02/2000;M;;{MATRICULE[:-1]}0;",
        "ROUX;LEO;01/02/2000;M;Mazoires;;")
    assert actions == [
        ActionImport.CONNU, ActionImport.CONNU, ActionImport.DOUBLON, ActionImport.CREER,
        ActionImport.DOUBLON, ActionImport.REFUSER, ActionImport.REFUSER, ActionImport.CREER,
        ActionImport.CREER]
    assert "s’écrit « OE »" in messages[3]
    assert "ligne 5" in messages[4]
    assert "nom de naissance" in messages[5]
    assert "clé" in messages[7] and "Inconnu" in messages[7]
    assert compter(ctx) == 1


def test_what_comes_qualified_is_created_provisional_without_matricule(ctx: Contexte) -> None:
    essai = import_identites.essayer(
        ctx, (TETE + f"ADRUN;ZOE;31/12/1975;F;63220;{MATRICULE};Mazoires").encode())
    assert import_identites.importer(ctx, essai).crees == 1
    with ctx.store.lecture() as u:
        patient = u.patients.lire(1)
        assert patient.identite == Identite(ADRUN.__class__(
            "ADRUN", "ZOE", "1975-12-31", "F", "63220"))
        assert patient.contact == Contact(commune="Mazoires")
        assert u.patients.historique(1)[0].cause == "Import CSV, ligne 2"


def test_all_or_nothing(ctx: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    essai = import_identites.essayer(
        ctx, (TETE + "A;LEA;01/01/1980;F;63220;;\nB;LEA;01/01/1981;F;63220;;").encode())
    from app.store.repos.patients import Patients

    vraie, faits = Patients.ajouter, []

    def casser(self: Patients, *args: object, **kw: object) -> object:
        if faits:
            raise OSError
        faits.append(1)
        return vraie(self, *args, **kw)  # type: ignore[arg-type]

    monkeypatch.setattr(Patients, "ajouter", casser)
    with pytest.raises(OSError):
        import_identites.importer(ctx, essai)
    monkeypatch.undo()
    assert compter(ctx) == 0
    assert import_identites.importer(ctx, essai).crees == 2
    with pytest.raises(Refus, match="depuis l’essai"):
        import_identites.importer(ctx, essai)


def test_look_alikes_only_when_asked_and_as_homonyms(ctx: Contexte) -> None:
    contenu = (TETE + "A;LEA;01/01/1980;F;63220;;\nA;LEA;01/01/1980;F;63220;;").encode()
    essai = import_identites.essayer(ctx, contenu)
    assert import_identites.importer(ctx, essai, avec_doublons=True).crees == 2
    with ctx.store.lecture() as u:
        assert u.patients.lire(2).identite.attributs == {Attribut.HOMONYME}
    with pytest.raises(Refus, match="aucune identité à créer"):
        import_identites.importer(ctx, import_identites.essayer(ctx, contenu))


@pytest.mark.parametrize("forme", ["csv", "fhir"])
def test_export_keeps_the_matricule_of_qualified_only_and_comes_back(
        ctx: Contexte, tmp_path: Path, forme: str) -> None:
    contact = Contact("3 rue des Essais", "63420", "Mazoires", "+33100000000", "a@exemple.test")
    recuperee = statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01")
    with ctx.store.ecriture() as u:
        u.patients.ajouter(recuperee, contact, auteur="T", cause="C")
        u.patients.ajouter(statuts.poser_attribut(Identite(ADRUN), Attribut.FICTIVE), auteur="T",
                           cause="C")
    sortie = import_identites.exporter(ctx, forme)
    assert MATRICULE not in sortie.decode()
    with ctx.store.ecriture() as u:
        u.patients.enregistrer_identite(1, statuts.controler_document(recuperee, "CN"),
                                        auteur="T", cause="C", version=1)
    sortie = import_identites.exporter(ctx, forme)
    (lue,) = lire_fhir(sortie) if forme == "fhir" else lire_csv(sortie)
    assert (lue.traits, lue.matricule_ins, lue.oid) == (ADRUN, MATRICULE, OID_NIR)
    assert lue.contact == contact
    (tmp_path / "autre").mkdir()
    autre = contexte(tmp_path / "autre")
    import_identites.importer(autre, import_identites.essayer(autre, sortie))
    with autre.store.lecture() as u:
        venu = u.patients.lire(1)
        assert venu.identite == Identite(ADRUN)
        assert venu.contact == contact
    autre.fermer()


def test_cells_that_a_spreadsheet_would_run_come_out_as_text(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        u.patients.ajouter(Identite(ADRUN), Contact(adresse="=1+1"), auteur="T", cause="C")
    sortie = import_identites.exporter(ctx, "csv")
    assert b"'=1+1" in sortie
    assert lire_csv(sortie)[0].contact.adresse == "=1+1"


@pytest.mark.parametrize("contenu", [
    b"", b"\x00\x01", b"a;b\n1;2", b'{"resourceType":"Bundle"}', b"[", b"{" * 100_000,
    b"[" * 200_000, b'[1, "a", null]', b'{"resourceType":"Bundle","entry":[1,{"resource":3}]}'])
def test_a_file_that_is_nothing_is_refused_in_french(ctx: Contexte, contenu: bytes) -> None:
    with pytest.raises(Refus):
        import_identites.essayer(ctx, contenu)


_json = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda x:
                     st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(
                         ["name", "family", "given", "use", "extension", "url", "valueAddress",
                          "identifier", "system", "value", "telecom", "address", "line",
                          "birthDate", "gender"]), x, max_size=4), max_leaves=12)


@given(_json)
def test_no_patient_resource_breaks_the_reader(valeur: object) -> None:
    ressource = valeur if isinstance(valeur, dict) else {"name": valeur}
    lire_fhir(json.dumps({"resourceType": "Patient"} | ressource).encode())


@given(st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_csv_breaks_the_reader(texte: str) -> None:
    try:
        lire_csv((TETE + texte).encode("utf-8", "replace"))
    except Refus as erreur:
        assert erreur.message.endswith(".")


def test_a_file_of_a_french_spreadsheet_is_read(ctx: Contexte) -> None:
    contenu = "nom;prénom;naissance;sexe;cog\nLefèvre;Hélène;01/02/1950;Féminin;2a004".encode(
        "cp1252")
    (ligne,) = import_identites.essayer(ctx, contenu).lignes
    assert (ligne.traits.nom_naissance, ligne.traits.premier_prenom, ligne.traits.sexe,
            ligne.traits.lieu_naissance) == ("LEFEVRE", "HELENE", "F", "2A004")
    assert ligne.action is ActionImport.CREER
    import_identites.importer(ctx, import_identites.essayer(ctx, contenu))
    with ctx.store.lecture() as u:
        assert u.patients.lire(1).identite.statut is StatutIdentite.PROVISOIRE
