"""Allergies, antecedents, treatments and measures of the record: written once, used by letters."""

from app.domain.dates import est_calendaire
from app.domain.dossier_clinique import LIBELLES, ElementClinique, NatureElement
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige

LIBELLE_MAX, DETAIL_MAX = 200, 500


@exige(Droit.CLINIQUE_LIRE)
def elements(ctx: Contexte, patient_id: int) -> tuple[ElementClinique, ...]:
    """What holds today, newest first."""
    with ctx.store.lecture() as u:
        return tuple(u.courriers.elements(patient_id))


def _controler(libelle: str, detail: str, date: str) -> None:
    if not libelle.strip():
        raise Refus("Écrivez de quoi il s’agit. Rien n’a été enregistré.")
    if len(libelle) > LIBELLE_MAX or len(detail) > DETAIL_MAX:
        raise Refus("Ce texte est trop long pour une ligne du dossier. Raccourcissez-le.")
    if date and not est_calendaire(date):
        raise Refus("Cette date n’existe pas au calendrier. Corrigez-la ou laissez-la vide.")


@exige(Droit.CLINIQUE_ECRIRE)
def ajouter(ctx: Contexte, patient_id: int, nature: NatureElement, libelle: str,
            detail: str = "", date: str = "") -> ElementClinique:
    """Add a line. `date` AAAA-MM-JJ or empty.

    :raises Refus: what to correct.
    """
    _controler(libelle, detail, date)
    with ctx.store.ecriture() as u:
        element = u.courriers.ajouter_element(ElementClinique(
            0, patient_id, nature, libelle.strip(), detail.strip(), date, ctx.qui))
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.ajout", sur_qui=str(patient_id), resultat="ok",
                       detail=LIBELLES[nature][0])
    return element


@exige(Droit.CLINIQUE_ECRIRE)
def retirer(ctx: Contexte, element: ElementClinique) -> None:
    """The line no longer holds: it leaves the letters, the file keeps it."""
    with ctx.store.ecriture() as u:
        u.courriers.retirer_element(element.id, element.version)
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.retrait", sur_qui=str(element.patient_id),
                       resultat="ok", detail=LIBELLES[element.nature][0])
