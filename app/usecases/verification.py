"""Periodic verification of identities with INSi (SC.INS.10 to .14, rule 49, va1.08).

Due after four years, and at each event for a NIA. The queue is on the disk: a service that is down
keeps its place, costs one call and not a thousand, and nothing is forgotten. KO takes the matricule
away, then INSi is asked at once for the identity as it is now; what doesn't come back by itself
goes to the work list.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain import statuts
from app.domain.identity import Identite
from app.domain.outbox_rules import prochain_essai
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.domain.traits import stricts_modifies
from app.domain.verification import (
    BilanVerifications,
    CauseVerification,
    EtatVerification,
    Verification,
    cause_verification,
)
from app.services.errors import Annule, ErreurService, Indisponible, Remede, SessionExpiree
from app.store.errors import ConflitVersion, ErreurStore
from app.usecases.authentifications import acces_insi, refus_insi
from app.usecases.context import Contexte, maintenant_local, maintenant_utc
from app.usecases.droits_identite import droits
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.identify import ResultatInsi, qualifier_insi

MESSAGE_KO = ("INSi ne confirme plus cette identité : le matricule est retiré et les envois "
              "attendent. Contrôlez un document d’identité, puis interrogez INSi.")

Annulation = Callable[[], bool] | None
Progres = Callable[[tuple[int, int]], None] | None

#: Verifications made by one run: the rest waits for the next, so that no run is endless.
PAR_PASSE = 50
#: A refusal of the service for one identity isn't asked again before a day.
PAUSE_REFUS = timedelta(days=1)
#: Days after which INSi must confirm again; a little less than `statuts.DELAI_VERIFICATION`, which
#: then decides.
_JOURS = 4 * 365


@dataclass(frozen=True, slots=True)
class ResultatVerification:
    """What came of one verification.

    `insi` is the retrieval that followed a KO, None otherwise; `document` is the code of the proof
    checked before, which the window may propose to confirm (the status doesn't come back alone).
    """

    etat: EtatVerification
    patient: Patient
    message: str = ""
    remede: Remede = Remede.AUCUN
    insi: ResultatInsi | None = None
    document: str = ""


@exige(Droit.IDENTITES, Droit.AGENDA)
def evenement(ctx: Contexte, patient_id: int) -> bool:
    """Something happens to a patient (file opened, appointment, document received).

    Puts the verification that is due in the queue; True when one waits. No network.
    """
    with ctx.store.lecture() as u:
        patient_id = u.regroupements.actuel(patient_id)
        identite = u.patients.lire(patient_id).identite
        if u.verifications.en_attente_pour(patient_id) is not None:
            return True
    if not statuts.verification_due(identite, maintenant_utc(), evenement=True):
        return False
    demander_verification(ctx, patient_id, cause_verification(identite))
    return True


@exige(Droit.IDENTITES)
def demander_verification(ctx: Contexte, patient_id: int,
                          cause: CauseVerification = CauseVerification.MANUELLE) -> bool:
    """Put one patient in the queue; False when one waits already.

    :raises Refus: the identity doesn't come from INSi.
    """
    with ctx.store.ecriture() as u:
        if u.patients.lire(patient_id).identite.statut not in statuts.AVEC_INSI:
            raise Refus("Cette identité ne vient pas d’INSi : rien à vérifier.",
                        remede=Remede.QUALIFIER_INS)
        return u.verifications.demander(patient_id, cause)


@libre("tâche de fond : inscrit ce qui est dû")
def programmer_dues(ctx: Contexte, maintenant: datetime | None = None) -> int:
    """Put in the queue what is four years old, and today's patients whose matricule is a NIA.

    Returns how many were added. A date in the future (clock wrong) counts as too old.
    """
    quand = maintenant or maintenant_utc()
    limite = (quand - timedelta(days=_JOURS)).date().isoformat()
    jour = quand.astimezone().date().isoformat()
    ajoutes = 0
    with ctx.store.ecriture() as u:
        for patient_id in u.verifications.candidats(limite):
            identite = u.patients.lire(patient_id).identite
            if statuts.verification_due(identite, quand):
                ajoutes += u.verifications.demander(patient_id, CauseVerification.QUATRE_ANS)
        du_jour = [p.patient.id for p in u.agenda.du_jour(jour) if p.patient is not None]
        for patient_id in u.verifications.avec_nia(du_jour):
            ajoutes += u.verifications.demander(patient_id, CauseVerification.NIA)
    return ajoutes


@exige(Droit.IDENTITES)
def verifier_identite(ctx: Contexte, patient_id: int,
                      annule: Annulation = None) -> ResultatVerification:
    """Verify one identity now, before the others, and retrieve it again when INSi says KO.

    :raises Refus: not connected, no right, or nothing to verify.
    :raises ErreurService: the service didn't answer; the identity didn't change, its line stays in
        the queue.
    """
    with ctx.store.ecriture() as u:
        patient_id = u.regroupements.actuel(patient_id)
        if u.patients.lire(patient_id).identite.statut in statuts.AVEC_INSI:
            u.verifications.demander(patient_id, CauseVerification.MANUELLE)
        ligne = u.verifications.en_attente_pour(patient_id)
    if ligne is None:
        raise Refus("Cette identité ne vient pas d’INSi : rien à vérifier.",
                    remede=Remede.QUALIFIER_INS)
    return _verifier(ctx, ligne, annule)


@exige(Droit.IDENTITES)
def verifier_attendue(ctx: Contexte, patient_id: int,
                      annule: Annulation = None) -> ResultatVerification | None:
    """Make now the verification that waits for a file that was just opened (SC.INS.12, .13).

    None when none waits, or when it can't be made now (no login, no right, service down): its line
    keeps its place in the queue.
    """
    with ctx.store.lecture() as u:
        ligne = u.verifications.en_attente_pour(u.regroupements.actuel(patient_id))
    if (ligne is None or ligne.prochain_essai > maintenant_utc().isoformat(timespec="seconds")
            or _arret(ctx, annule)):
        return None
    try:
        return _verifier(ctx, ligne, annule)
    except (ConflitVersion, Refus, SessionExpiree, Annule):
        return None
    except ErreurService as erreur:
        _reporter(ctx, ligne, _pause(ligne, erreur), erreur.message)
        return None


def _verifier(ctx: Contexte, ligne: Verification, annule: Annulation) -> ResultatVerification:
    """One call; identity and line of the queue are written together.

    A late answer changes nothing when the identity changed meanwhile: it was about another one.
    """
    patient_id = ligne.patient_id
    with ctx.store.lecture() as u:
        demande = u.patients.lire(patient_id).identite
    _exiger(ctx, demande)
    acces = acces_insi(ctx)
    confirme = acces.client.verifier(demande, emetteur=acces.qui, annule=annule)
    with ctx.store.ecriture() as u:
        actuel = u.patients.lire(patient_id)
        u.trail.ecrire(qui=ctx.qui, quoi="insi.verification", sur_qui=str(patient_id),
                       resultat="OK" if confirme else "KO",
                       detail=f"{ligne.cause.value} ; {acces.mode}")
        if _autre_identite(demande, actuel.identite):
            resultat = ResultatVerification(
                EtatVerification.ABANDONNEE, actuel, "L’identité a changé pendant la vérification "
                "INSi : la réponse n’a pas été appliquée.")
        elif confirme:
            actuel = u.patients.enregistrer_identite(
                patient_id, statuts.verification_ok(actuel.identite, maintenant_local()),
                auteur=ctx.qui, cause="Vérification INSi : confirmée", version=actuel.version)
            resultat = ResultatVerification(EtatVerification.CONFIRMEE, actuel,
                                            "INSi confirme cette identité.")
        else:
            document = actuel.identite.justificatif
            actuel = u.patients.enregistrer_identite(
                patient_id, statuts.verification_ko(actuel.identite), auteur=ctx.qui,
                cause="Vérification INSi : KO, matricule retiré", version=actuel.version)
            u.trail.ecrire(qui=ctx.qui, quoi="identite.statut", sur_qui=str(patient_id),
                           resultat=actuel.identite.statut.value, detail="vérification KO")
            resultat = ResultatVerification(EtatVerification.KO, actuel, MESSAGE_KO,
                                            Remede.QUALIFIER_INS, document=document)
        u.verifications.terminer(ligne.id, resultat.etat, message=resultat.message,
                                 version=ligne.version)
    return _recuperer(ctx, ligne, resultat, annule) if resultat.etat is EtatVerification.KO \
        else resultat


def _recuperer(ctx: Contexte, ligne: Verification, ko: ResultatVerification,
               annule: Annulation) -> ResultatVerification:
    """Ask INSi for the identity as it is now; whatever comes, the KO is already written."""
    try:
        insi = qualifier_insi(ctx, ko.patient.id, annule=annule)
    except (ErreurService, Refus) as erreur:
        return replace(ko, message=f"{ko.message} {erreur.message}")
    if insi.etat != "applique" or insi.patient is None:
        return replace(ko, patient=insi.patient or ko.patient, insi=insi,
                       message=f"{ko.message} {insi.message}".rstrip())
    message = ("INSi a donné un nouveau matricule : l’identité est récupérée. Confirmez le "
               "document d’identité pour la qualifier.")
    with ctx.store.ecriture() as u:
        u.verifications.conclure_ko(ligne.id, EtatVerification.RECUPEREE, message)
    return replace(ko, etat=EtatVerification.RECUPEREE, patient=insi.patient, insi=insi,
                   message=message)


def _autre_identite(avant: Identite, apres: Identite) -> bool:
    """True when what was verified isn't what the file holds any more."""
    return (avant.matricule_ins, avant.oid, avant.statut in statuts.AVEC_INSI) != (
        apres.matricule_ins, apres.oid, apres.statut in statuts.AVEC_INSI) or bool(
        stricts_modifies(avant.traits, apres.traits))


def _exiger(ctx: Contexte, identite: Identite) -> None:
    if identite.statut not in statuts.AVEC_INSI:
        raise Refus("Cette identité ne vient pas d’INSi : rien à vérifier.",
                    remede=Remede.QUALIFIER_INS)
    if raison := statuts.appel_insi_possible(identite, par_carte=True):
        raise Refus(raison)
    if not droits(ctx).insi:
        raise Refus("Votre compte n’a pas le droit d’appeler INSi.", code="DROIT-INSI")
    if manque := refus_insi(ctx):
        raise manque


# --- The queue ----------------------------------------------------------------------------------

@exige(Droit.IDENTITES)
def traiter_file(ctx: Contexte, annule: Annulation = None, progres: Progres = None,
                 limite: int = PAR_PASSE) -> BilanVerifications:
    """Make the verifications whose time has come, `limite` at most.

    Stops at the first sign that the service is down: what remains keeps its place, with a wait that
    grows. Cancelling stops between two calls, and inside one.

    Args:
        progres: called with (done, how many this run may do).
    """
    bilan = BilanVerifications()
    vues: list[int] = []
    with ctx.store.lecture() as u:
        a_faire = min(limite, u.verifications.compter_attente())
    while len(vues) < limite:
        if arret := _arret(ctx, annule):
            bilan = replace(bilan, arret=arret)
            break
        with ctx.store.lecture() as u:
            suivante = u.verifications.suivante(sauf=vues)
        if suivante is None:
            break
        vues.append(suivante.id)
        try:
            etat = _traiter(ctx, suivante, annule)
        except (Indisponible, SessionExpiree, Annule) as erreur:
            if isinstance(erreur, Indisponible):
                _reporter(ctx, suivante, _pause(suivante, erreur), erreur.message)
            bilan = replace(bilan, arret=erreur.message)
            break
        bilan = _compter(bilan, etat)
        if progres is not None:
            progres((len(vues), a_faire))
    with ctx.store.lecture() as u:
        return replace(bilan, restantes=u.verifications.compter_attente())


def _arret(ctx: Contexte, annule: Annulation) -> str:
    """French reason why no call should be made now, or empty."""
    if annule is not None and annule():
        return "Vérifications interrompues. Celles qui restent gardent leur place."
    if manque := refus_insi(ctx):
        return manque.message
    etat = ctx.services.etats.etat("insi")
    if not etat.disponible and etat.prochain_essai > maintenant_utc().isoformat(
            timespec="seconds"):
        return etat.message or "INSi ne répond pas."
    return ""


def _traiter(ctx: Contexte, verification: Verification,
             annule: Annulation) -> EtatVerification | None:
    """One line of the queue; None when it was put off."""
    try:
        return _verifier(ctx, verification, annule).etat
    except Refus as erreur:
        if erreur.code in ("PSC-ABSENT", "DROIT-INSI"):
            raise SessionExpiree(erreur.message, service="insi") from erreur
        return _terminer(ctx, verification, EtatVerification.ABANDONNEE, erreur.message)
    except (Indisponible, SessionExpiree, Annule):
        raise
    except ErreurService as erreur:
        # The service answers, but refuses this identity: a technical fault never downgrades.
        _reporter(ctx, verification, _pause(verification, erreur), erreur.message)
        return None
    except ConflitVersion:
        # Another workstation wrote this identity or this line first: the next run sees it.
        return None


def _pause(ligne: Verification, erreur: ErreurService) -> datetime:
    """When to try again: soon, then later and later, for a service that is down; in a day for one
    that refuses this identity."""
    maintenant = maintenant_utc()
    if isinstance(erreur, Indisponible):
        return prochain_essai(ligne.essais + 1, maintenant)
    return maintenant + PAUSE_REFUS


def _terminer(ctx: Contexte, verification: Verification, etat: EtatVerification,
              message: str) -> EtatVerification:
    try:
        with ctx.store.ecriture() as u:
            u.verifications.terminer(verification.id, etat, message=message,
                                     version=verification.version)
    except ConflitVersion:
        # Another workstation wrote the outcome of the same line first.
        return EtatVerification.ABANDONNEE
    return etat


def _reporter(ctx: Contexte, verification: Verification, quand: datetime, message: str) -> None:
    try:
        with ctx.store.ecriture() as u:
            u.verifications.reporter(verification.id, quand, message=message,
                                     version=verification.version)
    except ErreurStore as erreur:
        if not isinstance(erreur, ConflitVersion):
            raise


def _compter(bilan: BilanVerifications, etat: EtatVerification | None) -> BilanVerifications:
    match etat:
        case EtatVerification.CONFIRMEE:
            return replace(bilan, confirmees=bilan.confirmees + 1)
        case EtatVerification.RECUPEREE:
            return replace(bilan, recuperees=bilan.recuperees + 1)
        case EtatVerification.KO:
            return replace(bilan, ko=bilan.ko + 1)
        case EtatVerification.ABANDONNEE:
            return replace(bilan, abandonnees=bilan.abandonnees + 1)
        case _:
            return replace(bilan, reportees=bilan.reportees + 1)


@exige(Droit.IDENTITES)
def abandonner_file(ctx: Contexte) -> int:
    """The user empties the queue; returns how many were left. They come back when due."""
    with ctx.store.ecriture() as u:
        nombre = u.verifications.abandonner_attente()
        u.trail.ecrire(qui=ctx.qui, quoi="insi.file_abandonnee", resultat=str(nombre))
    return nombre


@libre("un nombre")
def compter_file(ctx: Contexte) -> int:
    """How many verifications wait."""
    with ctx.store.lecture() as u:
        return u.verifications.compter_attente()


@exige(Droit.IDENTITES)
def traiter_ko(ctx: Contexte, patient_id: int) -> int:
    """Somebody dealt with a KO without INSi (the identity stays provisoire): off the list."""
    with ctx.store.ecriture() as u:
        nombre = u.verifications.traiter_ko(patient_id)
        u.trail.ecrire(qui=ctx.qui, quoi="insi.ko_traite", sur_qui=str(patient_id),
                       resultat=str(nombre))
    return nombre
