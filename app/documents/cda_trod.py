"""Test rapide d'orientation diagnostique, BIO-TROD 2024.01 (`spec/cda.md` §5).

The model forbids any other section: this level 3 carries no PDF copy; the PDF goes beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.documents.cda_entete import entete, fin_entete, remplacement, rencontre
from app.documents.cda_n3 import (
    Section,
    commentaire,
    corps_structure,
    ecrire_section,
    loinc,
    ta,
)
from app.documents.cda_xml import (
    CIM10,
    Element,
    code,
    el,
    horodatage,
    modeles,
    octets,
    reference,
)
from app.documents.contenus import DispositifTest, Trod
from app.documents.model import DocumentClinique, Fragment, Tableau, Texte
from app.documents.ressources import table
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

_TEMPLATES = (("2.16.840.1.113883.2.8.2.1", ""), ("1.3.6.1.4.1.19376.1.5.3.1.1.1", ""),
              ("1.2.250.1.213.1.1.1.1", ""), ("1.2.250.1.213.1.1.1.59", "2024.01"))
_GS1 = "2.51.1.1"
CONSENTEMENT = ("Le patient (ou son représentant légal) a donné son consentement pour la "
                "réalisation du test.")


@dataclass(frozen=True, slots=True)
class ExamenTrod:
    """An examination of a kind of test: disease, LOINC code, what is printed, value set."""

    cle: str
    libelle: str
    maladie: Code
    test: Code
    section: Code
    acte: Code
    resultats: str


@cache
def genres_trod() -> dict[str, tuple[ExamenTrod, ...]]:
    """Kinds of tests and their examinations, in the order of the table."""
    tous: dict[str, list[ExamenTrod]] = {}
    for r in table("documents/trod.csv"):
        tous.setdefault(r["genre"], []).append(ExamenTrod(
            r["examen"], r["examen_libelle"],
            Code(r["maladie"], r["maladie_libelle"], CIM10, "CIM-10"),
            loinc(r["test"], r["test_libelle"]), loinc(r["section"], r["section_libelle"]),
            loinc(r["acte"], r["acte_libelle"]), r["resultats"]))
    return {genre: tuple(examens) for genre, examens in tous.items()}


def manques(doc: DocumentClinique, trod: Trod) -> Iterator[str]:
    """What the model demands and the test lacks."""
    examens = genres_trod().get(trod.genre)
    if examens is None:
        yield f"Le genre de test « {trod.genre} » n’existe pas ({', '.join(genres_trod())})."
        return
    if trod.date.tzinfo is None:
        yield "La date du test doit porter son décalage horaire."
    if doc.cadre != "DEPISTAGE":
        yield "Le cadre de soins d’un test rapide est DEPISTAGE."
    rendus = [r.examen for r in trod.resultats]
    for examen in examens:
        if rendus.count(examen.cle) != 1:
            yield f"Il faut un résultat, et un seul, pour « {examen.libelle} »."
    connus = {e.cle: e for e in examens}
    for resultat in trod.resultats:
        if resultat.examen not in connus:
            yield f"L’examen « {resultat.examen} » ne fait pas partie de ce test."
        elif resultat.resultat not in jeu(connus[resultat.examen].resultats):
            yield (f"Le résultat de « {connus[resultat.examen].libelle} » manque ou n’est pas "
                   "dans la liste.")
    dispositif = trod.dispositif
    for nom, valeur in (("fabricant", dispositif.fabricant), ("référence", dispositif.reference),
                        ("numéro de lot", dispositif.lot)):
        if not valeur.strip():
            yield f"Dispositif de test : il manque son {nom}." if nom != "référence" else (
                "Dispositif de test : il manque sa référence.")
    if not est_calendaire(dispositif.peremption):
        yield "Dispositif de test : il manque sa date de péremption."
    elif dispositif.peremption < f"{trod.date:%Y-%m-%d}":
        yield "Dispositif de test : il était périmé le jour du test."
    if not trod.consentement:
        yield "Le consentement du patient au test n’est pas noté."


def _texte_dispositif(dispositif: DispositifTest) -> str:
    """« fabricant | référence | lot | péremption », as the model wants it."""
    return " | ".join((dispositif.fabricant, dispositif.reference, dispositif.lot,
                       formater(dispositif.peremption)))


def sections(doc: DocumentClinique, trod: Trod) -> tuple[Section, ...]:
    """The one section: results, then the device."""
    examens = {e.cle: e for e in genres_trod()[trod.genre]}
    lignes: list[tuple[Texte, ...]] = []
    for n, resultat in enumerate(trod.resultats, 1):
        examen = examens[resultat.examen]
        lignes.append((
            (Fragment(examen.libelle, ref=f"examen-{n}"),),
            (Fragment(jeu(examen.resultats)[resultat.resultat].libelle, gras=True,
                      ref=f"resultat-{n}"),),
            (Fragment(resultat.commentaire or "-", ref=f"commentaire-{n}"),)))
    premier = genres_trod()[trod.genre][0]
    return (Section(
        ("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70"), premier.section,
        "Résultat du test rapide d'orientation diagnostique",
        (Tableau(("Pathologie ou substance dépistée", "Résultat", "Commentaire, contexte"),
                 tuple(lignes)),
         Tableau(("Code UDI du dispositif utilisé",
                  "Fabricant | Référence | N° de lot | Date de péremption"),
                 ((trod.dispositif.udi or "-", (Fragment(
                     _texte_dispositif(trod.dispositif), ref="dispositif-nom-reference"),)),)),
         Tableau((), (("Date et heure du test", f"{trod.date:%d/%m/%Y à %H:%M}"),
                      ("Consentement", CONSENTEMENT)), (28, 72)))),)


def rendre(doc: DocumentClinique, trod: Trod, _pdf: bytes) -> bytes:
    """The CDA of level 3, without PDF copy."""
    examens = genres_trod()[trod.genre]
    arbre = entete(doc, _TEMPLATES)
    fin_entete(arbre, doc, list(dict.fromkeys(e.maladie for e in examens)))
    remplacement(arbre, doc)
    accord = el(el(arbre, "authorization", typeCode="AUTH"), "consent", classCode="CONS",
                moodCode="EVN")
    code(accord, ta("GEN-366", CONSENTEMENT))
    el(accord, "statusCode", code="completed")
    rencontre(arbre, doc)
    corps = corps_structure(arbre)
    [section] = sections(doc, trod)
    element = ecrire_section(corps, doc, section)
    entree = el(element, "entry", typeCode="DRIV")
    modeles(entree, "1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")
    acte = el(entree, "act", classCode="ACT", moodCode="EVN")
    code(acte, examens[0].acte)
    el(acte, "statusCode", code="completed")
    _dispositif(acte, trod.dispositif)
    connus = {e.cle: e for e in examens}
    for n, resultat in enumerate(trod.resultats, 1):
        examen = connus[resultat.examen]
        observation = el(el(acte, "entryRelationship", typeCode="COMP"), "observation",
                         classCode="OBS", moodCode="EVN")
        modeles(observation, "1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80")
        reference(code(observation, examen.test), f"examen-{n}", "originalText")
        el(observation, "statusCode", code="completed")
        el(observation, "effectiveTime", value=horodatage(trod.date))
        valeur = jeu(examen.resultats)[resultat.resultat]
        reference(code(observation, valeur, "value", xsi_type="CD"), f"resultat-{n}",
                  "originalText")
        if resultat.commentaire:
            commentaire(observation, f"commentaire-{n}")
    return octets(arbre)


def _dispositif(acte: Element, dispositif: DispositifTest) -> None:
    role = el(el(acte, "participant", typeCode="DEV"), "participantRole", classCode="MANU")
    if dispositif.udi:
        el(role, "id", root=_GS1, extension=dispositif.udi)
    appareil = el(role, "playingDevice", classCode="DEV", determinerCode="INSTANCE")
    reference(el(appareil, "code"), "dispositif-nom-reference", "originalText")
