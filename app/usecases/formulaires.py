"""Structured documents by a form: rapid tests, prescriptions, midwife's syntheses.

(TROD.02, LGC.MDV.03 for its document, `spec/cda.md` §5, §6, §8.) One value is filled in the
window; it becomes the document that PDF/A and CDA render, kept and ordered for the DMP.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from app import __version__
from app.devices.scan_gs1 import GS, lire_gs1
from app.documents.contenus import ContenuStructure
from app.documents.controle import DocumentIncomplet
from app.documents.formes import MODELES, forme, valeur_initiale
from app.documents.formes_communes import titre_affiche
from app.documents.model import DocumentClinique, Intervenant, patient_document
from app.documents.oids import CategorieOid, nouvel_oid, racine_patients
from app.documents.production import DocumentProduit, produire, tous_les_manques
from app.documents.saisie import CONTENUS
from app.documents.types import TypeDocument, sigle, type_document, types_pour
from app.documents.valeur_json import ValeurInvalide, depuis_json
from app.domain.document import EtatDocument, FicheDocument
from app.domain.formulaire import Forme, SaisieForme, fautes
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.store.errors import Introuvable
from app.store.unite import Unite
from app.usecases.conservation import (
    annuler_attente,
    conserver,
    destiner_au_dmp,
    refuser_depasse,
    refuser_identite_changee,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.settings import NOM_LOGICIEL, Reglages, lire_reglages


@dataclass(frozen=True, slots=True)
class Accueil:
    """What the tab offers: kinds of the profession (key, title), and forms begun."""

    genres: tuple[tuple[str, str], ...]
    en_cours: tuple[tuple[int, str, str], ...]
    """(id, title, local ISO date-time)."""
    faits: tuple[tuple[int, str, str], ...] = ()
    """Documents that a new version may replace: (id, title, day)."""


@dataclass(frozen=True, slots=True)
class FormeOuverte:
    """A form ready to be filled."""

    forme: Forme
    saisie: SaisieForme


class FormeIncomplete(Refus):
    """The form isn't complete: `champs` says where and why."""

    def __init__(self, message: str, champs: dict[str, str]) -> None:
        super().__init__(message, code="SAISIE")
        self.champs = champs


@exige(Droit.CLINIQUE_ECRIRE)
def accueil(ctx: Contexte, patient_id: int) -> Accueil:
    """Kinds that the professional may issue by a form, and what was begun."""
    qui = lire_reglages(ctx).professionnel
    with ctx.store.lecture() as u:
        commences = u.saisies.lister(patient_id, ctx.compte_id)
        faits = [(f, garde) for f in u.documents.lister(patient_id)
                 if f.etat is EtatDocument.VALIDE
                 and (garde := u.reglages.lire(_cle_forme(f.id))) is not None]
    return Accueil(
        tuple((t.cle, titre_affiche(t)) for t in types_pour(qui) if t.modele in MODELES),
        tuple((s.id, titre_affiche(type_document(s.type_cle)), s.modifie_le) for s in commences),
        tuple((f.id, titre_affiche(type_document(garde["type_cle"])), f.date_acte)
              for f, garde in faits))


@exige(Droit.CLINIQUE_ECRIRE)
def nouvelle(ctx: Contexte, patient_id: int, type_cle: str) -> FormeOuverte:
    """Start a form; it exists in the file from its first second."""
    instant = datetime.now(UTC).astimezone().replace(second=0, microsecond=0)
    saisie = enregistrer(ctx, SaisieForme(0, patient_id, ctx.compte_id, type_cle,
                                          valeur_initiale(type_cle, instant)))
    return FormeOuverte(_forme(ctx, type_cle), saisie)


@exige(Droit.CLINIQUE_ECRIRE)
def reprendre(ctx: Contexte, saisie_id: int) -> FormeOuverte:
    """Go on with a form that one began. :raises Introuvable: it is gone, or somebody else's."""
    with ctx.store.lecture() as u:
        saisie = u.saisies.lire(saisie_id)
        _exiger_sienne(u, ctx, saisie_id)
    return FormeOuverte(_forme(ctx, saisie.type_cle), saisie)


@exige(Droit.CLINIQUE_ECRIRE)
def nouvelle_version(ctx: Contexte, document_id: int) -> FormeOuverte:
    """Correct a document made by a form: its fields as they were, to be validated again.

    Same setId, versionNumber + 1, RPLC (`spec/cda.md` §1.5).

    :raises Refus: it has a later version, was deleted, or wasn't made by a form.
    """
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
        garde = u.reglages.lire(_cle_forme(document_id))
    refuser_depasse(fiche)
    if garde is None:
        raise Refus("Ce document n’a pas été fait par un formulaire : il ne se corrige pas ici.")
    saisie = enregistrer(ctx, SaisieForme(
        0, fiche.patient_id, ctx.compte_id, garde["type_cle"],
        {**garde["valeur"], _REMPLACE: document_id}))
    return FormeOuverte(_forme(ctx, saisie.type_cle), saisie)


