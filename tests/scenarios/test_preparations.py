"""A centre's secretary prepares, its nurse validates: two workstations, each through its window."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from documents_outils import erreurs_cda
from lxml import etree
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest

from app.cli.serveurs import BacASable
from app.domain.equipes import Geste
from app.domain.outbox import EtatOrdre
from app.domain.people import Professionnel
from app.domain.roles import Acces
from app.store import places
from app.ui.views.equipes_dialogues import DialogueDelegation
from app.ui.views.motif import DialogueMotif
from app.usecases import agenda, comptes, equipes, identify
from app.usecases.context import Contexte
from tests import centre_outils as centre
from tests.serveur_pg import ServeurTls, postgresql_tls
from tests.store_outils import nouvelle_base

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

LINA = Professionnel("", "PETIT", "Lina", "", civilite="MME")
MOT_DE_PASSE_LINA = "Secretariat-du-centre-2026"
_RANGS = count()
NS = {"h": "urn:hl7-org:v3"}
pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def pg() -> Iterator[ServeurTls]:
    with postgresql_tls() as serveur:
        yield serveur


@dataclass
class Centre:
    """The nurse's and the secretary's workstations on one server."""

    infirmiere: "Poste"
    secretaire: "Poste"
    lina: int
    patient: int


def ouvrir(poste: "Poste", mot_de_passe: str) -> None:
    """Unlock, see the day, hear the other workstation."""
    application, pilote = poste.application, poste.pilote
    application.options = replace(application.options, mot_de_passe_demo=mot_de_passe)
    application.demarrer()
    pilote.cliquer("Déverrouiller")
    pilote.attendre(lambda: application.assemblage is not None
                    and pilote.voit("Ajouter un passage"), "la tournée")
    veille = poste.assemblage.veille
    pilote.attendre(lambda: veille._veille is not None and veille._veille.branchee, "écoute")


@pytest.fixture
def deux(pg: ServeurTls, bac: BacASable, preuve: "Preuve", tmp_path: Path,
         monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    from tests.scenarios.conftest import Poste  # the folder isn't a package for the collector

    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    (tmp_path / "donnees").mkdir()
    url = nouvelle_base(pg.url(), f"prepa{next(_RANGS)}", "template1")
    ctx = centre.creer_centre(url, bac, insi_mode="certificat_structure", dmp_certificat=True)
    centre.importer(ctx, bac, "structure-insi", "structure-dmp", "structure-signature")
    patient = centre.patient_adrun(ctx)
    lina = comptes.ajouter_compte(ctx, LINA, Acces(("secretaire",)), MOT_DE_PASSE_LINA).id
    ctx.fermer()
    with ExitStack() as fin:
        postes = []
        for mot in (centre.MOT_DE_PASSE, MOT_DE_PASSE_LINA):
            poste = Poste(bac, url, preuve)  # type: ignore[arg-type]
            fin.callback(_fermer, poste)
            ouvrir(poste, mot)
            postes.append(poste)
        yield Centre(*postes, lina, patient)


def _fermer(poste: "Poste") -> None:
    poste.application.fermer()
    poste.application.fenetre.deleteLater()
    poste.application.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def confier(poste: "Poste", preuve: "Preuve", lina: int) -> None:
    """The nurse gives what she lets the secretary do, by the dialog."""
    fenetre, pilote = poste.application.fenetre, poste.pilote
    poste.assemblage.reglages.ouvrir("equipes")
    pilote.attendre(lambda: (b := pilote.bouton("Confier à quelqu’un…")) is not None
                    and b.isEnabled(), "la section")
    pilote.cliquer("Confier à quelqu’un…")
    (dialogue,) = fenetre.findChildren(DialogueDelegation)
    assert set(dialogue.cases) == {Geste.AGENDA, Geste.REDIGER, Geste.CONSENTEMENT}
    for case in dialogue.cases.values():
        case.setChecked(True)
    dialogue.au.setText((date.today() + timedelta(days=7)).strftime("%d/%m/%Y"))
    dialogue.au_heure.setText("18h")
    preuve.capture(dialogue, "confier")
    dialogue.bouton.click()
    pilote.attendre(lambda: pilote.voit("À Lina PETIT"), "confié")
    pilote.laisser(0.2)
    preuve.capture(fenetre, "delegation-en-cours")


def ecrire(poste: "Poste", texte: str) -> Any:
    """Type in the editor on screen."""
    page = poste.assemblage.dossier.courant.page
    assert page is not None
    vue = page.courriers
    poste.pilote.attendre(lambda: vue.brouillon is not None, "l’éditeur")
    vue.feuille.titre.setText("Passage du matin")
    vue.feuille.titre.textEdited.emit("Passage du matin")
    vue.texte.setFocus()
    vue.texte.selectAll()
    QTest.keyClicks(vue.texte, texte)
    return vue


def consentir(poste: "Poste", preuve: "Preuve", patient: int) -> None:
    """The secretary collects the consent for the nurse; she sees nothing else of the DMP."""
    pilote = poste.pilote
    pilote.attendre(lambda: pilote.voit("Consentement") and
                    poste.assemblage.dossier.courant.page is not None, "le dossier")
    page = poste.assemblage.dossier.courant.page
    assert page is not None
    pilote.attendre(lambda: not page.bandeau.dica.isHidden()
                    and page.dica.pour.liste.count() == 2, "le consentement à recueillir")
    page.dica.ouvrir()
    assert page.dica.pour.liste.currentText() == "Mariam DIALLO"
    assert not page.mes.isVisible()
    preuve.capture(poste.application.fenetre, "secretaire-consentement")
    pilote.cliquer("Le patient consent")

    def note() -> bool:
        with poste.ctx.store.lecture() as u:
            episode = u.episodes.courant(patient)
        return episode is not None and (episode.informe_par, episode.recueilli_par) == (
            "Mariam DIALLO", "Lina PETIT")

    pilote.attendre(note, "les deux noms")
    page.dica.fermer()


@pytest.mark.exigence("LABEL.04", "SC.DMP/CONF.06.BIS", titre="Le secrétariat prépare, "
                      "l’infirmière valide, le document part au DMP")
def test_the_secretary_prepares_and_the_nurse_validates(deux: Centre, preuve: "Preuve",
                                                        shared: Path) -> None:
    un, autre, patient = deux.infirmiere, deux.secretaire, deux.patient
    # The identity is qualified by the nurse.
    un.assemblage.dossier.ouvrir(patient)
    un.pilote.attendre(lambda: un.statut(patient) == "recuperee", "INSi")
    identify.controler_document(un.ctx, patient, "CN")
    # Before any delegation the secretary has no tab to write in.
    autre.assemblage.dossier.ouvrir(patient)
    autre.pilote.attendre(lambda: autre.assemblage.dossier.courant.etat is not None, "le dossier")
    page = autre.assemblage.dossier.courant.page
    assert page is not None
    assert not page.onglets.isTabVisible(_rang("courriers"))
    confier(un, preuve, deux.lina)
    autre.pilote.attendre(lambda: page.onglets.isTabVisible(_rang("courriers")), "l’onglet")
    consentir(autre, preuve, patient)
    # She types a letter for the nurse.
    page.aller("courriers")
    vue = page.courriers
    autre.pilote.attendre(lambda: vue.accueil.pour.liste.count() == 1, "pour Mariam DIALLO")
    autre.pilote.attendre(lambda: autre.pilote.bouton("Document vierge") is not None, "modèles")
    autre.pilote.laisser(0.3)
    preuve.capture(autre.application.fenetre, "secretaire-choix")
    autre.pilote.cliquer("Document vierge")
    ecrire(autre, "Plaie propre, pansement refait.")
    autre.pilote.laisser(2.0)
    preuve.capture(autre.application.fenetre, "secretaire-ecrit")
    assert autre.pilote.bouton("Valider et envoyer") is None
    autre.pilote.cliquer("Proposer à valider")
    # The nurse sees it come, wherever she is.
    un.application.fenetre.aller("tournee")
    un.pilote.attendre(lambda: un.pilote.bouton("1 à valider") is not None, "annoncé en direct")
    un.pilote.laisser(0.2)
    preuve.capture(un.application.fenetre, "tournee-un-a-valider")
    un.pilote.cliquer("1 à valider")
    un.pilote.attendre(lambda: un.assemblage.a_valider.apercu.pdf, "l’aperçu")
    un.pilote.laisser(0.5)
    preuve.capture(un.application.fenetre, "a-valider")
    # She sends it back with a reason; the secretary reads it at once.
    un.pilote.cliquer("Renvoyer…")
    (motif,) = [d for d in un.application.fenetre.findChildren(DialogueMotif) if d.isVisible()]
    motif.texte.setText("Dire quel pansement")
    motif.valider.click()
    autre.application.fenetre.aller("a_valider")
    autre.pilote.attendre(lambda: "Renvoyé" in _etat(autre), "renvoyé, en direct")
    autre.pilote.laisser(0.8)
    preuve.capture(autre.application.fenetre, "secretaire-renvoye")
    autre.pilote.cliquer("Ouvrir")
    ecrire(autre, "Plaie propre, pansement au tulle gras refait.")
    autre.pilote.laisser(0.3)
    autre.pilote.cliquer("Proposer à valider")
    un.pilote.attendre(lambda: un.pilote.bouton("Valider et envoyer") is not None
                       and un.assemblage.a_valider._page is not None
                       and (x := un.assemblage.a_valider._page.ligne) is not None
                       and x.attend, "revenu")
    # One click.
    avant = un.pilote.clics
    un.pilote.cliquer("Valider et envoyer")
    assert un.pilote.clics - avant == 1
    un.pilote.attendre(lambda: un.pilote.voit("Rien à valider"), "validé")
    preuve.capture(un.application.fenetre, "rien-a-valider")
    autre.application.fenetre.aller("a_valider")
    autre.pilote.attendre(lambda: "Validé par Mariam DIALLO" in _etat(autre), "ce qu’il en est")
    preuve.capture(autre.application.fenetre, "secretaire-valide")
    _envoye(un, patient, preuve, shared)


def _rang(code: str) -> int:
    from app.ui.views.dossier import ONGLETS

    return [c for c, _ in ONGLETS].index(code)


def _etat(poste: "Poste") -> str:
    page = poste.assemblage.a_valider._page
    return "" if page is None else page.etat.text()


def _envoye(poste: "Poste", patient: int, preuve: "Preuve", shared: Path) -> None:
    """What reached the DMP of the bac à sable says who typed and who signed."""
    def ordres() -> list[Any]:
        with poste.ctx.store.lecture(entiere=True) as u:
            return list(u.outbox.du_patient(patient))

    poste.assemblage.expediteur.reveiller()
    poste.pilote.attendre(lambda: [o.etat for o in ordres()] == [EtatOrdre.ENVOYE], "envoyé")
    with poste.ctx.store.lecture() as u:
        fiche = u.documents.lire(ordres()[0].document_id)
        cda = u.documents.contenu(fiche.cda_sha256)
    assert fiche.auteur == "Mariam DIALLO"
    with poste.ctx.store.lecture() as u:
        matricule = u.patients.lire(patient).identite.matricule_ins
    recus = httpx.get(f"{poste.bac.controle}/controle/dmp/{matricule}").json()
    assert fiche.cda_id in str(recus)  # the DMP holds this very version
    assert erreurs_cda(shared, cda, qualifiee=True) == []
    arbre = etree.fromstring(cda)

    def nom(chemin: str) -> str | None:
        return arbre.findtext(f"{chemin}//h:family", namespaces=NS)

    assert nom("h:dataEnterer") == "PETIT"
    assert (nom("h:author"), nom("h:legalAuthenticator")) == ("DIALLO", "DIALLO")
    assert b"tulle gras" in _texte(poste.ctx, fiche.id).encode()
    preuve.fichier("document.xml", cda)
    traces = [f"{x.qui} ; {x.quoi} ; {x.detail}" for quoi in (
        "delegation.usage", "document.renvoi", "document.validation") for x in poste.traces(quoi)]
    preuve.fichier("journal.txt", "\n".join(traces).encode())
    assert sum(x.startswith("Lina PETIT ; delegation.usage") for x in traces) == 4
    assert any(x.startswith("Mariam DIALLO ; document.renvoi") for x in traces)


def _texte(ctx: Contexte, document_id: int) -> str:
    with ctx.store.lecture() as u:
        return u.courriers.source(document_id)


@pytest.mark.exigence("LABEL.04", titre="Une délégation reprise s’arrête aussitôt, rien n’est "
                      "perdu")
def test_a_delegation_taken_back_stops_the_hand_that_types(deux: Centre, preuve: "Preuve") -> None:
    un, autre, patient = deux.infirmiere, deux.secretaire, deux.patient
    jour = date.today().isoformat()
    donnee = equipes.deleguer(un.ctx, deux.lina, {Geste.REDIGER}, jour, jour)
    autre.assemblage.dossier.ouvrir(patient)
    autre.pilote.attendre(lambda: autre.assemblage.dossier.courant.etat is not None, "le dossier")
    page = autre.assemblage.dossier.courant.page
    assert page is not None
    autre.pilote.attendre(lambda: page.onglets.isTabVisible(_rang("courriers")), "l’onglet")
    page.aller("courriers")
    autre.pilote.attendre(lambda: autre.pilote.bouton("Document vierge") is not None, "modèles")
    autre.pilote.cliquer("Document vierge")
    vue = ecrire(autre, "Premiers mots.")
    autre.pilote.attendre(lambda: "gardé" in vue.pied.etat.text(), "gardé")
    equipes.revoquer(un.ctx, donnee)
    QTest.keyClicks(vue.texte, " Derniers mots.")
    autre.pilote.attendre(lambda: autre.pilote.voit("ne vous confie plus"), "dit")
    assert "Derniers mots." in vue.texte.toPlainText()
    assert vue.texte.isReadOnly() and not vue.pied.envoyer.isEnabled()
    preuve.capture(autre.application.fenetre, "delegation-reprise")
    un.application.fenetre.aller("a_valider")
    un.pilote.attendre(lambda: "délégation terminée" in _etat(un), "chez l’infirmière")
    un.pilote.laisser(0.6)
    preuve.capture(un.application.fenetre, "laisse-a-l-infirmiere")
    un.pilote.cliquer("Ouvrir et corriger")
    chez_elle = un.assemblage.dossier.courant
    un.pilote.attendre(lambda: chez_elle.page is not None
                       and chez_elle.page.construit("courriers")
                       and "Derniers mots." in chez_elle.page.courriers.texte.toPlainText(),
                       "rien n’est perdu")
    preuve.capture(un.application.fenetre, "repris-par-l-infirmiere")
    assert autre.pilote.bouton("Fermer") is not None
    autre.pilote.cliquer("Fermer")
    autre.pilote.attendre(lambda: not page.onglets.isTabVisible(_rang("courriers"))
                          or vue.brouillon is None, "l’éditeur se ferme")


def test_the_day_says_whose_visits_they_are(deux: Centre, preuve: "Preuve") -> None:
    un, autre, patient = deux.infirmiere, deux.secretaire, deux.patient
    jour = date.today().isoformat()
    julie = comptes.inviter(un.ctx, centre.JULIE, Acces(("salarie",))).compte.id
    chez_julie = replace(un.ctx, compte_id=julie, professionnel=centre.JULIE)
    for heure in ("08:10", "18:20"):
        agenda.ajouter_passage(chez_julie, jour, heure, patient, "Pansement")
    # That context bound its eyes to the store: the nurse's own come back.
    replace(un.ctx)
    agenda.ajouter_passage(un.ctx, jour, "08:30", patient, "Injection")
    tournee = autre.assemblage.tournee
    page = tournee._page
    assert page is not None
    autre.pilote.attendre(lambda: len(page.modele.passages) == 3, "la journée")
    tournee.lire_agendas()
    autre.pilote.attendre(lambda: page.modele.qui(page.modele.passages[0]) == "Julie FONTAINE",
                          "les noms")
    autre.pilote.laisser(0.2)
    preuve.capture(autre.application.fenetre, "tournee-de-qui")
    # The nurse sees hers alone when she wants, and undoing a deletion gives back to Julie.
    sienne = un.assemblage.tournee._page
    assert sienne is not None
    un.assemblage.tournee.recharger()
    un.assemblage.tournee.lire_agendas()
    un.pilote.attendre(lambda: len(sienne.modele.passages) == 3
                       and sienne.modele.qui(sienne.modele.passages[1]) == "Moi", "moi")
    preuve.capture(un.application.fenetre, "tournee-moi-et-julie")
    un.pilote.cliquer("Moi")
    assert [p.heure for p in sienne.modele.passages] == ["08:30"]
    un.pilote.cliquer("Tout le monde")
    sienne.table.aller_a(sienne.modele.ligne_de(
        next(p.id for p in sienne.modele.passages if p.heure == "18:20")))
    QTest.keyClick(sienne.table, Qt.Key.Key_Delete)
    un.pilote.attendre(lambda: len(agenda.tournee(un.ctx, jour)) == 2, "supprimé")
    un.pilote.cliquer("Annuler")
    un.pilote.attendre(lambda: len(agenda.tournee(un.ctx, jour)) == 3, "remis")
    remis = agenda.tournee(un.ctx, jour)[-1]
    assert (remis.heure, remis.professionnel_id) == ("18:20", julie)
    assert len(un.traces("agenda.collegue")) == 2
