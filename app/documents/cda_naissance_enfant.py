"""Synthèse salle de naissance enfant, OBP-SNE 2024.01 (`spec/cda.md` §8)."""

from collections.abc import Iterator
from decimal import Decimal

from app.documents.cda_clinique import (
    TEMPLATES_SIGNES_VITAUX,
    Mesure,
    avec_unite,
    cim10,
    nombre,
    probleme,
    section_statut,
    signes_vitaux,
    statut,
)
from app.documents.cda_n3 import (
    SIMPLE_OBSERVATION,
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
    EXAMEN,
    GENERAL,
    TEMPLATES_ACTES,
    TEMPLATES_EVENEMENTS,
    TEMPLATES_EXAMEN,
    TEMPLATES_GENERAL,
    TEMPLATES_TRAVAIL,
    TRAVAIL,
    Fait,
    actes_faits,
    coche,
    du_jeu,
    fait_sortie,
    intervenir,
    manques_choix,
    manques_correspondant,
    manques_dates,
    manques_suite,
    modele,
    observer,
    remplir_observation,
    tableau_actes,
    tableau_faits,
)
from app.documents.cda_xml import Element, code, el, jour, modeles, octets, reference
from app.documents.contenus_naissance import NaissanceEnfant
from app.documents.model import Bloc, DocumentClinique, Fragment, Paragraphe, Tableau
from app.documents.texte import majuscule
from app.documents.types import Code, jeu

_TEMPLATES = modele(3)
_NOUVEAU_NE = loinc("57075-4", "Informations sur l'accouchement et le nouveau-né")
_ORL = loinc("11393-6", "ORL")
_RECTUM = loinc("10205-3", "Côlon rectum")
_SIGNES = loinc("8716-3", "Signes vitaux")
_BIOCHIMIE = loinc("18719-5", "Biochimie")
_VITAMINE_K = ta("MED-1174", "Administration de Vitamine K")
_INTERVENTION = ta("MED-1171", "Type intervention voie basse")
_ATRESIE_CHOANES = cim10("Q30.0", "Atrésie des choanes")
_IMPERFORATION = cim10("Q42.3", "Absence, atrésie et sténose congénitales de l'anus, sans fistule")
_URINES = ta("MED-1172", "Émission d’urine")
_MECONIUM = ta("MED-1173", "Émission de méconium")


def manques(doc: DocumentClinique, contenu: NaissanceEnfant) -> Iterator[str]:
    """What the model demands and the value lacks."""
    yield from manques_correspondant(doc)
    yield from manques_choix((
        ("Mode de naissance", "mode_naissance", contenu.mode, True),
        ("Intervention par voie basse", "intervention_voie_basse", contenu.intervention, False),
        ("Présentation", "presentation_foetale", contenu.presentation, False),
        ("Quantité de liquide amniotique", "quantite_liquide", contenu.quantite_liquide, False),
        ("Aspect du liquide amniotique", "aspect_liquide", contenu.aspect_liquide, False),
        ("Voie de la vitamine K", "voie", contenu.vitamine_k, False),
        ("Mode de sortie", "sortie_naissance_enfant", contenu.sortie, True)))
    yield from manques_dates((("Naissance", contenu.date_naissance),
                              ("Sortie", contenu.date_sortie)))
    apgars = [contenu.apgar_1, contenu.apgar_5]
    if contenu.apgar_10 is not None:
        apgars.append(contenu.apgar_10)
    if any(not 0 <= a <= 10 for a in apgars):
        yield "Un score d’Apgar va de 0 à 10."
    if not 14 <= contenu.age_gestationnel <= 45 or not 1 <= contenu.rang <= 8:
        yield "L’âge gestationnel (semaines) ou le rang de naissance est impossible."
    if not (100 <= contenu.poids_g <= 8000 and 15 <= contenu.taille_cm <= 75
            and 10 <= contenu.perimetre_cm <= 60):
        yield "Le poids (g), la taille (cm) ou le périmètre crânien (cm) est impossible."
    for ph in (contenu.ph_arteriel, contenu.ph_veineux):
        if ph is not None and not Decimal("6.5") <= ph <= Decimal("7.8"):
            yield "Un pH au cordon est impossible."
    yield from manques_suite(contenu.actes, ())


