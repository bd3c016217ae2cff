"""Prescription de produits de santé, eP-MED-DM 2024.01 (`spec/cda.md` §6)."""

from collections.abc import Iterator

from app.documents.cda_clinique import (
    POIDS,
    TAILLE,
    TEMPLATES_SIGNES_VITAUX,
    Mesure,
    avec_unite,
    signes_vitaux,
)
from app.documents.cda_entete import RACINE_EPU, entete, fin_entete, remplacement, rencontre
from app.documents.cda_medicament import (
    lignes_droits,
    manques_medicament,
    medicament,
    quand,
    rapports,
    tableau_medicaments,
)
from app.documents.cda_n3 import (
    Section,
    copie_pdf,
    corps_structure,
    ecrire_section,
    id_local,
    loinc,
    media,
    ta,
)
from app.documents.cda_xml import Element, code, el, jour, modeles, octets, reference
from app.documents.contenus import (
    LigneDispositif,
    MentionPrescription,
    Prescription,
)
from app.documents.model import Bloc, DocumentClinique, Fragment, Paragraphe, Tableau, Texte
from app.documents.types import Code
from app.domain.dates import est_calendaire

_TEMPLATES = (("2.16.840.1.113883.2.8.2.1", ""), ("1.2.250.1.213.1.1.1.1", ""),
              ("1.3.6.1.4.1.19376.1.9.1.1.1", ""), ("1.3.6.1.4.1.19376.1.5.3.1.1.1", ""),
              ("1.2.250.1.213.1.1.1.39", "2024.01"))
_EMDN, _LPP = "1.2.250.1.213.2.68", "1.2.250.1.215.200.2.1"
MENTIONS = {
    MentionPrescription.BIZONE: "Prescription bizone",
    MentionPrescription.EXCEPTION: "Prescription médicaments d'exception",
    MentionPrescription.SECURISEE: "Ordonnance sécurisée",
    MentionPrescription.GRAND_APPAREILLAGE: "Prescription grand appareillage",
    MentionPrescription.DOMICILE: "Exécution à domicile",
    MentionPrescription.URGENCE: "Exécution en urgence",
    MentionPrescription.MILITAIRE: "Affection militaire"}


def manques(doc: DocumentClinique, ordonnance: Prescription) -> Iterator[str]:
    """What the model demands and the prescription lacks."""
    if not ordonnance.medicaments and not ordonnance.dispositifs:
        yield "La prescription n’a ni médicament ni dispositif médical."
    for n, ligne in enumerate(ordonnance.medicaments, 1):
        for phrase in manques_medicament(ligne):
            yield f"Médicament n°\u00a0{n} : {phrase}"
    for n, dm in enumerate(ordonnance.dispositifs, 1):
        if not dm.denomination.strip():
            yield f"Dispositif n°\u00a0{n} : il manque son nom."
        if not est_calendaire(dm.debut) or not est_calendaire(dm.fin) or dm.fin < dm.debut:
            yield f"Dispositif n°\u00a0{n} : il manque ses dates, ou elles sont inversées."
        if dm.quantite < 1 or dm.renouvellements < 0:
            yield f"Dispositif n°\u00a0{n} : la quantité est d’au moins 1."
    if ordonnance.code_2d and not _genre_image(ordonnance.code_2d):
        yield "L’image du code de la prescription n’est ni JPEG ni PNG."
    bizone = MentionPrescription.BIZONE in ordonnance.mentions
    ald = (any(li.droits.ald for li in ordonnance.medicaments)
           or any(li.droits.ald for li in ordonnance.dispositifs))
    if bizone and not ald:
        yield "Une prescription bizone a au moins une ligne en rapport avec une ALD."


def _genre_image(octets_image: bytes) -> str:
    if octets_image.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/jpeg" if octets_image.startswith(b"\xff\xd8\xff") else ""


# --- Narrative ----------------------------------------------------------------------------------

