"""The address book of the practice, and who is whose médecin traitant or prescripteur."""

from app.documents.model import Destinataire
from app.documents.valeur_json import ValeurInvalide, depuis_json, en_json
from app.domain.dossier_clinique import RoleCorrespondant
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

#: Roles that one person holds at a time.
_SEULS = frozenset({RoleCorrespondant.MEDECIN_TRAITANT, RoleCorrespondant.PRESCRIPTEUR})


def _lire(brut: object) -> Destinataire | None:
    try:
        return depuis_json(Destinataire, brut)
    except ValeurInvalide:
        return None


@exige(Droit.IDENTITES)
def carnet_adresses(ctx: Contexte) -> tuple[tuple[int, Destinataire], ...]:
    """Every correspondent of the practice, by name."""
    with ctx.store.lecture() as u:
        lus = [(id, _lire(brut)) for id, brut in u.courriers.correspondants()]
    return tuple((id, qui) for id, qui in lus if qui is not None)


@exige(Droit.IDENTITES)
def du_patient(ctx: Contexte, patient_id: int
               ) -> tuple[tuple[RoleCorrespondant, int, Destinataire], ...]:
    """Correspondents of a patient with their role, those of one role first as in `Enum`."""
    ordre = list(RoleCorrespondant)
    with ctx.store.lecture() as u:
        lus = [(RoleCorrespondant(role), id, _lire(brut))
               for id, role, brut in u.courriers.liens(patient_id)]
    return tuple(sorted(((role, id, qui) for role, id, qui in lus if qui is not None),
                        key=lambda x: ordre.index(x[0])))


@libre("juge une valeur")
def controler(qui: Destinataire) -> None:
    """Refuse a correspondent that no letter could name.

    :raises Refus: what to correct.
    """
    if not (qui.nom.strip() or qui.structure.strip()):
        raise Refus("Donnez au correspondant un nom, ou le nom de sa structure.")
    chiffres = qui.identifiant.removeprefix("8")
    if qui.identifiant and not (len(qui.identifiant) == 12 and chiffres.isdigit()):
        raise Refus("Le numéro RPPS a 11 chiffres. Corrigez-le ou laissez-le vide.")
    if qui.messagerie and ("@" not in qui.messagerie or " " in qui.messagerie):
        raise Refus("L’adresse MSSanté n’est pas une adresse de messagerie.")


@exige(Droit.CLINIQUE_ECRIRE)
def enregistrer(ctx: Contexte, qui: Destinataire, id: int = 0, *, patient_id: int = 0,
                role: RoleCorrespondant = RoleCorrespondant.CORRESPONDANT) -> int:
    """Write a correspondent in the address book, and what he is for a patient when one is given.

    :raises Refus: what to correct.
    """
    controler(qui)
    nom = f"{qui.nom} {qui.prenom}".strip() or qui.structure
    with ctx.store.ecriture() as u:
        id = u.courriers.enregistrer_correspondant(nom.casefold(), en_json(qui), id)
        if patient_id:
            u.courriers.lier(patient_id, id, role.value, seul=role in _SEULS)
        u.trail.ecrire(qui=ctx.qui, quoi="correspondant.modification",
                       sur_qui=str(patient_id) if patient_id else "", resultat="ok")
    return id


@exige(Droit.CLINIQUE_ECRIRE)
def lier(ctx: Contexte, patient_id: int, correspondant_id: int, role: RoleCorrespondant) -> None:
    """Say what a known correspondent is for a patient."""
    with ctx.store.ecriture() as u:
        u.courriers.lier(patient_id, correspondant_id, role.value, seul=role in _SEULS)
        u.trail.ecrire(qui=ctx.qui, quoi="correspondant.lien", sur_qui=str(patient_id),
                       resultat="ok", detail=role.value)


@exige(Droit.CLINIQUE_ECRIRE)
def retirer(ctx: Contexte, correspondant_id: int) -> None:
    """Take a correspondent out of the address book."""
    with ctx.store.ecriture() as u:
        u.courriers.retirer_correspondant(correspondant_id)
        u.trail.ecrire(qui=ctx.qui, quoi="correspondant.retrait", resultat="ok")
