"""Every repository, on both engines: the same tests must hold on SQLCipher and PostgreSQL."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.agenda import EtatPassage, LieuPassage
from app.domain.dmp import FicheDmp, StatutFiche, VisibiliteDmp
from app.domain.document import Brouillon, EtatDocument
from app.domain.identity import (
    OID_NIR_TEST,
    Attribut,
    Identite,
    MatriculeHistorique,
    ModeQualification,
    StatutIdentite,
)
from app.domain.outbox import Destination, EtatOrdre
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure
from app.store.engine import Store, ouvrir
from app.store.errors import (
    ChangementInterdit,
    ConflitDocument,
    ConflitVersion,
    DocumentDejaPresent,
    ErreurStore,
    Introuvable,
)
from tests.store_outils import (
    CLE,
    Decor,
    decor,
    fiche,
    fichier_neuf,
    identite,
    nouvelle_base,
    serveur_commun,
    supprimer_base,
    traits,
)

POSTGRESQL = pytest.param("postgresql", marks=[pytest.mark.postgres,
                                               pytest.mark.xdist_group("postgres")])


@pytest.fixture(params=["sqlite", POSTGRESQL])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty patient file."""
    if request.param == "sqlite":
        store = ouvrir(fichier_neuf(tmp_path), CLE)
        yield store
        store.fermer()
        return
    nom = f"essai_{secrets.token_hex(4)}"
    store = ouvrir(nouvelle_base(serveur_commun(), nom), CLE)
    yield store
    store.fermer()
    supprimer_base(serveur_commun(), nom)


@pytest.fixture
def d(store: Store) -> Decor:
    """The file with one professional and one patient."""
    return decor(store)


# --- patients ----------------------------------------------------------------------------------

QUALIFIEE = Identite(
    traits("D'ARTAGNAN", "ANNE-MARIE", "1975-00-12", "LE GOFF", "ANNE-MARIE ZOE", "NANOU"),
    StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR_TEST,
    frozenset({Attribut.HOMONYME}), ModeQualification.APCV, "CN", "2026-01-05T09:00:00+01:00",
    (MatriculeHistorique("275127511611603", OID_NIR_TEST, "2001-01-01", ""),))


def test_a_patient_reads_back_whole(store: Store) -> None:
    contact = Contact("1 rue de l’Église", "75001", "PARIS", "0102030405", "a@exemple.test")
    with store.ecriture() as u:
        patient = u.patients.ajouter(QUALIFIEE, contact, auteur="LINE", cause="création",
                                     numero_secu="155011234567890")
    with store.lecture() as u:
        relu = u.patients.lire(patient.id)
        assert relu == patient
        assert (relu.identite, relu.contact, relu.version) == (QUALIFIEE, contact, 1)
        (resume,) = u.patients.resumes([patient.id])
        assert resume.attributs == frozenset({Attribut.HOMONYME})
        assert u.patients.compter() == 1
        with pytest.raises(Introuvable):
            u.patients.lire(patient.id + 1)


def test_every_identity_is_in_the_history(d: Decor) -> None:
    nouvelle = replace(identite("AUTRE"), statut=StatutIdentite.VALIDEE)
    with d.store.ecriture() as u:
        patient = u.patients.enregistrer_identite(d.patient, nouvelle, auteur="PAUL",
                                                  cause="document", version=1)
        assert patient.version == 2
    with d.store.lecture() as u:
        histoire = u.patients.historique(d.patient)
    assert [(h.auteur, h.cause, h.statut_avant, h.identite) for h in histoire] == [
        ("LINE INFIRMIERE", "création", StatutIdentite.PROVISOIRE, identite()),
        ("PAUL", "document", StatutIdentite.PROVISOIRE, nouvelle)]
    assert all(h.horodatage[10] == "T" and h.horodatage[19] in "+-" for h in histoire)


def test_the_second_writer_of_a_patient_is_refused(d: Decor) -> None:
    with d.store.ecriture() as u:
        u.patients.enregistrer_contact(d.patient, Contact(telephone="01"), version=1)
    for geste in (
            lambda u: u.patients.enregistrer_contact(d.patient, Contact(), version=1),
            lambda u: u.patients.enregistrer_identite(d.patient, identite("X"), auteur="a",
                                                      cause="c", version=1)):
        with pytest.raises(ConflitVersion), d.store.ecriture() as u:
            geste(u)
    with pytest.raises(Introuvable), d.store.ecriture() as u:
        u.patients.enregistrer_contact(999, Contact(), version=1)
    with d.store.lecture() as u:
        patient = u.patients.lire(d.patient)
        assert patient.contact.telephone == "01"
        assert patient.identite == identite()
        assert len(u.patients.historique(d.patient)) == 1


