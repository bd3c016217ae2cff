"""With whose rights the DMP is called, and what TD0.2 said (`spec/dmp.md` §4, §5)."""

from datetime import UTC, datetime

from app.domain.dmp import EtatDmp
from app.domain.patient import Patient
from app.domain.people import SituationExercice
from app.domain.roles import Droit
from app.services.dmp import AccesDmp, ClientDmp
from app.services.errors import Remede
from app.usecases.authentifications import LIBELLES, dmp_par_certificat, dmp_par_cps
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre


@libre("lit la session du professionnel")
def situation(ctx: Contexte) -> SituationExercice:
    """The situation d’exercice of the session, chosen by the user when there are several."""
    profil = ctx.services.profil
    if profil.situations:
        return profil.situations[0]
    return SituationExercice(ctx.professionnel.profession, "C", ctx.professionnel.savoir_faire,
                             ctx.structure.secteur, ctx.structure.identifiant,
                             ctx.structure.raison_sociale)


def _acces(ctx: Contexte, patient: Patient, mode: str, motif: str,
           sit: SituationExercice | None = None, profil: str = "psc") -> AccesDmp:
    if not patient.identite.matricule_transmissible:
        raise Refus("Le DMP demande une identité qualifiée.", remede=Remede.QUALIFIER_INS,
                    code="INS-NON-QUALIFIEE")
    sit = sit or situation(ctx)
    return AccesDmp(professionnel=ctx.professionnel, structure=ctx.structure, secteur=sit.secteur,
                    situation=sit, matricule_ins=patient.identite.matricule_ins,
                    oid=patient.identite.oid, mode=mode, motif=motif, profil=profil)


@exige(Droit.CLINIQUE_LIRE)
def acces_consultation(ctx: Contexte, patient: Patient) -> AccesDmp:
    """Access to read: normal, or bris de glace while one runs for this patient."""
    motif = ctx.memoire.bris_de_glace.get(patient.id, "")
    return _acces(ctx, patient, "bris_de_glace" if motif else "normal", motif)


@exige(Droit.ENVOYER)
def acces_alimentation(ctx: Contexte, patient: Patient) -> AccesDmp:
    """Access to send: always normal."""
    return _acces(ctx, patient, "normal", "")


def _situation_cps(ctx: Contexte) -> SituationExercice:
    """The one of the card: its structure is never one that somebody set (`spec/dmp.md` §4)."""
    cps = ctx.services.directs.cps
    if cps is not None and cps.situation is not None:
        return cps.situation
    if cps is not None and cps.situations:
        raise Refus("Choisissez d’abord votre situation d’exercice. Rien n’a été envoyé.",
                    remede=Remede.SE_CONNECTER, code="CPS-SITUATION")
    raise Refus("Aucune situation d’exercice n’a pu être lue sur votre carte. Employez Pro Santé "
                "Connect.", remede=Remede.SE_CONNECTER, code="CPS-SITUATION")


@exige(Droit.CLINIQUE_LIRE)
def voie_consultation(ctx: Contexte, patient: Patient) -> tuple[ClientDmp, AccesDmp]:
    """By what to read: the user's session, else the open card.

    :raises Refus, ErreurService: nothing to read with, or identity not qualifiée.
    """
    par_carte = dmp_par_cps(ctx)
    if par_carte is None:
        return ctx.services.exiger_dmp(), acces_consultation(ctx, patient)
    motif = ctx.memoire.bris_de_glace.get(patient.id, "")
    return par_carte, _acces(ctx, patient, "bris_de_glace" if motif else "normal", motif,
                             _situation_cps(ctx), "cps")


@libre("un état")
def mode_dmp(ctx: Contexte) -> str:
    """How the DMP is called and as whom, for the trail (SC.DMP/CONF.14)."""
    cps = ctx.services.directs.cps
    if not ctx.services.sujet and cps is not None:
        return f"{LIBELLES['cps_directe']}, {cps.identifiant}"
    return ctx.services.mode


@exige(Droit.ENVOYER)
def acces_structure(ctx: Contexte, patient: Patient) -> AccesDmp:
    """Access to send in the name of the structure: the professional at work is the user for whom
    it answers (SC.DMP/CONF.22)."""
    qui, structure = ctx.professionnel, ctx.structure
    return _acces(ctx, patient, "normal", "", SituationExercice(
        qui.profession, "C", qui.savoir_faire, structure.secteur, structure.identifiant,
        structure.raison_sociale), "certificat_structure")


@exige(Droit.ENVOYER)
def voie_alimentation(ctx: Contexte, patient: Patient) -> tuple[ClientDmp, AccesDmp]:
    """By what to send: the structure's certificate where the centre chose it, else the user's
    Pro Santé Connect session, else her open card.

    :raises Refus, ErreurService: nothing to send with, or identity not qualifiée.
    """
    certifie = dmp_par_certificat(ctx)
    if certifie is not None:
        return certifie, acces_structure(ctx, patient)
    par_carte = dmp_par_cps(ctx)
    if par_carte is not None:
        return par_carte, _acces(ctx, patient, "normal", "", _situation_cps(ctx), "cps")
    return ctx.services.exiger_dmp(), acces_alimentation(ctx, patient)


@exige(Droit.CLINIQUE_LIRE, Droit.ENVOYER)
def existence_du_jour(ctx: Contexte, patient: Patient, acces: AccesDmp,
                      client: ClientDmp) -> EtatDmp:
    """TD0.2 answer of today, asked again when it is older."""
    with ctx.memoire.verrou:
        connu = ctx.memoire.etats_dmp.get(patient.id)
    if connu is not None:
        age = datetime.now(UTC) - datetime.fromisoformat(connu.verifie_le)
        if age.total_seconds() < 12 * 3600:
            return connu
    etat = client.tester_existence(acces)
    with ctx.memoire.verrou:
        ctx.memoire.etats_dmp[patient.id] = etat
        ctx.memoire.pannes_dmp.pop(patient.id, None)
    return etat
