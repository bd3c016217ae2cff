"""The Vaccinations tab: history read from the documents, schedule with its source and date.

The documents of the file, produced here or integrated, are the history: there is no second list
to keep in agreement with them.
"""

from collections.abc import Iterator
from datetime import date

from app.documents.calendrier import etapes_calendrier, source_calendrier
from app.documents.illisible import DocumentIllisible
from app.documents.texte import majuscule
from app.documents.types import jeu, sigle, type_document
from app.documents.vaccination_lecture import (
    TYPES_VACCINATION,
    VaccinationLue,
    lire_vaccinations,
)
from app.documents.vaccins import maladies
from app.domain.calendrier_vaccinal import (
    LIEN_CALENDRIER,
    LigneSituation,
    mois_revolus,
    situation,
)
from app.domain.dates import est_calendaire
from app.domain.document import EtatDocument, FicheDocument
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.domain.vaccination import CarnetVaccinal, VaccinationFaite, avis_profession
from app.usecases.context import Contexte
from app.usecases.garde import exige
from app.usecases.settings import Reglages

#: Kind of document that a vaccination makes.
TYPE = "note-vaccination"
#: Profiles that vaccinate (DSR §3.2.2).
PROFILS_VACCINATION = frozenset({"IDE", "IPA", "SF"})
#: Setting: address of the schedule.
CLE_LIEN = "lien_calendrier_vaccinal"
#: Above this size a document is parsed in the worker process (design §2.1).
_TAILLE_LOURDE = 200_000


def vaccine_permise(reglages: Reglages) -> bool:
    """True when a profile of the practice vaccinates: the tab exists for it."""
    return bool(PROFILS_VACCINATION & set(reglages.profils))


@exige(Droit.CLINIQUE_LIRE)
def carnet(ctx: Contexte, patient_id: int, au: date | None = None) -> CarnetVaccinal:
    """The whole tab: history, schedule with its source and date, choices of the form."""
    au = au or date.today()
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
        fiches = [f for f in u.documents.lister(patient_id) if f.type_code in TYPES_VACCINATION
                  and f.etat not in (EtatDocument.REMPLACE, EtatDocument.SUPPRIME)]
        contenus = {f.id: u.documents.contenu(f.cda_sha256) for f in fiches if f.cda_sha256}
        lien = str(u.reglages.lire(CLE_LIEN, LIEN_CALENDRIER))
    faites = sorted({v for f in fiches for v in _du_document(ctx, f, contenus.get(f.id))},
                    key=lambda v: (v.date, v.document_id or 0), reverse=True)
    uniques = _sans_doubles(faites)
    naissance = date_de_naissance(patient)
    return CarnetVaccinal(
        _situation(naissance, uniques, au), uniques,
        "Aide à la décision, à partir de l’âge et des vaccinations de ce dossier. "
        + source_calendrier() + ".", lien,
        avis_profession(sigle(ctx.professionnel),
                        None if naissance is None else mois_revolus(naissance, au) // 12),
        au.isoformat(), patient.identite.traits.date_naissance,
        tuple((c.code, _voie(c.libelle)) for c in jeu("voie_vaccination").values()),
        tuple((c.code, majuscule(c.libelle)) for c in jeu("site_vaccination").values()))


def _voie(libelle: str) -> str:
    return majuscule(libelle.removeprefix("Voie "))


def _du_document(ctx: Contexte, fiche: FicheDocument,
                 cda: bytes | None) -> Iterator[VaccinationFaite]:
    """Vaccinations of one document; one that can't be read still stands for itself."""
    lues: tuple[VaccinationLue, ...] = ()
    if cda is not None:
        try:
            lues = (ctx.lourd(lire_vaccinations, cda) if len(cda) > _TAILLE_LOURDE
                    else lire_vaccinations(cda))
        except DocumentIllisible:
            lues = ()
    if not lues and fiche.type_code == type_document(TYPE).type_code:
        yield VaccinationFaite(fiche.date_acte[:10], fiche.titre, vaccinateur=fiche.auteur,
                               origine=fiche.origine, document_id=fiche.id)
    for lue in lues:
        yield VaccinationFaite(
            lue.date, lue.vaccin, _noms_maladies(lue.maladies), lue.maladies, lue.nature,
            lue.rang, lue.lot, lue.vaccinateur or fiche.auteur, fiche.origine, fiche.id)


#: Usual short forms of associations, longest first.
_ASSOCIATIONS = ((("DIP", "TET", "POL", "COQ"), "dTcaP"), (("DIP", "TET", "POL"), "dTP"),
                 (("ROUG", "OREI", "RUBE"), "ROR"))


def _noms_maladies(codes: tuple[str, ...]) -> str:
    """« dTcaP », « Grippe », « dTcaP, Hépatite B »."""
    noms, reste = [], list(codes)
    for groupe, nom in _ASSOCIATIONS:
        if set(groupe) <= set(reste):
            noms.append(nom)
            reste = [c for c in reste if c not in groupe]
    return ", ".join([*noms, *(c if c in ("VRS", "HPV") else maladies().get(c, c)
                               for c in reste)])


def _sans_doubles(faites: list[VaccinationFaite]) -> tuple[VaccinationFaite, ...]:
    """A vaccination told by two documents (a note, a history) is one line."""
    vues: dict[tuple[str, str], VaccinationFaite] = {}
    for faite in faites:
        cle = (faite.date, ",".join(sorted(faite.codes)) or faite.vaccin)
        deja = vues.get(cle)
        if deja is None or (not deja.lot and faite.lot):
            vues[cle] = faite
    return tuple(vues.values())


def date_de_naissance(patient: Patient) -> date | None:
    """Birth day, or None when it is lunar or partly unknown."""
    iso = patient.identite.traits.date_naissance
    return date.fromisoformat(iso) if est_calendaire(iso) else None


def _situation(naissance: date | None, faites: tuple[VaccinationFaite, ...],
               au: date) -> tuple[LigneSituation, ...]:
    if naissance is None:
        return ()
    return situation(etapes_calendrier(), naissance, [v.dose for v in faites], au)