def test_two_writers_at_once_one_wins(d: Decor) -> None:
    depart = threading.Barrier(2)
    sorts: list[str] = []

    def ecrire(telephone: str) -> None:
        with d.store.lecture() as u:
            version = u.patients.lire(d.patient).version
        depart.wait()
        try:
            with d.store.ecriture() as u:
                u.patients.enregistrer_contact(d.patient, Contact(telephone=telephone),
                                               version=version)
            sorts.append(telephone)
        except ConflitVersion:
            sorts.append("conflit")

    fils = [threading.Thread(target=ecrire, args=(t,)) for t in ("01", "02")]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sorted(sorts)[1] == "conflit"
    with d.store.lecture() as u:
        assert u.patients.lire(d.patient).contact.telephone == sorted(sorts)[0]


def test_matricules_lead_to_the_patient_now_and_formerly(d: Decor) -> None:
    with d.store.ecriture() as u:
        autre = u.patients.ajouter(
            replace(QUALIFIEE, matricule_ins="275127511611603", historique=()), auteur="a",
            cause="c").id
        u.patients.enregistrer_identite(d.patient, QUALIFIEE, auteur="a", cause="c", version=1)
    with d.store.lecture() as u:
        assert u.patients.par_matricule("275126322074974") == [d.patient]
        assert u.patients.par_matricule("275127511611603") == [autre, d.patient]
        assert [r.id for r in u.patients.chercher("2 75 12 63 220 749")] == [d.patient]
    with d.store.ecriture() as u:
        u.patients.enregistrer_identite(d.patient, identite(), auteur="a", cause="c", version=2)
        assert u.patients.par_matricule("275126322074974") == []


@pytest.mark.parametrize(("nom", "prenom", "trouve"), [
    ("D’Artagnan", "anne marie", True), ("LEGOFF", "Nanou", True), ("LE GOFF", "ZOE", True),
    ("le-goff", "", True), ("GOFF", "ZOE", False), ("LE GOFF", "ZO", False), ("", "ZOE", False)])
def test_antecedents_by_traits(store: Store, nom: str, prenom: str, trouve: bool) -> None:
    with store.ecriture() as u:
        u.patients.ajouter(QUALIFIEE, auteur="a", cause="c")
        u.patients.ajouter(replace(QUALIFIEE, traits=replace(
            QUALIFIEE.traits, date_naissance="1975-01-12")), auteur="a", cause="c")
        assert len(u.patients.par_traits(nom, prenom, "1975-00-12")) == trouve


def test_lists_hold_ids_in_each_order(store: Store) -> None:
    with store.ecriture() as u:
        b = u.patients.ajouter(identite("B", date="1990-01-01"), auteur="a", cause="c").id
        a = u.patients.ajouter(identite("A", date="2000-01-01"), auteur="a", cause="c").id
        c = u.patients.ajouter(replace(identite("C", date="1980-01-01"),
                                       statut=StatutIdentite.QUALIFIEE), auteur="a", cause="c").id
    with store.lecture() as u:
        assert u.patients.ids() == [a, b, c]
        assert u.patients.ids("date_naissance") == [c, b, a]
        assert u.patients.ids("statut") == [a, b, c]
        assert u.patients.ids("recent") == [c, a, b]
        assert [r.nom_naissance for r in u.patients.resumes([c, 99, a])] == ["C", "A"]
        with pytest.raises(ErreurStore):
            u.patients.ids("nom; DROP TABLE patient")


@pytest.mark.parametrize(("texte", "attendus"), [
    ("dur", ["DURAND", "DURANT"]), ("marie", ["DURAND"]), ("d an", ["DURANT"]),
    ("lefèvre", ["DURANT"]), ("an lef", ["DURANT"]), ("dartagnan", ["D'ARTAGNAN"]),
    ("12/03/1975", ["DURAND", "DURANT"]), ("120375 durant", ["DURANT"]), ("%", []),
    ("' OR 1=1 --", []), ("a:* | b", [])])
