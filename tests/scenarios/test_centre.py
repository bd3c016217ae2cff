"""A nursing centre through its window: structure certificate, DMP, two workstations, CPS."""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtTest import QTest

from app.cli.serveurs import BacASable
from app.devices.events import EvenementLecteur
from app.devices.pcsc import CPS_RETIREE
from app.domain.agenda import EtatPassage
from app.domain.document import OrigineDocument
from app.domain.equipes import Geste
from app.domain.outbox import EtatOrdre
from app.domain.roles import Acces
from app.sandbox.certificats import MOT_DE_PASSE_P12
from app.store import engine as magasin
from app.store import places, serveur
from app.ui.views.centre import DialogueMotDePasse
from app.ui.views.conflit import DialogueConflit
from app.ui.views.serveur import DialogueServeur
from app.usecases import (
    agenda,
    brouillons,
    classement,
    comptes,
    consentement,
    equipes,
    identify,
    importation,
    notes,
    patients,
    produce,
)
from app.usecases.certificats import lister_certificats
from app.usecases.errors import Refus
from app.usecases.reglages_centre import lire_reglages_centre
from app.usecases.serveur import rejoindre
from tests import centre_outils as centre
from tests.serveur_pg import ServeurTls, postgresql_tls
from tests.store_outils import nouvelle_base

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve


@pytest.fixture
def cabinet(bac: BacASable, tmp_path: Path) -> Path:
    """The file of the centre: no Pro Santé Connect session is opened in these scenarios."""
    emplacement = tmp_path / "centre.pleiade"
    ctx = centre.creer_centre(emplacement, bac)
    centre.patient_adrun(ctx)
    ctx.fermer()
    return emplacement


def ouvrir(poste: "Poste") -> None:
    """Unlock with the password of the centre, and see the day."""
    application = poste.application
    application.options = replace(application.options, mot_de_passe_demo=centre.MOT_DE_PASSE)
    application.demarrer()
    poste.pilote.cliquer("Déverrouiller")
    poste.pilote.attendre(lambda: application.assemblage is not None
                          and poste.pilote.voit("Ajouter un passage"), "la tournée")


def importer(poste: "Poste", nom: str, combien: int) -> None:
    """Import a certificate by the section, whose button opens the system's file dialog."""
    vue = poste.assemblage.reglages._vue
    assert vue is not None
    vue.centre.import_demande.emit(str(centre.pkcs12(poste.bac, nom)))
    question = next(d for d in poste.application.fenetre.findChildren(DialogueMotDePasse)
                    if d.isVisible())
    question.secret.champ.setText(MOT_DE_PASSE_P12)
    question.importer.click()
    poste.pilote.attendre(lambda: len(lister_certificats(poste.ctx)) == combien, nom)


@pytest.mark.exigence("INS/va1.14", "INS/va1.14#9", "SC.DMP/CONF.22")
def test_the_structure_calls_insi_and_feeds_the_dmp(poste: "Poste", bac: BacASable,
                                                    preuve: "Preuve") -> None:
    ouvrir(poste)
    fenetre, pilote = poste.application.fenetre, poste.pilote
    poste.assemblage.reglages.ouvrir("centre")
    vue = poste.assemblage.reglages._vue
    assert vue is not None
    pilote.attendre(lambda: pilote.voit("Aucun certificat"), "la section")
    preuve.capture(fenetre, "certificats-vides")
    for rang, nom in enumerate(("structure-insi", "structure-dmp", "structure-signature"), 1):
        importer(poste, nom, rang)
    pilote.attendre(lambda: "CSI-ESSAIS-SIGN" in vue.centre.lignes["signature"].detail.text(),
                    "les trois certificats")
    vue.centre.mode.choisir("certificat_structure")
    vue.centre.dmp.setChecked(True)
    vue.centre.bouton.click()
    pilote.attendre(lambda: lire_reglages_centre(poste.ctx).dmp_certificat, "enregistré")
    preuve.capture(fenetre, "certificats-importes")

    # INSi, in the name of the structure: opening the file calls it by itself.
    patient = poste.dossier("ADRUN ZOE")
    pilote.attendre(lambda: poste.statut(patient) == "recuperee" and pilote.voit("Récupérée"),
                    "identité récupérée")
    preuve.capture(fenetre, "insi-par-certificat")
    assert poste.journal("insi")[-1]["mode"] == "certificat_structure"
    identify.controler_document(poste.ctx, patient, "CN")
    consentement.noter_consentement(poste.ctx, patient, True, False)
    poste.assemblage.dossier.actualiser()

    # Feeding the DMP, without any session of the professional.
    assert not poste.assemblage.session.etat.connecte
    brouillon = brouillons.nouveau_brouillon(poste.ctx, patient, "11506-3")
    produce.valider(poste.ctx, replace(brouillon, titre="Passage", texte="Plaie propre."))
    poste.assemblage.expediteur.reveiller()

    def parti() -> bool:
        with poste.ctx.store.lecture(entiere=True) as u:
            return [o.etat for o in u.outbox.du_patient(patient)] == [EtatOrdre.ENVOYE]

    pilote.attendre(parti, "envoyé")
    fenetre.aller("envois")
    pilote.attendre(lambda: pilote.voit("Passage"), "l’envoi")
    preuve.capture(fenetre, "envoi-par-certificat")
    depot = poste.journal("dmp", "TD2.1")[-1]
    assert (depot["mode"], depot["structure"]) == ("certificat_structure", "1630009999")
    traces = (centre.traces(poste.ctx, "insi.appel") + centre.traces(poste.ctx, "dmp.depot"))
    assert all("certificat structure" in detail for _, detail in traces)
    preuve.fichier("journal.txt", "\n".join(f"{r} {d.split(' ; ')[-1] if r != '00' else d[:32]}"
                                            for r, d in traces).encode())


