"""The patient file, opened at once from what is local; the network comes after."""

from dataclasses import dataclass
from datetime import date

from app.domain import dates, statuts
from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica
from app.domain.dmp import BandeauMes
from app.domain.document import ListeDocuments
from app.domain.patient import Observation, Patient
from app.domain.roles import Droit
from app.domain.verification import cause_verification
from app.store.unite import Unite
from app.usecases import patients as gestes_patients
from app.usecases.concurrence import Champ, Edition, Lu, Valeurs, ecrire_ensemble
from app.usecases.consult_dmp import bandeau_local, dica_local
from app.usecases.context import Contexte, maintenant_local, maintenant_utc
from app.usecases.documents import documents_du_patient
from app.usecases.equipes import episode_partage
from app.usecases.errors import Refus
from app.usecases.garde import exige

#: A note longer than this is a document.
LONGUEUR_MAX_OBSERVATION = 20_000


@dataclass(frozen=True, slots=True)
class DossierOuvert:
    """What the patient file shows before any call."""

    patient: Patient
    lieu_naissance: str
    age: str
    episode: EpisodeSoins | None
    dica: Dica
    mes: BandeauMes
    observations: tuple[Observation, ...]
    documents: ListeDocuments


@exige(Droit.IDENTITES, Droit.CLINIQUE_LIRE)
def ouvrir_dossier(ctx: Contexte, patient_id: int) -> DossierOuvert:
    """Open a file: local facts only, no network. The access is traced (INS/va1.27).

    A file that was merged opens the one that was kept. A verification with INSi that is due takes
    its place in the queue (SC.INS.12, .13).
    """
    with ctx.store.ecriture() as u:
        patient_id = u.regroupements.actuel(patient_id)
        u.regroupements.rattraper(patient_id)
        patient = u.patients.lire(patient_id)
        episode = episode_partage(ctx, u, patient_id)
        observations = tuple(u.observations.lister(patient_id))
        if statuts.verification_due(patient.identite, maintenant_utc(), evenement=True):
            u.verifications.demander(patient_id, cause_verification(patient.identite))
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.ouverture", sur_qui=str(patient_id),
                       resultat="ok")
    return _ouvert(ctx, patient, episode, observations)


@exige(Droit.IDENTITES, Droit.CLINIQUE_LIRE)
def relire_dossier(ctx: Contexte, patient_id: int) -> DossierOuvert:
    """Read an open file again after a change: no new access is traced, no observation is read."""
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
        episode = episode_partage(ctx, u, patient_id)
    return _ouvert(ctx, patient, episode, ())


def _ouvert(ctx: Contexte, patient: Patient, episode: EpisodeSoins | None,
            observations: tuple[Observation, ...]) -> DossierOuvert:
    documents = documents_du_patient(ctx, patient.id)
    naissance = patient.identite.traits.date_naissance
    dica = dica_local(ctx, patient, episode)
    return DossierOuvert(
        patient=patient,
        lieu_naissance=gestes_patients.libelle_lieu(ctx, patient.identite.traits.lieu_naissance),
        age=dates.age(naissance, date.today()), episode=episode, dica=dica,
        mes=bandeau_local(ctx, patient, dica), observations=observations, documents=documents)


def _texte_observation(texte: str) -> str:
    propre = texte.strip()
    if not propre:
        raise Refus("L’observation est vide. Rien n’a été enregistré.")
    if len(propre) > LONGUEUR_MAX_OBSERVATION:
        raise Refus(f"L’observation dépasse {LONGUEUR_MAX_OBSERVATION} caractères. Faites-en un "
                    "document du dossier.")
    return propre


@exige(Droit.CLINIQUE_ECRIRE)
def ajouter_observation(ctx: Contexte, patient_id: int, texte: str) -> Observation:
    """Write a dated note, signed by the connected professional."""
    with ctx.store.ecriture(par_versions=True) as u:
        observation = u.observations.ajouter(patient_id, _texte_observation(texte),
                                             auteur_id=ctx.compte_id,
                                             horodatage=maintenant_local())
        u.trail.ecrire(qui=ctx.qui, quoi="observation.ajout", sur_qui=str(patient_id),
                       resultat="ok")
    return observation


@exige(Droit.CLINIQUE_ECRIRE)
def modifier_observation(ctx: Contexte, observation: Observation, texte: str) -> Observation:
    """Correct one's own note; the trail keeps that it was corrected.

    :raises ConflitSaisie: it was corrected in another window meanwhile.
    """
    def lire(u: Unite) -> Lu:
        actuelle = u.observations.lire(observation.id)
        if actuelle.auteur_id != ctx.compte_id:  # as it is kept, whatever the value says
            raise Refus("Cette observation a un autre auteur. Ajoutez la vôtre.")
        return Lu({"texte": actuelle.texte}, actuelle.version, "Votre autre fenêtre ou poste")

    def ecrire(u: Unite, valeurs: Valeurs, lue: int) -> Observation:
        nouvelle = u.observations.modifier(observation.id, valeurs["texte"], version=lue)
        u.trail.ecrire(qui=ctx.qui, quoi="observation.correction",
                       sur_qui=str(nouvelle.patient_id), resultat="ok")
        return nouvelle

    return ecrire_ensemble(
        ctx, Edition("cette observation", {"texte": Champ("Observation", long=True)}, lire,
                     ecrire, par_versions=True),
        {"texte": observation.texte}, {"texte": _texte_observation(texte)})