def test_search_gives_the_same_on_both_engines(d: Decor, texte: str,
                                               attendus: list[str]) -> None:
    with d.store.ecriture() as u:
        u.patients.ajouter(identite("DURANT", "ANNE", utilise="LEFÈVRE"), auteur="a", cause="c")
        u.patients.ajouter(identite("D'ARTAGNAN", "PAUL", "1960-01-01"), auteur="a", cause="c")
    with d.store.lecture() as u:
        assert sorted(r.nom_naissance for r in u.patients.chercher(texte)) == sorted(attendus)


# --- agenda ------------------------------------------------------------------------------------

def test_the_day_of_a_professional(d: Decor) -> None:
    with d.store.ecriture() as u:
        autre = u.comptes.ajouter_professionnel(Professionnel("800000000002", "B", "PAUL"))
        tard = u.agenda.ajouter("2026-06-01", "10:00", d.compte, d.patient, "Pansement", 30,
                                LieuPassage.CABINET, "1 rue X")
        tot = u.agenda.ajouter("2026-06-01", "08:15", d.compte, None)
        u.agenda.ajouter("2026-06-01", "09:00", autre, None)
        u.agenda.ajouter("2026-06-02", "09:00", d.compte, None)
        u.agenda.noter_nouveaux_dmp(d.patient, 3)
    with d.store.lecture() as u:
        jour = u.agenda.du_jour("2026-06-01", d.compte)
        assert [p.id for p in jour] == [tot.id, tard.id]
        assert jour[0].patient is None
        assert jour[1] == replace(tard, nouveaux_dmp=3)
        assert jour[1].patient is not None
        assert jour[1].patient.nom_naissance == "DURAND"
        assert len(u.agenda.du_jour("2026-06-01")) == 3
        assert [p.id for p in u.agenda.du_patient(d.patient)] == [tard.id]


def test_a_visit_moves_is_marked_and_goes(d: Decor) -> None:
    with d.store.ecriture() as u:
        passage = u.agenda.ajouter("2026-06-01", "10:00", d.compte, d.patient)
        passage = u.agenda.deplacer(passage.id, "2026-06-02", "11:00", version=1)
        passage = u.agenda.marquer(passage.id, EtatPassage.FAIT, version=2)
        assert (passage.jour, passage.heure, passage.etat) == ("2026-06-02", "11:00",
                                                               EtatPassage.FAIT)
        with pytest.raises(ConflitVersion):
            u.agenda.deplacer(passage.id, "2026-06-03", "11:00", version=2)
        passage = u.agenda.modifier(passage.id, soins="Injection", duree=10,
                                    lieu=LieuPassage.CABINET, adresse="", version=3)
        assert (passage.soins, passage.duree) == ("Injection", 10)
        u.agenda.supprimer(passage.id)
        u.agenda.supprimer(passage.id)
        with pytest.raises(Introuvable):
            u.agenda.lire(passage.id)
        assert u.agenda.ajouter("2026-06-01", "10:00", d.compte, None).id != passage.id


# --- observations ------------------------------------------------------------------------------

def test_notes_newest_first_and_corrections_keep_the_former_text(d: Decor) -> None:
    with d.store.ecriture() as u:
        hiver = u.observations.ajouter(d.patient, "avant", auteur_id=d.compte,
                                       horodatage="2025-10-26T02:30:00+02:00")
        ete = u.observations.ajouter(d.patient, "après", auteur_id=d.compte,
                                     horodatage="2025-10-26T02:15:00+01:00")
        assert hiver.auteur == "LINE INFIRMIERE"
        corrige = u.observations.modifier(hiver.id, "corrigé", version=1)
        assert (corrige.texte, corrige.version) == ("corrigé", 2)
        with pytest.raises(ConflitVersion):
            u.observations.modifier(hiver.id, "trop tard", version=1)
    with d.store.lecture() as u:
        assert u.observations.lister(d.patient) == [ete, corrige]
        assert u.observations.lister(d.patient, 1) == [ete]
        assert [texte for texte, _ in u.observations.anciennes(hiver.id)] == ["avant"]
    with pytest.raises(Introuvable), d.store.ecriture() as u:
        u.observations.ajouter(d.patient, "x", auteur_id=99)


# --- documents (spec/dmp.md §14) ---------------------------------------------------------------

