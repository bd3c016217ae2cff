"""What the vaccination schedule expects at an age: help for the professional, never an order.

The rows come from a table whose source and date are shown beside every answer. Only rows that
depend on age are judged; pregnancy, work, travel and overseas rows depend on facts that the file
doesn't hold. What the file doesn't know is said (« aucune dose enregistrée »), never taken as
« not done ».
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

#: Page of the ministry (SC.VACC/SCHEMA.01); the settings may give another address.
LIEN_CALENDRIER = ("https://sante.gouv.fr/prevention-en-sante/preserver-sa-sante/vaccination/"
                   "calendrier-vaccinal")
_PAR_AGE = frozenset({"nourrisson", "enfant", "adolescent", "adolescent_adulte", "adulte"})
_FERME = frozenset({"obligatoire", "recommande"})
#: Programmes in the order of the screen: code of the disease that counts doses, name.
PROGRAMMES = (
    ("TET", "Diphtérie, tétanos, polio, coqueluche"), ("ROUG", "Rougeole, oreillons, rubéole"),
    ("PNC", "Pneumocoque"), ("MENACWY", "Méningocoques A, C, W, Y"),
    ("MENB", "Méningocoque B"), ("ROTA", "Rotavirus"), ("HPV", "Papillomavirus"),
    ("HEPB", "Hépatite B"), ("GRIPPE", "Grippe saisonnière"), ("COVID", "COVID-19"),
    ("ZONA", "Zona"), ("VRS", "VRS"), ("VAR", "Varicelle"), ("TUB", "Tuberculose"))
#: Months after which an infant's step is no longer told as due, by programme.
_RATTRAPAGE = {"ROUG": 216, "ROTA": 8}
_RATTRAPAGE_NOURRISSON = 60
_NOURRISSON, _ADULTE = 24, 216
#: A booster given so many months before its age counts for it.
_AVANCE_ENFANT, _AVANCE_ADULTE = 12, 60
#: Youngest age at which a dose counts for an adolescent's catch-up.
_RATTRAPAGE_ADOLESCENT = 108
_TOUS_LES_DIX_ANS = "tous les 10 ans"
#: First month of the autumn campaigns, and first month when they are over.
_DEBUT_CAMPAGNE, _FIN_CAMPAGNE = 9, 3


class EtatVaccinal(StrEnum):
    """Answer for one programme, in the order of the screen."""

    A_FAIRE = "a_faire"
    A_VERIFIER = "a_verifier"
    A_PROPOSER = "a_proposer"
    A_JOUR = "a_jour"
    PLUS_TARD = "plus_tard"


@dataclass(frozen=True, slots=True)
class Etape:
    """One row of the schedule. Ages in months; `fin` None = no end."""

    id: str
    population: str
    debut: int | None
    fin: int | None
    age: str
    maladies: tuple[str, ...]
    nature: str
    dose: str
    condition: str = ""
    verifie: bool = True

    @property
    def nombre(self) -> int:
        """Doses that the step wants."""
        lu = re.search(r"(\d) doses", self.dose)
        return int(lu[1]) if lu else 1

    @property
    def ferme(self) -> bool:
        """Mandatory or recommended for all, not only for some."""
        return self.nature in _FERME


@dataclass(frozen=True, slots=True)
class Dose:
    """One vaccination known to the file: day AAAA-MM-JJ, codes of the diseases, rank if told."""

    date: str
    maladies: tuple[str, ...]
    rang: int | None = None


@dataclass(frozen=True, slots=True)
class LigneSituation:
    """One line of the screen. `codes`: diseases that a vaccination of this line would cover.

    `verifie` is False when the row of the schedule is still to be checked on the ministry's page.
    """

    titre: str
    detail: str
    etat: EtatVaccinal
    codes: tuple[str, ...] = ()
    rappel: bool = False
    verifie: bool = True


def mois_revolus(naissance: date, au: date) -> int:
    """Full months between two days."""
    return (au.year - naissance.year) * 12 + au.month - naissance.month - (au.day < naissance.day)


def situation(etapes: Sequence[Etape], naissance: date, doses: Sequence[Dose],
              au: date) -> tuple[LigneSituation, ...]:
    """Judge every programme at day `au`; what is to do comes first, what is far away last."""
    jugees = [ligne for code, titre in PROGRAMMES
              for ligne in _programme(code, titre, etapes, naissance, doses, au)]
    ordre = list(EtatVaccinal)
    presentes = [x for x in jugees if x.etat is not EtatVaccinal.PLUS_TARD]
    presentes.sort(key=lambda x: ordre.index(x.etat))
    return (*presentes, *_plus_tard(jugees))


def _programme(code: str, titre: str, etapes: Sequence[Etape], naissance: date,
               doses: Sequence[Dose], au: date) -> Iterator[LigneSituation]:
    mois = mois_revolus(naissance, au)
    miennes = sorted((e for e in etapes if code in e.maladies and not _ecartee(code, e)),
                     key=lambda e: (e.debut or 0, not e.ferme))
    if not miennes or mois < 0:
        return
    jours = sorted(d.date for d in doses if code in d.maladies and d.date <= au.isoformat())
    atteintes = [e for e in miennes if (e.debut or 0) <= mois and _ouverte(code, e, miennes, mois)]
    suivante = next((e for e in miennes if (e.debut or 0) > mois and e.ferme), None)
    if atteintes:
        yield _juger(titre, atteintes, miennes, naissance, jours, au)
    elif jours:
        yield LigneSituation(titre, f"Dernière dose le {_jour(jours[-1])}", EtatVaccinal.A_JOUR)
    if suivante is not None and not atteintes and not _faite(suivante, naissance, jours, au):
        age = suivante.age.removesuffix(" et plus").partition(" puis ")[0]
        yield LigneSituation(titre, f"À {age}", EtatVaccinal.PLUS_TARD, suivante.maladies)


def _faite(etape: Etape, naissance: date, jours: Sequence[str], au: date) -> bool:
    """True when the doses of a step to come were given already."""
    return "annuelle" not in etape.dose and etape.nombre <= sum(
        _compte(etape, naissance, date.fromisoformat(j), au) for j in jours)


def _ecartee(code: str, etape: Etape) -> bool:
    """Steps that age alone doesn't decide, antibodies, and what another line already counts."""
    return (etape.debut is None or etape.population not in _PAR_AGE
            or "monoclonal" in etape.dose or etape.condition.startswith("seulement si")
            or (code == "HEPB" and "TET" in etape.maladies))


