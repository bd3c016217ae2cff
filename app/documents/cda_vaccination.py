"""Note de vaccination, VAC-NOTE 2023.01 (`spec/cda.md` §4): one injection, one document."""

import re
from collections.abc import Iterator
from dataclasses import replace

from app.documents.cda_clinique import cim10, probleme
from app.documents.cda_entete import (
    auteur_entree,
    entite,
)
from app.documents.cda_n3 import (
    Section,
    commentaire,
    copie_pdf,
    ecrire_section,
    id_local,
    loinc,
    ouvrir,
)
from app.documents.cda_xml import SNOMED, Element, code, el, jour, modeles, octets, reference
from app.documents.contenus import NoteVaccination
from app.documents.libelles import nom_professionnel
from app.documents.model import DocumentClinique, Fragment, Paragraphe, Tableau, Texte
from app.documents.texte import majuscule
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

_TEMPLATES = (("2.16.840.1.113883.2.8.2.1", ""), ("1.2.250.1.213.1.1.1.1", ""),
              ("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2", ""), ("1.2.250.1.213.1.1.1.46", "2023.01"))
_SYMPTOME = Code("418799008", "symptôme rapporté par le patient ou le répondant", SNOMED,
                 "SNOMED CT")
_CIS, _CIP, _ATC = "1.2.250.1.213.2.3.1", "1.2.250.1.213.2.3.2", "2.16.840.1.113883.6.73"


def manques(doc: DocumentClinique, note: NoteVaccination) -> Iterator[str]:
    """What the model demands and the note lacks."""
    if not est_calendaire(note.date):
        yield "La date de la vaccination manque : jour, mois et année."
    if not note.denomination.strip():
        yield "Le nom du vaccin manque."
    if not re.fullmatch(r"\d{8}", note.cis):
        yield ("Le code CIS du vaccin manque (8 chiffres) : la note structurée est impossible sans "
               "lui, un document non structuré reste possible.")
    if not re.fullmatch(r"J0[67][A-Z]{0,2}\d{0,2}", note.atc) or not note.atc_libelle:
        yield "Le code ATC du vaccin et son libellé manquent."
    if not note.lot.strip():
        yield "Le numéro de lot manque."
    if note.cip13 and not re.fullmatch(r"\d{13}", note.cip13):
        yield "Le code CIP a 13 chiffres."
    for nom, valeur, quoi in (("vaccination", note.nature, "La nature de l’acte"),
                              ("voie_vaccination", note.voie, "La voie d’administration"),
                              ("site_vaccination", note.site, "Le site d’injection")):
        if valeur and valeur not in jeu(nom):
            yield f"{quoi} « {valeur} » n’est pas dans la liste."
    if not note.nature:
        yield "La nature de l’acte manque : première série, rappel, ou sans précision."
    if note.rang is not None and not 1 <= note.rang <= 20:
        yield "Le rang de la dose est un nombre de 1 à 20."
    for reaction in note.reactions:
        if not reaction.code_cim10 or not est_calendaire(reaction.date):
            yield "Chaque réaction a un code CIM-10 et une date."


def _lisible_par_les_regles(note: NoteVaccination) -> NoteVaccination:
    """A reaction never stands alone: the ANS schematron (E_immunizations_fr) looks for it as an
    act, hence refuses the right form unless a rank or a comment is beside it."""
    if note.reactions and note.rang is None and not note.commentaire:
        return replace(note, commentaire="Réaction observée après la vaccination.")
    return note


