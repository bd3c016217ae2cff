"""The main job without a window, to be killed at any instant.

Run by `lignee.Lignee`, with `FICHIER CONTROLE CA [--finir]`. After each commit that the
user was told of, one line is written: `VALIDE <cda_id>` or `ENVOYE <document_id>`.
"""

import sys
import time
from pathlib import Path

from app.cli.demo import MOT_DE_PASSE
from app.cli.serveurs import BacASable, NavigateurSimule, Serveur
from app.domain.identity import StatutIdentite
from app.domain.outbox import EtatOrdre
from app.usecases import (
    brouillons,
    consentement,
    consult_dmp,
    identify,
    outbox,
    patients,
    produce,
    session,
)
from app.usecases.access import deverrouiller
from app.usecases.context import Contexte

#: Lease of an order: short, so that a killed try comes back within the test; long enough for the
#: service to be done with what a dead caller had asked.
BAIL_S = 4


def dire(texte: str) -> None:
    """Tell the parent, at once."""
    sys.stdout.write(texte + "\n")
    sys.stdout.flush()


def preparer(ctx: Contexte) -> int:
    """A patient with a qualified identity and a recorded consent."""
    patient_id = patients.chercher(ctx, "ADRUN ZOE")[0].id
    resultat = identify.qualifier_insi(ctx, patient_id)
    if resultat.etat == "a_comparer" and resultat.reponse is not None:
        identify.accepter_insi(ctx, patient_id, resultat.reponse)
    with ctx.store.lecture() as u:
        statut = u.patients.lire(patient_id).identite.statut
    if statut is not StatutIdentite.QUALIFIEE:
        identify.controler_document(ctx, patient_id, "CN")
    consentement.noter_consentement(ctx, patient_id, True, False)
    consult_dmp.verifier_dmp(ctx, patient_id)
    return patient_id


def drainer(ctx: Contexte) -> bool:
    """Send what is due; True while something is still waiting."""
    while (ordre := outbox.traiter_un(ctx, bail_s=BAIL_S)) is not None:
        if ordre.etat is EtatOrdre.ENVOYE:
            dire(f"ENVOYE {ordre.document_id}")
    return any(o.etat in (EtatOrdre.PROGRAMME, EtatOrdre.EN_COURS, EtatOrdre.ATTENTE_TECHNIQUE)
               for o in outbox.lister_envois(ctx, 10_000))


def main() -> None:
    """Work until killed, or until everything left with `--finir`."""
    emplacement, controle, ca = sys.argv[1:4]
    ctx = deverrouiller(Path(emplacement), MOT_DE_PASSE)
    bac = BacASable(Serveur(None, {"controle": controle, "ca": ca}), None, Path())  # type: ignore[arg-type]
    session.connecter_navigateur(ctx, NavigateurSimule(bac).ouvrir)
    dire("PRET")
    if "--finir" in sys.argv:
        outbox.relancer_en_attente(ctx)
        while drainer(ctx):
            time.sleep(0.3)
        dire("FINI")
        return
    patient_id = preparer(ctx)
    for numero in range(1000):
        brouillon = brouillons.nouveau_brouillon(ctx, patient_id, "11506-3")
        fiche = produce.valider(ctx, produce.Brouillon(
            id=brouillon.id, patient_id=patient_id, auteur_id=ctx.compte_id,
            type_code="11506-3", titre=f"Passage {numero}", texte="Plaie propre.",
            modifie_le=brouillon.modifie_le, version=brouillon.version))
        dire(f"VALIDE {fiche.cda_id}")
        drainer(ctx)

