"""Files from outside enter the practice: dropped, chosen, scanned (SC.CDA/INT.17, INT.18, DD.15).

A document whose identity is that of the open file goes in it; one that says nothing of its patient
goes where the user dropped it; everything else waits in « À classer ». Nothing is overwritten and
nothing is lost: a conflict waits too, with its reason.
"""

import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from app.domain.document import (
    EtatDocument,
    FicheDocument,
    OrigineDocument,
    RolePiece,
)
from app.domain.entrant import Entrant, VerdictEntrant
from app.domain.names import sans_invisibles
from app.domain.patient import Patient
from app.domain.rapprochement import Accord
from app.domain.roles import Droit
from app.services.errors import ErreurService
from app.store.errors import ConflitDocument, DocumentDejaPresent
from app.store.unite import Unite
from app.usecases import rapprochement
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.rapprochement import Issue, Rapprochement, VerificationRecue

if TYPE_CHECKING:
    from app.documents.fichiers import DocumentRecu
    from app.documents.illisible import DocumentIllisible

Annulation = Callable[[], bool] | None
#: Files of one import at most: a whole folder dropped by mistake is refused before it is read.
FICHIERS_MAX = 200
#: Bytes of one file (`documents.reader.TAILLE_MAX`, which is imported late), and of an import.
TAILLE_MAX, ENSEMBLE_MAX = 256_000_000, 1_000_000_000
TROP_GROS = "Fichier trop volumineux."

_VERDICTS = {
    Issue.RECONNU: VerdictEntrant.EXACT, Issue.A_CONFIRMER: VerdictEntrant.A_COMPARER,
    Issue.DISCORDANT: VerdictEntrant.DIFFERENT, Issue.INCONNU: VerdictEntrant.INCONNU,
    Issue.SANS_IDENTITE: VerdictEntrant.SANS_IDENTITE}


@dataclass(frozen=True, slots=True)
class Description:
    """What the user says of a document that says nothing itself. `date_acte` AAAA-MM-JJ."""

    type_code: str = ""
    titre: str = ""
    date_acte: str = ""
    auteur: str = ""


@dataclass(frozen=True, slots=True)
class Importe:
    """What became of one document: its title, and the sentence that says why."""

    titre: str
    raison: str = ""
    document_id: int | None = None
    patient_id: int | None = None
    entrant_id: int | None = None
    sans_insi: str = ""
    """Why INSi wasn't asked about the INS of a document that was filed all the same."""


@dataclass(frozen=True, slots=True)
class BilanImport:
    """Outcome of an import. `attente`: they are in « À classer »."""

    classes: tuple[Importe, ...] = ()
    attente: tuple[Importe, ...] = ()
    deja: tuple[Importe, ...] = ()
    illisibles: tuple[Importe, ...] = ()

    def plus(self, autre: "BilanImport") -> "BilanImport":
        """Both together."""
        return BilanImport(self.classes + autre.classes, self.attente + autre.attente,
                           self.deja + autre.deja, self.illisibles + autre.illisibles)


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def importer_fichiers(ctx: Contexte, chemins: Sequence[str], patient_id: int | None,
                      origine: OrigineDocument = OrigineDocument.IMPORT,
                      annule: Annulation = None) -> BilanImport:
    """Read files of the disk and import their documents.

    :raises Refus: too many files at once; nothing was read.
    """
    fichiers = list(_fichiers(chemins))
    if len(fichiers) > FICHIERS_MAX:
        raise Refus(f"Plus de {FICHIERS_MAX} fichiers d’un coup. Déposez-les en plusieurs fois ; "
                    "rien n’a été importé.")
    lus: list[tuple[str, bytes]] = []
    illisibles: list[Importe] = []
    ensemble = 0
    for chemin in fichiers:
        if annule is not None and annule():
            break
        try:
            octets = lire_fichier(chemin)
            if octets is None:
                illisibles.append(Importe(chemin.name, TROP_GROS))
                continue
            ensemble += len(octets)
            if ensemble > ENSEMBLE_MAX:
                raise Refus("Ces fichiers sont trop volumineux ensemble. Déposez-les en plusieurs "
                            "fois\u00a0; rien n’a été importé.")
            lus.append((chemin.name, octets))
        except OSError:
            illisibles.append(Importe(chemin.name, "Ce fichier ne peut pas être lu. Vérifiez "
                                      "qu’il existe et n’est pas ouvert ailleurs."))
    return BilanImport(illisibles=tuple(illisibles)).plus(
        importer(ctx, lus, patient_id, origine))


