"""May the DMP be consulted, what is new there (`spec/dmp.md` §5, §7, §11 to §14)."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from app.domain import dica as regles_dica
from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica, FaitsDica
from app.domain.dmp import (
    AutorisationDmp,
    BandeauMes,
    CompteurMes,
    EtatDmp,
    FicheDmp,
    StatutFiche,
)
from app.domain.document import (
    ListeDocuments,
)
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.services.errors import Annule, ErreurService, Remede
from app.usecases.acces_dmp import mode_dmp, voie_consultation
from app.usecases.context import Contexte
from app.usecases.documents import (
    depot_propre,
    documents_du_patient,
)
from app.usecases.equipes import episode_partage
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.session import etat_session
from app.usecases.types_documents import libelle_type

Annulation = Callable[[], bool] | None

#: First automatic search: how far back (mandatory limit of `spec/dmp.md` §13).
PROFONDEUR = timedelta(days=2 * 365)
#: Type codes of a medical summary, for the date shown in the bar.
SYNTHESES = frozenset({"SYNTH", "60591-5"})


@libre("faits locaux, filtrés par le magasin")
def faits_dica(ctx: Contexte, patient: Patient, episode: EpisodeSoins | None) -> FaitsDica:
    """The facts known now, without any call."""
    session = etat_session(ctx)
    with ctx.memoire.verrou:
        return FaitsDica(
            identite=patient.identite, episode=episode,
            etat_dmp=ctx.memoire.etats_dmp.get(patient.id),
            dmp_indisponible=ctx.memoire.pannes_dmp.get(patient.id, ""),
            session_ouverte=session.authentifie, session_expire_le=session.expire_le,
            session_nom=session.moyen,
            bris_de_glace=bool(ctx.memoire.bris_de_glace.get(patient.id)))


@libre("faits locaux, filtrés par le magasin")
def dica_local(ctx: Contexte, patient: Patient, episode: EpisodeSoins | None) -> Dica:
    """Evaluate DICA from what is known now (SC.DMP/UX.13)."""
    return regles_dica.evaluer(faits_dica(ctx, patient, episode))


def _lire(ctx: Contexte, patient_id: int) -> tuple[Patient, EpisodeSoins | None]:
    with ctx.store.lecture() as u:
        return u.patients.lire(patient_id), episode_partage(ctx, u, patient_id)


@libre("une règle")
def td02_permis(ctx: Contexte, patient: Patient, episode: EpisodeSoins | None) -> bool:
    """May TD0.2 be asked for the icon? The setting `dica_strict` chooses the rule."""
    with ctx.store.lecture() as u:
        strict = bool(u.reglages.lire("dica_strict", True))
    return regles_dica.td02_permis(faits_dica(ctx, patient, episode), relaxe=not strict)


@exige(Droit.CLINIQUE_LIRE)
def verifier_dmp(ctx: Contexte, patient_id: int, annule: Annulation = None,
                 refaire: bool = False) -> Dica:
    """TD0.2, then TD0.3 when consent is recorded and the authorisation is missing.

    A network failure ends in the Dica (letter D), not in an exception: the file stays usable.
    `refaire`: the user asks again, whatever was answered before.
    """
    if refaire:
        ctx.services.etats.rearmer()
    patient, episode = _lire(ctx, patient_id)
    if not td02_permis(ctx, patient, episode):
        return dica_local(ctx, patient, episode)
    with ctx.memoire.verrou:
        etat = None if refaire else ctx.memoire.etats_dmp.get(patient_id)
    try:
        client, acces = voie_consultation(ctx, patient)
        if etat is None:
            etat = client.tester_existence(acces)
            tracer_dmp(ctx, patient_id, "dmp.existence", etat.autorisation.value)
        _arreter_si(annule)
        if _autorisation_a_poser(ctx, patient, episode, etat):
            client.autoriser(acces)
            tracer_dmp(ctx, patient_id, "dmp.autorisation", "ok")
            etat = EtatDmp(existe=etat.existe, ouvert=etat.ouvert,
                           autorisation=AutorisationDmp.VALIDE, verifie_le=etat.verifie_le,
                           motif_fermeture=etat.motif_fermeture, rattache_mes=etat.rattache_mes,
                           medecin_traitant=etat.medecin_traitant)
    except Annule:
        raise
    except ErreurService as erreur:
        tracer_dmp(ctx, patient_id, "dmp.existence", erreur.code or "echec")
        with ctx.memoire.verrou:
            ctx.memoire.pannes_dmp[patient_id] = erreur.message
            ctx.memoire.etats_dmp.pop(patient_id, None)
        return dica_local(ctx, patient, episode)
    with ctx.memoire.verrou:
        ctx.memoire.etats_dmp[patient_id] = etat
        ctx.memoire.pannes_dmp.pop(patient_id, None)
    return dica_local(ctx, patient, episode)


def _autorisation_a_poser(ctx: Contexte, patient: Patient, episode: EpisodeSoins | None,
                          etat: EtatDmp) -> bool:
    """EX_0.3-1010: AJOUT by itself iff consent is recorded and the status asks for it."""
    return (etat.existe and etat.ouvert and not ctx.memoire.bris_de_glace.get(patient.id)
            and etat.autorisation in (AutorisationDmp.NON_EXISTE, AutorisationDmp.EXPIRE)
            and episode is not None and episode.consentement_consultation is True)


def _arreter_si(annule: Annulation) -> None:
    if annule is not None and annule():
        raise Annule("Interrogation du DMP abandonnée. Les documents du cabinet restent là.",
                     service="dmp")


@libre("fait partie d’un geste gardé")
def tracer_dmp(ctx: Contexte, patient_id: int, quoi: str, resultat: str, detail: str = "") -> None:
    """SC.DMP/CONF.14: every transaction, who, on whom, result, mode."""
    bris = ctx.memoire.bris_de_glace.get(patient_id, "")
    detail = " ; ".join(filter(None, (detail, mode_dmp(ctx))))
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi=quoi, sur_qui=str(patient_id), resultat=resultat,
                       detail=f"{detail} bris de glace : {bris}".strip() if bris else detail)


_REMEDES = {"D": Remede.ETAT_SERVICES, "I": Remede.QUALIFIER_INS, "C": Remede.CONSENTEMENT,
            "A": Remede.SE_CONNECTER}


@exige(Droit.CLINIQUE_LIRE)
def exiger_consultation(ctx: Contexte, patient: Patient, episode: EpisodeSoins | None) -> None:
    """No consultation call leaves unless the four letters hold (SC.DMP/CONF.06).

    :raises Refus: says which letter is missing.
    """
    dica = dica_local(ctx, patient, episode)
    if not dica.consultable:
        premiere = next(ligne for ligne in dica.lignes
                        if ligne.etat is not regles_dica.EtatLigne.REMPLI)
        raise Refus(f"DMP non consultable. {premiere.fait} Aucune demande n’est partie.",
                    remede=_REMEDES[premiere.lettre], code=f"DICA-{premiere.lettre}")


@libre("faits locaux, filtrés par le magasin")
def bandeau_local(ctx: Contexte, patient: Patient, dica: Dica) -> BandeauMes:
    """The MES bar from the last list received; a sentence when nothing may be known."""
    if not dica.consultable:
        return BandeauMes(inconnu="Nouveaux documents : inconnus tant que la consultation n’est "
                          "pas autorisée.")
    with ctx.store.lecture() as u:
        fiches, interroge_le = u.dmp.liste(patient.id)
        if not interroge_le:
            return BandeauMes(inconnu="Nouveaux documents : DMP pas encore interrogé.")
        vus = u.dmp.vus(patient.id)
        locaux = u.documents.ids_cda(patient.id)
    nouveaux = [f for f in fiches if f.statut is StatutFiche.APPROVED and f.unique_id not in vus
                and f.unique_id not in locaux and not depot_propre(ctx, f)]
    depuis = (ctx.memoire.visites_dmp.get(patient.id)
              or ctx.memoire.depuis_dmp.get(patient.id) or interroge_le)
    return _bandeau(fiches, nouveaux, depuis)


def _bandeau(fiches: Iterable[FicheDmp], nouveaux: list[FicheDmp], depuis: str) -> BandeauMes:
    par_type: dict[str, int] = {}
    for fiche in fiches:
        par_type.setdefault(fiche.type_code, 0)
    for fiche in nouveaux:
        par_type[fiche.type_code] += 1
    compteurs = tuple(CompteurMes(code, libelle_type(code), nombre) for code, nombre in
                      sorted(par_type.items(), key=lambda paire: (-paire[1], paire[0])))
    syntheses = [f.date_acte[:10] for f in fiches if f.type_code in SYNTHESES]
    recent = max(nouveaux, key=lambda f: f.date_acte, default=None)
    return BandeauMes(compteurs=compteurs, total=len(nouveaux), depuis=depuis,
                      date_synthese=max(syntheses, default=""),
                      plus_recent="" if recent is None else f"dmp:{recent.unique_id}")


@exige(Droit.CLINIQUE_LIRE)
def actualiser_dmp(ctx: Contexte, patient_id: int, elargir: bool = False,
                   annule: Annulation = None) -> tuple[BandeauMes, ListeDocuments]:
    """TD3.1: ask the registry, keep the list, count what is new.

    :raises Refus: consultation isn't allowed; nothing left.
    :raises ErreurService: the DMP couldn't answer; the former list stays.
    """
    patient, episode = _lire(ctx, patient_id)
    exiger_consultation(ctx, patient, episode)
    depuis = None if elargir else date.today() - PROFONDEUR
    demande_le = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    try:
        client, acces = voie_consultation(ctx, patient)
        fiches = client.chercher(acces, depuis=depuis, annule=annule)
    except ErreurService as erreur:
        tracer_dmp(ctx, patient_id, "dmp.recherche", erreur.code or "echec")
        raise
    with ctx.store.ecriture() as u:
        ctx.memoire.visites_dmp.setdefault(patient_id, u.dmp.liste(patient_id)[1])
        u.dmp.enregistrer_liste(patient_id, fiches, demande_le)
        bandeau_vus = u.dmp.vus(patient_id)
        locaux = u.documents.ids_cda(patient_id)
        nombre = sum(1 for f in fiches if f.statut is StatutFiche.APPROVED
                     and f.unique_id not in bandeau_vus and f.unique_id not in locaux
                     and not depot_propre(ctx, f))
        u.agenda.noter_nouveaux_dmp(patient_id, nombre)
        u.trail.ecrire(qui=ctx.qui, quoi="dmp.recherche", sur_qui=str(patient_id), resultat="ok",
                       detail=f"{len(fiches)} documents ; {mode_dmp(ctx)}")
    with ctx.memoire.verrou:
        ctx.memoire.depuis_dmp[patient_id] = "" if depuis is None else depuis.isoformat()
    dica = dica_local(ctx, patient, episode)
    return bandeau_local(ctx, patient, dica), documents_du_patient(ctx, patient_id)


@exige(Droit.CLINIQUE_LIRE)
def commencer_bris_de_glace(ctx: Contexte, patient_id: int, motif: str) -> Dica:
    """Emergency access with a reason; for this opening of the file only (`spec/dmp.md` §11)."""
    if len(motif.strip()) < 3:
        raise Refus("Le bris de glace demande un motif. Écrivez la situation en quelques mots.")
    with ctx.memoire.verrou:
        ctx.memoire.bris_de_glace[patient_id] = motif.strip()
        ctx.memoire.etats_dmp.pop(patient_id, None)
    tracer_dmp(ctx, patient_id, "dmp.bris_de_glace", "debut")
    return verifier_dmp(ctx, patient_id)


@libre("ferme un accès")
def arreter_bris_de_glace(ctx: Contexte, patient_id: int) -> Dica:
    """End the emergency access (also when the file is closed)."""
    with ctx.memoire.verrou:
        present = ctx.memoire.bris_de_glace.pop(patient_id, None)
        if present is not None:
            ctx.memoire.etats_dmp.pop(patient_id, None)
    if present is not None:
        tracer_dmp(ctx, patient_id, "dmp.bris_de_glace", "fin")
    patient, episode = _lire(ctx, patient_id)
    return dica_local(ctx, patient, episode)
