"""Every fault of the panel at every call: a French message with a remedy, the file right."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable, NavigateurSimule
from app.domain.identity import StatutIdentite
from app.domain.outbox import EtatOrdre
from app.services.errors import ErreurService
from app.usecases import (
    brouillons,
    consentement,
    consult_dmp,
    documents_dmp,
    identify,
    outbox,
    patients,
    produce,
    session,
)
from app.usecases.access import deverrouiller
from app.usecases.context import Contexte

#: What may hit any call. Values as the control API takes them; time-outs are kept short below.
PARTOUT = [
    ("http", 500), ("http", 503), ("http", 429), ("html", 502), ("coupure", "avant"),
    ("coupure", "milieu"), ("fault", "soap:DMPAccessDeniedByRightsService"),
    ("jeton_expire", None), ("relates_to", None), ("xml_bombe", "entites"),
    ("xml_bombe", "externe"), ("xml_bombe", "profondeur"), ("xml_invalide", None),
]
DEPOT = [*PARTOUT, ("coupure", "apres"), ("occupe", None), ("code", "XDSMissingDocument")]
LECTURE = [*PARTOUT, ("tronque", None), ("cid_manquant", None), ("hash_faux", "contenu"),
           ("autre_patient", None)]


@pytest.fixture
def ctx(bac: BacASable, tmp_path: Path) -> Iterator[Contexte]:
    """A connected nurse on a throw-away file."""
    emplacement = tmp_path / "cabinet.pleiade"
    creer_dossier_demo(emplacement, MOT_DE_PASSE, bac.reglages_services)
    contexte = deverrouiller(emplacement, MOT_DE_PASSE)
    session.connecter_navigateur(contexte, NavigateurSimule(bac).ouvrir)
    yield contexte
    contexte.fermer()


def poser(bac: BacASable, service: str, operation: str, genre: str, valeur: object,
          fois: int = -1) -> None:
    """Set one fault."""
    httpx.post(f"{bac.controle}/controle/pannes", json={
        "service": service, "operation": operation, "type": genre, "valeur": valeur,
        "fois": fois}).raise_for_status()


def lever(bac: BacASable) -> None:
    """Remove all faults."""
    httpx.delete(f"{bac.controle}/controle/pannes").raise_for_status()


def francaise(erreur: object) -> bool:
    """A whole French sentence, without a trace of the technique."""
    message = str(getattr(erreur, "message", erreur))
    technique = ("Traceback", "Error", "Exception", "errno", "lxml", "httpx", "None")
    return (len(message) > 15 and message[0].isupper() and message.rstrip()[-1] in ".»"
            and not any(mot in message for mot in technique))


def qualifier(ctx: Contexte, nom: str = "ADRUN ZOE") -> int:
    """The patient with a qualified identity and consent."""
    patient_id = patients.chercher(ctx, nom)[0].id
    resultat = identify.qualifier_insi(ctx, patient_id)
    assert resultat.etat == "applique", resultat.message
    patient = identify.controler_document(ctx, patient_id, "CN")
    assert patient.identite.statut is StatutIdentite.QUALIFIEE
    consentement.noter_consentement(ctx, patient_id, True, False)
    return patient_id


@pytest.mark.parametrize(("genre", "valeur"), PARTOUT)
def test_insi(bac: BacASable, ctx: Contexte, genre: str, valeur: object) -> None:
    """A technical error never changes the identity; the call works again afterwards."""
    patient_id = patients.chercher(ctx, "ADRUN ZOE")[0].id
    poser(bac, "insi", "*", genre, valeur)
    with pytest.raises(ErreurService) as attrape:
        identify.qualifier_insi(ctx, patient_id)
    assert francaise(attrape.value), attrape.value.message
    with ctx.store.lecture() as u:
        assert u.patients.lire(patient_id).identite.statut is StatutIdentite.PROVISOIRE
    lever(bac)
    ctx.services.etats.rearmer()
    if not session.etat_session(ctx).connecte:
        session.connecter_navigateur(ctx, NavigateurSimule(bac).ouvrir)
    assert identify.qualifier_insi(ctx, patient_id).etat == "applique"


@pytest.mark.parametrize(("genre", "valeur"), PARTOUT)
@pytest.mark.parametrize("operation", ["TD0.2", "TD3.1"])
def test_consultation(bac: BacASable, ctx: Contexte, operation: str, genre: str,
                      valeur: object) -> None:
    """The local file stays readable; D says why; nothing is raised at the opening."""
    patient_id = qualifier(ctx)
    if operation == "TD3.1":
        assert consult_dmp.verifier_dmp(ctx, patient_id).consultable
    poser(bac, "dmp", operation, genre, valeur)
    if operation == "TD0.2":
        dica = consult_dmp.verifier_dmp(ctx, patient_id)
        assert not dica.consultable
        ligne_d = dica.lignes[0]
        assert francaise(ligne_d.fait), ligne_d.fait
    else:
        with pytest.raises(ErreurService) as attrape:
            consult_dmp.actualiser_dmp(ctx, patient_id)
        assert francaise(attrape.value), attrape.value.message
    lever(bac)
    ctx.services.etats.rearmer()
    if not session.etat_session(ctx).connecte:
        session.connecter_navigateur(ctx, NavigateurSimule(bac).ouvrir)
    assert consult_dmp.verifier_dmp(ctx, patient_id).consultable
    bandeau, liste = consult_dmp.actualiser_dmp(ctx, patient_id)
    assert bandeau.total == 3
    assert liste.lignes


@pytest.mark.parametrize(("genre", "valeur"), LECTURE)
def test_lecture(bac: BacASable, ctx: Contexte, genre: str, valeur: object) -> None:
    """A document that arrives wrong is never shown nor kept."""
    patient_id = qualifier(ctx)
    consult_dmp.verifier_dmp(ctx, patient_id)
    bandeau, _ = consult_dmp.actualiser_dmp(ctx, patient_id)
    poser(bac, "dmp", "TD3.2", genre, valeur)
    with pytest.raises(ErreurService) as attrape:
        documents_dmp.ouvrir_document(ctx, patient_id, bandeau.plus_recent)
    assert francaise(attrape.value), attrape.value.message
    lever(bac)
    ctx.services.etats.rearmer()
    if not session.etat_session(ctx).connecte:
        session.connecter_navigateur(ctx, NavigateurSimule(bac).ouvrir)
    assert documents_dmp.ouvrir_document(ctx, patient_id, bandeau.plus_recent).pdf


@pytest.mark.parametrize(("genre", "valeur"), DEPOT)
def test_depot(bac: BacASable, ctx: Contexte, genre: str, valeur: object) -> None:
    """The order is never lost: it waits or is refused with its reason, and leaves once."""
    patient_id = qualifier(ctx)
    brouillon = brouillons.nouveau_brouillon(ctx, patient_id, "11506-3")
    fiche = produce.valider(ctx, produce.Brouillon(
        id=brouillon.id, patient_id=patient_id, auteur_id=ctx.compte_id, type_code="11506-3",
        titre="Fiche de suivi", texte="Plaie propre.", modifie_le=brouillon.modifie_le,
        version=brouillon.version))
    poser(bac, "dmp", "TD2.1", genre, valeur)
    ordre = outbox.traiter_un(ctx)
    assert ordre is not None
    assert ordre.etat in (EtatOrdre.ATTENTE_TECHNIQUE, EtatOrdre.REFUSE), ordre
    assert francaise(ordre.motif), ordre.motif
    lever(bac)
    ctx.services.etats.rearmer()
    if not session.etat_session(ctx).connecte:
        session.connecter_navigateur(ctx, NavigateurSimule(bac).ouvrir)
    outbox.reessayer(ctx, ordre.id, ordre.version)
    limite = time.monotonic() + 60
    while ordre.etat is not EtatOrdre.ENVOYE and time.monotonic() < limite:
        suivant = outbox.traiter_un(ctx)
        assert suivant is not None
        ordre = suivant
        assert ordre.etat in (EtatOrdre.ENVOYE, EtatOrdre.EN_COURS), ordre
    with ctx.store.lecture() as u:
        matricule = u.patients.lire(patient_id).identite.matricule_ins
    gardes = httpx.get(f"{bac.controle}/controle/dmp/{matricule}").json()["documents"]
    assert [d["unique_id"] for d in gardes].count(fiche.cda_id) == 1
