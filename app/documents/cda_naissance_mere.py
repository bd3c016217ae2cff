"""Synthèse salle de naissance mère, OBP-SNM 2024.01 (`spec/cda.md` §8)."""

from collections.abc import Iterator

from app.documents.cda_clinique import cim10, probleme, section_statut, statut
from app.documents.cda_n3 import (
    Section,
    copie_pdf,
    ecrire_section,
    id_local,
    loinc,
    ouvrir,
    ta,
)
from app.documents.cda_perinatal import (
    ACCOUCHEMENT,
    ACTES,
    EVENEMENTS,
    TEMPLATES_ACTES,
    TEMPLATES_EVENEMENTS,
    TEMPLATES_TRAVAIL,
    TRAVAIL,
    Fait,
    fait_sortie,
    intervenir,
    manques_choix,
    manques_dates,
    manques_mere,
    manques_suite,
    modele,
    observer,
    tableau_faits,
    tableau_pathologies,
)
from app.documents.cda_xml import SNOMED, Element, code, el, modeles, octets, reference
from app.documents.contenus_naissance import EXAMENS_DEMANDES, NaissanceMere
from app.documents.model import Bloc, DocumentClinique, Fragment, Liste, Paragraphe, Tableau, Texte
from app.documents.texte import majuscule
from app.documents.types import Code, jeu
from app.domain.dates import formater

_TEMPLATES = modele(2)
_TRAVAIL_DEBUT = loinc("73813-8", "Caractéristiques du travail")
_DECLENCHEMENT = Code("236958009", "induction du travail", SNOMED, "SNOMED CT")
_ANESTHESIE_AVANT = ta("MED-1249", "Anesthésie avant la naissance")
_ANESTHESIE_APRES = ta("MED-1250", "Anesthésie après la naissance")
_POST_PARTUM = ta("MED-1251", "Actes associés pratiqués en post partum")
_TRANSFUSION = Code("116859006", "transfusion de produits sanguins", SNOMED, "SNOMED CT")


def manques(doc: DocumentClinique, contenu: NaissanceMere) -> Iterator[str]:
    """What the model demands and the value lacks."""
    yield from manques_mere(doc)
    yield from manques_choix((
        ("Début du travail", "debut_travail", contenu.debut_travail, True),
        ("Motif du déclenchement", "motif_declenchement", contenu.motif_declenchement, False),
        ("Mode de sortie", "sortie_naissance_mere", contenu.sortie, True),
        *(("Anesthésie avant la naissance", "anesthesie_avant", c, True)
          for c in contenu.anesthesies_avant),
        *(("Anesthésie après la naissance", "anesthesie_apres", c, True)
          for c in contenu.anesthesies_apres),
        *(("Acte du post-partum", "acte_post_partum", c, True)
          for c in contenu.actes_post_partum)))
    yield from manques_dates((("Accouchement", contenu.date_accouchement),
                              ("Sortie", contenu.date_sortie)))
    if not 14 <= contenu.age_gestationnel <= 45 or not 0 <= contenu.enfants_vivants <= 8:
        yield "L’âge gestationnel (semaines) ou le nombre d’enfants vivants est impossible."
    yield from manques_suite((), contenu.pathologies)
    for inconnu in sorted(contenu.examens_demandes - set(EXAMENS_DEMANDES)):
        yield f"L’examen demandé « {inconnu} » n’est pas dans la liste."


def _interventions(contenu: NaissanceMere) -> list[tuple[Code, str, Code | None]]:
    """Act, ID of the narrative, precision."""
    suite: list[tuple[Code, str, Code | None]] = [
        (_TRAVAIL_DEBUT, "debut-travail", jeu("debut_travail")[contenu.debut_travail])]
    if contenu.motif_declenchement:
        suite.append((_DECLENCHEMENT, "declenchement",
                      jeu("motif_declenchement")[contenu.motif_declenchement]))
    for genre, nom, codes in ((_ANESTHESIE_AVANT, "anesthesie_avant", contenu.anesthesies_avant),
                              (_ANESTHESIE_APRES, "anesthesie_apres", contenu.anesthesies_apres),
                              (_POST_PARTUM, "acte_post_partum", contenu.actes_post_partum)):
        suite += [(genre, f"{nom.replace('_', '-')}-{n}", jeu(nom)[c])
                  for n, c in enumerate(codes, 1)]
    if contenu.transfusion:
        suite.append((_TRANSFUSION, "transfusion", None))
    return suite


