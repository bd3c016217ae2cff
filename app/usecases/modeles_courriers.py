"""Templates of the practice: ours, as they are or changed, and its own."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from app.documents.corps import normaliser
from app.documents.model import Bloc
from app.documents.modeles_courriers import (
    VIDE,
    ModeleCourrier,
    lire_modele,
    modele_en_json,
    modeles_maison,
)
from app.documents.types import TypeDocument, sigle, types_documents, types_pour
from app.documents.valeur_json import ValeurInvalide
from app.domain.equipes import Geste
from app.domain.people import Professionnel
from app.domain.roles import Droit
from app.store.errors import ConflitVersion
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige

TITRE_MAX = 128


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def types_ecrits(ctx: Contexte, auteur: Professionnel | None = None) -> tuple[TypeDocument, ...]:
    """Kinds that the editor writes for a professional (the user by default): free text, no screen
    of their own."""
    siens = types_pour(auteur or ctx.professionnel) or types_documents()
    return tuple(t for t in siens if t.modele == "N1" and not t.options & {
        "ins", "preleveur", "prescription"})


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def lister(ctx: Contexte, *, tous: bool = False, auteur: Professionnel | None = None
           ) -> tuple[ModeleCourrier, ...]:
    """Templates offered to a professional, the user by default (`tous`: to anybody), the
    practice's own first."""
    with ctx.store.lecture() as u:
        du_cabinet = u.courriers.modeles()
    maison = {m.cle: m for m in modeles_maison()}
    propres: list[ModeleCourrier] = []
    for cle, (brut, version) in du_cabinet.items():
        try:
            lu = replace(lire_modele(brut), version=version)
        except ValeurInvalide:
            continue  # written by a newer program: ours of the same key shows
        if cle in maison:
            maison[cle] = replace(lu, maison=False, modifie=True)
        else:
            propres.append(lu)
    qui = sigle(auteur or ctx.professionnel)
    sigles = frozenset({qui}) if qui else frozenset()
    return tuple(m for m in (*propres, *maison.values()) if tous or not sigles or m.pour(sigles))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def trouver(ctx: Contexte, cle: str, auteur: Professionnel | None = None) -> ModeleCourrier:
    """A template by its key, a blank letter by the key of a kind or by a type code.

    :param auteur: who will sign, the user by default.

    :raises Refus: no such template.
    """
    for modele in lister(ctx, tous=True):
        if modele.cle == cle:
            return modele
    ecrits = types_ecrits(ctx, auteur)
    for genre in ecrits:
        if cle in (genre.cle, genre.type_code) or cle == VIDE:
            return ModeleCourrier(VIDE, genre.titre, genre.cle)
    raise Refus("Ce modèle n’existe plus. Choisissez-en un autre.")


@exige(Droit.CLINIQUE_ECRIRE)
def version(ctx: Contexte, cle: str) -> int:
    """Version of a template of the practice, 0 when it has none of that key."""
    with ctx.store.lecture() as u:
        return u.courriers.modeles().get(cle, ({}, 0))[1]


@exige(Droit.CLINIQUE_ECRIRE)
def enregistrer(ctx: Contexte, modele: ModeleCourrier, version: int = 0) -> int:
    """Write a template; one of ours becomes the practice's version of it. Gives its version.

    :raises Refus: what to correct.
    """
    titre = modele.titre.strip()
    if not titre or len(titre) > TITRE_MAX:
        raise Refus(f"Le titre du modèle va de 1 à {TITRE_MAX} caractères.")
    if not normaliser(modele.corps):
        raise Refus("Le modèle est vide. Écrivez-le, ou supprimez-le.")
    propre = replace(modele, titre=titre, corps=normaliser(modele.corps))
    with ctx.store.ecriture() as u:
        nouvelle = u.courriers.enregistrer_modele(modele.cle, modele_en_json(propre), par=ctx.qui,
                                                  version=version)
        u.trail.ecrire(qui=ctx.qui, quoi="modele.modification", resultat="ok", detail=modele.cle)
    return nouvelle


@exige(Droit.CLINIQUE_ECRIRE)
def enregistrer_lu(ctx: Contexte, modele: ModeleCourrier) -> ModeleCourrier:
    """Write a template over the version that the user read. When a colleague changed or removed it
    meanwhile, both are kept: this one under a title that says so.

    :raises Refus: what to correct.
    """
    try:
        return replace(modele, version=enregistrer(ctx, modele, modele.version))
    except ConflitVersion:
        heure = datetime.now().strftime("%H:%M")
        copie = replace(modele, cle=f"C-{uuid4().hex[:12]}", maison=False, modifie=False,
                        titre=f"{modele.titre[:100]} (votre version, {heure})")
        return replace(copie, version=enregistrer(ctx, copie))


@exige(Droit.CLINIQUE_ECRIRE)
def dupliquer(ctx: Contexte, cle: str) -> ModeleCourrier:
    """A copy that the practice may change freely."""
    modele = trouver(ctx, cle)
    copie = replace(modele, cle=f"C-{uuid4().hex[:12]}", maison=False, modifie=False,
                    titre=f"{modele.titre} (copie)"[:TITRE_MAX])
    return replace(copie, version=enregistrer(ctx, copie))


@exige(Droit.CLINIQUE_ECRIRE)
def creer(ctx: Contexte, titre: str, type_cle: str, corps: tuple[Bloc, ...]) -> ModeleCourrier:
    """A new template, from nothing or from the letter on screen."""
    qui = sigle(ctx.professionnel)
    modele = ModeleCourrier(f"C-{uuid4().hex[:12]}", titre, type_cle, corps, (qui,) if qui else ())
    return replace(modele, version=enregistrer(ctx, modele))


@exige(Droit.CLINIQUE_ECRIRE)
def reinitialiser(ctx: Contexte, cle: str, version: int | None = None) -> None:
    """Forget the practice's version: ours shows again; one of its own is gone.

    :param version: the one that the user read.
    :raises Refus: a colleague changed it meanwhile: that must be seen first.
    """
    with ctx.store.ecriture() as u:
        connue = u.courriers.modeles().get(cle, ({}, 0))[1]
        if version is not None and connue not in (0, version):
            raise Refus("Ce modèle vient d’être modifié sur un autre poste. Il est affiché à "
                        "jour : recommencez si c’est toujours voulu.", code="CONFLIT")
        u.courriers.supprimer_modele(cle)
        u.trail.ecrire(qui=ctx.qui, quoi="modele.suppression", resultat="ok", detail=cle)
