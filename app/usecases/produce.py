"""Write a document in the file, render it, and hand it to the outbox (`spec/dmp.md` §16)."""

from dataclasses import replace
from datetime import UTC, datetime

from app import __version__
from app.documents.champs import restants
from app.documents.controle import manques
from app.documents.corps import longueur, normaliser
from app.documents.courrier import EnteteCourrier, depuis_texte, en_texte
from app.documents.model import DocumentClinique, Operateur, patient_document
from app.documents.oids import CategorieOid, nouvel_oid, oid_episode, racine_patients
from app.domain.consent import EpisodeSoins
from app.domain.document import Brouillon, FicheDocument
from app.domain.equipes import Geste
from app.domain.patient import Patient
from app.domain.preparations import EtatPreparation, GenrePreparation
from app.domain.roles import Droit
from app.store.errors import Introuvable
from app.store.unite import Unite
from app.usecases import preparations
from app.usecases.brouillons import CODE_BROUILLON, exiger_connu
from app.usecases.conservation import (
    annuler_attente,
    conserver,
    destiner_au_dmp,
    refuser_depasse,
    refuser_identite_changee,
    refuser_remplacement,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.reglages_identite import traits_a_imprimer
from app.usecases.settings import NOM_LOGICIEL, Reglages, lire_reglages
from app.usecases.types_documents import libelle_officiel

LONGUEUR_MAX = 100_000


def _composer(ctx: Contexte, brouillon: Brouillon, patient: Patient, reglages: Reglages,
              episode: EpisodeSoins | None, remplace: FicheDocument | None,
              saisi_par: Operateur | None) -> DocumentClinique:
    """Build the one value that PDF/A and CDA render.

    Args:
        episode: care episode of the patient, when one is open.
        remplace: the document whose next version this is.
        saisi_par: who typed it for its author.

    :raises Refus: what can't be rendered, in French.
    """
    if not brouillon.titre.strip():
        raise Refus("Le document n’a pas de titre. Donnez-lui-en un, puis validez.")
    if len(brouillon.titre.strip()) > 128:
        raise Refus("Le titre dépasse 128 caractères. Raccourcissez-le, puis validez.")
    courrier = depuis_texte(brouillon.texte)
    if longueur(courrier.corps) > LONGUEUR_MAX:
        raise Refus("Le texte est trop long pour un seul document. Partagez-le en deux.")
    instant = datetime.now(UTC).astimezone().replace(microsecond=0)
    racine, entete = reglages.racine_oid, courrier.entete
    acte = entete.date_acte or instant
    if entete.date_fin is not None and entete.date_fin < acte:
        raise Refus("La fin de l’acte précède son début. Corrigez les dates de l’en-tête.")
    return DocumentClinique(
        id=nouvel_oid(racine, CategorieOid.DOCUMENT),
        set_id=remplace.set_id if remplace else nouvel_oid(racine, CategorieOid.ENSEMBLE),
        version=remplace.version_number + 1 if remplace else 1,
        remplace_id=remplace.cda_id if remplace else None,
        type_code=brouillon.type_code, type_libelle=libelle_officiel(brouillon.type_code),
        code_system=_systeme(brouillon.type_code), type_cle=entete.type_cle,
        titre=brouillon.titre.strip(), date_creation=instant, date_acte=acte,
        date_fin=entete.date_fin,
        patient=patient_document(patient, str(patient.id), racine_patients(racine),
                                 imprimes=traits_a_imprimer(ctx)),
        auteur=reglages.professionnel, structure=reglages.structure,
        destinataires=entete.destinataires, intervenants=entete.intervenants,
        cadre=entete.cadre, episode_id=oid_episode(racine, episode.id) if episode else "",
        corps=normaliser(courrier.corps), saisi_par=saisi_par, mention_rgpd=reglages.mention_rgpd,
        logiciel=NOM_LOGICIEL, version_logiciel=__version__)


def _systeme(type_code: str) -> str:
    from app.documents.types import code_type

    code = code_type(type_code)
    if code is None:
        raise Refus("Ce type de document n’est pas dans la liste du CI-SIS. Choisissez-en un "
                    "autre.")
    return code.systeme


def _lire_contexte(ctx: Contexte, brouillon: Brouillon
                   ) -> tuple[Patient, EpisodeSoins | None, FicheDocument | None]:
    entete: EnteteCourrier = depuis_texte(brouillon.texte).entete
    with ctx.store.lecture() as u:
        patient = u.patients.lire(brouillon.patient_id)
        episode = u.episodes.courant(patient.id)
        remplace = u.documents.lire(entete.remplace) if entete.remplace else None
    return patient, episode, remplace


@libre("met en page un document déjà composé")
def rendre_pdf(document: DocumentClinique) -> bytes:
    """PDF/A-1b. The rendering modules are imported here: 0.4 s that the start must not pay."""
    from app.documents import pdfa

    return pdfa.rendre_pdf(document)


@libre("met en page un document déjà composé")
def rendre(document: DocumentClinique) -> tuple[bytes, bytes]:
    """(PDF/A-1b, CDA R2 N1 carrying that PDF). Pure: may run in the worker process."""
    from app.documents.cda import rendre_cda_n1

    pdf = rendre_pdf(document)
    return pdf, rendre_cda_n1(document, pdf)


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def apercu(ctx: Contexte, brouillon: Brouillon) -> bytes:
    """The PDF as it would be sent now, in the name of its author, marked as a draft; nothing is
    stored."""
    with ctx.store.lecture() as u:
        preparation = preparations.controler(ctx, u, GenrePreparation.COURRIER, brouillon.id,
                                             ecrire=False)
    patient, episode, remplace = _lire_contexte(ctx, brouillon)
    refuser_remplacement(remplace, patient.id, preparation)
    document = _composer(ctx, brouillon, patient, preparations.reglages_de(ctx, preparation),
                         episode, remplace, preparations.operateur(ctx, preparation))
    pdf: bytes = ctx.lourd(rendre_pdf, replace(document, brouillon=True))
    return pdf


@libre("juge un document déjà composé")
def controler(document: DocumentClinique) -> None:
    """Refuse what can't leave, before anything is rendered.

    :raises Refus: everything that is missing, in French.
    """
    if not document.corps:
        raise Refus("Le document est vide. Écrivez-le, puis validez.")
    if attente := restants(document.corps):
        raise Refus(f"Des champs attendent une valeur : {', '.join(attente)}. Remplissez-les ou "
                    "retirez-les, puis validez.")
    if absents := manques(document):
        raise Refus(" ".join(absents))


def _finir_brouillon(u: Unite, brouillon: Brouillon) -> None:
    """The draft becomes the document: once, whole, whoever has it open besides."""
    try:
        exiger_connu(u, brouillon)
    except Introuvable:
        raise Refus("Ce brouillon vient d’être validé ou abandonné dans une autre fenêtre ou sur "
                    "un autre poste. Rien n’a été validé de nouveau ; votre texte est gardé à "
                    "part.",
                    code=CODE_BROUILLON) from None
    u.documents.supprimer_brouillon(brouillon.id)


@exige(Droit.CLINIQUE_ECRIRE)
def valider(ctx: Contexte, brouillon: Brouillon, retenir: bool = False) -> FicheDocument:
    """Sign the draft: PDF/A and CDA are kept, the DMP order is written, all or nothing.

    No order is made when the patient opposes. An identity that isn't qualifiée doesn't stop the
    document: the order waits for it and says so. The next version of a document takes its place:
    same setId, versionNumber + 1, RPLC (`spec/cda.md` §1.5), and an order of the former one that
    hasn't left is cancelled.

    A draft that somebody prepared is validated by its professional alone, who is the author; the
    document says who typed it.

    :raises Refus: what is missing, a later version that exists already, or a draft prepared for
        somebody else.
    """
    reglages = lire_reglages(ctx)
    with ctx.store.lecture() as u:
        preparation = preparations.exiger_validation(ctx, u, GenrePreparation.COURRIER,
                                                     brouillon.id)
    patient, episode, remplace = _lire_contexte(ctx, brouillon)
    refuser_remplacement(remplace, patient.id, preparation)
    refuser_depasse(remplace)
    document = _composer(ctx, brouillon, patient, reglages, episode, remplace,
                         preparations.operateur(ctx, preparation))
    controler(document)
    pdf, cda = ctx.lourd(rendre, document)
    courrier = depuis_texte(brouillon.texte)
    source = en_texte(replace(courrier, corps=document.corps,
                              entete=replace(courrier.entete, remplace=0)))
    with ctx.store.ecriture() as u:
        refuser_identite_changee(u, patient)
        if remplace is not None:
            refuser_depasse(u.documents.lire(remplace.id))
        if preparation is not None:
            # What the delegate wrote during the rendering isn't signed unread.
            preparations.exiger_texte_lu(
                u, preparation, brouillon.version,
                u.documents.lire_brouillon(brouillon.id).version)
        fiche = conserver(ctx, u, document, patient.id, cda=cda, pdf=pdf)
        preparations.clore(u, preparation, EtatPreparation.VALIDEE, titre=document.titre,
                           document_id=fiche.id)
        u.courriers.garder_source(fiche.id, source)
        if remplace is not None:
            annuler_attente(u, remplace.id)
        if brouillon.id:
            _finir_brouillon(u, brouillon)
        destiner_au_dmp(ctx, u, fiche, document, reglages, retenir=retenir)
        u.trail.ecrire(qui=ctx.qui, quoi="document.validation", sur_qui=str(patient.id),
                       resultat="ok", detail=preparations.detail(fiche.id, preparation))
    return fiche
