"""The software carte Vitale: what lies in the reader that the bac à sable simulates."""

from copy import deepcopy
from typing import Any

from app.sandbox.ressources import lire_json

LECTEUR = "Lecteur logiciel du bac à sable"
_CHAMPS: dict[str, type] = {"nom": str, "prenom": str, "date_naissance_brute": str, "nir": str,
                            "rang": int}


class CarteInvalide(ValueError):
    """The card described makes no sense (French message)."""


class Carte:
    """The card in the reader. `numero` grows at each insertion and removal."""

    def __init__(self) -> None:
        self.modeles: dict[str, Any] = lire_json("cartes.json")["cartes"]
        self.numero = 0
        self._etat = "aucune_carte"
        self._beneficiaires: list[dict[str, Any]] = []

    def lire(self) -> dict[str, Any]:
        """State of the reader and beneficiaries, in the order of the card."""
        return {"presente": self._etat != "aucune_carte", "etat": self._etat,
                "numero": self.numero, "lecteur": LECTEUR,
                "beneficiaires": deepcopy(self._beneficiaires)}

    def inserer(self, nom: str) -> None:
        """Insert a card of the catalogue.

        Raises
        ------
        CarteInvalide
            Unknown name.
        """
        if nom not in self.modeles:
            raise CarteInvalide("Carte inconnue : " + ", ".join(self.modeles))
        self.poser(self.modeles[nom])

    def poser(self, carte: dict[str, Any]) -> None:
        """Put any card: beneficiaries as given, or `etat` illisible (mute or torn out).

        Raises
        ------
        CarteInvalide
            A member is missing or of another type.
        """
        lus = carte.get("beneficiaires", [])
        etat = carte.get("etat", "carte_lue")
        if not isinstance(lus, list) or etat not in ("carte_lue", "illisible"):
            raise CarteInvalide("« beneficiaires » (liste) ou « etat » incorrect")
        if not lus and etat == "carte_lue":
            raise CarteInvalide("Une carte lue porte au moins un bénéficiaire")
        self._beneficiaires = [_beneficiaire(b, rang) for rang, b in enumerate(lus)]
        self._etat = etat
        self.numero += 1

    def retirer(self) -> None:
        """Take the card out."""
        if self._etat != "aucune_carte":
            self.numero += 1
        self._etat, self._beneficiaires = "aucune_carte", []


def _beneficiaire(brut: Any, position: int) -> dict[str, Any]:
    if not isinstance(brut, dict):
        raise CarteInvalide("Un bénéficiaire est un objet")
    sortie: dict[str, Any] = {"position": position}
    for champ, type_ in _CHAMPS.items():
        valeur = brut.get(champ, 1 if type_ is int else "")
        if not isinstance(valeur, type_):
            raise CarteInvalide(f"« {champ} » incorrect")
        sortie[champ] = valeur
    if not sortie["nom"] or not sortie["date_naissance_brute"]:
        raise CarteInvalide("« nom » et « date_naissance_brute » sont nécessaires")
    return sortie
