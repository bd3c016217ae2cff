"""Synthèse suites de couches mère, OBP-SCM 2024.01 (`spec/cda.md` §8)."""

from collections.abc import Iterator

from app.documents.cda_clinique import cim10, probleme, section_statut, statut
from app.documents.cda_n3 import (
    SIMPLE_OBSERVATION,
    Section,
    commentaire,
    copie_pdf,
    ecrire_section,
    id_local,
    loinc,
    ouvrir,
    ta,
)
from app.documents.cda_perinatal import AUTRE_ACTE, SUITES_COUCHES, manques_mere, modele
from app.documents.cda_xml import Element, code, el, jour, modeles, octets, reference
from app.documents.contenus_obstetrique import ActeCouches, SuitesCouchesMere
from app.documents.model import (
    Bloc,
    DocumentClinique,
    Fragment,
    Paragraphe,
    Tableau,
    Texte,
)
from app.documents.texte import majuscule
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

_TEMPLATES = modele(4)


def manques(doc: DocumentClinique, contenu: SuitesCouchesMere) -> Iterator[str]:
    """What the model demands and the value lacks."""
    yield from manques_mere(doc)
    if contenu.sortie not in jeu("sortie_couches"):
        yield "Le mode de sortie manque ou n’est pas dans la liste."
    if not est_calendaire(contenu.date_sortie):
        yield "La date de sortie manque."
    if not contenu.actes:
        yield "Il faut au moins un acte des suites de couches."
    for acte in contenu.actes:
        if not acte.libelle.strip() or not est_calendaire(acte.date):
            yield "Chaque acte a un libellé et une date."
        if bool(acte.code) != bool(acte.code_system):
            yield f"Acte « {acte.libelle} » : le code et son système vont ensemble."
    for pathologie in contenu.pathologies:
        if not pathologie.code_cim10 or not pathologie.libelle:
            yield "Chaque pathologie a un code CIM-10 et un libellé."


def sections(_doc: DocumentClinique, contenu: SuitesCouchesMere) -> tuple[Section, ...]:
    """Acts, events, status."""
    actes: list[tuple[Texte, ...]] = [
        (formater(a.date), (Fragment(a.libelle, ref=f"acte-{n}"),),
         (Fragment(a.commentaire, ref=f"acte-{n}-comment"),) if a.commentaire else "-")
        for n, a in enumerate(contenu.actes, 1)]
    evenements: list[tuple[Texte, ...]] = [
        ("Pathologie", (Fragment(p.libelle, ref=f"pathologie-{n}"),),
         (Fragment(p.commentaire, ref=f"pathologie-{n}-comment"),) if p.commentaire else "-")
        for n, p in enumerate(contenu.pathologies, 1)]
    evenements.append(("Mode de sortie", (
        Fragment(majuscule(jeu("sortie_couches")[contenu.sortie].libelle), ref="sortie"),),
        f"le {formater(contenu.date_sortie)}"))
    suite: tuple[Bloc, ...] = (Paragraphe(contenu.commentaire),) if contenu.commentaire else ()
    return (
        Section(("1.3.6.1.4.1.19376.1.5.3.1.1.13.2.11", "1.2.250.1.213.1.1.2.118"),
                loinc("29554-3", "Actes"), "Actes réalisés en suites de couches",
                (Tableau(("Date", "Acte", "Commentaire"), tuple(actes), (20, 45, 35)),)),
        Section(("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7",
                 "1.2.250.1.213.1.1.2.163"), loinc("42545-4", "Evènements observés"),
                "Événements observés",
                (Tableau(("Événement", "Précision", "Commentaire"), tuple(evenements),
                         (20, 45, 35)), *suite)),
        section_statut())


def rendre(doc: DocumentClinique, contenu: SuitesCouchesMere, pdf: bytes) -> bytes:
    """The CDA of level 3 with its PDF copy."""
    arbre, corps = ouvrir(doc, _TEMPLATES, [SUITES_COUCHES])
    actes, evenements, etat = (ecrire_section(corps, doc, s) for s in sections(doc, contenu))
    for n, acte in enumerate(contenu.actes, 1):
        _acte(el(actes, "entry"), doc, acte, n)
    for n, pathologie in enumerate(contenu.pathologies, 1):
        probleme(el(evenements, "entry"), doc, f"pathologie-{n}",
                 cim10(pathologie.code_cim10, pathologie.libelle), pathologie.date,
                 avec_commentaire=bool(pathologie.commentaire))
    _sortie(el(evenements, "entry"), doc, contenu)
    statut(el(etat, "entry"), doc)
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _acte(entree: Element, doc: DocumentClinique, acte: ActeCouches, numero: int) -> None:
    ref = f"acte-{numero}"
    fait = el(entree, "procedure", classCode="PROC", moodCode="EVN", negationInd="false")
    modeles(fait, "2.16.840.1.113883.10.20.1.29", "1.3.6.1.4.1.19376.1.5.3.1.4.19",
            "1.2.250.1.213.1.1.3.62")
    el(fait, "id", root=id_local(doc, ref))
    code(fait, Code(acte.code, acte.libelle, acte.code_system) if acte.code else AUTRE_ACTE)
    reference(fait, ref)
    el(fait, "statusCode", code="completed")
    el(fait, "effectiveTime", value=jour(acte.date))
    if acte.commentaire:
        commentaire(fait, f"{ref}-comment", inverse=True)


def _sortie(entree: Element, doc: DocumentClinique, contenu: SuitesCouchesMere) -> None:
    observation = el(entree, "observation", classCode="OBS", moodCode="EVN")
    modeles(observation, *SIMPLE_OBSERVATION)
    el(observation, "id", root=id_local(doc, "sortie"))
    code(observation, ta("ORG-074", "Modalité de sortie"))
    reference(observation, "sortie")
    el(observation, "statusCode", code="completed")
    el(observation, "effectiveTime", value=jour(contenu.date_sortie))
    code(observation, jeu("sortie_couches")[contenu.sortie], "value", xsi_type="CD")