#: Key of a form's value: the document that it corrects.
_REMPLACE = "remplace"


def _cle_forme(document_id: int) -> str:
    """Where the fields of a document are kept, so that it may be corrected."""
    return f"document.forme.{document_id}"


def _forme(ctx: Contexte, type_cle: str) -> Forme:
    return forme(type_cle, sigle(lire_reglages(ctx).professionnel))


@exige(Droit.CLINIQUE_ECRIRE)
def enregistrer(ctx: Contexte, saisie: SaisieForme) -> SaisieForme:
    """Autosave. Returns the form with its id and its new version.

    :raises Introuvable: it is gone, or somebody else's.
    """
    with ctx.store.ecriture() as u:
        _exiger_sienne(u, ctx, saisie.id)
        return u.saisies.enregistrer(replace(saisie, auteur_id=ctx.compte_id))


def _exiger_sienne(u: Unite, ctx: Contexte, saisie_id: int) -> None:
    """A form being filled is its author's: hidden and missing look the same (LABEL.04)."""
    if saisie_id and u.saisies.auteur(saisie_id) not in (0, ctx.compte_id):
        raise Introuvable("Ce formulaire n’existe plus : il a été validé ou abandonné.")


@exige(Droit.CLINIQUE_ECRIRE)
def abandonner(ctx: Contexte, saisie_id: int) -> None:
    """Throw a form away."""
    with ctx.store.ecriture() as u:
        _exiger_sienne(u, ctx, saisie_id)
        u.saisies.supprimer(saisie_id)


@libre("lit un code, rien du dossier")
def lire_code_test(texte: str, au: date | None = None) -> dict[str, Any]:
    """The device of a rapid test as its box says it (GS1 UDI).

    Returns:
        Paths of the form and their values; empty when the code is no UDI.
    """
    lue = lire_gs1(texte, au or date.today())
    if not lue.gtin:
        return {}
    morceaux = [f"(01){lue.gtin}"]
    if lue.peremption:
        annee, mois, jour = lue.peremption.split("-")
        morceaux.append(f"(17){annee[2:]}{mois}{jour}")
    if lue.lot:
        morceaux.append(f"(10){lue.lot}")
    if lue.serie:
        morceaux.append(f"(21){lue.serie}")
    trouve = {"donnees.dispositif.udi": "".join(morceaux).replace(GS, ""),
              "donnees.dispositif.lot": lue.lot,
              "donnees.dispositif.peremption": lue.peremption}
    return {chemin: valeur for chemin, valeur in trouve.items() if valeur}


# --- From the form to the document --------------------------------------------------------------

def _sans_vides(valeur: Any) -> Any:
    """The tree without the fields left empty: their defaults apply."""
    if isinstance(valeur, dict):
        return {c: _sans_vides(v) for c, v in valeur.items() if v is not None}
    return [_sans_vides(v) for v in valeur] if isinstance(valeur, list) else valeur


def _instant(texte: str, maintenant: datetime) -> datetime:
    """A local date or date-time of the form, aware; noon when the hour isn't known."""
    if len(texte) == 10:
        if texte == maintenant.date().isoformat():
            return maintenant
        texte += "T12:00"
    return datetime.fromisoformat(texte).astimezone()


def _remplace(ctx: Contexte, saisie: SaisieForme) -> FicheDocument | None:
    """The document that the form corrects."""
    if not saisie.valeur.get(_REMPLACE):
        return None
    with ctx.store.lecture() as u:
        return u.documents.lire(int(saisie.valeur[_REMPLACE]))


def _document(ctx: Contexte, patient: Patient, saisie: SaisieForme,
              reglages: Reglages) -> DocumentClinique:
    """The one value that PDF/A and CDA render.

    Raises:
        FormeIncomplete: a field lacks or doesn't fit, or the model wants more.
    """
    modele = type_document(saisie.type_cle)
    if trouvees := fautes(_forme(ctx, saisie.type_cle), saisie.valeur):
        nombre = len(trouvees)
        raise FormeIncomplete(
            "Un champ est à compléter." if nombre == 1 else
            f"{nombre}\u00a0champs sont à compléter.", trouvees)
    instant = datetime.now(UTC).astimezone().replace(microsecond=0)
    document = _composer(modele, patient, saisie.valeur, reglages, instant)
    if (ancien := _remplace(ctx, saisie)) is not None:
        refuser_depasse(ancien)
        document = replace(document, set_id=ancien.set_id, remplace_id=ancien.cda_id,
                           version=ancien.version_number + 1)
    if absents := tous_les_manques(document):
        raise FormeIncomplete(" ".join(absents), {})
    return document


