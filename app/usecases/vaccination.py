"""The vaccination note: check, render, keep, order for the DMP (SC.CDA/DD.23)."""

from dataclasses import replace
from datetime import UTC, date, datetime

from app import __version__
from app.documents.contenus import NoteVaccination
from app.documents.controle import DocumentIncomplet
from app.documents.model import Bloc, DocumentClinique, Paragraphe, Tableau, patient_document
from app.documents.oids import CategorieOid, nouvel_oid, racine_patients
from app.documents.production import DocumentProduit, produire, tous_les_manques
from app.documents.texte import majuscule
from app.documents.types import jeu, type_document
from app.domain.dates import est_calendaire, formater
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.domain.vaccination import NoteValidee, SaisieVaccination
from app.usecases.boite_vaccin import rappels
from app.usecases.carnet_vaccinal import TYPE, date_de_naissance, vaccine_permise
from app.usecases.conservation import conserver, destiner_au_dmp, refuser_identite_changee
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.reglages_identite import traits_a_imprimer
from app.usecases.settings import NOM_LOGICIEL, Reglages, lire_reglages


@exige(Droit.CLINIQUE_ECRIRE)
def manques(ctx: Contexte, saisie: SaisieVaccination, patient: Patient,
            au: date | None = None) -> list[tuple[str, str]]:
    """What stops the note: (field, French sentence). The rules of the model come on top."""
    au = au or date.today()
    fautes = []
    if saisie.produit is None or not saisie.produit.denomination.strip():
        fautes.append(("vaccin", "Choisissez le vaccin."))
    if not saisie.lot.strip():
        fautes.append(("lot", "Le numéro de lot est obligatoire."))
    if not est_calendaire(saisie.date):
        fautes.append(("date", "Cette date n’existe pas."))
    else:
        jour, naissance = date.fromisoformat(saisie.date), date_de_naissance(patient)
        if jour > au:
            fautes.append(("date", "La date est dans le futur."))
        elif naissance is not None and jour < naissance:
            fautes.append(("date", "La date précède la naissance."))
    if saisie.peremption and not est_calendaire(saisie.peremption):
        fautes.append(("peremption", "Cette date n’existe pas."))
    elif (saisie.peremption and est_calendaire(saisie.date) and saisie.peremption < saisie.date
          and len(saisie.motif_perime.strip()) < 3):
        fautes.append(("perime", f"Vaccin périmé depuis le {formater(saisie.peremption)}. "
                       "Prenez une autre boîte, ou dites pourquoi celle-ci est utilisée."))
    cip13 = saisie.produit.cip13 if saisie.produit else ""
    if saisie.lot.strip() in rappels(ctx).get(cip13, frozenset()):
        fautes.append(("lot", "Ce lot fait l’objet d’un rappel : ne pas administrer."))
    return fautes


class SaisieIncomplete(Refus):
    """The form isn't complete: `champs` says where and why."""

    def __init__(self, champs: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(texte for _, texte in champs), code="SAISIE")
        self.champs = tuple(champs)


def _document(ctx: Contexte, patient: Patient, saisie: SaisieVaccination,
              reglages: Reglages) -> DocumentClinique:
    """The one value that PDF/A and CDA render; level 1 when the vaccine can't be coded."""
    if fautes := manques(ctx, saisie, patient):
        raise SaisieIncomplete(fautes)
    choisi = saisie.produit
    assert choisi is not None
    modele = type_document(TYPE)
    instant = datetime.now(UTC).astimezone().replace(microsecond=0)
    acte = instant
    if saisie.date != instant.date().isoformat():
        acte = datetime.fromisoformat(f"{saisie.date}T12:00:00").astimezone()
    racine = reglages.racine_oid
    commentaire = ""
    if saisie.peremption and saisie.peremption < saisie.date:
        commentaire = ("Vaccin administré après sa date de péremption : "
                       f"{saisie.motif_perime.strip()}")
    note = NoteVaccination(
        saisie.date, choisi.denomination, choisi.cis, choisi.atc, choisi.atc_libelle,
        saisie.lot.strip(), saisie.nature, choisi.marque, choisi.cip13, saisie.peremption,
        saisie.voie, saisie.site, saisie.rang, choisi.maladies, commentaire=commentaire)
    structure = choisi.structurable
    document = DocumentClinique(
        id=nouvel_oid(racine, CategorieOid.DOCUMENT),
        set_id=nouvel_oid(racine, CategorieOid.ENSEMBLE), type_code=modele.type_code,
        type_libelle=modele.libelle, titre=modele.titre, date_creation=instant, date_acte=acte,
        patient=patient_document(patient, str(patient.id), racine_patients(racine),
                                 imprimes=traits_a_imprimer(ctx)),
        auteur=reglages.professionnel, structure=reglages.structure,
        code_system=modele.code_system, corps=() if structure else _corps(note),
        donnees=note if structure else None, type_cle=TYPE if structure else "",
        mention_rgpd=reglages.mention_rgpd, logiciel=NOM_LOGICIEL, version_logiciel=__version__)
    if absents := tous_les_manques(document):
        raise Refus("La note n’est pas faite. " + " ".join(absents))
    return document


