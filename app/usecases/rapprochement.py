"""Whose document is it? Called by every reception: import, scan folder, mail, DMP.

SENTINELLE.20: a known identity is searched by matricule, OID and traits together, never by the
matricule alone. Rules 30, 51, 55: trust is never inherited, an INS that INSi doesn't confirm
updates nothing and files nothing. Nothing is written on identities here.

    trouve = rapprocher_document(ctx, lu)
    if trouve.issue is Issue.RECONNU: ...            # trouve.patient_id, preselected
    with ctx.store.ecriture() as u:
        autoriser_classement(u, ctx, trouve.identite, patient)   # before documents.ajouter
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain import matricule, statuts
from app.domain.doublons import rapprocher_traits
from app.domain.identity import Identite, Traits
from app.domain.patient import Patient, PatientResume
from app.domain.rapprochement import (
    Accord,
    Confrontation,
    autres_personnes,
    confronter,
    traits_suffisants,
)
from app.domain.roles import Droit
from app.domain.verification import CauseVerification, EtatVerification
from app.store.unite import Unite
from app.usecases import places
from app.usecases.authentifications import acces_insi, refus_insi
from app.usecases.context import Contexte
from app.usecases.droits_identite import droits
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

if TYPE_CHECKING:
    from app.documents.lu import DocumentLu

Annulation = Callable[[], bool] | None
#: Files of the same name shown when nothing nearer was found.
_MEMES_NOMS = 5
_LONGUEUR = 15
_ORDRE = {Accord.RECONNU: 0, Accord.MEMES_TRAITS: 1, Accord.INCOMPLET: 2, Accord.DISCORDANT: 3}


class Issue(StrEnum):
    """What the reception does next."""

    RECONNU = "reconnu"
    """One file has this INS and these traits: preselected, one click files."""
    A_CONFIRMER = "a_confirmer"
    """Files that nothing contradicts: the user chooses."""
    DISCORDANT = "discordant"
    """Files that look alike and contradict, or an archive that contradicts itself: alert."""
    INCONNU = "inconnu"
    """Nobody: a creation may be proposed, from the traits only (rule 51)."""
    SANS_IDENTITE = "sans_identite"
    """The document names nobody (a bare PDF): the user chooses."""


@dataclass(frozen=True, slots=True)
class Candidat:
    """A file that may be the right one, with the comparison (left: file, right: document)."""

    patient: PatientResume
    confrontation: Confrontation

    @property
    def accord(self) -> Accord:
        """How far it agrees."""
        return self.confrontation.accord


@dataclass(frozen=True, slots=True)
class Rapprochement:
    """Outcome. `patient_id` is set for `Issue.RECONNU` only; `message` is a French sentence."""

    issue: Issue
    identite: Identite
    candidats: tuple[Candidat, ...] = ()
    patient_id: int | None = None
    message: str = ""

    @property
    def porte_ins(self) -> bool:
        """True when the document carries an INS."""
        return bool(self.identite.matricule_ins and self.identite.oid)


@dataclass(frozen=True, slots=True)
class VerificationRecue:
    """What INSi says of a received INS. `confirmee` is None when nobody was asked."""

    confirmee: bool | None
    message: str = ""


@exige(Droit.IDENTITES, Droit.MESSAGERIE, Droit.CLINIQUE_ECRIRE)
def rapprocher_document(ctx: Contexte, lu: "DocumentLu") -> Rapprochement:
    """Search whose document it is; `lu.incoherences` forbid a preselection."""
    return rapprocher(ctx, lu.patient.identite(), lu.incoherences)


@exige(Droit.IDENTITES, Droit.MESSAGERIE, Droit.CLINIQUE_ECRIRE)
def comparer_dossier(ctx: Contexte, recue: Identite | None, patient_id: int) -> Candidat:
    """One file beside a received identity (None: the document names nobody)."""
    with ctx.store.lecture() as u:
        (resume,) = u.patients.resumes([u.regroupements.actuel(patient_id)])
        identite = u.patients.lire(resume.id).identite
    return Candidat(resume, confronter(identite, recue or Identite(Traits("", "", "", "", "")),
                                       places.equivalents, libelle_lieu=places.libelle_complet))


@exige(Droit.IDENTITES, Droit.MESSAGERIE, Droit.CLINIQUE_ECRIRE)
def rapprocher(ctx: Contexte, recue: Identite, incoherences: Collection[str] = (), *,
               motif: str = "document.rapprochement") -> Rapprochement:
    """Search the file of a received identity; the search is traced under `motif`, nothing else is
    written."""
    with ctx.store.ecriture() as u:
        trouve = _rapprocher(u, recue, tuple(incoherences))
        u.trail.ecrire(qui=ctx.qui, quoi=motif, resultat=trouve.issue.value,
                       sur_qui=",".join(str(c.patient.id) for c in trouve.candidats))
    return trouve


def _rapprocher(u: Unite, recue: Identite, incoherences: tuple[str, ...]) -> Rapprochement:
    traits = recue.traits
    if not (recue.matricule_ins or (traits.nom_naissance and traits.date_naissance)):
        return Rapprochement(Issue.SANS_IDENTITE, recue,
                             message="Ce document ne dit pas de qui il parle : choisissez le "
                                     "patient.")
    candidats = tuple(sorted(
        (Candidat(resume, confronter(u.patients.lire(resume.id).identite, recue,
                                     places.equivalents, libelle_lieu=places.libelle_complet))
         for resume in _chercher(u, recue)),
        key=lambda c: _ORDRE[c.accord]))
    surs = [c for c in candidats if c.accord is Accord.RECONNU]
    if incoherences:
        return Rapprochement(Issue.DISCORDANT, recue, candidats, message=(
            f"L’archive se contredit : {incoherences[0]} Vérifiez de qui est ce document."))
    if len(surs) == 1:
        return Rapprochement(Issue.RECONNU, recue, candidats, surs[0].patient.id)
    if not candidats:
        return Rapprochement(Issue.INCONNU, recue, message="Aucun dossier ne porte cette "
                             "identité.")
    if surs:
        return Rapprochement(Issue.A_CONFIRMER, recue, candidats, message=(
            "Plusieurs dossiers portent cette INS : choisissez, puis fusionnez les doublons."))
    premier = candidats[0]
    contredit = any(c.accord is Accord.DISCORDANT and _par_ins(c) for c in candidats)
    if premier.accord is Accord.DISCORDANT or contredit:
        return Rapprochement(Issue.DISCORDANT, recue, candidats, message=_alerte(
            next(c for c in candidats if c.accord is Accord.DISCORDANT)))
    return Rapprochement(Issue.A_CONFIRMER, recue, candidats, message=(
        "Le document n’a pas d’INS commune avec ce dossier : confirmez que c’est la même "
        "personne."))


def _par_ins(candidat: Candidat) -> bool:
    """True when the file was found by the matricule."""
    return any(ligne.trait == "matricule_ins" and ligne.local and ligne.local == ligne.insi
               for ligne in candidat.confrontation.comparaison.lignes)


def _alerte(candidat: Candidat) -> str:
    noms = liste_traits(candidat.confrontation)
    if _par_ins(candidat):
        return (f"Un dossier a le même matricule INS, mais pas les mêmes traits ({noms}) : aucun "
                "rapprochement automatique. Comparez.")
    return f"Un dossier ressemble à ce document, mais diffère ({noms}). Comparez avant de classer."


def liste_traits(confrontation: Confrontation) -> str:
    """« date de naissance, sexe »: the traits that contradict."""
    return ", ".join(ligne.libelle if ligne.trait in ("matricule_ins", "oid")
                     else ligne.libelle[0].lower() + ligne.libelle[1:]
                     for ligne in confrontation.differences)


def _chercher(u: Unite, recue: Identite) -> list[PatientResume]:
    """Files to compare with: by matricule, by traits, by look-alikes, then by the name alone."""
    traits = recue.traits
    ids: list[int] = []
    if recue.matricule_ins:
        ids += [u.regroupements.actuel(i) for i in u.patients.par_matricule(recue.matricule_ins)]
    if traits.date_naissance:
        prenom = traits.premier_prenom or traits.prenoms
        ids += [r.id for r in u.patients.par_traits(traits.nom_naissance, prenom,
                                                    traits.date_naissance)]
        ids += [r.id for r in u.patients.nes_le(traits.date_naissance)
                if rapprocher_traits(traits, r) is not None]
    if not ids and traits.nom_naissance:
        prenom = traits.premier_prenom or traits.prenoms.split(" ")[0]
        return u.patients.chercher(f"{traits.nom_naissance} {prenom}".strip(), _MEMES_NOMS)
    return u.patients.resumes(list(dict.fromkeys(ids)))


def autoriser_classement(u: Unite, ctx: Contexte, recue: Identite, patient: Patient, *,
                         accepte: bool = False,
                         incoherences: Collection[str] = ()) -> Confrontation:
    """Guard of every filing: call it in the transaction that keeps the document.

    Args:
        accepte: the user saw the comparison and says that it is the same person.
        incoherences: those of `DocumentLu`.

    :raises Refus: code AUTRE-PERSONNE (two INS: never filed here), or IDENTITE-DIFFERENTE
        (something contradicts and nobody accepted it). Nothing is filed.
    """
    vue = confronter(patient.identite, recue, places.equivalents,
                     libelle_lieu=places.libelle_complet)
    if autres_personnes(patient.identite, recue):
        raise Refus("Ce document porte un autre matricule INS que ce dossier : c’est une autre "
                    "personne. Il n’est pas classé ici ; si le matricule a changé, vérifiez "
                    "d’abord l’identité auprès d’INSi.", code="AUTRE-PERSONNE")
    if not accepte and vue.accord is Accord.DISCORDANT:
        raise Refus(f"L’identité du document diffère de celle du dossier ({liste_traits(vue)}). "
                    "Il n’est pas classé : comparez, puis confirmez que c’est la même personne.",
                    code="IDENTITE-DIFFERENTE")
    if not accepte and incoherences:
        raise Refus(f"L’archive se contredit : {next(iter(incoherences))} Le document n’est pas "
                    "classé : vérifiez de qui il est, puis confirmez.", code="IDENTITE-DIFFERENTE")
    accepte_malgre = vue.accord is Accord.DISCORDANT or bool(incoherences)
    u.trail.ecrire(qui=ctx.qui, quoi="document.identite", sur_qui=str(patient.id),
                   resultat="accepte" if accepte_malgre else vue.accord.value,
                   detail=", ".join(ligne.trait for ligne in vue.differences))
    return vue


@libre("une règle")
def verification_recue_utile(ctx: Contexte, trouve: Rapprochement) -> bool:
    """True when INSi should be asked about the INS of a document before it is filed.

    Not when a file already holds the same identity from INSi: nothing would be learnt.
    """
    if not trouve.porte_ins or not traits_suffisants(trouve.identite):
        return False
    if trouve.patient_id is None:
        return True
    with ctx.store.lecture() as u:
        return u.patients.lire(trouve.patient_id).identite.statut not in statuts.AVEC_INSI


@exige(Droit.IDENTITES, Droit.MESSAGERIE, Droit.CLINIQUE_ECRIRE)
def verifier_ins_recue(ctx: Contexte, recue: Identite, patient_id: int | None = None,
                       annule: Annulation = None) -> VerificationRecue:
    """Ask INSi whether a received INS is right (rules 51 and 55). In the queue « insi ».

    KO is written on the trail and, for a known patient, on the work list; no identity changes.

    :raises ErreurService: the service didn't answer; nothing was decided.
    """
    if len(recue.matricule_ins) != _LONGUEUR or recue.oid not in matricule.OIDS_INS:
        # A wrong key alone is asked: INSi itself gave some (`spec/ins.md` §1.3).
        return VerificationRecue(False, "L’INS de ce document n’a pas la bonne forme : elle n’est "
                                 "pas reprise.")
    if not droits(ctx).insi:
        return VerificationRecue(None, "Votre compte n’a pas le droit d’appeler INSi : l’INS de ce "
                                 "document n’est pas vérifiée.")
    if manque := refus_insi(ctx):
        return VerificationRecue(None, "L’INS de ce document n’est pas encore vérifiée. "
                                 f"{manque.message}")
    acces = acces_insi(ctx)
    confirme = acces.client.verifier(recue, emetteur=acces.qui, annule=annule)
    with ctx.store.ecriture() as u:
        sur_qui = ""
        if patient_id is not None:
            patient_id = u.regroupements.actuel(patient_id)
            sur_qui = str(patient_id)
            if not confirme:
                _mettre_sur_liste(u, patient_id)
        u.trail.ecrire(qui=ctx.qui, quoi="insi.verification", sur_qui=sur_qui,
                       resultat="OK" if confirme else "KO",
                       detail=f"{CauseVerification.RECUE.value} ; {acces.mode}")
    if confirme:
        return VerificationRecue(True, "INSi confirme l’INS de ce document.")
    return VerificationRecue(False, MESSAGE_KO_RECUE)


@exige(Droit.IDENTITES, Droit.MESSAGERIE, Droit.CLINIQUE_ECRIRE)
def verifier_document(ctx: Contexte, lu: "DocumentLu", patient_id: int,
                      annule: Annulation = None) -> VerificationRecue:
    """Ask INSi about the INS of a document before it is filed in `patient_id` (rules 51 and 55).

    Nobody is asked when nothing would be learnt: no INS in the document, or a file whose identity
    comes from INSi already (the comparison of both decides there).

    :raises ErreurService: INSi didn't answer; nothing was decided.
    """
    with ctx.store.lecture() as u:
        patient = u.patients.lire(u.regroupements.actuel(patient_id))
    if patient.identite.statut in statuts.AVEC_INSI:
        return VerificationRecue(None)
    trouve = rapprocher_document(ctx, lu)
    if not verification_recue_utile(ctx, trouve):
        return VerificationRecue(None)
    return verifier_ins_recue(ctx, trouve.identite, patient.id, annule)


MESSAGE_KO_RECUE = ("INSi ne confirme pas l’INS de ce document : il n’est pas intégré, et le "
                    "dossier n’a pas changé. Vérifiez l’identité avec l’expéditeur.")


def _mettre_sur_liste(u: Unite, patient_id: int) -> None:
    """Work list « Vérification KO », with its cause."""
    if not u.verifications.demander(patient_id, CauseVerification.RECUE):
        return
    ligne = u.verifications.en_attente_pour(patient_id)
    assert ligne is not None
    u.verifications.terminer(ligne.id, EtatVerification.KO, message=MESSAGE_KO_RECUE,
                             version=ligne.version)
