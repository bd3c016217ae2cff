"""What the patient file shows, read in one go by a worker: local facts only, no call."""

from dataclasses import dataclass, field, replace

from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica, EtatLigne, LigneDica, RemedeDica
from app.domain.dmp import BandeauMes
from app.domain.document import ListeDocuments
from app.domain.patient import Observation, Patient
from app.domain.prelevement import PROFILS
from app.usecases import dossier, notes
from app.usecases.context import Contexte
from app.usecases.droits_identite import DroitsIdentite, droits
from app.usecases.reglages_identite import ReglagesIdentite, lire_reglages_identite
from app.usecases.settings import lire_reglages


@dataclass(frozen=True, slots=True)
class EtatDossier:
    """A patient file at one moment. `observations` is None when it was not read again."""

    patient: Patient
    lieu: str
    age: str
    episode: EpisodeSoins | None
    dica: Dica
    mes: BandeauMes
    documents: ListeDocuments
    observations: tuple[Observation, ...] | None = None
    brouillon_note: str = ""
    bris_de_glace: str = ""
    """Reason of the bris de glace that runs, "" without one."""
    reglages: ReglagesIdentite = field(default_factory=ReglagesIdentite)
    droits: DroitsIdentite = field(default_factory=DroitsIdentite)
    prelevement: bool = False
    """True when a profile of the practice takes samples at home."""


def ouvrir(ctx: Contexte, patient_id: int) -> EtatDossier:
    """Open the file (the access is traced)."""
    ouvert = dossier.ouvrir_dossier(ctx, patient_id)
    return EtatDossier(
        ouvert.patient, ouvert.lieu_naissance, ouvert.age, ouvert.episode, ouvert.dica,
        ouvert.mes, ouvert.documents, ouvert.observations,
        notes.brouillon_note(ctx, patient_id), ctx.memoire.bris_de_glace.get(patient_id, ""),
        lire_reglages_identite(ctx), droits(ctx), _preleve(ctx))


def relire(ctx: Contexte, patient_id: int) -> EtatDossier:
    """Read the open file again after a change: no new access is traced."""
    lu = dossier.relire_dossier(ctx, patient_id)
    return EtatDossier(
        lu.patient, lu.lieu_naissance, lu.age, lu.episode, lu.dica, lu.mes, lu.documents,
        bris_de_glace=ctx.memoire.bris_de_glace.get(patient_id, ""),
        reglages=lire_reglages_identite(ctx), droits=droits(ctx), prelevement=_preleve(ctx))


def _preleve(ctx: Contexte) -> bool:
    return not PROFILS.isdisjoint(lire_reglages(ctx).profils)


def avec_verification(dica: Dica) -> Dica:
    """The answer while TD0.2 is being asked: D reads « Vérification… » when it may be asked."""
    if not dica.lignes or not verifiable(dica):
        return dica
    d = LigneDica("D", "DMP", "Vérification…", EtatLigne.EN_COURS)
    lignes = (d, *dica.lignes[1:])
    autres = [x.lettre for x in lignes[1:] if x.etat is not EtatLigne.REMPLI]
    manque = dica.manque if autres else "Vérification en cours"
    return replace(dica, consultable=False, lignes=lignes, manque=manque)


def verifiable(dica: Dica) -> bool:
    """True when the answer of TD0.2 is awaited or may be asked again."""
    d = dica.lignes[0]
    return d.etat is EtatLigne.A_FAIRE and RemedeDica.REESSAYER in d.remedes


def seul_consentement_manque(dica: Dica) -> bool:
    """True when consent was never asked and nothing else that the user can do is missing.

    D may be missing too: before the patient is informed, TD0.2 is not called.
    """
    manquantes = {x.lettre: x for x in dica.lignes if x.etat is not EtatLigne.REMPLI}
    c = manquantes.get("C")
    if c is None or RemedeDica.PATIENT_CONSENT not in c.remedes:
        return False
    d = manquantes.get("D")
    return not manquantes.keys() - {"C", "D"} and (d is None or d.etat is not EtatLigne.BLOQUE)