def _corps(note: NoteVaccination) -> tuple[Bloc, ...]:
    """Body of the unstructured note, for a vaccine without CIS or ATC (`spec/cda.md` §4)."""
    lignes = [("Date", formater(note.date)), ("Vaccin", note.denomination),
              ("Numéro de lot", note.lot)]
    if note.peremption:
        lignes.append(("Date de péremption", formater(note.peremption)))
    if note.maladies:
        lignes.append(("Maladies visées", ", ".join(note.maladies)))
    lignes.append(("Acte", jeu("vaccination")[note.nature].libelle))
    if note.rang is not None:
        lignes.append(("Rang de la dose", str(note.rang)))
    if note.voie:
        lignes.append(("Voie d’administration", jeu("voie_vaccination")[note.voie].libelle))
    if note.site:
        lignes.append(("Site d’injection", majuscule(jeu("site_vaccination")[note.site].libelle)))
    if note.cip13:
        lignes.append(("Code CIP", note.cip13))
    blocs: list[Bloc] = [Tableau((), tuple(lignes), (28, 72))]
    if note.commentaire:
        blocs.append(Paragraphe(note.commentaire))
    return tuple(blocs)


@exige(Droit.CLINIQUE_ECRIRE)
def apercu(ctx: Contexte, patient_id: int, saisie: SaisieVaccination) -> bytes:
    """The PDF as it would be kept now, marked as a draft; nothing is stored.

    :raises SaisieIncomplete, Refus: what is missing.
    """
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    document = _document(ctx, patient, saisie, lire_reglages(ctx))
    return _rendre(ctx, replace(document, brouillon=True)).pdf


def _rendre(ctx: Contexte, document: DocumentClinique) -> DocumentProduit:
    try:
        rendu: DocumentProduit = ctx.lourd(produire, document)
    except DocumentIncomplet as erreur:
        raise Refus("La note n’est pas faite. " + " ".join(erreur.manques)) from erreur
    return rendu


@exige(Droit.CLINIQUE_ECRIRE)
def valider(ctx: Contexte, patient_id: int, saisie: SaisieVaccination,
            retenir: bool = False) -> NoteValidee:
    """Sign the note: CDA and PDF/A are kept, the DMP order is written, all or nothing.

    No order when the patient opposes or the professional unticks it. An identity that isn't
    qualifiée doesn't stop the note: the order waits for it.

    :raises SaisieIncomplete, Refus: nothing was kept, the sentences say why.
    """
    reglages = lire_reglages(ctx)
    if not vaccine_permise(reglages):
        raise Refus("Les profils de ce cabinet ne vaccinent pas. Un profil infirmier ou "
                    "sage-femme se choisit dans Réglages.")
    with ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    document = _document(ctx, patient, saisie, reglages)
    rendu = _rendre(ctx, document)
    assert saisie.produit is not None
    with ctx.store.ecriture() as u:
        refuser_identite_changee(u, patient)
        fiche = conserver(
            ctx, u, document, patient.id, cda=rendu.cda, pdf=rendu.pdf, date_acte=saisie.date,
            titre=f"{document.titre} : {saisie.produit.nom}"[:128])
        ordre = destiner_au_dmp(ctx, u, fiche, document, reglages, retenir=retenir,
                                envoyer=saisie.envoyer)
        u.trail.ecrire(qui=ctx.qui, quoi="vaccination.note", sur_qui=str(patient.id),
                       resultat="ok", detail=f"document {fiche.id}" + (
                           ", boîte périmée" if document.donnees is not None
                           and saisie.motif_perime else ""))
    return NoteValidee(fiche, saisie.produit.nom, ordre, retenir and ordre,
                       reglages.delai_envoi_min, document.donnees is not None)
