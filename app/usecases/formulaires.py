"""Structured documents by a form: rapid tests, prescriptions, midwife's syntheses.

(TROD.02, LGC.MDV.03 for its document, `spec/cda.md` §5, §6, §8.) One value is filled in the
window; it becomes the document that PDF/A and CDA render, kept and ordered for the DMP.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
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
from app.domain.equipes import Geste
from app.domain.formulaire import Forme, SaisieForme, fautes
from app.domain.patient import Patient
from app.domain.preparations import OUVERTES, EtatPreparation, GenrePreparation, Preparation
from app.domain.roles import Droit
from app.store.errors import ConflitVersion, Introuvable
from app.store.unite import Unite
from app.usecases import preparations
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
from app.usecases.settings import NOM_LOGICIEL, Reglages, lire_dans, lire_reglages


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


_FORMULAIRE = GenrePreparation.FORMULAIRE


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def accueil(ctx: Contexte, patient_id: int, pour: int = 0) -> Accueil:
    """Kinds that the professional may issue by a form, and what was begun.

    :param pour: account for whom documents are prepared, 0 = one's own. Forms begun are then those
        that the user prepares for it.
    """
    pour = pour or ctx.compte_id
    preparations.exiger_pour(ctx, pour)
    with ctx.store.lecture() as u:
        qui = lire_dans(u, pour).professionnel
        commences = u.saisies.lister(patient_id, pour)
        if pour != ctx.compte_id:
            commences = [s for s in commences if (p := u.preparations.de(_FORMULAIRE, s.id))
                         is not None and p.par_id == ctx.compte_id and p.etat in OUVERTES]
        # Correcting what was validated is its author's.
        faits = [] if pour != ctx.compte_id else [
            (f, garde) for f in u.documents.lister(patient_id)
            if f.etat is EtatDocument.VALIDE
            and (garde := u.reglages.lire(cle_forme(f.id))) is not None]
    return Accueil(
        tuple((t.cle, titre_affiche(t)) for t in types_pour(qui) if t.modele in MODELES),
        tuple((s.id, titre_affiche(type_document(s.type_cle)), s.modifie_le) for s in commences),
        tuple((f.id, titre_affiche(type_document(garde["type_cle"])), f.date_acte)
              for f, garde in faits))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def nouvelle(ctx: Contexte, patient_id: int, type_cle: str, pour: int = 0) -> FormeOuverte:
    """Start a form; it exists in the file from its first second.

    :param pour: account that will sign it, 0 = one's own (`usecases.preparations`).
    :raises Refus: that professional delegated nothing.
    """
    instant = datetime.now(UTC).astimezone().replace(second=0, microsecond=0)
    saisie = enregistrer(ctx, SaisieForme(0, patient_id, pour or ctx.compte_id, type_cle,
                                          valeur_initiale(type_cle, instant)))
    return FormeOuverte(_forme(ctx, saisie), saisie)


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def reprendre(ctx: Contexte, saisie_id: int) -> FormeOuverte:
    """Go on with a form that one began. :raises Introuvable: it is gone, or somebody else's."""
    with ctx.store.lecture() as u:
        preparations.controler(ctx, u, _FORMULAIRE, saisie_id, ecrire=False)
        saisie = u.saisies.lire(saisie_id)
    return FormeOuverte(_forme(ctx, saisie), saisie)


@exige(Droit.CLINIQUE_ECRIRE)
def nouvelle_version(ctx: Contexte, document_id: int) -> FormeOuverte:
    """Correct a document made by a form: its fields as they were, to be validated again.

    Same setId, versionNumber + 1, RPLC (`spec/cda.md` §1.5).

    :raises Refus: it has a later version, was deleted, or wasn't made by a form.
    """
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
        garde = u.reglages.lire(cle_forme(document_id))
    refuser_depasse(fiche)
    if garde is None:
        raise Refus("Ce document n’a pas été fait par un formulaire : il ne se corrige pas ici.")
    saisie = enregistrer(ctx, SaisieForme(
        0, fiche.patient_id, ctx.compte_id, garde["type_cle"],
        {**garde["valeur"], _REMPLACE: document_id}))
    return FormeOuverte(_forme(ctx, saisie), saisie)


#: Code of a refusal after which the form is kept apart.
CODE_FORMULAIRE = "FORMULAIRE-CHANGE"
#: Key of a form's value: the document that it corrects.
_REMPLACE = "remplace"