def test_bytes_are_kept_once_and_apart(d: Decor) -> None:
    with d.store.ecriture() as u:
        un = u.documents.ajouter(fiche(d.patient, "1.1"), cda=b"<cda/>", pdf=b"%PDF")
        deux = u.documents.ajouter(fiche(d.patient), cda=None, pdf=b"%PDF")
        assert un.pdf_sha256 == deux.pdf_sha256
        assert deux.cda_sha256 == ""
    with d.store.lecture() as u:
        assert u.documents.contenu(un.cda_sha256) == b"<cda/>"
        assert {f.id for f in u.documents.lister(d.patient)} == {un.id, deux.id}
        assert u.documents.par_cda_id("1.1") == un
        assert u.documents.par_cda_id("") is None
        with pytest.raises(Introuvable):
            u.documents.contenu("0" * 64)


def test_the_same_document_is_integrated_once(d: Decor) -> None:
    with d.store.ecriture() as u:
        un = u.documents.ajouter(fiche(d.patient, "1.1", "s"), cda=b"abc", pdf=None)
        with pytest.raises(DocumentDejaPresent) as deja:
            u.documents.ajouter(fiche(d.patient, "1.1", "s"), cda=b"abc", pdf=None)
        assert deja.value.id == un.id
        with pytest.raises(ConflitDocument) as conflit:
            u.documents.ajouter(fiche(d.patient, "1.1", "s"), cda=b"abd", pdf=None)
        assert conflit.value.id == un.id
        assert "contenu différent" in conflit.value.raison
        assert u.documents.contenu(un.cda_sha256) == b"abc"


def test_versions_of_a_set(d: Decor) -> None:
    with d.store.ecriture() as u:
        deux = u.documents.ajouter(fiche(d.patient, "1.2", "s", 2), cda=b"2", pdf=None)
        un = u.documents.ajouter(fiche(d.patient, "1.1", "s", 1), cda=b"1", pdf=None)
        assert un.etat is EtatDocument.REMPLACE
        assert u.documents.lire(deux.id).etat is EtatDocument.VALIDE
        trois = u.documents.ajouter(fiche(d.patient, "1.3", "s", 3), cda=b"3", pdf=None)
        assert u.documents.lire(deux.id).etat is EtatDocument.REMPLACE
        with pytest.raises(ConflitDocument, match="version"):
            u.documents.ajouter(fiche(d.patient, "1.4", "s", 3), cda=b"4", pdf=None)
        assert [f.id for f in u.documents.lister(d.patient)] == [trois.id, deux.id, un.id]
        precedente = u.documents.version_precedente(trois)
        assert precedente is not None
        assert precedente.id == deux.id
        assert u.documents.version_precedente(un) is None


def test_a_document_of_another_patient_is_a_conflict(d: Decor) -> None:
    with d.store.ecriture() as u:
        autre = u.patients.ajouter(identite("AUTRE"), auteur="a", cause="c").id
        u.documents.ajouter(fiche(d.patient, "1.1", "s"), cda=b"1", pdf=None)
        for nouveau in (fiche(autre, "1.1", "s"), fiche(autre, "1.2", "s", 2)):
            with pytest.raises(ConflitDocument, match="autre patient"):
                u.documents.ajouter(nouveau, cda=b"1", pdf=None)


def test_state_references_and_reading_of_a_document(d: Decor) -> None:
    with d.store.ecriture() as u:
        f = u.documents.ajouter(fiche(d.patient, "1.1", lu=False), cda=b"1", pdf=None)
        u.documents.marquer_lu(f.id)
        u.documents.noter_references_dmp(f.id, "urn:uuid:1", "urn:uuid:2")
        relu = u.documents.lire(f.id)
        assert (relu.lu, relu.entry_uuid, relu.logical_id) == (True, "urn:uuid:1", "urn:uuid:2")
        with pytest.raises(ConflitVersion):
            u.documents.changer_etat(f.id, EtatDocument.SUPPRIME, version=f.version)
        u.documents.changer_etat(f.id, EtatDocument.SUPPRIME, version=relu.version)
        assert u.documents.lister(d.patient) == []


def test_drafts(d: Decor) -> None:
    with d.store.ecriture() as u:
        brouillon = u.documents.enregistrer_brouillon(Brouillon(
            0, d.patient, d.compte, "11488-4", "Titre", "Texte", ""))
        assert brouillon.id
        suite = u.documents.enregistrer_brouillon(replace(brouillon, texte="Suite"))
        assert suite.version == 2
        with pytest.raises(ConflitVersion):
            u.documents.enregistrer_brouillon(replace(brouillon, texte="En retard"))
        assert u.documents.brouillons(d.patient) == [suite]
        assert u.documents.lire_brouillon(brouillon.id) == suite
        u.documents.supprimer_brouillon(brouillon.id)
        with pytest.raises(Introuvable):
            u.documents.enregistrer_brouillon(suite)


