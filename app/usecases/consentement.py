"""What the patient answered on the DMP: consultation, sending (SC.DMP/CONF.06.BIS)."""

from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica
from app.domain.equipes import Geste
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.concurrence import Champ, Edition, Lu, Valeurs, ecrire_ensemble
from app.usecases.consult_dmp import dica_local
from app.usecases.context import Contexte
from app.usecases.equipes import exiger_delegation, noms_de, tracer_pour
from app.usecases.garde import exige
from app.usecases.outbox import annuler_pour_opposition

#: What is known of a patient whom nobody asked.
SANS_REPONSE = EpisodeSoins(0, 0, "")
_CHAMPS_REPONSES = {
    "consultation": Champ("Consultation du DMP", lambda v: {
        True: "acceptée", False: "refusée"}.get(v, "pas de réponse")),
    "opposition": Champ("Envoi de documents au DMP", lambda v: "refusé" if v else "accepté"),
}


@exige(Droit.CLINIQUE_ECRIRE, Droit.IDENTITES)
def noter_consentement(ctx: Contexte, patient_id: int, consultation: bool | None,
                       opposition_alimentation: bool | None,
                       base: EpisodeSoins | None = None, pour: int = 0) -> Dica:
    """Record what the patient answered, for this episode and the whole team (SC.DMP/CONF.06.BIS).

    Answering means that the patient was informed. « Non » to consultation with an opposition not
    given sets both refusals, each editable afterwards. The reason is never asked nor stored.

    :param base: the answers as the user read them (`SANS_REPONSE` before any): an opposition that a
        colleague noted meanwhile is never lifted unseen.
    :param pour: professional for whom it was asked, 0 = oneself: the answer is then theirs and
        their team's, and both names are kept.
    :raises Refus: that professional delegated nothing.
    :raises ConflitSaisie: with `base`, a colleague noted the contrary meanwhile.
    """
    pour = pour or ctx.compte_id
    exiger_delegation(ctx, pour, Geste.CONSENTEMENT)
    if consultation is False and opposition_alimentation is None:
        opposition_alimentation = True
    dites = {"consultation": consultation, "opposition": opposition_alimentation}
    dites = {code: valeur for code, valeur in dites.items() if valeur is not None}

    def lire(u: Unite) -> Lu:
        episode = u.episodes.courant(patient_id)
        return Lu(_reponses(episode or SANS_REPONSE), 0, episode.informe_par if episode else "")

    def ecrire(u: Unite, valeurs: Valeurs, _version: int) -> tuple[Patient, EpisodeSoins]:
        voulues = {c: valeurs[c] for c in ("consultation", "opposition") if c in valeurs}
        return _noter_reponses(ctx, u, patient_id, voulues.get("consultation"),
                               voulues.get("opposition"), pour)

    if base is None:
        with ctx.store.ecriture() as u:
            patient, episode = ecrire(u, dites, 0)
    else:
        lues = _reponses(base)
        patient, episode = ecrire_ensemble(
            ctx, Edition("les réponses du patient", _CHAMPS_REPONSES, lire, ecrire), lues,
            {**lues, **dites})
    return dica_local(ctx, patient, episode)


def _reponses(episode: EpisodeSoins) -> dict[str, bool | None]:
    return {"consultation": episode.consentement_consultation,
            "opposition": episode.opposition_alimentation}


def _noter_reponses(ctx: Contexte, u: Unite, patient_id: int, consultation: bool | None,
                    opposition: bool | None, pour: int) -> tuple[Patient, EpisodeSoins]:
    patient = u.patients.lire(patient_id)
    episode = u.episodes.courant(patient_id) or u.episodes.ouvrir(patient_id, auteur=ctx.qui)
    avant = (episode.consentement_consultation, episode.opposition_alimentation)
    delegue = pour != ctx.compte_id
    episode = u.episodes.noter(
        episode.id, informe=True, consentement_consultation=consultation,
        opposition_alimentation=opposition, auteur=noms_de(u)[pour] if delegue else ctx.qui,
        version=episode.version, recueilli_par=ctx.qui if delegue else "")
    annules = annuler_pour_opposition(u, patient_id) if episode.opposition_alimentation else 0
    apres = (episode.consentement_consultation, episode.opposition_alimentation)
    u.trail.ecrire(qui=ctx.qui, quoi="consentement", sur_qui=str(patient_id), resultat="ok",
                   detail=f"avant {avant}, après {apres}, envois annulés {annules}"
                   + (f", recueilli pour {episode.informe_par}" if delegue else ""))
    if delegue:
        tracer_pour(u, ctx, pour, Geste.CONSENTEMENT, f"patient {patient_id}")
    return patient, episode
