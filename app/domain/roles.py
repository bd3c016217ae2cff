"""Roles of the accounts, as data: what each may do and read. The code asks for a right, never for
a role. The roles below are those of a new practice; an administrator changes them (LABEL.04)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.confidentialite import SANS_SOINS, TOUTES, Categorie


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
    MESSAGERIE = "messagerie"
    EXPORTER = "exporter"
    EFFACER = "effacer"


LIBELLES_DROITS: dict[Droit, str] = {
    Droit.COMPTES: "gérer les comptes",
    Droit.REGLAGES: "changer les réglages du cabinet",
    Droit.TRACES: "consulter et exporter le journal des accès",
    Droit.SAUVEGARDE: "faire et régler les sauvegardes",
    Droit.IDENTITES: "voir les patients et tenir leurs identités",
    Droit.AGENDA: "tenir l’agenda",
    Droit.CLINIQUE_LIRE: "lire les données de soins",
    Droit.CLINIQUE_ECRIRE: "écrire dans le dossier de soins",
    Droit.ENVOYER: "envoyer au DMP et par messagerie",
    Droit.MESSAGERIE: "lire et classer la messagerie",
    Droit.EXPORTER: "exporter des données de patients",
    Droit.EFFACER: "effacer les dossiers dont la durée est passée",
}




def ne_permet_pas(droit: Droit) -> str:
    """« Votre compte ne permet pas d’écrire… », without a full stop."""
    libelle = LIBELLES_DROITS[droit]
    return "Votre compte ne permet pas " + (
        f"d’{libelle}" if libelle[0] in "aeéiou" else f"de {libelle}")


@dataclass(frozen=True, slots=True)
class Role:
    """A role. `date`: it is given from one day to another. `categories`: documents it reads."""

    code: str
    libelle: str
    droits: frozenset[Droit]
    date: bool = False
    categories: frozenset[Categorie] = frozenset()


_SOINS = frozenset({Droit.IDENTITES, Droit.AGENDA, Droit.CLINIQUE_LIRE, Droit.CLINIQUE_ECRIRE,
                    Droit.ENVOYER, Droit.MESSAGERIE, Droit.SAUVEGARDE})
ADMINISTRATEUR = "administrateur"
#: Roles of a new practice.
ROLES: dict[str, Role] = {role.code: role for role in (
    Role("titulaire", "Titulaire", _SOINS | {
        Droit.REGLAGES, Droit.EXPORTER, Droit.EFFACER}, categories=TOUTES),
    Role("salarie", "Professionnel de l’équipe", _SOINS, categories=TOUTES),
    Role("remplacant", "Remplaçant", _SOINS, date=True, categories=TOUTES),
    Role("secretaire", "Secrétaire", frozenset({Droit.IDENTITES, Droit.AGENDA, Droit.MESSAGERIE,
                                                Droit.SAUVEGARDE}), categories=SANS_SOINS),
    Role(ADMINISTRATEUR, "Administrateur", frozenset({
        Droit.COMPTES, Droit.REGLAGES, Droit.TRACES, Droit.SAUVEGARDE})),
)}
#: What the administrators' role can't lose: somebody must be able to give rights again.
DROITS_ADMINISTRATEUR = frozenset({Droit.COMPTES, Droit.TRACES})
#: What makes no sense without another.
_SUPPOSE = {Droit.CLINIQUE_ECRIRE: Droit.CLINIQUE_LIRE, Droit.CLINIQUE_LIRE: Droit.IDENTITES,
            Droit.ENVOYER: Droit.CLINIQUE_LIRE, Droit.EXPORTER: Droit.IDENTITES,
            Droit.EFFACER: Droit.IDENTITES}


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


def droits(roles: Iterable[str], connus: Mapping[str, Role] = ROLES) -> frozenset[Droit]:
    """Rights of several roles together; an unknown role gives none."""
    return frozenset().union(*(connus[r].droits for r in roles if r in connus))


def categories(roles: Iterable[str], connus: Mapping[str, Role] = ROLES) -> frozenset[Categorie]:
    """Categories of documents that several roles read; without care, administrative ones only."""
    noms = [r for r in roles if r in connus]
    lues: frozenset[Categorie] = frozenset().union(*(connus[r].categories for r in noms))
    return lues if Droit.CLINIQUE_LIRE in droits(noms, connus) else lues & SANS_SOINS


def defauts_role(role: Role) -> list[str]:
    """Why a role can't be kept, in French; empty = good."""
    fautes = []
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,31}", role.code):
        fautes.append("le code est fait de lettres minuscules et de chiffres")
    if not 2 <= len(role.libelle.strip()) <= 60:
        fautes.append("le nom du rôle a de 2 à 60 caractères")
    if role.code == ADMINISTRATEUR and not role.droits >= DROITS_ADMINISTRATEUR:
        fautes.append("l’administrateur garde la gestion des comptes et le journal")
    if role.code == ADMINISTRATEUR and role.date:
        fautes.append("l’administrateur n’est pas un rôle daté")
    fautes += [f"« {LIBELLES_DROITS[droit]} » suppose « {LIBELLES_DROITS[autre]} »"
               for droit, autre in _SUPPOSE.items()
               if droit in role.droits and autre not in role.droits]
    return fautes


def defauts_acces(acces: Acces, connus: Mapping[str, Role] = ROLES) -> list[str]:
    """Why these roles can't be given, in French; empty = good."""
    fautes = []
    inconnus = [r for r in acces.roles if r not in connus]
    if inconnus or not acces.roles:
        fautes.append("choisissez un rôle parmi " + ", ".join(connus))
    if any(connus[r].date for r in acces.roles if r in connus) and not (acces.du and acces.au):
        fautes.append("un remplacement a une date de début et une date de fin")
    if acces.du and acces.au and acces.du > acces.au:
        fautes.append("la date de fin précède la date de début")
    return fautes


def refus_du_jour(acces: Acces, jour: str) -> str:
    """"" when the account may enter on that day (AAAA-MM-JJ), else the French reason."""
    if acces.du and jour < acces.du:
        return "Ce compte n’est pas encore ouvert : sa période n’a pas commencé."
    if acces.au and jour > acces.au:
        return "La période de ce compte est terminée. Adressez-vous au titulaire du cabinet."
    return ""
