"""What the viewer shows of a document: PDF first, structured view, producer's sheet, versions."""

from typing import TYPE_CHECKING

from app.domain import dates, matricule
from app.domain.document import (
    DocumentAffiche,
    EtatLigne,
    LigneDocument,
    RolePiece,
    VersionAffichee,
)
from app.domain.entrant import Entrant
from app.domain.libelles import SEXES, TRAITS
from app.domain.patient import Patient
from app.domain.rapprochement import Accord, confronter
from app.domain.roles import Droit
from app.usecases import places
from app.usecases.context import Contexte
from app.usecases.documents import TAILLE_LOURDE, ligne_de
from app.usecases.garde import exige, libre
from app.usecases.reglages_identite import lire_reglages_identite
from app.usecases.types_documents import libelle_type

if TYPE_CHECKING:
    from app.documents.feuille_producteur import Presentation
    from app.documents.fichiers import DocumentRecu
    from app.documents.lu import DocumentLu


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def afficher_local(ctx: Contexte, ligne: LigneDocument) -> DocumentAffiche:
    """A document of the file, with its stored versions (SC.CDA/VISU.02).

    :raises DocumentIllisible: with a French message.
    """
    from app.documents.html import rendre_texte

    assert ligne.document_id is not None
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(ligne.document_id)
        patient = u.patients.lire(fiche.patient_id)
        cda = u.documents.contenu(fiche.cda_sha256) if fiche.cda_sha256 else None
        pdf = u.documents.contenu(fiche.pdf_sha256) if fiche.pdf_sha256 else None
        pieces = {p.role: (p, u.documents.contenu(p.sha256))
                  for p in u.documents.pieces(fiche.id)}
        versions = u.documents.versions(fiche.set_id, fiche.patient_id)
    presentes = tuple(VersionAffichee(v.id, v.version_number, v.date_acte[:10], v.id == fiche.id)
                      for v in versions) if len(versions) > 1 else ()
    communs = {"versions": presentes, "patient_imprime": traits_imprimes(ctx, patient),
               "ins_imprime": ins_imprime(patient)}
    if cda is not None:
        return _afficher_cda(
            ctx, patient, ligne, cda, pdf, **communs,
            feuille=pieces[RolePiece.FEUILLE][1] if RolePiece.FEUILLE in pieces else None,
            pdf_joint=pieces[RolePiece.JOINT][1] if RolePiece.JOINT in pieces else None)
    piece = pieces.get(RolePiece.FICHIER)
    html = ""
    if piece is not None and pdf is None:
        html = rendre_texte(piece[1], piece[0].mime, fiche.titre)
    return DocumentAffiche(
        ligne, fiche.titre or ligne.type_libelle, _sous_titre(ligne), None, pdf, html,
        original=piece[1] if piece is not None else pdf or b"", descriptible=True,
        nom_original=piece[0].nom if piece is not None else "", **communs)  # type: ignore[arg-type]


@libre("rend des octets déjà obtenus")
def afficher_recu(ctx: Contexte, patient: Patient, ligne: LigneDocument,
                  cda: bytes) -> DocumentAffiche:
    """A document of the DMP, opened without being kept."""
    return _afficher_cda(ctx, patient, ligne, cda, None,
                         patient_imprime=traits_imprimes(ctx, patient),
                         ins_imprime=ins_imprime(patient))


def _afficher_cda(ctx: Contexte, patient: Patient | None, ligne: LigneDocument, cda: bytes,
                  pdf: bytes | None, **autres: object) -> DocumentAffiche:
    from app.documents.feuille_producteur import a_une_feuille
    from app.documents.ouverture import Ouverture, ouvrir

    ouvert: Ouverture = ctx.lourd(ouvrir, cda) if len(cda) > TAILLE_LOURDE else ouvrir(cda)
    lu, propre = ouvert.lu, bool(ouvert.pdf and ouvert.tailles)
    return DocumentAffiche(
        ligne=ligne, titre=lu.titre or ligne.type_libelle, sous_titre=_sous_titre(ligne, lu),
        identite_conforme=None if patient is None else _identite_conforme(patient, lu),
        pdf=ouvert.pdf if propre or pdf is None else pdf, html=ouvert.html,
        tailles=ouvert.tailles if propre or pdf is None else None,
        avertissements=tuple(lu.avertissements), original=cda,
        feuille_annoncee=a_une_feuille(lu.emballage, lu.feuille_de_style),
        **autres)  # type: ignore[arg-type]


