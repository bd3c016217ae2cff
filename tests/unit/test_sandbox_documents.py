"""The fictive documents: each one is valid for the validation kit, and looks like a document."""

import importlib.util
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from app.sandbox import identites
from app.sandbox.contenus.modeles import modeles, profils
from app.sandbox.dmp.depots import Depots, GraineInvalide
from app.sandbox.dmp.modele import Dossier
from app.sandbox.horloge import Horloge


@pytest.fixture(scope="module")
def validateur(shared: Path) -> Any:
    chemin = shared / "cda-kit" / "validate_cda.py"
    spec = importlib.util.spec_from_file_location("validate_cda_bac", chemin)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["validate_cda_bac"] = module
    spec.loader.exec_module(module)
    return module.Validator()


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    depots = Depots(Horloge())
    dossier = depots.semer("275126322074974", "vide")
    for cle in modeles():
        depots.ajouter(dossier, cle, 1)
    return dossier


def test_every_model_is_valid(dossier: Dossier, validateur: Any, tmp_path: Path) -> None:
    for cle, fiche in zip(modeles(), dossier.fiches, strict=True):
        chemin = tmp_path / f"{cle}.xml"
        chemin.write_bytes(fiche.contenu)
        erreurs = [i for i in validateur.validate(chemin)[0] if i.level == "error"]
        assert erreurs == [], cle


def test_pages_are_readable(dossier: Dossier) -> None:
    import base64

    from app.sandbox.lecture_xml import enfant, lire, texte
    lus = 0
    for fiche in dossier.fiches:
        n1 = enfant(lire(fiche.contenu), "component", "nonXMLBody", "text")
        if n1 is None or n1.get("mediaType") != "application/pdf":
            continue
        pdf = pypdfium2.PdfDocument(base64.b64decode(texte(n1)))
        mots = pdf[0].get_textpage().get_text_range()
        assert fiche.titre.split(" ")[0] in mots and "ADRUN" in mots
        lus += 1
    assert lus > 12


def test_typography_of_the_texts() -> None:
    """No straight apostrophe or missing no-break space in what the user reads."""
    def textes(valeur: Any) -> list[str]:
        if isinstance(valeur, str):
            return [valeur]
        fils = valeur.values() if isinstance(valeur, dict) else valeur
        return [t for x in fils for t in textes(x)]
    for modele in modeles().values():
        for t in [modele.titre, *textes(list(modele.sections))]:
            assert "'" not in t, t
            assert not any(" " + c in t for c in ":;!?%"), t


def test_seeds_of_every_profile() -> None:
    depots = Depots(Horloge())
    for profil in profils():
        if profil != "deux_mille":
            depots.semer("181016322075140", profil)
    vu = depots.semer("181016322075140", "riche")
    assert len({f.unique_id for f in vu.fiches}) == len(vu.fiches) == 16
    assert all(f.creation <= f"{datetime.now():%Y%m%d}240000" for f in vu.fiches)
    with pytest.raises(GraineInvalide):
        depots.semer("181016322075140", "inconnu")
    assert depots.dossier("000000000000000") is None


def test_every_person_has_a_seed() -> None:
    assert {p.profil_dmp for p in identites.charger()} <= set(profils())
