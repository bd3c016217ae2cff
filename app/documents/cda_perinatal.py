"""What the documents of delivery and newborn share (OBP 2024.01, `spec/cda.md` §8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.cda_n3 import SIMPLE_OBSERVATION, commentaire, id_local, loinc, ta
from app.documents.cda_xml import SNOMED, Element, code, el, jour, modeles, reference
from app.documents.contenus_obstetrique import ActeCouches, Pathologie
from app.documents.model import DocumentClinique, Fragment, RoleIntervenant, Tableau, Texte
from app.documents.texte import majuscule
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

ACCOUCHEMENT = Code("236973005", "Accouchement", SNOMED, "SNOMED CT")
SUITES_COUCHES = ta("MED-1176", "Suites de couches")
TEMPLATES_ACTES = ("1.3.6.1.4.1.19376.1.5.3.1.1.13.2.11", "1.2.250.1.213.1.1.2.118")
TEMPLATES_EVENEMENTS = ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9",
                        "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", "1.2.250.1.213.1.1.2.163")
TEMPLATES_EXAMEN = ("1.3.6.1.4.1.19376.1.5.3.1.3.24", "1.3.6.1.4.1.19376.1.5.3.1.1.9.15",
                    "1.3.6.1.4.1.19376.1.5.3.1.1.9.15.1", "1.2.250.1.213.1.1.2.84")
TEMPLATES_GENERAL = ("1.3.6.1.4.1.19376.1.5.3.1.1.9.16", "1.2.250.1.213.1.1.2.85")
ACTES = loinc("29554-3", "Actes")
EVENEMENTS = loinc("42545-4", "Evènements observés")
EXAMEN = loinc("29545-1", "Examen physique")
GENERAL = loinc("10210-3", "État général")
TRAVAIL = loinc("57074-7", "Travail et accouchement")
TEMPLATES_TRAVAIL = ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.3", "1.2.250.1.213.1.1.2.123")
AUTRE_ACTE = ta("GEN-092.04.13", "Autre acte")
SORTIE = ta("ORG-074", "Mode de sortie")
DIAGNOSTIC = Code("282291009", "interprétation diagnostique", SNOMED, "SNOMED CT")


def modele(numero: int) -> tuple[tuple[str, str], ...]:
    """templateId (root, extension) of a document of the set « Obstétrique et périnatalité ».

    :param numero: its rank in the set: 1 antepartum to 5 newborn in maternity ward.
    """
    return (("2.16.840.1.113883.2.8.2.1", ""), ("1.2.250.1.213.1.1.1.1", ""),
            (f"1.2.250.1.213.1.1.1.12.{numero}", "2024.01"))


@dataclass(frozen=True, slots=True)
class Fait:
    """An observation: what, its value, its ID in the narrative, what is printed."""

    genre: Code
    ref: str
    imprime: str
    valeur: Code | None = None
    type_valeur: str = "CD"
    nombre: str = ""
    unite: str = ""


def coche(genre: Code, ref: str, vrai: bool) -> Fait:
    """A yes or no."""
    return Fait(genre, ref, "Oui" if vrai else "Non", type_valeur="BL",
                nombre="true" if vrai else "false")


def du_jeu(genre: Code, ref: str, nom: str, choisi: str) -> Fait:
    """A code of a value set."""
    valeur = jeu(nom)[choisi]
    return Fait(genre, ref, majuscule(valeur.libelle), valeur)


def manques_choix(champs: Sequence[tuple[str, str, str, bool]]) -> Iterator[str]:
    """(label, value set, code, obligatory): what isn't in its set."""
    for libelle, nom, choisi, obligatoire in champs:
        if (choisi or obligatoire) and choisi not in jeu(nom):
            yield f"{libelle} : la valeur manque ou n’est pas dans la liste."


