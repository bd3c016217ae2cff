"""The Courriers tab over a real file: two windows, header, record, templates, fields that wait."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from ui_outils import TRAITS, Attente, identite

from app.documents.courrier import depuis_texte, en_texte
from app.documents.model import Destinataire, Fragment, Intertitre, Liste, Paragraphe
from app.domain.dossier_clinique import NatureElement, RoleCorrespondant
from app.domain.identity import StatutIdentite
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure
from app.ui.controllers.dossier import DossierController
from app.ui.fenetre import Fenetre
from app.ui.views.courrier import VueCourriers
from app.ui.workers import Workers
from app.usecases import access, brouillons, correspondants, dossier_clinique, patients, produce
from app.usecases.context import Contexte

MARTIN = Destinataire("MARTIN", "Paul", qualite="Médecin généraliste", civilite="M")


@pytest.fixture
def ctx(tmp_path: Path, derivation_legere: None) -> Iterator[Contexte]:
    cree = access.creer_cabinet(tmp_path / "cabinet.pleiade", access.DemandeCabinet(
        structure=Structure("499700000016001", "Cabinet fictif"),
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


@pytest.fixture
def vue(fenetre: Fenetre, workers: Workers, ctx: Contexte, patient: int,
        attendre: Attente) -> VueCourriers:
    """The tab, open on the patient."""
    controleur = DossierController(fenetre, workers, ctx)
    fenetre.ajouter_page("dossier", "", "Dossier", controleur.construire)
    page = controleur.construire()
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    page.aller("courriers")
    attendre(lambda: page.courriers.feuille.type.count() > 0)
    return page.courriers


def ecrire(vue: VueCourriers, attendre: Attente, cle: str = "vide") -> int:
    """Begin a letter; gives the id of its draft."""
    vue.nouveau_demande.emit(cle)
    attendre(lambda: vue.ecrit)
    return vue.ecrit


def dialogue(attendre: Attente, nom: str) -> QWidget:
    """The dialog of a class that is open."""
    def trouves() -> list[QWidget]:
        return [w for w in QApplication.topLevelWidgets()
                if type(w).__name__ == nom and w.isVisible()]

    attendre(trouves)
    return trouves()[0]


def textes(ctx: Contexte, patient: int) -> dict[int, tuple[object, ...]]:
    """Bodies of the drafts of the file."""
    with ctx.store.lecture() as u:
        return {b.id: depuis_texte(b.texte).corps for b in u.documents.brouillons(patient)}


def test_the_same_text_changed_in_two_windows_is_kept_twice(
        vue: VueCourriers, ctx: Contexte, patient: int, attendre: Attente) -> None:
    ici = ecrire(vue, attendre)
    ailleurs = brouillons.lire_brouillon(ctx, ici, patient)
    brouillons.enregistrer_brouillon(ctx, replace(ailleurs, texte="Écrit ailleurs."), ailleurs)
    vue.texte.setPlainText("Écrit ici.")
    attendre(lambda: vue.ecrit not in (0, ici))
    assert textes(ctx, patient) == {ici: (Paragraphe("Écrit ailleurs."),),
                                    vue.ecrit: (Paragraphe("Écrit ici."),)}
    assert "autre poste" in vue.messages.textes[0]
    vue.texte.setPlainText("Écrit ici, suite.")
    attendre(lambda: textes(ctx, patient)[vue.ecrit] == (Paragraphe("Écrit ici, suite."),))
    remede = vue.messages._messages[0].remede
    assert remede is not None
    remede.click()
    attendre(lambda: vue.ecrit == ici)
    assert vue.blocs == (Paragraphe("Écrit ailleurs."),)


def test_what_agrees_comes_on_screen(vue: VueCourriers, ctx: Contexte, patient: int,
                                     attendre: Attente) -> None:
    ici = ecrire(vue, attendre)
    ailleurs = brouillons.lire_brouillon(ctx, ici, patient)
    brouillons.enregistrer_brouillon(ctx, replace(ailleurs, titre="Titre d’ailleurs"), ailleurs)
    vue.texte.setPlainText("Texte d’ici.")
    attendre(lambda: vue.feuille.titre.text() == "Titre d’ailleurs")
    assert vue.ecrit == ici and vue.blocs == (Paragraphe("Texte d’ici."),)
    vue.texte.setPlainText("Texte d’ici, suite.")
    attendre(lambda: textes(ctx, patient)[ici] == (Paragraphe("Texte d’ici, suite."),))
    assert brouillons.lire_brouillon(ctx, ici, patient).titre == "Titre d’ailleurs"


def test_two_drafts_are_listed_and_reopened(vue: VueCourriers, ctx: Contexte, patient: int,
                                            attendre: Attente) -> None:
    une = ecrire(vue, attendre)
    vue.texte.setPlainText("Une.")
    deux = ecrire_autre(vue, attendre, une)
    vue.texte.setPlainText("Deux.")
    vue._fermer()
    attendre(lambda: not vue.ecrit)
    attendre(lambda: len(textes(ctx, patient)) == 2
             and (Paragraphe("Deux."),) in textes(ctx, patient).values())
    for identifiant, attendu in ((une, "Une."), (deux, "Deux.")):
        vue.brouillon_demande.emit(identifiant)
        attendre(lambda i=identifiant: vue.ecrit == i)
        assert vue.blocs == (Paragraphe(attendu),)


def ecrire_autre(vue: VueCourriers, attendre: Attente, sauf: int) -> int:
    """Begin another letter while one is on screen: it is kept first."""
    vue.nouveau_demande.emit("vide")
    attendre(lambda: vue.ecrit not in (0, sauf))
    return vue.ecrit


def test_the_record_fills_the_fields_that_waited(vue: VueCourriers, attendre: Attente) -> None:
    ecrire(vue, attendre, "T13")
    assert "[[Allergies]]" in vue.texte.toPlainText()
    vue.dossier_demande.emit()
    boite = dialogue(attendre, "DialogueElements")
    boite.libelle.setText("Iode")  # type: ignore[attr-defined]
    boite.date.setText("32/13/2026")  # type: ignore[attr-defined]
    boite.ajouter.click()  # type: ignore[attr-defined]
    assert "ne se lit pas" in boite.messages.textes[0]  # type: ignore[attr-defined]
    boite.date.setText("")  # type: ignore[attr-defined]
    boite.ajouter.click()  # type: ignore[attr-defined]
    attendre(lambda: not boite.libelle.text())  # type: ignore[attr-defined]
    boite.close()
    attendre(lambda: "[[Allergies]]" not in vue.texte.toPlainText())
    corps = vue.blocs
    assert corps[corps.index(Intertitre("Allergies")) + 1] == Liste((
        (Fragment("Iode", origine="Allergies"),),))


def test_a_field_is_inserted_with_its_value_or_its_name(
        vue: VueCourriers, ctx: Contexte, patient: int, attendre: Attente) -> None:
    dossier_clinique.ajouter(ctx, patient, NatureElement.ALLERGIE, "Iode")
    ecrire(vue, attendre)
    vue.feuille.barre.champ_choisi.emit("Allergies")
    attendre(lambda: "Iode" in vue.texte.toPlainText())
    vue.feuille.barre.champ_choisi.emit("Antécédents")
    attendre(lambda: "[[Antécédents]]" in vue.texte.toPlainText())
    vue._valider(False)
    assert "« Antécédents »" in vue.messages.textes[0] and vue.ecrit
    vue._retirer_champs()
    assert "[[" not in vue.texte.toPlainText() and "Iode" in vue.texte.toPlainText()
    vue.texte.undo()
    assert "[[Antécédents]]" in vue.texte.toPlainText()


def test_the_header_is_chosen_and_taken_away(vue: VueCourriers, ctx: Contexte, patient: int,
                                             attendre: Attente) -> None:
    correspondants.enregistrer(ctx, MARTIN, patient_id=patient,
                               role=RoleCorrespondant.MEDECIN_TRAITANT)
    correspondants.enregistrer(ctx, replace(MARTIN, nom="DURAND"))
    ici = ecrire(vue, attendre, "T01")
    vue.feuille.ouvrir_entete()
    boite = dialogue(attendre, "DialogueEntete")
    attendre(lambda: boite.liste.count() == 2)  # type: ignore[attr-defined]
    from PySide6.QtCore import Qt
    boite.filtre.setText("durand")  # type: ignore[attr-defined]
    assert [boite.liste.item(n).isHidden() for n in range(2)] == [True, False]  # type: ignore[attr-defined]
    boite.liste.item(1).setCheckState(Qt.CheckState.Checked)  # type: ignore[attr-defined]
    boite.cadre.setCurrentIndex(boite.cadre.findData("SAD"))  # type: ignore[attr-defined]
    boite.valider.click()  # type: ignore[attr-defined]

    def entete() -> object:
        return depuis_texte(brouillons.lire_brouillon(ctx, ici, patient).texte).entete

    attendre(lambda: len(entete().destinataires) == 2)  # type: ignore[attr-defined]
    assert entete().cadre == "SAD"  # type: ignore[attr-defined]
    vue.feuille.bande._retirer(MARTIN)
    attendre(lambda: [d.nom for d in entete().destinataires] == ["DURAND"])  # type: ignore[attr-defined]


def test_a_letter_becomes_a_template(vue: VueCourriers, attendre: Attente) -> None:
    ecrire(vue, attendre)
    vue.feuille.titre.setText("Mon modèle")
    vue.texte.setPlainText("Bonjour [[Patient]].")
    vue._en_modele()
    boite = dialogue(attendre, "DialogueModeles")
    attendre(lambda: boite.nom.text() == "Mon modèle")  # type: ignore[attr-defined]
    boite.oublier.click()  # type: ignore[attr-defined]
    attendre(lambda: boite.nom.text() != "Mon modèle")  # type: ignore[attr-defined]
    boite.nom.setText("")  # type: ignore[attr-defined]
    boite.enregistrer.click()  # type: ignore[attr-defined]
    attendre(lambda: boite.messages.textes)  # type: ignore[attr-defined]
    boite.close()


def test_a_validation_refused_keeps_the_text(vue: VueCourriers, ctx: Contexte, patient: int,
                                             attendre: Attente) -> None:
    """Something is missing in the settings: it is said, the letter is there, and kept."""
    with ctx.store.ecriture() as u:
        u.comptes.enregistrer_structure(Structure("", "Cabinet fictif"))
    ici = ecrire(vue, attendre)
    vue.texte.setPlainText("Texte.")
    vue.pied.envoyer.click()
    attendre(lambda: vue.messages.textes)
    assert "identifiant de la structure" in vue.messages.textes[0]
    assert vue.ecrit == ici and vue.pied.envoyer.isEnabled()
    attendre(lambda: textes(ctx, patient)[ici] == (Paragraphe("Texte."),))
    assert en_texte(depuis_texte("Texte."))


def test_a_document_being_validated_is_not_kept_as_a_draft_again(
        vue: VueCourriers, ctx: Contexte, patient: int, attendre: Attente,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """The spelling underlined after the click is no change: the draft would come back as a copy."""
    vrai, vue_rendue = produce.valider, Event()

    def valider(*args: object) -> object:
        assert vue_rendue.wait(30)
        return vrai(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(produce, "valider", valider)
    ecrire(vue, attendre)
    vue.texte.setFocus()
    vue.texte.setPlainText("Plaie propre.")
    vue.pied.envoyer.click()
    vue.texte.souligneur.rehighlight()
    en_attente = vue._garde.isActive()
    vue_rendue.set()
    attendre(lambda: not vue.ecrit)
    assert not en_attente and textes(ctx, patient) == {}
