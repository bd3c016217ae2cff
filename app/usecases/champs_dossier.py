"""Values of the fields of a letter, from the record (SC.DOC.03).

A field whose value isn't in the record has none: the letter shows it as still to be written, and
never says « aucune allergie » because nobody wrote one down.
"""

from collections.abc import Sequence
from datetime import date, datetime

from app.documents.champs import ValeurChamp, cle
from app.documents.courrier import EnteteCourrier
from app.documents.libelles import (
    SEXES,
    lignes_destinataire,
    nom_professionnel,
    profession_affichee,
    rpps,
)
from app.documents.model import (
    Bloc,
    Destinataire,
    Intervenant,
    Liste,
    Paragraphe,
    RoleIntervenant,
    Tableau,
    lignes_adresse,
)
from app.documents.texte import date_longue
from app.domain import dates
from app.domain.dossier_clinique import ElementClinique, NatureElement, RoleCorrespondant
from app.domain.equipes import Geste
from app.domain.matricule import formater as formater_matricule
from app.domain.patient import Patient
from app.domain.people import Professionnel
from app.domain.roles import Droit
from app.usecases import correspondants, dossier_clinique
from app.usecases.carnet_vaccinal import carnet
from app.usecases.context import Contexte
from app.usecases.garde import droits_de, exige, libre

#: Fields offered by « Insérer », in groups.
GROUPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Patient", ("Patient", "Date de naissance", "Âge", "Sexe", "Adresse du patient",
                 "Téléphone du patient", "Matricule INS")),
    ("Correspondants", ("Formule d’appel", "Destinataire", "Médecin traitant", "Prescripteur")),
    ("Dossier", ("Allergies", "Antécédents", "Traitements en cours", "Dernières mesures",
                 "Vaccinations", "Dernières observations", "Personne à prévenir")),
    ("Cabinet", ("Professionnel", "RPPS", "Cabinet", "Commune du cabinet",
                 "Téléphone du cabinet", "Date du jour")))
_OBSERVATIONS = 5
_VACCINS = cle("Vaccinations")


@exige(Droit.CLINIQUE_LIRE, delegation=Geste.REDIGER)
def entete_initial(ctx: Contexte, patient_id: int, pour: Sequence[str]) -> EnteteCourrier:
    """The header of a new letter: the persons of the patient, and the recipients that the template
    names in words (« médecin traitant », « prescripteur »)."""
    liens = correspondants.du_patient(ctx, patient_id)
    roles = {RoleCorrespondant.MEDECIN_TRAITANT: RoleIntervenant.MEDECIN_TRAITANT,
             RoleCorrespondant.PRESCRIPTEUR: RoleIntervenant.PRESCRIPTEUR}
    intervenants = tuple(Intervenant(roles[role], qui) for role, _, qui in liens if role in roles)
    voulus: list[Destinataire] = []
    for mots in map(cle, pour):
        for role, _, qui in liens:
            nomme = ((role is RoleCorrespondant.MEDECIN_TRAITANT
                      and mots in ("medecin traitant", "medecin referent", "medecin"))
                     or (role is RoleCorrespondant.PRESCRIPTEUR and "prescripteur" in mots))
            if nomme and qui not in voulus:
                voulus.append(qui)
    return EnteteCourrier(tuple(voulus), intervenants)


@exige(Droit.CLINIQUE_LIRE, delegation=Geste.REDIGER)
def valeurs(ctx: Contexte, patient_id: int, entete: EnteteCourrier,
            besoins: Sequence[str] = (), auteur: Professionnel | None = None
            ) -> dict[str, ValeurChamp]:
    """Values by label; a field that the record doesn't know is absent, and so is what the account
    may not read: who prepares a letter without that right sees no care in it.

    Args:
        entete: header of the letter: its recipients are fields too.
        besoins: labels that the letter holds; the vaccinations are read only when asked.
        auteur: who will sign, the user by default.
    """
    soigne = Droit.CLINIQUE_LIRE in droits_de(ctx)
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
        notes = u.observations.lister(patient_id, _OBSERVATIONS) if soigne else []
    resultat = {**_patient(patient), **_personnes(entete),
                **_cabinet(ctx, auteur or ctx.professionnel)}
    if soigne:
        resultat |= _dossier(dossier_clinique.elements(ctx, patient_id))
    if notes:
        resultat["Dernières observations"] = ValeurChamp(
            " ; ".join(n.texte for n in notes[:1]),
            (Liste(tuple(f"{dates.formater(n.horodatage[:10])} : {n.texte}" for n in notes)),))
    if soigne and _VACCINS in map(cle, besoins):
        resultat["Vaccinations"] = _vaccinations(ctx, patient_id)
    return {libelle: v for libelle, v in resultat.items() if v.texte or v.blocs}


