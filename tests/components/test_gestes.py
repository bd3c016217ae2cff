"""The gestures of the main job, without a window, through the real proxy and the bac à sable."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable, NavigateurSimule
from app.domain.document import EtatLigne, OrigineDocument
from app.domain.identity import Attribut, Beneficiaire, StatutIdentite, Traits
from app.domain.outbox import EtatOrdre
from app.services.errors import Remede
from app.usecases import (
    brouillons,
    consentement,
    consult_dmp,
    documents_dmp,
    dossier,
    identify,
    outbox,
    patients,
    produce,
    session,
)
from app.usecases.access import deverrouiller
from app.usecases.context import Contexte
from app.usecases.errors import Refus

CARTE_ADRUN = Beneficiaire("ADRUN", "ZOE", "19751231", "275126322074974")


@pytest.fixture
def hors_ligne(bac: BacASable, tmp_path: Path) -> Iterator[Contexte]:
    """A nurse who isn't connected to Pro Santé Connect."""
    emplacement = tmp_path / "cabinet.pleiade"
    creer_dossier_demo(emplacement, MOT_DE_PASSE, bac.reglages_services)
    contexte = deverrouiller(emplacement, MOT_DE_PASSE)
    yield contexte
    contexte.fermer()


@pytest.fixture
def ctx(hors_ligne: Contexte, bac: BacASable) -> Contexte:
    """A connected nurse."""
    session.connecter_navigateur(hors_ligne, NavigateurSimule(bac).ouvrir)
    return hors_ligne


def journal(bac: BacASable, service: str, operation: str = "") -> list[dict[str, Any]]:
    """Calls that the bac à sable received."""
    recus: list[dict[str, Any]] = httpx.get(
        f"{bac.controle}/controle/journal",
        params={"service": service, "operation": operation}).json()
    return recus


def trouver(ctx: Contexte, nom: str) -> int:
    """Id of a patient of the demonstration."""
    return patients.chercher(ctx, nom)[0].id


def ecrire(ctx: Contexte, patient_id: int, retenir: bool = False) -> int:
    """Validate a short report; id of the document."""
    brouillon = brouillons.nouveau_brouillon(ctx, patient_id, "11488-4")
    return produce.valider(ctx, replace(brouillon, texte="Plaie propre."), retenir).id


def ordre_de(ctx: Contexte, document_id: int) -> outbox.Ordre:
    """The order of a document."""
    return next(o for o in outbox.lister_envois(ctx) if o.document_id == document_id)


def test_card_of_a_known_patient_qualifies_in_silence(ctx: Contexte, bac: BacASable) -> None:
    """All traits equal: applied without a question; the card is asked first."""
    trouve = identify.identifier(ctx, CARTE_ADRUN)
    assert trouve.patient_id == trouver(ctx, "ADRUN ZOE")
    resultat = identify.qualifier_insi(ctx, trouve.patient_id, CARTE_ADRUN)
    assert resultat.etat == "applique"
    assert resultat.patient is not None
    assert resultat.patient.identite.statut is StatutIdentite.RECUPEREE
    assert resultat.patient.identite.matricule_ins == "275126322074974"
    appels = journal(bac, "insi")
    assert [a["operation"] for a in appels] == ["recherche_carte"]


def test_second_call_is_useless(ctx: Contexte, bac: BacASable) -> None:
    """At most one call for one cause."""
    patient_id = trouver(ctx, "CORSE")
    identify.qualifier_insi(ctx, patient_id)
    avant = len(journal(bac, "insi"))
    assert identify.qualifier_insi(ctx, patient_id).etat == "inutile"
    assert len(journal(bac, "insi")) == avant


def test_two_identities_then_the_birthplace(ctx: Contexte, bac: BacASable) -> None:
    """02 without COG, silently 00 with it (SC.INS.13)."""
    resultat = identify.qualifier_insi(ctx, trouver(ctx, "DE VINCI"))
    assert resultat.etat == "applique"
    assert len(journal(bac, "insi")) == 2