def _faits(contenu: NaissanceEnfant) -> list[Fait]:
    """Facts of the labour."""
    faits = [
        Fait(loinc("73771-8", "Rang de naissance"), "rang-naissance", str(contenu.rang),
             type_valeur="INT", nombre=str(contenu.rang)),
        Fait(loinc("11884-4", "Age gestationnel du fœtus (estimation clinique)"),
             "age-gestationnel", f"{contenu.age_gestationnel}\u00a0semaines", type_valeur="PQ",
             nombre=str(contenu.age_gestationnel), unite="wk")]
    for genre, ref, nom, choisi in (
            (ta("MED-1223", "Présentation fœtale"), "presentation", "presentation_foetale",
             contenu.presentation),
            (loinc("3156-7", "Volume de liquide amniotique"), "quantite-liquide",
             "quantite_liquide", contenu.quantite_liquide),
            (loinc("38386-9", "Couleur du liquide amniotique"), "aspect-liquide",
             "aspect_liquide", contenu.aspect_liquide)):
        if choisi:
            faits.append(du_jeu(genre, ref, nom, choisi))
    if contenu.ouverture_oeuf_min is not None:
        minutes = str(contenu.ouverture_oeuf_min)
        faits.append(Fait(loinc("56829-5", "Durée d'ouverture de l'oeuf"), "ouverture-oeuf",
                          f"{minutes}\u00a0minutes", type_valeur="PQ", nombre=minutes,
                          unite="min"))
    faits.append(coche(loinc("73757-7", "Enfant vivant"), "enfant-vivant", contenu.vivant))
    return faits


def _mesures(contenu: NaissanceEnfant) -> list[Mesure]:
    apgars = [("9272-6", "1", contenu.apgar_1), ("9274-2", "5", contenu.apgar_5),
              ("9271-8", "10", contenu.apgar_10)]
    mesures = [Mesure(loinc(c, f"APGAR à {mn}mn"), Decimal(score), "{score}", f"apgar-{mn}")
               for c, mn, score in apgars if score is not None]
    return [*mesures, Mesure(loinc("29463-7", "Poids"), contenu.poids_g, "g", "poids"),
            Mesure(loinc("8302-2", "Taille"), contenu.taille_cm, "cm", "taille"),
            Mesure(loinc("8287-5", "Périmètre crânien"), contenu.perimetre_cm, "cm",
                   "perimetre-cranien")]


def _signes(contenu: NaissanceEnfant) -> tuple[tuple[Code, str, bool], ...]:
    """What was looked for: sign, ID, present."""
    return ((_ATRESIE_CHOANES, "choanes", contenu.atresie_choanes),
            (_IMPERFORATION, "anus", contenu.imperforation_anale),
            (_URINES, "urines", contenu.urines), (_MECONIUM, "meconium", contenu.meconium))


def _gaz(contenu: NaissanceEnfant) -> list[tuple[Code, str, Decimal, str]]:
    tous = ((loinc("28646-8", "pH Sang de cordon artériel"), "ph-arteriel", contenu.ph_arteriel,
             "[pH]"),
            (loinc("28647-6", "pH Sang de cordon veineux"), "ph-veineux", contenu.ph_veineux,
             "[pH]"),
            (loinc("32693-4", "Lactate [Moles/Volume] Sang"), "lactates", contenu.lactates,
             "mmol/L"))
    return [(genre, ref, valeur, unite) for genre, ref, valeur, unite in tous
            if valeur is not None]