def sections(doc: DocumentClinique, ordonnance: Prescription) -> tuple[Section, ...]:
    """Medicines, devices, comment, vital signs: those that there are."""
    sortie: list[Section] = []
    if ordonnance.medicaments:
        sortie.append(Section(
            ("1.3.6.1.4.1.19376.1.9.1.2.1", "1.2.250.1.213.1.1.2.171"),
            loinc("57828-6", "Prescriptions"), "Prescription de médicaments",
            tableau_medicaments(ordonnance.medicaments,
                                MentionPrescription.BIZONE in ordonnance.mentions)))
    if ordonnance.dispositifs:
        sortie.append(Section(
            ("1.2.250.1.213.1.1.2.222",), loinc("46264-8", "Dispositifs médicaux"),
            "Prescription de dispositifs médicaux", _tableau_dispositifs(ordonnance)))
    texte = _commentaire(ordonnance)
    if texte:
        sortie.append(Section(
            ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16",
             "1.2.250.1.213.1.1.2.73"), loinc("55112-7", "Commentaire"), "Commentaire", texte))
    if ordonnance.poids_kg is not None or ordonnance.taille_cm is not None:
        sortie.append(_signes_vitaux(doc, ordonnance))
    return tuple(sortie)


def _tableau_dispositifs(ordonnance: Prescription) -> tuple[Bloc, ...]:
    lignes: list[tuple[Texte, ...]] = []
    for n, dm in enumerate(ordonnance.dispositifs, 1):
        nom = [Fragment(dm.denomination, gras=True, ref=f"DM-{n:03d}")]
        if dm.code_lpp:
            nom.append(Fragment(f"\nLPP {dm.code_lpp}", ref=f"DM-{n:03d}-LPP"))
        if dm.instructions:
            nom.append(Fragment(f"\n{dm.instructions}"))
        duree = quand(dm.debut, dm.fin) + (f"\n{dm.jours}\u00a0jours" if dm.jours else "")
        lignes.append((tuple(nom), str(dm.quantite), duree, str(dm.renouvellements)))
    droits = lignes_droits([(f"DM-{n:03d}", dm.denomination, dm.droits)
                            for n, dm in enumerate(ordonnance.dispositifs, 1)], hors_amm=False)
    return (Tableau(("Dispositif médical", "Quantité", "Période", "Renouvellements"),
                    tuple(lignes), (42, 13, 23, 22)), droits)


def _commentaire(ordonnance: Prescription) -> tuple[Bloc, ...]:
    blocs: list[Bloc] = []
    if ordonnance.mentions:
        noms = [MENTIONS[m] for m in MentionPrescription if m in ordonnance.mentions]
        blocs.append(Paragraphe((Fragment(" · ".join(noms), gras=True),)))
    if ordonnance.commentaire:
        blocs.append(Paragraphe(ordonnance.commentaire))
    return tuple(blocs)


def _mesures(ordonnance: Prescription) -> list[Mesure]:
    mesures = []
    if ordonnance.poids_kg is not None:
        mesures.append(Mesure(POIDS, ordonnance.poids_kg, "kg", "poids"))
    if ordonnance.taille_cm is not None:
        mesures.append(Mesure(TAILLE, ordonnance.taille_cm, "cm", "taille"))
    return mesures


def _signes_vitaux(doc: DocumentClinique, ordonnance: Prescription) -> Section:
    date = f"{doc.date_acte:%d/%m/%Y}"
    noms = {"poids": "Poids", "taille": "Taille"}
    lignes: tuple[tuple[Texte, ...], ...] = tuple(
        (date, noms[m.ref], (Fragment(avec_unite(m.valeur, m.unite), ref=m.ref),))
        for m in _mesures(ordonnance))
    return Section(TEMPLATES_SIGNES_VITAUX, loinc("8716-3", "Signes vitaux"), "Signes vitaux",
                   (Tableau(("Date", "Signe vital", "Valeur"), lignes),))