def _patient(patient: Patient) -> dict[str, ValeurChamp]:
    identite = patient.identite
    traits = identite.traits
    nom = " ".join((traits.prenom_utilise or traits.premier_prenom,
                    traits.nom_utilise or traits.nom_naissance))
    naissance = dates.formater(traits.date_naissance)
    textes = {
        "Patient": nom, "Date de naissance": naissance,
        "Né(e) le": f"né(e) le {naissance}" if naissance else "",
        "Âge": dates.age(traits.date_naissance, date.today()),
        "Sexe": SEXES.get(traits.sexe, "").lower(),
        "Adresse du patient": ", ".join(lignes_adresse(patient.contact)),
        "Téléphone du patient": patient.contact.telephone,
        "Matricule INS": formater_matricule(identite.matricule_ins)
        if identite.matricule_transmissible else ""}
    return {libelle: ValeurChamp(texte) for libelle, texte in textes.items()}


@libre("met en forme une valeur")
def nom_court(qui: Destinataire) -> str:
    """A correspondent in the middle of a sentence."""
    nom = lignes_destinataire(qui)[0]
    medecin = cle(qui.qualite).startswith("medecin")
    if medecin and qui.nom:
        nom = " ".join(("Dr", qui.prenom, qui.nom)).replace("  ", " ")
    return nom


@libre("met en forme une valeur")
def formule_appel(destinataires: Sequence[Destinataire]) -> str:
    """How a letter begins."""
    if len(destinataires) == 1 and destinataires[0].nom:
        qui = destinataires[0]
        if cle(qui.qualite).startswith("medecin"):
            return "Docteur"
        if qui.civilite in ("M", "MME"):
            return "Cher confrère" if qui.civilite == "M" else "Chère consœur"
    return "Chère consœur, cher confrère"


def _personnes(entete: EnteteCourrier) -> dict[str, ValeurChamp]:
    textes = {"Formule d’appel": formule_appel(entete.destinataires),
              "Destinataire": ", ".join(map(nom_court, entete.destinataires))}
    for role, libelle in ((RoleIntervenant.MEDECIN_TRAITANT, "Médecin traitant"),
                          (RoleIntervenant.PRESCRIPTEUR, "Prescripteur")):
        for intervenant in entete.intervenants:
            if intervenant.role is role:
                qui = intervenant.personne
                textes[libelle] = ", ".join(x for x in (nom_court(qui), qui.telephone) if x)
    return {libelle: ValeurChamp(texte) for libelle, texte in textes.items()}


def _cabinet(ctx: Contexte, moi: Professionnel) -> dict[str, ValeurChamp]:
    maison = ctx.structure
    metier = profession_affichee(moi)
    textes = {
        "Professionnel": f"{nom_professionnel(moi)}, {metier[:1].lower()}{metier[1:]}",
        "RPPS": rpps(moi) if moi.identifiant else "", "Cabinet": maison.raison_sociale,
        "Commune du cabinet": maison.commune, "Téléphone du cabinet": maison.telephone,
        "Date du jour": date_longue(datetime.now().astimezone())}
    return {libelle: ValeurChamp(texte) for libelle, texte in textes.items()}


_CHAMPS = {NatureElement.ALLERGIE: "Allergies", NatureElement.ANTECEDENT: "Antécédents",
           NatureElement.TRAITEMENT: "Traitements en cours",
           NatureElement.MESURE: "Dernières mesures",
           NatureElement.CONTACT: "Personne à prévenir"}


def _dossier(elements: Sequence[ElementClinique]) -> dict[str, ValeurChamp]:
    resultat = {}
    for nature, libelle in _CHAMPS.items():
        lignes = [e for e in elements if e.nature is nature]
        if nature is NatureElement.MESURE:
            vus: dict[str, ElementClinique] = {}
            for e in lignes:  # newest first: the last measure of each kind
                vus.setdefault(cle(e.libelle), e)
            lignes = list(vus.values())
        if lignes:
            resultat[libelle] = ValeurChamp(
                " ; ".join(_ligne(e) for e in lignes), (_bloc(nature, lignes),))
    return resultat


def _ligne(e: ElementClinique) -> str:
    texte = e.libelle
    if e.detail:
        texte += f"\u00a0: {e.detail}" if e.nature is NatureElement.MESURE else f", {e.detail}"
    if e.date and e.nature is not NatureElement.CONTACT:
        depuis = {NatureElement.TRAITEMENT: "depuis le ", NatureElement.MESURE: "le "}.get(
            e.nature, "")
        texte += f" ({depuis}{dates.formater(e.date)})"
    return texte


def _bloc(nature: NatureElement, lignes: Sequence[ElementClinique]) -> Bloc:
    if nature is NatureElement.MESURE:
        return Tableau(("Mesure", "Valeur", "Date"), tuple(
            (e.libelle, e.detail, dates.formater(e.date) if e.date else "") for e in lignes))
    if nature is NatureElement.CONTACT and len(lignes) == 1:
        return Paragraphe(_ligne(lignes[0]))
    return Liste(tuple(_ligne(e) for e in lignes))


def _vaccinations(ctx: Contexte, patient_id: int) -> ValeurChamp:
    faites = carnet(ctx, patient_id).faites
    if not faites:
        return ValeurChamp()
    return ValeurChamp(
        " ; ".join(f"{f.vaccin} le {dates.formater(f.date)}" for f in faites),
        (Tableau(("Date", "Vaccin", "Maladies", "Dose"), tuple(
            (dates.formater(f.date), f.vaccin, f.maladies, f.libelle_nature) for f in faites)),))
