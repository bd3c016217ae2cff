"""Pro Santé Connect through the real window: chapter 5 of the requirements."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from navigateur import Navigateur
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable
from app.store import vault
from app.usecases import conditions, identify, messagerie_jeton, patients
from app.usecases.access import deverrouiller
from tests.scenarios.test_geste_principal import choisir_document, consentir

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Postes, Preuve

CLAIRE, SOPHIE, FONTAINE = "899700000016", "899700000024", "899700000107"
MOT_SOPHIE = "Balade en foret, 12 km"
PSC = "S’identifier avec Pro Santé Connect"


@pytest.fixture(autouse=True)
def derivation_rapide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)


@pytest.fixture
def navigateur(bac: BacASable, preuve: "Preuve") -> Iterator[Navigateur]:
    yield Navigateur(bac, preuve.dossier, CLAIRE)


def ouvert(poste: "Poste") -> bool:
    fenetre = poste.application.fenetre
    return poste.application.assemblage is not None and not fenetre.verrouillee


def demarrer(poste: "Poste") -> None:
    """The first screen, without the password of the demonstration."""
    poste.application.acces.demander()
    poste.application.fenetre.show()
    poste.pilote.attendre(lambda: poste.pilote.bouton(PSC), "bouton Pro Santé Connect")


def mot_de_passe(poste: "Poste", mot: str = MOT_DE_PASSE) -> None:
    """Open the file by a password."""
    ecran = poste.application.acces.ecran
    assert ecran is not None
    poste.pilote.ecrire(ecran._secret.champ, mot)
    poste.pilote.cliquer("Déverrouiller")
    poste.pilote.attendre(lambda: ouvert(poste), "dossier ouvert")


def se_connecter(poste: "Poste") -> None:
    """The button of the bar, then Pro Santé Connect."""
    poste.pilote.cliquer("Se connecter")
    poste.pilote.cliquer(PSC)


def se_deconnecter(poste: "Poste") -> None:
    poste.pilote.cliquer("PSC ·")
    poste.pilote.cliquer("Se déconnecter")


def connecte(poste: "Poste") -> bool:
    return ouvert(poste) and poste.assemblage.session.etat.connecte


def telephone(bac: BacASable, **decision: object) -> None:
    httpx.post(f"{bac.controle}/controle/psc/appareil", json=decision).raise_for_status()


@pytest.mark.exigence("SC.PSC.01", "SC.PSC.08", "SC.PSC.15",
                      titre="Conditions, Pro Santé Connect, travail, déconnexion, et de nouveau")
def test_terms_login_work_logout_and_again(postes: "Postes", bac: BacASable, cabinet: Path,
                                           preuve: "Preuve", navigateur: Navigateur) -> None:
    with postes(cabinet, navigateur.ouvrir) as poste:
        pilote = poste.pilote
        demarrer(poste)
        pilote.capturer("ecran-de-connexion")
        pilote.cliquer("Conditions d’utilisation")
        pilote.attendre(lambda: pilote.voit("Pléiade ne voit jamais votre code"), "paragraphe PSC")
        pilote.capturer("conditions-paragraphe-psc")
        preuve.noter("Les conditions et leur paragraphe Pro Santé Connect sont lus.")
        pilote.touche(Qt.Key.Key_Escape)
        # A workstation that Pro Santé Connect doesn't open yet says how it will.
        pilote.cliquer(PSC)
        pilote.attendre(lambda: pilote.voit("la prochaine fois"), "explication")
        pilote.capturer("premiere-fois")
        mot_de_passe(poste)
        pilote.capturer("ouvert-par-mot-de-passe-invite-a-se-connecter")
        with poste.geste("Se connecter depuis la barre"):
            se_connecter(poste)
            pilote.attendre(lambda: connecte(poste), "connecté")
        with poste.geste("Se déconnecter"):
            se_deconnecter(poste)
            pilote.attendre(lambda: not connecte(poste), "déconnecté")
    with postes(cabinet, navigateur.ouvrir) as poste:
        pilote, avant = poste.pilote, navigateur.authentifications
        demarrer(poste)
        ecran = poste.application.acces.ecran
        assert ecran is not None
        pilote.attendre(lambda: ecran._bouton_psc.hasFocus(), "le bouton a le clavier")
        pilote.touche(Qt.Key.Key_Return)
        pilote.attendre(lambda: connecte(poste), "dossier ouvert et connecté, en une touche")
        assert navigateur.authentifications == avant + 1  # PSC asked again after the logout
        preuve.noter("Une touche : Pro Santé Connect a ouvert le dossier et les services.")
        pilote.capturer("ouvert-par-psc")
        assert pilote.bouton("PSC ·") is not None
        # INSi without identifying oneself again (SC.PSC.15).
        patient = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
        assert identify.qualifier_insi(poste.ctx, patient).reponse is not None
        pilote.cliquer("PSC ·")
        pilote.attendre(lambda: pilote.voit("Se déconnecter"), "panneau")
        pilote.capturer("session-et-temps-restant")
        pilote.cliquer("Se déconnecter")
        pilote.attendre(lambda: poste.application.fenetre.verrouillee, "écran couvert")
        pilote.capturer("apres-deconnexion")
        assert len(poste.journal("psc", "logout")) == 2
        telephone(bac, decision="approuver", delai_s=0.1)
        demandes = len(poste.journal("psc", "ciba"))
        pilote.cliquer(PSC)
        pilote.attendre(lambda: connecte(poste), "reconnecté")
        assert len(poste.journal("psc", "ciba")) == demandes + 1
        pilote.capturer("de-nouveau-connecte")
    assert navigateur.demandes and all(u.params["acr_values"] == "eidas1" and
                                       u.params["code_challenge_method"] == "S256"
                                       for u in navigateur.demandes)
    assert navigateur.demandes[-1].params["prompt"] == "login"
    preuve.fichier("demandes-authorize.txt", "\n".join(
        "&".join(f"{c}={v}" for c, v in u.params.items() if c in (
            "response_type", "client_id", "scope", "acr_values", "prompt", "redirect_uri",
            "code_challenge_method")) for u in navigateur.demandes).encode())


@pytest.mark.exigence("SC.PSC.02",
                      titre="Compte rattaché : PSC et mot de passe ouvrent le même compte")
def test_existing_account_is_tied(postes: "Postes", bac: BacASable, cabinet: Path, preuve: "Preuve",
                                  navigateur: Navigateur) -> None:
    """Made by an administrator in Comptes, opened by its own password, tied at the first login."""
    navigateur.professionnel = SOPHIE
    with postes(cabinet, navigateur.ouvrir) as poste:
        pilote = poste.pilote
        demarrer(poste)
        mot_de_passe(poste)
        administratrice = poste.ctx.compte_id
        provisoire = inviter(poste)
        poste.application.verrouiller()
        pilote.cliquer("Ouvrir avec un autre compte")
        pilote.fenetre = poste.application.fenetre
        pilote.remplir("Mot de passe du poste", provisoire)
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: pilote.voit("Encore une fois"), "le mot de passe à choisir")
        pilote.remplir("Nouveau mot de passe", MOT_SOPHIE)
        pilote.remplir("Encore une fois", MOT_SOPHIE)
        pilote.cliquer("Changer et ouvrir")
        pilote.attendre(lambda: ouvert(poste), "ouvert")
        compte = poste.ctx.compte_id
        assert compte != administratrice and poste.ctx.professionnel.identifiant != SOPHIE
        se_connecter(poste)
        pilote.attendre(lambda: pilote.voit("Première connexion"), "question du rattachement")
        assert not connecte(poste)
        pilote.capturer("rattachement-propose")
        pilote.cliquer("C’est moi : rattacher")
        pilote.attendre(lambda: connecte(poste), "rattaché")
        for bouton in ("J’ai compris", "Continuer"):  # the notice on the DMP, once a professional
            pilote.cliquer(bouton)
        pilote.attendre(lambda: not conditions.avis_du(poste.ctx), "avis lu")
        pilote.capturer("rattache")
        se_deconnecter(poste)
        pilote.attendre(lambda: not connecte(poste), "déconnecté")
    with postes(cabinet, navigateur.ouvrir) as poste:
        demarrer(poste)
        with poste.geste("Ouvrir le dossier et les services"):
            poste.pilote.cliquer(PSC)
            poste.pilote.attendre(lambda: connecte(poste), "ouvert par Pro Santé Connect")
        assert poste.ctx.compte_id == compte and poste.ctx.professionnel.identifiant == SOPHIE
        poste.pilote.capturer("par-pro-sante-connect")
        fiche(poste, SOPHIE[1:])
    with postes(cabinet, navigateur.ouvrir) as poste:
        demarrer(poste)
        mot_de_passe(poste, MOT_SOPHIE)
        assert poste.ctx.compte_id == compte
        poste.pilote.capturer("par-mot-de-passe-meme-compte")
    preuve.noter("Le mot de passe et Pro Santé Connect ouvrent le même compte.")


def inviter(poste: "Poste") -> str:
    """The administrator makes an account without an RPPS; returns its temporary password."""
    pilote = poste.pilote
    for bouton in ("Réglages", "Comptes", "Inviter un collègue…"):
        pilote.cliquer(bouton)
    pilote.remplir("Nom d’exercice", "NGUYEN")
    pilote.remplir("Prénom", "Sophie")
    profession = next(c for c in pilote.visibles(QComboBox) if c.accessibleName() == "Profession")
    profession.setFocus()
    for _ in range(profession.count()):
        if profession.currentText() == "Infirmier":
            break
        pilote.touche(Qt.Key.Key_Down)
    assert profession.currentText() == "Infirmier"
    pilote.cocher("Professionnel de l’équipe")
    pilote.capturer("compte-cree-par-l-administratrice")
    pilote.cliquer("Créer le compte")
    mot = pilote.champ("Mot de passe provisoire").text()
    pilote.cliquer("J’ai transmis le mot de passe")
    pilote.attendre(lambda: pilote.voit("Sophie NGUYEN"), "le compte")
    return mot


def fiche(poste: "Poste", rpps: str) -> None:
    """The user's sheet shows who Pro Santé Connect said she is."""
    poste.assemblage.reglages.ouvrir("professionnel")
    poste.pilote.attendre(lambda: any(c.text().replace(" ", "") == rpps for c in
                                      poste.pilote.visibles(QLineEdit)), "RPPS rattaché")
    poste.pilote.capturer("fiche-du-compte")


