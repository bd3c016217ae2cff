"""The professional's own card through the window: who is there without PIN, INSi and DMP by it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from app.cli.serveurs import BacASable
from app.devices import cps as appareil
from app.devices.cps import ExerciceCarte
from app.devices.events import EvenementLecteur
from app.devices.pcsc import CPS_RETIREE
from app.sandbox.certificats import Pki
from app.ui.views.secret import ChampSecret
from app.usecases import consentement, identify
from tests import carte_cps
from tests import centre_outils as centre

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Postes, Preuve

pytestmark = [pytest.mark.xdist_group("cps"), pytest.mark.usefixtures("derivation_legere")]


@pytest.fixture(scope="module")
def module(servers: BacASable, tmp_path_factory: pytest.TempPathFactory) -> str:
    return carte_cps.creer(tmp_path_factory.mktemp("cps"),
                           Pki(Path(centre.adresses(servers)["pki"])))


@pytest.fixture
def poste(postes: "Postes", bac: BacASable, tmp_path: Path, module: str) -> Iterator["Poste"]:
    """The centre, opened by the password of the nurse whose card is in the reader."""
    emplacement = tmp_path / "centre.pleiade"
    ctx = centre.creer_centre(emplacement, bac, cps_module=module)
    centre.patient_adrun(ctx)
    ctx.fermer()
    with postes(emplacement) as ouvert:
        application = ouvert.application
        application.options = replace(application.options, mot_de_passe_demo=centre.MOT_DE_PASSE)
        application.demarrer()
        ouvert.pilote.cliquer("Déverrouiller")
        ouvert.pilote.attendre(lambda: application.assemblage is not None
                               and ouvert.pilote.voit("Ajouter un passage"), "la tournée")
        yield ouvert


def taper(poste: "Poste", code: str) -> None:
    """The PIN, then Return."""
    champ = next(c for c in poste.application.fenetre.findChildren(ChampSecret)
                 if c.isVisible() and "CPS" in c.champ.accessibleName())
    poste.pilote.ecrire(champ.champ, code)
    poste.pilote.touche(Qt.Key.Key_Return)


def ouvrir_panneau(poste: "Poste") -> None:
    poste.pilote.cliquer("Se connecter")
    poste.pilote.attendre(lambda: poste.pilote.voit("Carte CPS dans le lecteur"),
                          "la carte est vue, sans code")


@pytest.mark.exigence("SC.PSC.15", "SC.INS/PSC.50",
                      titre="Sans Pro Santé Connect : la carte CPS et son code, INSi et DMP")
def test_the_card_opens_insi_and_the_dmp(poste: "Poste", preuve: "Preuve") -> None:
    pilote = poste.pilote
    with poste.geste("Ouvrir INSi et le DMP par la carte"):
        ouvrir_panneau(poste)
        pilote.capturer("carte-vue-sans-code")
        pilote.cliquer("Saisir le code de ma carte")
        taper(poste, "0000")
        pilote.attendre(lambda: pilote.voit("au plus deux essais"), "code refusé, essais dits")
        pilote.capturer("code-refuse")
        taper(poste, carte_cps.PIN)
        pilote.attendre(lambda: poste.assemblage.session.etat.authentifie, "carte ouverte")
    patient = poste.dossier("ADRUN ZOE")
    if poste.statut(patient) == "provisoire":
        assert identify.qualifier_insi(poste.ctx, patient).etat == "applique"
    identify.controler_document(poste.ctx, patient, "CN")
    consentement.noter_consentement(poste.ctx, patient, True, False)
    poste.assemblage.dossier.ouvrir(patient)
    pilote.attendre(lambda: pilote.voit("DMP consultable"), "DMP consultable par la carte")
    pilote.capturer("dmp-par-carte")
    pilote.cliquer("Carte CPS")
    pilote.attendre(lambda: pilote.voit("Fermer ma carte"), "panneau")
    pilote.capturer("carte-ouverte")
    pilote.touche(Qt.Key.Key_Escape)
    assert {(a["mode"], a["sujet"]) for a in poste.journal("dmp")} == {
        ("cps_directe", centre.MARIAM.identifiant)}
    preuve.fichier("journal-dmp.txt", "\n".join(
        f"{x.horodatage} {x.qui} {x.quoi} {x.resultat} {x.detail}"
        for x in poste.traces("dmp.existence")).encode())
    # The card leaves: so does what it had opened.
    poste.assemblage.carte(EvenementLecteur("aucune_carte", "R", code=CPS_RETIREE))
    pilote.attendre(lambda: not poste.assemblage.session.etat.authentifie, "carte fermée")
    pilote.attendre(lambda: pilote.voit("DMP non consultable"), "DMP fermé avec elle")
    pilote.capturer("carte-retiree")


@pytest.mark.exigence("SC.PSC.15", titre="Carte CPS : le dernier essai, jamais sans accord")
def test_the_last_try_is_asked(poste: "Poste", monkeypatch: pytest.MonkeyPatch) -> None:
    from pkcs11 import TokenFlag

    pilote = poste.pilote
    vrai = appareil._Carte.drapeaux.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(appareil._Carte, "drapeaux", property(
        lambda carte: vrai(carte) | TokenFlag.USER_PIN_FINAL_TRY))
    ouvrir_panneau(poste)
    pilote.cliquer("Saisir le code de ma carte")
    taper(poste, carte_cps.PIN)
    pilote.attendre(lambda: pilote.voit("Il ne reste qu’un essai"), "question")
    pilote.capturer("dernier-essai")
    pilote.touche(Qt.Key.Key_Return)  # Return alone burns nothing
    pilote.attendre(lambda: pilote.voit("Ouvrir ma carte"), "retour au code")
    assert not poste.assemblage.session.etat.authentifie
    assert [x.resultat for x in poste.traces("cps.refus")] == ["cps_dernier_essai"]
    taper(poste, carte_cps.PIN)
    pilote.attendre(lambda: pilote.voit("Essayer ce code"), "question")
    pilote.cliquer("Essayer ce code")
    pilote.attendre(lambda: poste.assemblage.session.etat.authentifie, "ouverte")


@pytest.mark.exigence("SC.PSC.15", titre="Situation d’exercice choisie parmi celles de la carte")
def test_the_situation_is_one_of_the_card(poste: "Poste", monkeypatch: pytest.MonkeyPatch
                                          ) -> None:
    monkeypatch.setattr("app.devices.cps._exercices", lambda _session: (
        ExerciceCarte("499700000081007", "CABINET DIALLO", "SA07"),
        ExerciceCarte("1630009998", "CENTRE DES LILAS", "SA05")))
    pilote = poste.pilote
    ouvrir_panneau(poste)
    pilote.cliquer("Saisir le code de ma carte")
    taper(poste, carte_cps.PIN)
    pilote.attendre(lambda: pilote.voit("Votre situation d’exercice"), "choix")
    pilote.capturer("situations-de-la-carte")
    pilote.cliquer("Infirmier, CENTRE DES LILAS")
    pilote.attendre(lambda: poste.assemblage.session.etat.situation is not None, "choisie")
    assert poste.assemblage.session.etat.situation is not None
    assert poste.assemblage.session.etat.situation.structure_identifiant == "1630009998"


@pytest.mark.exigence("SC.PSC.02", titre="La carte d’une autre ne s’ouvre pas sous son compte")
def test_somebody_elses_card_is_shown_and_not_offered(poste: "Poste") -> None:
    pilote = poste.pilote
    poste.ctx.professionnel = centre.JULIE
    ouvrir_panneau(poste)
    assert pilote.voit("Mariam DIALLO") and pilote.bouton("Saisir le code de ma carte") is None
    pilote.capturer("carte-d-une-autre")
