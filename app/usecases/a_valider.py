"""« À valider »: what others prepared for the user, and what the user prepared for others."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.document import FicheDocument
from app.domain.equipes import Geste, finie
from app.domain.preparations import (
    OUVERTES,
    VIVANTES,
    EtatPreparation,
    GenrePreparation,
    LignePreparation,
    Preparation,
)
from app.domain.roles import Droit
from app.store.errors import ConflitVersion
from app.store.unite import Unite
from app.usecases import formulaires, produce
from app.usecases.context import Contexte
from app.usecases.equipes import ceux_qui_deleguent, noms_de
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

#: What became of a document is told that long to who prepared it.
MEMOIRE_JOURS = 30
_CHANGE = ("Ce document vient de changer : la liste est à jour, relisez-le avant de le valider. "
           "Rien n’a été validé.")


@exige(Droit.CLINIQUE_ECRIRE)
def a_valider(ctx: Contexte) -> tuple[LignePreparation, ...]:
    """Prepared for the user: first what waits for them, then what is still being typed."""
    with ctx.store.lecture() as u:
        lignes = _nommer(u, u.preparations.lignes(pour_id=ctx.compte_id, etats=VIVANTES))
    return tuple(sorted(lignes, key=lambda x: not x.attend))


@libre("compte ce qui attend l’utilisateur ; zéro sans le droit de valider")
def nombre(ctx: Contexte) -> int:
    """How many documents wait for the user."""
    with ctx.store.lecture() as u:
        lignes = u.preparations.lignes(pour_id=ctx.compte_id, etats=VIVANTES)
        return sum(x.attend for x in _nommer(u, lignes)) if lignes else 0


@libre("dit à qui est un document que l’utilisateur vient d’ouvrir")
def ligne_de(ctx: Contexte, genre: GenrePreparation, source_id: int) -> LignePreparation | None:
    """The preparation of a draft or form, with its names; None when it is one's own, or is for
    neither of the two."""
    with ctx.store.lecture() as u:
        p = u.preparations.de(genre, source_id)
        if p is None or ctx.compte_id not in (p.pour_id, p.par_id):
            return None
        return next(iter(_nommer(u, u.preparations.lignes(id=p.id))), None)


@libre("chacun voit ce qu’il a préparé lui-même")
def prepares(ctx: Contexte) -> tuple[LignePreparation, ...]:
    """Prepared by the user, last changed first: what was sent back is to be corrected."""
    depuis = (datetime.now().astimezone() - timedelta(days=MEMOIRE_JOURS)).isoformat(
        timespec="seconds")
    with ctx.store.lecture() as u:
        vivantes = u.preparations.lignes(par_id=ctx.compte_id, etats=VIVANTES)
        reglees = u.preparations.lignes(par_id=ctx.compte_id, depuis=depuis,
                                        etats=set(EtatPreparation) - VIVANTES)
        return tuple(_nommer(u, [*vivantes, *reglees]))


def _nommer(u: Unite, lignes: list[LignePreparation]) -> list[LignePreparation]:
    noms = noms_de(u, retires=True)
    permis = {par: ceux_qui_deleguent(u, par, Geste.REDIGER)
              for par in {x.preparation.par_id for x in lignes}}

    def sans_suite(p: Preparation) -> bool:
        return p.etat is EtatPreparation.INTERROMPUE or (
            p.etat in OUVERTES and p.pour_id not in permis[p.par_id])

    return [replace(x, par=noms.get(x.preparation.par_id, "compte retiré"),
                    pour=noms.get(x.preparation.pour_id, "compte retiré"),
                    sans_suite=sans_suite(x.preparation)) for x in lignes]


@libre("dit si quelqu’un prépare pour l’utilisateur")
def fait_preparer(ctx: Contexte) -> bool:
    """True when the user lets somebody prepare documents now, or will."""
    with ctx.store.lecture() as u:
        quand = u.trail.maintenant()
        return any(d.de_id == ctx.compte_id and Geste.REDIGER in d.gestes and not finie(d, quand)
                   for d in u.equipes.delegations(ctx.compte_id))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def apercu(ctx: Contexte, ligne: LignePreparation) -> bytes:
    """The PDF of a prepared document, as it would be signed now.

    :raises Refus: what is missing, in French.
    """
    p = ligne.preparation
    if p.genre is GenrePreparation.COURRIER:
        with ctx.store.lecture() as u:
            brouillon = u.documents.lire_brouillon(p.source_id)
        return produce.apercu(ctx, brouillon)
    return formulaires.apercu(ctx, formulaires.reprendre(ctx, p.source_id).saisie)


@exige(Droit.CLINIQUE_ECRIRE)
def valider(ctx: Contexte, ligne: LignePreparation, retenir: bool = False) -> FicheDocument:
    """Sign a prepared document as it was shown, in one gesture (`produce.valider`).

    :raises Refus: it isn't the user's, it changed since it was shown, or what is missing.
    """
    p = ligne.preparation
    try:
        if p.genre is GenrePreparation.COURRIER:
            with ctx.store.lecture() as u:
                brouillon = u.documents.lire_brouillon(p.source_id)
                _exiger_vue(u, ligne, brouillon.version)
            return produce.valider(ctx, brouillon, retenir)
        with ctx.store.lecture() as u:
            saisie = u.saisies.lire(p.source_id)
            _exiger_vue(u, ligne, saisie.version)
        return formulaires.valider(ctx, saisie, retenir)
    except ConflitVersion as conflit:
        raise Refus(_CHANGE, code="CONFLIT") from conflit


def _exiger_vue(u: Unite, ligne: LignePreparation, version: int) -> None:
    """What is signed is what was shown: the same text, of the same identity."""
    p = ligne.preparation
    actuelle = u.preparations.de(p.genre, p.source_id)
    if (actuelle is None or actuelle.version != p.version or ligne.source_version != version
            or u.patients.lire(p.patient_id).version != ligne.patient_version):
        raise Refus(_CHANGE, code="CONFLIT")


@exige(Droit.CLINIQUE_ECRIRE)
def renvoyer(ctx: Contexte, preparation: Preparation, motif: str) -> None:
    """Send a document back to who prepared it, with what is to be corrected.

    :raises Refus: no reason, not the user's, or it changed meanwhile.
    """
    if len(motif.strip()) < 3:
        raise Refus("Dites en quelques mots ce qui est à corriger.")
    with ctx.store.ecriture() as u:
        p = u.preparations.de(preparation.genre, preparation.source_id)
        if p is None or p.pour_id != ctx.compte_id or p.etat not in VIVANTES:
            raise Refus("Ce document n’attend plus votre validation : la liste est à jour.",
                        code="CONFLIT")
        if ctx.compte_id not in ceux_qui_deleguent(u, p.par_id, Geste.REDIGER):
            par = noms_de(u, retires=True).get(p.par_id, "Cette personne")
            raise Refus(f"{par} ne prépare plus de documents pour vous : ouvrez-le pour le "
                        "corriger, ou confiez-lui de nouveau vos documents (Réglages, Équipes et "
                        "délégations).", code="DELEGATION")
        u.preparations.changer(p, EtatPreparation.RENVOYEE, motif=motif.strip()[:300])
        u.trail.ecrire(qui=ctx.qui, quoi="document.renvoi", sur_qui=str(p.patient_id),
                       resultat="ok", detail=f"{p.genre.value} {p.source_id}, compte {p.par_id}")