@pytest.mark.exigence("SC.PSC.02", titre="L’identité d’une autre professionnelle est refusée")
def test_somebody_else_is_sent_away(connecte_a: "Poste", preuve: "Preuve",
                                    navigateur: Navigateur) -> None:
    poste = connecte_a
    navigateur.professionnel = SOPHIE
    se_connecter(poste)
    poste.pilote.attendre(lambda: poste.pilote.voit("celle d’un autre professionnel"), "refus")
    poste.pilote.capturer("autre-professionnel")
    assert not connecte(poste) and len(poste.journal("psc", "logout")) == 1


@pytest.fixture
def connecte_a(postes: "Postes", bac: BacASable, cabinet: Path, preuve: "Preuve",
               navigateur: Navigateur) -> Iterator["Poste"]:
    """A window opened by the password."""
    with postes(cabinet, navigateur.ouvrir) as poste:
        demarrer(poste)
        mot_de_passe(poste)
        yield poste


@pytest.mark.exigence("SC.PSC.01", titre="CIBA : deux chiffres, compte à rebours, refus, accord")
def test_ciba_shows_two_digits(connecte_a: "Poste", bac: BacASable, preuve: "Preuve") -> None:
    poste, pilote = connecte_a, connecte_a.pilote
    telephone(bac, decision="ignorer")
    pilote.cliquer("Se connecter")
    pilote.cliquer("Confirmer sur mon téléphone (e-CPS)")
    pilote.attendre(lambda: pilote.voit("Nombre à comparer"), "deux chiffres")
    pilote.attendre(lambda: pilote.voit("Encore 1 min"), "compte à rebours")
    pilote.capturer("ciba-deux-chiffres")
    pilote.attendre(lambda: poste.journal("psc", "ciba"), "demande reçue par PSC")
    assert poste.journal("psc", "ciba")[0]["channel"] == "MOBILE"
    pilote.cliquer("Annuler")
    pilote.attendre(lambda: pilote.voit(PSC), "retour au choix")
    telephone(bac, decision="refuser", delai_s=0.1)
    pilote.cliquer("Confirmer sur mon téléphone (e-CPS)")
    pilote.attendre(lambda: pilote.voit("refusée"), "refus dit")
    pilote.capturer("ciba-refus")
    telephone(bac, decision="approuver", delai_s=0.1)
    pilote.cliquer("Confirmer sur mon téléphone (e-CPS)")
    pilote.attendre(lambda: connecte(poste), "connecté")
    pilote.capturer("ciba-connecte")


