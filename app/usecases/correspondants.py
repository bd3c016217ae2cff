"""The address book of the practice, and who is whose médecin traitant or prescripteur."""

from app.documents.model import Destinataire
from app.documents.valeur_json import ValeurInvalide, depuis_json, en_json
from app.domain.dossier_clinique import RoleCorrespondant
from app.domain.equipes import Geste
from app.domain.roles import Droit
from app.store.errors import Introuvable
from app.store.unite import Unite
from app.usecases.concurrence import Champ, enregistrer_valeur
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

#: Roles that one person holds at a time.
LIBELLES_SEULS = {RoleCorrespondant.MEDECIN_TRAITANT: "médecin traitant",
                  RoleCorrespondant.PRESCRIPTEUR: "prescripteur"}
_SEULS = frozenset(LIBELLES_SEULS)


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


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def enregistrer(ctx: Contexte, qui: Destinataire, id: int = 0, *, patient_id: int = 0,
                role: RoleCorrespondant = RoleCorrespondant.CORRESPONDANT,
                base: Destinataire | None = None, titulaire: int | None = None) -> int:
    """Write a correspondent in the address book, and what he is for a patient when one is given.

    :param base: the correspondent as the user read it: what a colleague corrected meanwhile is
        merged where it agrees.
    :param titulaire: who held this role for the patient, as the user read it (0 = nobody).
    :raises Refus: what to correct, or a colleague has just named somebody else in this role.
    :raises Introuvable: it was taken out of the address book.
    :raises ConflitSaisie: with `base`, the same was corrected elsewhere.
    """
    controler(qui)

    def ecrire(u: Unite, voulu: Destinataire) -> int:
        nom = f"{voulu.nom} {voulu.prenom}".strip() or voulu.structure
        ecrit = u.courriers.enregistrer_correspondant(nom.casefold(), en_json(voulu), id)
        if patient_id:
            _exiger_titulaire(u, patient_id, role, titulaire, ecrit)
            u.courriers.lier(patient_id, ecrit, role.value, seul=role in _SEULS)
        u.trail.ecrire(qui=ctx.qui, quoi="correspondant.modification",
                       sur_qui=str(patient_id) if patient_id else "", resultat="ok")
        return ecrit

    if base is None or not id:
        with ctx.store.ecriture() as u:
            return ecrire(u, qui)
    enregistrer_valeur(ctx, f"la fiche de {base.nom or base.structure}", _CHAMPS, qui, base,
                       lire=lambda u: _connu(u, id), ecrire=ecrire,
                       acte="correspondant.modification")
    return id


_CHAMPS = {
    "nom": Champ("Nom"), "prenom": Champ("Prénom"), "civilite": Champ("Civilité"),
    "qualite": Champ("Qualité"), "structure": Champ("Structure"),
    "structure_identifiant": Champ("Identifiant de la structure"),
    "identifiant": Champ("RPPS"), "adresse": Champ("Adresse"),
    "code_postal": Champ("Code postal"), "commune": Champ("Commune"),
    "telephone": Champ("Téléphone"), "messagerie": Champ("Adresse MSSanté"),
}


def _connu(u: Unite, id: int) -> Destinataire:
    brut = dict(u.courriers.correspondants()).get(id)
    connu = None if brut is None else _lire(brut)
    if connu is None:
        raise Introuvable("Ce correspondant vient d’être retiré du carnet d’adresses. Rien n’a "
                          "été enregistré ; ajoutez-le de nouveau s’il le faut.")
    return connu


def _exiger_titulaire(u: Unite, patient_id: int, role: RoleCorrespondant, vu: int | None,
                      voulu: int) -> None:
    """Nobody takes the place of a médecin traitant that the user never saw."""
    if vu is None or role not in _SEULS:
        return
    for id, code, brut in u.courriers.liens(patient_id):
        if code == role.value and id not in (vu, voulu):
            connu = _lire(brut)
            nom = "quelqu’un d’autre" if connu is None else \
                f"{connu.prenom} {connu.nom}".strip() or connu.structure
            raise Refus(f"Un collègue vient de noter {nom} comme {LIBELLES_SEULS[role]} de ce "
                        "patient. Rien n’a été enregistré : enregistrez de nouveau s’il faut le "
                        "remplacer.", code="CONFLIT")


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def lier(ctx: Contexte, patient_id: int, correspondant_id: int, role: RoleCorrespondant,
         titulaire: int | None = None) -> None:
    """Say what a known correspondent is for a patient. :param titulaire: as `enregistrer`."""
    with ctx.store.ecriture() as u:
        _exiger_titulaire(u, patient_id, role, titulaire, correspondant_id)
        u.courriers.lier(patient_id, correspondant_id, role.value, seul=role in _SEULS)
        u.trail.ecrire(qui=ctx.qui, quoi="correspondant.lien", sur_qui=str(patient_id),
                       resultat="ok", detail=role.value)


@exige(Droit.CLINIQUE_ECRIRE)
def retirer(ctx: Contexte, correspondant_id: int, base: Destinataire | None = None) -> None:
    """Take a correspondent out of the address book.

    :param base: the correspondent as the user read it.
    :raises Refus: a colleague corrected it meanwhile: that must be seen first.
    """
    with ctx.store.ecriture() as u:
        if base is not None and _connu(u, correspondant_id) != base:
            raise Refus("Ce correspondant vient d’être modifié sur un autre poste. Relisez sa "
                        "fiche : retirez-le de nouveau si c’est toujours voulu.", code="CONFLIT")
        u.courriers.retirer_correspondant(correspondant_id)
        u.trail.ecrire(qui=ctx.qui, quoi="correspondant.retrait", resultat="ok")
