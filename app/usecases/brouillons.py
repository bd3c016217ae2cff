"""Letters being written: begun from a template, kept at each pause, never overwritten."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.documents.champs import remplir, restants
from app.documents.corps import textes
from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.documents.model import Bloc
from app.documents.modeles_courriers import ModeleCourrier
from app.documents.types import code_type
from app.domain.document import Brouillon
from app.domain.equipes import Geste
from app.domain.people import Professionnel
from app.domain.preparations import EtatPreparation, GenrePreparation, Preparation
from app.domain.roles import Droit
from app.store.errors import ConflitVersion, Introuvable
from app.store.unite import Unite
from app.usecases import champs_dossier, modeles_courriers, preparations
from app.usecases.concurrence import Champ, ConflitSaisie, Edition, Lu, ecrire_ensemble
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.types_documents import libelle_type


@dataclass(frozen=True, slots=True)
class Garde:
    """A draft as it was kept. `copie_de` is the id of the draft that somebody else had changed or
    removed meanwhile: both texts are kept, this one under another id."""

    brouillon: Brouillon
    copie_de: int = 0


_COURRIER = GenrePreparation.COURRIER


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def nouveau_brouillon(ctx: Contexte, patient_id: int, cle: str, pour: int = 0) -> Brouillon:
    """Start a letter; it exists in the file from its first second.

    Args:
        cle: key of a template, of a kind of document, or a type code (JDV_J07).
        pour: account that will sign it, 0 = one's own (`usecases.preparations`).

    :raises Refus: no such template, or that professional delegated nothing.
    """
    pour = pour or ctx.compte_id
    preparations.exiger_pour(ctx, pour)
    auteur = lire_auteur(ctx, pour)
    try:
        modele = modeles_courriers.trouver(ctx, cle, auteur)
    except Refus:
        if code_type(cle) is None:
            raise
        return _creer(ctx, patient_id, cle, libelle_type(cle), Courrier(), pour)
    corps, entete = prefiller(ctx, patient_id, modele, pour)
    return _creer(ctx, patient_id, modele.type_code, modele.titre, Courrier(corps, entete), pour)


@libre("identité d’un compte")
def lire_auteur(ctx: Contexte, compte_id: int) -> Professionnel:
    """Who will sign: the user, or who is prepared for."""
    if compte_id in (0, ctx.compte_id):
        return ctx.professionnel
    with ctx.store.lecture() as u:
        return dict(u.comptes.professionnels()).get(compte_id, ctx.professionnel)


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def prefiller(ctx: Contexte, patient_id: int, modele: ModeleCourrier, pour: int = 0
              ) -> tuple[tuple[Bloc, ...], EnteteCourrier]:
    """Body and header of a template, filled from what the user may read (SC.DOC.03).

    :param pour: account that will sign it, 0 = one's own.
    """
    entete = replace(champs_dossier.entete_initial(ctx, patient_id, modele.destinataires),
                     type_cle=modele.type_cle, modele=modele.cle)
    valeurs = champs_dossier.valeurs(ctx, patient_id, entete, restants(modele.corps),
                                     lire_auteur(ctx, pour))
    return remplir(modele.corps, valeurs), entete


def _creer(ctx: Contexte, patient_id: int, type_code: str, titre: str, courrier: Courrier,
           pour: int) -> Brouillon:
    return enregistrer_brouillon(ctx, Brouillon(
        id=0, patient_id=patient_id, auteur_id=pour, type_code=type_code, titre=titre,
        texte=en_texte(courrier), modifie_le=maintenant_local()))


def _lisible(texte: str) -> str:
    """A letter as a person reads it, for the screen where two versions are compared."""
    return "\n".join(t for t in textes(depuis_texte(texte).corps) if t)


#: Code of a refusal after which the draft is read again, both texts kept.
CODE_BROUILLON = "BROUILLON-CHANGE"
#: What two windows may both change in a draft.
_CHAMPS = {"type_code": Champ("Type", libelle_type), "titre": Champ("Titre"),
           "texte": Champ("Texte", _lisible, long=True)}


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def enregistrer_brouillon(ctx: Contexte, brouillon: Brouillon,
                          base: Brouillon | None = None) -> Brouillon:
    """Keep the draft. Returns it with its id and its new version. A new one whose author is
    somebody else is prepared for them.

    :param base: the draft as it was last read or kept here: what another window wrote meanwhile is
        merged where it agrees.
    :raises ConflitSaisie: with `base`, the same text was changed elsewhere.
    :raises ConflitVersion: without it, the draft changed since its version.
    :raises Introuvable: it is gone.
    :raises Refus: it isn't for this account to write in (`preparations.controler`).
    """
    quand = maintenant_local()
    if not brouillon.id:
        preparations.exiger_pour(ctx, brouillon.auteur_id)
        with ctx.store.ecriture() as u:
            cree = u.documents.enregistrer_brouillon(replace(brouillon, modifie_le=quand))
            preparations.commencer(ctx, u, _COURRIER, cree.id, cree.patient_id, cree.auteur_id,
                                   cree.titre)
            return cree
    if base is None:
        with ctx.store.ecriture() as u:
            preparations.controler(ctx, u, _COURRIER, brouillon.id)
            return u.documents.enregistrer_brouillon(replace(brouillon, modifie_le=quand))

    def lire(u: Unite) -> Lu:
        preparations.controler(ctx, u, _COURRIER, brouillon.id)
        actuel = u.documents.lire_brouillon(brouillon.id)
        return Lu({c: getattr(actuel, c) for c in _CHAMPS}, actuel.version,
                  "Votre autre fenêtre ou poste")

    return ecrire_ensemble(
        ctx, Edition("ce brouillon", _CHAMPS, lire, lambda u, valeurs, lue:
                     u.documents.enregistrer_brouillon(replace(
                         brouillon, **valeurs, version=lue, modifie_le=quand))),
        *({c: getattr(b, c) for c in _CHAMPS} for b in (base, brouillon)))


@libre("enregistrer_brouillon garde ; ici rien de ce qui est écrit ne se perd")
def garder(ctx: Contexte, brouillon: Brouillon, base: Brouillon | None = None) -> Garde:
    """Autosave: keep the draft, or a copy of it when the same text was changed, or the draft
    removed, elsewhere: a hand that writes is not stopped to choose, and both texts are there.

    :raises Refus: code DELEGATION: the delegation under which it was typed is over. What is on
        screen was kept for the professional, the first time.
    """
    try:
        return Garde(enregistrer_brouillon(ctx, brouillon, base))
    except Refus:
        preparations.derniere_garde(ctx, _COURRIER, brouillon.id, partial(_laisser, brouillon))
        raise
    except (ConflitSaisie, ConflitVersion, Introuvable):
        heure = datetime.now().strftime("%H:%M")
        copie = replace(brouillon, id=0, version=1,
                        titre=f"{brouillon.titre[:100]} (votre version, {heure})")
        return Garde(enregistrer_brouillon(ctx, copie), copie_de=brouillon.id)


def _laisser(brouillon: Brouillon, u: Unite, p: Preparation) -> None:
    """Keep the text for the professional: in the draft, beside it when it changed meanwhile."""
    quand = maintenant_local()
    try:
        u.documents.enregistrer_brouillon(replace(brouillon, modifie_le=quand))
    except (ConflitVersion, Introuvable):
        copie = u.documents.enregistrer_brouillon(replace(
            brouillon, id=0, version=1, auteur_id=p.pour_id, patient_id=p.patient_id,
            modifie_le=quand,
            titre=f"{brouillon.titre[:100]} (suite, {quand[11:16]})"))
        u.preparations.ajouter(replace(p, source_id=copie.id, titre=copie.titre,
                                       etat=EtatPreparation.INTERROMPUE))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def lire_brouillon(ctx: Contexte, brouillon_id: int, patient_id: int) -> Brouillon:
    """A draft of the patient, to go on writing it.

    :raises Refus: it is gone, or somebody else's; or the delegation under which it was typed is
        over.
    """
    with ctx.store.lecture() as u:
        try:
            preparations.controler(ctx, u, _COURRIER, brouillon_id, ecrire=False)
            brouillon = u.documents.lire_brouillon(brouillon_id)
        except Introuvable:
            brouillon = None
    if brouillon is None or brouillon.patient_id != patient_id:
        raise Refus("Ce brouillon n’existe plus : il a été validé ou abandonné.")
    return brouillon


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def abandonner_brouillon(ctx: Contexte, brouillon_id: int, vu: Brouillon | None = None) -> None:
    """Throw a draft away; who typed it is told, and whose it is. One that is gone is fine.

    :param vu: the draft as it was last read or kept here.
    :raises Refus: another window has gone on writing it: that must be seen first.
    """
    with ctx.store.ecriture() as u:
        if vu is not None:
            try:
                exiger_connu(u, vu)
            except Introuvable:
                return
        preparation = preparations.controler(ctx, u, _COURRIER, brouillon_id)
        preparations.clore(u, preparation, EtatPreparation.ECARTEE)
        u.documents.supprimer_brouillon(brouillon_id)


@libre("fait partie d’un geste gardé, dans sa transaction")
def exiger_connu(u: Unite, brouillon: Brouillon) -> None:
    """Refuse to end a draft that another window has changed: what it wrote would be lost.

    :raises Refus: it was changed since `brouillon.version`. :raises Introuvable: it is gone.
    """
    actuel = u.documents.lire_brouillon(brouillon.id)
    if actuel.version != brouillon.version and any(
            getattr(actuel, c) != getattr(brouillon, c) for c in _CHAMPS):
        raise Refus("Ce brouillon vient d’être modifié dans une autre fenêtre ou sur un autre "
                    "poste. Relisez les deux textes, puis recommencez ; rien n’est perdu.",
                    code=CODE_BROUILLON)
