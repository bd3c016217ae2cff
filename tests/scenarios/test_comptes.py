"""Accounts, rights, lock and trail, through the real window (chapters 7 and 9)."""

import csv
import json
import os
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLineEdit, QMenu, QSpinBox

from app.cli.demo import MOT_DE_PASSE
from app.domain.people import Professionnel
from app.domain.roles import Acces
from app.store import essais
from app.usecases import mots_de_passe
from tests.scenarios.test_rgpd import ouvrir_archive, remettre

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

pytestmark = pytest.mark.usefixtures("derivation_legere")

MOT_SAM, MOT_KIM = "Agenda du lundi, 8h", "Balade en foret, 12 km"


def _champ(poste: "Poste", nom: str) -> QLineEdit:
    return next(c for c in poste.pilote.visibles(QLineEdit) if c.accessibleName() == nom)


def _menu(poste: "Poste", texte: str) -> None:
    """Choose a line of the menu that is open."""
    poste.pilote.attendre(lambda: QApplication.activePopupWidget() is not None, "menu")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if a.text().startswith(texte))
    menu.close()
    action.trigger()
    QApplication.processEvents()


def _inviter(poste: "Poste", nom: str, prenom: str, role: str, profession: str,
             mot: str) -> int:
    """An account made by the administrator, whose user has chosen her password."""
    from app.usecases import access, comptes

    invitation = comptes.inviter(poste.ctx, Professionnel("", nom, prenom, profession),
                                 Acces((role,)))
    emplacement = poste.application.options.emplacement
    access.renouveler_mot_de_passe(emplacement, invitation.mot_de_passe, mot).fermer()
    return invitation.compte.id


def _entrer(poste: "Poste", mot: str, attendu: str) -> None:
    """Leave the session and open another one on the same workstation."""
    application = poste.application
    application.terminer_session()
    poste.pilote.fenetre = application.fenetre
    poste.pilote.ecrire(_champ(poste, "Mot de passe du poste"), mot)
    poste.pilote.cliquer("Déverrouiller")
    poste.pilote.attendre(lambda: application.ctx is not None and poste.pilote.voit(attendu),
                          attendu)


def _rubrique(poste: "Poste", nom: str) -> None:
    poste.assemblage.reglages.ouvrir(nom)
    QApplication.processEvents()


def _trace(poste: "Poste", quoi: str) -> list[str]:
    with poste.ctx.store.lecture() as u:
        return [t.resultat for t in u.trail.lister(500) if t.quoi == quoi]


