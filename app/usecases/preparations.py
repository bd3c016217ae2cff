"""Preparing a document for a professional, who alone validates it (LABEL.04, `spec/cda.md` §1).

A draft or a form has one author; when somebody else types it under a delegation, a `Preparation`
says who, for whom, and what became of it. The rules here are asked by every gesture on a draft or
a form, in its own transaction.
"""

from collections.abc import Callable
from datetime import datetime

from app.documents.model import Operateur
from app.domain.equipes import Geste
from app.domain.preparations import (
    OUVERTES,
    VIVANTES,
    EtatPreparation,
    GenrePreparation,
    Preparation,
)
from app.domain.roles import Droit
from app.store.errors import Introuvable
from app.store.unite import Unite
from app.usecases.context import Contexte
from app.usecases.equipes import (
    ceux_qui_deleguent,
    exiger_delegation,
    noms_de,
    tracer_pour,
)
from app.usecases.errors import Refus
from app.usecases.garde import exige, exiger, libre, lire_habilitation
from app.usecases.settings import Reglages, lire_dans, lire_reglages

_DISPARU = {
    GenrePreparation.COURRIER: "Ce brouillon n’existe plus.",
    GenrePreparation.FORMULAIRE: "Ce formulaire n’existe plus : il a été validé ou abandonné."}


@libre("refuse ou laisse passer ; le geste lui-même est gardé")
def exiger_pour(ctx: Contexte, pour_id: int) -> None:
    """Who starts a document writes it in their own name, or for who delegated it.

    :raises Refus: neither; traced.
    """
    if pour_id == ctx.compte_id:
        exiger(ctx, Droit.CLINIQUE_ECRIRE)
    else:
        exiger_delegation(ctx, pour_id, Geste.REDIGER)


@libre("fait partie d’un geste gardé, dans sa transaction")
def commencer(ctx: Contexte, u: Unite, genre: GenrePreparation, source_id: int, patient_id: int,
              pour_id: int, titre: str) -> None:
    """Note that a new draft is prepared for somebody; nothing when it is one's own."""
    if pour_id == ctx.compte_id:
        return
    u.preparations.ajouter(Preparation(0, genre, source_id, patient_id, pour_id, ctx.compte_id,
                                       titre))
    tracer_pour(u, ctx, pour_id, Geste.REDIGER,
                f"{genre.value} {source_id}, patient {patient_id}")


@libre("refuse ou laisse passer ; le geste lui-même est gardé")
def controler(ctx: Contexte, u: Unite, genre: GenrePreparation, source_id: int, *,
              ecrire: bool = True) -> Preparation | None:
    """May the user write in (or read) this draft? Gives its preparation, None when it has none.

    The professional may always; who types, while the delegation holds, and writes until it is
    handed over; nobody else.

    :raises Introuvable: it is gone, or somebody else's. :raises Refus: why not.
    """
    p = u.preparations.de(genre, source_id)
    moi, droits = ctx.compte_id, lire_habilitation(u, ctx.compte_id).droits
    if (moi not in (p.pour_id, p.par_id)) if p else (
            source_id and _auteur(u, genre, source_id) not in (0, moi)):
        # Hidden and missing look the same (LABEL.04).
        raise Introuvable(_DISPARU[genre])
    if p is None or p.pour_id == moi:
        voulu = Droit.CLINIQUE_ECRIRE if ecrire else Droit.CLINIQUE_LIRE
        if voulu not in droits:
            raise Refus("Ce document n’est pas de ceux que vous préparez. Rien n’a été fait.",
                        code="DELEGATION")
        return p
    pour = noms_de(u).get(p.pour_id, "ce professionnel")
    if p.pour_id not in ceux_qui_deleguent(u, moi, Geste.REDIGER):
        raise Refus(f"Vous ne préparez plus de documents pour {pour} : sa délégation est "
                    f"terminée. Ce qui est écrit est gardé, {pour} le trouve dans "
                    "« À valider ».", code="DELEGATION")
    if ecrire and p.etat not in OUVERTES:
        raise Refus(f"Ce document est à valider par {pour}. Reprenez-le (À valider, Préparés par "
                    "moi) avant de le corriger." if p.etat in VIVANTES else
                    "Ce document n’est plus en préparation.", code="A-VALIDER")
    return p


def _auteur(u: Unite, genre: GenrePreparation, source_id: int) -> int:
    return (u.documents.auteur_brouillon(source_id) if genre is GenrePreparation.COURRIER
            else u.saisies.auteur(source_id))


@libre("fait partie d’un geste gardé, dans sa transaction")
def exiger_validation(ctx: Contexte, u: Unite, genre: GenrePreparation,
                      source_id: int) -> Preparation | None:
    """Validating is never delegated: the professional does it, nobody else.

    :raises Refus: it was prepared for somebody else. :raises Introuvable: by a third person.
    """
    p = u.preparations.de(genre, source_id)
    if p is not None and ctx.compte_id not in (p.pour_id, p.par_id):
        raise Introuvable(_DISPARU[genre])
    if p is not None and p.pour_id != ctx.compte_id:
        pour = noms_de(u).get(p.pour_id, "ce professionnel")
        raise Refus(f"Ce document est préparé pour {pour}, qui seul le valide. Proposez-le à sa "
                    "validation.", code="VALIDATION")
    return p


