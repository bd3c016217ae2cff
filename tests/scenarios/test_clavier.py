"""The journeys of the access by keyboard alone: no mouse, no focus given, nothing but keys."""

import csv
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pyotp
import pytest
from clavier import Clavier
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from app.cli.demo import MOT_DE_PASSE
from app.cli.pilote import Pilote
from app.domain.agenda import Passage
from app.domain.equipes import Geste
from app.domain.people import Professionnel
from app.domain.preparations import EtatPreparation, GenrePreparation
from app.domain.roles import Acces
from app.ui.views.conflit import DialogueConflit
from app.ui.views.journal import VueJournal
from app.ui.views.table_passages import TablePassages
from app.usecases import access, agenda, brouillons, comptes, equipes, preparations

if TYPE_CHECKING:
    from app.ui.lancer import Application
    from tests.scenarios.conftest import Poste, Preuve

pytestmark = pytest.mark.usefixtures("derivation_legere")

MOT, MOT_SAM = "Balade en foret, 12 km", "Agenda du lundi, 8h"


@pytest.fixture
def clavier(poste: "Poste") -> Clavier:
    """The keyboard of the practice's workstation, on its lock screen."""
    poste.application.acces.demander()
    poste.application.fenetre.show()
    return Clavier(poste.pilote)


def deverrouiller(poste: "Poste", clavier: Clavier, mot: str = MOT_DE_PASSE) -> None:
    """The password where the keyboard is, Entrée."""
    clavier.attendre(lambda: clavier.ici, "l’écran a le clavier")
    clavier.remplir("Mot de passe du poste", mot)
    clavier.entree()
    clavier.attendre(lambda: ouvert(poste), "ouvert")


def ouvert(poste: "Poste") -> bool:
    return poste.application.assemblage is not None and not poste.application.fenetre.verrouillee


def rubrique(clavier: Clavier, nom: str) -> None:
    """A section of the settings: the page, then arrows."""
    clavier.combiner("Ctrl+6")
    clavier.attendre(lambda: clavier.ici, "Réglages")
    clavier.aller("Cabinet")
    clavier.fleches(nom)


@pytest.mark.exigence("SC.SSI/IAM.92", titre="Au clavier seul : du premier démarrage à la fenêtre "
                      "ouverte")
def test_first_start(poste_neuf: "Application", preuve: "Preuve") -> None:
    pilote = Pilote(poste_neuf.fenetre, preuve.dossier, preuve.noter)
    clavier = Clavier(pilote)
    poste_neuf.demarrer()
    clavier.attendre(lambda: clavier.ici == "Nom du cabinet", "le premier champ a le clavier")
    clavier.taper("CABINET INFIRMIER DES ESSAIS")
    clavier.remplir("Numéro", "9970000001601")
    pilote.capturer("cabinet")
    clavier.activer("Continuer")
    clavier.remplir("Nom d’exercice", "MOREAU")
    clavier.remplir("Prénom", "Claire")
    clavier.remplir("Numéro RPPS", "99700000016")
    pilote.capturer("compte")
    clavier.activer("Continuer")
    clavier.attendre(lambda: clavier.ici == "Mot de passe", "le mot de passe a le clavier")
    clavier.taper("trop court")
    clavier.activer("Créer le dossier")
    pilote.attendre(lambda: pilote.voit("trop simple"), "refus")
    assert clavier.ici == "Mot de passe"
    clavier.remplir("Mot de passe", MOT)
    clavier.remplir("Encore une fois", MOT)
    pilote.capturer("mot-de-passe")
    clavier.activer("Créer le dossier")
    clavier.attendre(lambda: clavier.ici == "Imprimer la clé", "la clé de secours")
    clavier.aller("Enregistrer en PDF")
    feuille = preuve.dossier / "cle-de-secours.pdf"
    clavier.fichier(feuille)
    clavier.attendre(lambda: feuille.exists(), "la feuille")
    feuille.unlink()  # it opens the practice: no evidence keeps it
    champ = next(c for c in pilote.visibles(QLineEdit) if "recopiez le groupe" in
                 c.accessibleName())
    rang = int(champ.accessibleName().split("n°")[1].split()[0])
    groupes = [g for g in next(t for t in pilote.textes() if t.count("–") > 2
                               ).replace("–", " ").split() if len(g) > 3]
    clavier.aller("Pour vérifier")
    clavier.taper(groupes[rang - 1])
    clavier.activer("Continuer")
    clavier.attendre(lambda: pilote.bouton("Plus tard"), "Pro Santé Connect")
    pilote.capturer("pro-sante-connect")
    clavier.activer("Plus tard")
    clavier.attendre(lambda: poste_neuf.ctx is not None and poste_neuf.assemblage is not None
                     and not poste_neuf.fenetre.verrouillee and pilote.voit("Ajouter un passage"),
                     "la fenêtre")
    clavier.attendre(lambda: clavier.ici, "le clavier est dans la page")
    pilote.capturer("fenetre-ouverte")
    preuve.noter(f"{clavier.frappes} touches, aucun clic")
    assert pilote.clics == 0


