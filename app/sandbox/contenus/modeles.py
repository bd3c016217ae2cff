"""The models of documents (`resources/bac_a_sable/documents.json`) as values."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from app.sandbox.ressources import lire_json

LOINC = "2.16.840.1.113883.6.1"


@dataclass(frozen=True, slots=True)
class Auteur:
    """Who wrote a document. A patient has neither structure nor specialty."""

    id: str
    nom: str
    prenom: str
    civilite: str = ""
    specialite: tuple[str, str] = ("", "")
    structure_id: str = ""
    structure: str = ""
    secteur: tuple[str, str] = ("SA07", "Cabinet individuel")
    cadre: tuple[str, str] = ("AMBULATOIRE", "Ambulatoire")
    adresse: str = ""
    code_postal: str = ""
    ville: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Modele:
    """A model of document. `forme` is n1 (PDF), n1_texte, n3_pdf (with a PDF copy), vaccination.

    A block of a section is {"p": text}, {"liste": [...]} or {"entetes": [...], "lignes": [...]}.
    """

    cle: str
    type: tuple[str, str, str]
    classe: tuple[str, str]
    titre: str
    auteur: str
    forme: str
    sections: tuple[dict[str, Any], ...]
    vaccin: dict[str, Any] | None = None


@cache
def _tout() -> dict[str, Any]:
    return dict(lire_json("documents.json"))


@cache
def modeles() -> dict[str, Modele]:
    """All models by key."""
    return {cle: Modele(cle, tuple(m["type"]), tuple(m["classe"]), m["titre"], m["auteur"],
                        m["forme"], tuple(m["sections"]), m.get("vaccin"))
            for cle, m in _tout()["documents"].items()}


@cache
def auteurs() -> dict[str, Auteur]:
    """The authors by key; the key `patient` is not among them."""
    def auteur(a: dict[str, Any]) -> Auteur:
        champs: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v
                                  for n, v in a.items()}
        return Auteur(**champs)
    return {cle: auteur(a) for cle, a in _tout()["auteurs"].items()}


def profils() -> dict[str, Any]:
    """Seed profiles of the DMP: state, authorisation, documents with their age in days."""
    return dict(_tout()["profils"])
