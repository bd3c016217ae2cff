"""Forms of the midwife's syntheses (OBP 2024.01, `spec/cda.md` §8)."""

from datetime import datetime
from typing import Any

from app.documents.contenus_naissance import EXAMENS_DEMANDES
from app.documents.contenus_obstetrique import PATHOLOGIES_SUIVIES
from app.documents.formes_communes import (
    actes,
    choix,
    depart_medecin,
    medecin_traitant,
    pathologies,
    titre_affiche,
)
from app.documents.types import TypeDocument
from app.domain.formulaire import ChampForme, Forme, GenreChamp, Rubrique


def antepartum(modele: TypeDocument, _profession: str) -> Forme:
    """OBP-SAP."""
    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Grossesse", (
            ChampForme("donnees.date_dernieres_regles", "Dernières règles", GenreChamp.DATE, True,
                       largeur=4),
            ChampForme("donnees.foetus", "Nombre de fœtus", GenreChamp.ENTIER, True, largeur=4),
            ChampForme("donnees.grossesses_anterieures", "Grossesses antérieures",
                       GenreChamp.ENTIER, True, largeur=4),
            ChampForme("donnees.histoire_obstetricale", "Histoire obstétricale",
                       GenreChamp.PARAGRAPHE, largeur=12))),
        Rubrique("En début de grossesse", (
            ChampForme("donnees.poids_kg", "Poids", GenreChamp.DECIMAL, True, unite="kg",
                       largeur=3),
            ChampForme("donnees.taille_cm", "Taille", GenreChamp.DECIMAL, True, unite="cm",
                       largeur=3),
            ChampForme("donnees.verres_alcool_jour", "Alcool", GenreChamp.DECIMAL, True,
                       unite="verres par jour", largeur=3),
            ChampForme("donnees.paquets_tabac_jour", "Tabac", GenreChamp.DECIMAL, True,
                       unite="paquets par jour", largeur=3),
            ChampForme("donnees.groupe", "Groupe sanguin", GenreChamp.CHOIX, True,
                       choix("groupe_rhesus")),
            ChampForme("donnees.date_groupe", "Date du résultat", GenreChamp.DATE, True))),
        Rubrique("Rencontres", (ChampForme(
            "donnees.rencontres", "Rencontres", GenreChamp.LISTE, True, largeur=12,
            ajouter="Ajouter une rencontre", champs=(
                ChampForme("genre", "Rencontre", GenreChamp.CHOIX, True,
                           choix("rencontre_grossesse")),
                ChampForme("debut", "Du", GenreChamp.DATE, True, largeur=3),
                ChampForme("fin", "Au", GenreChamp.DATE, largeur=3),
                ChampForme("commentaire", "Commentaire", largeur=12))),)),
        Rubrique("Pathologies de la grossesse", (
            ChampForme("donnees.presentes", "Survenues pendant la grossesse", GenreChamp.CASES,
                       choix=tuple(PATHOLOGIES_SUIVIES.items()), largeur=12),
            pathologies("donnees.autres_pathologies", "Autres pathologies")),
            "Ce qui n’est pas coché est déclaré absent."),
        Rubrique("Traitements et suite", (
            ChampForme("donnees.traitements", "Traitements", GenreChamp.LISTE, largeur=12,
                       ajouter="Ajouter un traitement", champs=(
                           ChampForme("denomination", "Traitement", obligatoire=True, largeur=8),
                           ChampForme("cis", "Code CIS", largeur=4))),
            ChampForme("donnees.suivi_propose", "Suivi psychosocial proposé",
                       GenreChamp.PARAGRAPHE, largeur=12))),
        medecin_traitant()))


def depart_antepartum(_modele: TypeDocument, _instant: datetime) -> dict[str, Any]:
    """Nothing decided."""
    return {**depart_medecin(), "donnees": {
        "date_dernieres_regles": "", "foetus": 1, "grossesses_anterieures": None,
        "verres_alcool_jour": None, "paquets_tabac_jour": None, "poids_kg": None,
        "taille_cm": None, "groupe": "", "date_groupe": "", "rencontres": [], "presentes": [],
        "autres_pathologies": [], "traitements": [], "histoire_obstetricale": "",
        "suivi_propose": ""}}


def couches(modele: TypeDocument, _profession: str) -> Forme:
    """OBP-SCM."""
    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Sortie", (
            ChampForme("donnees.sortie", "Mode de sortie", GenreChamp.CHOIX, True,
                       choix("sortie_couches"), largeur=8),
            ChampForme("donnees.date_sortie", "Date de sortie", GenreChamp.DATE, True,
                       largeur=4))),
        Rubrique("Actes", (actes("donnees.actes", "Actes des suites de couches"),)),
        Rubrique("Événements", (
            pathologies("donnees.pathologies", "Pathologies"),
            ChampForme("donnees.commentaire", "Commentaire", GenreChamp.PARAGRAPHE, largeur=12))),
        medecin_traitant()))


