"""What became, at their source, of the documents that the practice keeps (SC.CDA/DD.06).

Asked by itself after the search of the opening, without blocking: a newer version or a deletion is
announced, and the user decides. Nothing is replaced nor deleted by the program.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.dates import formater
from app.domain.dmp import FicheDmp, StatutFiche
from app.domain.document import (
    EtatDocument,
    FicheDocument,
    OrigineDocument,
    Suivi,
    SuiviSource,
)
from app.domain.roles import Droit
from app.services.errors import ErreurService
from app.store.unite import Unite
from app.usecases.acces_dmp import voie_consultation
from app.usecases.concurrence import Champ, enregistrer_valeur
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.importation import Description
from app.usecases.types_documents import libelle_type

Annulation = Callable[[], bool] | None
#: Links of a chain of replacements followed at most.
_CHAINE_MAX = 20


@dataclass(frozen=True, slots=True)
class Nouvelle:
    """One document whose source changed, as announced above the list.

    `remplacant` is the uniqueId of the newer version, empty for a deletion or when it is unknown;
    `a_integrer` tells that it isn't in the file yet.
    """

    document_id: int
    titre: str
    etat: SuiviSource
    remplacant: str = ""
    a_integrer: bool = False
    version: int = 1


@exige(Droit.CLINIQUE_LIRE)
def verifier_suites(ctx: Contexte, patient_id: int,
                    annule: Annulation = None) -> tuple[Nouvelle, ...]:
    """Ask the DMP what became of the documents kept from it, then say what is new.

    Those that the last list shows as current cost nothing. Called after `actualiser_dmp`, which
    checked that the DMP may be consulted.

    :raises ErreurService: the DMP couldn't answer; what was known stays.
    """
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
        fiches, interroge_le = u.dmp.liste(patient_id)
        locaux = [d for d in u.documents.lister(patient_id) if _suivi_au_dmp(d)]
    if not interroge_le:
        return nouvelles(ctx, patient_id)
    courants = {f.unique_id for f in fiches if f.statut is StatutFiche.APPROVED}
    douteux = [d for d in locaux if d.cda_id not in courants]
    if not douteux:
        return nouvelles(ctx, patient_id)
    client, acces = voie_consultation(ctx, patient)
    try:
        suites = client.suites(acces, unique_ids=[d.cda_id for d in douteux], annule=annule)
        connus = {f.entry_uuid: f for f in (*fiches, *suites.fiches)}
        liens = dict(suites.remplacants)
        for _ in range(_CHAINE_MAX):
            # The newer version may lie outside of the period asked for, or be replaced itself.
            inconnus = [e for e in liens.values() if e not in connus]
            inconnus += [e for e, f in connus.items() if f.statut is StatutFiche.DEPRECATED
                         and e in liens.values() and e not in liens]
            if not inconnus:
                break
            suite = client.suites(acces, entry_uuids=inconnus, annule=annule)
            avant = (len(connus), len(liens))
            connus |= {f.entry_uuid: f for f in suite.fiches}
            liens |= suite.remplacants
            if (len(connus), len(liens)) == avant:
                break
    except ErreurService as erreur:
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="dmp.suites", sur_qui=str(patient_id),
                           resultat=erreur.code or "echec")
        raise
    par_id = {f.unique_id: f for f in suites.fiches}
    with ctx.store.ecriture() as u:
        _ajouter_a_la_liste(u, patient_id, fiches, connus, interroge_le)
        for document in douteux:
            _noter(u, document, par_id.get(document.cda_id), connus, liens)
        u.trail.ecrire(qui=ctx.qui, quoi="dmp.suites", sur_qui=str(patient_id), resultat="ok",
                       detail=f"{len(douteux)} documents")
    return nouvelles(ctx, patient_id)


def _ajouter_a_la_liste(u: Unite, patient_id: int, fiches: list[FicheDmp],
                        connus: dict[str, FicheDmp], interroge_le: str) -> None:
    """Newer versions found outside of the period asked for: the user must be able to open them."""
    presents = {f.unique_id for f in fiches}
    nouvelles_fiches = [f for f in connus.values()
                        if f.statut is StatutFiche.APPROVED and f.unique_id not in presents]
    if nouvelles_fiches:
        u.dmp.enregistrer_liste(patient_id, [*fiches, *nouvelles_fiches], interroge_le)


def _suivi_au_dmp(fiche: FicheDocument) -> bool:
    """Documents that came from the DMP, or were sent to it, and are the practice's current one."""
    return bool(fiche.cda_id) and fiche.etat is EtatDocument.VALIDE and (
        fiche.origine is OrigineDocument.DMP or bool(fiche.entry_uuid))


def _noter(u: Unite, document: FicheDocument, trouvee: FicheDmp | None,
           connus: dict[str, FicheDmp], liens: dict[str, str]) -> None:
    """Write what became of one document, unless the user already decided on the same news."""
    if trouvee is not None and trouvee.statut in (StatutFiche.APPROVED, StatutFiche.ARCHIVED):
        return
    remplacant = ""
    if trouvee is not None:
        remplacant = _fin_de_chaine(trouvee.entry_uuid, connus, liens)
    ancien = u.documents.suivis(document.patient_id).get(document.id)
    if ancien is not None and ancien.etat is SuiviSource.VU and ancien.remplacant == remplacant:
        return
    etat = SuiviSource.SUPPRIME if trouvee is None else SuiviSource.REMPLACE
    u.documents.noter_suivi(Suivi(document.id, etat, remplacant))


