"""Roles of the accounts, as data: what each may do. The code asks for a right, never for a role."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Droit(StrEnum):
    """What may be given."""

    COMPTES = "comptes"
    REGLAGES = "reglages"
    TRACES = "traces"
    SAUVEGARDE = "sauvegarde"
    IDENTITES = "identites"
    AGENDA = "agenda"
    CLINIQUE_LIRE = "clinique_lire"
    CLINIQUE_ECRIRE = "clinique_ecrire"
    ENVOYER = "envoyer"


LIBELLES_DROITS: dict[Droit, str] = {
    Droit.COMPTES: "gérer les comptes",
    Droit.REGLAGES: "changer les réglages du cabinet",
    Droit.TRACES: "exporter le journal des accès",
    Droit.SAUVEGARDE: "faire et régler les sauvegardes",
    Droit.IDENTITES: "créer et qualifier les identités",
    Droit.AGENDA: "tenir l’agenda",
    Droit.CLINIQUE_LIRE: "lire les documents de soins",
    Droit.CLINIQUE_ECRIRE: "écrire dans le dossier de soins",
    Droit.ENVOYER: "envoyer au DMP et par messagerie",
}


@dataclass(frozen=True, slots=True)
class Role:
    """A role. `date`: it is given from one day to another."""

    code: str
    libelle: str
    droits: frozenset[Droit]
    date: bool = False


_SOINS = frozenset({Droit.IDENTITES, Droit.AGENDA, Droit.CLINIQUE_LIRE, Droit.CLINIQUE_ECRIRE,
                    Droit.ENVOYER, Droit.SAUVEGARDE})
ROLES: dict[str, Role] = {role.code: role for role in (
    Role("titulaire", "Titulaire", _SOINS | {Droit.REGLAGES}),
    Role("remplacant", "Remplaçant", _SOINS, date=True),
    Role("secretaire", "Secrétaire", frozenset({Droit.IDENTITES, Droit.AGENDA,
                                                Droit.SAUVEGARDE})),
    Role("administrateur", "Administrateur", frozenset({
        Droit.COMPTES, Droit.REGLAGES, Droit.TRACES, Droit.SAUVEGARDE})),
)}
ADMINISTRATEUR = "administrateur"


@dataclass(frozen=True, slots=True)
class Acces:
    """Roles of one account and the days between which they hold (AAAA-MM-JJ, "" = no bound)."""

    roles: tuple[str, ...]
    du: str = ""
    au: str = ""

    @property
    def administre(self) -> bool:
        """True for an administrator who stays one: a dated one can't be the last."""
        return ADMINISTRATEUR in self.roles and not (self.du or self.au)


def droits(roles: Iterable[str]) -> frozenset[Droit]:
    """Rights of several roles together; an unknown role gives none."""
    return frozenset().union(*(ROLES[r].droits for r in roles if r in ROLES))


def defauts_acces(acces: Acces) -> list[str]:
    """Why these roles can't be given, in French; empty = good."""
    fautes = []
    inconnus = [r for r in acces.roles if r not in ROLES]
    if inconnus or not acces.roles:
        fautes.append("choisissez un rôle parmi " + ", ".join(ROLES))
    if any(ROLES[r].date for r in acces.roles if r in ROLES) and not (acces.du and acces.au):
        fautes.append("un remplacement a une date de début et une date de fin")
    if acces.du and acces.au and acces.du > acces.au:
        fautes.append("la date de fin précède la date de début")
    return fautes


def refus_du_jour(acces: Acces, jour: str) -> str:
    """"" when the account may enter on that day (AAAA-MM-JJ), else the French reason."""
    if acces.du and jour < acces.du:
        return "Ce compte n’est pas encore ouvert : sa période n’a pas commencé."
    if acces.au and jour > acces.au:
        return "La période de ce compte est terminée. Adressez-vous au titulaire du cabinet."
    return ""