def sections(doc: DocumentClinique, note: NoteVaccination) -> tuple[Section, ...]:
    """The one section and its narrative."""
    note = _lisible_par_les_regles(note)
    vaccinateur = note.vaccinateur or doc.auteur
    lignes: list[tuple[Texte, Texte]] = [
        ("Date", formater(note.date)),
        ("Vaccin", (Fragment(note.denomination, gras=True, ref="vac-1"),)),
        ("Numéro de lot", (Fragment(note.lot, gras=True),))]
    if note.peremption:
        lignes.append(("Date de péremption", formater(note.peremption)))
    if note.maladies:
        lignes.append(("Maladies visées", ", ".join(note.maladies)))
    lignes.append(("Acte", jeu("vaccination")[note.nature].libelle))
    if note.rang is not None:
        lignes.append(("Rang de la dose", str(note.rang)))
    if note.voie:
        lignes.append(("Voie d’administration", jeu("voie_vaccination")[note.voie].libelle))
    if note.site:
        libelle = jeu("site_vaccination")[note.site].libelle
        lignes.append(("Site d’injection", (Fragment(majuscule(libelle), ref="vac-1-site"),)))
    lignes.append(("Code CIS", note.cis))
    if note.cip13:
        lignes.append(("Code CIP", note.cip13))
    lignes.append(("Classe ATC", f"{note.atc}, {note.atc_libelle}"))
    for n, reaction in enumerate(note.reactions, 1):
        lignes.append(("Réaction observée", (
            Fragment(reaction.libelle, ref=f"vac-1-reac-{n}"),
            Fragment(f", le {formater(reaction.date)}"))))
    lignes.append(("Vaccinateur", nom_professionnel(vaccinateur)))
    blocs: list[Tableau | Paragraphe] = [Tableau((), tuple(lignes), (28, 72))]
    if note.commentaire:
        blocs.append(Paragraphe((Fragment("Commentaire : ", gras=True),
                                 Fragment(note.commentaire, ref="vac-1-comment"))))
    return (Section(
        ("2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23",
         "1.2.250.1.213.1.1.2.147"), loinc("11369-6", "Historique des vaccinations"),
        "Note de vaccination", tuple(blocs)),)


def rendre(doc: DocumentClinique, note: NoteVaccination, pdf: bytes) -> bytes:
    """The CDA of level 3 with its PDF copy."""
    note = _lisible_par_les_regles(note)
    arbre, corps = ouvrir(doc, _TEMPLATES)
    [section] = sections(doc, note)
    element = ecrire_section(corps, doc, section)
    _entree(el(element, "entry"), doc, note)
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _entree(entree: Element, doc: DocumentClinique, note: NoteVaccination) -> None:
    acte = el(entree, "substanceAdministration", classCode="SBADM", moodCode="EVN",
              negationInd="false")
    modeles(acte, "2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.12",
            "1.2.250.1.213.1.1.3.45")
    el(acte, "id", root=id_local(doc, "vac-1"))
    code(acte, jeu("vaccination")[note.nature])
    reference(acte, "vac-1")
    el(acte, "statusCode", code="completed")
    el(acte, "effectiveTime", value=jour(note.date))
    if note.voie:
        code(acte, jeu("voie_vaccination")[note.voie], "routeCode")
    if note.site:
        site = code(acte, jeu("site_vaccination")[note.site], "approachSiteCode")
        reference(site, "vac-1-site", "originalText")
    _produit(acte, note)
    entite(el(acte, "performer", typeCode="PRF"), note.vaccinateur or doc.auteur, doc.structure,
           doc.cadre)
    auteur_entree(acte, doc)
    if note.rang is not None:
        rang = el(el(acte, "entryRelationship", typeCode="SUBJ"), "observation", classCode="OBS",
                  moodCode="EVN")
        modeles(rang, "2.16.840.1.113883.10.20.1.46", "1.2.250.1.213.1.1.3.82")
        code(rang, loinc("30973-2", "Rang de la vaccination"))
        el(rang, "statusCode", code="completed")
        el(rang, "value", xsi_type="INT", value=str(note.rang))
    for n, reaction in enumerate(note.reactions, 1):
        lien = el(acte, "entryRelationship", typeCode="CAUS", inversionInd="false")
        probleme(lien, doc, f"vac-1-reac-{n}", cim10(reaction.code_cim10, reaction.libelle),
                 reaction.date, genre=_SYMPTOME, reaction=True)
    if note.commentaire:
        commentaire(acte, "vac-1-comment")


def _produit(acte: Element, note: NoteVaccination) -> None:
    produit = el(el(acte, "consumable", typeCode="CSM"), "manufacturedProduct")
    modeles(produit, "2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2",
            "1.2.250.1.213.1.1.3.43")
    materiel = el(produit, "manufacturedMaterial")
    cis = code(materiel, Code(note.cis, note.denomination, _CIS, "CIS"))
    reference(cis, "vac-1", "originalText")
    code(cis, Code(note.atc, note.atc_libelle, _ATC, "ATC"), "translation")
    if note.cip13:
        code(cis, Code(note.cip13, note.denomination, _CIP, "CIP"), "translation")
    el(materiel, "name", note.marque or note.denomination)
    el(materiel, "lotNumberText", note.lot)
