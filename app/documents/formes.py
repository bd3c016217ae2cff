"""The forms of the structured documents: fields, and the value that they start from.

A form fills the JSON that `saisie.depuis_saisie` reads, so that the window, the command line and
other programs hand over the same value.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from app.documents import formes_obstetrique
from app.documents.cda_prescription import MENTIONS
from app.documents.cda_trod import genres_trod
from app.documents.formes_communes import choix, titre_affiche
from app.documents.ressources import table
from app.documents.types import TypeDocument, type_document
from app.domain.formulaire import ChampForme, Forme, GenreChamp, Rubrique

#: Content models that have a form; vaccinations have their own screen.
MODELES = ("BIO-TROD", "eP-MED-DM", "OBP-SAP", "OBP-SCM", "OBP-SNM", "OBP-SNE", "OBP-SEM")
#: Usual validity of a prescription of products, days (a setting of the form, not of the law) [D].
VALIDITE_JOURS = 90


def forme(type_cle: str, profession: str = "") -> Forme:
    """The form of a kind of document.

    Args:
        type_cle: kind (`types.type_document`).
        profession: sigle of the author (IDE, SF…): what may be prescribed is offered first.

    Raises:
        KeyError: no such kind, or it has no form.
    """
    modele = type_document(type_cle)
    return _FORMES[modele.modele](modele, profession)


def valeur_initiale(type_cle: str, instant: datetime) -> dict[str, Any]:
    """What the fields hold at first; nothing that a professional must decide is decided."""
    modele = type_document(type_cle)
    return _DEPARTS[modele.modele](modele, instant)


# --- Rapid test ---------------------------------------------------------------------------------

def _trod(modele: TypeDocument, _profession: str) -> Forme:
    examens = genres_trod()[_genre(modele)]
    resultats: list[ChampForme] = []
    for n, examen in enumerate(examens):
        resultats += [
            ChampForme(f"donnees.resultats.{n}.resultat", examen.libelle, GenreChamp.SEGMENT, True,
                       choix(examen.resultats), largeur=12),
            ChampForme(f"donnees.resultats.{n}.commentaire", "Commentaire, contexte", largeur=12)]
    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Test utilisé", (
            ChampForme("donnees.dispositif.fabricant", "Fabricant", obligatoire=True,
                       largeur=3),
            ChampForme("donnees.dispositif.reference", "Référence", obligatoire=True,
                       largeur=3),
            ChampForme("donnees.dispositif.lot", "Lot", obligatoire=True, largeur=3),
            ChampForme("donnees.dispositif.peremption", "Péremption", GenreChamp.DATE, True,
                       largeur=3),
            ChampForme("donnees.dispositif.udi", "Code UDI", largeur=12,
                       aide="Lu sur la boîte par le lecteur de codes."))),
        Rubrique("Résultat", (*resultats, ChampForme(
            "donnees.date", "Date et heure du test", GenreChamp.DATE_HEURE, True, largeur=4))),
        Rubrique("Consentement", (ChampForme(
            "donnees.consentement", "Le patient (ou son représentant légal) consent au test",
            GenreChamp.CASE, True, largeur=12),))), scan="udi")


def _genre(modele: TypeDocument) -> str:
    return modele.cle.removeprefix("trod-")


def _depart_trod(modele: TypeDocument, instant: datetime) -> dict[str, Any]:
    genre = _genre(modele)
    return {"donnees": {
        "genre": genre, "date": f"{instant:%Y-%m-%dT%H:%M}",
        "dispositif": {"fabricant": "", "reference": "", "lot": "", "peremption": "", "udi": ""},
        "resultats": [{"examen": e.cle, "resultat": "", "commentaire": ""}
                      for e in genres_trod()[genre]], "consentement": False}}


# --- Prescription of products -------------------------------------------------------------------

@cache
def produits_permis(profession: str, categorie: str) -> tuple[tuple[str, str], ...]:
    """What a profession may prescribe: (product, conditions and text)."""
    return tuple(
        (r["objet"], " ; ".join(x for x in (r["nature"], r["conditions"], r["texte"]) if x))
        for r in table("documents/droits_prescription.csv")
        if r["profession"] == profession and r["categorie"] == categorie)


def _droits(categorie: str) -> tuple[ChampForme, ...]:
    tous = [("ald", "En rapport avec une ALD"), ("prevention", "Prévention"),
            ("accident_travail", "Accident du travail, maladie professionnelle"),
            ("non_remboursable", "Non remboursable")]
    if categorie == "MED":
        tous.append(("hors_amm", "Hors AMM"))
    return tuple(ChampForme(f"droits.{cle}", libelle, GenreChamp.CASE, largeur=6)
                 for cle, libelle in tous)


def _prescription(modele: TypeDocument, profession: str) -> Forme:
    def proposes(categorie: str) -> tuple[str, ...]:
        return tuple(objet for objet, _ in produits_permis(profession, categorie))

    medicament = (
        ChampForme("denomination", "Médicament", obligatoire=True, largeur=12,
                   suggestions=proposes("MED")),
        ChampForme("posologie", "Posologie", GenreChamp.PARAGRAPHE, True, largeur=12),
        ChampForme("debut", "Du", GenreChamp.DATE, True, largeur=4),
        ChampForme("fin", "Au", GenreChamp.DATE, True, largeur=4),
        ChampForme("boites", "Boîtes", GenreChamp.ENTIER, largeur=2),
        ChampForme("renouvellements", "Renouv.", GenreChamp.ENTIER, largeur=2, vide=0),
        ChampForme("instructions_patient", "Conseil au patient", largeur=12),
        *_droits("MED"))
    dispositif = (
        ChampForme("denomination", "Dispositif médical", obligatoire=True, largeur=12,
                   suggestions=proposes("DM")),
        ChampForme("quantite", "Quantité", GenreChamp.ENTIER, True, largeur=2, vide=1),
        ChampForme("debut", "Du", GenreChamp.DATE, True, largeur=4),
        ChampForme("fin", "Au", GenreChamp.DATE, True, largeur=4),
        ChampForme("renouvellements", "Renouv.", GenreChamp.ENTIER, largeur=2, vide=0),
        ChampForme("code_lpp", "Code LPP", largeur=4),
        ChampForme("instructions", "Précisions", largeur=8), *_droits("DM"))
    avis = ("Aide : ce que les textes permettent à votre profession est proposé à la saisie. "
            "Vérifiez les conditions.") if profession else ""
    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Dispositifs médicaux", (ChampForme(
            "donnees.dispositifs", "Dispositifs médicaux", GenreChamp.LISTE, champs=dispositif,
            ajouter="Ajouter un dispositif", largeur=12),), avis),
        Rubrique("Médicaments", (ChampForme(
            "donnees.medicaments", "Médicaments", GenreChamp.LISTE, champs=medicament,
            ajouter="Ajouter un médicament", largeur=12),)),
        Rubrique("Ordonnance", (
            ChampForme("date_fin", "Valable jusqu’au", GenreChamp.DATE, True, largeur=4),
            ChampForme("donnees.poids_kg", "Poids", GenreChamp.DECIMAL, unite="kg", largeur=4),
            ChampForme("donnees.taille_cm", "Taille", GenreChamp.DECIMAL, unite="cm", largeur=4),
            ChampForme("donnees.mentions", "Mentions", GenreChamp.CASES, largeur=12, choix=tuple(
                (m.value, libelle) for m, libelle in MENTIONS.items())),
            ChampForme("donnees.commentaire", "Commentaire", GenreChamp.PARAGRAPHE, largeur=12)))))


def _depart_prescription(_modele: TypeDocument, instant: datetime) -> dict[str, Any]:
    fin = instant + timedelta(days=VALIDITE_JOURS)
    return {"date_fin": f"{fin:%Y-%m-%d}",
            "donnees": {"medicaments": [], "dispositifs": [], "mentions": [], "commentaire": ""}}


def ligne_vide(champ: ChampForme, jour: date) -> dict[str, Any]:
    """A new row of a list: what its fields hold at first, dates of today."""
    ligne: dict[str, Any] = {}
    for sous in champ.champs:
        contenu: Any = sous.vide
        if contenu is None:
            contenu = {GenreChamp.CASE: False, GenreChamp.CASES: [], GenreChamp.LISTE: [],
                       GenreChamp.ENTIER: None, GenreChamp.DECIMAL: None}.get(sous.genre, "")
        if sous.genre is GenreChamp.DATE and sous.cle == "debut":
            contenu = jour.isoformat()
        noeud = ligne
        *parents, feuille = sous.cle.split(".")
        for parent in parents:
            noeud = noeud.setdefault(parent, {})
        noeud[feuille] = contenu
    return ligne


_FORMES: dict[str, Callable[[TypeDocument, str], Forme]] = {
    "BIO-TROD": _trod, "eP-MED-DM": _prescription,
    "OBP-SAP": formes_obstetrique.antepartum, "OBP-SCM": formes_obstetrique.couches,
    "OBP-SNM": formes_obstetrique.naissance_mere,
    "OBP-SNE": formes_obstetrique.naissance_enfant,
    "OBP-SEM": formes_obstetrique.maternite_enfant}
_DEPARTS: dict[str, Callable[[TypeDocument, datetime], dict[str, Any]]] = {
    "BIO-TROD": _depart_trod, "eP-MED-DM": _depart_prescription,
    "OBP-SAP": formes_obstetrique.depart_antepartum,
    "OBP-SCM": formes_obstetrique.depart_couches,
    "OBP-SNM": formes_obstetrique.depart_naissance_mere,
    "OBP-SNE": formes_obstetrique.depart_naissance_enfant,
    "OBP-SEM": formes_obstetrique.depart_maternite_enfant}
