"""The main job and its refusals, through the real window."""

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from app.domain.document import EtatLigne, OrigineDocument
from app.domain.outbox import EtatOrdre
from app.usecases import consentement, consult_dmp, identify, outbox, patients

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve


def choisir_document(poste: "Poste", texte: str = "Carte nationale") -> None:
    """Badge, type of document: two clicks."""
    poste.pilote.cliquer("Identité ")
    poste.pilote.choisir(texte)


def qualifier(poste: "Poste", patient_id: int, nom: str = "ADRUN") -> None:
    """Qualified identity, by the card and the document."""
    poste.carte(nom)
    poste.pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "récupérée")
    choisir_document(poste)
    poste.pilote.attendre(lambda: poste.statut(patient_id) == "qualifiee", "qualifiée")


def consentir(poste: "Poste") -> None:
    """One click in the DICA list, opened by itself or by hand."""
    if not poste.pilote.bouton("Le patient consent"):
        poste.pilote.cliquer("DMP non consultable")
    poste.pilote.cliquer("Le patient consent")
    poste.pilote.attendre(lambda: poste.pilote.bouton("DMP consultable"), "DMP consultable")


def rediger(poste: "Poste", texte: str, bouton: str = "Valider et envoyer") -> None:
    """Write a follow-up report in the file and validate it."""
    page = poste.application.fenetre.page("dossier")
    page.aller("courriers")  # type: ignore[attr-defined]
    vue = page.courriers  # type: ignore[attr-defined]
    poste.pilote.cliquer("Fiche de suivi de soins")
    poste.pilote.attendre(lambda: vue.brouillon is not None, "brouillon")
    vue.texte.setPlainText(texte)
    poste.pilote.cliquer(bouton)
    poste.pilote.attendre(lambda: vue.brouillon is None, "document validé")


def ordres(poste: "Poste") -> list[EtatOrdre]:
    """States of the orders, newest last."""
    return [o.etat for o in sorted(outbox.lister_envois(poste.ctx), key=lambda o: o.id)]


@pytest.mark.exigence("SC.INS.15", "SC.DMP/UX.11", "INS/va1.54", "SC.DMP/UX.13", "SC.DMP/UX.14",
                      "SC.CDA/INT.08", "SC.DMP/ALI/PROG.02", "SC.DMP/HISTO.01")
def test_card_to_sent_document(connecte: "Poste", preuve: "Preuve") -> None:
    """Card in, identity qualified, DMP consulted, report written, sent."""
    poste, pilote = connecte, connecte.pilote
    patient_id = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
    assert poste.statut(patient_id) == "provisoire"
    poste.carte("ADRUN")
    pilote.attendre(lambda: pilote.voit("Récupérée"), "dossier ouvert seul, identité récupérée")
    assert [a["operation"] for a in poste.journal("insi")] == ["recherche_carte"]
    pilote.capturer("carte-lue")
    choisir_document(poste)
    pilote.attendre(lambda: pilote.voit("Qualifiée"), "identité qualifiée")
    with poste.ctx.store.lecture() as u:
        avant = [ligne.statut_avant.value for ligne in u.patients.historique(patient_id)]
    assert {"provisoire", "recuperee"} <= set(avant)
    assert pilote.bouton("DMP non consultable")
    assert poste.journal("dmp") == []
    consentir(poste)
    pilote.attendre(lambda: pilote.bouton("Ouvrir le plus récent"), "compteurs")
    pilote.capturer("dmp-consultable")
    pilote.cliquer("Ouvrir le plus récent")
    pilote.attendre(lambda: pilote.bouton("Intégrer"), "document ouvert")
    pilote.attendre(lambda: pilote.voit("Identité conforme"))
    pilote.capturer("document")
    pilote.cliquer("Intégrer")
    pilote.attendre(lambda: any(
        ligne.etat is EtatLigne.AU_DOSSIER for ligne in
        consult_dmp.documents_du_patient(poste.ctx, patient_id).lignes), "intégré")
    rediger(poste, "# Plaie\nPansement refait.")
    pilote.attendre(lambda: ordres(poste) == [EtatOrdre.ENVOYE], "envoyé")
    ligne = next(x for x in consult_dmp.documents_du_patient(poste.ctx, patient_id).lignes
                 if x.origine is OrigineDocument.CABINET)
    assert ligne.envoye_dmp and ligne.etat is EtatLigne.ENVOYE
    poste.application.fenetre.aller("envois")
    pilote.attendre(lambda: pilote.voit("Envois"))
    pilote.capturer("envoye")
    with poste.ctx.store.lecture() as u:
        fiche = u.documents.lire(ligne.document_id or 0)
        preuve.fichier("document.xml", u.documents.contenu(fiche.cda_sha256))
        preuve.fichier("document.pdf", u.documents.contenu(fiche.pdf_sha256))