# --- episodes, DMP -----------------------------------------------------------------------------

def test_consent_lives_with_the_episode(d: Decor) -> None:
    with d.store.ecriture() as u:
        assert u.episodes.courant(d.patient) is None
        episode = u.episodes.ouvrir(d.patient, auteur="LINE")
        assert u.episodes.ouvrir(d.patient, auteur="PAUL") == episode
        assert (episode.consentement_consultation, episode.opposition_alimentation,
                episode.informe_le) == (None, False, "")
        episode = u.episodes.noter(episode.id, informe=True, consentement_consultation=False,
                                   auteur="LINE", version=1)
        assert episode.informe_par == "LINE"
        assert episode.consentement_consultation is False
        apres = u.episodes.noter(episode.id, opposition_alimentation=True, auteur="PAUL",
                                 version=2)
        assert apres == replace(episode, opposition_alimentation=True, version=3)
        with pytest.raises(ConflitVersion):
            u.episodes.noter(episode.id, informe=False, auteur="PAUL", version=2)
        u.episodes.clore(episode.id, version=3)
        assert u.episodes.courant(d.patient) is None
        assert u.episodes.ouvrir(d.patient, auteur="LINE").consentement_consultation is None


def _entree(n: int, **autres: Any) -> FicheDmp:
    return FicheDmp(
        f"1.2.{n}", f"urn:uuid:{n}", f"urn:uuid:{n}", f"Titre {n}", "11488-4", "CR", "10", "f",
        "text/xml", "2026-01-01", "2026-01-01", "DOC", "8", "CH", "1", "", StatutFiche.APPROVED,
        **autres)


def test_the_list_of_the_dmp_is_replaced_whole(d: Decor) -> None:
    with d.store.ecriture() as u:
        assert u.dmp.liste(d.patient) == ([], "")
        u.agenda.noter_nouveaux_dmp(d.patient, 2)
        entrees = [_entree(2, visibilites=frozenset(VisibiliteDmp), taille=12, set_id="s"),
                   _entree(1)]
        u.dmp.enregistrer_liste(d.patient, entrees, "2026-06-01T10:00:00+02:00")
        assert u.dmp.liste(d.patient) == (entrees, "2026-06-01T10:00:00+02:00")
        assert u.dmp.nouveaux(d.patient) == 2
        u.dmp.enregistrer_liste(d.patient, [_entree(3)], "2026-06-02T10:00:00+02:00")
        u.dmp.enregistrer_liste(d.patient, [], "2026-06-03T10:00:00+02:00")
        assert u.dmp.liste(d.patient) == ([], "2026-06-03T10:00:00+02:00")
        u.dmp.marquer_vu(d.patient, "1.2.1")
        u.dmp.marquer_vu(d.patient, "1.2.1")
        assert u.dmp.vus(d.patient) == {"1.2.1"}
        u.agenda.noter_nouveaux_dmp(d.patient, None)
        assert u.dmp.nouveaux(d.patient) is None


# --- accounts, settings ------------------------------------------------------------------------

def test_accounts_and_practice(store: Store) -> None:
    pro = Professionnel("899700000016", "INFIRMIERE", "LINE", "60", "SI01", "MME")
    with store.ecriture() as u:
        with pytest.raises(ErreurStore):
            u.comptes.structure()
        id = u.comptes.ajouter_professionnel(pro)
        assert u.comptes.professionnels() == [(id, pro)]
        assert u.comptes.par_subject_name_id("") == []
        u.comptes.lier_psc(id, "899700000016")
        autre = u.comptes.ajouter_professionnel(pro, "899700000016")
        assert [i for i, _ in u.comptes.par_subject_name_id("899700000016")] == [id, autre]
        assert u.comptes.subject_name_id(id) == "899700000016"
        u.comptes.enregistrer_professionnel(id, replace(pro, nom="AUTRE"))
        assert u.comptes.professionnels()[0][1].nom == "AUTRE"
        with pytest.raises(Introuvable):
            u.comptes.lier_psc(99, "x")
        for nom in ("CABINET", "CABINET BIS"):
            u.comptes.enregistrer_structure(Structure("1", nom, courriel="c@exemple.test"))
        assert u.comptes.structure().raison_sociale == "CABINET BIS"