@pytest.mark.exigence("SC.PSC.15", titre="Situation d’exercice choisie quand il y en a plusieurs")
def test_situation_is_chosen(postes: "Postes", bac: BacASable, cabinet: Path, preuve: "Preuve",
                             navigateur: Navigateur) -> None:
    ctx = deverrouiller(cabinet, MOT_DE_PASSE)
    with ctx.store.ecriture() as u:
        u.comptes.enregistrer_professionnel(
            ctx.compte_id, replace(ctx.professionnel, identifiant=FONTAINE, nom="FONTAINE",
                                   prenom="Julie"))
    ctx.fermer()
    navigateur.professionnel = FONTAINE
    with postes(cabinet, navigateur.ouvrir) as poste:
        pilote = poste.pilote
        demarrer(poste)
        mot_de_passe(poste)
        se_connecter(poste)
        pilote.attendre(lambda: pilote.voit("Votre situation d’exercice"), "choix")
        pilote.capturer("situation-a-choisir")
        pilote.cliquer("Infirmier, CENTRE DE SANTE INFIRMIER DES ESSAIS")
        pilote.attendre(lambda: poste.assemblage.session.etat.situation is not None, "choisie")
        pilote.cliquer("PSC ·")
        pilote.attendre(lambda: pilote.voit("Changer de situation"), "situation affichée")
        pilote.laisser(0.2)
        pilote.capturer("situation-affichee")
        patient = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
        identify.qualifier_insi(poste.ctx, patient)
        assert poste.journal("insi")[-1]["secteur"] == "SA05"
        pilote.touche(Qt.Key.Key_Escape)
        with poste.geste("Changer de situation d’exercice"):
            pilote.cliquer("PSC ·")
            pilote.cliquer("Changer de situation")
            pilote.cliquer("Infirmier, CABINET INFIRMIER FONTAINE")
        pilote.attendre(lambda: poste.ctx.services.situation is not None
                        and poste.ctx.services.situation.secteur == "SA07", "changée")