@pytest.mark.exigence("SC.DMP/CONF.06", "SC.DMP/CONF.16")
def test_no_consultation_before_consent(connecte: "Poste") -> None:
    """Not recorded: no call leaves. Recorded: TD0.2, TD0.3 when needed, then TD3.1. Withdrawn:
    refused again."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    pilote.laisser(0.5)
    assert poste.journal("dmp") == []
    pilote.capturer("sans-consentement")
    consentir(poste)
    pilote.attendre(lambda: poste.journal("dmp", "TD3.1"), "TD3.1")
    suite = [str(a["operation"]) for a in poste.journal("dmp")]
    assert suite[0] == "TD0.2" and suite[-1] == "TD3.1"
    dica = consentement.noter_consentement(poste.ctx, patient_id, False, None)
    assert not dica.consultable
    nombre = len(poste.journal("dmp"))
    with pytest.raises(Exception, match="non consultable"):
        consult_dmp.actualiser_dmp(poste.ctx, patient_id)
    assert len(poste.journal("dmp")) == nombre


@pytest.mark.exigence("SC.INS.19", "INS/va1.51")
def test_insi_comparison(connecte: "Poste") -> None:
    """00 with differences: the dialog opens by itself, one click accepts; the first given name
    stays and the alert says so."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("TCHITCHI")
    pilote.attendre(lambda: pilote.bouton("Accepter l’identité INSi"), "comparaison")
    assert pilote.voit("n’est pas en tête de la liste INSi")
    pilote.capturer("comparaison")
    pilote.cliquer("Accepter l’identité INSi")
    pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "acceptée")
    with poste.ctx.store.lecture() as u:
        assert u.patients.lire(patient_id).identite.traits.premier_prenom == "OLA"


@pytest.mark.exigence("SC.INS.19")
def test_insi_refused_with_escape(connecte: "Poste") -> None:
    """Échap refuses: nothing changes."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("TCHITCHI")
    pilote.attendre(lambda: pilote.bouton("Refuser"), "comparaison")
    pilote.touche(Qt.Key.Key_Escape)
    pilote.attendre(lambda: not pilote.bouton("Refuser"), "dialogue fermé")
    assert poste.statut(patient_id) == "provisoire"


@pytest.mark.exigence("SC.INS.19")
def test_two_then_one_is_silent(connecte: "Poste") -> None:
    """02 then 00 with the birthplace: no dialog, two calls."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("DE VINCI")
    pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "récupérée")
    assert not pilote.bouton("Accepter l’identité INSi")
    assert len(poste.journal("insi")) == 2


@pytest.mark.exigence("SC.INS.19")
def test_nobody_found(connecte: "Poste") -> None:
    """01: a sentence with advice above the file, the identity unchanged."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("HOUILLES")
    pilote.attendre(lambda: pilote.voit("INSi ne trouve pas cette identité"), "message 01")
    pilote.capturer("introuvable")
    assert poste.statut(patient_id) == "provisoire"


@pytest.mark.exigence("SC.DMP/ALI/PROG.03")
def test_held_one_by_one(connecte: "Poste") -> None:
    """« Valider et retenir » holds this one; the next leaves."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    rediger(poste, "À garder ici.", "Valider et retenir")
    rediger(poste, "À envoyer.")
    pilote.attendre(lambda: ordres(poste) == [EtatOrdre.RETENU, EtatOrdre.ENVOYE], "un seul part")
    poste.application.fenetre.aller("envois")
    pilote.attendre(lambda: pilote.voit("Envois"))
    pilote.capturer("retenu-et-envoye")