def _faits(contenu: NaissanceMere) -> list[Fait]:
    return [
        Fait(loinc("11884-4", "Age gestationnel du fœtus (estimation clinique)"),
             "age-gestationnel", f"{contenu.age_gestationnel}\u00a0semaines", type_valeur="PQ",
             nombre=str(contenu.age_gestationnel), unite="wk"),
        Fait(loinc("11636-8", "Nombre d'enfants vivants"), "enfants-vivants",
             str(contenu.enfants_vivants), type_valeur="INT",
             nombre=str(contenu.enfants_vivants)),
        fait_sortie("sortie_naissance_mere", contenu.sortie, contenu.date_sortie)]


def sections(_doc: DocumentClinique, contenu: NaissanceMere) -> tuple[Section, ...]:
    """Labour and delivery, examinations asked for, status."""
    jour_ecrit = formater(contenu.date_accouchement)
    lignes: tuple[tuple[Texte, ...], ...] = tuple(
        (jour_ecrit, (Fragment(majuscule(genre.libelle), ref=ref),),
         majuscule(precision.libelle) if precision else "Oui")
        for genre, ref, precision in _interventions(contenu))
    actes = Section(TEMPLATES_ACTES, ACTES, "Actes et interventions",
                    (Tableau(("Date", "Acte", "Précision"), lignes, (20, 40, 40)),))
    blocs: list[Bloc] = [tableau_faits(_faits(contenu))]
    if contenu.pathologies:
        blocs.append(tableau_pathologies(contenu.pathologies))
    if contenu.commentaire:
        blocs.append(Paragraphe(contenu.commentaire))
    evenements = Section(TEMPLATES_EVENEMENTS, EVENEMENTS, "Événements observés", tuple(blocs))
    sortie = [Section(TEMPLATES_TRAVAIL, TRAVAIL, "Travail et accouchement", (),
                      (actes, evenements))]
    if contenu.examens_demandes:
        sortie.append(Section(
            ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36",
             "1.2.250.1.213.1.1.2.158"), loinc("18776-5", "Plan de soins"),
            "Demandes d’examens", (Liste(tuple(
                (Fragment(EXAMENS_DEMANDES[c], ref=f"demande-{c}"),)
                for c in sorted(contenu.examens_demandes))),)))
    return (*sortie, section_statut())


def rendre(doc: DocumentClinique, contenu: NaissanceMere, pdf: bytes) -> bytes:
    """The CDA of level 3 with its PDF copy."""
    arbre, corps = ouvrir(doc, _TEMPLATES, [ACCOUCHEMENT])
    for section in sections(doc, contenu):
        element = ecrire_section(corps, doc, section)
        match section.code.code:
            case "57074-7":
                _travail(element, doc, contenu, section)
            case "18776-5":
                for c in sorted(contenu.examens_demandes):
                    _demande(el(element, "entry"), doc, c)
            case "33557-0":
                statut(el(element, "entry"), doc)
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _travail(element: Element, doc: DocumentClinique, contenu: NaissanceMere,
             section: Section) -> None:
    actes, evenements = (ecrire_section(element, doc, sous) for sous in section.sous)
    for genre, ref, precision in _interventions(contenu):
        intervenir(actes, doc, genre, ref, contenu.date_accouchement, precision=precision)
    for n, p in enumerate(contenu.pathologies, 1):
        probleme(el(evenements, "entry"), doc, f"pathologie-{n}",
                 cim10(p.code_cim10, p.libelle), p.date, avec_commentaire=bool(p.commentaire))
    for fait in _faits(contenu):
        observer(evenements, doc, fait, contenu.date_sortie if fait.ref == "sortie"
                 else contenu.date_accouchement)


def _demande(entree: Element, doc: DocumentClinique, demande: str) -> None:
    ref = f"demande-{demande}"
    observation = el(entree, "observation", classCode="OBS", moodCode="INT")
    modeles(observation, "1.3.6.1.4.1.19376.1.5.3.1.1.20.3.1", "2.16.840.1.113883.10.20.1.25",
            "1.2.250.1.213.1.1.3.27")
    el(observation, "id", root=id_local(doc, ref))
    libelle = EXAMENS_DEMANDES[demande]
    genre = loinc(demande, libelle) if demande[0].isdigit() else ta(demande, libelle)
    reference(code(observation, genre), ref, "originalText")
    reference(observation, ref)
    el(observation, "statusCode", code="active")
    el(observation, "effectiveTime", nullFlavor="UNK")
    el(observation, "value", xsi_type="BL", value="true")
    el(observation, "targetSiteCode", nullFlavor="UNK")
