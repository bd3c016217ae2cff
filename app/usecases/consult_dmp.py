"""May we consult, what is new, open, integrate (`spec/dmp.md` §5, §7, §11 to §14)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    DocumentAffiche,
    EtatDocument,
    FicheDocument,
    LigneDocument,
    ListeDocuments,
    OrigineDocument,
)
from app.domain.equipes import Geste
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.services.errors import Annule, ErreurService, Invalide, Remede
from app.store.errors import ConflitDocument, DocumentDejaPresent
from app.store.unite import Unite
from app.usecases.acces_dmp import mode_dmp, voie_consultation
from app.usecases.affichage import afficher_local, afficher_recu
from app.usecases.concurrence import Champ, Edition, Lu, Valeurs, ecrire_ensemble
from app.usecases.context import Contexte, maintenant_local
from app.usecases.documents import (
    depot_propre,
    documents_du_patient,
    lire_document,
    trouver_ligne,
)
from app.usecases.equipes import episode_partage, exiger_delegation, noms_de, tracer_pour
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.outbox import annuler_pour_opposition
from app.usecases.rapprochement import autoriser_classement
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
            _tracer(ctx, patient_id, "dmp.existence", etat.autorisation.value)
        _arreter_si(annule)
        if _autorisation_a_poser(ctx, patient, episode, etat):
            client.autoriser(acces)
            _tracer(ctx, patient_id, "dmp.autorisation", "ok")
            etat = EtatDmp(existe=etat.existe, ouvert=etat.ouvert,
                           autorisation=AutorisationDmp.VALIDE, verifie_le=etat.verifie_le,
                           motif_fermeture=etat.motif_fermeture, rattache_mes=etat.rattache_mes,
                           medecin_traitant=etat.medecin_traitant)
    except Annule:
        raise
    except ErreurService as erreur:
        _tracer(ctx, patient_id, "dmp.existence", erreur.code or "echec")
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


def _tracer(ctx: Contexte, patient_id: int, quoi: str, resultat: str, detail: str = "") -> None:
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
        _tracer(ctx, patient_id, "dmp.recherche", erreur.code or "echec")
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


#: What is known of a patient whom nobody asked.
SANS_REPONSE = EpisodeSoins(0, 0, "")
_CHAMPS_REPONSES = {
    "consultation": Champ("Consultation du DMP", lambda v: {
        True: "acceptée", False: "refusée"}.get(v, "pas de réponse")),
    "opposition": Champ("Envoi de documents au DMP", lambda v: "refusé" if v else "accepté"),
}


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


@exige(Droit.CLINIQUE_LIRE)
def commencer_bris_de_glace(ctx: Contexte, patient_id: int, motif: str) -> Dica:
    """Emergency access with a reason; for this opening of the file only (`spec/dmp.md` §11)."""
    if len(motif.strip()) < 3:
        raise Refus("Le bris de glace demande un motif. Écrivez la situation en quelques mots.")
    with ctx.memoire.verrou:
        ctx.memoire.bris_de_glace[patient_id] = motif.strip()
        ctx.memoire.etats_dmp.pop(patient_id, None)
    _tracer(ctx, patient_id, "dmp.bris_de_glace", "debut")
    return verifier_dmp(ctx, patient_id)


@libre("ferme un accès")
def arreter_bris_de_glace(ctx: Contexte, patient_id: int) -> Dica:
    """End the emergency access (also when the file is closed)."""
    with ctx.memoire.verrou:
        present = ctx.memoire.bris_de_glace.pop(patient_id, None)
        if present is not None:
            ctx.memoire.etats_dmp.pop(patient_id, None)
    if present is not None:
        _tracer(ctx, patient_id, "dmp.bris_de_glace", "fin")
    patient, episode = _lire(ctx, patient_id)
    return dica_local(ctx, patient, episode)


def _recevoir(ctx: Contexte, patient: Patient, unique_id: str, annule: Annulation) -> bytes:
    """Bytes of a DMP document: from memory, or TD3.2 with its checks."""
    contenu = ctx.memoire.recu(unique_id)
    if contenu is not None:
        return contenu
    with ctx.store.lecture() as u:
        episode = episode_partage(ctx, u, patient.id)
        fiches, _ = u.dmp.liste(patient.id)
    exiger_consultation(ctx, patient, episode)
    fiche = next((f for f in fiches if f.unique_id == unique_id), None)
    try:
        client, acces = voie_consultation(ctx, patient)
        recu = client.recuperer(
            acces, unique_id,
            repository_id="" if fiche is None else fiche.repository_id, attendu=fiche,
            annule=annule)
    except ErreurService as erreur:
        _tracer(ctx, patient.id, "dmp.lecture", erreur.code or "echec", unique_id)
        raise
    _tracer(ctx, patient.id, "dmp.lecture", "ok", unique_id)
    ctx.memoire.garder(unique_id, recu.contenu)
    return recu.contenu


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def ouvrir_document(ctx: Contexte, patient_id: int, cle: str,
                    annule: Annulation = None) -> DocumentAffiche:
    """Open a line of the list in the viewer; a DMP document is marked as seen.

    :raises DocumentIllisible, ErreurService, Refus: each with a French message.
    """
    ligne = trouver_ligne(ctx, patient_id, cle)
    if ligne.document_id is not None:
        if not ligne.lu:
            with ctx.store.ecriture() as u:
                u.documents.marquer_lu(ligne.document_id)
        return afficher_local(ctx, ligne)
    if not ligne.unique_id:
        raise Refus("Ce brouillon s’ouvre dans l’éditeur.")
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    contenu = _recevoir(ctx, patient, ligne.unique_id, annule)
    affiche = afficher_recu(ctx, patient, ligne, contenu)
    with ctx.store.ecriture() as u:
        u.dmp.marquer_vu(patient_id, ligne.unique_id)
    return affiche


@dataclass(frozen=True, slots=True)
class ResultatIntegration:
    """How many documents entered the file, and why others didn't (title, reason)."""

    integres: int
    refus: tuple[tuple[str, str], ...] = ()