@pytest.mark.exigence("SC.DMP/ALI/PROG.06", "SC.DMP/ALI/PROG.07", "SC.DMP/ALI/PROG.05")
def test_waits_while_the_dmp_is_down(connecte: "Poste") -> None:
    """503: on hold with its cause; back: sent without a gesture of the user."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    poste.panne("dmp", "*", "http", 503)
    rediger(poste, "Pendant la panne.")
    pilote.attendre(lambda: ordres(poste) == [EtatOrdre.ATTENTE_TECHNIQUE], "en attente")
    poste.application.fenetre.aller("envois")
    pilote.attendre(lambda: pilote.voit("Le DMP est momentanément indisponible"), "cause à l’écran")
    pilote.capturer("en-attente")
    poste.reparer()
    poste.assemblage.envois.essayer_maintenant()
    pilote.attendre(lambda: ordres(poste) == [EtatOrdre.ENVOYE], "envoyé au retour")


@pytest.mark.exigence("LGC.DMP/UX.10")
def test_the_window_lives_while_a_service_is_slow(connecte: "Poste") -> None:
    """INSi takes its time: meanwhile another page opens and a search answers."""
    poste, pilote = connecte, connecte.pilote
    poste.panne("insi", "*", "delai", 12, fois=1)
    patient_id = poste.dossier("CORSE")
    poste.application.fenetre.aller("patients")
    pilote.attendre(lambda: pilote.voit("Nouveau patient"), "page Patients")
    assert patients.chercher(poste.ctx, "ADR")
    poste.application.fenetre.aller("tournee")
    pilote.attendre(lambda: pilote.voit("Tournée du matin"))
    assert poste.statut(patient_id) == "provisoire"  # not yet: nobody waited for it
    pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "réponse tardive appliquée")


@pytest.mark.exigence("INS/va1.20", "INS/va1.44")
def test_doubtful_blocks_insi(connecte: "Poste") -> None:
    """Qualified, then douteuse: provisoire, no matricule on screen, no call."""
    from app.domain.identity import Attribut

    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    nombre = len(poste.journal("insi"))
    poste.assemblage.identite.marquer(patient_id, Attribut.DOUTEUSE, True)
    pilote.attendre(lambda: poste.statut(patient_id) == "provisoire", "provisoire")
    pilote.attendre(lambda: pilote.voit("non attribué"), "matricule effacé")
    pilote.capturer("douteuse")
    assert identify.qualifier_insi(poste.ctx, patient_id).etat == "impossible"
    assert len(poste.journal("insi")) == nombre


@pytest.mark.exigence("MIN.VER.01")
def test_about_in_one_click(poste: "Poste") -> None:
    """The version is at the foot of the rail; one click shows references and their dates."""
    poste.ouvrir()
    assert poste.pilote.voit("v 0.1.0")
    poste.pilote.cliquer("v 0.1.0")
    poste.pilote.attendre(lambda: poste.pilote.voit("Code officiel géographique"), "À propos")
    poste.pilote.capturer("a-propos")


def test_card_with_several_people(connecte: "Poste") -> None:
    """A family's card asks who the patient is; one key answers."""
    poste, pilote = connecte, connecte.pilote
    poste.carte("FAMILLE")
    pilote.attendre(lambda: pilote.voit("Qui est le patient"), "choix du bénéficiaire")
    pilote.capturer("beneficiaires")
    pilote.touche(Qt.Key.Key_1)
    pilote.attendre(lambda: not pilote.voit("Qui est le patient"), "choix fait")


def test_unknown_card_then_a_good_one(connecte: "Poste") -> None:
    """A card that can't be read: its message, no freeze; the next card works."""
    import httpx

    poste, pilote = connecte, connecte.pilote
    httpx.put(f"{poste.bac.controle}/controle/carte",
              json={"etat": "illisible"}).raise_for_status()
    pilote.laisser(2.5)
    pilote.capturer("carte-illisible")
    poste.carte("ADRUN")
    pilote.attendre(lambda: pilote.voit("Récupérée"), "la carte suivante est lue")


@pytest.mark.parametrize(("genre", "valeur"), [
    ("http", 503), ("coupure", "milieu"), ("html", 502), ("xml_bombe", "entites"),
    ("fault", "soap:siram_100")])
def test_insi_in_trouble(connecte: "Poste", genre: str, valeur: object) -> None:
    """A sentence above the file, the identity unchanged; the user's retry works once repaired."""
    poste, pilote = connecte, connecte.pilote
    poste.panne("insi", "*", genre, valeur)
    patient_id = poste.dossier("CORSE")
    pilote.attendre(lambda: pilote.voit("INSi"), "message INSi")
    pilote.attendre(lambda: any(len(t) > 25 and "INSi" in t for t in pilote.textes()), "phrase")
    pilote.capturer(f"insi-{genre}")
    assert poste.statut(patient_id) == "provisoire"
    poste.reparer()
    poste.ctx.services.etats.rearmer()
    poste.assemblage.identite.qualifier(patient_id)
    pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "reprise")


@pytest.mark.parametrize(("genre", "valeur"), [("http", 503), ("hash_faux", "contenu"),
                                               ("tronque", None)])
def test_document_that_arrives_wrong(connecte: "Poste", genre: str, valeur: object) -> None:
    """The reason instead of the document; « Réessayer » opens it once repaired."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    qualifier(poste, patient_id)
    consentir(poste)
    poste.panne("dmp", "TD3.2", genre, valeur)
    pilote.cliquer("Ouvrir le plus récent")
    pilote.laisser(3)
    pilote.capturer(f"document-{genre}")
    assert not pilote.voit("Identité conforme")
    poste.reparer()
    poste.ctx.services.etats.rearmer()
    pilote.cliquer("Ouvrir le plus récent")
    pilote.attendre(lambda: pilote.voit("Identité conforme"), "document ouvert")


@pytest.mark.exigence("SC.SSI/IE.38")
def test_lock_and_come_back(connecte: "Poste") -> None:
    """Locked: no patient on screen nor in the title; the password brings the same page back."""
    poste, pilote = connecte, connecte.pilote
    poste.dossier("ADRUN ZOE")
    pilote.touche(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    poste.application.verrouiller()
    pilote.attendre(lambda: pilote.voit("Reprendre la session"), "écran verrouillé")
    pilote.capturer("verrou")
    assert "ADRUN" not in poste.application.fenetre.windowTitle()
    assert not any("ADRUN" in texte for texte in pilote.textes())
    from PySide6.QtWidgets import QLineEdit

    champ = next(c for c in pilote.visibles(QLineEdit))
    pilote.ecrire(champ, "Démonstration du matin, 2026")
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: pilote.voit("ADRUN"), "la même page")
