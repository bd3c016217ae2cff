"""Search, create and correct patients."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from app.domain import dates, matricule, names, statuts
from app.domain.doublons import rapprocher_traits
from app.domain.identity import Attribut, Identite, Traits
from app.domain.patient import Contact, LigneHistorique, Patient, PatientResume
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases import places
from app.usecases.concurrence import Champ, Edition, Lu, Valeurs, ecrire_ensemble
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre


@dataclass(frozen=True, slots=True)
class CreationPatient:
    """Result of a creation: the patient, or the look-alikes that stopped it."""

    patient: Patient | None
    doublons: tuple[PatientResume, ...] = ()


@exige(Droit.IDENTITES, Droit.AGENDA)
def chercher(ctx: Contexte, texte: str, limite: int = 50) -> list[PatientResume]:
    """Patients that match what is typed (INS/va1.25)."""
    with ctx.store.lecture() as u:
        return u.patients.chercher(texte, limite)


@exige(Droit.IDENTITES, Droit.AGENDA)
def ids_patients(ctx: Contexte) -> list[int]:
    """All patients in order of name: the list pages by ids."""
    with ctx.store.lecture() as u:
        return u.patients.ids()


@exige(Droit.IDENTITES, Droit.AGENDA)
def resumes(ctx: Contexte, ids: Sequence[int]) -> list[PatientResume]:
    """The lines of one page of the list."""
    with ctx.store.lecture() as u:
        return u.patients.resumes(ids)


def normaliser_traits(traits: Traits) -> Traits:
    """Strict traits in their storable form, or a refusal that says what to correct.

    :raises Refus: a mandatory trait is missing or wrong (INS/va1.21).
    """
    nom, _ = names.normaliser_nom(traits.nom_naissance)
    prenom, _ = names.normaliser_nom(traits.premier_prenom)
    prenoms, _ = names.normaliser_nom(traits.prenoms)
    manque = []
    if not nom:
        manque.append("le nom de naissance")
    if not prenom:
        manque.append("le premier prénom de naissance")
    if not traits.date_naissance:
        manque.append("la date de naissance")
    if traits.sexe not in ("M", "F", "I"):
        manque.append("le sexe")
    if not traits.lieu_naissance:
        manque.append("le lieu de naissance")
    if manque:
        raise Refus(f"Le dossier n’est pas créé. Il manque {', '.join(manque)}.")
    naissance = dates.lire_date_saisie(traits.date_naissance)
    if naissance is None:
        raise Refus("Date de naissance incomprise. Écrivez-la comme 31/12/1975 ou 311275.")
    if dates.est_calendaire(naissance) and naissance > date.today().isoformat():
        raise Refus("La date de naissance est dans le futur.")
    return replace(traits, nom_naissance=nom, premier_prenom=prenom, prenoms=prenoms,
                   date_naissance=naissance,
                   nom_utilise=names.sans_invisibles(traits.nom_utilise, names.LONGUEUR_MAX),
                   prenom_utilise=names.sans_invisibles(traits.prenom_utilise,
                                                        names.LONGUEUR_MAX))


@exige(Droit.IDENTITES)
def semblables(ctx: Contexte, nom: str, prenom: str, naissance: str) -> list[PatientResume]:
    """Files that may be the same person, shown while a new patient is typed (SC.INS.22)."""
    with ctx.store.lecture() as u:
        return list(chercher_doublons(u, Traits(nom, prenom, naissance, "I", "")))


def chercher_doublons(u: Unite, traits: Traits) -> tuple[PatientResume, ...]:
    """Files that may be about the same person: same name and first name, or one or two letters
    apart, or under a used name, born the same day (`domain.doublons`)."""
    exacts = u.patients.par_traits(traits.nom_naissance, traits.premier_prenom,
                                   traits.date_naissance)
    connus = {r.id for r in exacts}
    return (*exacts, *(r for r in u.patients.nes_le(traits.date_naissance)
                       if r.id not in connus and rapprocher_traits(traits, r) is not None))


@exige(Droit.IDENTITES)
def creer_patient(ctx: Contexte, traits: Traits, contact: Contact | None = None,
                  force: bool = False) -> CreationPatient:
    """Create a provisional identity from the five mandatory traits.

    Look-alikes (`chercher_doublons`) stop the creation until `force`; the new identity then
    carries the attribute homonyme.
    """
    propres = normaliser_traits(traits)
    with ctx.store.ecriture() as u:
        doublons = chercher_doublons(u, propres)
        if doublons and not force:
            return CreationPatient(None, doublons)
        attributs = frozenset({Attribut.HOMONYME}) if doublons else frozenset()
        patient = u.patients.ajouter(Identite(traits=propres, attributs=attributs),
                                     contact or Contact(), auteur=ctx.qui, cause="Création")
        u.trail.ecrire(qui=ctx.qui, quoi="identite.creation", sur_qui=str(patient.id),
                       resultat="ok")
    return CreationPatient(patient)


_TRAITS = {
    "nom_naissance": Champ("Nom de naissance"),
    "premier_prenom": Champ("Premier prénom de naissance"),
    "prenoms": Champ("Prénoms de naissance"),
    "date_naissance": Champ("Date de naissance", dates.formater),
    "sexe": Champ("Sexe", lambda s: {"M": "Masculin", "F": "Féminin"}.get(s, s)),
    "lieu_naissance": Champ("Lieu de naissance", lambda cog: places.libelle_complet(cog)),
    "nom_utilise": Champ("Nom utilisé"),
    "prenom_utilise": Champ("Prénom utilisé"),
}
_CONTACT = {"adresse": Champ("Adresse"), "code_postal": Champ("Code postal"),
            "commune": Champ("Commune"), "telephone": Champ("Téléphone"),
            "courriel": Champ("Courriel")}


def _nomme(traits: Traits) -> str:
    return f"{traits.nom_naissance} {traits.premier_prenom}"


@exige(Droit.IDENTITES)
def modifier_traits(ctx: Contexte, patient_id: int, traits: Traits, version: int,
                    base: Traits | None = None) -> Patient:
    """Correct traits. Locked strict traits are refused (INS/va1.47), used names never are.

    :param base: what the user read: fields changed meanwhile by somebody else are then merged.
    :raises ConflitSaisie: with `base`, the same fields were changed elsewhere.
    :raises ConflitVersion: without it, the patient changed since `version`.
    """
    propres = normaliser_traits(traits)

    def ecrire(u: Unite, valeurs: Valeurs, lue: int) -> Patient:
        identite = u.patients.lire(patient_id).identite
        try:
            nouvelle = statuts.modifier_traits(identite, Traits(**valeurs))
        except statuts.TransitionInterdite as erreur:
            raise Refus(str(erreur)) from erreur
        patient = u.patients.enregistrer_identite(patient_id, nouvelle, auteur=ctx.qui,
                                                  cause="Modification des traits", version=lue)
        u.trail.ecrire(qui=ctx.qui, quoi="identite.modification", sur_qui=str(patient_id),
                       resultat=nouvelle.statut.value)
        return patient

    if base is None:
        with ctx.store.ecriture() as u:
            return ecrire(u, asdict(propres), version)

    def lire(u: Unite) -> Lu:
        patient = u.patients.lire(patient_id)
        return Lu(asdict(patient.identite.traits), patient.version,
                  next((x.auteur for x in reversed(u.patients.historique(patient_id))), ""))

    return ecrire_ensemble(
        ctx, Edition(f"l’identité de {_nomme(base)}", _TRAITS, lire, ecrire),
        asdict(base), asdict(propres))


@exige(Droit.IDENTITES)
def enregistrer_numero_secu(ctx: Contexte, patient_id: int, numero: str,
                            version: int) -> Patient:
    """Store the billing number, apart from the INS (va1.56): it may be the opener of rights'.

    :param numero: 15 characters, spaces allowed; empty takes it away.
    :raises Refus: it can't be a number.
    :raises ConflitVersion: the patient changed since `version`.
    """
    propre = matricule.nettoyer(numero)
    if propre and (fautes := matricule.verifier(propre)):
        raise Refus(f"Numéro de sécurité sociale : {fautes[0][0].lower()}{fautes[0][1:]}")
    with ctx.store.ecriture() as u:
        patient = u.patients.enregistrer_numero_secu(patient_id, propre, version=version)
        u.trail.ecrire(qui=ctx.qui, quoi="identite.numero_secu", sur_qui=str(patient_id),
                       resultat="ok")
    return patient


@exige(Droit.IDENTITES)
def enregistrer_contact(ctx: Contexte, patient_id: int, contact: Contact, version: int,
                        base: Contact | None = None) -> Patient:
    """Store how to reach the patient.

    :param base: as in `modifier_traits`.
    :raises ConflitSaisie, ConflitVersion: as `modifier_traits`.
    """
    def ecrire(u: Unite, valeurs: Valeurs, lue: int) -> Patient:
        patient = u.patients.enregistrer_contact(patient_id, Contact(**valeurs), version=lue)
        u.trail.ecrire(qui=ctx.qui, quoi="identite.contact", sur_qui=str(patient_id),
                       resultat="ok")
        return patient

    if base is None:
        with ctx.store.ecriture() as u:
            return ecrire(u, asdict(contact), version)

    def lire(u: Unite) -> Lu:
        patient = u.patients.lire(patient_id)
        return Lu(asdict(patient.contact), patient.version)

    return ecrire_ensemble(
        ctx, Edition("les coordonnées de ce patient", _CONTACT, lire, ecrire),
        asdict(base), asdict(contact))


@exige(Droit.IDENTITES)
def historique_identite(ctx: Contexte, patient_id: int) -> list[LigneHistorique]:
    """Changes of the identity, newest first."""
    with ctx.store.lecture() as u:
        return u.patients.historique(patient_id)


@libre("référentiel public")
def chercher_lieux(ctx: Contexte, texte: str, le: str = "") -> list[tuple[str, str, str]]:
    """Birthplaces that match what is typed: code, label, precision."""
    del ctx
    return [(lieu.cog, lieu.libelle, lieu.precision) for lieu in places.chercher(texte, le or None)]


@libre("référentiel public")
def libelle_lieu(ctx: Contexte, cog: str) -> str:
    """« 63220 Mazoires »; the code alone when it isn't known."""
    del ctx
    return places.libelle_complet(cog)
