"""Letters being written: begun from a template, kept at each pause, never overwritten."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.documents.champs import remplir, restants
from app.documents.corps import textes
from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.documents.model import Bloc
from app.documents.modeles_courriers import ModeleCourrier
from app.documents.types import code_type
from app.domain.document import Brouillon
from app.domain.roles import Droit
from app.store.errors import ConflitVersion, Introuvable
from app.store.unite import Unite
from app.usecases import champs_dossier, modeles_courriers
from app.usecases.concurrence import Champ, ConflitSaisie, Edition, Lu, ecrire_ensemble
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.types_documents import libelle_type


@dataclass(frozen=True, slots=True)
class Garde:
    """A draft as it was kept. `copie_de` is the id of the draft that somebody else had changed or
    removed meanwhile: both texts are kept, this one under another id."""

    brouillon: Brouillon
    copie_de: int = 0


@exige(Droit.CLINIQUE_ECRIRE)
def nouveau_brouillon(ctx: Contexte, patient_id: int, cle: str) -> Brouillon:
    """Start a letter; it exists in the file from its first second.

    Args:
        cle: key of a template, of a kind of document, or a type code (JDV_J07).

    :raises Refus: no such template.
    """
    try:
        modele = modeles_courriers.trouver(ctx, cle)
    except Refus:
        if code_type(cle) is None:
            raise
        return _creer(ctx, patient_id, cle, libelle_type(cle), Courrier())
    corps, entete = prefiller(ctx, patient_id, modele)
    return _creer(ctx, patient_id, modele.type_code, modele.titre, Courrier(corps, entete))


@exige(Droit.CLINIQUE_ECRIRE)
def prefiller(ctx: Contexte, patient_id: int, modele: ModeleCourrier
              ) -> tuple[tuple[Bloc, ...], EnteteCourrier]:
    """Body and header of a template, filled from the record (SC.DOC.03)."""
    entete = replace(champs_dossier.entete_initial(ctx, patient_id, modele.destinataires),
                     type_cle=modele.type_cle, modele=modele.cle)
    valeurs = champs_dossier.valeurs(ctx, patient_id, entete, restants(modele.corps))
    return remplir(modele.corps, valeurs), entete


def _creer(ctx: Contexte, patient_id: int, type_code: str, titre: str, courrier: Courrier
           ) -> Brouillon:
    return enregistrer_brouillon(ctx, Brouillon(
        id=0, patient_id=patient_id, auteur_id=ctx.compte_id, type_code=type_code, titre=titre,
        texte=en_texte(courrier), modifie_le=maintenant_local()))


def _lisible(texte: str) -> str:
    """A letter as a person reads it, for the screen where two versions are compared."""
    return "\n".join(t for t in textes(depuis_texte(texte).corps) if t)


#: What two windows may both change in a draft.
_CHAMPS = {"type_code": Champ("Type", libelle_type), "titre": Champ("Titre"),
           "texte": Champ("Texte", _lisible, long=True)}


@exige(Droit.CLINIQUE_ECRIRE)
def enregistrer_brouillon(ctx: Contexte, brouillon: Brouillon,
                          base: Brouillon | None = None) -> Brouillon:
    """Keep the draft. Returns it with its id and its new version.

    :param base: the draft as it was last read or kept here: what another window wrote meanwhile is
        merged where it agrees.
    :raises ConflitSaisie: with `base`, the same text was changed elsewhere.
    :raises ConflitVersion: without it, the draft changed since its version.
    :raises Introuvable: it is gone.
    """
    quand = maintenant_local()
    if base is None or not brouillon.id:
        with ctx.store.ecriture() as u:
            return u.documents.enregistrer_brouillon(replace(brouillon, modifie_le=quand))

    def lire(u: Unite) -> Lu:
        actuel = u.documents.lire_brouillon(brouillon.id)
        return Lu({c: getattr(actuel, c) for c in _CHAMPS}, actuel.version,
                  "Votre autre fenêtre ou poste")

    return ecrire_ensemble(
        ctx, Edition("ce brouillon", _CHAMPS, lire, lambda u, valeurs, lue:
                     u.documents.enregistrer_brouillon(replace(
                         brouillon, **valeurs, version=lue, modifie_le=quand))),
        *({c: getattr(b, c) for c in _CHAMPS} for b in (base, brouillon)))


@exige(Droit.CLINIQUE_ECRIRE)
def garder(ctx: Contexte, brouillon: Brouillon, base: Brouillon | None = None) -> Garde:
    """Autosave: keep the draft, or a copy of it when the same text was changed, or the draft
    removed, elsewhere: a hand that writes is not stopped to choose, and both texts are there."""
    try:
        return Garde(enregistrer_brouillon(ctx, brouillon, base))
    except (ConflitSaisie, ConflitVersion, Introuvable):
        heure = datetime.now().strftime("%H:%M")
        copie = replace(brouillon, id=0, version=1,
                        titre=f"{brouillon.titre[:100]} (votre version, {heure})")
        return Garde(enregistrer_brouillon(ctx, copie), copie_de=brouillon.id)


@exige(Droit.CLINIQUE_ECRIRE)
def lire_brouillon(ctx: Contexte, brouillon_id: int, patient_id: int) -> Brouillon:
    """A draft of the patient, to go on writing it."""
    with ctx.store.lecture() as u:
        for brouillon in u.documents.brouillons(patient_id):
            if brouillon.id == brouillon_id:
                return brouillon
    raise Refus("Ce brouillon n’existe plus : il a été validé ou abandonné.")


@exige(Droit.CLINIQUE_ECRIRE)
def abandonner_brouillon(ctx: Contexte, brouillon_id: int) -> None:
    """Throw a draft away."""
    with ctx.store.ecriture() as u:
        u.documents.supprimer_brouillon(brouillon_id)
