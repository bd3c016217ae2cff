"""Three-way comparison: nothing typed is lost, only a real contradiction asks."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.concurrence import ChampConcurrent, choisir, rapprocher

VALEURS = st.fixed_dictionaries({c: st.sampled_from(["", "a", "b", "c"]) for c in "xyz"})


@given(VALEURS, VALEURS, VALEURS)
def test_no_change_of_anybody_is_lost(base: dict[str, str], mien: dict[str, str],
                                      leur: dict[str, str]) -> None:
    vu = rapprocher(base, mien, leur)
    for code in base:
        changes = {v for v in (mien[code], leur[code]) if v != base[code]}
        assert (code in vu.conflits) == (len(changes) == 2)
        if len(changes) < 2:
            assert vu.fusionnes[code] == (changes.pop() if changes else base[code])


@given(VALEURS, VALEURS, VALEURS)
def test_both_sides_agree_on_what_there_is_to_choose(base: dict[str, str], mien: dict[str, str],
                                                     leur: dict[str, str]) -> None:
    ici, la_bas = rapprocher(base, mien, leur), rapprocher(base, leur, mien)
    assert ici.conflits == la_bas.conflits
    choix = dict.fromkeys(ici.conflits, "choisi")
    assert choisir(ici, choix) == choisir(la_bas, choix)


@given(st.text(max_size=20), st.text(max_size=20))
def test_keeping_both_loses_no_word(mien: str, leur: str) -> None:
    ensemble = ChampConcurrent("t", "Texte", "", mien, leur, long=True).ensemble
    for texte in (mien, leur):
        assert texte.strip() in ensemble or texte in ensemble


def test_both_texts_that_go_on_from_one_say_it_once() -> None:
    champ = ChampConcurrent("texte", "Observation", "Plaie propre.", "Plaie propre. Douleur.",
                            "Plaie propre. Mèche retirée.", long=True)
    assert champ.ensemble == "Plaie propre. Mèche retirée.\nDouleur."
    autre = ChampConcurrent("texte", "Observation", "Plaie propre.", "Rouge.", "Plaie propre. Sec.")
    assert "Rouge." in autre.ensemble
    assert "Sec." in autre.ensemble
    meme = ChampConcurrent("texte", "Observation", "A", "A B", "A B")
    assert meme.ensemble == "A B"