def _exporter(poste: "Poste", fichier: Path, monkeypatch: pytest.MonkeyPatch
              ) -> list[dict[str, str]]:
    """The journal's button, with what the user answers to its dialog; the lines written."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(fichier), ""))
    poste.pilote.cliquer("Exporter…")
    poste.pilote.attendre(lambda: poste.pilote.voit(f"lignes exportées dans {fichier.name}"),
                          "export")
    with fichier.open(encoding="utf-8-sig", newline="") as entree:
        return list(csv.DictReader(entree, delimiter=";"))


@pytest.mark.exigence("SC.SSI/IAM.91", "SC.SSI/IAM.91#9", "SC.SSI/IE.33")
def test_the_life_of_an_account_is_in_the_journal(poste: "Poste", preuve: "Preuve",
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Invite, correct, change roles, fail: the audit screen shows the four kinds, and exports."""
    poste.ouvrir()
    pilote = poste.pilote
    with poste.geste("Inviter un collègue"):
        pilote.cliquer("Réglages")
        pilote.cliquer("Comptes")
        pilote.cliquer("Inviter un collègue…")
        for champ, texte in (("Nom d’exercice", "ACCUEIL"), ("Prénom", "Sam")):
            pilote.ecrire(_champ(poste, champ), texte)
        pilote.cocher("Secrétaire")
        pilote.capturer("inviter")
        pilote.cliquer("Créer le compte")
        pilote.attendre(lambda: pilote.voit("J’ai transmis le mot de passe"), "mot provisoire")
        pilote.capturer("mot-de-passe-provisoire")
        mot = _champ(poste, "Mot de passe provisoire").text()
        pilote.cliquer("J’ai transmis le mot de passe")
    pilote.attendre(lambda: pilote.voit("Sam ACCUEIL"), "le compte")
    # The professional attributes and the private id of each (IE.33).
    assert pilote.voit("Infirmier, RPPS 99700000016, compte 1, votre compte")
    assert pilote.voit("sans profession de santé, compte 2")
    pilote.capturer("comptes")
    _rubrique(poste, "professionnel")
    pilote.attendre(lambda: {"Claire", "MOREAU", "99700000016"} <= {
        c.text() for c in pilote.visibles(QLineEdit)}, "la fiche")
    pilote.capturer("fiche-du-professionnel")
    _rubrique(poste, "cabinet")
    assert _champ(poste, "Numéro").text()
    pilote.capturer("identifiant-de-la-structure")
    _rubrique(poste, "comptes")
    # identity attributes
    pilote.cliquer("Gestes sur le compte de Sam ACCUEIL")
    _menu(poste, "Identité…")
    pilote.attendre(lambda: pilote.voit("Identité de Sam ACCUEIL"), "identité")
    assert pilote.voit("Profession") and pilote.voit("Numéro RPPS")
    pilote.remplir("Nom d’exercice", "ACCUEIL-MARTIN")
    pilote.capturer("identite-du-compte")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: pilote.voit("Sam ACCUEIL-MARTIN"), "nom changé")
    # permissions
    pilote.cliquer("Gestes sur le compte de Sam ACCUEIL-MARTIN")
    _menu(poste, "Rôles et dates…")
    pilote.attendre(lambda: pilote.voit("Remplaçant"), "rôles")
    next(c for c in pilote.visibles(QCheckBox) if c.text() == "Remplaçant").setChecked(True)
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: pilote.voit("date de début"), "refus sans dates")
    pilote.capturer("remplacement-sans-dates-refuse")
    pilote.remplir("Premier jour", "01/11/2026")
    pilote.remplir("Dernier jour", "31/12/2030")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: pilote.voit("du 01/11/2026 au 31/12/2030"), "dates")
    # password change, refused; then Sam's logins and password, refused and done, on the screens
    _rubrique(poste, "securite")
    pilote.cliquer("Changer mon mot de passe…")
    pilote.remplir("Mot de passe actuel", "faux")
    for champ in ("Nouveau mot de passe", "Encore une fois"):
        pilote.remplir(champ, MOT_SAM)
    pilote.cliquer("Changer mon mot de passe")
    pilote.attendre(lambda: any("incorrect" in t or "n’est pas" in t for t in pilote.textes()),
                    "changement refusé")
    pilote.attendre(_champ(poste, "Mot de passe actuel").hasFocus, "le champ a le clavier")
    pilote.capturer("changement-refuse")
    pilote.touche(Qt.Key.Key_Escape)
    poste.application.terminer_session()
    pilote.fenetre = poste.application.fenetre
    pilote.remplir("Mot de passe du poste", "Un mot de passe faux 1")
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: pilote.voit("incorrect"), "connexion refusée")
    pilote.capturer("connexion-refusee")
    pilote.remplir("Mot de passe du poste", mot)
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: pilote.voit("Encore une fois"), "le mot de passe à choisir")
    for champ in ("Nouveau mot de passe", "Encore une fois"):
        pilote.remplir(champ, MOT_SAM)
    pilote.cliquer("Changer et ouvrir")
    pilote.attendre(lambda: poste.application.ctx is not None
                    and poste.ctx.qui == "Sam ACCUEIL-MARTIN", "Sam")
    _entrer(poste, MOT_DE_PASSE, "Tournée du matin")
    # the journal
    poste.application.fenetre.aller("tournee")
    with poste.geste("Voir les échecs de connexion"):
        for bouton in ("Réglages", "Comptes", "Journal"):
            pilote.cliquer(bouton)
        pilote.cocher("Échecs et refus")
        pilote.attendre(lambda: pilote.voit("Chaîne intacte"), "journal vérifié")
    pilote.cocher("Échecs et refus")
    pilote.attendre(lambda: pilote.voit("Chaîne intacte"), "journal vérifié")
    vue = poste.application.fenetre.page("journal")
    vue.famille.setCurrentIndex(vue.famille.findData("comptes"))
    vue.filtre_change.emit()
    actes = {"Création d’un compte", "Changement d’identité d’un compte", "Changement de rôles",
             "Changement de mot de passe", "Ouverture du dossier"}
    pilote.attendre(lambda: actes <= {vue.modele.data(vue.modele.index(r, 2))
                                      for r in range(vue.modele.rowCount())}, "les actes")
    pilote.capturer("journal-comptes")
    pilote.cocher("Échecs et refus")
    pilote.attendre(lambda: vue.modele.rowCount() == 3, "les échecs seuls")
    pilote.capturer("journal-echecs")
    # the file holds what the screen shows
    echecs = _exporter(poste, preuve.dossier / "journal-echecs.csv", monkeypatch)
    assert len(echecs) == 3 and {li["resultat"] for li in echecs} <= {"echec", "refuse"}
    pilote.cocher("Échecs et refus")
    pilote.attendre(lambda: vue.modele.rowCount() > 3, "tous les actes des comptes")
    fichier = preuve.dossier / "journal.csv"
    lignes = _exporter(poste, fichier, monkeypatch)
    assert len(lignes) == vue.modele.rowCount()
    assert {"compte.creation", "compte.identite", "compte.droits", "compte.mot_de_passe",
            "compte.connexion"} <= {li["quoi"] for li in lignes}
    assert all(li["horodatage"] and li["qui"] and li["resultat"] for li in lignes
               if li["quoi"].startswith("compte."))
    assert mot not in fichier.read_text("utf-8")