def _ouverte(code: str, etape: Etape, toutes: Sequence[Etape], mois: int) -> bool:
    """True while a step that was reached is still looked at."""
    debut, fin = etape.debut or 0, etape.fin
    if fin is None:
        return True
    if debut < _NOURRISSON and etape.population == "nourrisson":
        limite = _RATTRAPAGE.get(code, _RATTRAPAGE_NOURRISSON)
        return mois < max(limite, fin + 1) and not any(
            e.ferme and _NOURRISSON <= (e.debut or 0) <= mois for e in toutes)
    if fin == debut:  # a booster at a fixed age: until the next one
        return not any(e.ferme and debut < (e.debut or 0) <= mois for e in toutes)
    if "rappel" in etape.dose:
        return not any(e.ferme and debut < (e.debut or 0) <= mois for e in toutes)
    return mois <= fin


def _juger(titre: str, atteintes: Sequence[Etape], toutes: Sequence[Etape], naissance: date,
           jours: Sequence[str], au: date) -> LigneSituation:
    etape = atteintes[-1] if atteintes[-1].ferme else next(
        (e for e in reversed(atteintes) if e.ferme), atteintes[-1])
    if "annuelle" in etape.dose:
        return _campagne(titre, etape, jours, au)
    codes, rappel = etape.maladies, "rappel" in etape.dose
    fixe = etape.fin is not None and ((etape.debut or 0) < _NOURRISSON or rappel)
    if (etape.debut or 0) < _NOURRISSON and etape.population == "nourrisson":
        serie = [e for e in toutes if e in atteintes and e.population == "nourrisson"]
        attendues, faites = len(serie), len(jours)
        etape = serie[min(faites, attendues - 1)]
        rappel = "rappel" in etape.dose
        compte = f"{faites} dose{'s' if faites > 1 else ''} enregistrée{'s' if faites > 1 else ''}"
        retard = f"{_prevue(etape, naissance)} ; {compte} sur {attendues}"
    else:
        faites = sum(_compte(etape, naissance, date.fromisoformat(j), au) for j in jours)
        attendues = etape.nombre
        if "rattrapage" in etape.dose and _deja_complet(etape, toutes, naissance, jours):
            attendues = faites
        retard = _prevue(etape, naissance)
        if etape.nombre > 1:
            retard += f" ; {faites} dose{'s' if faites > 1 else ''} sur {etape.nombre}"
    if "TET" in codes:
        titre = _titre_dtp(codes)
    if faites >= attendues:
        return LigneSituation(titre, f"Dernière dose le {_jour(jours[-1])}", EtatVaccinal.A_JOUR,
                              codes, rappel, etape.verifie)
    if not etape.ferme:
        condition = f", si {etape.condition[0].lower()}{etape.condition[1:]}" \
            if etape.condition else ""
        return LigneSituation(titre, f"{_majuscule(etape.age)}{condition}",
                              EtatVaccinal.A_PROPOSER, codes, rappel, etape.verifie)
    if not jours and fixe and mois_revolus(naissance, au) >= _NOURRISSON:
        court = retard.replace(", prévu en ", " (") + ")" if rappel else retard
        return LigneSituation(titre, f"{court} ; aucune dose enregistrée",
                              EtatVaccinal.A_VERIFIER, codes, rappel, etape.verifie)
    return LigneSituation(titre, retard, EtatVaccinal.A_FAIRE, codes, rappel, etape.verifie)


