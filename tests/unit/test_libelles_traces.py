"""Every act that the program writes in the trail has French words on the screen of the journal."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.domain.certificat import UsageCertificat
from app.domain.confidentialite import Niveau
from app.domain.dossier_clinique import RoleCorrespondant
from app.domain.equipes import Geste
from app.domain.libelles_traces import _ACTES
from app.domain.listes_identite import ListeIdentite
from app.domain.mot_de_passe import Politique
from app.domain.precisions_traces import libelle_precision
from app.domain.roles import Droit
from app.domain.verification import CauseVerification
from app.usecases.verrouillage import ReglagesVerrou

APP = Path(__file__).parents[2] / "app"


def test_every_act_of_the_code_has_its_words() -> None:
    ecrits = {acte for fichier in APP.rglob("*.py")
              for acte in re.findall(r'quoi="([a-z_.]+)"', fichier.read_text("utf-8"))}
    assert len(ecrits) > 60
    assert sorted(ecrits - set(_ACTES)) == []


@pytest.mark.parametrize(("acte", "code", "mots"), [
    ("identite.liste", "a_qualifier", "À qualifier"),
    ("identite.liste", "verification_ko", "Vérification KO"),
    ("session.ouverture", "navigateur, 899700000016", "par le navigateur, RPPS 99700000016"),
    ("fichier.creation", "0007", "version 7 du fichier"),
    ("droits.refus", "reglages ou traces",
     "changer les réglages du cabinet ou consulter et exporter le journal des accès"),
    ("insi.verification", "quatre_ans ; proxy",
     "non vérifiée depuis quatre ans ; par le Proxy e-santé"),
    ("identite.statut", "document CN", "Carte nationale d’identité"),
    ("reglages.verrouillage", "verrou_min=10, retrait_carte=True",
     "verrouillage (min)\u00a0: 10, au retrait de la carte\u00a0: oui"),
    ("role.modification", "+traces -agenda",
     "donné\u00a0: consulter et exporter le journal des accès, retiré\u00a0: tenir l’agenda"),
    ("compte.acces", "secretaire+administrateur du 01/12/2026 au …",
     "Secrétaire et Administrateur du 01/12/2026 au …"),
    ("document.depot", "document 12", "document 12"),
    ("identite.modification", "Traits stricts modifiés : acte vu",
     "Traits stricts modifiés : acte vu"),
])
def test_a_code_of_the_trail_is_said_in_words(acte: str, code: str, mots: str) -> None:
    assert libelle_precision(acte, code) == mots


def test_no_code_of_the_trade_stays_a_code() -> None:
    """Each value that a detail may be made of has its words."""
    codes = {("identite.liste", c.value) for c in ListeIdentite}
    codes |= {("droits.refus", c.value) for c in Droit}
    codes |= {("insi.verification", c.value) for c in CauseVerification}
    codes |= {("delegation.ouverture", c.value) for c in Geste}
    codes |= {("correspondant.lien", c.value) for c in RoleCorrespondant}
    codes |= {("certificat.suppression", c.value) for c in UsageCertificat}
    codes |= {("document.confidentialite", c.value) for c in Niveau}
    codes |= {("reglages.verrouillage", f.name) for f in fields(ReglagesVerrou)}
    codes |= {("compte.politique", f.name) for f in fields(Politique)}
    restes = {(acte, code) for acte, code in codes
              if (libelle_precision(acte, code) == code and code not in ("robustesse",))
              or "_" in libelle_precision(acte, code)}
    assert not restes