def test_the_removal_of_the_cps_locks_the_window(poste: "Poste", preuve: "Preuve") -> None:
    """One setting, that of Sécurité; the whole path of a reader's event."""
    ouvrir(poste)
    application = poste.application

    def lecteur(code: str, etat: str) -> None:
        application._evenement.emit(EvenementLecteur(etat, "Lecteur 1", code=code))
        QCoreApplication.processEvents()

    for demande in (False, True):
        application.inactivite.regler(replace(application.inactivite.reglages,
                                              retrait_carte=demande))
        lecteur("carte_cps", "illisible")
        lecteur(CPS_RETIREE, "aucune_carte")
        poste.pilote.attendre(lambda: not application.workers.nombre(), "rien ne se passe")
        assert application.fenetre.verrouillee is demande
    preuve.capture(application.fenetre, "verrou-carte-retiree")


def test_a_colleague_keeps_the_agenda_by_delegation(poste: "Poste", preuve: "Preuve") -> None:
    ouvrir(poste)
    fenetre, pilote = poste.application.fenetre, poste.pilote
    aujourdhui = date.today().isoformat()
    julie = comptes.inviter(poste.ctx, centre.JULIE, Acces(("salarie",))).compte.id
    chez_julie = replace(poste.ctx, compte_id=julie, professionnel=centre.JULIE)
    donnee = equipes.deleguer(chez_julie, poste.ctx.compte_id, {Geste.AGENDA}, aujourdhui,
                              aujourdhui, "Formation")
    poste.assemblage.reglages.ouvrir("equipes")
    pilote.attendre(lambda: pilote.voit("De Julie FONTAINE"), "ce qui m’est confié")
    preuve.capture(fenetre, "equipes-et-delegations")
    fenetre.aller("tournee")
    page = poste.assemblage.tournee._page
    assert page is not None
    pilote.attendre(lambda: page.panneau.pour.count() == 2, "les deux agendas")
    patient = patients.chercher(poste.ctx, "ADRUN")[0]

    def ajouter(heure: str) -> None:
        page.ouvrir_panneau()
        page.panneau.choisir_patient(patient)
        page.panneau.heure.setText(heure)
        page.panneau.pour.setCurrentIndex(1)
        preuve.capture(fenetre, f"dans-l-agenda-de-{heure[:2]}")
        page.panneau.valider.click()

    def traces() -> list[tuple[str, str]]:
        with poste.ctx.store.lecture() as u:
            return [(x.quoi, x.qui) for x in u.trail.lister()
                    if x.quoi in ("delegation.usage", "delegation.refus")]

    ajouter("22:10")
    pilote.attendre(lambda: len(agenda.tournee(poste.ctx, aujourdhui)) == 1, "le passage")
    assert agenda.tournee(poste.ctx, aujourdhui)[0].professionnel_id == julie
    assert traces() == [("delegation.usage", poste.ctx.qui)]
    # Taken back meanwhile: refused in French, nothing written, traced.
    equipes.revoquer(chez_julie, donnee)
    ajouter("22:40")
    pilote.attendre(lambda: pilote.voit("Julie FONTAINE ne vous a pas confié"), "le refus")
    preuve.capture(fenetre, "delegation-reprise-refus")
    assert len(agenda.tournee(poste.ctx, aujourdhui)) == 1
    assert traces()[0] == ("delegation.refus", poste.ctx.qui)