def lire_fichier(chemin: Path) -> bytes | None:
    """Bytes of a file of the disk; None when it is larger than any document, without reading it.

    :raises OSError: it can't be read, or isn't a file (a pipe never ends, a device neither).
    """
    etat = chemin.stat()
    if not stat.S_ISREG(etat.st_mode):
        raise OSError("not a file")
    if etat.st_size > TAILLE_MAX:
        return None
    with chemin.open("rb") as ouvert:
        octets = ouvert.read(TAILLE_MAX + 1)  # it may grow meanwhile
    return octets if len(octets) <= TAILLE_MAX else None


def _fichiers(chemins: Iterable[str]) -> Iterable[Path]:
    """Files, and those of the folders given (not deeper)."""
    for texte in chemins:
        chemin = Path(texte)
        if chemin.is_dir():
            yield from sorted(p for p in chemin.iterdir()
                              if p.is_file() and not p.name.startswith("."))
        else:
            yield chemin


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def importer(ctx: Contexte, fichiers: Sequence[tuple[str, bytes]], patient_id: int | None,
             origine: OrigineDocument = OrigineDocument.IMPORT) -> BilanImport:
    """Import files that came together: a PDF and its CDA make one document.

    Args:
        fichiers: (name, bytes).
        patient_id: the open file, where they were dropped; None sends everything to
            « À classer », with the file that it seems to belong to.
    """
    from app.documents.fichiers import DocumentRecu, apparier, recevoir
    from app.documents.illisible import DocumentIllisible

    bilan = BilanImport()
    recus: list[DocumentRecu] = []
    for nom, octets in fichiers:
        try:
            trouves: list[DocumentRecu | DocumentIllisible] = ctx.lourd(recevoir, octets, nom)
        except DocumentIllisible as erreur:
            bilan = bilan.plus(_illisible(nom, erreur))
            continue
        for trouve in trouves:
            if isinstance(trouve, DocumentIllisible):
                bilan = bilan.plus(_illisible(nom, trouve))
            else:
                recus.append(trouve)
    insi = _InsRecues(ctx)
    for recu in apparier(recus):
        bilan = bilan.plus(_importer_un(ctx, recu, patient_id, origine, insi))
    return bilan


class _InsRecues:
    """INSi asked about the INS of documents dropped in a file that it never answered for."""

    def __init__(self, ctx: Contexte) -> None:
        self._ctx, self._panne = ctx, ""

    def verifier(self, recu: "DocumentRecu", patient_id: int) -> VerificationRecue:
        """What INSi says; `confirmee` None with a message when it could not be asked.

        One breakdown is enough for a lot: the next documents don't wait for it again.
        """
        if recu.lu is None or not recu.est_cda:
            return VerificationRecue(None)
        recue = recu.lu.patient.identite()
        vue = rapprochement.comparer_dossier(self._ctx, recue, patient_id).confrontation
        if vue.accord is Accord.DISCORDANT:
            return VerificationRecue(None)  # not filed here anyway, and not this patient's INS
        if self._panne:
            return VerificationRecue(None, self._panne)
        try:
            return rapprochement.verifier_document(self._ctx, recu.lu, patient_id)
        except ErreurService as erreur:
            self._panne = f"L’INS de ce document n’a pas été vérifiée. {erreur.message}"
            return VerificationRecue(None, self._panne)


def _illisible(nom: str, erreur: "DocumentIllisible") -> BilanImport:
    return BilanImport(illisibles=(Importe(sans_invisibles(PurePath(nom).name), erreur.message),))


def titre_de(recu: "DocumentRecu") -> str:
    """Title of a received document: its own, else the name of its file."""
    propre = sans_invisibles("" if recu.lu is None else recu.lu.titre or "")
    return propre or sans_invisibles(
        PurePath(recu.nom.replace("\\", "/")).stem.replace("_", " ")) or "Document"