def sections(_doc: DocumentClinique, contenu: NaissanceEnfant) -> tuple[Section, ...]:
    """Labour, the newborn, biology, leaving the room, status."""
    return (_section_travail(contenu), _section_enfant(contenu),
            *([_section_biologie(contenu)] if _gaz(contenu) else []),
            Section(TEMPLATES_EVENEMENTS, EVENEMENTS, "Sortie de la salle de naissance", (
                tableau_faits([fait_sortie("sortie_naissance_enfant", contenu.sortie,
                                           contenu.date_sortie)]),
                *([Paragraphe(contenu.commentaire)] if contenu.commentaire else []))),
            section_statut())


def _section_travail(contenu: NaissanceEnfant) -> Section:
    mode = majuscule(jeu("mode_naissance")[contenu.mode].libelle)
    lignes = [("Mode de naissance", (Fragment(mode, gras=True, ref="mode-naissance"),))]
    if contenu.intervention:
        libelle = majuscule(jeu("intervention_voie_basse")[contenu.intervention].libelle)
        lignes.append(("Intervention", (Fragment(libelle, gras=True, ref="intervention"),)))
    return Section(TEMPLATES_TRAVAIL, TRAVAIL, "Travail et accouchement", (), (
        Section(TEMPLATES_ACTES, ACTES, "Actes", (Tableau((), tuple(lignes), (45, 55)),)),
        Section(TEMPLATES_EVENEMENTS, EVENEMENTS, "Événements observés",
                (tableau_faits(_faits(contenu)),))))


def _section_enfant(contenu: NaissanceEnfant) -> Section:
    unites = {"{score}": "sur 10"}
    mesures = Section(TEMPLATES_SIGNES_VITAUX, _SIGNES, "Signes vitaux", (Tableau(
        ("Mesure", "Valeur"), tuple(
            (m.genre.libelle, (Fragment(avec_unite(m.valeur, unites.get(m.unite, m.unite)),
                                        ref=m.ref),))
            for m in _mesures(contenu)), (50, 50)),))

    def signes(*refs: str) -> tuple[Bloc, ...]:
        return (Tableau(("Recherché", "Présent"), tuple(
            ((Fragment(s.libelle, ref=ref),), "Oui" if present else "Non")
            for s, ref, present in _signes(contenu) if ref in refs), (75, 25)),)

    examen = Section(TEMPLATES_EXAMEN, EXAMEN, "Examen physique du nouveau-né", (), (
        mesures,
        Section(("1.3.6.1.4.1.19376.1.5.3.1.1.9.20", "1.2.250.1.213.1.1.2.89"), _ORL,
                "Examen ORL", signes("choanes")),
        Section(("1.3.6.1.4.1.19376.1.5.3.1.1.9.37", "1.2.250.1.213.1.1.2.106"), _RECTUM,
                "Examen du rectum", signes("anus")),
        Section(TEMPLATES_GENERAL, GENERAL, "État général", signes("urines", "meconium"))))
    sous = [examen]
    if contenu.actes or contenu.vitamine_k:
        vitamine = []
        if contenu.vitamine_k:
            voie = jeu("voie")[contenu.vitamine_k].libelle
            vitamine = [("À la naissance", f"Vitamine K, {voie.lower()}", "vitamine-k")]
        sous.append(Section(TEMPLATES_ACTES, ACTES, "Actes et interventions",
                            (tableau_actes(contenu.actes, vitamine),)))
    return Section(("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.4", "1.2.250.1.213.1.1.2.124"),
                   _NOUVEAU_NE, "Enfant en salle de naissance", (), tuple(sous))


def _section_biologie(contenu: NaissanceEnfant) -> Section:
    unites = {"[pH]": ""}
    lignes = tuple(
        ((Fragment(genre.libelle, ref=f"{ref}-nom"),),
         (Fragment(avec_unite(valeur, unites.get(unite, unite)).strip("\u00a0"), ref=ref),))
        for genre, ref, valeur, unite in _gaz(contenu))
    return Section(("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70"), _BIOCHIMIE,
                   "Résultats de biologie", (Tableau(("Analyse", "Résultat"), lignes, (60, 40)),))