def cle_forme(document_id: int) -> str:
    """Where the fields of a document are kept, so that it may be corrected."""
    return f"document.forme.{document_id}"


def _forme(ctx: Contexte, saisie: SaisieForme) -> Forme:
    """The form as its author issues it."""
    with ctx.store.lecture() as u:
        comptes = dict(u.comptes.professionnels())
    return forme(saisie.type_cle, sigle(comptes.get(saisie.auteur_id, ctx.professionnel)))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def enregistrer(ctx: Contexte, saisie: SaisieForme) -> SaisieForme:
    """Keep a form; returns it with its id and its new version. A new one whose author is somebody
    else is prepared for them.

    :raises Refus: it isn't for this account to write in (`preparations.controler`).
    """
    if not saisie.id:
        preparations.exiger_pour(ctx, saisie.auteur_id)
    with ctx.store.ecriture() as u:
        if saisie.id:
            preparations.controler(ctx, u, _FORMULAIRE, saisie.id)
        gardee = u.saisies.enregistrer(saisie)
        if not saisie.id:
            preparations.commencer(ctx, u, _FORMULAIRE, gardee.id, gardee.patient_id,
                                   gardee.auteur_id,
                                   titre_affiche(type_document(saisie.type_cle)))
        return gardee


@libre("enregistrer garde ; ici rien de ce qui est saisi ne se perd")
def garder(ctx: Contexte, saisie: SaisieForme) -> SaisieForme:
    """Autosave that loses nothing: a form that was changed, validated or thrown away elsewhere is
    kept apart, under another id; both are in the list of what is begun.

    :raises Refus: code DELEGATION: the delegation under which it was typed is over. What is on
        screen was kept for the professional, the first time.
    """
    try:
        return _garder(ctx, saisie)
    except Refus:
        preparations.derniere_garde(ctx, _FORMULAIRE, saisie.id, partial(_laisser, saisie))
        raise


def _garder(ctx: Contexte, saisie: SaisieForme) -> SaisieForme:
    try:
        return enregistrer(ctx, saisie)
    except (ConflitVersion, Introuvable):
        with ctx.store.lecture() as u:
            ailleurs = next((s for s in u.saisies.lister(saisie.patient_id, saisie.auteur_id)
                             if s.id == saisie.id), None)
        if ailleurs is not None and ailleurs.valeur == saisie.valeur:
            return ailleurs
        return enregistrer(ctx, replace(saisie, id=0, version=1))


def _laisser(saisie: SaisieForme, u: Unite, p: Preparation) -> None:
    """Keep the fields for the professional: in the form, beside it when it changed meanwhile."""
    try:
        u.saisies.enregistrer(saisie)
    except (ConflitVersion, Introuvable):
        copie = u.saisies.enregistrer(replace(saisie, id=0, auteur_id=p.pour_id,
                                           patient_id=p.patient_id))
        u.preparations.ajouter(replace(p, source_id=copie.id, etat=EtatPreparation.INTERROMPUE))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def abandonner(ctx: Contexte, saisie_id: int, vue: SaisieForme | None = None) -> None:
    """Throw a form away; who typed it is told, and whose it is. One that is gone is fine.

    :param vue: the form as it was last read or kept here.
    :raises Refus: another window has gone on filling it.
    """
    with ctx.store.ecriture() as u:
        if vue is not None:
            try:
                _exiger_connue(u, vue)
            except Introuvable:
                return
        preparation = preparations.controler(ctx, u, _FORMULAIRE, saisie_id)
        preparations.clore(u, preparation, EtatPreparation.ECARTEE)
        u.saisies.supprimer(saisie_id)


def _exiger_connue(u: Unite, saisie: SaisieForme) -> None:
    """Refuse to end a form that another window has changed: what it holds would be lost."""
    actuelle = u.saisies.lire(saisie.id)
    if actuelle.version != saisie.version and actuelle.valeur != saisie.valeur:
        raise Refus("Ce formulaire vient d’être rempli dans une autre fenêtre ou sur un autre "
                    "poste. Votre saisie est gardée à part : relisez les deux, puis validez la "
                    "bonne.", code=CODE_FORMULAIRE)


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


