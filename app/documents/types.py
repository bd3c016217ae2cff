"""Types, titles, classes and formats of documents, from the tables of `resources/documents`.

`spec/cda.md` §10 (types, classes) and §11 (formats). Codes are those of the value set JDV_J07.
"""

from dataclasses import dataclass
from functools import cache

from app.documents.ressources import table
from app.domain.people import Professionnel

SYSTEME_CLASSE = "1.2.250.1.213.1.1.4.1"
PROFESSIONS = {"IDE": "Infirmier", "IPA": "Infirmier en pratique avancée", "SF": "Sage-femme",
               "MK": "Masseur-kinésithérapeute", "ORTHO": "Orthophoniste", "OPT": "Orthoptiste",
               "PP": "Pédicure-podologue"}
_SIGLES = {"60": "IDE", "50": "SF", "70": "MK", "80": "PP", "91": "ORTHO", "92": "OPT"}
#: JDV_J57, displayed names of the classes.
CLASSES = {"10": "Compte rendu", "11": "Synthèse", "31": "Imagerie médicale", "42": "Prescription",
           "43": "Dispensation", "44": "Plan de soins, protocole de soins",
           "45": "Traitement administré", "52": "Certificat, déclaration",
           "60": "Données de remboursement", "90": "Autres documents déposés par le patient",
           "95": "Document de gestion"}


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value: code, label as the value set writes it, system, name of the system."""

    code: str
    libelle: str
    systeme: str
    systeme_nom: str = ""


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """A kind of document that the house produces.

    `cle` is the name on the command line, `titre` the usual title, `modele` the content model
    (N1, VAC-NOTE…), `professions` the sigles of who may issue it, `options` flags: `ins` (needs a
    qualified identity), `titre` (the title may not be changed), `preleveur`, `prescription`,
    `masquage` (propose to hide it before sending).
    """

    cle: str
    titre: str
    type_code: str
    code_system: str
    libelle: str
    classe: str
    modele: str
    format_code: str
    professions: tuple[str, ...]
    destinataires: str
    options: frozenset[str]

    @property
    def format(self) -> str:
        """`N1`, or the content model with its version."""
        return " ".join(x for x in (self.modele, format_modele(self.modele).version) if x)


@dataclass(frozen=True, slots=True)
class FormatDocument:
    """Template and formatCode of a content model."""

    modele: str
    template: str
    version: str
    code: Code


@cache
def _formats() -> dict[str, FormatDocument]:
    return {r["modele"]: FormatDocument(r["modele"], r["template"], r["version"],
                                        Code(r["format_code"], r["libelle"], r["systeme"]))
            for r in table("documents/formats.csv")}


def format_modele(modele: str) -> FormatDocument:
    """Format of a content model. Raises KeyError for an unknown one."""
    return _formats()[modele]


@cache
def _formats_par_template() -> dict[str, FormatDocument]:
    return {f.template: f for f in _formats().values() if not f.modele.startswith("N1")}


def format_par_template(template: str) -> FormatDocument | None:
    """Format of a structured document after one of its templateId, or None."""
    return _formats_par_template().get(template)


@cache
def _codes() -> dict[str, dict[str, str]]:
    return {r["code"]: r for r in table("documents/codes.csv")}


def code_type(code: str) -> Code | None:
    """A document type of JDV_J07, or None."""
    ligne = _codes().get(code)
    if ligne is None:
        return None
    nom = "LOINC" if ligne["systeme"] == "2.16.840.1.113883.6.1" else "TA_CODE_CISIS"
    return Code(ligne["code"], ligne["libelle"], ligne["systeme"], nom)


def codes_types() -> tuple[str, ...]:
    """Every type of JDV_J07 that the house knows."""
    return tuple(_codes())


def classe_du_type(code: str) -> Code | None:
    """Class of a type (ASS_X04), or None when the table doesn't tell."""
    classe = _codes().get(code, {}).get("classe", "")
    return Code(classe, CLASSES[classe], SYSTEME_CLASSE) if classe else None


@cache
def types_documents() -> tuple[TypeDocument, ...]:
    """Every kind that the house produces, in the order of the table."""
    tous = []
    for r in table("documents/types.csv"):
        code = _codes()[r["type_code"]]
        professions = tuple(PROFESSIONS) if r["professions"] == "tous" else tuple(
            r["professions"].split("|"))
        tous.append(TypeDocument(
            r["cle"], r["titre"], code["code"], code["systeme"], code["libelle"], code["classe"],
            r["modele"], format_modele(r["modele"]).code.code, professions, r["destinataires"],
            frozenset(o for o in r["options"].split("|") if o)))
    return tuple(tous)


@cache
def _par_cle() -> dict[str, TypeDocument]:
    return {t.cle: t for t in types_documents()}


def type_document(cle: str) -> TypeDocument:
    """The kind of that key. Raises KeyError for an unknown one."""
    return _par_cle()[cle]


def sigle(professionnel: Professionnel) -> str:
    """IDE, IPA, SF, MK, ORTHO, OPT, PP, or empty for another profession."""
    if professionnel.profession == "60" and professionnel.savoir_faire.startswith("SI"):
        return "IPA"
    return _SIGLES.get(professionnel.profession, "")


def types_pour(professionnel: Professionnel) -> tuple[TypeDocument, ...]:
    """The kinds that a professional may issue."""
    qui = sigle(professionnel)
    return tuple(t for t in types_documents() if qui in t.professions)


# --- Value sets ---------------------------------------------------------------------------------

@cache
def jeu(nom: str) -> dict[str, Code]:
    """A value set of `nomenclatures.csv`: code -> value."""
    return {r["code"]: Code(r["code"], r["libelle"], r["systeme"])
            for r in table("documents/nomenclatures.csv") if r["jeu"] == nom}


def profession(professionnel: Professionnel) -> Code:
    """JDV_J01 of a professional: G15_60, or G15_60/SI01 with a savoir-faire.

    Raises:
        KeyError: neither the pair nor the profession is in the value set.
    """
    codes = jeu("profession")
    seul = f"G15_{professionnel.profession}"
    avec = f"{seul}/{professionnel.savoir_faire}" if professionnel.savoir_faire else seul
    return codes.get(avec) or codes[seul]
