"""What the tournée says of a day: groups, words of each cell, figures, new order. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.agenda import EtatPassage, Passage
from app.domain.identity import Attribut, StatutIdentite

#: Groups of the day: code, title, first hour, icon.
GROUPES: tuple[tuple[str, str, str, str], ...] = (
    ("matin", "Tournée du matin", "00:00", "route"),
    ("apres_midi", "Après-midi", "12:30", "sun"),
    ("soir", "Tournée du soir", "16:00", "moon"),
)
#: States whose visit may still change its place in the day.
DEPLACABLES = frozenset({EtatPassage.A_VENIR, EtatPassage.EN_COURS})
_PAS = 5


@dataclass(frozen=True, slots=True)
class GroupePassages:
    """Visits of a part of the day, in order of hour."""

    code: str
    titre: str
    icone: str
    passages: tuple[Passage, ...]

    @property
    def resume(self) -> str:
        """« 11 passages, 4 faits »; cancelled ones are not counted."""
        nombre = sum(p.etat is not EtatPassage.ANNULE for p in self.passages)
        faits = sum(p.etat is EtatPassage.FAIT for p in self.passages)
        suite = f", {faits} fait{'s' if faits > 1 else ''}" if faits else ""
        return f"{nombre} passage{'s' if nombre > 1 else ''}{suite}"


@dataclass(frozen=True, slots=True)
class Mention:
    """Something to look at: words, icon, colour role."""

    texte: str
    icone: str
    role: str


@dataclass(frozen=True, slots=True)
class ChiffresTournee:
    """Figures of the foot. `nouveaux_dmp` is None while no DMP could be asked."""

    nouveaux_dmp: int | None
    dossiers_dmp: int
    a_qualifier: int
    a_faire: int


def grouper(passages: Sequence[Passage]) -> tuple[GroupePassages, ...]:
    """Cut the day into its groups; empty ones are left out."""
    ordonnes = sorted(passages, key=lambda p: (p.heure, p.id))
    groupes: list[GroupePassages] = []
    for i, (code, titre, debut, icone) in enumerate(GROUPES):
        fin = GROUPES[i + 1][2] if i + 1 < len(GROUPES) else "99"
        siens = tuple(p for p in ordonnes if debut <= p.heure < fin)
        if siens:
            groupes.append(GroupePassages(code, titre, icone, siens))
    return tuple(groupes)


def nom(passage: Passage) -> str:
    """Birth name and first given name, or what stands for an appointment without patient."""
    p = passage.patient
    return f"{p.nom_naissance} {p.premier_prenom}" if p else "Sans patient"


def initiales(nom: str) -> str:
    """« Marie-Anne LE GALL » gives « MLG »: what a narrow place shows of a name."""
    return "".join(mot[0] for mot in nom.replace("’", " ").split())[:3].upper()


def mention(passage: Passage) -> Mention | None:
    """What needs a look before the visit, the gravest first."""
    p = passage.patient
    if p is None:
        return None
    if Attribut.DOUTEUSE in p.attributs:
        return Mention("Douteuse", "user-question", "erreur")
    if Attribut.FICTIVE in p.attributs:
        return Mention("Fictive", "mask", "neutre")
    if Attribut.HOMONYME in p.attributs:
        return Mention("Homonyme", "users", "alerte")
    if p.statut is not StatutIdentite.QUALIFIEE:
        return Mention("INS à qualifier", "alert-triangle", "alerte")
    return None


#: State: word, icon, colour role.
ETATS: dict[EtatPassage, Mention] = {
    EtatPassage.A_VENIR: Mention("À venir", "circle", "texte2"),
    EtatPassage.EN_COURS: Mention("En cours", "player-play", "accent"),
    EtatPassage.FAIT: Mention("Fait", "check", "succes"),
    EtatPassage.ANNULE: Mention("Annulé", "ban", "neutre"),
}


def chiffres(passages: Sequence[Passage]) -> ChiffresTournee:
    """Figures of the foot: each patient counts once."""
    par_patient = {p.patient.id: p for p in passages if p.patient is not None}
    connus = [p.nouveaux_dmp for p in par_patient.values() if p.nouveaux_dmp is not None]
    return ChiffresTournee(
        nouveaux_dmp=sum(connus) if connus else None,
        dossiers_dmp=sum(n > 0 for n in connus),
        a_qualifier=sum(p.patient is not None and p.patient.statut is not StatutIdentite.QUALIFIEE
                        for p in par_patient.values()),
        a_faire=sum(p.etat in DEPLACABLES for p in passages))


def lire_heure(texte: str) -> str | None:
    """Read a typed hour (850, 8h50, 08:50, 8) as HH:MM, or None."""
    chiffres_lus = "".join(c if c.isdigit() else " " for c in texte).split()
    if not chiffres_lus or len(chiffres_lus) > 2:
        return None
    if len(chiffres_lus) == 1:
        seul = chiffres_lus[0]
        if len(seul) > 4:
            return None
        heures, minutes = (seul, "0") if len(seul) <= 2 else (seul[:-2], seul[-2:])
    else:
        heures, minutes = chiffres_lus
    h, m = int(heures), int(minutes)
    return f"{h:02d}:{m:02d}" if h < 24 and m < 60 else None


def _decaler(heure: str, minutes: int) -> str:
    total = int(heure[:2]) * 60 + int(heure[3:]) + minutes
    total = max(0, min(total, 24 * 60 - 1))
    return f"{total // 60:02d}:{total % 60:02d}"


def reordonner(passages: Sequence[Passage], passage_id: int,
               rang: int) -> list[tuple[Passage, str]]:
    """Hours to change so that a visit comes at `rang` among the visits that may move.

    The day keeps its hours: the visits between the old and the new place shift by one hour slot.
    When the hours are equal, the moved visit goes 5 minutes before or after instead. Visits done
    or cancelled keep their hour. Returns (visit, new hour), empty when nothing changes.
    """
    mobiles = sorted((p for p in passages if p.etat in DEPLACABLES), key=lambda p: (p.heure, p.id))
    depart = next((i for i, p in enumerate(mobiles) if p.id == passage_id), None)
    if depart is None:
        return []
    rang = max(0, min(rang, len(mobiles) - 1))
    if rang == depart:
        return []
    heures = [p.heure for p in mobiles]
    voulu = mobiles[:depart] + mobiles[depart + 1:]
    voulu.insert(rang, mobiles[depart])
    if heures[depart] == heures[rang]:
        return [(mobiles[depart], _decaler(heures[rang], -_PAS if rang < depart else _PAS))]
    return [(p, h) for p, h in zip(voulu, heures, strict=True) if p.heure != h]


def maintenant() -> str:
    """HH:MM now, local."""
    return datetime.now().strftime("%H:%M")


def voisin(passages: Sequence[Passage], patient_id: int, pas: int) -> int | None:
    """Next (+1) or previous (-1) patient of the tournée, None at its ends.

    From a patient who isn't in it: the first one still to see.
    """
    suite = sorted((p for p in passages
                    if p.patient is not None and p.etat is not EtatPassage.ANNULE),
                   key=lambda p: (p.heure, p.id))
    ids = [p.patient.id for p in suite if p.patient is not None]
    rangs = [i for i, autre in enumerate(ids) if autre == patient_id]
    if not rangs:
        return next((i for i, p in zip(ids, suite, strict=True) if p.etat in DEPLACABLES), None)
    # A patient seen morning and evening: from the visit that is still to do.
    rang = next((i for i in rangs if suite[i].etat in DEPLACABLES), rangs[-1]) + pas
    while 0 <= rang < len(ids):
        if ids[rang] != patient_id:
            return ids[rang]
        rang += pas
    return None