def _compte(etape: Etape, naissance: date, jour: date, au: date) -> bool:
    """True when a dose counts for a step: boosters by their age, others from their first age."""
    debut, mois = etape.debut or 0, mois_revolus(naissance, jour)
    if _TOUS_LES_DIX_ANS in etape.age:
        return mois_revolus(jour, au) < 120
    if "rappel" in etape.dose:
        return mois >= debut - (_AVANCE_ADULTE if debut >= _ADULTE else _AVANCE_ENFANT)
    if etape.maladies == ("HEPB",) or "VAR" in etape.maladies:
        return True
    if "rattrapage" in etape.dose:
        return mois >= _RATTRAPAGE_ADOLESCENT
    if debut >= _ADULTE:  # once an adult, whenever
        return mois >= _ADULTE
    return mois >= debut - _AVANCE_ENFANT


def _deja_complet(etape: Etape, toutes: Sequence[Etape], naissance: date,
                  jours: Sequence[str]) -> bool:
    """True when an earlier step was complete in its own time: no catching up then."""
    for avant in toutes:
        if avant.ferme and _NOURRISSON <= (avant.debut or 0) < (etape.debut or 0):
            ages = [mois_revolus(naissance, date.fromisoformat(j)) for j in jours]
            debut, fin = (avant.debut or 0) - _AVANCE_ENFANT, avant.fin or _ADULTE
            if sum(debut <= a <= fin for a in ages) >= avant.nombre:
                return True
    return False


