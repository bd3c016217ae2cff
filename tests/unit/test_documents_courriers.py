"""Body of a letter: canonical form, JSON, fields of the record, pasted HTML, templates."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from documents_valeurs import blocs as des_blocs
from documents_valeurs import destinataires, saisies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents.champs import ValeurChamp, remplir, restants, sans_restants
from app.documents.collage import HTML_MAX, blocs_colles, blocs_depuis_html
from app.documents.corps import longueur, normaliser, textes
from app.documents.corps_json import corps_en_json, lire_corps
from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.documents.model import (
    Bloc,
    Fragment,
    Intertitre,
    Intervenant,
    Liste,
    Paragraphe,
    RoleIntervenant,
    Tableau,
    texte_brut,
)
from app.documents.modeles_courriers import lire_modele, modele_en_json, modeles_maison
from app.documents.types import PROFESSIONS, type_document
from app.documents.valeur_json import ValeurInvalide

VITE = settings(max_examples=60, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck))
textes_libres = st.one_of(saisies, st.lists(st.builds(
    Fragment, saisies, st.booleans(), st.booleans(), st.booleans(), st.just(""),
    st.sampled_from(["", "Allergies"])), max_size=4).map(tuple))
tous_blocs = st.lists(st.one_of(
    des_blocs, st.builds(Paragraphe, textes_libres), st.builds(Intertitre, saisies,
                                                               st.integers(0, 4)),
    st.builds(Liste, st.lists(textes_libres, max_size=4).map(tuple), st.booleans()),
    st.builds(Tableau, st.lists(textes_libres, max_size=3).map(tuple), st.lists(
        st.lists(textes_libres, max_size=3).map(tuple), max_size=3).map(tuple),
        st.just(()), saisies)), max_size=6).map(tuple)


@VITE
@given(tous_blocs)
def test_the_canonical_form_is_a_fixed_point_and_loses_no_word(corps: tuple[Bloc, ...]) -> None:
    une = normaliser(corps)
    assert normaliser(une) == une
    visible = "".join("".join(textes(une)).split())
    assert len(visible) <= sum(len("".join(t.split())) for t in textes(corps)) * 3
    for bloc in corps:  # plain words survive
        if isinstance(bloc, Paragraphe) and texte_brut(bloc.texte).isascii() \
                and texte_brut(bloc.texte).isalnum():
            assert texte_brut(bloc.texte) in "".join(textes(une))


@VITE
@given(tous_blocs, st.lists(destinataires, max_size=12))
def test_a_draft_gives_back_its_letter(corps: tuple[Bloc, ...], a_qui: list[object]) -> None:
    quand = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    entete = EnteteCourrier(tuple(a_qui), tuple(  # type: ignore[arg-type]
        Intervenant(RoleIntervenant.PRESCRIPTEUR, d, quand) for d in a_qui[:1]),  # type: ignore[arg-type]
        "SAD", quand, None, "adressage", "T13", 7)
    courrier = Courrier(normaliser(corps), entete)
    assert depuis_texte(en_texte(courrier)) == courrier
    assert lire_corps(json.loads(json.dumps(corps_en_json(courrier.corps)))) == courrier.corps


@pytest.mark.parametrize("texte", [
    "", "Plaie propre.", '{"courrier": 1', '{"courrier": 1, "corps": 3, "entete": {}}',
    '{"courrier": 1, "corps": [{"x": 1}], "entete": {}}', '{"autre": 1}'])
def test_a_text_that_is_no_letter_is_its_body(texte: str) -> None:
    """Drafts of former versions, or damaged ones: no character is dropped."""
    assert "".join(textes(depuis_texte(texte).corps)) == texte


def test_old_drafts_keep_their_heads_and_lists() -> None:
    assert depuis_texte("# Plaie\nPropre.\n- un\n- deux").corps == (
        Intertitre("Plaie"), Paragraphe("Propre."), Liste(("un", "deux")))


# -- Fields -----------------------------------------------------------------------------------


VALEURS = {
    "Patient": ValeurChamp("Zoé ADRUN"),
    "Allergies": ValeurChamp("Pénicilline, iode", (Liste(("Pénicilline", "Iode")),))}


def test_fields_are_filled_and_say_where_they_come_from() -> None:
    corps = remplir((Paragraphe("Je vous adresse [[patient]] pour [[motif]]."),
                     Intertitre("Allergies de [[Patient]]"), Paragraphe("[[ALLERGIES]]"),
                     Paragraphe((Fragment("Dont : [[allergies]]", gras=True),))), VALEURS)
    assert corps == (
        Paragraphe((Fragment("Je vous adresse "), Fragment("Zoé ADRUN", origine="Patient"),
                    Fragment(" pour [[motif]]."))),
        Intertitre("Allergies de Zoé ADRUN"),
        Liste(((Fragment("Pénicilline", origine="Allergies"),),
               (Fragment("Iode", origine="Allergies"),))),
        Paragraphe((Fragment("Dont : ", gras=True),
                    Fragment("Pénicilline, iode", gras=True, origine="Allergies"))))
    assert restants(corps) == ("motif",)


def test_what_the_record_does_not_know_stays_to_be_written() -> None:
    """« Aucune allergie » is never said because nobody wrote one down."""
    assert remplir((Paragraphe("[[Allergies]]"),), {}) == (Paragraphe("[[Allergies]]"),)
    assert restants((Liste(("[[a]] [[b]]", "[[a]]")), Tableau((), (("[[c]]",),)))) == (
        "a", "b", "c")


def test_waiting_fields_leave_with_their_empty_section() -> None:
    corps = (Intertitre("Motif"), Paragraphe("[[Motif]]"), Intertitre("Suite"),
             Paragraphe("Revoir le [[date]]."), Intertitre("Voulu sans texte"))
    assert sans_restants(corps) == (Intertitre("Suite"), Paragraphe("Revoir le …."),
                                    Intertitre("Voulu sans texte"))


@VITE
@given(tous_blocs)
def test_no_field_is_left_after_they_are_taken_out(corps: tuple[Bloc, ...]) -> None:
    assert restants(sans_restants((*corps, Paragraphe("x [[y]] z"), Paragraphe("[[w]]")))) == ()


# -- Templates --------------------------------------------------------------------------------


def test_every_profession_has_templates_of_its_own_kinds() -> None:
    for qui in PROFESSIONS:
        siens = [m for m in modeles_maison() if m.pour(frozenset({qui}))]
        assert len(siens) >= 4, qui
        for modele in siens:
            assert qui in type_document(modele.type_cle).professions, (qui, modele.cle)
            assert restants(modele.corps)


@pytest.mark.parametrize("modele", modeles_maison(), ids=lambda m: m.cle)
def test_a_template_is_kept_as_it_is(modele: object) -> None:
    assert lire_modele(modele_en_json(modele)) == replace(modele, maison=False)  # type: ignore[arg-type, type-var]


@pytest.mark.parametrize("brut", [{}, {"cle": "x", "titre": "y", "type_cle": "inconnu"},
                                  {"cle": "x", "titre": "y", "type_cle": "certificat",
                                   "corps": [3]}])
def test_what_is_no_template_is_refused(brut: dict[str, object]) -> None:
    with pytest.raises(ValeurInvalide):
        lire_modele(brut)


# -- Pasting ----------------------------------------------------------------------------------


def test_styles_lists_and_tables_come_in() -> None:
    assert blocs_depuis_html(
        "<meta charset=utf-8><h1>Titre</h1><h4>Sous</h4><p>un <b>deux</b> <i>trois</i>"
        "<u>quatre</u><br>ligne</p><ol><li>a<li><b>b</b></ol><ul><li>c<ul><li>d</ul></ul>"
        "<table><tr><th>A<th>B<tr><td>1<td><p>x</p><p>y</p></table>") == (
        Intertitre("Titre", 1), Intertitre("Sous", 2),
        Paragraphe((Fragment("un "), Fragment("deux", gras=True), Fragment(" "),
                    Fragment("trois", italique=True), Fragment("quatre", souligne=True),
                    Fragment("\nligne"))),
        Liste(("a", (Fragment("b", gras=True),)), True), Liste(("c", "d")),
        Tableau(("A", "B"), (("1", "x\ny"),)))


def test_office_documents_come_in() -> None:
    """Google Docs wraps all in a bold that isn't; Word writes its lists as paragraphs."""
    assert blocs_depuis_html('<b style="font-weight:normal" id="docs-internal"><p><span '
                             'style="font-weight:700">gras</span> non</p></b>') == (
        Paragraphe((Fragment("gras", gras=True), Fragment(" non"))),)
    mot = ('<p class=MsoListParagraph style="mso-list:l0 level1 lfo1"><span '
           'style="mso-list:Ignore">' "·<span>&nbsp; </span></span>{}</p>")
    assert blocs_depuis_html(mot.format("un") + mot.format("deux")) == (Liste(("un", "deux")),)