def _importer_un(ctx: Contexte, recu: "DocumentRecu", patient_id: int | None,
                 origine: OrigineDocument, insi: _InsRecues) -> BilanImport:
    titre = titre_de(recu)
    deja = _deja_la(ctx, recu)
    if deja is not None:
        return BilanImport(deja=(deja,))
    if patient_id is None:
        return _mettre_en_attente(ctx, recu, origine)
    if recu.lu is not None and recu.lu.action == "D":
        return _mettre_en_attente(ctx, recu, origine)
    dit = insi.verifier(recu, patient_id)
    if dit.confirmee is False:
        return _mettre_en_attente(ctx, recu, origine, VerdictEntrant.DIFFERENT, dit.message)
    try:
        fiche = ranger(ctx, recu, patient_id, origine)
    except ConflitDocument as conflit:
        return _mettre_en_attente(ctx, recu, origine, VerdictEntrant.CONFLIT, conflit.raison)
    except Refus as refus:
        return _mettre_en_attente(ctx, recu, origine, VerdictEntrant.DIFFERENT, refus.message)
    raison = "" if fiche.etat is not EtatDocument.REMPLACE else \
        "Une version plus récente est déjà au dossier : celle-ci est gardée derrière."
    sans = "" if dit.confirmee else dit.message
    return BilanImport(classes=(Importe(titre, raison, fiche.id, patient_id, sans_insi=sans),))


def _deja_la(ctx: Contexte, recu: "DocumentRecu") -> Importe | None:
    """The exact duplicate that a file already holds (same id and bytes, or same bytes)."""
    from hashlib import sha256

    empreinte = sha256(recu.contenu).hexdigest()
    with ctx.store.lecture() as u:
        meme = u.documents.par_empreinte(empreinte)
        if meme is None:
            return None
        if not u.documents.visible(meme.id):  # hidden from these eyes: nor whose it is
            return Importe(titre_de(recu), "Déjà au dossier d’un patient\u00a0: rien n’a été "
                           "ajouté.")
        patient = u.patients.lire(meme.patient_id)
    traits = patient.identite.traits
    return Importe(
        titre_de(recu), f"Déjà au dossier de {traits.nom_naissance} {traits.premier_prenom} : "
        "rien n’a été ajouté.", meme.id, meme.patient_id)


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def ranger(ctx: Contexte, recu: "DocumentRecu", patient_id: int, origine: OrigineDocument, *,
           accepte: bool = False, decrit: Description | None = None,
           ensuite: Callable[[Unite, FicheDocument], object] | None = None) -> FicheDocument:
    """Keep a received document in a file, with everything that came with it.

    Args:
        accepte: the user saw that the identities differ, and says that it is the same person.
        decrit: what the user says of a document that says nothing itself (type, title, date,
            author); ignored for a CDA (SC.CDA/INT.17).
        ensuite: written in the same transaction: what it refuses keeps nothing.

    :raises Refus: the document is about somebody else. :raises ConflitDocument: it contradicts
        one that is kept. :raises DocumentDejaPresent: it is kept already.
    """
    pdf = _pages(ctx, recu)
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(patient_id)
        if recu.lu is not None and recu.est_cda:
            rapprochement.autoriser_classement(
                u, ctx, recu.lu.patient.identite(), patient, accepte=accepte,
                incoherences=recu.lu.incoherences)
        fiche = _garder(u, recu, patient, origine, pdf, decrit)
        u.trail.ecrire(qui=ctx.qui, quoi="document.import", sur_qui=str(patient_id),
                       resultat="ok", detail=f"document {fiche.id}, {origine.value}")
        if ensuite is not None:
            ensuite(u, fiche)
    return fiche


def _pages(ctx: Contexte, recu: "DocumentRecu") -> bytes | None:
    """The PDF to show: the document itself, the one it carries, or the pages of its image."""
    from app.documents.images import pages_pdf

    if recu.lu is not None:
        return recu.lu.pdf or recu.joint
    if recu.mime.startswith("image/"):
        pdf: bytes = ctx.lourd(pages_pdf, recu.contenu)
        return pdf
    return None


def _garder(u: Unite, recu: "DocumentRecu", patient: Patient, origine: OrigineDocument,
            pdf: bytes | None, decrit: Description | None) -> FicheDocument:
    voulu = fiche_de(recu, patient.id, origine)
    if decrit is not None and not recu.est_cda:
        voulu = replace(voulu, type_code=decrit.type_code, titre=decrit.titre or voulu.titre,
                        date_acte=decrit.date_acte or voulu.date_acte, auteur=decrit.auteur)
    try:
        fiche = u.documents.ajouter(voulu, cda=recu.contenu if recu.est_cda else None, pdf=pdf)
    except DocumentDejaPresent as deja:
        if not u.documents.visible(deja.id):
            raise
        ancien = u.documents.lire(deja.id)
        if ancien.etat is not EtatDocument.SUPPRIME:
            raise
        # It was deleted here, and comes back by a gesture of the user.
        return u.documents.changer_etat(ancien.id, EtatDocument.VALIDE, version=ancien.version)
    if recu.feuille is not None:
        u.documents.ajouter_piece(fiche.id, RolePiece.FEUILLE, recu.feuille, mime="text/xsl")
    if recu.joint is not None and recu.joint != pdf:
        u.documents.ajouter_piece(fiche.id, RolePiece.JOINT, recu.joint, mime="application/pdf",
                                  nom=recu.nom)
    if recu.lu is None:
        u.documents.ajouter_piece(fiche.id, RolePiece.FICHIER, recu.contenu, mime=recu.mime,
                                  nom=recu.nom)
    return fiche