@exige(Droit.CLINIQUE_ECRIRE)
def integrer(ctx: Contexte, patient_id: int, cles: Iterable[str],
             annule: Annulation = None, *, accepte: bool = False) -> ResultatIntegration:
    """Keep DMP documents in the file, each once (id, setId, versionNumber).

    A document of another identity is refused; `accepte`: the user saw that it differs.
    """
    from app.documents.reader import DocumentIllisible

    integres, refus = 0, []
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    for cle in cles:
        ligne = trouver_ligne(ctx, patient_id, cle)
        nom = ligne.titre or ligne.type_libelle
        if not ligne.unique_id or ligne.document_id is not None:
            refus.append((nom, "Déjà au dossier."))
            continue
        try:
            contenu = _recevoir(ctx, patient, ligne.unique_id, annule)
            _integrer_un(ctx, patient, ligne, contenu, accepte)
            integres += 1
        except (DocumentDejaPresent, ConflitDocument, DocumentIllisible, Invalide,
                Refus) as erreur:
            refus.append((nom, erreur.message))
    return ResultatIntegration(integres, tuple(refus))


def _integrer_un(ctx: Contexte, patient: Patient, ligne: LigneDocument, contenu: bytes,
                 accepte: bool) -> None:
    lu = lire_document(ctx, contenu)
    if lu.id and lu.id != ligne.unique_id:
        raise Refus("L’identifiant du document n’est pas celui annoncé par le DMP. Il n’a pas été "
                    "intégré.", code="ID-DIFFERENT")
    with ctx.store.ecriture() as u:
        autoriser_classement(u, ctx, lu.patient.identite(), u.patients.lire(patient.id),
                             accepte=accepte, incoherences=lu.incoherences)
        fiches, _ = u.dmp.liste(patient.id)
        fiche = next((f for f in fiches if f.unique_id == ligne.unique_id), None)
        u.documents.ajouter(
            FicheDocument(
                id=0, patient_id=patient.id, origine=OrigineDocument.DMP,
                etat=EtatDocument.VALIDE, type_code=lu.type_code or ligne.type_code,
                titre=lu.titre or ligne.titre,
                date_acte=lu.date_acte or lu.date_creation or ligne.date,
                auteur=ligne.auteur, cda_id=ligne.unique_id, set_id=lu.set_id or "",
                version_number=lu.version or 1,
                entry_uuid="" if fiche is None else fiche.entry_uuid,
                logical_id="" if fiche is None else fiche.logical_id,
                cree_le=maintenant_local()),
            cda=contenu, pdf=lu.pdf)
        u.dmp.marquer_vu(patient.id, ligne.unique_id)
        u.trail.ecrire(qui=ctx.qui, quoi="document.integration", sur_qui=str(patient.id),
                       resultat="ok", detail=ligne.unique_id)
