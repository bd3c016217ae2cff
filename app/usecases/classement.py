"""« À classer »: what waits, whose it may be, and the gesture that files it (design §11)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.domain.document import EtatDocument, FicheDocument
from app.domain.entrant import (
    DetailEntrant,
    Entrant,
    EtatEntrant,
    LigneEntrant,
    Proposition,
    VerdictEntrant,
)
from app.domain.identity import Traits
from app.domain.rapprochement import Accord
from app.domain.roles import Droit
from app.services.errors import ErreurService
from app.store.errors import ConflitDocument, DocumentDejaPresent
from app.usecases import affichage, places, rapprochement
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.importation import Description, constat, ranger
from app.usecases.rapprochement import (
    MESSAGE_KO_RECUE,
    Candidat,
    Rapprochement,
    VerificationRecue,
)

if TYPE_CHECKING:
    from app.documents.fichiers import DocumentRecu
    from app.store.unite import Unite

Annulation = Callable[[], bool] | None
#: Lines shown at most, and files proposed for one.
LIMITE, PROPOSITIONS_MAX = 500, 4
#: What a new search may correct.
_REVUS = (VerdictEntrant.INCONNU, VerdictEntrant.A_COMPARER, VerdictEntrant.EXACT)
#: Reason of a line whose document was in the file already: undoing it takes nothing out.
DEJA = "Déjà au dossier."


@dataclass(frozen=True, slots=True)
class PropositionCreation:
    """What a waiting document says of its patient, for a creation. `lieu`: « 63220 Mazoires »."""

    traits: Traits
    lieu: str = ""


@exige(Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def lister(ctx: Contexte, limite: int = LIMITE) -> tuple[LigneEntrant, ...]:
    """What waits, newest first."""
    with ctx.store.lecture() as u:
        return _lignes(u, u.entrants.attente(limite))


@exige(Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def lister_ecartes(ctx: Contexte, limite: int = LIMITE) -> tuple[LigneEntrant, ...]:
    """What was put aside, the last one first: it can be read, and put back."""
    with ctx.store.lecture() as u:
        return _lignes(u, u.entrants.ecartes(limite))


def _lignes(u: "Unite", entrants: list[Entrant]) -> tuple[LigneEntrant, ...]:
    ids = list({e.patient_id for e in entrants if e.patient_id is not None})
    resumes = {r.id: r for r in u.patients.resumes(ids)}
    return tuple(LigneEntrant(e, resumes.get(e.patient_id or 0)) for e in entrants)


@libre("un nombre, sans contenu")
def nombre(ctx: Contexte) -> int:
    """How many wait (counter of the rail)."""
    with ctx.store.lecture() as u:
        return u.entrants.nombre()


def _a_lire(u: "Unite", ctx: Contexte, entrant_id: int) -> Entrant:
    """A line as long as it is read here: once filed, its document is read in the file, where its
    own level decides who may (LABEL.04).

    :raises Refus: it was filed. :raises Introuvable: no such line.
    """
    entrant = u.entrants.lire(entrant_id)
    if entrant.etat is EtatEntrant.CLASSE:
        raise Refus("Ce document vient d’être classé\u00a0: il se lit dans le dossier du patient.",
                    code="DEJA")
    return entrant


@exige(Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def recu(ctx: Contexte, entrant: Entrant) -> "DocumentRecu":
    """The document as it came.

    :raises DocumentIllisible: it can't be read any more. :raises Refus: it was filed meanwhile.
    """
    from app.documents.fichiers import DocumentRecu, recevoir
    from app.documents.illisible import DocumentIllisible

    with ctx.store.lecture() as u:
        entrant = _a_lire(u, ctx, entrant.id)
        contenu = u.entrants.contenu(entrant.sha256)
        feuille = u.entrants.contenu(entrant.feuille_sha256) if entrant.feuille_sha256 else None
        joint = u.entrants.contenu(entrant.joint_sha256) if entrant.joint_sha256 else None
    # Its own type is known: the name no longer decides.
    trouves = ctx.lourd(recevoir, contenu, entrant.nom if not entrant.est_cda else "document.xml")
    premier: DocumentRecu | DocumentIllisible = trouves[0]
    if isinstance(premier, DocumentIllisible):
        raise premier
    return replace(premier, nom=entrant.nom, feuille=feuille, joint=joint)


@exige(Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def detailler(ctx: Contexte, entrant_id: int) -> DetailEntrant:
    """The current line: its document, and the files that it may belong to.

    :raises DocumentIllisible: it can't be read any more.
    """
    with ctx.store.lecture() as u:
        entrant = _a_lire(u, ctx, entrant_id)
        propose = u.patients.resumes([entrant.patient_id]) if entrant.patient_id else []
    document = recu(ctx, entrant)
    ligne = LigneEntrant(entrant, propose[0] if propose else None)
    affiche = affichage.afficher_entrant(ctx, entrant, document)
    if document.lu is None or not document.est_cda:
        return DetailEntrant(ligne, affiche)
    trouve = rapprochement.rapprocher_document(ctx, document.lu)
    ligne = _rafraichir(ctx, ligne, trouve)
    return DetailEntrant(ligne, affiche, tuple(
        Proposition(c.patient, c.accord is Accord.RECONNU,
                    tuple(d.libelle for d in c.confrontation.differences))
        for c in trouve.candidats[:PROPOSITIONS_MAX]))


def _rafraichir(ctx: Contexte, ligne: LigneEntrant, trouve: Rapprochement) -> LigneEntrant:
    """The line with what the search says today: the patient may exist since it came in.

    A conflict, a difference already seen and a KO of INSi stay said.
    """
    avant = ligne.entrant
    verdict, patient_id = constat(trouve)
    if avant.verdict not in _REVUS or avant.motif == MESSAGE_KO_RECUE \
            or avant.etat is not EtatEntrant.ATTENTE \
            or (verdict, patient_id) == (avant.verdict, avant.patient_id):
        return ligne
    with ctx.store.ecriture() as u:
        entrant = u.entrants.lire(avant.id)
        if entrant.version != avant.version:
            return ligne
        entrant = u.entrants.modifier(avant.id, version=avant.version, verdict=verdict.value,
                                      motif=trouve.message, patient_id=patient_id)
        propose = u.patients.resumes([patient_id]) if patient_id else []
    return LigneEntrant(entrant, propose[0] if propose else None)


@exige(Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def comparer(ctx: Contexte, entrant_id: int, patient_id: int) -> Candidat:
    """The file chosen beside the identity of a waiting document, trait by trait.

    :raises DocumentIllisible: it can't be read any more.
    """
    with ctx.store.lecture() as u:
        entrant = u.entrants.lire(entrant_id)
    document = recu(ctx, entrant)
    lu = document.lu.patient.identite() if document.lu is not None else None
    return rapprochement.comparer_dossier(ctx, lu, patient_id)


@exige(Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def proposer_creation(ctx: Contexte, entrant_id: int) -> PropositionCreation | None:
    """Traits that a waiting document gives for a new file: they are typed, not believed (rule 30).

    None when it names nobody (scan, bare PDF). The matricule is never taken over (rule 51).

    :raises DocumentIllisible: it can't be read any more.
    """
    with ctx.store.lecture() as u:
        entrant = u.entrants.lire(entrant_id)
    document = recu(ctx, entrant)
    if document.lu is None or not document.est_cda:
        return None
    traits = document.lu.patient.identite().traits
    if not traits.nom_naissance:
        return None
    premier = traits.premier_prenom or traits.prenoms.split(" ")[0]
    return PropositionCreation(replace(traits, premier_prenom=premier),
                               places.libelle_complet(traits.lieu_naissance))


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def verifier_ins(ctx: Contexte, entrant_id: int, patient_id: int,
                 annule: Annulation = None) -> VerificationRecue:
    """Ask INSi about the INS of a waiting document before it is filed (rules 51 and 55).

    After a KO the line keeps waiting with its reason, and the caller files nothing; INSi away
    doesn't wash that.

    :raises ErreurService: INSi didn't answer; nothing was decided.
    :raises DocumentIllisible: it can't be read any more.
    """
    with ctx.store.lecture() as u:
        entrant = u.entrants.lire(entrant_id)
    document = recu(ctx, entrant) if entrant.est_cda else None
    if document is None or document.lu is None:
        return VerificationRecue(None)
    refusee = VerificationRecue(False, MESSAGE_KO_RECUE)
    deja_refusee = entrant.motif == MESSAGE_KO_RECUE
    try:
        dit = rapprochement.verifier_document(ctx, document.lu, patient_id, annule)
    except ErreurService:
        if deja_refusee:
            return refusee
        raise
    if dit.confirmee is None and deja_refusee:
        return refusee
    if dit.confirmee is False:
        with ctx.store.ecriture() as u:
            entrant = u.entrants.lire(entrant_id)
            if entrant.etat is EtatEntrant.ATTENTE:
                u.entrants.modifier(entrant_id, version=entrant.version,
                                    verdict=VerdictEntrant.DIFFERENT.value, motif=dit.message)
    return dit


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def classer(ctx: Contexte, entrant_id: int, patient_id: int, *, type_code: str = "",
            titre: str = "", date_acte: str = "", auteur: str = "",
            accepte: bool = False) -> FicheDocument:
    """File a waiting document in a patient's file. One gesture, one transaction: two persons who
    file it at once never put it in two files.

    :raises Refus: the identities differ and nobody accepted it, it contradicts a document, or a
        colleague dealt with it meanwhile; nothing was filed.
    """
    with ctx.store.lecture() as u:
        entrant = _en_attente(u, entrant_id)
    document = recu(ctx, entrant)
    if document.lu is not None and document.lu.action == "D":
        raise Refus("Ce message annonce une suppression : il n’y a rien à classer. Supprimez le "
                    "document du dossier, ou écartez cette ligne.")
    decrit = Description(type_code or entrant.type_code, titre.strip() or entrant.titre,
                         date_acte or entrant.date_acte, auteur.strip() or entrant.auteur)
    def sortir(u: "Unite", document_id: int, motif: str = "") -> None:
        u.entrants.terminer(entrant_id, EtatEntrant.CLASSE, qui=ctx.qui, document_id=document_id,
                            version=_en_attente(u, entrant_id).version, motif=motif)

    try:
        return ranger(ctx, document, patient_id, entrant.origine, accepte=accepte, decrit=decrit,
                      ensuite=lambda u, fiche: sortir(u, fiche.id))
    except DocumentDejaPresent as deja:
        with ctx.store.ecriture() as u:
            sortir(u, deja.id, DEJA)  # by its number: it may not be for the eyes of who files
        raise Refus("Ce document est déjà au dossier : rien n’a été ajouté, la ligne est retirée.",
                    code="DEJA") from deja
    except ConflitDocument as conflit:
        with ctx.store.ecriture() as u:
            u.entrants.modifier(entrant_id, version=_en_attente(u, entrant_id).version,
                                verdict=VerdictEntrant.CONFLIT.value, motif=conflit.raison)
        raise Refus(f"{conflit.raison} Rien n’a été remplacé : comparez les deux.",
                    code="CONFLIT") from conflit


def _en_attente(u: "Unite", entrant_id: int) -> Entrant:
    """A line that still waits. :raises Refus: somebody dealt with it, who and how."""
    entrant = u.entrants.lire(entrant_id)
    if entrant.etat is EtatEntrant.ATTENTE:
        return entrant
    fait = "de classer" if entrant.etat is EtatEntrant.CLASSE else "d’écarter"
    raise Refus(f"{entrant.traite_par or 'Un collègue'} vient {fait} ce document sur un autre "
                "poste. Rien n’a été ajouté ; la liste est à jour.", code="DEJA-TRAITE")


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def annuler_classement(ctx: Contexte, entrant_id: int) -> None:
    """Undo a filing just made: the document leaves the file, the line waits again.

    :raises Refus: somebody undid it already, or filed it.
    """
    with ctx.store.ecriture() as u:
        entrant = u.entrants.lire(entrant_id)
        if entrant.etat is not EtatEntrant.CLASSE or entrant.traite_par != ctx.qui:
            raise Refus("Ce classement ne peut plus être annulé d’ici\u00a0: il a été repris "
                        "ailleurs. Rien n’a été modifié.", code="CONFLIT")
        if entrant.document_id is not None and entrant.motif != DEJA:
            _reprendre(u, ctx, entrant.document_id)
        u.entrants.modifier(entrant_id, version=entrant.version, etat=EtatEntrant.ATTENTE.value,
                            document_id=None, traite_le="", traite_par="")
        u.trail.ecrire(qui=ctx.qui, quoi="document.classement_annule", resultat="ok",
                       detail=f"entrant {entrant_id}")


def _reprendre(u: "Unite", ctx: Contexte, document_id: int) -> None:
    """Take out of the file what was just put there by the user, who may not read it: a secretary
    who files a report may undo it. Nobody's level is passed over: a document restricted since
    stays where it is.

    :raises Refus: restricted or changed meanwhile.
    """
    fiche = u.documents.recent(document_id)
    if fiche is None:
        raise Refus("Ce document a été repris par un soignant depuis son classement. Demandez-lui "
                    "de le retirer\u00a0; rien n’a été modifié.", code="CONFLIT")
    if fiche.etat is EtatDocument.SUPPRIME:
        return
    u.documents.changer_etat(document_id, EtatDocument.SUPPRIME, version=fiche.version)
    u.trail.ecrire(qui=ctx.qui, quoi="document.suppression", sur_qui=str(fiche.patient_id),
                   resultat="ok", detail=f"document {document_id}, classement annulé")


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def ecarter(ctx: Contexte, entrant_id: int, motif: str) -> None:
    """Put a document aside: it leaves the list, its bytes and the reason stay.

    :raises Refus: no reason, or a colleague dealt with it meanwhile.
    """
    if len(motif.strip()) < 3:
        raise Refus("Dites en quelques mots pourquoi ce document est écarté.")
    with ctx.store.ecriture() as u:
        entrant = _en_attente(u, entrant_id)
        u.entrants.terminer(entrant_id, EtatEntrant.ECARTE, qui=ctx.qui, version=entrant.version,
                            motif=motif.strip())
        u.trail.ecrire(qui=ctx.qui, quoi="document.ecarte", resultat="ok",
                       detail=f"entrant {entrant_id}")


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def remettre(ctx: Contexte, entrant_id: int) -> None:
    """Undo « écarter ».

    :raises Refus: it isn't aside any more.
    """
    with ctx.store.ecriture() as u:
        entrant = u.entrants.lire(entrant_id)
        if entrant.etat is not EtatEntrant.ECARTE:
            raise Refus("Ce document n’est plus écarté\u00a0: il a été remis à classer sur un "
                        "autre poste.")
        u.trail.ecrire(qui=ctx.qui, quoi="document.remis", resultat="ok",
                       detail=f"entrant {entrant_id}")
        u.entrants.modifier(entrant_id, version=entrant.version, etat=EtatEntrant.ATTENTE.value,
                            traite_le="", traite_par="")
