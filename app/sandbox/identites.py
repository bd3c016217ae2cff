"""The fictive persons that the INSi and DMP doubles share (`resources/bac_a_sable`)."""

import csv
import re
from dataclasses import dataclass

from app.sandbox.ressources import DOSSIER

_HISTORIQUE = re.compile(r"(\w{13})/(\d{2})(?: \((\S+)\.\.(\S+)\))?")
OID_NIR = "1.2.250.1.213.1.4.8"


@dataclass(frozen=True, slots=True)
class Ancien:
    """A former matricule; dates AAAA-MM-JJ or empty."""

    numero: str
    cle: str
    debut: str = ""
    fin: str = ""


@dataclass(frozen=True, slots=True)
class Personne:
    """A person of the register. `matricule` has 15 characters."""

    nom: str
    liste_prenoms: str
    prenom: str
    sexe: str
    date_naissance: str
    cog: str
    matricule: str
    oid: str
    type: str
    historique: tuple[Ancien, ...]
    comportement: str
    nir_od: str
    rang: str
    profil_dmp: str
    origine: str

    @property
    def numero(self) -> str:
        """The 13 characters of the matricule."""
        return self.matricule[:13]

    def prenoms_connus(self) -> set[str]:
        """Given names by which the person is found: each one, the list, its beginnings."""
        liste = self.liste_prenoms or self.prenom
        mots = liste.split(" ")
        debuts = {" ".join(mots[:n]) for n in range(1, len(mots) + 1)}
        return {self.prenom, *mots, *debuts}


def charger() -> list[Personne]:
    """All persons, official ones first."""
    with (DOSSIER / "identites.csv").open(encoding="utf-8", newline="") as flux:
        return [Personne(
            r["nom_naissance"], r["liste_prenoms"], r["prenom"], r["sexe"], r["date_naissance"],
            r["cog"], r["matricule"], r["oid"], r["type"],
            tuple(Ancien(*[g or "" for g in m.groups()])
                  for m in _HISTORIQUE.finditer(r["historique"])),
            r["comportement"], r["nir_od"], r["rang"], r["dmp"], r["origine"])
            for r in csv.DictReader(flux)]
