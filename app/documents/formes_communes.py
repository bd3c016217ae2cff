"""Fields that several forms share."""

from typing import Any

from app.documents.texte import majuscule
from app.documents.types import TypeDocument, jeu
from app.domain.formulaire import ChampForme, GenreChamp, Rubrique


def titre_affiche(modele: TypeDocument) -> str:
    """Title for the screen: short, with typographic apostrophes."""
    _, deux_points, court = modele.titre.rpartition(" : ")
    return (court if deux_points else modele.titre).replace("'", "’")


def choix(nom: str) -> tuple[tuple[str, str], ...]:
    """A value set as the choices of a field."""
    return tuple((c.code, majuscule(c.libelle)) for c in jeu(nom).values())


def medecin_traitant() -> Rubrique:
    """Who follows the patient: the perinatal models want to know."""
    personne = "intervenants.0.personne"
    return Rubrique("Médecin traitant", (
        ChampForme(f"{personne}.nom", "Nom", obligatoire=True, largeur=4),
        ChampForme(f"{personne}.prenom", "Prénom", largeur=4),
        ChampForme(f"{personne}.identifiant", "RPPS", largeur=4)))


def depart_medecin() -> dict[str, Any]:
    """The header's part of `medecin_traitant`."""
    return {"intervenants": [{"role": "medecin_traitant", "personne": {
        "nom": "", "prenom": "", "identifiant": ""}}]}


def pathologies(cle: str, titre: str) -> ChampForme:
    """A list of problems coded in CIM-10."""
    return ChampForme(cle, titre, GenreChamp.LISTE, largeur=12, ajouter="Ajouter une pathologie",
                      champs=(ChampForme("libelle", "Pathologie", obligatoire=True, largeur=6),
                              ChampForme("code_cim10", "CIM-10", obligatoire=True, largeur=3),
                              ChampForme("date", "Depuis le", GenreChamp.DATE, largeur=3),
                              ChampForme("commentaire", "Commentaire", largeur=12)))


def actes(cle: str, titre: str, *, obligatoire: bool = True) -> ChampForme:
    """A list of dated acts."""
    return ChampForme(cle, titre, GenreChamp.LISTE, obligatoire, largeur=12,
                      ajouter="Ajouter un acte", champs=(
                          ChampForme("libelle", "Acte", obligatoire=True, largeur=8),
                          ChampForme("date", "Date", GenreChamp.DATE, True, largeur=4),
                          ChampForme("commentaire", "Commentaire", largeur=12)))
