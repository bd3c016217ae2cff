"""Card in, identity qualified: search the file, call INSi, compare, store (`spec/ins.md` §2, §4.5).

Nothing here guesses: an answer is applied by itself only when every trait is equal; every other
case goes to the user with what to do.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain import comparison, dates, names, statuts
from app.domain import traits as traits_stricts
from app.domain.identity import (
    COG_INCONNU,
    Attribut,
    Beneficiaire,
    Identite,
    StatutIdentite,
    Traits,
)
from app.domain.patient import Contact, Patient, PatientResume
from app.domain.roles import Droit
from app.services.errors import Annule, Remede
from app.services.insi import ReponseInsi
from app.store.unite import Unite
from app.usecases import places
from app.usecases.authentifications import AccesInsi, acces_insi, refus_insi
from app.usecases.context import Contexte, maintenant_local
from app.usecases.droits_identite import droits
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.outbox import liberer_pour_identite
from app.usecases.reglages_identite import lire_reglages_identite

Annulation = Callable[[], bool] | None


@dataclass(frozen=True, slots=True)
class Identification:
    """Who the card is: one file, several possible ones, or nobody yet."""

    patient_id: int | None
    candidats: tuple[PatientResume, ...] = ()
    proposition: Traits | None = None


@dataclass(frozen=True, slots=True)
class ResultatInsi:
    """What came of a call. `etat`: applique, a_comparer, introuvable, plusieurs, inutile,
    impossible. `reponse` is handed back untouched to `accepter_insi`."""

    etat: str
    patient: Patient | None
    message: str = ""
    comparaison: comparison.Comparaison | None = None
    reponse: ReponseInsi | None = None
    remede: Remede = Remede.AUCUN
    statut_propose: StatutIdentite | None = None
    code: str = ""


def _traits_de_carte(beneficiaire: Beneficiaire) -> Traits:
    """Traits that the card gives; the place is unknown, the sex only proposed from the NIR."""
    naissance = dates.depuis_carte(beneficiaire.date_naissance_brute)
    nir = beneficiaire.nir
    sexe = ""
    if len(nir) == 15 and nir[1:3] == naissance[2:4]:
        # The NIR may be the opener of rights': its sex counts only if its year is the holder's.
        sexe = {"1": "M", "3": "M", "7": "M", "2": "F", "4": "F", "8": "F"}.get(nir[0], "")
    nom, _ = names.normaliser_nom(beneficiaire.nom)
    prenom, _ = names.normaliser_nom(beneficiaire.prenom)
    return Traits(nom_naissance=nom, premier_prenom=prenom, date_naissance=naissance, sexe=sexe,
                  lieu_naissance="")


@exige(Droit.IDENTITES)
def identifier(ctx: Contexte, beneficiaire: Beneficiaire) -> Identification:
    """Find the file of a card holder, by matricule then by traits; changes nothing."""
    traits = _traits_de_carte(beneficiaire)
    with ctx.store.lecture() as u:
        par_nir = u.patients.par_matricule(beneficiaire.nir) if beneficiaire.nir else []
        sûrs = [p for p in u.patients.resumes(par_nir) if p.date_naissance == traits.date_naissance]
        proches = u.patients.par_traits(traits.nom_naissance, traits.premier_prenom,
                                        traits.date_naissance)
    trouves = sûrs or proches
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="carte.lecture",
                       sur_qui=",".join(str(p.id) for p in trouves), resultat=str(len(trouves)))
    if len(trouves) == 1:
        return Identification(trouves[0].id, proposition=traits)
    return Identification(None, tuple(trouves), traits)


def _tracer(u: Unite, ctx: Contexte, patient_id: int | None, mode: str,
            reponse: ReponseInsi, acces: AccesInsi) -> None:
    """Rules 37, 39, 48: every INSi call and its code; for 00 what was received.

    `mode` is what was asked by (card, traits); the authentication used stands beside it.
    """
    mode = f"{mode} ; {acces.mode}"
    detail = mode
    if reponse.code == "00" and reponse.identite is not None:
        recue = reponse.identite
        detail = (f"{mode} ; {recue.matricule_ins} {recue.oid} ; {recue.traits.nom_naissance} ; "
                  f"{recue.traits.prenoms} ; {recue.traits.date_naissance} ; "
                  f"{recue.traits.sexe} ; {recue.traits.lieu_naissance}")
    u.trail.ecrire(qui=ctx.qui, quoi="insi.appel",
                   sur_qui="" if patient_id is None else str(patient_id),
                   resultat=reponse.code, detail=detail)


def _arreter_si(annule: Annulation) -> None:
    if annule is not None and annule():
        raise Annule("Appel INSi abandonné. L’identité n’a pas changé.", service="insi")


def _par_traits(acces: AccesInsi, traits: Traits, annule: Annulation) -> ReponseInsi:
    """Search by traits: without COG first, then silently with it on 02 (SC.INS.13)."""
    client = acces.client
    derniere: ReponseInsi | None = None
    plusieurs: ReponseInsi | None = None
    for prenom in names.candidats_prenom(traits.premier_prenom, traits.prenoms):
        _arreter_si(annule)
        reponse = client.par_traits(traits, prenom, avec_cog=False,
                                    emetteur=acces.qui, annule=annule)
        if reponse.code == "02" and traits.lieu_naissance not in ("", COG_INCONNU):
            _arreter_si(annule)
            reponse = client.par_traits(traits, prenom, avec_cog=True,
                                        emetteur=acces.qui, annule=annule)
        if reponse.code == "00":
            return reponse
        if reponse.code == "02":
            plusieurs = plusieurs or reponse
        derniere = reponse
    retour = plusieurs or derniere
    if retour is None:
        raise Refus("L’appel INSi demande un prénom de naissance.",
                    remede=Remede.COMPLETER_IDENTITE)
    return retour


def _droit_insi(ctx: Contexte) -> str:
    """French reason why this account may not call INSi, or empty (rule 4)."""
    if droits(ctx).insi:
        return ""
    return ("Votre compte n’a pas le droit d’appeler INSi : contrôlez un document d’identité, un "
            "collègue habilité fera l’appel.")


_MESSAGES = {
    "01": ("introuvable", "INSi ne trouve pas cette identité. Vérifiez le nom de naissance, le "
           "prénom, le sexe et la date, ou lisez la carte Vitale.", Remede.LIRE_CARTE),
    "02": ("plusieurs", "INSi trouve plusieurs identités avec ces traits. Ajoutez les autres "
           "prénoms de la pièce d’identité et le lieu de naissance, ou lisez la carte Vitale.",
           Remede.COMPLETER_IDENTITE),
}


def _appliquer(u: Unite, ctx: Contexte, patient: Patient, reponse: ReponseInsi, cause: str,
               traits: Traits | None = None) -> Patient:
    assert reponse.identite is not None
    base = patient.identite if traits is None else replace(patient.identite, traits=traits)
    try:
        nouvelle = statuts.recuperer(base, reponse.identite.traits, reponse.identite.matricule_ins,
                                     reponse.identite.oid, reponse.identite.historique,
                                     maintenant_local())
    except statuts.TransitionInterdite as erreur:
        raise Refus(str(erreur)) from erreur
    enregistre = u.patients.enregistrer_identite(patient.id, nouvelle, auteur=ctx.qui, cause=cause,
                                                 version=patient.version)
    u.trail.ecrire(qui=ctx.qui, quoi="identite.statut", sur_qui=str(patient.id),
                   resultat=nouvelle.statut.value, detail=cause)
    liberer_pour_identite(u, enregistre)
    return enregistre


@exige(Droit.IDENTITES)
def qualifier_insi(ctx: Contexte, patient_id: int, beneficiaire: Beneficiaire | None = None,
                   annule: Annulation = None) -> ResultatInsi:
    """Call INSi for a known patient, card first, and apply the answer when all traits are equal.

    :raises ErreurService: the service couldn't answer; the identity didn't change.
    """
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    identite = patient.identite
    par_carte = beneficiaire is not None and bool(beneficiaire.nir)
    raison = statuts.appel_insi_possible(identite, par_carte=par_carte)
    if raison:
        return ResultatInsi("impossible", patient, raison)
    if identite.statut in (StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE):
        return ResultatInsi("inutile", patient)
    if refus := _droit_insi(ctx):
        return ResultatInsi("impossible", patient, refus, code="DROIT-INSI")
    if manque := refus_insi(ctx):
        return ResultatInsi("impossible", patient, manque.message, remede=manque.remede)
    acces = acces_insi(ctx)
    mode, reponse = "traits", None
    if beneficiaire is not None and par_carte:
        mode = "carte Vitale"
        reponse = acces.client.par_carte(beneficiaire, emetteur=acces.qui, annule=annule)
    if reponse is None or reponse.code != "00":
        if reponse is not None:
            with ctx.store.ecriture() as u:
                _tracer(u, ctx, patient_id, mode, reponse, acces)
        if raison := statuts.appel_insi_possible(identite):
            return ResultatInsi("impossible", patient, raison, remede=Remede.COMPLETER_IDENTITE)
        mode, reponse = "traits", _par_traits(acces, identite.traits, annule)
    return _conclure(ctx, patient, mode, reponse, acces)


def _conclure(ctx: Contexte, patient: Patient, mode: str, reponse: ReponseInsi,
              acces: AccesInsi) -> ResultatInsi:
    """Trace, compare, apply when equal. The patient is read again: the call took time, the file
    may have been merged, marked, or written by another workstation meanwhile."""
    with ctx.store.ecriture() as u:  # by itself: what follows may refuse, the call was made
        _tracer(u, ctx, patient.id, mode, reponse, acces)
    with ctx.store.ecriture() as u:
        actuel = u.patients.lire(u.regroupements.actuel(patient.id))
        if actuel.identite.attributs & statuts.BLOQUANTS:
            return ResultatInsi("impossible", actuel, "L’identité a été marquée douteuse ou "
                                "fictive pendant l’appel INSi : la réponse n’a pas été appliquée.",
                                code=reponse.code)
        if reponse.code != "00" or reponse.identite is None:
            etat, message, remede = _MESSAGES.get(
                reponse.code, ("impossible", f"INSi a répondu : {reponse.libelle}.",
                               Remede.REESSAYER))
            return ResultatInsi(etat, actuel, message, remede=remede, code=reponse.code)
        resultat = comparison.comparer(
            actuel.identite, reponse.identite, places.equivalents,
            libelle_lieu=places.libelle_complet, numero_secu=actuel.numero_secu)
        if resultat.refus:
            return ResultatInsi("impossible", actuel, resultat.refus, resultat, reponse,
                                remede=Remede.COMPLETER_IDENTITE, code="00")
        propose = (StatutIdentite.QUALIFIEE if actuel.identite.statut is StatutIdentite.VALIDEE
                   else StatutIdentite.RECUPEREE)
        if resultat.tout_egal and reponse.automatique:
            applique = _appliquer(u, ctx, actuel, reponse, f"Réponse INSi identique ({mode})")
            return ResultatInsi("applique", applique, comparaison=resultat, reponse=reponse,
                                statut_propose=propose, code="00")
    return ResultatInsi("a_comparer", actuel, "Réponse INSi à comparer.", resultat, reponse,
                        statut_propose=propose, code="00")


@exige(Droit.IDENTITES)
def accepter_insi(ctx: Contexte, patient_id: int, reponse: ReponseInsi,
                  premier_prenom: str | None = None, vue: Identite | None = None) -> Patient:
    """The user accepts the INSi identity shown (one click).

    Args:
        premier_prenom: corrects the first given name, when the user asked for it.
        vue: identity that was compared; None accepts whatever the file holds now.

    :raises Refus: the identity changed since it was compared: it may be about somebody else.
    """
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(patient_id)
        if _changee(vue, patient):
            raise Refus("Cette identité a changé pendant la comparaison. Rien n’a été modifié : "
                        "interrogez INSi de nouveau.", code="CONFLIT")
        traits = None
        if premier_prenom is not None:
            propre, _ = names.normaliser_nom(premier_prenom)
            traits = replace(patient.identite.traits, premier_prenom=propre)
        return _appliquer(u, ctx, patient, reponse, "Identité INSi acceptée", traits)


def _changee(vue: Identite | None, patient: Patient) -> bool:
    """True when the identity isn't any more the one that the user looked at."""
    return vue is not None and bool(
        traits_stricts.stricts_modifies(vue.traits, patient.identite.traits)
        or vue.statut is not patient.identite.statut)


