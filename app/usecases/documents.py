"""One list of documents out of three sources: local file, drafts, DMP; and one way to open them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.domain.dmp import FicheDmp, StatutFiche, VisibiliteDmp
from app.domain.document import (
    EtatDocument,
    EtatLigne,
    FicheDocument,
    LigneDocument,
    ListeDocuments,
    OrigineDocument,
    Suivi,
    SuiviSource,
)
from app.domain.outbox import Destination, EtatOrdre, Ordre
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.types_documents import libelle_type

if TYPE_CHECKING:
    from app.documents.reader import DocumentLu

#: Above this size a document is parsed in the worker process (design §2.1).
TAILLE_LOURDE = 200_000

_ETAT_ORDRE = {
    EtatOrdre.RETENU: EtatLigne.RETENU,
    EtatOrdre.PROGRAMME: EtatLigne.PROGRAMME,
    EtatOrdre.EN_COURS: EtatLigne.EN_COURS,
    EtatOrdre.ATTENTE_TECHNIQUE: EtatLigne.ATTENTE_TECHNIQUE,
    EtatOrdre.ENVOYE: EtatLigne.ENVOYE,
    EtatOrdre.REFUSE: EtatLigne.REFUSE,
    EtatOrdre.ANNULE: EtatLigne.VALIDE,
}


def heure_locale(iso: str) -> str:
    """« 12:30 » of a UTC or local ISO date-time, today; « 23/11 12:30 » another day."""
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    local = moment.astimezone()
    if local.date() == datetime.now().astimezone().date():
        return local.strftime("%H:%M")
    return local.strftime("%d/%m %H:%M")


def _detail(ordre: Ordre) -> str:
    if ordre.etat is EtatOrdre.PROGRAMME:
        return heure_locale(ordre.pas_avant)
    if ordre.etat is EtatOrdre.ATTENTE_TECHNIQUE:
        return heure_locale(ordre.prochain_essai)
    return ordre.motif


def _ligne_locale(fiche: FicheDocument, ordre: Ordre | None, mss: Ordre | None = None,
                  suivi: Suivi | None = None) -> LigneDocument:
    etat, detail = EtatLigne.AU_DOSSIER, ""
    if fiche.etat is EtatDocument.REMPLACE:
        etat = EtatLigne.REMPLACE
    elif fiche.etat is EtatDocument.SUPPRIME:
        etat = EtatLigne.SUPPRIME
    elif ordre is not None:
        etat, detail = _ETAT_ORDRE[ordre.etat], _detail(ordre)
    elif fiche.origine is OrigineDocument.CABINET:
        etat = EtatLigne.VALIDE
    envoye = ordre is not None and ordre.etat is EtatOrdre.ENVOYE
    return LigneDocument(
        cle=f"local:{fiche.id}", date=fiche.date_acte[:10],
        type_libelle=libelle_type(fiche.type_code), titre=fiche.titre, auteur=fiche.auteur,
        origine=fiche.origine, etat=etat, etat_detail=detail, type_code=fiche.type_code,
        document_id=fiche.id, unique_id=fiche.cda_id, version_number=fiche.version_number,
        lu=fiche.lu, envoye_dmp=envoye or (bool(fiche.entry_uuid)
                                           and fiche.origine is not OrigineDocument.DMP),
        envoye_dmp_le=ordre.termine_le if envoye and ordre is not None else "",
        envoye_mss_le=mss.termine_le if mss is not None and mss.etat is EtatOrdre.ENVOYE else "",
        suite=suivi.etat if suivi is not None and suivi.etat is not SuiviSource.VU
        and fiche.etat is EtatDocument.VALIDE else None, set_id=fiche.set_id)


def _ligne_dmp(fiche: FicheDmp, vu: bool, propre: bool) -> LigneDocument:
    remplace = fiche.statut is StatutFiche.DEPRECATED
    etat = (EtatLigne.REMPLACE if remplace
            else EtatLigne.A_LIRE if vu or propre else EtatLigne.NOUVEAU)
    return LigneDocument(
        cle=f"dmp:{fiche.unique_id}", date=_jour_local(fiche.date_acte),
        type_libelle=libelle_type(fiche.type_code) if fiche.type_code else fiche.type_libelle,
        titre=fiche.titre, auteur=fiche.auteur_nom or fiche.auteur_structure,
        origine=OrigineDocument.DMP, etat=etat, type_code=fiche.type_code,
        unique_id=fiche.unique_id, lu=vu or propre,
        invisible_patient=VisibiliteDmp.INVISIBLE_PATIENT in fiche.visibilites,
        masque_ps=VisibiliteDmp.MASQUE_PS in fiche.visibilites,
        depose_par_patient=fiche.depose_par_patient, envoye_dmp=propre,
        integrable="xml" in fiche.mime_type)


def _jour_local(iso: str) -> str:
    """Local day of a UTC date-time (EX_3.1-1070), or the date as it is."""
    if len(iso) <= 10:
        return iso
    moment = datetime.fromisoformat(iso)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone().date().isoformat()


@libre("compare deux valeurs")
def depot_propre(ctx: Contexte, fiche: FicheDmp) -> bool:
    """True when the document comes from us (not counted as new, `spec/dmp.md` §13)."""
    structure = fiche.auteur_structure_id
    return (fiche.auteur_id == ctx.professionnel.identifiant
            or (bool(structure) and structure == ctx.structure.identifiant))


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def documents_du_patient(ctx: Contexte, patient_id: int) -> ListeDocuments:
    """Local and DMP documents in one list, newest act first; one line a document."""
    with ctx.store.lecture() as u:
        fiches = u.documents.lister(patient_id, supprimes=True)
        ordres = {(ordre.destination, ordre.document_id): ordre
                  for ordre in reversed(u.outbox.du_patient(patient_id))}
        suivis = u.documents.suivis(patient_id)
        brouillons = u.documents.brouillons(patient_id)
        dmp, interroge_le = u.dmp.liste(patient_id)
        vus = u.dmp.vus(patient_id)
        locaux = u.documents.ids_cda(patient_id)
        niveaux = u.documents.niveaux(patient_id)
        noms = {i: f"{p.prenom} {p.nom}".strip() for i, p in u.comptes.professionnels()
                } if brouillons else {}
    lignes = [LigneDocument(
        cle=f"brouillon:{b.id}", date=b.modifie_le[:10], type_libelle=libelle_type(b.type_code),
        titre=b.titre, auteur=noms.get(b.auteur_id, ""), origine=OrigineDocument.CABINET,
        etat=EtatLigne.BROUILLON, type_code=b.type_code) for b in brouillons]
    lignes += [replace(_ligne_locale(fiche, ordres.get((Destination.DMP, fiche.id)),
                                     ordres.get((Destination.MSSANTE, fiche.id)),
                                     suivis.get(fiche.id)),
                       niveau=niveaux[fiche.id].value if fiche.id in niveaux else "")
               for fiche in fiches]
    lignes += [_ligne_dmp(fiche, fiche.unique_id in vus, depot_propre(ctx, fiche))
               for fiche in dmp if fiche.unique_id not in locaux]
    lignes.sort(key=lambda ligne: ligne.date, reverse=True)
    return ListeDocuments(tuple(lignes), interroge_le=interroge_le,
                          depuis=ctx.memoire.depuis_dmp.get(patient_id, ""))


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def ligne_de(ctx: Contexte, fiche: FicheDocument) -> LigneDocument:
    """The line of one local document, with its sendings."""
    with ctx.store.lecture() as u:
        ordres = {o.destination: o for o in reversed(u.outbox.par_document(fiche.id))}
        suivi = u.documents.suivis(fiche.patient_id).get(fiche.id)
    return _ligne_locale(fiche, ordres.get(Destination.DMP), ordres.get(Destination.MSSANTE),
                         suivi)


@libre("analyse des octets déjà obtenus")
def lire_document(ctx: Contexte, contenu: bytes) -> "DocumentLu":
    """Parse one CDA, in the worker process when it is large.

    :raises DocumentIllisible: with a French message.
    """
    from app.documents.reader import lire

    lus = ctx.lourd(lire, contenu) if len(contenu) > TAILLE_LOURDE else lire(contenu)
    premier: DocumentLu = lus[0]
    return premier


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def trouver_ligne(ctx: Contexte, patient_id: int, cle: str) -> LigneDocument:
    """The line `cle` as it is now.

    :raises Refus: it is gone (deleted or integrated meanwhile).
    """
    for ligne in documents_du_patient(ctx, patient_id).lignes:
        if ligne.cle == cle:
            return ligne
    raise Refus("Ce document n’est plus dans la liste : il a été intégré, supprimé ou masqué "
                "entre-temps.")