def test_difference_is_shown_and_accepted_in_one_gesture(ctx: Contexte) -> None:
    """OLA isn't at the head of the list: compared, accepted, the first name stays (va1.51)."""
    patient_id = trouver(ctx, "TCHITCHI")
    resultat = identify.qualifier_insi(ctx, patient_id)
    assert resultat.etat == "a_comparer"
    assert resultat.comparaison is not None
    assert any("OLA" in alerte for alerte in resultat.comparaison.alertes)
    assert resultat.reponse is not None
    patient = identify.accepter_insi(ctx, patient_id, resultat.reponse)
    assert patient.identite.statut is StatutIdentite.RECUPEREE
    assert patient.identite.traits.premier_prenom == "OLA"
    assert patient.identite.traits.prenoms == "CATARINA BELLA"


def test_refusal_changes_nothing(ctx: Contexte) -> None:
    """The user says no: the identity is as before, the refusal is in the trail."""
    patient_id = trouver(ctx, "TCHITCHI")
    resultat = identify.qualifier_insi(ctx, patient_id)
    assert resultat.reponse is not None
    identify.refuser_insi(ctx, patient_id, resultat.reponse)
    with ctx.store.lecture() as u:
        assert u.patients.lire(patient_id).identite.statut is StatutIdentite.PROVISOIRE
        assert any(ligne.quoi == "insi.refus" for ligne in u.trail.lister())


def test_nobody_found_says_what_to_do(ctx: Contexte, bac: BacASable) -> None:
    """01 for each given name and for the whole list; advice, nothing changed."""
    resultat = identify.qualifier_insi(ctx, trouver(ctx, "HOUILLES"))
    assert resultat.etat == "introuvable"
    assert resultat.remede is Remede.LIRE_CARTE
    assert len(journal(bac, "insi")) == 4


def test_card_of_an_unknown_patient_creates_the_file(ctx: Contexte) -> None:
    """No typing: INSi's traits, status récupérée, the file exists."""
    carte = Beneficiaire("VANEAU", "JEANNE", "19931018", "")
    assert identify.creer_depuis_carte(ctx, carte).etat == "impossible"  # no number on the card
    with ctx.store.ecriture() as u:
        avant = u.patients.compter()
    inconnue = Beneficiaire("HERMANN", "GATIEN", "19810324", "181036322045660")
    assert identify.identifier(ctx, inconnue).patient_id is None
    resultat = identify.creer_depuis_carte(ctx, inconnue)
    assert resultat.etat == "applique", resultat.message
    assert resultat.patient is not None
    assert resultat.patient.identite.statut is StatutIdentite.RECUPEREE
    with ctx.store.lecture() as u:
        assert u.patients.compter() == avant + 1


def test_without_session_nothing_leaves(hors_ligne: Contexte, bac: BacASable) -> None:
    """Not connected: the refusal offers to connect, no call is made."""
    resultat = identify.qualifier_insi(hors_ligne, trouver(hors_ligne, "ADRUN ZOE"))
    assert resultat.etat == "impossible"
    assert resultat.remede is Remede.SE_CONNECTER
    assert journal(bac, "insi") == []


def test_another_professional_is_refused(hors_ligne: Contexte, bac: BacASable) -> None:
    """The card of a colleague doesn't open this account's services."""
    with pytest.raises(Refus) as refus:
        session.connecter_navigateur(hors_ligne, NavigateurSimule(bac, "899700000024").ouvrir)
    assert refus.value.code == "PSC-COMPTE"
    assert not session.etat_session(hors_ligne).connecte


def test_ciba(hors_ligne: Contexte, bac: BacASable) -> None:
    """The phone approves: same session as with the browser."""
    httpx.post(f"{bac.controle}/controle/psc/appareil",
               json={"decision": "approuver", "delai_s": 0}).raise_for_status()
    etat = session.connecter_ciba(hors_ligne, "MOBILE", session.message_liaison())
    assert etat.connecte
    session.deconnecter(hors_ligne)
    assert not session.etat_session(hors_ligne).connecte


def test_ciba_refused_on_the_phone(hors_ligne: Contexte, bac: BacASable) -> None:
    """A refusal is said, nobody is connected."""
    httpx.post(f"{bac.controle}/controle/psc/appareil",
               json={"decision": "refuser", "delai_s": 0}).raise_for_status()
    with pytest.raises(Exception) as attrape:
        session.connecter_ciba(hors_ligne, "MOBILE", session.message_liaison())
    assert getattr(attrape.value, "message", "")
    assert not session.etat_session(hors_ligne).connecte


