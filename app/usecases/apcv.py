"""Appli carte Vitale: read, find or create the file, qualified at once (SC.INS.04, SC.APCV.01).

No INSi call: the context brings the INS. The context lives in memory, for one patient, until it
expires; the trail keeps the beginning of its hash and its end, never the token.
"""

from dataclasses import dataclass, replace

from app.devices.apcv import ApcvPort, BeneficiaireApcv, ErreurApcv, LectureApcv, Mode
from app.domain import dates, names, statuts
from app.domain.comparison import Comparaison, comparer
from app.domain.identity import Identite, Traits
from app.domain.patient import Contact, Patient, PatientResume
from app.domain.roles import Droit
from app.services.errors import Remede
from app.usecases import places
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.gestes_identite import appliquer
from app.usecases.patients import chercher_doublons


@dataclass(frozen=True, slots=True)
class PersonneApcv:
    """A beneficiary and the files that may be theirs, the surest first."""

    beneficiaire: BeneficiaireApcv
    patient_id: int | None
    candidats: tuple[PatientResume, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultatApcv:
    """What came of a reading for one person. `etat`: qualifie, administratif (no INS: a card like
    another), demo, a_comparer (the file found differs: `comparaison` says how)."""

    etat: str
    patient: Patient | None
    message: str = ""
    comparaison: Comparaison | None = None


@exige(Droit.IDENTITES)
def lire_apcv(ctx: Contexte, port: ApcvPort, qr: bytes | None,
              mode: Mode = "QR") -> tuple[LectureApcv, tuple[PersonneApcv, ...]]:
    """Open a context and find who it is; nothing is written on identities.

    :raises Refus: the component says no; the message says what to do.
    """
    try:
        lecture = port.ouvrir(mode, qr, ctx.professionnel.identifiant)
    except ErreurApcv as erreur:
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="apcv.lecture", resultat=erreur.code or "erreur",
                           detail=mode)
        raise Refus(erreur.message, remede=Remede.LIRE_CARTE, code=erreur.code) from erreur
    with ctx.store.ecriture() as u:
        personnes = []
        for beneficiaire in lecture.beneficiaires:
            traits = traits_apcv(beneficiaire)
            ins = beneficiaire.ins
            par_ins = [] if ins is None else [
                r for r in u.patients.resumes(u.patients.par_matricule(ins.matricule_ins))
                if r.date_naissance == traits.date_naissance]
            surs = par_ins or u.patients.par_traits(
                traits.nom_naissance, traits.premier_prenom, traits.date_naissance)
            personnes.append(PersonneApcv(
                beneficiaire, surs[0].id if len(surs) == 1 else None,
                tuple(surs) or chercher_doublons(u, traits)))
        u.trail.ecrire(qui=ctx.qui, quoi="apcv.lecture", resultat="ok",
                       sur_qui=",".join(str(p.patient_id) for p in personnes
                                        if p.patient_id is not None),
                       detail=f"{mode}, contexte {lecture.contexte.empreinte}, jusqu’à "
                              f"{lecture.contexte.expire_le}")
    return lecture, tuple(personnes)


def traits_apcv(beneficiaire: BeneficiaireApcv) -> Traits:
    """Traits of a beneficiary: the INS when there is one, else what a card would give."""
    if beneficiaire.ins is not None:
        traits = beneficiaire.ins.traits
        premier = names.normaliser_nom(traits.premier_prenom)[0]
        if not names.premier_prenom_coherent(premier, traits.prenoms):
            premier = traits.prenoms.split(" ")[0] or premier
        return replace(traits, premier_prenom=premier)
    nom, _ = names.normaliser_nom(beneficiaire.nom)
    prenom, _ = names.normaliser_nom(beneficiaire.prenom)
    return Traits(nom, prenom, dates.depuis_carte(beneficiaire.date_naissance_brute), "", "")


@exige(Droit.IDENTITES)
def qualifier_par_apcv(ctx: Contexte, lecture: LectureApcv, beneficiaire: BeneficiaireApcv,
                       patient_id: int | None = None,
                       accepte: bool = False) -> ResultatApcv:
    """Qualify the file of a beneficiary at once; create it when `patient_id` is None.

    A known file whose name, first given name, birth date, sex or matricule differ (a twin) is only
    qualified with `accepte`: the user compared them.

    :raises Refus: the context expired, the beneficiary isn't of it, or the status machine says no.
    """
    if lecture.contexte.expire():
        raise Refus("La lecture de l’appli carte Vitale a expiré. Scannez un nouveau QR code ; "
                    "l’identité n’a pas changé.", remede=Remede.LIRE_CARTE, code="CONTEXT_EXPIRED")
    if beneficiaire not in lecture.beneficiaires:
        raise Refus("Cette personne n’est pas de l’appli carte Vitale lue.")
    if lecture.demo:
        return ResultatApcv("demo", None, "Appli carte Vitale de démonstration : elle ne prouve "
                            "aucune identité. Rien n’a été modifié.")
    ins = beneficiaire.ins
    if ins is None:
        return ResultatApcv("administratif", None, "L’appli carte Vitale n’a pas donné l’INS : "
                            "l’identité n’est pas qualifiée. Interrogez INSi.")
    traits = traits_apcv(beneficiaire)

    def qualifier(identite: Identite) -> Identite:
        return statuts.qualifier_apcv(identite, traits, ins.matricule_ins, ins.oid,
                                      ins.historique, maintenant_local())

    with ctx.store.ecriture() as u:
        if patient_id is None:
            deja = u.patients.par_matricule(ins.matricule_ins)
            if deja:
                raise Refus("Un dossier porte déjà ce matricule : ouvrez-le plutôt que d’en créer "
                            "un autre.", code="DOUBLON")
            if not traits.lieu_naissance:
                raise Refus("L’appli carte Vitale ne donne pas le lieu de naissance : complétez "
                            "les traits.", remede=Remede.COMPLETER_IDENTITE, code="LIEU-ABSENT")
            usuel, _ = names.normaliser_nom(beneficiaire.nom)
            nouveau = replace(traits, nom_utilise=usuel if usuel != traits.nom_naissance else "")
            if refus := statuts.refus_recuperation(traits, ins.matricule_ins, ins.oid):
                raise Refus(refus, remede=Remede.COMPLETER_IDENTITE)
            patient = u.patients.ajouter(Identite(nouveau), Contact(), auteur=ctx.qui,
                                         cause="Création par appli carte Vitale")
            u.trail.ecrire(qui=ctx.qui, quoi="identite.creation", sur_qui=str(patient.id),
                           resultat="ok")
        else:
            patient = u.patients.lire(u.regroupements.actuel(patient_id))
            comparee = comparer(
                patient.identite, Identite(traits, matricule_ins=ins.matricule_ins, oid=ins.oid,
                                           historique=ins.historique),
                places.equivalents, libelle_lieu=places.libelle_complet)
            if not accepte and not comparee.tout_egal and not comparee.refus:
                return ResultatApcv("a_comparer", patient, "L’appli carte Vitale donne une autre "
                                    "identité que ce dossier : comparez-les avant d’accepter.",
                                    comparee)
        patient = appliquer(u, ctx, patient, qualifier, cause="Appli carte Vitale lue "
                            f"({lecture.mode}, contexte {lecture.contexte.empreinte})")
    return ResultatApcv("qualifie", patient, "Identité qualifiée par l’appli carte Vitale.")


def fermer_apcv(port: ApcvPort, lecture: LectureApcv | None) -> None:
    """End the context: another patient, lock, logout."""
    if lecture is not None:
        port.fermer(lecture.contexte)