@pytest.mark.exigence("SC.SSI/IAM.92")
def test_the_password_policy_holds_and_failures_lock(poste: "Poste", preuve: "Preuve",
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the rules, try each violation, fail until the lock, end it."""
    poste.ouvrir()
    poste.connecter()
    pilote, emplacement = poste.pilote, poste.application.options.emplacement
    _rubrique(poste, "comptes")
    pilote.cliquer("Mots de passe…")
    pilote.attendre(lambda: pilote.voit("Caractères au moins"), "règles")
    for libelle, valeur in (("Caractères au moins", "15"), ("Sortes de caractères", "4"),
                            ("Durée de vie (jours)", "90")):
        boite = next(b for b in pilote.visibles(QSpinBox) if b.accessibleName() == libelle)
        boite.selectAll()
        pilote.ecrire(boite.lineEdit(), valeur)
        pilote.touche(Qt.Key.Key_Tab)
        assert boite.value() == int(valeur)
    pilote.capturer("regles")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: not pilote.voit("Caractères au moins"), "règles enregistrées")
    _rubrique(poste, "securite")
    pilote.cliquer("Changer mon mot de passe…")
    pilote.attendre(lambda: pilote.voit("Encore une fois"), "changer")
    nouveau = _champ(poste, "Nouveau mot de passe")
    for rang, (mot, faute) in enumerate((
            ("Court-9", "15 caractères"), ("sans majuscule 123", "majuscule"),
            ("SANS MINUSCULE 123", "minuscule"), ("Sans aucun chiffre !", "chiffre"),
            ("Sanssigne1234567", "signe"), ("Motdepasse-12345", "prévisibles"))):
        nouveau.setText(mot)
        pilote.attendre(lambda f=faute: any(f in t for t in pilote.textes()), faute)
        pilote.capturer(f"refus-{rang + 1}")
    _champ(poste, "Mot de passe actuel").setText(MOT_DE_PASSE)
    for champ in ("Nouveau mot de passe", "Encore une fois"):
        _champ(poste, champ).setText(MOT_DE_PASSE)
    pilote.cliquer("Changer mon mot de passe")
    pilote.attendre(lambda: any("déjà servi" in t for t in pilote.textes()), "pas de réemploi")
    pilote.capturer("reemploi-refuse")
    pilote.touche(Qt.Key.Key_Escape)
    # ten failures in a row; time passes between them
    poste.application.verrouiller()
    ecran = poste.application.acces.ecran
    assert ecran is not None
    for _ in range(10):
        _patienter(poste)
        ecran._secret.champ.setText("Un mot de passe faux 1")
        avant = essais.lire(emplacement).rates
        ecran._valider()
        pilote.attendre(lambda n=avant: essais.lire(emplacement).rates == n + 1
                        and ecran._message is not None and "incorrect" in ecran._message.texte,
                        "échec")
    assert essais.lire(emplacement).attente_s == 3600
    pilote.attendre(lambda: ecran._message is not None and "60 minutes" in ecran._message.texte,
                    "une heure")
    pilote.capturer("bloque-une-heure")
    assert not ecran._ouvrir.isEnabled()
    # Pro Santé Connect lets her in meanwhile: she ends the wait from Comptes.
    pilote.cliquer("S’identifier avec Pro Santé Connect")
    pilote.attendre(lambda: not poste.application.fenetre.verrouillee, "reprise")
    _rubrique(poste, "comptes")
    pilote.attendre(lambda: pilote.voit("10 mots de passe faux de suite"), "l’attente, dite")
    pilote.capturer("lever-l-attente")
    pilote.cliquer("Lever l’attente")
    pilote.attendre(lambda: not essais.lire(emplacement).attente_s, "levée")
    poste.application.verrouiller()
    _patienter(poste)
    pilote.remplir("Mot de passe du poste", MOT_DE_PASSE)
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: not poste.application.fenetre.verrouillee, "débloqué")
    assert _trace(poste, "compte.connexion").count("echec") == 10
    assert "ok" in _trace(poste, "compte.deblocage")
    # Ninety days later the password is refused, and another one is chosen at once.
    poste.application.terminer_session()
    pilote.fenetre = poste.application.fenetre
    monkeypatch.setattr(mots_de_passe, "jour_sur", lambda _: (
        date.today() + timedelta(days=91)).isoformat())
    pilote.remplir("Mot de passe du poste", MOT_DE_PASSE)
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: pilote.voit("Votre mot de passe a expiré"), "expiré")
    pilote.capturer("mot-de-passe-expire")
    for champ in ("Nouveau mot de passe", "Encore une fois"):
        pilote.remplir(champ, MOT_KIM)
    pilote.cliquer("Changer et ouvrir")
    pilote.attendre(lambda: poste.application.ctx is not None
                    and pilote.voit("Tournée du matin"), "ouvert")


def _patienter(poste: "Poste") -> None:
    """The wait beside the vault is over, and the window's own countdown with it."""
    emplacement = poste.application.options.emplacement
    lus = essais.lire(emplacement)
    if lus.attente_s:
        essais._ecrire(emplacement, essais.replace(lus, mono=lus.mono - lus.attente_s,
                                                   pose_le=lus.pose_le - lus.attente_s))
    acces = poste.application.acces
    acces._bloque_jusqu = 0.0
    assert acces.ecran is not None
    acces.ecran._attente = 0
    acces.ecran._decompter()


@pytest.mark.exigence("LABEL.04", "MIN.RGPD.01", titre="Un document reste à ceux qui peuvent le "
                      "lire : listes, recherche, dossier remis")
def test_a_document_keeps_to_those_who_may_read_it(
        poste: "Poste", preuve: "Preuve", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Restrict a document: a colleague of another profession doesn't see it, nor the secretary
    anything of the care; the access is in the journal; the export doesn't give it."""
    from app.domain.document import EtatDocument, FicheDocument, OrigineDocument

    poste.ouvrir()
    pilote = poste.pilote
    with poste.ctx.store.ecriture() as u:
        patient_id = u.patients.chercher("ADRUN", 1)[0].id
        fiches = [u.documents.ajouter(FicheDocument(
            0, patient_id, OrigineDocument.CABINET, EtatDocument.VALIDE, code, titre,
            "2026-11-20", poste.ctx.qui, cda_id=f"1.2.3.{n}",
            auteur_id=poste.ctx.compte_id), cda=b"<x/>", pdf=None)
            for n, (code, titre) in enumerate((("11488-4", "Entretien confidentiel"),
                                               ("11488-4", "Visite du matin"),
                                               ("51851-4", "Attestation de passage")))]
    _inviter(poste, "KINE", "Kim", "titulaire", "70", MOT_KIM)
    _inviter(poste, "ACCUEIL", "Sam", "secretaire", "", MOT_SAM)
    poste.dossier("ADRUN")
    page = poste.application.fenetre.page("dossier")
    page.aller("documents")
    table = page.documents.table
    pilote.attendre(lambda: table.choisir(f"local:{fiches[0].id}"), "le document")
    zone = table.visualRect(table.currentIndex())
    with poste.geste("Restreindre un document"):
        pilote.clic_droit(table.viewport(), QPoint(zone.center().x() + 60, zone.center().y()))
        pilote.capturer("qui-peut-lire")
        pilote.choisir("Moi seul")
    pilote.attendre(lambda: any(x.niveau == "auteur" for x in page.documents.modele.liste.lignes),
                    "document réservé")
    pilote.capturer("document-reserve")

    def titres() -> set[str]:
        vue = poste.application.fenetre.page("dossier").documents
        return {x.titre for x in vue.modele.liste.lignes}

    _entrer(poste, MOT_KIM, "Tournée du matin")
    poste.dossier("ADRUN")
    poste.application.fenetre.page("dossier").aller("documents")
    pilote.attendre(lambda: "Visite du matin" in titres(), "documents de l’équipe")
    assert "Entretien confidentiel" not in titres()
    pilote.capturer("autre-profession")
    # Neither the search nor the archive gives it.
    pilote.remplir("Filtrer la liste", "entretien")
    pilote.laisser(0.5)
    assert "Entretien confidentiel" not in titres()
    pilote.capturer("autre-profession-recherche")
    pilote.remplir("Filtrer la liste", "")
    archive = tmp_path / "dossier.zip"
    remis = ouvrir_archive(archive, remettre(poste, archive, monkeypatch, "remettre"))
    remis_titres = {d["titre"] for d in json.loads(remis["donnees/dossier.json"])["dossier"][
        "documents"]}
    assert "Visite du matin" in remis_titres
    assert "Entretien confidentiel" not in remis_titres
    assert not any(b"Entretien confidentiel" in x for x in remis.values())
    _entrer(poste, MOT_SAM, "Tournée du matin")
    poste.assemblage.dossier.ouvrir(patient_id)
    page = poste.application.fenetre.page("dossier")
    pilote.attendre(lambda: page.onglets.isVisible(), "le dossier")
    page.aller("documents")
    pilote.attendre(lambda: "Attestation de passage" in titres(), "document administratif")
    assert not {"Entretien confidentiel", "Visite du matin"} & titres()
    visibles = [page.onglets.tabText(i) for i in range(page.onglets.count())
                if page.onglets.isTabVisible(i)]
    assert visibles == ["Synthèse", "Documents"]
    autres = pilote.bouton("Autres gestes sur ce dossier")  # and she hands no file over
    if autres is not None:
        pilote.cliquer("Autres gestes sur ce dossier")
        assert pilote._ligne_de_menu("Remettre le dossier au patient") is None
        pilote.capturer("secretaire-gestes")
        pilote.touche(Qt.Key.Key_Escape)
    pilote.laisser(0.5)
    pilote.capturer("secretaire")
    assert not pilote.voit("Votre compte ne permet pas") and _trace(poste, "droits.refus") == []
    page.aller("synthese")
    pilote.laisser(0.3)
    pilote.capturer("secretaire-synthese")
    poste.application.fenetre.aller("journal")
    pilote.attendre(lambda: pilote.voit("journal des accès"), "refus expliqué")
    pilote.capturer("refus-explique")
    assert _trace(poste, "document.confidentialite") == ["ok"]
    with poste.ctx.store.lecture() as u:
        ouvertures = [t.qui for t in u.trail.lister(200) if t.quoi == "dossier.ouverture"]
    assert {"Sam ACCUEIL", "Kim KINE"} <= set(ouvertures)


@pytest.mark.exigence("SC.SSI/IE.58", "SC.SSI/IE.38")
def test_nobody_there_locks_then_ends_the_session(poste: "Poste", preuve: "Preuve") -> None:
    """Ten minutes cover the screen with nothing to read, two hours end the session; leaving and
    locking by key ask for the password again; what was being typed is kept."""
    poste.ouvrir()
    pilote, application = poste.pilote, poste.application
    poste.dossier("ADRUN")
    page = application.fenetre.page("dossier")
    page.aller("observations")
    pilote.ecrire(page.observations.texte, "Pansement refait")
    application.inactivite.vieillir(10 * 60)
    application.inactivite.veiller()
    assert application.fenetre.verrouillee and application.fenetre.windowTitle() == "Pléiade"
    pilote.attendre(lambda: pilote.voit("après 10 minutes sans activité"), "verrou")
    assert not any("ADRUN" in t or "Pansement" in t for t in pilote.textes())
    pilote.capturer("verrouille")
    pilote.ecrire(_champ(poste, "Mot de passe du poste"), MOT_DE_PASSE)
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: not application.fenetre.verrouillee, "repris")
    assert page.observations.texte.toPlainText() == "Pansement refait"
    application.fenetre.activateWindow()
    pilote.attendre(application.fenetre.isActiveWindow, "fenêtre active")
    with poste.geste("Verrouiller"):
        pilote.touche(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: application.fenetre.verrouillee, "Ctrl+L")
    application.inactivite.vieillir(2 * 3600)
    application.inactivite.veiller()
    assert application.ctx is None and application.assemblage is None
    pilote.fenetre = application.fenetre
    pilote.attendre(lambda: pilote.voit("Ouvrir le dossier du cabinet"), "session terminée")
    pilote.capturer("session-terminee")
    pilote.ecrire(_champ(poste, "Mot de passe du poste"), MOT_DE_PASSE)
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: application.ctx is not None and pilote.voit("Tournée du matin"),
                    "nouvelle session")
    poste.dossier("ADRUN")
    page = application.fenetre.page("dossier")
    page.aller("observations")
    pilote.attendre(lambda: page.observations.texte.toPlainText() == "Pansement refait",
                    "la saisie est gardée")
    pilote.capturer("saisie-gardee")