def test_settings_hold_any_json_value(store: Store) -> None:
    with store.ecriture() as u:
        assert u.reglages.lire("x", "défaut") == "défaut"
        for valeur in (None, 3, "é", ["a"], {"b": [True]}):
            u.reglages.ecrire("x", valeur)
            assert u.reglages.lire("x", 0) == valeur


# --- trail -------------------------------------------------------------------------------------

def test_the_trail_is_chained_and_sealed(store: Store) -> None:
    with store.ecriture() as u:
        debut = u.trail.lister(1)[0].numero
        for n in range(5):
            u.trail.ecrire(qui="LINE", quoi="essai", sur_qui=str(n), resultat="ok", detail="é")
    with store.lecture() as u:
        assert [ligne.sur_qui for ligne in u.trail.lister(2)] == ["4", "3"]
        assert len(u.trail.lister(sur_qui="2")) == 1
        assert next(ligne.numero for ligne in u.trail.lister(avant_numero=debut + 2)) == debut + 1
        chaine = u.trail.verifier_chaine()
        assert (chaine.intacte, chaine.lignes) == (True, debut + 5)
        jour = u.trail.lister(1)[0].horodatage[:10]
        assert len(u.trail.lister(depuis=jour, jusqua=jour, qui="LINE")) == 5
        assert u.trail.lister(jusqua="2000-01-01") == []
    for ordre in ("UPDATE trail SET qui = 'x'", "DELETE FROM trail", "DELETE FROM trail_tete"):
        with pytest.raises(ErreurStore), store.ecriture() as u:
            u.connexion.execute(text(ordre))
    with store.lecture() as u:
        assert u.trail.verifier_chaine().intacte


@pytest.mark.parametrize(("atteinte", "raison"), [
    ("UPDATE trail SET detail = 'autre' WHERE numero = 3", "modifiée"),
    ("DELETE FROM trail WHERE numero = 3", "manque"),
    ("DELETE FROM trail WHERE numero >= 4", "fin du journal"),
    ("INSERT INTO trail SELECT numero + 1, horodatage, qui, quoi, sur_qui, resultat, detail, "
     "empreinte FROM trail WHERE numero = 6", "modifiée"),
])
def test_a_trail_forged_under_the_seal_is_seen(store: Store, atteinte: str, raison: str) -> None:
    with store.ecriture() as u:
        for n in range(5):
            u.trail.ecrire(qui="LINE", quoi="essai", sur_qui=str(n))
        if store._moteur.dialect.name == "sqlite":
            for nom in ("update", "delete"):
                u.connexion.execute(text(f"DROP TRIGGER trail_scelle_{nom}"))
        else:
            u.connexion.execute(text("ALTER TABLE trail DISABLE TRIGGER USER"))
        u.connexion.execute(text(atteinte))
    with store.lecture() as u:
        chaine = u.trail.verifier_chaine()
    assert not chaine.intacte
    assert raison in chaine.raison
    rapport = store.verifier()
    assert not rapport.bon