def telephone(poste: "Poste") -> None:
    """Her telephone says yes."""
    httpx.post(f"{poste.bac.controle}/controle/psc/appareil",
               json={"decision": "approuver", "delai_s": 0.1}).raise_for_status()


@pytest.mark.exigence("SC.PSC.01", "SC.SSI/IE.38", "SC.SSI/IE.58", titre="Au clavier seul : "
                      "connexion par le bouton Pro Santé Connect, verrou, reprise, déconnexion")
def test_log_in_lock_come_back_and_log_out(poste: "Poste", clavier: Clavier) -> None:
    deverrouiller(poste, clavier)
    pilote = poste.pilote
    clavier.activer("Se connecter")
    clavier.aller("S’identifier avec Pro Santé Connect")
    pilote.capturer("bouton-pro-sante-connect")
    clavier.entree()
    clavier.attendre(lambda: poste.assemblage.session.etat.connecte, "connecté")
    pilote.capturer("connecte")
    clavier.combiner("Ctrl+L")
    clavier.attendre(lambda: poste.application.fenetre.verrouillee, "verrouillé")
    pilote.capturer("verrouille")
    deverrouiller(poste, clavier)
    assert poste.assemblage.session.etat.connecte
    clavier.combiner("Ctrl+L")
    clavier.attendre(lambda: poste.application.fenetre.verrouillee, "verrouillé")
    telephone(poste)
    clavier.aller("S’identifier avec Pro Santé Connect")
    pilote.capturer("bouton-pro-sante-connect-du-verrou")
    clavier.entree()
    clavier.attendre(lambda: ouvert(poste), "repris par Pro Santé Connect")
    clavier.activer("PSC ·")
    clavier.activer("Se déconnecter")
    clavier.attendre(lambda: not poste.assemblage.session.etat.connecte, "déconnecté")
    pilote.capturer("deconnecte")
    assert pilote.clics == 0


@pytest.mark.exigence("SC.SSI/IAM.91", titre="Au clavier seul : le compte d’une secrétaire, sa "
                      "première ouverture")