def qualifier(ctx: Contexte) -> int:
    """ADRUN ZOE with a qualified identity, no consent yet."""
    patient_id = trouver(ctx, "ADRUN ZOE")
    identify.qualifier_insi(ctx, patient_id)
    identify.controler_document(ctx, patient_id, "CN")
    return patient_id


def test_no_dmp_call_before_consent(ctx: Contexte, bac: BacASable) -> None:
    """SC.DMP/CONF.06: not recorded, attempt blocked; recorded, it works."""
    patient_id = qualifier(ctx)
    ouvert = dossier.ouvrir_dossier(ctx, patient_id)
    assert not ouvert.dica.consultable
    assert not consult_dmp.verifier_dmp(ctx, patient_id).consultable
    with pytest.raises(Refus) as refus:
        consult_dmp.actualiser_dmp(ctx, patient_id)
    assert refus.value.remede in (Remede.CONSENTEMENT, Remede.ETAT_SERVICES)
    assert journal(bac, "dmp") == []
    consentement.noter_consentement(ctx, patient_id, True, None)
    assert consult_dmp.verifier_dmp(ctx, patient_id).consultable
    bandeau, liste = consult_dmp.actualiser_dmp(ctx, patient_id)
    assert bandeau.total == 3
    assert {ligne.origine for ligne in liste.lignes} == {OrigineDocument.DMP}


def test_refusal_sets_both_and_cancels_orders(ctx: Contexte, bac: BacASable) -> None:
    """« Non » in one gesture: no consultation, no sending; queued orders are cancelled."""
    patient_id = qualifier(ctx)
    document = ecrire(ctx, patient_id, retenir=True)
    dica = consentement.noter_consentement(ctx, patient_id, False, None)
    assert not dica.consultable
    assert ordre_de(ctx, document).etat is EtatOrdre.ANNULE
    ecrire(ctx, patient_id)
    assert outbox.traiter_un(ctx) is None
    assert journal(bac, "dmp", "TD2.1") == []


def test_integrated_once(ctx: Contexte) -> None:
    """The same document twice: said, not stored again."""
    patient_id = qualifier(ctx)
    consentement.noter_consentement(ctx, patient_id, True, None)
    consult_dmp.verifier_dmp(ctx, patient_id)
    bandeau, _ = consult_dmp.actualiser_dmp(ctx, patient_id)
    assert documents_dmp.integrer(ctx, patient_id, [bandeau.plus_recent]).integres == 1
    liste = consult_dmp.documents_du_patient(ctx, patient_id)
    locaux = [ligne for ligne in liste.lignes if ligne.document_id is not None]
    assert [ligne.etat for ligne in locaux] == [EtatLigne.AU_DOSSIER]
    encore = documents_dmp.integrer(ctx, patient_id, [locaux[0].cle])
    assert encore.integres == 0
    assert encore.refus[0][1] == "Déjà au dossier."


def test_order_waits_for_a_qualified_identity(ctx: Contexte, bac: BacASable) -> None:
    """Validated before the document check: refused with its remedy, leaves once qualified."""
    patient_id = trouver(ctx, "ADRUN ZOE")
    identify.qualifier_insi(ctx, patient_id)
    document = ecrire(ctx, patient_id)
    ordre = outbox.traiter_un(ctx)
    assert ordre is not None
    assert (ordre.etat, ordre.remede) == (EtatOrdre.REFUSE, Remede.QUALIFIER_INS.value)
    assert journal(bac, "dmp", "TD2.1") == []
    identify.controler_document(ctx, patient_id, "PA")
    assert ordre_de(ctx, document).etat is EtatOrdre.PROGRAMME
    envoye = outbox.traiter_un(ctx)
    assert envoye is not None
    assert envoye.etat is EtatOrdre.ENVOYE, envoye.motif
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document)
        assert b"275126322074974" in u.documents.contenu(fiche.cda_sha256)
    assert fiche.version_number == 1