@libre("rend des octets déjà obtenus")
def afficher_entrant(ctx: Contexte, entrant: Entrant, recu: "DocumentRecu") -> DocumentAffiche:
    """A document that waits to be filed: no file to compare it with yet."""
    from app.documents.html import rendre_texte
    from app.documents.images import pages_pdf

    ligne = LigneDocument(
        cle=f"entrant:{entrant.id}", date=entrant.date_acte,
        type_libelle=libelle_type(entrant.type_code), titre=entrant.titre, auteur=entrant.auteur,
        origine=entrant.origine, etat=EtatLigne.AU_DOSSIER, type_code=entrant.type_code)
    if recu.est_cda:
        return _afficher_cda(ctx, None, ligne, recu.contenu, recu.joint, feuille=recu.feuille)
    pdf, html = None, ""
    if recu.lu is not None:
        pdf = recu.lu.pdf
    elif recu.mime.startswith("image/"):
        pdf = ctx.lourd(pages_pdf, recu.contenu)
    else:
        html = rendre_texte(recu.contenu, recu.mime, entrant.titre)
    return DocumentAffiche(ligne, entrant.titre, _sous_titre(ligne), None, pdf, html,
                           original=recu.contenu, nom_original=entrant.nom)


@libre("rend des octets déjà obtenus")
def presenter_producteur(ctx: Contexte, document: DocumentAffiche) -> "Presentation":
    """The page of the producer's own sheet, run in the worker process (SC.CDA/VISU.01, .03).

    The caller gives it a deadline (`feuille_producteur.DELAI_S`): a sheet may loop.
    """
    from app.documents.feuille_producteur import presenter

    page: Presentation = ctx.lourd(presenter, document.original, document.feuille)
    return page


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def afficher_version(ctx: Contexte, document_id: int) -> DocumentAffiche:
    """Another stored version of a document, shown as it was received."""
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
    return afficher_local(ctx, ligne_de(ctx, fiche))


def _sous_titre(ligne: LigneDocument, lu: "DocumentLu | None" = None) -> str:
    morceaux = [ligne.auteur, dates.formater(ligne.date)]
    if lu is not None and lu.version:
        morceaux.append(f"version {lu.version}")
    return ", ".join(m for m in morceaux if m)


def _identite_conforme(patient: Patient, lu: "DocumentLu") -> bool | None:
    """Compare the document's identity with the file's; None when the document says too little."""
    if lu.patient is None or not (lu.patient.nom_naissance and lu.patient.date_naissance):
        return None
    vue = confronter(patient.identite, lu.patient.identite(), places.equivalents)
    return vue.accord is not Accord.DISCORDANT


@libre("traits déjà lus")
def traits_imprimes(ctx: Contexte, patient: Patient) -> tuple[tuple[str, str], ...]:
    """Traits printed with a document, each under its unambiguous label (rules 3 and 32).

    The matricule and its nature stand only when the identity is qualifiée; the practice adds
    others in its settings.
    """
    identite, t = patient.identite, patient.identite.traits
    choisis = lire_reglages_identite(ctx).traits_impression
    valeurs = {
        "nom_naissance": t.nom_naissance, "premier_prenom": t.premier_prenom,
        "date_naissance": dates.formater(t.date_naissance), "sexe": SEXES.get(t.sexe, t.sexe),
        "lieu_naissance": places.libelle_complet(t.lieu_naissance) if t.lieu_naissance else "",
        "prenoms": t.prenoms, "nom_utilise": t.nom_utilise, "prenom_utilise": t.prenom_utilise}
    voulus = ["nom_naissance", "premier_prenom", "date_naissance", "sexe",
              *(c for c in choisis if c in valeurs)]
    lignes = [(TRAITS[c], valeurs[c]) for c in dict.fromkeys(voulus) if valeurs.get(c)]
    if identite.matricule_transmissible:
        nature = matricule.nature(identite.oid)
        numero = matricule.formater(identite.matricule_ins)
        lignes.append((TRAITS["matricule_ins"], f"{numero} ({nature})" if nature else numero))
    return tuple(lignes)


def ins_imprime(patient: Patient) -> str:
    """Payload of the INS datamatrix printed with a document (SC.INS.24): for a qualified identity
    that has every trait the symbol needs, "" otherwise."""
    from app.documents.datamatrix import charge_ins

    try:
        return charge_ins(patient.identite)
    except ValueError:
        return ""


@exige(Droit.CLINIQUE_LIRE, Droit.IDENTITES)
def tracer_impression(ctx: Contexte, patient_id: int, quoi: str) -> None:
    """Somebody printed a document of this patient."""
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="document.impression", sur_qui=str(patient_id),
                       resultat="ok", detail=quoi)