def test_the_account_of_a_secretary(poste: "Poste", clavier: Clavier) -> None:
    deverrouiller(poste, clavier)
    pilote = poste.pilote
    rubrique(clavier, "Comptes")
    clavier.activer("Inviter un collègue…")
    clavier.attendre(lambda: clavier.ici == "Nom d’exercice", "le premier champ a le clavier")
    clavier.taper("ACCUEIL")
    clavier.remplir("Prénom", "Sam")
    clavier.activer("Secrétaire")
    pilote.capturer("inviter")
    clavier.activer("Créer le compte")
    clavier.attendre(lambda: clavier.ici == "Mot de passe provisoire", "le mot provisoire")
    provisoire = pilote.champ("Mot de passe provisoire").text()
    pilote.capturer("mot-de-passe-provisoire")
    clavier.activer("J’ai transmis le mot de passe")
    clavier.attendre(lambda: pilote.voit("Sam ACCUEIL"), "le compte")
    pilote.capturer("compte-cree")
    clavier.aller("Gestes sur le compte de Sam ACCUEIL")
    clavier.espace()
    clavier.choisir("Rôles et dates…")
    clavier.attendre(lambda: pilote.voit("Dernier jour"), "rôles")
    pilote.capturer("roles-et-dates")
    clavier.presser(Qt.Key.Key_Escape)
    # Sam opens the practice, and chooses a password.
    clavier.combiner("Ctrl+L")
    clavier.attendre(lambda: poste.application.fenetre.verrouillee, "verrouillé")
    clavier.activer("Ouvrir avec un autre compte")
    pilote.fenetre = poste.application.fenetre
    clavier.attendre(lambda: clavier.ici == "Mot de passe du poste", "le champ a le clavier")
    clavier.taper(provisoire)
    clavier.entree()
    clavier.attendre(lambda: pilote.voit("Encore une fois"), "choisir le sien")
    clavier.remplir("Nouveau mot de passe", MOT_SAM)
    clavier.remplir("Encore une fois", MOT_SAM)
    pilote.capturer("mot-de-passe-choisi")
    clavier.entree()
    clavier.attendre(lambda: ouvert(poste), "ouvert")
    assert poste.ctx.qui == "Sam ACCUEIL"
    pilote.capturer("secretaire")
    assert pilote.clics == 0


@pytest.mark.exigence("SC.SSI/IAM.92", titre="Au clavier seul : second facteur activé, puis "
                      "demandé")
def test_a_second_factor(poste: "Poste", clavier: Clavier) -> None:
    deverrouiller(poste, clavier)
    pilote = poste.pilote
    rubrique(clavier, "Sécurité")
    clavier.activer("Activer le second facteur…")
    clavier.attendre(lambda: pilote.voit("Code QR du second facteur"), "code QR")
    totp = pyotp.TOTP(pilote.champ("Sans appareil photo, saisissez cette clé").text()
                      .replace(" ", ""))
    assert clavier.ici == "Code à six chiffres"
    clavier.taper("000000")
    clavier.entree()
    clavier.attendre(lambda: any("pas le bon" in t for t in pilote.textes()), "code refusé")
    pilote.capturer("code-refuse")
    clavier.remplir("Code à six chiffres", totp.at(int(time.time())))
    clavier.entree()
    clavier.attendre(lambda: pilote.voit("J’ai noté mes codes"), "codes de secours")
    pilote.capturer("codes-de-secours")
    clavier.aller("Codes de secours")  # they can be read and copied
    clavier.activer("J’ai noté mes codes")
    clavier.attendre(lambda: any("codes de secours restent" in t for t in pilote.textes()),
                     "actif")
    poste.application.terminer_session()
    pilote.fenetre = poste.application.fenetre
    clavier.attendre(lambda: clavier.ici, "l’écran a le clavier")
    clavier.remplir("Mot de passe du poste", MOT_DE_PASSE)
    clavier.entree()
    clavier.attendre(lambda: clavier.ici == "Code de votre application d’authentification",
                     "le code a le clavier")
    pilote.capturer("code-demande")
    clavier.taper(totp.at(int(time.time()) + 30))  # the step of the enrolment was used
    clavier.attendre(lambda: ouvert(poste), "ouvert")
    assert pilote.clics == 0