@pytest.mark.exigence("SC.INS/PSC.50", "SC.PSC.15",
                      titre="Une connexion : INSi, le DMP, la messagerie ; mode et identité au "
                            "journal")
def test_one_login_serves_insi_the_dmp_and_the_mail(connecte_a: "Poste",
                                                    preuve: "Preuve") -> None:
    """Opened by the password, the service that needs a session proposes it where it is needed;
    after that one login nothing asks again."""
    poste, pilote = connecte_a, connecte_a.pilote
    patient_id = poste.dossier("ADRUN ZOE")
    assert poste.journal("insi") == [] and poste.statut(patient_id) == "provisoire"
    pilote.cliquer("DMP non consultable")
    pilote.attendre(lambda: pilote.bouton("Se connecter"), "connexion proposée")
    pilote.capturer("sans-session-connexion-proposee")
    page = poste.assemblage.dossier.courant.page
    assert page is not None
    page.dica.fermer()
    se_connecter(poste)
    pilote.attendre(lambda: connecte(poste), "connecté")
    pilote.attendre(lambda: poste.statut(patient_id) == "recuperee", "INSi, appelé seul")
    choisir_document(poste)
    pilote.attendre(lambda: poste.statut(patient_id) == "qualifiee", "qualifiée")
    consentir(poste)
    pilote.attendre(lambda: pilote.bouton("Ouvrir le plus récent"), "documents du DMP")
    pilote.capturer("insi-et-dmp-sans-autre-connexion")
    sasl, _ = messagerie_jeton.identification(poste.ctx, "claire@bac.mssante.fr", "XOAUTH2")
    assert sasl.initiale
    appel = poste.journal("insi")[-1]
    assert CLAIRE in str(appel)
    poste.application.fenetre.aller("journal")
    vue = poste.application.fenetre.page("journal")
    vue.famille.setCurrentIndex(vue.famille.findData("identites"))  # type: ignore[attr-defined]
    vue.filtre_change.emit()  # type: ignore[attr-defined]
    modele = vue.modele  # type: ignore[attr-defined]

    def lignes() -> list[str]:
        return [" ".join(str(modele.data(modele.index(r, c))) for c in range(6))
                for r in range(modele.rowCount())]

    pilote.attendre(lambda: any(f"Pro Santé Connect, RPPS {CLAIRE[1:]}" in x for x in lignes()),
                    "mode et identité au journal")
    pilote.capturer("journal-insi")
    preuve.fichier("journal-insi.txt", "\n".join(lignes()).encode())


@pytest.mark.exigence("SC.PSC.01", titre="Verrouiller ne ferme pas la session")
def test_lock_is_not_logout(connecte_a: "Poste", bac: BacASable, preuve: "Preuve") -> None:
    poste, pilote = connecte_a, connecte_a.pilote
    se_connecter(poste)
    pilote.attendre(lambda: connecte(poste), "connecté")
    etat = poste.ctx.services.exiger_proxy().session
    poste.application.verrouiller()
    pilote.attendre(lambda: pilote.bouton(PSC), "écran de verrouillage")
    pilote.capturer("verrouille")
    assert poste.ctx.services.exiger_proxy().session == etat
    assert poste.journal("psc", "logout") == []
    pilote.cliquer("Avec ma carte CPS, dans le navigateur")
    pilote.attendre(lambda: connecte(poste), "repris par le navigateur")
    assert poste.journal("psc", "logout") == []
    pilote.capturer("repris")