# -- Two workstations on one server ----------------------------------------------------------


@pytest.fixture(scope="module")
def pg() -> Iterator[ServeurTls]:
    with postgresql_tls() as demarre:
        yield demarre


@pytest.mark.postgres
@pytest.mark.exigence("SC.DMP/CONF.06.BIS")
def test_two_workstations_see_each_other(pg: ServeurTls, bac: BacASable, preuve: "Preuve",
                                         tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.scenarios.conftest import Poste  # the folder isn't a package for the collector

    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    (tmp_path / "donnees").mkdir()
    url = nouvelle_base(pg.url(), "centre", "template1")
    ctx = centre.creer_centre(url, bac)
    patient = centre.patient_adrun(ctx)
    passage = agenda.ajouter_passage(ctx, date.today().isoformat(), "23:30", patient)
    postes = [Poste(bac, url, preuve) for _ in range(2)]  # type: ignore[arg-type]
    try:
        for poste in postes:
            ouvrir(poste)
        un, deux = postes
        un.pilote.attendre(lambda: un.pilote.voit("23:30"), "le passage")
        for poste in postes:
            veille = poste.assemblage.veille
            poste.pilote.attendre(lambda v=veille: v._veille is not None  # type: ignore[misc]
                                  and v._veille.branchee, "écoute")
        # The visit moves on one workstation: the other's window follows by itself.
        agenda.deplacer_passage(un.ctx, passage, passage.jour, "23:45")
        deux.pilote.attendre(lambda: deux.pilote.voit("23:45"), "l’autre poste")
        preuve.capture(deux.application.fenetre, "agenda-autre-poste")
        # A document arrives on one: the other's counter, then its list, follow without a gesture.
        deux.application.fenetre.aller("a_classer")
        deux.pilote.attendre(lambda: deux.pilote.voit("Rien à classer")
                             or deux.assemblage.entrees.a_classer._vue is not None, "la liste vide")
        importation.importer(un.ctx, [("courrier-arrive.pdf", _pdf(1))], None,
                             OrigineDocument.SCAN)
        deux.pilote.attendre(lambda: deux.pilote.voit("courrier-arrive"), "à classer, vu")
        preuve.capture(deux.application.fenetre, "a-classer-autre-poste")
        # The two file it at once: one is told who did, and nothing is filed twice.
        (ligne,) = classement.lister(deux.ctx)
        classement.classer(un.ctx, ligne.entrant.id, patient)
        with pytest.raises(Refus, match="vient de classer"):
            classement.classer(deux.ctx, ligne.entrant.id, patient)
        deux.application.fenetre.aller("tournee")
        # Consent collected by one is seen by the other, in the open file.
        deux.dossier("ADRUN ZOE")
        consentement.noter_consentement(un.ctx, patient, True, False)

        def vu() -> bool:
            etat = deux.assemblage.dossier.courant.etat
            return (etat is not None and etat.episode is not None
                    and etat.episode.consentement_consultation is True)

        deux.pilote.attendre(vu, "le consentement")
        preuve.capture(deux.application.fenetre, "consentement-autre-poste")
        # Both marked: nothing is asked; both moved: the merge screen asks.
        lu = agenda.tournee(un.ctx, passage.jour)[-1]
        agenda.marquer_passage(deux.ctx, lu, EtatPassage.FAIT)
        agenda.deplacer_passage(deux.ctx, agenda.tournee(un.ctx, passage.jour)[-1], lu.jour,
                                "23:50")
        un.application.fenetre.aller("tournee")
        un.assemblage.tournee._ecrire(agenda.deplacer_passage, lu, lu.jour, "23:55")
        un.pilote.attendre(lambda: un.pilote.voit("Deux saisies en même temps"), "le choix")
        preuve.capture(un.application.fenetre, "choix-fenetre")
        choix = next(d for d in un.application.fenetre.findChildren(DialogueConflit)
                     if d.isVisible())
        preuve.capture(choix, "choix")
        QTest.keyClick(choix, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        un.pilote.attendre(lambda: agenda.tournee(ctx, lu.jour)[-1].heure == "23:55", "gardé")
        garde = agenda.tournee(ctx, lu.jour)[-1]
        assert garde.etat is EtatPassage.FAIT
        assert patients.chercher(deux.ctx, "ADRUN")[0].id == patient
    finally:
        for poste in postes:
            poste.application.fermer()
            poste.application.fenetre.deleteLater()
            poste.application.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        ctx.fermer()
    assert httpx.get(f"{bac.controle}/controle/etat").status_code == 200


@contextmanager
def _mort(pg: ServeurTls) -> Iterator[None]:
    pg._ctl("-m", "immediate", "stop")
    try:
        yield
    finally:
        pg.demarrer()


@pytest.mark.postgres
@pytest.mark.parametrize("absence", [_mort, ServeurTls.gele], ids=["mort", "gele"])
@pytest.mark.exigence("SC.DMP/CONF.22", titre="Le serveur du cabinet s’absente, puis revient")
def test_the_server_goes_away_during_the_day(
        absence: Callable[[ServeurTls], AbstractContextManager[None]], pg: ServeurTls,
        bac: BacASable, preuve: "Preuve", tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Dead or frozen: the window says so, stays alive, keeps what is typed, resumes by itself."""
    from tests.scenarios.conftest import Poste

    monkeypatch.setattr("app.store.link.SILENCE_S", 1.0)
    monkeypatch.setattr("app.store.connections.CONNEXION_S", 2)
    monkeypatch.setattr("app.store.changes.PULS_S", 1.0)
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    (tmp_path / "donnees").mkdir()
    url = nouvelle_base(pg.url(), f"absent{absence.__name__}", "template1")
    ctx = centre.creer_centre(url, bac)
    patient = centre.patient_adrun(ctx)
    poste = Poste(bac, url, preuve)  # type: ignore[arg-type]
    trous: list[float] = []
    absent = ExitStack()
    sur_l_ecran: list[str] = []
    battement = QTimer()
    dernier = [time.perf_counter()]

    def battre() -> None:
        maintenant = time.perf_counter()
        trous.append(maintenant - dernier[0])
        dernier[0] = maintenant

    battement.timeout.connect(battre)
    try:
        ouvrir(poste)
        fenetre, pilote = poste.application.fenetre, poste.pilote
        poste.assemblage.reglages.ouvrir("serveur")
        pilote.attendre(lambda: pilote.voit("répond en"), "la liaison")
        preuve.capture(fenetre, "serveur-du-cabinet")
        veille = poste.assemblage.veille
        pilote.attendre(lambda: veille._veille is not None and veille._veille.branchee, "écoute")
        poste.dossier("ADRUN ZOE")
        page = poste.assemblage.dossier.courant.page
        assert page is not None
        page.aller("observations")
        vue = poste.assemblage.dossier.onglets.observations._vue
        assert vue is not None
        vue.texte.setPlainText("Plaie propre, pansement refait.")
        pilote.attendre(lambda: notes.brouillon_note(ctx, patient) != "", "brouillon gardé")

        passer = magasin.Store._connexion

        def noter_fil(store: magasin.Store) -> Any:
            if store is poste.ctx.store and threading.current_thread() is threading.main_thread():
                sur_l_ecran.append("".join(traceback.format_stack(limit=12)))
            return passer(store)

        monkeypatch.setattr(magasin.Store, "_connexion", noter_fil)
        absent.enter_context(absence(pg))
        battement.start(10)
        dernier[0] = time.perf_counter()
        pilote.attendre(lambda: pilote.voit("ne répond plus"), "la coupure dite")
        QTest.keyClicks(vue.texte, " Douleur 3/10.")
        pilote.attendre(lambda: pilote.voit("pas encore gardé"), "rien n’est prétendu")
        preuve.capture(fenetre, "serveur-absent")
        texte = vue.texte.toPlainText()
        assert "Plaie propre" in texte
        assert "Douleur 3/10." in texte
        vue.enregistrer()  # the nurse signs all the same: refused, and the text stays
        pilote.attendre(vue.valider.isEnabled, "refus")
        assert vue.texte.toPlainText() == texte
        trous_pendant = max(trous)
        battement.stop()

        absent.close()
        pilote.attendre(lambda: not pilote.voit("ne répond plus"), "le retour")
        # Nobody touched anything: what was typed meanwhile is kept.
        pilote.attendre(lambda: "Douleur 3/10." in notes.brouillon_note(ctx, patient), "gardé")
        preuve.capture(fenetre, "serveur-revenu")
        vue.enregistrer()
        pilote.attendre(lambda: vue.texte.toPlainText() == "", "enregistrée")
        with ctx.store.lecture() as u:
            (note,) = u.observations.lister(patient)
        assert note.texte == texte.strip()
        preuve.noter(f"Plus long arrêt de la fenêtre pendant la coupure : "
                     f"{trous_pendant * 1000:.0f} ms.")
        assert sur_l_ecran == []  # a window that asks the server itself freezes with it
    finally:
        absent.close()
        poste.application.fermer()
        poste.application.fenetre.deleteLater()
        poste.application.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        ctx.fermer()


@pytest.mark.postgres
@pytest.mark.exigence("SC.DMP/CONF.22", titre="Rejoindre autrement le serveur du cabinet")
def test_the_server_is_joined_again_from_the_lock_screen_and_changed_in_the_settings(
        pg: ServeurTls, bac: BacASable, preuve: "Preuve", tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Its password was changed: the lock screen says so and offers the way; then Réglages leads to
    another server, and the session begins again there."""
    from tests.scenarios.conftest import Poste

    monkeypatch.delenv(places.VARIABLE, raising=False)
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    monkeypatch.setattr(serveur, "_connus", {})
    (tmp_path / "donnees").mkdir()
    for base in ("ancien", "neuf"):
        centre.creer_centre(nouvelle_base(pg.url(), base, "template1"), bac).fermer()
    ou = serveur.Serveur("127.0.0.1", "ancien", "postgres", str(pg.pki.certificat("ca")), pg.port)
    rejoindre(ou, "secret")
    serveur.enregistrer(ou, "plus le bon")
    poste = Poste(bac, places.emplacement_par_defaut(), preuve)  # type: ignore[arg-type]
    application, pilote = poste.application, poste.pilote
    application.options = replace(application.options, mot_de_passe_demo=centre.MOT_DE_PASSE)

    def joindre(base: str = "") -> None:
        pilote.attendre(lambda: any(d.isVisible() for d in application.fenetre.findChildren(
            DialogueServeur)), "la connexion")
        dialogue = next(d for d in application.fenetre.findChildren(DialogueServeur)
                        if d.isVisible())
        if base:
            dialogue.base.setText(base)
        dialogue.secret.champ.setText("secret")
        preuve.capture(dialogue, f"connexion-{base or 'verrou'}")
        dialogue.rejoindre.click()

    try:
        application.demarrer()
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: pilote.voit("refuse ce poste"), "le refus")
        preuve.capture(application.fenetre, "verrou-serveur")
        pilote.cliquer("Connexion au serveur…")
        joindre()
        pilote.attendre(lambda: not pilote.voit("refuse ce poste"), "rejoint")
        application.acces.ouvrir(centre.MOT_DE_PASSE)
        pilote.attendre(lambda: application.assemblage is not None
                        and pilote.voit("Ajouter un passage"), "la tournée")
        poste.assemblage.reglages.ouvrir("serveur")
        pilote.attendre(lambda: pilote.voit("ancien, utilisateur"), "la liaison")
        pilote.cliquer("Changer de serveur…")
        joindre("neuf")
        pilote.attendre(lambda: application.ctx is None, "la session se termine")
        pilote.fenetre = application.fenetre
        application.acces.ouvrir(centre.MOT_DE_PASSE)
        pilote.attendre(lambda: application.assemblage is not None
                        and pilote.voit("Ajouter un passage"), "l’autre serveur")
        assert "/neuf" in str(poste.ctx.store.emplacement)
        connu = serveur.lire()
        assert connu is not None
        assert connu.base == "neuf"
    finally:
        application.fermer()
        application.fenetre.deleteLater()
        application.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _pdf(rang: int) -> bytes:
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

    tampon = BytesIO()
    page = Canvas(tampon)
    page.drawString(72, 700, f"Courrier fictif {rang}")
    page.save()
    return tampon.getvalue()
