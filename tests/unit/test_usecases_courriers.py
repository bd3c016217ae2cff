"""Letters over a real file: templates, record, drafts in two places, versions, deletion."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from ui_outils import TRAITS, identite

from app.documents.champs import restants
from app.documents.courrier import depuis_texte, en_texte
from app.documents.model import (
    Destinataire,
    Fragment,
    Intertitre,
    Liste,
    Paragraphe,
    RoleIntervenant,
    Tableau,
)
from app.domain.document import Brouillon, EtatDocument, EtatLigne
from app.domain.dossier_clinique import NatureElement, RoleCorrespondant
from app.domain.identity import StatutIdentite
from app.domain.outbox import EtatOrdre
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure
from app.usecases import (
    access,
    brouillons,
    champs_dossier,
    correspondants,
    documents,
    dossier,
    dossier_clinique,
    modeles_courriers,
    orthographe,
    outbox,
    patients,
    produce,
    suites_documents,
    versions_documents,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus

NS = {"h": "urn:hl7-org:v3"}
MARTIN = Destinataire("MARTIN", "Paul", "810000000099", "Médecin généraliste", "M",
                      "Maison de santé", "1750000001", "8 rue des Capucins", "69001", "LYON",
                      "04 78 00 00 00", "paul.martin@medecin.mssante.fr")


@pytest.fixture
def ctx(tmp_path: Path, derivation_legere: None) -> Iterator[Contexte]:
    cree = access.creer_cabinet(tmp_path / "cabinet.pleiade", access.DemandeCabinet(
        structure=Structure("499700000016001", "Cabinet fictif", commune="LYON"),
        professionnel=Professionnel("899700000016", "MOREAU", "Claire", civilite="MME"),
        mot_de_passe="Cabinet-fictif-2026!", profils=("IDE",), module_mss="integree"))
    yield cree.contexte
    cree.contexte.fermer()


@pytest.fixture
def patient(ctx: Contexte) -> int:
    creation = patients.creer_patient(ctx, TRAITS, Contact("1 rue Haute", "63420", "Mazoires"))
    assert creation.patient is not None
    with ctx.store.ecriture() as u:
        u.patients.enregistrer_identite(creation.patient.id, identite(StatutIdentite.QUALIFIEE),
                                        auteur="test", cause="test", version=1)
    return creation.patient.id


def ecrire(ctx: Contexte, patient: int, texte: str = "Plaie propre.") -> Brouillon:
    """A draft with a body."""
    return replace(brouillons.nouveau_brouillon(ctx, patient, "fiche-suivi-soins"), texte=texte)


# -- The record in the letter -------------------------------------------------------------------


def test_a_letter_is_filled_from_the_record(ctx: Contexte, patient: int) -> None:
    dossier_clinique.ajouter(ctx, patient, NatureElement.ALLERGIE, "Pénicilline", "urticaire")
    dossier_clinique.ajouter(ctx, patient, NatureElement.TRAITEMENT, "Ramipril 5 mg",
                             "1 le matin", "2026-01-05")
    dossier_clinique.ajouter(ctx, patient, NatureElement.MESURE, "Poids", "68 kg", "2026-10-01")
    dossier_clinique.ajouter(ctx, patient, NatureElement.MESURE, "Poids", "70 kg", "2026-11-01")
    correspondants.enregistrer(ctx, MARTIN, patient_id=patient,
                               role=RoleCorrespondant.MEDECIN_TRAITANT)
    brouillon = brouillons.nouveau_brouillon(ctx, patient, "T01")
    courrier = depuis_texte(brouillon.texte)
    corps = courrier.corps
    assert courrier.entete.destinataires == (MARTIN,)
    assert courrier.entete.intervenants[0].role is RoleIntervenant.MEDECIN_TRAITANT
    assert corps[0] == Paragraphe((Fragment("Docteur", origine="Formule d’appel"), Fragment(",")))

    def sous(titre: str) -> object:
        return corps[corps.index(Intertitre(titre)) + 1]

    assert sous("Allergies") == Liste(((Fragment("Pénicilline, urticaire", origine="Allergies"),),))
    assert sous("Traitements en cours") == Liste(((Fragment(
        "Ramipril 5 mg, 1 le matin (depuis le 05/01/2026)", origine="Traitements en cours"),),))
    mesures = sous("Constantes")
    assert isinstance(mesures, Tableau)
    assert [[c[0].texte for c in ligne] for ligne in mesures.lignes] == [  # type: ignore[union-attr]
        ["Poids", "70 kg", "01/11/2026"]]
    assert {"Antécédents", "Transmissions"} <= set(restants(corps))


def test_the_matricule_is_a_field_only_when_it_may_leave(ctx: Contexte, patient: int) -> None:
    entete = champs_dossier.entete_initial(ctx, patient, ())
    assert "Matricule INS" in champs_dossier.valeurs(ctx, patient, entete)
    with ctx.store.ecriture() as u:
        p = u.patients.lire(patient)
        u.patients.enregistrer_identite(patient, replace(
            p.identite, statut=StatutIdentite.RECUPEREE), auteur="t", cause="t", version=p.version)
    assert "Matricule INS" not in champs_dossier.valeurs(ctx, patient, entete)


def test_what_is_taken_back_leaves_the_letters_and_stays_in_the_file(ctx: Contexte,
                                                                     patient: int) -> None:
    element = dossier_clinique.ajouter(ctx, patient, NatureElement.ALLERGIE, "Iode")
    dossier_clinique.retirer(ctx, element)
    assert dossier_clinique.elements(ctx, patient) == ()
    with ctx.store.lecture() as u:
        assert u.courriers.elements(patient, retires=True)[0].retire_le


@pytest.mark.parametrize("libelle, detail, date", [
    ("", "", ""), ("x" * 201, "", ""), ("x", "y" * 501, ""), ("x", "", "2026-02-30")])
def test_a_bad_line_is_refused(ctx: Contexte, patient: int, libelle: str, detail: str,
                               date: str) -> None:
    with pytest.raises(Refus):
        dossier_clinique.ajouter(ctx, patient, NatureElement.ALLERGIE, libelle, detail, date)


def test_one_medecin_traitant_at_a_time(ctx: Contexte, patient: int) -> None:
    for nom in ("MARTIN", "DURAND"):
        correspondants.enregistrer(ctx, replace(MARTIN, nom=nom), patient_id=patient,
                                   role=RoleCorrespondant.MEDECIN_TRAITANT)
    assert [(role, qui.nom) for role, _, qui in correspondants.du_patient(ctx, patient)] == [
        (RoleCorrespondant.MEDECIN_TRAITANT, "DURAND")]
    carnet = correspondants.carnet_adresses(ctx)
    assert [qui.nom for _, qui in carnet] == ["DURAND", "MARTIN"]
    correspondants.retirer(ctx, carnet[0][0])
    assert [qui.nom for _, qui in correspondants.carnet_adresses(ctx)] == ["MARTIN"]
    assert correspondants.du_patient(ctx, patient) == ()


@pytest.mark.parametrize("faux", [
    Destinataire(), replace(MARTIN, identifiant="123"), replace(MARTIN, messagerie="sans arobase")])
def test_a_correspondent_that_no_letter_could_name_is_refused(ctx: Contexte,
                                                              faux: Destinataire) -> None:
    with pytest.raises(Refus):
        correspondants.enregistrer(ctx, faux)


# -- Templates ----------------------------------------------------------------------------------


def test_a_template_is_changed_copied_and_reset(ctx: Contexte) -> None:
    avant = modeles_courriers.trouver(ctx, "T01")
    version = modeles_courriers.enregistrer(ctx, replace(avant, titre="Ma fiche"))
    modifie = modeles_courriers.trouver(ctx, "T01")
    assert (modifie.titre, modifie.modifie, version) == ("Ma fiche", True, 1)
    copie = modeles_courriers.dupliquer(ctx, "T01")
    assert copie.titre == "Ma fiche (copie)"
    assert modeles_courriers.lister(ctx)[0].cle == copie.cle
    modeles_courriers.reinitialiser(ctx, "T01")
    assert modeles_courriers.trouver(ctx, "T01") == avant
    modeles_courriers.reinitialiser(ctx, copie.cle)
    with pytest.raises(Refus):
        modeles_courriers.trouver(ctx, copie.cle)


def test_two_hands_on_one_template(ctx: Contexte) -> None:
    modele = modeles_courriers.trouver(ctx, "T01")
    modeles_courriers.enregistrer(ctx, replace(modele, titre="Une"))
    from app.store.errors import ConflitVersion
    with pytest.raises(ConflitVersion):
        modeles_courriers.enregistrer(ctx, replace(modele, titre="Deux"))
    assert modeles_courriers.trouver(ctx, "T01").titre == "Une"


@pytest.mark.parametrize("changement", [{"titre": " "}, {"titre": "x" * 129}, {"corps": ()}])
def test_an_empty_template_is_refused(ctx: Contexte, changement: dict[str, object]) -> None:
    modele = modeles_courriers.trouver(ctx, "T01")
    with pytest.raises(Refus):
        modeles_courriers.enregistrer(ctx, replace(modele, **changement))  # type: ignore[arg-type]


def test_a_nurse_is_offered_her_templates(ctx: Contexte) -> None:
    cles = {m.cle for m in modeles_courriers.lister(ctx)}
    assert {"T01", "T13", "T80"} <= cles and not {"T40", "T50", "T30"} & cles


# -- Drafts in two places -----------------------------------------------------------------------


def test_a_draft_changed_elsewhere_is_kept_twice(ctx: Contexte, patient: int) -> None:
    ici = ecrire(ctx, patient, "Le texte d’ici.")
    brouillons.enregistrer_brouillon(ctx, replace(ici, texte="Le texte d’ailleurs."))
    garde = brouillons.garder(ctx, ici)
    assert garde.copie_de == ici.id and "votre version" in garde.brouillon.titre
    with ctx.store.lecture() as u:
        textes = {b.texte for b in u.documents.brouillons(patient)}
    assert textes == {"Le texte d’ici.", "Le texte d’ailleurs."}
    assert brouillons.garder(ctx, replace(garde.brouillon, texte="Suite")).copie_de == 0


def test_a_draft_removed_elsewhere_comes_back(ctx: Contexte, patient: int) -> None:
    ici = ecrire(ctx, patient, "Pas perdu.")
    brouillons.abandonner_brouillon(ctx, ici.id)
    assert brouillons.garder(ctx, ici).brouillon.texte == "Pas perdu."


# -- Validation ---------------------------------------------------------------------------------


def test_fields_that_wait_stop_the_validation(ctx: Contexte, patient: int) -> None:
    brouillon = brouillons.nouveau_brouillon(ctx, patient, "T04")
    with pytest.raises(Refus) as refus:
        produce.valider(ctx, brouillon)
    assert "Soin, Début, Fin" in refus.value.message
    assert brouillons.lire_brouillon(ctx, brouillon.id, patient).texte == brouillon.texte


def test_everything_missing_is_said_at_once(ctx: Contexte, patient: int) -> None:
    with ctx.store.ecriture() as u:
        u.comptes.enregistrer_structure(Structure("", "Cabinet fictif"))
    with pytest.raises(Refus) as refus:
        produce.valider(ctx, ecrire(ctx, patient))
    assert "identifiant de la structure" in refus.value.message


def test_an_identity_changed_during_the_validation_refuses_the_letter(
        ctx: Contexte, patient: int) -> None:
    brouillon = ecrire(ctx, patient)
    rendre = ctx.lourd

    def pendant(*args: object) -> object:
        """Somebody corrects the identity while the pages are drawn."""
        with ctx.store.ecriture() as u:
            lu = u.patients.lire(patient)
            if lu.identite.statut is StatutIdentite.QUALIFIEE:
                u.patients.enregistrer_identite(
                    patient, identite(StatutIdentite.PROVISOIRE), auteur="autre", cause="test",
                    version=lu.version)
        return rendre(*args)

    ctx.lourd = pendant
    with pytest.raises(Refus, match="identité a changé") as refus:
        produce.valider(ctx, brouillon)
    assert refus.value.code == "CONFLIT"
    with ctx.store.lecture() as u:
        assert u.documents.lister(patient) == []
    assert brouillons.lire_brouillon(ctx, brouillon.id, patient).id == brouillon.id


def test_dates_that_cross_are_refused(ctx: Contexte, patient: int) -> None:
    brouillon = ecrire(ctx, patient)
    courrier = depuis_texte(brouillon.texte)
    quand = produce.datetime.now().astimezone()
    croise = replace(courrier, entete=replace(courrier.entete, date_acte=quand,
                                              date_fin=quand - timedelta(days=1)))
    with pytest.raises(Refus):
        produce.apercu(ctx, replace(brouillon, texte=en_texte(croise)))


def test_the_header_is_in_the_document(ctx: Contexte, patient: int) -> None:
    dossier_clinique.ajouter(ctx, patient, NatureElement.ALLERGIE, "Iode")
    correspondants.enregistrer(ctx, MARTIN, patient_id=patient,
                               role=RoleCorrespondant.PRESCRIPTEUR)
    brouillon = brouillons.nouveau_brouillon(ctx, patient, "T04")
    courrier = depuis_texte(brouillon.texte)
    brouillon = replace(brouillon, texte=en_texte(replace(
        courrier, corps=(Paragraphe("Texte"),), entete=replace(courrier.entete, cadre="SAD"))))
    with ctx.store.ecriture() as u:
        u.episodes.ouvrir(patient, auteur="test")
    fiche = produce.valider(ctx, brouillon)
    with ctx.store.lecture() as u:
        arbre = etree.fromstring(u.documents.contenu(fiche.cda_sha256))
    assert len(arbre.findall("h:informationRecipient", NS)) == 1
    assert arbre.find("h:participant[@typeCode='REF']", NS) is not None
    assert arbre.find(".//h:standardIndustryClassCode", NS).get("code") == "SAD"  # type: ignore[union-attr]
    assert "1.2.250.1.999.1.1.5." in arbre.find(  # type: ignore[union-attr]
        "h:componentOf//h:encompassingEncounter/h:id", NS).get("root")
    assert arbre.find("h:code", NS).get("code") == "96349-6"  # type: ignore[union-attr]


# -- Versions -----------------------------------------------------------------------------------


def test_the_next_version_replaces_the_former(ctx: Contexte, patient: int) -> None:
    une = produce.valider(ctx, ecrire(ctx, patient, "Première."))
    brouillon = versions_documents.nouvelle_version(ctx, une.id)
    assert versions_documents.nouvelle_version(ctx, une.id).id == brouillon.id
    courrier = depuis_texte(brouillon.texte)
    assert courrier.corps == (Paragraphe("Première."),)
    deux = produce.valider(ctx, replace(brouillon, texte=en_texte(replace(
        courrier, corps=(Paragraphe("Corrigée."),)))))
    assert (deux.set_id, deux.version_number) == (une.set_id, 2)
    with ctx.store.lecture() as u:
        assert u.documents.lire(une.id).etat is EtatDocument.REMPLACE
        arbre = etree.fromstring(u.documents.contenu(deux.cda_sha256))
        ordres = {o.document_id: o.etat for o in u.outbox.du_patient(patient)}
    lien = arbre.find("h:relatedDocument", NS)
    assert lien is not None and lien.get("typeCode") == "RPLC"
    assert lien.find("h:parentDocument/h:id", NS).get("root") == une.cda_id  # type: ignore[union-attr]
    assert arbre.find("h:versionNumber", NS).get("value") == "2"  # type: ignore[union-attr]
    assert ordres == {une.id: EtatOrdre.ANNULE, deux.id: EtatOrdre.PROGRAMME}
    trois = versions_documents.nouvelle_version(ctx, deux.id)
    assert depuis_texte(trois.texte).corps == (Paragraphe("Corrigée."),)
    with pytest.raises(Refus):
        versions_documents.nouvelle_version(ctx, une.id)


def test_two_next_versions_of_one_document(ctx: Contexte, patient: int) -> None:
    """Another workstation validated first: the second one is refused and its draft kept."""
    une = produce.valider(ctx, ecrire(ctx, patient, "Première."))
    brouillon = versions_documents.nouvelle_version(ctx, une.id)
    jumeau = brouillons.enregistrer_brouillon(ctx, replace(brouillon, id=0))
    produce.valider(ctx, brouillon)
    with pytest.raises(Refus) as refus:
        produce.valider(ctx, jumeau)
    assert "version plus récente" in refus.value.message
    assert brouillons.lire_brouillon(ctx, jumeau.id, patient).texte == jumeau.texte


def test_a_deletion_keeps_the_trace_and_may_be_undone(ctx: Contexte, patient: int) -> None:
    fiche = produce.valider(ctx, ecrire(ctx, patient))
    versions_documents.supprimer_document(ctx, fiche.id)
    assert [x.etat for x in documents.documents_du_patient(ctx, patient).lignes] == [
        EtatLigne.SUPPRIME]
    assert versions_documents.documents_ecrits(ctx, patient) == ()
    assert outbox.lister_envois(ctx)[0].etat is EtatOrdre.ANNULE
    with ctx.store.lecture() as u:
        garde = u.documents.lire(fiche.id)
        assert garde.etat is EtatDocument.SUPPRIME
        assert u.documents.contenu(garde.cda_sha256)
    with pytest.raises(Refus):
        versions_documents.supprimer_document(ctx, fiche.id)
    suites_documents.retablir(ctx, fiche.id)
    assert [e.fiche.id for e in versions_documents.documents_ecrits(ctx, patient)] == [fiche.id]
    assert dossier.ouvrir_dossier(ctx, patient).documents.lignes


# -- Spelling -----------------------------------------------------------------------------------


def test_the_practice_teaches_its_words(ctx: Contexte) -> None:
    assert orthographe.verifier(ctx, ["pansement", "Bétadine", "infimière", "Mazoires"]) == (
        "infimière", "Mazoires")
    orthographe.ajouter_mot(ctx, "Mazoires")
    assert orthographe.verifier(ctx, ["Mazoires", "mazoires"]) == ()
    assert orthographe.retirer_mot(ctx, "Mazoires") == ()
    assert "infirmière" in orthographe.proposer(ctx, "infimière")
    with pytest.raises(Refus):
        orthographe.ajouter_mot(ctx, "deux mots")