# --- CDA ----------------------------------------------------------------------------------------

def rendre(doc: DocumentClinique, contenu: NaissanceEnfant, pdf: bytes) -> bytes:
    """The CDA of level 3 with its PDF copy."""
    arbre, corps = ouvrir(doc, _TEMPLATES, [ACCOUCHEMENT])
    for section in sections(doc, contenu):
        element = ecrire_section(corps, doc, section)
        match section.code.code:
            case "57074-7":
                _travail(element, doc, contenu, section)
            case "57075-4":
                _enfant(element, doc, contenu, section)
            case "18719-5":
                _biologie(element, doc, contenu)
            case "42545-4":
                observer(element, doc, fait_sortie("sortie_naissance_enfant", contenu.sortie,
                                                   contenu.date_sortie), contenu.date_sortie)
            case "33557-0":
                statut(el(element, "entry"), doc)
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _travail(element: Element, doc: DocumentClinique, contenu: NaissanceEnfant,
             section: Section) -> None:
    actes, evenements = (ecrire_section(element, doc, sous) for sous in section.sous)
    acte = intervenir(actes, doc, jeu("mode_naissance")[contenu.mode], "mode-naissance",
                      contenu.date_naissance)
    if contenu.intervention:
        lien = el(acte, "entryRelationship", typeCode="COMP", inversionInd="false")
        observation = el(lien, "observation", classCode="OBS", moodCode="EVN")
        modeles(observation, *SIMPLE_OBSERVATION)
        remplir_observation(observation, doc, du_jeu(
            _INTERVENTION, "intervention", "intervention_voie_basse", contenu.intervention), "")
    for fait in _faits(contenu):
        observer(evenements, doc, fait, contenu.date_naissance)


def _enfant(element: Element, doc: DocumentClinique, contenu: NaissanceEnfant,
            section: Section) -> None:
    signes = {ref: (valeur, present) for valeur, ref, present in _signes(contenu)}
    for sous in section.sous:
        dedans = ecrire_section(element, doc, sous)
        if sous.code == ACTES:
            if contenu.vitamine_k:
                acte = intervenir(dedans, doc, _VITAMINE_K, "vitamine-k", contenu.date_naissance)
                code(acte, jeu("voie")[contenu.vitamine_k], "approachSiteCode")
            actes_faits(dedans, doc, contenu.actes)
            continue
        for partie in sous.sous:
            ecrite = ecrire_section(dedans, doc, partie)
            if partie.code == _SIGNES:
                signes_vitaux(el(ecrite, "entry"), doc, _mesures(contenu))
                continue
            refs = {_ORL: ("choanes",), _RECTUM: ("anus",)}.get(partie.code,
                                                                ("urines", "meconium"))
            for ref in refs:
                valeur, present = signes[ref]
                probleme(el(ecrite, "entry"), doc, ref, valeur, contenu.date_naissance,
                         absent=not present)


def _biologie(element: Element, doc: DocumentClinique, contenu: NaissanceEnfant) -> None:
    entree = el(element, "entry", typeCode="DRIV")
    modeles(entree, "1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")
    acte = el(entree, "act", classCode="ACT", moodCode="EVN")
    code(acte, loinc("18767-4", "Gaz du Sang"))
    el(acte, "statusCode", code="completed")
    for genre, ref, valeur, unite in _gaz(contenu):
        observation = el(el(acte, "entryRelationship", typeCode="COMP"), "observation",
                         classCode="OBS", moodCode="EVN")
        modeles(observation, "1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80")
        el(observation, "id", root=id_local(doc, ref))
        reference(code(observation, genre), f"{ref}-nom", "originalText")
        el(observation, "statusCode", code="completed")
        el(observation, "effectiveTime", value=jour(contenu.date_naissance))
        el(observation, "value", xsi_type="PQ", value=nombre(valeur), unit=unite)