def exiger_inchangee(vue: Identite | None, patient: Patient) -> None:
    """A proof holds for the traits that the user compared with it, and for no others.

    What INSi adds meanwhile (a status, a trait that was empty) takes nothing from what was seen:
    its answer often comes between the look and the click.

    :raises Refus: a colleague changed a trait that was seen, or called the identity into question.
    """
    if vue is None:
        return
    identite = patient.identite
    changes = [t for t in traits_stricts.stricts_modifies(vue.traits, identite.traits)
               if getattr(vue.traits, t)]
    if changes or identite.attributs - vue.attributs:
        raise Refus("Cette identité vient d’être modifiée sur un autre poste. Rien n’a été "
                    "validé : relisez les traits à l’écran, puis recommencez.", code="CONFLIT")


@exige(Droit.IDENTITES)
def refuser_insi(ctx: Contexte, patient_id: int, reponse: ReponseInsi) -> None:
    """The user refuses: the identity doesn't change, the refusal is traced."""
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="insi.refus", sur_qui=str(patient_id),
                       resultat=reponse.code)


@exige(Droit.IDENTITES)
def creer_depuis_carte(ctx: Contexte, beneficiaire: Beneficiaire,
                       annule: Annulation = None) -> ResultatInsi:
    """Unknown card holder: INSi by card first; 00 creates the file at once, récupérée.

    The strict traits are INSi's; the card's name is kept as used name when it differs. Anything
    else leaves the creation to the user, with the card's traits proposed.
    """
    if refus := _droit_insi(ctx):
        return ResultatInsi("impossible", None, refus, code="DROIT-INSI")
    if manque := refus_insi(ctx):
        return ResultatInsi("impossible", None, f"{manque.message} Créez le dossier avec les "
                            "traits de la carte.", remede=manque.remede)
    if not beneficiaire.nir:
        return ResultatInsi("impossible", None, "La carte ne donne pas de numéro pour cette "
                            "personne. Complétez les traits.", remede=Remede.COMPLETER_IDENTITE)
    acces = acces_insi(ctx)
    reponse = acces.client.par_carte(beneficiaire, emetteur=acces.qui, annule=annule)
    carte = _traits_de_carte(beneficiaire)
    with ctx.store.ecriture() as u:
        _tracer(u, ctx, None, "carte Vitale", reponse, acces)
        recue = reponse.identite
        if reponse.code != "00" or recue is None:
            etat, message, remede = _MESSAGES.get(
                reponse.code, ("impossible", f"INSi a répondu : {reponse.libelle}.",
                               Remede.COMPLETER_IDENTITE))
            return ResultatInsi(etat, None, message, remede=remede, code=reponse.code)
        if refus := statuts.refus_recuperation(recue.traits, recue.matricule_ins, recue.oid):
            return ResultatInsi("impossible", None, refus, remede=Remede.COMPLETER_IDENTITE,
                                code="00")
        if recue.traits.date_naissance != carte.date_naissance:
            return ResultatInsi("impossible", None, "La date de naissance d’INSi n’est pas celle "
                                "de la carte. Choisissez le bon bénéficiaire ou saisissez les "
                                "traits.", remede=Remede.COMPLETER_IDENTITE, code="00")
        connus = u.patients.par_matricule(recue.matricule_ins)
        if connus:
            patient = u.patients.lire(connus[0])
            return ResultatInsi("inutile", patient, code="00")
        traits = _traits_nouveaux(recue.traits, carte)
        patient = u.patients.ajouter(Identite(traits=traits), Contact(), auteur=ctx.qui,
                                     cause="Création par carte Vitale")
        u.trail.ecrire(qui=ctx.qui, quoi="identite.creation", sur_qui=str(patient.id),
                       resultat="ok")
        patient = _appliquer(u, ctx, patient, reponse, "Réponse INSi à la création")
    return ResultatInsi("applique", patient, reponse=reponse, code="00",
                        statut_propose=StatutIdentite.RECUPEREE)


