"""Who may read a document inside the practice (LABEL.04): its category, then its own level."""

from dataclasses import dataclass, field
from enum import StrEnum


class Categorie(StrEnum):
    """What a document is about, coarse enough to be given to a role."""

    ADMINISTRATIF = "administratif"
    SOINS = "soins"
    COURRIER = "courrier"
    CERTIFICAT = "certificat"
    PRESCRIPTION = "prescription"
    VACCINATION = "vaccination"
    BIOLOGIE = "biologie"
    IMAGERIE = "imagerie"


class Niveau(StrEnum):
    """Level of one document: the whole team, the author's profession, or the author alone.

    The patient keeps their right of access whatever the level.
    """

    EQUIPE = "equipe"
    PROFESSION = "profession"
    AUTEUR = "auteur"


LIBELLES_CATEGORIES: dict[Categorie, str] = {
    Categorie.ADMINISTRATIF: "Documents administratifs",
    Categorie.SOINS: "Comptes rendus et soins",
    Categorie.COURRIER: "Courriers entre professionnels",
    Categorie.CERTIFICAT: "Certificats et déclarations",
    Categorie.PRESCRIPTION: "Prescriptions",
    Categorie.VACCINATION: "Vaccinations",
    Categorie.BIOLOGIE: "Biologie",
    Categorie.IMAGERIE: "Imagerie",
}
LIBELLES_NIVEAUX: dict[Niveau, str] = {
    Niveau.EQUIPE: "Toute l’équipe",
    Niveau.PROFESSION: "Ma profession",
    Niveau.AUTEUR: "Moi seul (et le patient)",
}
#: Codes of JDV_J07 by category; what isn't named here is care.
CODES: dict[Categorie, frozenset[str]] = {
    Categorie.ADMINISTRATIF: frozenset({"51851-4", "59284-0", "52040-3"}),
    Categorie.COURRIER: frozenset({"96349-6", "74207-2", "18761-7", "57133-1", "57170-3"}),
    Categorie.CERTIFICAT: frozenset({"CERT_DECL", "BIL_AUTO"}),
    Categorie.PRESCRIPTION: frozenset({
        "57833-6", "57832-8", "57828-6", "57829-4", "57830-2", "57831-0", "55115-0",
        "PRESC-BIO", "PRESC-INF", "PRESC-KINE", "PRESC-ORTHOPHO", "PRESC-ORTHOPTIE",
        "PRESC-PEDI"}),
    Categorie.VACCINATION: frozenset({"87273-9", "11369-6", "82593-5"}),
    Categorie.BIOLOGIE: frozenset({"11502-2", "96173-0", "26436-6", "11526-1"}),
    Categorie.IMAGERIE: frozenset({"18748-4", "11528-7", "24606-6"}),
}
TOUTES = frozenset(Categorie)
#: What may be read without the right to read care.
SANS_SOINS = frozenset({Categorie.ADMINISTRATIF})


def categorie_de(type_code: str) -> Categorie:
    """Category of a document from its type (JDV_J07); an unknown type is care."""
    return next((c for c, codes in CODES.items() if type_code in codes), Categorie.SOINS)


@dataclass(frozen=True, slots=True)
class Regard:
    """Whose eyes read the file. `tout`: the program itself (sending, merging, verification).

    `redige_pour`: accounts that delegated the preparation of their documents: what the reader
    types for them shows.
    """

    compte_id: int = 0
    profession: str = ""
    categories: frozenset[Categorie] = field(default=frozenset())
    clinique: bool = False
    tout: bool = False
    redige_pour: frozenset[int] = frozenset()

    def voit_brouillon_de(self, auteur_id: int) -> bool:
        """True for one's own drafts, and those of who delegated their preparation."""
        return self.tout or auteur_id == self.compte_id or auteur_id in self.redige_pour

    def voit_type(self, type_code: str) -> bool:
        """True when a document of this type may be read."""
        return self.tout or categorie_de(type_code) in self.categories

    def voit(self, type_code: str, niveau: Niveau = Niveau.EQUIPE, auteur_id: int = 0,
             profession: str = "") -> bool:
        """True when a document may be read.

        :param auteur_id: account that set the level. :param profession: its profession.
        """
        if self.tout or (auteur_id and auteur_id == self.compte_id):
            return True
        if not self.voit_type(type_code) or niveau is Niveau.AUTEUR:
            return False
        return niveau is Niveau.EQUIPE or (bool(profession) and profession == self.profession)


#: The program itself.
ENTIER = Regard(categories=TOUTES, clinique=True, tout=True)
