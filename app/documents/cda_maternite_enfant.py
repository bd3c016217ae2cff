"""Synthèse enfant en maternité, OBP-SEM 2024.01 (`spec/cda.md` §8)."""

from collections.abc import Iterator

from app.documents.cda_clinique import cim10, probleme, section_statut, statut
from app.documents.cda_n3 import Section, copie_pdf, ecrire_section, loinc, ouvrir
from app.documents.cda_perinatal import (
    ACTES,
    AUTRE_ACTE,
    DIAGNOSTIC,
    EVENEMENTS,
    EXAMEN,
    GENERAL,
    SUITES_COUCHES,
    TEMPLATES_ACTES,
    TEMPLATES_EVENEMENTS,
    TEMPLATES_EXAMEN,
    TEMPLATES_GENERAL,
    Fait,
    actes_faits,
    du_jeu,
    fait_sortie,
    intervenir,
    manques_choix,
    manques_correspondant,
    manques_dates,
    manques_suite,
    modele,
    observer,
    tableau_actes,
    tableau_faits,
    tableau_pathologies,
)
from app.documents.cda_xml import SNOMED, Element, el, octets
from app.documents.contenus_naissance import MaterniteEnfant
from app.documents.model import Bloc, DocumentClinique, Fragment, Paragraphe
from app.documents.texte import majuscule
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

_TEMPLATES = modele(5)
_GUTHRIE = Code("275977009", "test néonatal de 14 maladies congénitales", SNOMED, "SNOMED CT")
_AUDITIF = loinc("10195-6", "Système auditif")
_FONCTION = loinc("47420-5", "Évaluation du statut fonctionnel")
_ALLAITEMENT = loinc("63895-7", "Allaitement")


def manques(doc: DocumentClinique, contenu: MaterniteEnfant) -> Iterator[str]:
    """What the model demands and the value lacks."""
    yield from manques_correspondant(doc)
    yield from manques_choix((
        ("Dépistage de l’audition", "test_audition", contenu.audition, True),
        ("Alimentation du nouveau-né", "allaitement", contenu.allaitement, True),
        ("Mode de sortie", "sortie_maternite_enfant", contenu.sortie, True)))
    yield from manques_dates((("Sortie", contenu.date_sortie),))
    if contenu.guthrie and not est_calendaire(contenu.guthrie):
        yield "La date du dépistage néonatal n’existe pas."
    yield from manques_suite(contenu.actes, contenu.pathologies)


def _fait_allaitement(contenu: MaterniteEnfant) -> Fait:
    return du_jeu(_ALLAITEMENT, "alimentation", "allaitement", contenu.allaitement)


def sections(_doc: DocumentClinique, contenu: MaterniteEnfant) -> tuple[Section, ...]:
    """Acts, screenings, events, feeding, follow-up, status."""
    guthrie = formater(contenu.guthrie) if contenu.guthrie else "Non réalisé"
    autres = [(guthrie, "Dépistage néonatal (test de Guthrie)", "guthrie")]
    if not contenu.actes:
        autres.append(("Aucun", "Autre acte", "autre-acte"))
    audition = majuscule(jeu("test_audition")[contenu.audition].libelle)
    depistages = [Section(
        ("1.3.6.1.4.1.19376.1.5.3.1.1.9.21", "1.2.250.1.213.1.1.2.90"), _AUDITIF,
        "Dépistage de l’audition", (Paragraphe((Fragment(audition, ref="audition"),)),))]
    if contenu.depistages:
        depistages.append(Section(TEMPLATES_GENERAL, GENERAL, "Autres dépistages",
                                  (Paragraphe(contenu.depistages),)))
    evenements: list[Bloc] = [tableau_faits([fait_sortie(
        "sortie_maternite_enfant", contenu.sortie, contenu.date_sortie)])]
    if contenu.pathologies:
        evenements.insert(0, tableau_pathologies(contenu.pathologies))
    if contenu.commentaire:
        evenements.append(Paragraphe(contenu.commentaire))
    suite = [
        Section(TEMPLATES_ACTES, ACTES, "Actes réalisés en suites de couches",
                (tableau_actes(contenu.actes, autres),)),
        Section(TEMPLATES_EXAMEN, EXAMEN, "Dépistages", (), tuple(depistages)),
        Section(TEMPLATES_EVENEMENTS, EVENEMENTS,
                "Problèmes des suites de couches et sortie du nouveau-né", tuple(evenements)),
        Section(("1.3.6.1.4.1.19376.1.7.3.1.1.13.5", "1.2.250.1.213.1.1.2.162"), _FONCTION,
                "Alimentation du nouveau-né", (tableau_faits([_fait_allaitement(contenu)]),))]
    if contenu.suivi:
        suite.append(Section(
            ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.31",
             "1.2.250.1.213.1.1.2.154"), loinc("18776-5", "Plan de soins"),
            "Suivi du nouveau-né", (Paragraphe(contenu.suivi),)))
    return (*suite, section_statut())


def rendre(doc: DocumentClinique, contenu: MaterniteEnfant, pdf: bytes) -> bytes:
    """The CDA of level 3 with its PDF copy."""
    arbre, corps = ouvrir(doc, _TEMPLATES, [SUITES_COUCHES])
    for section in sections(doc, contenu):
        element = ecrire_section(corps, doc, section)
        match section.code.code:
            case "29554-3":
                _actes(element, doc, contenu)
            case "29545-1":
                for sous in section.sous:
                    dedans = ecrire_section(element, doc, sous)
                    if sous.code == _AUDITIF:
                        probleme(el(dedans, "entry"), doc, "audition",
                                 jeu("test_audition")[contenu.audition], contenu.date_sortie)
            case "42545-4":
                for n, p in enumerate(contenu.pathologies, 1):
                    probleme(el(element, "entry"), doc, f"pathologie-{n}",
                             cim10(p.code_cim10, p.libelle), p.date, genre=DIAGNOSTIC,
                             avec_commentaire=bool(p.commentaire))
                observer(element, doc, fait_sortie("sortie_maternite_enfant", contenu.sortie,
                                                   contenu.date_sortie), contenu.date_sortie)
            case "47420-5":
                observer(element, doc, _fait_allaitement(contenu), contenu.date_sortie)
            case "33557-0":
                statut(el(element, "entry"), doc)
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _actes(element: Element, doc: DocumentClinique, contenu: MaterniteEnfant) -> None:
    intervenir(element, doc, _GUTHRIE, "guthrie", contenu.guthrie or contenu.date_sortie,
               fait=bool(contenu.guthrie))
    if contenu.actes:
        actes_faits(element, doc, contenu.actes)
    else:
        intervenir(element, doc, AUTRE_ACTE, "autre-acte", contenu.date_sortie, fait=False)