@pytest.mark.exigence("SC.DMP/CONF.21", titre="Avis sur le DMP, puis 180 jours plus tard")
def test_notice_on_the_dmp(postes: "Postes", bac: BacASable, tmp_path: Path, preuve: "Preuve",
                           navigateur: Navigateur, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date, timedelta

    cabinet = tmp_path / "avis.pleiade"
    creer_dossier_demo(cabinet, MOT_DE_PASSE, bac.reglages_services, avis_lu=False)
    with postes(cabinet, navigateur.ouvrir) as poste:
        pilote = poste.pilote
        demarrer(poste)
        mot_de_passe(poste)
        se_connecter(poste)
        pilote.attendre(lambda: pilote.voit("Avant d’utiliser le DMP"), "avis")
        pilote.capturer("avis")
        assert pilote.bouton("Continuer") is None  # unticked by default
        pilote.cliquer("J’ai compris")
        pilote.capturer("avis-compris")
        pilote.cliquer("Continuer")
        pilote.attendre(lambda: not conditions.avis_du(poste.ctx), "noté")
        se_deconnecter(poste)
        pilote.attendre(lambda: not connecte(poste), "déconnecté")
        se_connecter(poste)
        pilote.attendre(lambda: connecte(poste), "reconnecté")
        pilote.laisser(0.5)
        assert not pilote.voit("Avant d’utiliser le DMP")
        jour = date.today()
        assert not conditions.avis_du(poste.ctx, jour + timedelta(days=179))
        assert conditions.avis_du(poste.ctx, jour + timedelta(days=180))
        poste.assemblage.reglages.ouvrir("envois")
        pilote.attendre(lambda: pilote.voit("Rappel des règles d’usage du DMP"), "le réglage")
        vue = poste.application.fenetre.page("reglages")
        vue._avis.setCurrentIndex(vue._avis.findData("30"))  # type: ignore[attr-defined]
        pilote.capturer("reglage-de-la-periode")
        pilote.cliquer("Enregistrer")
        pilote.attendre(lambda: conditions.periode_avis(poste.ctx) == 30, "réglé")
        assert conditions.avis_du(poste.ctx, jour + timedelta(days=30))
    preuve.noter("Deuxième connexion : rien. 180 jours plus tard, ou 30 si on le règle : l’avis.")


@pytest.mark.exigence("SC.MSS/CONF.28", "SC.PSC.15",
                      titre="Jeton PSC de la messagerie : en mémoire seulement")
def test_the_token_of_the_mail_is_written_nowhere(connecte_a: "Poste", bac: BacASable,
                                                  cabinet: Path, preuve: "Preuve") -> None:
    poste, pilote = connecte_a, connecte_a.pilote
    se_connecter(poste)
    pilote.attendre(lambda: connecte(poste), "connecté")
    proxy = poste.ctx.services.exiger_proxy()
    sasl, jeton = messagerie_jeton.identification(poste.ctx, "claire@bac.mssante.fr", "XOAUTH2")
    cookie = proxy._cookie
    assert jeton.encode() in sasl.initiale and jeton not in repr(sasl)
    assert jeton.count(".") == 2 and len(cookie) > 30
    identify.qualifier_insi(poste.ctx, patients.chercher(poste.ctx, "ADRUN ZOE")[0].id)
    poste.application.verrouiller()
    poste.application.fermer()
    jetons = [s.encode() for s in (jeton, jeton.split(".")[2])]
    lus = []
    for fichier in (*cabinet.parent.rglob("*"), *preuve.dossier.rglob("*"),
                    *bac.dossier.glob("proxy*")):
        if fichier.is_file():
            contenu = fichier.read_bytes()
            lus.append(f"{fichier.name} : {len(contenu)} octets, absents")
            # Where /traces is open (conformity runs) that file alone holds session ids.
            session = [] if fichier.name.startswith("proxy-traces") else [cookie.encode()]
            assert not any(secret in contenu for secret in (*jetons, *session)), fichier
    assert any(ligne.startswith("proxy.log") for ligne in lus) and len(lus) > 4
    preuve.fichier("fichiers-fouilles.txt", "\n".join(lus).encode())