@pytest.mark.exigence("SC.SSI/IAM.91", titre="Au clavier seul : le journal filtré, puis exporté")
def test_the_trail_is_exported(poste: "Poste", clavier: Clavier, preuve: "Preuve") -> None:
    deverrouiller(poste, clavier)
    pilote = poste.pilote
    rubrique(clavier, "Comptes")
    clavier.activer("Journal")
    vue = poste.application.fenetre.page("journal")
    assert isinstance(vue, VueJournal)
    clavier.attendre(lambda: pilote.voit("Chaîne intacte") and vue.modele.rowCount(), "journal")
    clavier.aller("Actes")
    clavier.presser(Qt.Key.Key_Down)
    pilote.capturer("journal-filtre")
    export = preuve.dossier / "journal.csv"
    clavier.aller("Exporter…")
    clavier.fichier(export)
    clavier.attendre(export.exists, "l’export")
    clavier.attendre(lambda: poste.traces("traces.export"), "l’export au journal")
    with export.open(encoding="utf-8-sig", newline="") as entree:
        quoi = {x["quoi"] for x in csv.DictReader(entree, delimiter=";")}
    assert "dossier.deverrouillage" in quoi
    pilote.capturer("journal-exporte")
    clavier.activer("Réglages")
    clavier.attendre(lambda: poste.application.fenetre.page_courante == "reglages", "retour")
    assert pilote.clics == 0


@pytest.mark.exigence("SC.SSI/GEN.21.BIS", titre="Au clavier seul : sauvegarder, puis restaurer "
                      "sur un poste neuf")