def _traits_nouveaux(insi: Traits, carte: Traits) -> Traits:
    """Traits of a file created from a card: INSi's, the card's names as used names."""
    prenoms = insi.prenoms or carte.premier_prenom
    premier = carte.premier_prenom
    if not names.premier_prenom_coherent(premier, prenoms):
        premier = prenoms.split()[0]
    return Traits(nom_naissance=insi.nom_naissance, premier_prenom=premier,
                  date_naissance=insi.date_naissance, sexe=insi.sexe,
                  lieu_naissance=insi.lieu_naissance, prenoms=insi.prenoms,
                  nom_utilise=carte.nom_naissance if carte.nom_naissance != insi.nom_naissance
                  else "",
                  prenom_utilise="" if carte.premier_prenom == premier else carte.premier_prenom)


@exige(Droit.IDENTITES)
def controler_document(ctx: Contexte, patient_id: int, code: str,
                       vue: Identite | None = None) -> Patient:
    """The user checked a high-trust document (INS/va1.23, rule 19).

    :param vue: identity that was on screen beside the document.
    :raises Refus: this document proves nothing, or the identity changed meanwhile.
    """
    admis = lire_reglages_identite(ctx).justificatifs
    if code not in admis:
        raise Refus("Ce document ne permet pas de valider l’identité.")
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(patient_id)
        exiger_inchangee(vue, patient)
        try:
            nouvelle = statuts.controler_document(patient.identite, code,
                                                  haute_confiance=admis)
        except statuts.TransitionInterdite as erreur:
            raise Refus(str(erreur)) from erreur
        patient = u.patients.enregistrer_identite(patient_id, nouvelle, auteur=ctx.qui,
                                                  cause="Document d’identité contrôlé",
                                                  version=patient.version)
        u.trail.ecrire(qui=ctx.qui, quoi="identite.statut", sur_qui=str(patient_id),
                       resultat=nouvelle.statut.value, detail=f"document {code}")
        liberer_pour_identite(u, patient)
    return patient