def _campagne(titre: str, etape: Etape, jours: Sequence[str], au: date) -> LigneSituation:
    annee = au.year if au.month >= _DEBUT_CAMPAGNE else au.year - 1
    ouverte = au.month >= _DEBUT_CAMPAGNE or au.month < _FIN_CAMPAGNE
    depuis = date(annee, _DEBUT_CAMPAGNE, 1).isoformat()
    if jours and jours[-1] >= depuis:
        return LigneSituation(titre, f"Fait le {_jour(jours[-1])}", EtatVaccinal.A_JOUR,
                              etape.maladies, verifie=etape.verifie)
    if not ouverte:
        return LigneSituation(titre, "À la prochaine campagne d’automne", EtatVaccinal.PLUS_TARD,
                              etape.maladies)
    detail = f"Campagne {annee}-{annee + 1}"
    if not etape.ferme and etape.condition:
        detail += f", si {etape.condition}"
    return LigneSituation(titre, detail, EtatVaccinal.A_PROPOSER, etape.maladies,
                          verifie=etape.verifie)


def _plus_tard(lignes: Sequence[LigneSituation]) -> Iterator[LigneSituation]:
    """Far steps of the same age on one line."""
    loin = [x for x in lignes if x.etat is EtatVaccinal.PLUS_TARD]
    ages = {x.detail: rang for rang, x in reversed(list(enumerate(loin)))}
    loin.sort(key=lambda x: (_annees(x.detail), ages[x.detail]))
    for detail, groupe in groupby(loin, key=lambda x: x.detail):
        noms = [x.titre for x in groupe]
        suite = [n if n.isupper() or n.startswith(("COVID", "VRS")) else n[0].lower() + n[1:]
                 for n in noms[1:]]
        yield LigneSituation(", ".join([noms[0], *suite]), detail, EtatVaccinal.PLUS_TARD)


def _annees(detail: str) -> float:
    lu = re.search(r"(\d+)[^\d]*(mois)?", detail)
    return float(lu[1]) / (12 if "mois" in detail else 1) if lu else 0.0


def _prevue(etape: Etape, naissance: date) -> str:
    """« Rappel des 45 ans, prévu en 12/2020 », or what the step is when its age is a range."""
    nom = etape.dose if etape.population == "nourrisson" else ""
    age = etape.age.partition(" puis ")[0]
    rang = (etape.debut or 0) + naissance.month - 1
    quand = f"{rang % 12 + 1:02d}/{naissance.year + rang // 12}"
    if _TOUS_LES_DIX_ANS in etape.age:
        return "Rappel tous les 10 ans"
    if "rappel" in etape.dose:
        return f"Rappel des {age}, prévu en {quand}"
    if etape.fin == etape.debut:
        return f"{_majuscule(nom or etape.dose)}, prévue à {age} ({quand})"
    return f"{_majuscule(age)}, {etape.dose}"


def _titre_dtp(codes: Sequence[str]) -> str:
    """The valences that the step really names."""
    suite = [nom for code, nom in (("COQ", "coqueluche"), ("HIB", "Hib"), ("HEPB", "hépatite B"))
             if code in codes]
    return ", ".join(["Diphtérie, tétanos, polio", *suite])


def _majuscule(texte: str) -> str:
    return texte[:1].upper() + texte[1:]


def _jour(iso: str) -> str:
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}"


def prochaine_dose(lignes: Sequence[LigneSituation], maladies: Sequence[str],
                   doses: Sequence[Dose]) -> tuple[str, int | None]:
    """Nature and rank to propose for a vaccine: (code of the act, rank or None).

    The rank follows that of the last dose, when a document tells it: counting the doses of an
    incomplete history would be a guess.
    """
    attendue = next((x for x in lignes if set(x.codes) & set(maladies)
                     and x.etat in (EtatVaccinal.A_FAIRE, EtatVaccinal.A_VERIFIER)), None)
    cle = next((code for code, _ in PROGRAMMES if code in maladies), "")
    connues = sorted((d for d in doses if cle and cle in d.maladies), key=lambda d: d.date)
    dernier = connues[-1].rang if connues and cle not in ("GRIPPE", "COVID") else None
    rang = None if dernier is None else dernier + 1
    if attendue is None:
        return "IMMUNIZ", rang
    return ("BOOSTER" if attendue.rappel else "INITIMMUNIZ"), rang