@libre("fait partie d’un geste gardé, dans sa transaction")
def exiger_texte_lu(u: Unite, preparation: Preparation, lue: int, actuelle: int) -> None:
    """What is signed is what the professional read.

    :param lue, actuelle: versions of the text, as it was read and as it is now.
    :raises Refus: code CONFLIT, who prepares it wrote or took it back meanwhile.
    """
    p = u.preparations.de(preparation.genre, preparation.source_id)
    if p is None or p.version != preparation.version or lue != actuelle:
        raise Refus("Ce document vient d’être modifié par la personne qui le prépare. Relisez-le, "
                    "puis validez ; rien n’a été enregistré.", code="CONFLIT")


@libre("met en mots")
def detail(document_id: int, preparation: Preparation | None) -> str:
    """What the trail says of a validation."""
    suite = f", préparé par le compte {preparation.par_id}" if preparation is not None else ""
    return f"document {document_id}{suite}"


@libre("fait partie d’un geste gardé, dans sa transaction")
def clore(u: Unite, preparation: Preparation | None, etat: EtatPreparation, *,
          titre: str = "", document_id: int | None = None) -> None:
    """The text is gone: it became a document, or was thrown away.

    :raises Refus: code CONFLIT, the preparation changed since it was read.
    """
    if preparation is not None and preparation.etat in VIVANTES:
        u.preparations.changer(preparation, etat, titre=titre, document_id=document_id)


@libre("réglages sans donnée de patient")
def reglages_de(ctx: Contexte, preparation: Preparation | None) -> Reglages:
    """Settings under which a document is made: its author's."""
    if preparation is not None and preparation.pour_id != ctx.compte_id:
        with ctx.store.lecture(entiere=True) as u:
            if preparation.pour_id in dict(u.comptes.professionnels()):
                return lire_dans(u, preparation.pour_id)
    return lire_reglages(ctx)


@libre("identité d’un compte")
def operateur(ctx: Contexte, preparation: Preparation | None) -> Operateur | None:
    """Who typed, when it isn't the author (`dataEnterer`)."""
    if preparation is None:
        return None
    with ctx.store.lecture(entiere=True) as u:
        connus = dict(u.comptes.retires()) | dict(u.comptes.professionnels())
    qui = connus.get(preparation.par_id)
    return None if qui is None else Operateur(
        qui, datetime.fromisoformat(preparation.change_le))


@libre("ne garde que ce qui fut écrit sous une délégation qui vient de finir")
def derniere_garde(ctx: Contexte, genre: GenrePreparation, source_id: int,
                   ecrire: Callable[[Unite, Preparation], None]) -> None:
    """The delegation ended under the hand that types: what is on screen is kept, once.

    It becomes the professional's, and nothing more is written by who typed it.

    :raises Refus: code DELEGATION, when it was kept: who finds it, and where.
    """
    with ctx.store.ecriture() as u:
        p = u.preparations.de(genre, source_id)
        if (p is None or p.par_id != ctx.compte_id or p.etat not in OUVERTES
                or p.pour_id in ceux_qui_deleguent(u, ctx.compte_id, Geste.REDIGER)):
            return
        ecrire(u.entiere(), p)
        u.preparations.changer(p, EtatPreparation.INTERROMPUE)
        u.trail.ecrire(qui=ctx.qui, quoi="delegation.refus", sur_qui=f"compte {p.pour_id}",
                       resultat="refuse", detail=f"{Geste.REDIGER.value} ; délégation terminée, "
                       f"{genre.value} {source_id} gardé")
        pour = noms_de(u, retires=True).get(p.pour_id, "Ce professionnel")
    raise Refus(f"{pour} ne vous confie plus ses documents : sa délégation est terminée. Tout "
                f"ce que vous avez écrit est gardé, {pour} le trouve dans « À valider ».",
                code="DELEGATION")


# --- What the one who types does of it ------------------------------------------------------------

@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def proposer(ctx: Contexte, genre: GenrePreparation, source_id: int, titre: str = "") -> None:
    """Hand a document over to the professional, who finds it in « À valider ».

    :raises Refus: it isn't in preparation, or the delegation is over.
    """
    with ctx.store.ecriture() as u:
        p = controler(ctx, u, genre, source_id)
        if p is None or p.par_id != ctx.compte_id:
            raise Refus("Ce document est le vôtre : validez-le.")
        u.preparations.changer(p, EtatPreparation.A_VALIDER, titre=titre)
        tracer_pour(u, ctx, p.pour_id, Geste.REDIGER,
                    f"{genre.value} {source_id} proposé à la validation")


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def reprendre_main(ctx: Contexte, preparation: Preparation) -> None:
    """Take back what was handed over and isn't validated yet, to correct it.

    :raises Refus: validated or taken up meanwhile, or the delegation is over.
    """
    with ctx.store.ecriture() as u:
        p = controler(ctx, u, preparation.genre, preparation.source_id, ecrire=False)
        if p is None or p.par_id != ctx.compte_id or p.etat is not EtatPreparation.A_VALIDER:
            raise Refus("Ce document n’attend plus de validation : la liste est à jour.",
                        code="CONFLIT")
        u.preparations.changer(p, EtatPreparation.EN_COURS)
