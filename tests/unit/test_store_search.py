"""Search: what is typed, what is indexed, what comes out and in which order."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain.identity import Identite, MatriculeHistorique
from app.domain.names import cle_recherche
from app.store.engine import Store, ouvrir
from app.store.search import ranks
from app.store.search.index import reconstruire
from app.store.search.keys import entrees, jeton_date
from app.store.search.query import Recherche, analyser
from app.store.search.words import RANG_MAX
from app.store.tables import T_RANG
from app.store.unite import Unite
from tests.store_outils import CLE, fichier_neuf, identite, traits

AU = date(2026, 6, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = ouvrir(fichier_neuf(tmp_path), CLE)
    yield store
    store.fermer()


def ajouter(store: Store, *identites: Identite) -> list[int]:
    with store.ecriture() as u:
        return [u.patients.ajouter(i, auteur="test", cause="création").id for i in identites]


def noms(store: Store, texte: str, limite: int = 50) -> list[str]:
    with store.lecture() as u:
        return [f"{r.nom_utilise or r.nom_naissance} {r.premier_prenom}"
                for r in u.patients.chercher(texte, limite)]


# --- what is typed -----------------------------------------------------------------------------

@pytest.mark.parametrize(("texte", "attendu"), [
    ("", Recherche()),
    ("  -'’ ", Recherche()),
    ("Œuf d’Été", Recherche(mots=("OEUF", "D", "ETE"))),
    ("12031975", Recherche(dates=(("12031975",),))),
    ("19750312", Recherche(dates=(("12031975",),))),
    ("120375", Recherche(dates=(("12031975",),))),
    ("120319", Recherche(dates=(("12031919", "12032019"),))),
    ("1203", Recherche(dates=(("1203",),))),
    ("12/03/1975", Recherche(dates=(("12031975",),))),
    ("1/3/1975", Recherche(dates=(("01031975",),))),
    ("12.03.75", Recherche(dates=(("12031975",),))),
    ("12-03-1975", Recherche(dates=(("12031975",),))),
    ("12/03", Recherche(dates=(("1203",),))),
    ("12/03/", Recherche(dates=(("1203",),))),
    ("1975-03-12", Recherche(dates=(("12031975",),))),
    ("dup 12/03/1975", Recherche(mots=("DUP",), dates=(("12031975",),))),
    ("2 75 12 63 220 749 74", Recherche(matricule="275126322074974")),
    ("2751263220749", Recherche(matricule="2751263220749")),
    ("1850z2A004006", Recherche(mots=("1850Z2A004006",))),
    ("185052A004006", Recherche(matricule="185052A004006")),
    ('"; DROP TABLE patient', Recherche(mots=("DROP", "TABLE", "PATIENT"))),
    ("%_*", Recherche()),
])
def test_a_typed_text_is_understood(texte: str, attendu: Recherche) -> None:
    assert analyser(texte, AU) == attendu


@given(st.text())
def test_no_text_makes_the_analysis_fail(texte: str) -> None:
    recherche = analyser(texte, AU)
    for mot in recherche.mots:
        assert mot == cle_recherche(mot)
        assert mot.isalnum()
    for groupe in recherche.dates:
        assert all(forme.isdigit() for forme in groupe)


# --- what is indexed ---------------------------------------------------------------------------

def test_entries_of_a_married_woman() -> None:
    e = entrees(traits("L'HERMITTE", "ANNE-MARIE", utilise="LE GOFF", prenoms="ANNE-MARIE ZOE"))
    assert e.tri == "LE GOFF ANNE MARIE 1975-03-12"
    assert set(e.cles) == {
        "NLE GOFF ANNE MARIE", "NLEGOFF ANNE MARIE", "NL HERMITTE ANNE MARIE",
        "NLHERMITTE ANNE MARIE", "PANNE MARIE LE GOFF", "PANNE MARIE L HERMITTE"}
    assert set(e.mots) == {"L", "HERMITTE", "LHERMITTE", "LE", "GOFF", "LEGOFF", "ANNE", "MARIE",
                           "ANNEMARIE", "ZOE", "12031975"}


@pytest.mark.parametrize(("iso", "jeton"), [
    ("1975-03-12", "12031975"), ("1975-00-00", "00001975"), ("1975-23-12", "12231975"),
    ("", ""), ("1975", ""), ("abcd-ef-gh", "")])
def test_dates_are_one_word_even_partly_unknown(iso: str, jeton: str) -> None:
    assert jeton_date(iso) == jeton


# --- what is found -----------------------------------------------------------------------------

@pytest.mark.parametrize("texte", [
    "durand", "DURAND", "Durand", "dur", "d", "lefevre", "Lefèvre", "LEFÈVRE", "marie",
    "marie lef", "lef marie", "durand marie", "mar dur", "jeanne", "le-fèvre", "le fevre", "12/03",
    "12031975", "120375", "1975-03-12", "12/03/1975 lef", "lef 12/03/1975", "dur mar 1203",
    "1 2 marie durand",
])
def test_a_patient_is_found_by_name_used_name_first_names_and_birth_date(
        store: Store, texte: str) -> None:
    ajouter(store, identite("DURAND", "MARIE", "1975-03-12", "LEFEVRE", "MARIE JEANNE"),
            identite("ZOLA", "EMILE", "1940-04-02"))
    if texte == "1 2 marie durand":
        assert noms(store, texte) == []
    else:
        assert noms(store, texte) == ["LEFEVRE MARIE"]


@pytest.mark.parametrize("texte", ["dartagnan", "d'artagnan", "d’Artagnan", "D ARTAGNAN",
                                   "d-artagnan", "artagnan", "jeanpierre", "jean-pierre",
                                   "jean pierre d", "dartagnan jeanpierre", "le goffic",
                                   "legoffic"])
def test_hyphens_apostrophes_and_spaces_do_not_matter(store: Store, texte: str) -> None:
    ajouter(store, identite("D'ARTAGNAN", "JEAN-PIERRE", utilise="LEGOFFIC"))
    assert len(noms(store, texte)) == 1


def test_a_matricule_is_found_whole_or_begun_current_or_former(store: Store) -> None:
    courant, ancien = "275126322074974", "275127511611603"
    (id,) = ajouter(store, Identite(traits(), matricule_ins=courant, oid="1.2", historique=(
        MatriculeHistorique(ancien, "1.2"),)))
    with store.lecture() as u:
        for texte in (courant, courant[:13], courant[:9], "2 75 12 63 220 749 74", ancien):
            assert [r.id for r in u.patients.chercher(texte)] == [id]
        assert u.patients.chercher("275126322074975") == []
        assert u.patients.par_matricule(ancien) == [id]
        assert u.patients.par_matricule(courant[:13]) == []


def test_names_that_begin_so_come_before_first_names_and_the_rest(store: Store) -> None:
    ajouter(store, identite("ABADIE", "MARTINE"), identite("MARTIN", "ZOE"),
            identite("BERNARD", "PAUL", utilise="MARTEL"),
            identite("AAA", "PAUL", prenoms="PAUL MARTIAL"))
    assert noms(store, "mart") == ["MARTEL PAUL", "MARTIN ZOE", "ABADIE MARTINE", "AAA PAUL"]


def test_two_words_put_first_who_bears_the_first_as_a_name(store: Store) -> None:
    ajouter(store, identite("PAULIN", "AMELIE"), identite("AUBRY", "PAULE", prenoms="PAULE ADELE"),
            identite("ADAM", "ZOE", prenoms="ZOE PAULE"))
    assert noms(store, "a pau") == ["ADAM ZOE", "AUBRY PAULE", "PAULIN AMELIE"]


def test_pages_follow_each_other_without_repeat(store: Store) -> None:
    ajouter(store, *(identite(f"NOM{i:03d}", "MARIE", utilise=f"NOM{i:03d}X") for i in range(60)))
    with store.lecture() as u:
        tous = [r.id for r in u.patients.chercher("nom", 200)]
        pages = [r.id for d in range(0, 70, 7) for r in u.patients.chercher("nom", 7, d)]
    assert len(set(tous)) == 60
    assert pages == tous


def test_an_empty_search_lists_by_name_and_a_sign_finds_nobody(store: Store) -> None:
    ajouter(store, identite("ZOLA"), identite("ADAM"))
    assert noms(store, "") == ["ADAM MARIE", "ZOLA MARIE"]
    assert noms(store, "%") == []
    assert noms(store, "*") == []


def test_the_index_follows_the_identity(store: Store) -> None:
    (id,) = ajouter(store, identite("ANCIEN", "MARIE"))
    with store.ecriture() as u:
        u.patients.enregistrer_identite(id, identite("NOUVEAU", "ZOE"), auteur="t", cause="c",
                                        version=1)
    assert noms(store, "ancien") == []
    assert noms(store, "nouveau zoe") == ["NOUVEAU ZOE"]
    assert noms(store, "marie") == []


def test_a_rolled_back_patient_is_not_found(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.ecriture() as u:
        u.patients.ajouter(identite("PERDU"), auteur="t", cause="c")
        raise ZeroDivisionError
    assert noms(store, "perdu") == []


def _naif(u: Unite, texte: str) -> set[int]:
    """Independent search: every word begins a word of the patient, or two glued ones do."""
    mots = cle_recherche(texte).split()
    trouves = set()
    for resume in u.patients.resumes(u.patients.ids()):
        p = u.patients.lire(resume.id).identite.traits
        champs = [cle_recherche(c) for c in (p.nom_naissance, p.nom_utilise, p.premier_prenom,
                                             p.prenom_utilise)]
        tous = {m for c in (*champs, cle_recherche(p.prenoms)) for m in c.split()}
        tous |= {c.replace(" ", "") for c in champs if c}
        formes = [mots] + [[*mots[:i], mots[i] + mots[i + 1], *mots[i + 2:]]
                           for i in range(len(mots) - 1)]
        if mots and any(all(any(t.startswith(m) for t in tous) for m in f) for f in formes):
            trouves.add(resume.id)
    return trouves


def test_search_agrees_with_a_naive_one(store: Store) -> None:
    petits = ["ANNE", "ANNE-MARIE", "MARIE", "LE", "GOFF", "LE GOFF", "LEGOFF", "D'ANNE", "AN",
              "MARI", "MA"]
    ajouter(store, *(identite(n, p, utilise=petits[(i * 7 + j) % 11] if (i + j) % 2 else "",
                              prenoms=f"{p} {petits[(i + j) % 11]}")
                     for i, n in enumerate(petits) for j, p in enumerate(petits)))
    textes = ["a", "an", "ann", "anne", "m", "ma", "le g", "g le", "le goff", "legoff", "goff le",
              "anne m", "m anne", "ma le", "le ma an", "d anne", "danne", "an an", "annem",
              "anne mari", "annemarie le", "x", "anne x"]
    with store.lecture() as u:
        for texte in textes:
            assert {r.id for r in u.patients.chercher(texte, 1000)} == _naif(u, texte), texte


@pytest.mark.attaque(
    "Injection et jokers dans la recherche",
    tente="textes quelconques tirés par Hypothesis : guillemets, « % », « * », opérateurs FTS5",
    constat="aucune erreur, aucun opérateur interprété")
@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_no_text_makes_the_search_fail(store: Store, texte: str) -> None:
    noms(store, texte)


# --- ranks -------------------------------------------------------------------------------------

def _ordre(u: Unite) -> list[tuple[int, str]]:
    return [tuple(ligne) for ligne in u.connexion.execute(
        select(T_RANG.c.rang, T_RANG.c.tri).order_by(T_RANG.c.rang))]


@pytest.mark.parametrize("sens", [1, -1])
def test_ranks_stay_in_order_when_gaps_run_out(store: Store, monkeypatch: pytest.MonkeyPatch,
                                               sens: int) -> None:
    monkeypatch.setattr(ranks, "PAS", RANG_MAX)
    numeros = list(range(300))[::sens]
    # Always between the same two neighbours: each insertion halves the gap.
    ajouter(store, identite("AAA"), identite("ZZZ"),
            *(identite(f"M{i:03d}") for i in numeros))
    with store.lecture() as u:
        ordre = _ordre(u)
        assert [tri for _, tri in ordre] == sorted(tri for _, tri in ordre)
        assert len({rang for rang, _ in ordre}) == 302
        assert all(0 < rang < RANG_MAX for rang, _ in ordre)
        assert len(u.patients.chercher("m2 marie", 1000)) == 100
        assert u.patients.chercher("m299 marie")[0].nom_naissance == "M299"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["A", "AB", "ABC", "B", "B A", "C", "ZZ", "É", "Œ"]),
                max_size=25))
def test_any_order_of_arrival_gives_the_alphabetical_order(
        tmp_path_factory: pytest.TempPathFactory, arrivees: list[str]) -> None:
    store = ouvrir(fichier_neuf(tmp_path_factory.mktemp("rangs")), CLE)
    try:
        ajouter(store, *(identite(nom) for nom in arrivees))
        with store.ecriture() as u:
            avant = u.patients.ids()
            tris = [tri for _, tri in _ordre(u)]
            assert tris == sorted(tris)
            assert reconstruire(u.connexion) == len(arrivees)
            assert sorted(u.patients.ids()) == sorted(avant)
            assert [tri for _, tri in _ordre(u)] == tris
    finally:
        store.fermer()


def test_rebuilding_gives_the_same_answers(store: Store) -> None:
    ajouter(store, identite("DURAND", "MARIE"), identite("DUBOIS", "ANNE", utilise="DURAND"))
    avant = noms(store, "durand"), noms(store, "d m"), noms(store, "")
    with store.ecriture() as u:
        reconstruire(u.connexion)
    assert (noms(store, "durand"), noms(store, "d m"), noms(store, "")) == avant