def test_document_written_before_qualification_carries_no_matricule(ctx: Contexte) -> None:
    """Rule 28: the bytes kept then never hold the matricule."""
    patient_id = trouver(ctx, "ADRUN ZOE")
    identify.qualifier_insi(ctx, patient_id)
    document = ecrire(ctx, patient_id)
    with ctx.store.lecture() as u:
        cda = u.documents.contenu(u.documents.lire(document).cda_sha256)
    assert b"275126322074974" not in cda


def test_hold_release_cancel(ctx: Contexte) -> None:
    """PROG.03: one order held, released, cancelled; nothing leaves meanwhile."""
    patient_id = qualifier(ctx)
    ordre = ordre_de(ctx, ecrire(ctx, patient_id, retenir=True))
    assert ordre.etat is EtatOrdre.RETENU
    assert outbox.traiter_un(ctx) is None
    ordre = outbox.liberer(ctx, ordre.id, ordre.version)
    ordre = outbox.annuler(ctx, ordre.id, ordre.version)
    assert ordre.etat is EtatOrdre.ANNULE
    assert outbox.traiter_un(ctx) is None


def test_waits_for_login_then_leaves(hors_ligne: Contexte, bac: BacASable) -> None:
    """PROG.06, PROG.07: no session, the order waits; the login wakes it."""
    session.connecter_navigateur(hors_ligne, NavigateurSimule(bac).ouvrir)
    patient_id = qualifier(hors_ligne)
    session.deconnecter(hors_ligne)
    document = ecrire(hors_ligne, patient_id)
    ordre = outbox.traiter_un(hors_ligne)
    assert ordre is not None
    assert ordre.etat is EtatOrdre.ATTENTE_TECHNIQUE
    session.connecter_navigateur(hors_ligne, NavigateurSimule(bac).ouvrir)
    assert outbox.relancer_en_attente(hors_ligne) == 1
    assert outbox.traiter_un(hors_ligne) is not None
    assert ordre_de(hors_ligne, document).etat is EtatOrdre.ENVOYE


def test_break_the_glass(ctx: Contexte, bac: BacASable) -> None:
    """A reason is asked; the VIHF says so; no TD0.3; it ends with the file."""
    patient_id = qualifier(ctx)
    with pytest.raises(Refus):
        consult_dmp.commencer_bris_de_glace(ctx, patient_id, " ")
    dica = consult_dmp.commencer_bris_de_glace(ctx, patient_id, "Patiente inconsciente")
    assert dica.consultable
    consult_dmp.actualiser_dmp(ctx, patient_id)
    assert journal(bac, "dmp", "TD0.3") == []
    assert not consult_dmp.arreter_bris_de_glace(ctx, patient_id).consultable


def test_doubtful_identity_blocks_insi(ctx: Contexte, bac: BacASable) -> None:
    """INS/va1.20 and va1.44: back to provisoire, matricule gone, no call."""
    patient_id = qualifier(ctx)
    patient = identify.marquer(ctx, patient_id, Attribut.DOUTEUSE, True)
    assert patient.identite.statut is StatutIdentite.PROVISOIRE
    assert patient.identite.matricule_ins == ""
    avant = len(journal(bac, "insi"))
    assert identify.qualifier_insi(ctx, patient_id).etat == "impossible"
    assert len(journal(bac, "insi")) == avant


def test_look_alike_stops_the_creation(ctx: Contexte) -> None:
    """Search before creation; forced, the new identity is marked homonyme."""
    traits = Traits("Adrun", "Zoé", "31/12/1975", "F", "63220")
    creation = patients.creer_patient(ctx, traits)
    assert creation.patient is None
    assert len(creation.doublons) == 1
    forcee = patients.creer_patient(ctx, traits, force=True)
    assert forcee.patient is not None
    assert Attribut.HOMONYME in forcee.patient.identite.attributs
    assert forcee.patient.identite.traits.premier_prenom == "ZOE"


def test_locked_traits(ctx: Contexte) -> None:
    """INS/va1.47, va1.48: strict traits locked, used name free."""
    patient_id = qualifier(ctx)
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    with pytest.raises(Refus):
        patients.modifier_traits(ctx, patient_id, replace(
            patient.identite.traits, nom_naissance="AUTRE"), patient.version)
    change = patients.modifier_traits(ctx, patient_id, replace(
        patient.identite.traits, nom_utilise="Durand"), patient.version)
    assert change.identite.statut is StatutIdentite.QUALIFIEE