@exige(Droit.IDENTITES)
def marquer(ctx: Contexte, patient_id: int, attribut: Attribut, present: bool) -> Patient:
    """Set or remove homonyme, douteuse, fictive."""
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(patient_id)
        fait = statuts.poser_attribut if present else statuts.retirer_attribut
        nouvelle = fait(patient.identite, attribut)
        patient = u.patients.enregistrer_identite(
            patient_id, nouvelle, auteur=ctx.qui, version=patient.version,
            cause=f"{attribut.value} : {'posé' if present else 'retiré'}")
        u.trail.ecrire(qui=ctx.qui, quoi="identite.attribut", sur_qui=str(patient_id),
                       resultat=nouvelle.statut.value, detail=attribut.value)
    return patient


@exige(Droit.IDENTITES)
def marquer_annulable(ctx: Contexte, patient_id: int, attribut: Attribut,
                      present: bool) -> tuple[Identite, Patient]:
    """The same, with the identity as it was: douteuse and fictive take the matricule away."""
    with ctx.store.lecture() as u:
        avant = u.patients.lire(patient_id).identite
    return avant, marquer(ctx, patient_id, attribut, present)


@exige(Droit.IDENTITES)
def annuler_marquage(ctx: Contexte, marque: Patient, avant: Identite) -> Patient:
    """Undo `marquer` at once: the identity is again what it was, status and matricule included.

    :raises ConflitVersion: the identity changed meanwhile; nothing is undone.
    :raises Refus: `avant` isn't what the file held just before: undoing qualifies nobody.
    """
    with ctx.store.ecriture() as u:
        patient = u.patients.enregistrer_identite(
            marque.id, avant, auteur=ctx.qui, version=marque.version,
            cause="Attribut posé par erreur : annulé")
        if [h.identite for h in u.patients.historique(marque.id)][-3:-2] != [avant]:
            raise Refus("Cette identité n’est pas celle d’avant le marquage. Rien n’a été "
                        "modifié.", code="CONFLIT")
        u.trail.ecrire(qui=ctx.qui, quoi="identite.attribut_annule", sur_qui=str(marque.id),
                       resultat=avant.statut.value)
        liberer_pour_identite(u, patient)
    return patient