def test_threads_append_to_one_chain(store: Store) -> None:
    def ecrire(qui: str) -> None:
        for _ in range(15):
            with store.ecriture() as u:
                u.trail.ecrire(qui=qui, quoi="essai")

    fils = [threading.Thread(target=ecrire, args=(f"fil {n}",)) for n in range(4)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    with store.lecture() as u:
        chaine = u.trail.verifier_chaine()
        assert chaine.intacte
        assert len(u.trail.lister(1000)) == chaine.lignes
        for n in range(4):
            assert len(u.trail.lister(1000, qui=f"fil {n}")) == 15


# --- outbox ------------------------------------------------------------------------------------

T0 = "2026-06-01T08:00:00+00:00"


def _document(d: Decor, n: int, set_id: str = "", version: int = 1) -> int:
    with d.store.ecriture() as u:
        return u.documents.ajouter(fiche(d.patient, f"1.{n}", set_id or f"s{n}", version),
                                   cda=str(n).encode(), pdf=None).id


def _ordre(d: Decor, document: int, pas_avant: str = T0, **autres: Any) -> int:
    with d.store.ecriture() as u:
        return u.outbox.ajouter(Destination.DMP, document, d.patient, d.compte, pas_avant,
                                **autres).id


def _prendre(d: Decor, quand: str, **autres: Any) -> Any:
    with d.store.ecriture() as u:
        return u.outbox.prendre(quand, **({"auteur_id": d.compte} | autres))


def test_an_order_lives_its_life(d: Decor) -> None:
    id = _ordre(d, _document(d, 1))
    assert _prendre(d, "2026-06-01T07:59:59+00:00") is None
    assert _prendre(d, T0, auteur_id=d.compte + 1) is None
    ordre = _prendre(d, "2026-06-01T10:00:00+02:00")
    assert (ordre.id, ordre.etat, ordre.essais) == (id, EtatOrdre.EN_COURS, 1)
    assert (ordre.document_titre, ordre.patient_nom) == ("Compte rendu", "DURAND MARIE")
    assert _prendre(d, T0) is None
    with d.store.ecriture() as u:
        attente = u.outbox.terminer(id, etat=EtatOrdre.ATTENTE_TECHNIQUE, motif="Pas de réseau.",
                                    code="X", remede="reessayer",
                                    prochain_essai="2026-06-01T08:01:00Z", version=ordre.version)
        assert (attente.motif, attente.incertain) == ("Pas de réseau.", False)
    assert _prendre(d, "2026-06-01T08:00:59+00:00") is None
    assert _prendre(d, "2026-06-01T08:01:00+00:00").essais == 2
    with d.store.ecriture() as u:
        fini = u.outbox.terminer(id, etat=EtatOrdre.ENVOYE)
        assert fini.termine_le
        assert [e.etat for e in fini.etapes] == [
            EtatOrdre.PROGRAMME, EtatOrdre.EN_COURS, EtatOrdre.ATTENTE_TECHNIQUE,
            EtatOrdre.EN_COURS, EtatOrdre.ENVOYE]
        with pytest.raises(ChangementInterdit):
            u.outbox.terminer(id, etat=EtatOrdre.ENVOYE)
        with pytest.raises(ChangementInterdit):
            u.outbox.changer(id, EtatOrdre.PROGRAMME, version=fini.version)
        assert u.outbox.par_document(fini.document_id) == [fini]


def test_a_lost_lease_comes_back_uncertain(d: Decor) -> None:
    id = _ordre(d, _document(d, 1))
    perdu = _prendre(d, T0, bail_s=120)
    assert _prendre(d, "2026-06-01T08:01:59+00:00") is None
    repris = _prendre(d, "2026-06-01T08:02:00+00:00")
    assert (repris.id, repris.incertain, repris.essais) == (id, True, 2)
    assert EtatOrdre.ATTENTE_TECHNIQUE in {e.etat for e in repris.etapes}
    with pytest.raises(ConflitVersion), d.store.ecriture() as u:
        u.outbox.terminer(id, etat=EtatOrdre.ENVOYE, version=perdu.version)
    assert _prendre(d, "2026-06-01T08:03:59+00:00") is None
    with d.store.ecriture() as u:
        assert u.outbox.reprendre_bails_expires("2026-06-01T08:04:00+00:00") == 1
        assert u.outbox.lire(id).etat is EtatOrdre.ATTENTE_TECHNIQUE


def test_versions_of_a_set_leave_in_order(d: Decor) -> None:
    un = _ordre(d, _document(d, 1, "s", 1), "2026-06-01T09:00:00+00:00")
    deux = _ordre(d, _document(d, 2, "s", 2), T0)
    autre = _ordre(d, _document(d, 3), "2026-06-01T08:30:00+00:00")
    assert _prendre(d, T0) is None
    assert _prendre(d, "2026-06-01T09:00:00+00:00").id == autre
    assert _prendre(d, "2026-06-01T09:00:00+00:00").id == un
    assert _prendre(d, "2026-06-01T09:00:00+00:00") is None
    with d.store.ecriture() as u:
        u.outbox.terminer(un, etat=EtatOrdre.REFUSE, motif="Non.")
        assert u.outbox.compter_refuses() == 1
    assert _prendre(d, "2026-06-01T09:00:00+00:00") is None
    with d.store.ecriture() as u:
        refuse = u.outbox.lire(un)
        u.outbox.changer(un, EtatOrdre.ANNULE, version=refuse.version)
    assert _prendre(d, "2026-06-01T09:00:00+00:00").id == deux


def test_the_user_holds_frees_and_cancels_but_not_what_is_leaving(d: Decor) -> None:
    id = _ordre(d, _document(d, 1), etat=EtatOrdre.RETENU)
    assert _prendre(d, T0) is None
    with d.store.ecriture() as u:
        libre = u.outbox.changer(id, EtatOrdre.PROGRAMME, version=1)
        with pytest.raises(ConflitVersion):
            u.outbox.changer(id, EtatOrdre.RETENU, version=1)
        u.outbox.changer(id, EtatOrdre.RETENU, version=libre.version)
        u.outbox.changer(id, EtatOrdre.PROGRAMME, version=3)
    pris = _prendre(d, T0)
    with d.store.ecriture() as u:
        with pytest.raises(ChangementInterdit):
            u.outbox.changer(id, EtatOrdre.PROGRAMME, version=pris.version)
        with pytest.raises(Introuvable):
            u.outbox.lire(99)
        with pytest.raises(Introuvable):
            u.outbox.changer(99, EtatOrdre.ANNULE, version=1)


def test_the_list_puts_first_what_waits_for_the_user(d: Decor) -> None:
    un, deux, trois = (_ordre(d, _document(d, n)) for n in (1, 2, 3))
    assert _prendre(d, T0).id == un
    with d.store.ecriture() as u:
        u.outbox.terminer(un, etat=EtatOrdre.ENVOYE)
    assert _prendre(d, T0).id == deux
    with d.store.ecriture() as u:
        u.outbox.terminer(deux, etat=EtatOrdre.REFUSE)
        assert [o.id for o in u.outbox.lister()] == [deux, trois, un]
        assert [o.id for o in u.outbox.lister(2)] == [deux, trois]
        assert {o.id for o in u.outbox.du_patient(d.patient)} == {un, deux, trois}


def test_waiting_orders_are_due_when_the_connection_is_back(d: Decor) -> None:
    id = _ordre(d, _document(d, 1))
    _prendre(d, T0)
    with d.store.ecriture() as u:
        u.outbox.terminer(id, etat=EtatOrdre.ATTENTE_TECHNIQUE,
                          prochain_essai="2026-06-01T09:00:00+00:00")
        assert u.outbox.avancer_en_attente(T0, auteur_id=d.compte + 1) == 0
        assert u.outbox.avancer_en_attente(T0, auteur_id=d.compte) == 1
    assert _prendre(d, T0).id == id


def test_many_claimers_never_share_an_order(d: Decor) -> None:
    attendus = {_ordre(d, _document(d, n)) for n in range(24)}
    pris: list[int] = []
    depart = threading.Barrier(4)

    def boucler() -> None:
        depart.wait()
        while (ordre := _prendre(d, T0)) is not None:
            pris.append(ordre.id)

    fils = [threading.Thread(target=boucler) for _ in range(4)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sorted(pris) == sorted(attendus)


# --- units of work -----------------------------------------------------------------------------

def test_an_exception_undoes_everything(d: Decor) -> None:
    with pytest.raises(ZeroDivisionError), d.store.ecriture() as u:
        u.observations.ajouter(d.patient, "perdue", auteur_id=d.compte)
        u.trail.ecrire(qui="LINE", quoi="essai")
        raise ZeroDivisionError
    with d.store.lecture() as u:
        assert u.observations.lister(d.patient) == []
        assert u.trail.verifier_chaine().intacte


def test_a_reader_sees_one_instant(d: Decor) -> None:
    with d.store.lecture() as lecteur:
        assert lecteur.patients.compter() == 1
        with d.store.ecriture() as u:
            u.patients.ajouter(identite("AUTRE"), auteur="a", cause="c")
        assert lecteur.patients.compter() == 1
    with d.store.lecture() as u:
        assert u.patients.compter() == 2


def test_a_reading_unit_keeps_nothing(d: Decor) -> None:
    try:
        with d.store.lecture() as u:
            u.reglages.ecrire("x", 1)
    except ErreurStore:
        pass  # PostgreSQL refuses at once
    with d.store.lecture() as u:
        assert u.reglages.lire("x") is None


def test_values_never_stand_in_an_error(d: Decor) -> None:
    with pytest.raises(ErreurStore) as erreur, d.store.ecriture() as u:
        u.agenda.ajouter("2026-06-01", "10:00", 12345, d.patient, "SECRET-MEDICAL")
    texte = f"{erreur.value} {erreur.value.__cause__}"
    assert "SECRET-MEDICAL" not in texte