def test_back_up_then_restore(poste: "Poste", clavier: Clavier, poste_neuf: "Application",
                              preuve: "Preuve", tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    deverrouiller(poste, clavier)
    pilote = poste.pilote
    rubrique(clavier, "Sauvegardes")
    clavier.remplir("Dossier de sauvegarde", str(usb))
    clavier.activer("Enregistrer")
    clavier.attendre(lambda: pilote.voit("Réglages des sauvegardes enregistrés"), "réglages")
    clavier.activer("Sauvegarder maintenant")
    clavier.attendre(lambda: pilote.voit("relue et intacte"), "sauvegarde relue")
    pilote.capturer("sauvegarde-faite")
    (faite,) = usb.glob("*.pleiade")
    with poste.ctx.store.lecture() as u:
        patients = u.patients.ids()
    poste.application.fermer()
    poste_neuf.demarrer()
    autre = Pilote(poste_neuf.fenetre, preuve.dossier, preuve.noter)
    autre.nombre = pilote.nombre
    ailleurs = Clavier(autre)
    ailleurs.activer("J’ai une sauvegarde…")
    ailleurs.attendre(lambda: ailleurs.ici == "Fichier de sauvegarde", "le fichier a le clavier")
    ailleurs.taper(str(faite))
    ailleurs.aller("Clé de secours")
    ailleurs.fleches("Mot de passe", Qt.Key.Key_Right)
    ailleurs.espace()
    ailleurs.remplir("Clé de secours ou mot de passe", MOT_DE_PASSE)
    autre.capturer("restauration")
    ailleurs.activer("Restaurer")
    ailleurs.attendre(lambda: autre.voit("Ouvrir le dossier du cabinet"), "restauré")
    ailleurs.attendre(lambda: ailleurs.ici, "l’écran a le clavier")
    ailleurs.remplir("Mot de passe du poste", MOT_DE_PASSE)
    ailleurs.entree()
    ailleurs.attendre(lambda: poste_neuf.ctx is not None and autre.voit("Ajouter un passage"),
                      "le cabinet")
    assert poste_neuf.ctx is not None
    with poste_neuf.ctx.store.lecture() as u:
        assert u.patients.ids() == patients
    autre.capturer("cabinet-restaure")
    assert pilote.clics == autre.clics == 0


@pytest.fixture
def prepare(cabinet: Path) -> int:
    """A letter that the secretary prepared for the nurse; its preparation's id."""
    ctx = access.deverrouiller(cabinet, MOT_DE_PASSE)
    jour = date.today().isoformat()
    sam = Professionnel("", "ACCUEIL", "Sam", "")
    compte = comptes.inviter(ctx, sam, Acces(("secretaire",))).compte.id
    equipes.deleguer(ctx, compte, {Geste.REDIGER}, jour, jour, "Secrétariat")
    chez_sam = replace(ctx, compte_id=compte, professionnel=sam)
    with ctx.store.lecture() as u:
        patient = u.patients.chercher("ADRUN", 1)[0].id
    brouillon = brouillons.nouveau_brouillon(chez_sam, patient, "11506-3", ctx.compte_id)
    brouillons.enregistrer_brouillon(chez_sam, replace(
        brouillon, titre="Passage du matin", texte="Plaie propre, pansement refait."), brouillon)
    preparations.proposer(chez_sam, GenrePreparation.COURRIER, brouillon.id)
    with ctx.store.lecture(entiere=True) as u:
        attendue = u.preparations.de(GenrePreparation.COURRIER, brouillon.id)
    ctx.fermer()
    assert attendue is not None and attendue.etat is EtatPreparation.A_VALIDER
    return attendue.id


@pytest.mark.exigence("LABEL.04", titre="Au clavier seul : lire et valider ce qui est préparé")
def test_what_was_prepared_is_validated(prepare: int, poste: "Poste", clavier: Clavier) -> None:
    deverrouiller(poste, clavier)
    pilote = poste.pilote
    clavier.combiner("Ctrl+7")
    clavier.attendre(lambda: clavier.ici == "Documents préparés", "la liste a le clavier")
    vue = poste.assemblage.a_valider
    clavier.attendre(lambda: vue.apercu.pdf, "l’aperçu")
    pilote.capturer("a-valider")
    clavier.aller("Renvoyer…")
    clavier.aller("Valider et envoyer")
    pilote.capturer("bouton-valider")
    clavier.combiner("Ctrl+Return")

    def valide() -> bool:
        with poste.ctx.store.lecture() as u:
            return [x.preparation.etat for x in u.preparations.lignes(id=prepare)] == [
                EtatPreparation.VALIDEE]

    clavier.attendre(valide, "validé")
    clavier.attendre(lambda: pilote.voit("Rien à valider."), "plus rien à valider")
    pilote.capturer("valide")
    clavier.aller("À valider")  # the menu, by the page that is open
    assert pilote.clics == 0


@pytest.mark.exigence("LABEL.04", titre="Au clavier seul : deux saisies en même temps, le choix")
def test_the_merge_screen(poste: "Poste", clavier: Clavier) -> None:
    deverrouiller(poste, clavier)
    pilote, jour = poste.pilote, date.today().isoformat()
    clavier.attendre(lambda: clavier.ici == "Passages du jour", "la tournée a le clavier")
    table = QApplication.focusWidget()
    assert isinstance(table, TablePassages)

    def courant() -> Passage:
        montre = table.passage_courant()
        assert montre is not None
        return next(p for p in agenda.tournee(poste.ctx, jour) if p.id == montre.id)

    vu = courant()
    for choix, leur, attendu in ((Qt.Key.Key_Right, "06:20", "06:20"),
                                 (None, "06:50", "06:35")):
        clavier.presser(Qt.Key.Key_F2)
        agenda.deplacer_passage(poste.ctx, courant(), jour, leur)  # another workstation
        clavier.taper("06:35")
        clavier.entree()
        assert poste.application.fenetre.page_courante == "tournee"  # it opens no file
        clavier.attendre(lambda: pilote.visibles(DialogueConflit), "les deux saisies")
        assert clavier.ici.startswith("Votre saisie")
        pilote.capturer("deux-saisies")
        if choix is not None:
            clavier.presser(choix)
            assert not clavier.ici.startswith("Votre saisie")
            pilote.capturer("celle-de-l-autre-choisie")
        clavier.combiner("Ctrl+Return")
        clavier.attendre(lambda: not pilote.visibles(DialogueConflit), "choisi")
        clavier.attendre(lambda h=attendu: courant().heure == h, attendu)
        clavier.attendre(lambda h=attendu: clavier.ici == "Passages du jour"
                         and (m := table.passage_courant()) and m.heure == h, "relu")
    assert courant().id == vu.id
    assert pilote.clics == 0
