"""The tournée: list, add, move, mark seen."""

from datetime import date, time

from app.domain.agenda import EtatPassage, LieuPassage, Passage
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige


@exige(Droit.AGENDA)
def tournee(ctx: Contexte, jour: str) -> list[Passage]:
    """Visits of `jour` (AAAA-MM-JJ), in order of hour."""
    with ctx.store.lecture() as u:
        return u.agenda.du_jour(jour)


def _controler(jour: str, heure: str) -> None:
    try:
        date.fromisoformat(jour)
        time.fromisoformat(heure)
    except ValueError as erreur:
        raise Refus(f"Heure ou date incomprise : {jour} {heure}. Écrivez l’heure comme 08:50.") \
            from erreur


@exige(Droit.AGENDA)
def ajouter_passage(ctx: Contexte, jour: str, heure: str, patient_id: int | None, soins: str = "",
                    duree: int = 15, lieu: LieuPassage = LieuPassage.DOMICILE) -> Passage:
    """Add a visit. The address is the patient's."""
    _controler(jour, heure)
    with ctx.store.ecriture() as u:
        adresse = ""
        if patient_id is not None:
            contact = u.patients.lire(patient_id).contact
            adresse = ", ".join(filter(None, (contact.adresse, contact.commune)))
        return u.agenda.ajouter(jour, heure, ctx.compte_id, patient_id, soins=soins.strip(),
                                duree=duree, lieu=lieu, adresse=adresse)


@exige(Droit.AGENDA)
def deplacer_passage(ctx: Contexte, passage: Passage, jour: str, heure: str) -> Passage:
    """Give a visit another day or hour."""
    _controler(jour, heure)
    with ctx.store.ecriture() as u:
        return u.agenda.deplacer(passage.id, jour, heure, version=passage.version)


@exige(Droit.AGENDA)
def marquer_passage(ctx: Contexte, passage: Passage, etat: EtatPassage) -> Passage:
    """Change the state of a visit (« Fait »)."""
    with ctx.store.ecriture() as u:
        return u.agenda.marquer(passage.id, etat, version=passage.version)


@exige(Droit.AGENDA)
def supprimer_passage(ctx: Contexte, passage: Passage) -> None:
    """Remove a visit from the agenda."""
    with ctx.store.ecriture() as u:
        u.agenda.supprimer(passage.id)