@pytest.mark.parametrize("hostile", [
    "<script>alert('x')</script>", "<style>p{}</style>", "<iframe src=file:///etc/passwd>x</iframe>",
    "<img src=http://mechant.example/x.png onerror=alert(1)>", "<object data=x>y</object>",
    "<svg><text>x</text></svg>", "<p style='display:none'>caché</p>", "<p hidden>caché</p>",
    "<span style='font-size:0'>caché</span>", "<!--x-->", "<?php x ?>", "<textarea>x</textarea>"])
def test_nothing_hostile_or_hidden_comes_in(hostile: str) -> None:
    assert blocs_depuis_html(f"<p>avant</p>{hostile}<p>après</p>") == (
        Paragraphe("avant"), Paragraphe("après"))


def test_no_entity_is_followed() -> None:
    lu = blocs_depuis_html('<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                           "<p>a &x; b</p>")
    assert "root:" not in "".join(textes(lu))


def test_a_huge_paste_is_taken_as_text() -> None:
    html = "<p>" + "x" * HTML_MAX + "</p>"
    assert blocs_depuis_html(html) == ()
    assert blocs_colles(html, "court\n\n- un") == (Paragraphe("court"), Liste(("un",)))


@VITE
@given(st.lists(st.sampled_from(
    ["<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "<ul>", "<li>", "</ul>", "<b>", "</b>",
     "texte", "<br>", "&nbsp;", "<h1>", "</h1>", "<div style='font-weight:bold'>", "</div>",
     "<", "&#0;", "<ol>", "</table>", "\x00", "😀", "<script>", "</script>", "]]>"]),
    max_size=60).map("".join))
def test_any_markup_gives_canonical_blocks(html: str) -> None:
    lu = blocs_depuis_html(html)
    assert normaliser(lu) == lu
    assert longueur(lu) <= len(html)