# --- CDA ----------------------------------------------------------------------------------------

def rendre(doc: DocumentClinique, ordonnance: Prescription, pdf: bytes) -> bytes:
    """The CDA of level 3; the PDF copy is obligatory in this model."""
    arbre = entete(doc, _TEMPLATES, pharm=True, obligatoire=True)
    numero = (RACINE_EPU, ordonnance.numero_epu) if ordonnance.numero_epu else None
    fin_entete(arbre, doc, fin_inconnue=True, id_acte=numero)
    for mention in MentionPrescription:
        if mention in ordonnance.mentions:
            info = el(el(arbre, "documentationOf"), "serviceEvent", classCode="INFO")
            code(info, ta(mention.value, MENTIONS[mention]))
    remplacement(arbre, doc)
    rencontre(arbre, doc)
    corps = corps_structure(arbre)
    if ordonnance.code_2d:
        _code_2d(corps, doc, ordonnance.code_2d)
    for section in sections(doc, ordonnance):
        element = ecrire_section(corps, doc, section)
        match section.code.code:
            case "57828-6":
                for n, ligne in enumerate(ordonnance.medicaments, 1):
                    medicament(el(element, "entry"), doc, ligne, n)
            case "46264-8":
                for n, dm in enumerate(ordonnance.dispositifs, 1):
                    _dispositif(el(element, "entry"), doc, dm, n)
            case "8716-3":
                signes_vitaux(el(element, "entry"), doc, _mesures(ordonnance))
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _code_2d(corps: Element, doc: DocumentClinique, image: bytes) -> None:
    element = el(el(corps, "component"), "section", classCode="DOCSECT", moodCode="EVN")
    modeles(element, "1.2.250.1.213.1.1.2.223")
    el(element, "id", root=id_local(doc, "section-code-2d"))
    code(element, loinc("57723-9", "Numéro de code à barres unique"))
    el(element, "title", "Code 2D de la prescription")
    el(el(element, "text"), "renderMultiMedia", referencedObject="Code2d")
    media(el(element, "entry"), "Code2d", _genre_image(image), image,
          "2.16.840.1.113883.10.12.304", "1.2.250.1.213.1.1.3.103")


def _dispositif(entree: Element, doc: DocumentClinique, dm: LigneDispositif, numero: int) -> None:
    ref = f"DM-{numero:03d}"
    fourniture = el(entree, "supply", classCode="SPLY", moodCode="INT")
    modeles(fourniture, "2.16.840.1.113883.10.20.1.34", "1.2.250.1.213.1.1.3.20")
    el(fourniture, "id", root=id_local(doc, ref))
    reference(fourniture, ref)
    periode = el(fourniture, "effectiveTime", xsi_type="IVL_TS")
    el(periode, "low", value=jour(dm.debut))
    el(periode, "high", value=jour(dm.fin))
    el(fourniture, "repeatNumber", value=str(dm.renouvellements))
    el(fourniture, "quantity", value=str(dm.quantite))
    if dm.jours is not None:
        el(el(fourniture, "expectedUseTime"), "width", value=str(dm.jours), unit="d")
    role = el(el(fourniture, "participant", typeCode="DEV"), "participantRole", classCode="MANU")
    appareil = el(role, "playingDevice", classCode="DEV", determinerCode="INSTANCE")
    if dm.code_emdn:
        genre = code(appareil, Code(dm.code_emdn, dm.libelle_emdn or dm.denomination, _EMDN,
                                    "EMDN"))
    else:
        genre = el(appareil, "code", nullFlavor="UNK")
        reference(genre, ref, "originalText")
    if dm.code_lpp:
        traduction = code(genre, Code(dm.code_lpp, dm.denomination, _LPP, "LPP"), "translation")
        reference(traduction, f"{ref}-LPP", "originalText")
    rapports(fourniture, doc, ref, dm.droits, hors_amm=False)