def _document(ctx: Contexte, patient: Patient, saisie: SaisieForme, reglages: Reglages,
              preparation: Preparation | None) -> DocumentClinique:
    """The one value that PDF/A and CDA render.

    Raises:
        FormeIncomplete: a field lacks or doesn't fit, or the model wants more.
        Refus: it would replace a document that isn't its author's to replace.
    """
    ancien = _remplace(ctx, saisie)
    refuser_remplacement(ancien, patient.id, preparation)
    modele = type_document(saisie.type_cle)
    if trouvees := fautes(_forme(ctx, saisie), saisie.valeur):
        nombre = len(trouvees)
        raise FormeIncomplete(
            "Un champ est à compléter." if nombre == 1 else
            f"{nombre}\u00a0champs sont à compléter.", trouvees)
    instant = datetime.now(UTC).astimezone().replace(microsecond=0)
    document = replace(_composer(modele, patient, saisie.valeur, reglages, instant),
                       saisi_par=preparations.operateur(ctx, preparation))
    if ancien is not None:
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


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def apercu(ctx: Contexte, saisie: SaisieForme) -> bytes:
    """The PDF as it would be kept now, in the name of its author, marked as a draft; nothing is
    stored.

    :raises FormeIncomplete: what is missing.
    """
    with ctx.store.lecture() as u:
        preparation = preparations.controler(ctx, u, _FORMULAIRE, saisie.id, ecrire=False)
        patient = u.patients.lire(saisie.patient_id)
    document = _document(ctx, patient, saisie, preparations.reglages_de(ctx, preparation),
                         preparation)
    return _rendre(ctx, replace(document, brouillon=True)).pdf


def _finir_saisie(u: Unite, saisie: SaisieForme) -> None:
    """The form becomes the document: once, whole, whoever has it open besides."""
    try:
        _exiger_connue(u, saisie)
    except Introuvable:
        raise Refus("Ce formulaire vient d’être validé ou abandonné dans une autre fenêtre ou sur "
                    "un autre poste. Rien n’a été validé de nouveau ; votre saisie est gardée à "
                    "part.", code=CODE_FORMULAIRE) from None
    u.saisies.supprimer(saisie.id)


@exige(Droit.CLINIQUE_ECRIRE)
def valider(ctx: Contexte, saisie: SaisieForme, retenir: bool = False) -> FicheDocument:
    """Sign the document: CDA and PDF/A are kept, the DMP order is written, all or nothing.

    No order is made when the patient opposes. An identity that isn't qualifiée doesn't stop the
    document: the order waits for it. A correction takes the place of the document it corrects,
    whose order that hasn't left is cancelled.

    A form that somebody prepared is validated by its professional alone, who is the author; the
    document says who typed it.

    :raises FormeIncomplete, Refus: nothing was kept, the sentences say why.
    """
    reglages = lire_reglages(ctx)
    with ctx.store.lecture() as u:
        preparation = preparations.exiger_validation(ctx, u, _FORMULAIRE, saisie.id)
        patient = u.patients.lire(saisie.patient_id)
    document = _document(ctx, patient, saisie, reglages, preparation)
    rendu = _rendre(ctx, document)
    with ctx.store.ecriture() as u:
        refuser_identite_changee(u, patient)
        ancien = int(saisie.valeur.get(_REMPLACE) or 0)
        if ancien:
            refuser_depasse(u.documents.lire(ancien))
        if preparation is not None:
            # What the delegate wrote during the rendering isn't signed unread.
            preparations.exiger_texte_lu(u, preparation, saisie.version,
                                         u.saisies.lire(saisie.id).version)
        fiche = conserver(ctx, u, document, patient.id, cda=rendu.cda, pdf=rendu.pdf)
        preparations.clore(u, preparation, EtatPreparation.VALIDEE, document_id=fiche.id)
        champs = {c: v for c, v in saisie.valeur.items() if c != _REMPLACE}
        u.reglages.ecrire(cle_forme(fiche.id), {"type_cle": saisie.type_cle, "valeur": champs})
        if ancien:
            annuler_attente(u, ancien)
            u.reglages.ecrire(cle_forme(ancien), None)
        if saisie.id:
            preparations.controler(ctx, u, _FORMULAIRE, saisie.id)
            _finir_saisie(u, saisie)
        destiner_au_dmp(ctx, u, fiche, document, reglages, retenir=retenir)
        u.trail.ecrire(qui=ctx.qui, quoi="document.validation", sur_qui=str(patient.id),
                       resultat="ok", detail=preparations.detail(fiche.id, preparation))
    return fiche