def depart_couches(_modele: TypeDocument, instant: datetime) -> dict[str, Any]:
    """Nothing decided."""
    return {**depart_medecin(), "donnees": {
        "sortie": "", "date_sortie": f"{instant:%Y-%m-%d}", "actes": [], "pathologies": [],
        "commentaire": ""}}


# --- Delivery room ------------------------------------------------------------------------------

def naissance_mere(modele: TypeDocument, _profession: str) -> Forme:
    """OBP-SNM."""
    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Accouchement", (
            ChampForme("donnees.date_accouchement", "Date", GenreChamp.DATE, True, largeur=3),
            ChampForme("donnees.age_gestationnel", "Âge gestationnel", GenreChamp.ENTIER, True,
                       unite="semaines", largeur=5),
            ChampForme("donnees.enfants_vivants", "Enfants vivants", GenreChamp.ENTIER, True,
                       largeur=4),
            ChampForme("donnees.debut_travail", "Début du travail", GenreChamp.CHOIX, True,
                       choix("debut_travail")),
            ChampForme("donnees.motif_declenchement", "Motif du déclenchement",
                       GenreChamp.CHOIX, choix=choix("motif_declenchement")))),
        Rubrique("Interventions", (
            ChampForme("donnees.anesthesies_avant", "Anesthésie avant la naissance",
                       GenreChamp.CASES, choix=choix("anesthesie_avant"), largeur=12),
            ChampForme("donnees.anesthesies_apres", "Anesthésie après la naissance",
                       GenreChamp.CASES, choix=choix("anesthesie_apres"), largeur=12),
            ChampForme("donnees.actes_post_partum", "Actes du post-partum", GenreChamp.CASES,
                       choix=choix("acte_post_partum"), largeur=12),
            ChampForme("donnees.transfusion", "Transfusion de produits sanguins",
                       GenreChamp.CASE, largeur=12))),
        Rubrique("Événements et sortie", (
            pathologies("donnees.pathologies", "Pathologies, périnée compris"),
            ChampForme("donnees.sortie", "Mode de sortie", GenreChamp.CHOIX, True,
                       choix("sortie_naissance_mere"), largeur=8),
            ChampForme("donnees.date_sortie", "Le", GenreChamp.DATE, True, largeur=4),
            ChampForme("donnees.examens_demandes", "Examens demandés", GenreChamp.CASES,
                       choix=tuple((c, t.replace("'", "’"))
                                   for c, t in EXAMENS_DEMANDES.items()), largeur=12),
            ChampForme("donnees.commentaire", "Commentaire", GenreChamp.PARAGRAPHE,
                       largeur=12))),
        medecin_traitant()))


def depart_naissance_mere(_modele: TypeDocument, instant: datetime) -> dict[str, Any]:
    """Nothing decided."""
    return {**depart_medecin(), "donnees": {
        "date_accouchement": f"{instant:%Y-%m-%d}", "debut_travail": "",
        "motif_declenchement": "", "age_gestationnel": None, "enfants_vivants": None,
        "anesthesies_avant": [], "anesthesies_apres": [], "actes_post_partum": [],
        "transfusion": False, "pathologies": [], "examens_demandes": [], "sortie": "",
        "date_sortie": f"{instant:%Y-%m-%d}", "commentaire": ""}}