def manques_dates(champs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """(label, day): what isn't a day."""
    for libelle, valeur in champs:
        if not est_calendaire(valeur):
            yield f"{libelle} : la date manque ou n’existe pas."


def manques_suite(actes: Sequence[ActeCouches], pathologies: Sequence[Pathologie],
                  ) -> Iterator[str]:
    """What acts and problems lack."""
    for acte in actes:
        if not acte.libelle.strip() or not est_calendaire(acte.date):
            yield "Chaque acte a un libellé et une date."
    for pathologie in pathologies:
        if not pathologie.code_cim10 or not pathologie.libelle:
            yield "Chaque pathologie a un code CIM-10 et un libellé."


def manques_correspondant(doc: DocumentClinique) -> Iterator[str]:
    """The models want who follows the patient."""
    roles = (RoleIntervenant.MEDECIN_TRAITANT, RoleIntervenant.CORRESPONDANT)
    if not any(doc.intervenant(role) for role in roles):
        yield "Le médecin traitant (ou un correspondant) manque."


def manques_mere(doc: DocumentClinique) -> Iterator[str]:
    """What the models of the mother want of the header."""
    yield from manques_correspondant(doc)
    if doc.patient.sexe != "F":
        yield "Ce document concerne une femme."


# --- Narrative ----------------------------------------------------------------------------------

def tableau_faits(faits: Sequence[Fait], entete: str = "Observation") -> Tableau:
    """Facts, one a line."""
    lignes: tuple[tuple[Texte, ...], ...] = tuple(
        (majuscule(f.genre.libelle), (Fragment(f.imprime, gras=True, ref=f.ref),))
        for f in faits)
    return Tableau((entete, "Valeur"), lignes, (50, 50))


def tableau_actes(actes: Sequence[ActeCouches], autres: Sequence[tuple[str, str, str]] = (),
                  ) -> Tableau:
    """Dated acts. `autres`: (day or words, label, ID)."""
    lignes: list[tuple[Texte, ...]] = [
        (quand, (Fragment(libelle, ref=ref),), "-") for quand, libelle, ref in autres]
    lignes += [
        (formater(a.date), (Fragment(a.libelle, ref=f"acte-{n}"),),
         (Fragment(a.commentaire, ref=f"acte-{n}-comment"),) if a.commentaire else "-")
        for n, a in enumerate(actes, 1)]
    return Tableau(("Date", "Acte", "Commentaire"), tuple(lignes), (20, 45, 35))


def tableau_pathologies(pathologies: Sequence[Pathologie]) -> Tableau:
    """Problems, with their comment."""
    lignes: tuple[tuple[Texte, ...], ...] = tuple(
        ((Fragment(p.libelle, ref=f"pathologie-{n}"),), p.code_cim10,
         (Fragment(p.commentaire, ref=f"pathologie-{n}-comment"),) if p.commentaire else "-")
        for n, p in enumerate(pathologies, 1))
    return Tableau(("Pathologie", "CIM-10", "Commentaire"), lignes, (50, 15, 35))


def fait_sortie(nom: str, choisi: str, date: str) -> Fait:
    """How and when the patient left."""
    valeur = jeu(nom)[choisi]
    return Fait(SORTIE, "sortie", f"{majuscule(valeur.libelle)}, le {formater(date)}", valeur)


# --- Entries ------------------------------------------------------------------------------------

def observer(section: Element, doc: DocumentClinique, fait: Fait, date: str) -> None:
    """Entry FR-Simple-Observation."""
    observation = el(el(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
    modeles(observation, *SIMPLE_OBSERVATION)
    remplir_observation(observation, doc, fait, date)


def remplir_observation(observation: Element, doc: DocumentClinique, fait: Fait,
                        date: str) -> None:
    """Id, code, narrative, time and value of an observation."""
    el(observation, "id", root=id_local(doc, fait.ref))
    code(observation, fait.genre)
    reference(observation, fait.ref)
    el(observation, "statusCode", code="completed")
    if date:
        el(observation, "effectiveTime", value=jour(date))
    else:
        el(observation, "effectiveTime", nullFlavor="NA")
    if fait.valeur is not None:
        code(observation, fait.valeur, "value", xsi_type=fait.type_valeur)
    else:
        el(observation, "value", xsi_type=fait.type_valeur, value=fait.nombre,
           unit=fait.unite or None)


def intervenir(section: Element, doc: DocumentClinique, genre: Code, ref: str, date: str, *,
               precision: Code | None = None, fait: bool = True,
               avec_commentaire: bool = False) -> Element:
    """Entry FR-Acte; `precision` qualifies its code, `fait` False states that it wasn't done."""
    acte = el(el(section, "entry"), "procedure", classCode="PROC", moodCode="EVN",
              negationInd="false" if fait else "true")
    modeles(acte, "2.16.840.1.113883.10.20.1.29", "1.3.6.1.4.1.19376.1.5.3.1.4.19",
            "1.2.250.1.213.1.1.3.62")
    el(acte, "id", root=id_local(doc, ref))
    genre_ecrit = code(acte, genre)
    if precision is not None:
        code(el(genre_ecrit, "qualifier"), precision, "value")
    reference(acte, ref)
    el(acte, "statusCode", code="completed")
    el(acte, "effectiveTime", value=jour(date))
    if avec_commentaire:
        commentaire(acte, f"{ref}-comment", inverse=True)
    return acte


def actes_faits(section: Element, doc: DocumentClinique, actes: Sequence[ActeCouches]) -> None:
    """Entries of the acts in free words."""
    for n, acte in enumerate(actes, 1):
        genre = Code(acte.code, acte.libelle, acte.code_system) if acte.code else AUTRE_ACTE
        intervenir(section, doc, genre, f"acte-{n}", acte.date,
                   avec_commentaire=bool(acte.commentaire))