def test_a_second_factor_is_enrolled_and_asked(poste: "Poste", preuve: "Preuve",
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    """Scan, type the code, keep the backup codes; the next session asks for a code."""
    poste.ouvrir()
    pilote = poste.pilote
    _rubrique(poste, "securite")
    pilote.attendre(lambda: pilote.voit("Activer le second facteur…"), "sécurité")
    pilote.capturer("securite")
    pilote.cliquer("Activer le second facteur…")
    pilote.attendre(lambda: pilote.voit("Code QR du second facteur"), "code QR")
    cle = _champ(poste, "Sans appareil photo, saisissez cette clé").text().replace(" ", "")
    totp = pyotp.TOTP(cle)
    pilote.capturer("code-qr")
    pilote.ecrire(_champ(poste, "Code à six chiffres"), "000000")
    pilote.cliquer("Activer")
    pilote.attendre(lambda: any("pas le bon" in t for t in pilote.textes()), "code refusé")
    pilote.ecrire(_champ(poste, "Code à six chiffres"), totp.at(int(time.time())))
    pilote.cliquer("Activer")
    pilote.attendre(lambda: pilote.voit("J’ai noté mes codes"), "codes de secours")
    pilote.capturer("codes-de-secours")
    pilote.cliquer("J’ai noté mes codes")
    pilote.attendre(lambda: any("codes de secours restent" in t for t in pilote.textes()), "actif")
    poste.application.terminer_session()
    pilote.fenetre = poste.application.fenetre
    pilote.ecrire(_champ(poste, "Mot de passe du poste"), MOT_DE_PASSE)
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: pilote.voit("Code à six chiffres de votre application"), "code")
    pilote.capturer("code-demande")
    code = _champ(poste, "Code de votre application d’authentification")
    # The step of the enrolment was used: the next one is within the drift.
    pilote.ecrire(code, totp.at(int(time.time()) + 30))
    pilote.attendre(lambda: poste.application.ctx is not None
                    and pilote.voit("Tournée du matin"), "ouvert")
    assert os.environ.get("QT_QPA_PLATFORM")