def _fin_de_chaine(entry_uuid: str, connus: dict[str, FicheDmp], liens: dict[str, str]) -> str:
    """uniqueId of the newest version reached by RPLC; empty when it isn't accessible."""
    trouve = ""
    for _ in range(_CHAINE_MAX):
        entry_uuid = liens.get(entry_uuid, "")
        fiche = connus.get(entry_uuid)
        if fiche is None:
            break
        trouve = fiche.unique_id
    return trouve


@libre("faits locaux, filtrés par le magasin")
def nouvelles(ctx: Contexte, patient_id: int) -> tuple[Nouvelle, ...]:
    """What is to be announced now, without any call."""
    with ctx.store.lecture() as u:
        suivis = u.documents.suivis(patient_id)
        if not suivis:
            return ()
        fiches = {f.id: f for f in u.documents.lister(patient_id)}
    presents = {f.cda_id for f in fiches.values()}
    return tuple(
        Nouvelle(s.document_id, fiches[s.document_id].titre, s.etat, s.remplacant,
                 bool(s.remplacant) and s.remplacant not in presents,
                 fiches[s.document_id].version_number)
        for s in suivis.values()
        if s.document_id in fiches and s.etat is not SuiviSource.VU
        and fiches[s.document_id].etat is EtatDocument.VALIDE)


@exige(Droit.CLINIQUE_ECRIRE)
def garder_tel_quel(ctx: Contexte, document_id: int) -> None:
    """The user was told and keeps the practice's copy: not announced again for the same news."""
    with ctx.store.ecriture() as u:
        fiche = u.documents.lire(document_id)
        ancien = u.documents.suivis(fiche.patient_id).get(document_id)
        u.documents.noter_suivi(Suivi(document_id, SuiviSource.VU,
                                      "" if ancien is None else ancien.remplacant))
        u.trail.ecrire(qui=ctx.qui, quoi="document.garde", sur_qui=str(fiche.patient_id),
                       resultat="ok", detail=f"document {document_id}")


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def decrire(ctx: Contexte, document_id: int, description: Description,
            base: Description | None = None) -> FicheDocument:
    """Correct type, title, date and author of a document that says nothing itself.

    :param base: what the user read: what a colleague corrected meanwhile is merged where it agrees.
    :raises Refus: it is a CDA: its values are its own (SC.CDA/INT.17); or no title.
    :raises ConflitSaisie: with `base`, the same was corrected elsewhere.
    """
    if not description.titre.strip():
        raise Refus("Donnez un titre au document.")

    def ecrire(u: Unite, voulue: Description) -> None:
        fiche = u.documents.lire(document_id)
        if fiche.cda_sha256:
            raise Refus("Le type, le titre et la date de ce document sont écrits dedans : ils ne "
                        "se changent pas.")
        u.documents.decrire(
            document_id, type_code=voulue.type_code, titre=voulue.titre.strip(),
            date_acte=voulue.date_acte or fiche.date_acte,
            auteur=voulue.auteur.strip(), version=fiche.version)
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE_DESCRIPTION, sur_qui=str(fiche.patient_id),
                       resultat="ok", detail=f"document {document_id}")

    enregistrer_valeur(ctx, f"« {(base or description).titre} »", _CHAMPS_DESCRIPTION,
                       description, base, lire=lambda u: _description(u, document_id),
                       ecrire=ecrire, acte=_ACTE_DESCRIPTION)
    with ctx.store.lecture() as u:
        return u.documents.lire(document_id)


_ACTE_DESCRIPTION = "document.description"
_CHAMPS_DESCRIPTION = {
    "type_code": Champ("Type", libelle_type), "titre": Champ("Titre"),
    "date_acte": Champ("Date de l’acte", formater), "auteur": Champ("Auteur"),
}


def _description(u: Unite, document_id: int) -> Description:
    fiche = u.documents.lire(document_id)
    return Description(fiche.type_code, fiche.titre, fiche.date_acte, fiche.auteur)


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def supprimer_localement(ctx: Contexte, document_id: int, motif: str) -> FicheDocument:
    """Take a document out of the file: it leaves the list, its bytes and its trace stay.

    :raises Refus: it was produced here and sent: only a new version corrects it.
    """
    with ctx.store.ecriture() as u:
        fiche = u.documents.lire(document_id)
        if fiche.origine is OrigineDocument.CABINET:
            raise Refus("Ce document a été produit par le cabinet : il se remplace par une "
                        "nouvelle version, il ne se supprime pas du dossier.")
        fiche = u.documents.changer_etat(document_id, EtatDocument.SUPPRIME,
                                         version=fiche.version)
        u.trail.ecrire(qui=ctx.qui, quoi="document.suppression", sur_qui=str(fiche.patient_id),
                       resultat="ok", detail=f"document {document_id} : {motif}")
    return fiche


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def retablir(ctx: Contexte, document_id: int) -> FicheDocument:
    """Undo a local deletion."""
    with ctx.store.ecriture() as u:
        fiche = u.documents.lire(document_id)
        if fiche.etat is EtatDocument.SUPPRIME:
            plus_recente = any(v.version_number > fiche.version_number for v in
                               u.documents.versions(fiche.set_id, fiche.patient_id))
            fiche = u.documents.changer_etat(
                document_id, EtatDocument.REMPLACE if plus_recente else EtatDocument.VALIDE,
                version=fiche.version)
            u.trail.ecrire(qui=ctx.qui, quoi="document.retabli", sur_qui=str(fiche.patient_id),
                           resultat="ok", detail=f"document {document_id}")
    return fiche