def fiche_de(recu: "DocumentRecu", patient_id: int, origine: OrigineDocument) -> FicheDocument:
    """Values of the list, from the CDA when there is one (SC.CDA/INT.17)."""
    aujourdhui = maintenant_local()[:10]
    lu = recu.lu
    if lu is None:
        return FicheDocument(
            id=0, patient_id=patient_id, origine=origine, etat=EtatDocument.VALIDE, type_code="",
            titre=titre_de(recu), date_acte=aujourdhui, auteur="", cree_le=maintenant_local())
    auteur = sans_invisibles(" ".join(filter(None, (lu.auteur.prenom, lu.auteur.nom)))
                             or lu.auteur.structure or "")
    return FicheDocument(
        id=0, patient_id=patient_id, origine=origine, etat=EtatDocument.VALIDE,
        type_code=lu.type_code or "", titre=titre_de(recu),
        date_acte=lu.date_acte or lu.date_creation or aujourdhui, auteur=auteur,
        cda_id=lu.id or "", set_id=lu.set_id or "", version_number=lu.version or 1,
        cree_le=maintenant_local(), lu=False)


def _mettre_en_attente(ctx: Contexte, recu: "DocumentRecu", origine: OrigineDocument,
                       verdict: VerdictEntrant | None = None, motif: str = "") -> BilanImport:
    """Put a document in « À classer », with the file that it seems to belong to."""
    entrant = _entrant(ctx, recu, origine, verdict, motif)
    with ctx.store.ecriture() as u:
        garde, neuf = u.entrants.ajouter(entrant, recu.contenu, feuille=recu.feuille,
                                         joint=recu.joint)
        u.trail.ecrire(qui=ctx.qui, quoi="document.attente", resultat=garde.verdict.value,
                       detail=f"entrant {garde.id}, {origine.value}")
    if not neuf:
        return BilanImport(deja=(Importe(entrant.titre, "Déjà à classer : rien n’a été ajouté.",
                                         entrant_id=garde.id),))
    return BilanImport(attente=(Importe(entrant.titre, garde.motif, entrant_id=garde.id,
                                        patient_id=garde.patient_id),))


def _entrant(ctx: Contexte, recu: "DocumentRecu", origine: OrigineDocument,
             verdict: VerdictEntrant | None, motif: str) -> Entrant:
    fiche = fiche_de(recu, 0, origine)
    base = Entrant(
        id=0, recu_le=maintenant_local(), origine=origine,
        nom=sans_invisibles(recu.nom), mime=recu.mime, sha256="", titre=fiche.titre,
        type_code=fiche.type_code, date_acte=fiche.date_acte,
        auteur=fiche.auteur, motif=motif)
    if recu.lu is None or not recu.est_cda:
        return replace(base, verdict=verdict or VerdictEntrant.SANS_IDENTITE,
                       motif=motif or "Ce document ne dit pas de qui il parle.")
    trouve = rapprochement.rapprocher_document(ctx, recu.lu)
    t = trouve.identite.traits
    traits = sans_invisibles(" ".join(filter(None, (
        t.nom_naissance, t.premier_prenom or t.prenoms))))
    constate, choisi = constat(trouve)
    if recu.lu.action == "D":
        verdict, motif = VerdictEntrant.CONFLIT, (
            "Son auteur annonce la suppression de ce document. Rien n’est supprimé sans vous.")
    return replace(base, verdict=verdict or constate, motif=motif or trouve.message,
                   patient_id=choisi, traits=traits)


def constat(trouve: Rapprochement) -> tuple[VerdictEntrant, int | None]:
    """What a search says of a waiting document: its verdict, and the file it proposes."""
    choisi = trouve.patient_id
    if choisi is None and trouve.issue is Issue.A_CONFIRMER and len(trouve.candidats) == 1:
        choisi = trouve.candidats[0].patient.id
    return _VERDICTS[trouve.issue], choisi
