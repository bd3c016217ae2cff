"""Forms as data: what they ask, what they refuse, and that what they hand over is a document."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.formes import MODELES, forme, ligne_vide, produits_permis, valeur_initiale
from app.documents.gabarits import gabarit
from app.documents.types import types_documents
from app.domain.formulaire import (
    ChampForme,
    Forme,
    GenreChamp,
    Rubrique,
    ecrire_chemin,
    fautes,
    lire_chemin,
)

INSTANT = datetime.fromisoformat("2026-11-28T10:00:00+01:00")
CLES = [t.cle for t in types_documents() if t.modele in MODELES]


@pytest.mark.parametrize("cle", CLES)
def test_a_new_form_decides_nothing_and_says_what_it_wants(cle: str) -> None:
    la_forme, valeur = forme(cle, "SF"), valeur_initiale(cle, INSTANT)
    json.dumps(valeur)
    manquants = fautes(la_forme, valeur)
    # A prescription may be of devices or of medicines: which, only its model can tell.
    assert manquants or cle == "prescription-produits-sante"
    obligatoires = {c.cle for c in la_forme.champs if c.obligatoire}
    assert set(manquants) <= obligatoires
    for champ in la_forme.champs:
        if champ.cle == "donnees.vivant":  # an omission must not declare a death
            assert lire_chemin(valeur, champ.cle) is True
        elif champ.genre in (GenreChamp.CHOIX, GenreChamp.SEGMENT, GenreChamp.CASE):
            assert not lire_chemin(valeur, champ.cle), champ.cle


@pytest.mark.parametrize("cle", CLES)
def test_the_example_of_a_kind_fills_its_form_without_a_fault(cle: str) -> None:
    """`pleiade produire --gabarit` and the window speak of the same value."""
    exemple = gabarit(cle, INSTANT)
    if exemple.get("date_fin"):
        exemple["date_fin"] = exemple["date_fin"][:10]
    if isinstance(exemple["donnees"].get("date"), str):
        exemple["donnees"]["date"] = exemple["donnees"]["date"][:16]
    assert fautes(forme(cle), exemple) == {}
    for champ in forme(cle).champs:
        assert lire_chemin(exemple, champ.cle) is not None or not champ.obligatoire, champ.cle


def test_rows_are_checked_field_by_field() -> None:
    la_forme = forme("prescription-produits-sante")
    valeur = valeur_initiale("prescription-produits-sante", INSTANT)
    dispositifs = next(c for c in la_forme.champs if c.cle == "donnees.dispositifs")
    ligne = ligne_vide(dispositifs, date(2026, 11, 28))
    assert (ligne["debut"], ligne["quantite"], ligne["droits"]["ald"]) == ("2026-11-28", 1, False)
    valeur = ecrire_chemin(valeur, "donnees.dispositifs", [ligne | {"fin": "2026-02-30",
                                                                    "quantite": "beaucoup"}])
    assert fautes(la_forme, valeur) == {
        "donnees.dispositifs.0.denomination": "Ce champ est nécessaire.",
        "donnees.dispositifs.0.quantite": "Un nombre entier est attendu.",
        "donnees.dispositifs.0.fin": "Cette date n’existe pas."}


@pytest.mark.parametrize(("genre", "bonne", "mauvaise"), [
    (GenreChamp.DATE, "2026-02-28", "28/02/2026"), (GenreChamp.DATE_HEURE, "2026-02-28T23:59",
                                                    "2026-02-28T24:00"),
    (GenreChamp.DATE_HEURE, "2026-02-28T08:05:00+01:00", "2026-02-28"),
    (GenreChamp.ENTIER, 3, "3"), (GenreChamp.ENTIER, 0, True),
    (GenreChamp.DECIMAL, "62,5", "lourd"),
    (GenreChamp.DECIMAL, "62.5", "nan"), (GenreChamp.CHOIX, "a", "z"),
    (GenreChamp.SEGMENT, "b", "z"), (GenreChamp.CASES, ["a"], ["a", "z"]),
    (GenreChamp.CASE, True, "oui"), (GenreChamp.TEXTE, "mot", 4)])
def test_a_value_that_does_not_fit_is_told(genre: GenreChamp, bonne: Any, mauvaise: Any) -> None:
    champ = ChampForme("x", "X", genre, choix=(("a", "A"), ("b", "B")))
    la_forme = Forme("x", "X", (Rubrique("", (champ,)),))
    assert fautes(la_forme, {"x": bonne}) == {}
    assert set(fautes(la_forme, {"x": mauvaise})) == {"x"}


chemins = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join)


@given(st.lists(st.tuples(chemins, st.integers()), max_size=4), chemins, st.integers())
def test_what_is_written_is_read_and_the_tree_given_is_untouched(
        avant: list[tuple[str, int]], chemin: str, valeur: int) -> None:
    arbre: dict[str, Any] = {}
    for ancien, contenu in avant:
        try:
            arbre = ecrire_chemin(arbre, ancien, contenu)
        except KeyError:
            continue  # a leaf stands on the way
    copie = json.dumps(arbre)
    try:
        ecrit = ecrire_chemin(arbre, chemin, valeur)
    except KeyError:
        return
    assert lire_chemin(ecrit, chemin) == valeur
    assert json.dumps(arbre) == copie


def test_what_a_profession_may_prescribe_is_offered_with_its_text() -> None:
    objets = dict(produits_permis("IDE", "DM"))
    assert any("pansement" in o for o in objets)
    assert all("Arrêté" in texte or texte for texte in objets.values())
    assert produits_permis("IDE", "DM") != produits_permis("MK", "DM")
    proposes = next(c for c in forme("prescription-produits-sante", "MK").champs
                    if c.cle == "donnees.dispositifs").champs[0].suggestions
    assert any("béquilles" in p for p in proposes)