def naissance_enfant(modele: TypeDocument, _profession: str) -> Forme:
    """OBP-SNE: the child is the patient."""
    def apgar(minutes: int, obligatoire: bool) -> ChampForme:
        return ChampForme(f"donnees.apgar_{minutes}", f"Apgar à {minutes}\u00a0min",
                          GenreChamp.ENTIER, obligatoire, largeur=4)

    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Naissance", (
            ChampForme("donnees.date_naissance", "Date", GenreChamp.DATE, True, largeur=3),
            ChampForme("donnees.age_gestationnel", "Âge gestationnel", GenreChamp.ENTIER, True,
                       unite="semaines", largeur=5),
            ChampForme("donnees.rang", "Rang", GenreChamp.ENTIER, True, largeur=2),
            ChampForme("donnees.vivant", "Vivant", GenreChamp.CASE, largeur=2),
            ChampForme("donnees.mode", "Mode de naissance", GenreChamp.CHOIX, True,
                       choix("mode_naissance")),
            ChampForme("donnees.intervention", "Intervention", GenreChamp.CHOIX,
                       choix=choix("intervention_voie_basse")),
            ChampForme("donnees.presentation", "Présentation", GenreChamp.CHOIX,
                       choix=choix("presentation_foetale")),
            ChampForme("donnees.ouverture_oeuf_min", "Ouverture de l’œuf", GenreChamp.ENTIER,
                       unite="minutes"),
            ChampForme("donnees.quantite_liquide", "Liquide amniotique, quantité",
                       GenreChamp.CHOIX, choix=choix("quantite_liquide")),
            ChampForme("donnees.aspect_liquide", "Liquide amniotique, aspect",
                       GenreChamp.CHOIX, choix=choix("aspect_liquide")))),
        Rubrique("Examen", (
            apgar(1, True), apgar(5, True), apgar(10, False),
            ChampForme("donnees.poids_g", "Poids", GenreChamp.DECIMAL, True, unite="g",
                       largeur=4),
            ChampForme("donnees.taille_cm", "Taille", GenreChamp.DECIMAL, True, unite="cm",
                       largeur=4),
            ChampForme("donnees.perimetre_cm", "Périmètre crânien", GenreChamp.DECIMAL, True,
                       unite="cm", largeur=4),
            ChampForme("donnees.atresie_choanes", "Atrésie des choanes", GenreChamp.CASE),
            ChampForme("donnees.imperforation_anale", "Imperforation anale", GenreChamp.CASE),
            ChampForme("donnees.urines", "Émission d’urine", GenreChamp.CASE),
            ChampForme("donnees.meconium", "Émission de méconium", GenreChamp.CASE)),
            "Ce qui n’est pas coché est déclaré absent."),
        Rubrique("Gestes et biologie", (
            ChampForme("donnees.vitamine_k", "Vitamine K, voie", GenreChamp.CHOIX,
                       choix=tuple(c for c in choix("voie") if c[0] in _VOIES_VITAMINE_K)),
            actes("donnees.actes", "Actes", obligatoire=False),
            ChampForme("donnees.ph_arteriel", "pH artériel au cordon", GenreChamp.DECIMAL,
                       largeur=4),
            ChampForme("donnees.ph_veineux", "pH veineux au cordon", GenreChamp.DECIMAL,
                       largeur=4),
            ChampForme("donnees.lactates", "Lactates", GenreChamp.DECIMAL, unite="mmol/L",
                       largeur=4))),
        Rubrique("Sortie de la salle de naissance", (
            ChampForme("donnees.sortie", "Mode de sortie", GenreChamp.CHOIX, True,
                       choix("sortie_naissance_enfant"), largeur=8),
            ChampForme("donnees.date_sortie", "Le", GenreChamp.DATE, True, largeur=4),
            ChampForme("donnees.commentaire", "Commentaire", GenreChamp.PARAGRAPHE,
                       largeur=12))),
        medecin_traitant()))


#: Oral, intramuscular, intravenous.
_VOIES_VITAMINE_K = frozenset({"20053000", "20035000", "20045000"})


def depart_naissance_enfant(_modele: TypeDocument, instant: datetime) -> dict[str, Any]:
    """Nothing decided."""
    jour = f"{instant:%Y-%m-%d}"
    return {**depart_medecin(), "donnees": {
        "date_naissance": jour, "mode": "", "age_gestationnel": None, "poids_g": None,
        "taille_cm": None, "perimetre_cm": None, "apgar_1": None, "apgar_5": None,
        "apgar_10": None, "sortie": "", "date_sortie": jour, "rang": 1, "vivant": True,
        "intervention": "", "presentation": "", "quantite_liquide": "", "aspect_liquide": "",
        "ouverture_oeuf_min": None, "atresie_choanes": False, "imperforation_anale": False,
        "urines": False, "meconium": False, "actes": [], "vitamine_k": "",
        "ph_arteriel": None, "ph_veineux": None, "lactates": None, "commentaire": ""}}


# --- Maternity ward -----------------------------------------------------------------------------

def maternite_enfant(modele: TypeDocument, _profession: str) -> Forme:
    """OBP-SEM: the child is the patient."""
    return Forme(modele.cle, titre_affiche(modele), (
        Rubrique("Dépistages et alimentation", (
            ChampForme("donnees.audition", "Dépistage de l’audition", GenreChamp.CHOIX, True,
                       choix("test_audition"), largeur=8),
            ChampForme("donnees.guthrie", "Dépistage néonatal, le", GenreChamp.DATE, largeur=4,
                       aide="Vide : non réalisé."),
            ChampForme("donnees.depistages", "Autres dépistages", GenreChamp.PARAGRAPHE,
                       largeur=12),
            ChampForme("donnees.allaitement", "Alimentation", GenreChamp.CHOIX, True,
                       choix("allaitement"), largeur=12))),
        Rubrique("Actes et événements", (
            actes("donnees.actes", "Actes", obligatoire=False),
            pathologies("donnees.pathologies", "Pathologies"))),
        Rubrique("Sortie", (
            ChampForme("donnees.sortie", "Mode de sortie", GenreChamp.CHOIX, True,
                       choix("sortie_maternite_enfant"), largeur=8),
            ChampForme("donnees.date_sortie", "Le", GenreChamp.DATE, True, largeur=4),
            ChampForme("donnees.suivi", "Suivi proposé", GenreChamp.PARAGRAPHE, largeur=12),
            ChampForme("donnees.commentaire", "Commentaire", GenreChamp.PARAGRAPHE,
                       largeur=12))),
        medecin_traitant()))


def depart_maternite_enfant(_modele: TypeDocument, instant: datetime) -> dict[str, Any]:
    """Nothing decided."""
    return {**depart_medecin(), "donnees": {
        "sortie": "", "date_sortie": f"{instant:%Y-%m-%d}", "allaitement": "", "audition": "",
        "guthrie": "", "actes": [], "depistages": "", "pathologies": [], "suivi": "",
        "commentaire": ""}}
