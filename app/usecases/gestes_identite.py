"""Gestures on one identity that need a right: transitory procedure, strict traits, doubts.

Each one is a transition of `domain.statuts`; a refusal says why and changes nothing.
"""

from collections.abc import Callable

from app.domain import statuts
from app.domain.identity import Attribut, Identite, Traits
from app.domain.patient import Patient
from app.domain.regroupement import fusion_interdite
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.context import Contexte
from app.usecases.droits_identite import exiger
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.identify import exiger_inchangee
from app.usecases.outbox import liberer_pour_identite
from app.usecases.patients import normaliser_traits
from app.usecases.reglages_identite import lire_reglages_identite

#: Shortest reason that tells something to who reads the trail.
MOTIF_MIN = 5


def exiger_motif(motif: str) -> str:
    """The reason, cleaned.

    :raises Refus: too short to tell anything.
    """
    propre = " ".join(motif.split())
    if len(propre) < MOTIF_MIN:
        raise Refus("Écrivez le motif en quelques mots : il reste dans l’historique de "
                    "l’identité.")
    return propre[:500]


def appliquer(u: Unite, ctx: Contexte, patient: Patient, geste: Callable[[Identite], Identite], *,
              cause: str, quoi: str = "identite.statut") -> Patient:
    """Apply a transition, write history and trail, free what waited for a qualification.

    :raises Refus: the status machine says no; nothing was written.
    """
    try:
        nouvelle = geste(patient.identite)
    except statuts.TransitionInterdite as erreur:
        raise Refus(erreur.message) from erreur
    enregistre = u.patients.enregistrer_identite(patient.id, nouvelle, auteur=ctx.qui,
                                                 cause=cause, version=patient.version)
    u.trail.ecrire(qui=ctx.qui, quoi=quoi, sur_qui=str(patient.id),
                   resultat=nouvelle.statut.value, detail=cause)
    liberer_pour_identite(u, enregistre)
    return enregistre


@exige(Droit.IDENTITES)
def qualifier_procedure_transitoire(ctx: Contexte, patient_id: int, motif: str,
                                    vue: Identite | None = None) -> Patient:
    """Qualify a récupérée identity of a patient known by the team (SENTINELLE.07).

    :param vue: identity that the user had on screen.
    :raises Refus: switched off, no reason, another status than récupérée, or the identity changed
        meanwhile.
    """
    raison = exiger_motif(motif)
    active = lire_reglages_identite(ctx).procedure_transitoire
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(patient_id)
        exiger_inchangee(vue, patient)
        return appliquer(
            u, ctx, patient,
            lambda i: statuts.qualifier_procedure_transitoire(i, active=active),
            cause=f"Procédure spécifique transitoire : {raison}")


@exige(Droit.IDENTITES)
def modifier_traits_stricts(ctx: Contexte, patient_id: int, traits: Traits, version: int,
                            motif: str) -> Patient:
    """Edit locked traits (rule 27, va1.60): the INSi proof falls, matricule and OID with it.

    :raises Refus: the account lacks the right, a trait is wrong, or there is no reason.
    """
    exiger(ctx, "traits_stricts")
    raison = exiger_motif(motif)
    propres = normaliser_traits(traits)
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(patient_id)
        if patient.version != version:
            raise Refus("Cette identité a changé entre-temps. Rechargez le dossier, puis "
                        "recommencez ; rien n’a été modifié.", code="CONFLIT")
        return appliquer(u, ctx, patient,
                         lambda i: statuts.modifier_traits(i, propres, super_utilisateur=True),
                         cause=f"Traits stricts modifiés : {raison}", quoi="identite.modification")


@exige(Droit.IDENTITES)
def signaler_collision(ctx: Contexte, patient_id: int, motif: str) -> Patient:
    """One file may hold two persons: douteuse until it is split (`spec/ins.md` §2)."""
    raison = exiger_motif(motif)
    with ctx.store.ecriture() as u:
        return appliquer(u, ctx, u.patients.lire(patient_id),
                         lambda i: statuts.poser_attribut(i, Attribut.DOUTEUSE),
                         cause=f"Collision possible : {raison}", quoi="identite.attribut")


@exige(Droit.IDENTITES)
def lever_doute(ctx: Contexte, patient_id: int, motif: str) -> Patient:
    """The doubt is lifted; the status doesn't come back by itself."""
    raison = exiger_motif(motif)
    with ctx.store.ecriture() as u:
        return appliquer(u, ctx, u.patients.lire(patient_id),
                         lambda i: statuts.retirer_attribut(i, Attribut.DOUTEUSE),
                         cause=f"Doute levé : {raison}", quoi="identite.attribut")


@exige(Droit.IDENTITES)
def noter_homonymes(ctx: Contexte, premier_id: int, second_id: int) -> tuple[Patient, Patient]:
    """Two files that look alike are two persons: both carry the attribute homonyme."""
    with ctx.store.ecriture() as u:
        a, b = (appliquer(u, ctx, u.patients.lire(id),
                          lambda i: statuts.poser_attribut(i, Attribut.HOMONYME),
                          cause="Homonymes : deux personnes", quoi="identite.attribut")
                for id in (premier_id, second_id))
    return a, b


def peuvent_fusionner(a: Patient, b: Patient) -> str:
    """French reason why two files must not be merged, or empty."""
    if a.id == b.id:
        return "Choisissez deux dossiers différents."
    return fusion_interdite(a.identite, b.identite)