def _composer(modele: TypeDocument, patient: Patient, valeur: dict[str, Any],
              reglages: Reglages, instant: datetime) -> DocumentClinique:
    nette = _sans_vides(valeur)
    try:
        contenu: ContenuStructure = depuis_json(CONTENUS[modele.modele], nette["donnees"])
        intervenants = tuple(depuis_json(Intervenant, brut)
                             for brut in nette.get("intervenants", ()))
    except ValeurInvalide as refus:
        raise FormeIncomplete(" ".join(refus.phrases), {}) from refus
    acte = _instant(str(nette.get("date_acte") or getattr(contenu, "date", "")
                        or instant.isoformat()), instant)
    fin = nette.get("date_fin")
    racine = reglages.racine_oid
    return DocumentClinique(
        id=nouvel_oid(racine, CategorieOid.DOCUMENT),
        set_id=nouvel_oid(racine, CategorieOid.ENSEMBLE), type_code=modele.type_code,
        type_libelle=modele.libelle, titre=modele.titre, date_creation=instant, date_acte=acte,
        date_fin=_instant(fin, instant) if fin else None,
        patient=patient_document(patient, str(patient.id), racine_patients(racine)),
        auteur=reglages.professionnel, structure=reglages.structure,
        intervenants=intervenants, code_system=modele.code_system, donnees=contenu,
        type_cle=modele.cle, cadre="DEPISTAGE" if modele.modele == "BIO-TROD" else "AMBULATOIRE",
        mention_rgpd=reglages.mention_rgpd, logiciel=NOM_LOGICIEL, version_logiciel=__version__)


def _rendre(ctx: Contexte, document: DocumentClinique) -> DocumentProduit:
    try:
        rendu: DocumentProduit = ctx.lourd(produire, document)
    except DocumentIncomplet as erreur:
        raise FormeIncomplete(" ".join(erreur.manques), {}) from erreur
    return rendu


@exige(Droit.CLINIQUE_ECRIRE)
def apercu(ctx: Contexte, saisie: SaisieForme) -> bytes:
    """The PDF as it would be kept now; nothing is stored.

    :raises FormeIncomplete: what is missing.
    """
    with ctx.store.lecture() as u:
        patient = u.patients.lire(saisie.patient_id)
    return _rendre(ctx, _document(ctx, patient, saisie, lire_reglages(ctx))).pdf


@exige(Droit.CLINIQUE_ECRIRE)
def valider(ctx: Contexte, saisie: SaisieForme, retenir: bool = False) -> FicheDocument:
    """Sign the document: CDA and PDF/A are kept, the DMP order is written, all or nothing.

    No order is made when the patient opposes. An identity that isn't qualifiée doesn't stop the
    document: the order waits for it. A correction takes the place of the document it corrects,
    whose order that hasn't left is cancelled.

    :raises FormeIncomplete, Refus: nothing was kept, the sentences say why.
    """
    reglages = lire_reglages(ctx)
    with ctx.store.lecture() as u:
        patient = u.patients.lire(saisie.patient_id)
    document = _document(ctx, patient, saisie, reglages)
    rendu = _rendre(ctx, document)
    with ctx.store.ecriture() as u:
        refuser_identite_changee(u, patient)
        ancien = int(saisie.valeur.get(_REMPLACE) or 0)
        if ancien:
            refuser_depasse(u.documents.lire(ancien))
        fiche = conserver(ctx, u, document, patient.id, cda=rendu.cda, pdf=rendu.pdf)
        champs = {c: v for c, v in saisie.valeur.items() if c != _REMPLACE}
        u.reglages.ecrire(_cle_forme(fiche.id), {"type_cle": saisie.type_cle, "valeur": champs})
        if ancien:
            annuler_attente(u, ancien)
            u.reglages.ecrire(_cle_forme(ancien), None)
        if saisie.id:
            _exiger_sienne(u, ctx, saisie.id)
            u.saisies.supprimer(saisie.id)
        destiner_au_dmp(ctx, u, fiche, document, reglages, retenir=retenir)
        u.trail.ecrire(qui=ctx.qui, quoi="document.validation", sur_qui=str(patient.id),
                       resultat="ok", detail=f"document {fiche.id}")
    return fiche
