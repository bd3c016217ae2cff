"""Example values: `pleiade produire TYPE --gabarit` prints one, ready to be changed.

The patient is an official fictive identity of the INSi test service; everybody else is invented.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.documents.cda_trod import genres_trod
from app.documents.contenus import (
    ContenuStructure,
    DispositifTest,
    DroitsLigne,
    LigneDispositif,
    LigneMedicament,
    NoteVaccination,
    Prescription,
    Prise,
    ResultatTest,
    Substance,
    Trod,
)
from app.documents.contenus_naissance import (
    MaterniteEnfant,
    NaissanceEnfant,
    NaissanceMere,
)
from app.documents.contenus_obstetrique import (
    ActeCouches,
    Pathologie,
    RencontreGrossesse,
    SuitesCouchesMere,
    SyntheseAntepartum,
    TraitementGrossesse,
)
from app.documents.corps_json import corps_en_json
from app.documents.model import (
    Bloc,
    Destinataire,
    Fragment,
    Intertitre,
    Intervenant,
    Liste,
    Paragraphe,
    RoleIntervenant,
    Tableau,
)
from app.documents.oids import RACINE_BAC_A_SABLE
from app.documents.saisie import SaisieDocument, SaisiePatient
from app.documents.types import TypeDocument, jeu, type_document
from app.documents.valeur_json import en_json
from app.domain.identity import OID_NIR, StatutIdentite
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure

_CODES = {"IDE": ("60", ""), "IPA": ("60", "SI01"), "SF": ("50", ""), "MK": ("70", ""),
          "ORTHO": ("91", ""), "OPT": ("92", ""), "PP": ("80", "")}
_PATIENT = SaisiePatient(
    "ADRUN", "ZOE", "1975-12-31", "F", "63220", "ZOE", matricule_ins="275126322074974",
    oid=OID_NIR, statut=StatutIdentite.QUALIFIEE, ipp="42",
    contact=Contact("12 rue des Lilas", "69003", "LYON", "06 12 34 56 78"))
_CABINET = Structure("499900000001001", "Cabinet des Lilas", "SA07", "4 place Bellecour", "69002",
                     "LYON", "04 72 00 00 00", "cabinet.lilas@exemple.mssante.fr")
_MEDECIN = Destinataire("MARTIN", "Paul", "899900000015", "Médecin généraliste", "M",
                        "Maison de santé des Capucins", "1690000015", "8 rue des Capucins",
                        "69001", "LYON", "04 78 00 00 00", "paul.martin@exemple.mssante.fr")
_LABORATOIRE = Destinataire(structure="Laboratoire des Fleurs", structure_identifiant="1690000023",
                            adresse="2 rue des Fleurs", code_postal="69003", commune="LYON",
                            messagerie="laboratoire.fleurs@exemple.mssante.fr")
_RGPD = ("Vos données de santé sont traitées par le cabinet pour votre prise en charge. Vous "
         "disposez d’un droit d’accès et de rectification auprès de lui.")


def gabarit(type_cle: str, maintenant: datetime) -> dict[str, Any]:
    """Example value of a kind, as the JSON that `saisie.depuis_saisie` reads.

    Raises:
        KeyError: no such kind.
    """
    modele = type_document(type_cle)
    instant = maintenant.replace(microsecond=0)
    profession, savoir_faire = _CODES[modele.professions[0]]
    auteur = Professionnel("899900000031", "DURAND", "Camille", profession, savoir_faire, "MME")
    saisie = SaisieDocument(
        patient=_PATIENT, auteur=auteur, structure=_CABINET, titre=modele.titre,
        racine_oid=RACINE_BAC_A_SABLE, date_creation=instant,
        date_acte=instant - timedelta(minutes=30), destinataires=(_MEDECIN,),
        mention_rgpd=_RGPD)
    corps: tuple[Bloc, ...] = _CORPS
    if "preleveur" in modele.options:
        preleveur = Destinataire(auteur.nom, auteur.prenom, auteur.identifiant,
                                 "Infirmière", auteur.civilite)
        saisie = replace(saisie, destinataires=(_LABORATOIRE,), intervenants=(
            Intervenant(RoleIntervenant.PRELEVEUR, preleveur, instant, f"G15_{profession}"),
            Intervenant(RoleIntervenant.PRESCRIPTEUR, _MEDECIN, instant - timedelta(days=1))))
        corps = _CORPS_PRELEVEMENT
    elif "prescription" in modele.options:
        corps = _CORPS_PRESCRIPTION
    elif modele.destinataires == "prescripteur":
        saisie = replace(saisie, intervenants=(
            Intervenant(RoleIntervenant.PRESCRIPTEUR, _MEDECIN, instant - timedelta(days=7)),))
    contenu = _contenu(modele, instant)
    if modele.modele.startswith("OBP"):
        saisie = replace(saisie, intervenants=(
            Intervenant(RoleIntervenant.MEDECIN_TRAITANT, _MEDECIN),))
    if isinstance(contenu, Prescription):
        saisie = replace(saisie, date_fin=instant + timedelta(days=90))
    donnees: dict[str, Any] = {"type": type_cle, **en_json(saisie)}
    if contenu is None:
        donnees["corps"] = corps_en_json(corps)
    else:
        donnees["donnees"] = en_json(contenu)
    return donnees


_CORPS: tuple[Bloc, ...] = (
    Paragraphe("Cher confrère, voici le compte rendu de la prise en charge de votre patiente."),
    Intertitre("Mesures"),
    Tableau(("Date", "Pression artérielle", "Température"),
            (("01/03/2026", "128/80 mmHg", "36,9 °C"), ("02/03/2026", "135/85 mmHg", "37,1 °C"))),
    Intertitre("Conduite à tenir"),
    Liste(("Poursuivre la surveillance",
           (Fragment("Réévaluer ", gras=True), Fragment("dans quinze jours")))))
_CORPS_PRELEVEMENT: tuple[Bloc, ...] = (
    Paragraphe("Je soussignée atteste avoir contrôlé l’identité de la personne prélevée à partir "
               "d’un document d’identité à haut niveau de confiance ; son identité est qualifiée "
               "et les échantillons ont été étiquetés en sa présence."),
    Tableau(("Échantillon", "Nombre", "Heure"), (("Tube EDTA", "1", "08:10"),)))
_CORPS_PRESCRIPTION: tuple[Bloc, ...] = (
    Liste(("Acte prescrit, fréquence, durée", "Motif et précautions"), True),)


def _contenu(modele: TypeDocument, instant: datetime) -> ContenuStructure | None:
    jour = f"{instant:%Y-%m-%d}"
    match modele.modele:
        case "VAC-NOTE":
            return NoteVaccination(
                jour, "AVAXIM 160 U, suspension injectable en seringue préremplie. Vaccin de "
                "l'hépatite A (inactivé, adsorbé)", "62756524", "J07BC02",
                "hépatite A, virus entier inactivé", "A12B3", "INITIMMUNIZ", "AVAXIM",
                "3400934166525", f"{instant.year + 1}-12-31", "20035000", "16217701000119102", 1,
                ("Hépatite A",))
        case "BIO-TROD":
            genre = modele.cle.removeprefix("trod-")
            return Trod(genre, instant, DispositifTest(
                "Fabricant d’exemple", "8029", "B987654", f"{instant.year + 1}-12-31",
                f"(01)03612345678903(17){(instant.year + 1) % 100:02d}1231(10)B987654"), tuple(
                    ResultatTest(e.cle, next(
                        c.code for c in jeu(e.resultats).values() if c.libelle == "négatif"))
                    for e in genres_trod()[genre]), True)
        case "eP-MED-DM":
            return _prescription(jour, instant)
        case "OBP-SAP":
            return _antepartum(instant)
        case "OBP-SCM":
            return SuitesCouchesMere("160849004", jour, (
                ActeCouches("Examen clinique de sortie", jour, commentaire="Périnée intact"),),
                commentaire="Suites simples, allaitement maternel.")
        case "OBP-SNM":
            return NaissanceMere(
                jour, "112070001", 41, 1, "MED-1176", jour, "O48", ("27372005",),
                actes_post_partum=("49149002",), pathologies=(Pathologie(
                    "O70.0", "Déchirure obstétricale du périnée, du premier degré", jour),),
                examens_demandes=frozenset({"MED-1267"}),
                commentaire="Délivrance naturelle, complète.")
        case "OBP-SNE":
            return NaissanceEnfant(
                jour, "700000006", 40, Decimal(3420), Decimal("50.5"), Decimal(35), 9, 10,
                "GEN-302", jour, 10, presentation="70028003", quantite_liquide="278092006",
                aspect_liquide="408781009", ouverture_oeuf_min=95, urines=True, meconium=True,
                actes=(ActeCouches("Prélèvement bactériologique", jour),),
                vitamine_k="20053000", ph_arteriel=Decimal("7.25"), ph_veineux=Decimal("7.31"),
                lactates=Decimal("3.1"))
        case "OBP-SEM":
            return MaterniteEnfant(
                "GEN-302", jour, "MED-1256", "275727004", jour,
                (ActeCouches("Pesée quotidienne", jour, commentaire="Reprise du poids"),),
                "Saturation normale aux quatre membres.", (Pathologie(
                    "P59.9", "Ictère néonatal, sans précision", jour, "Sans photothérapie"),),
                "Consultation à quinze jours.")
    return None


def _antepartum(instant: datetime) -> SyntheseAntepartum:
    def avant(jours: int) -> str:
        return f"{instant - timedelta(days=jours):%Y-%m-%d}"

    return SyntheseAntepartum(
        avant(240), 1, 1, Decimal(0), Decimal("0.2"), Decimal("62.5"), Decimal(165), "278149003",
        avant(150), (RencontreGrossesse("GEN-079", avant(160)),
                     RencontreGrossesse("MED-163", avant(40), avant(5), "Sept séances suivies")),
        frozenset({"N39.0"}), (Pathologie("O24.4", "Diabète gestationnel", avant(60),
                                          "Équilibré par le régime"),),
        (TraitementGrossesse("ACIDE FOLIQUE 0,4 mg, comprimé"),),
        histoire_obstetricale="Un accouchement par voie basse à terme, périnée intact.")


def _prescription(jour: str, instant: datetime) -> Prescription:
    fin = f"{instant + timedelta(days=6):%Y-%m-%d}"
    suite = f"{instant + timedelta(days=2):%Y-%m-%d}"
    trois_mois = f"{instant + timedelta(days=90):%Y-%m-%d}"
    un, deux = Decimal(1), Decimal(2)
    return Prescription(
        (LigneMedicament(
            "PARACETAMOL MYLAN 500 mg, comprimé", "1 à 2 comprimés 3 fois par jour pendant 2 "
            "jours, puis 1 comprimé 2 fois par jour pendant 4 jours", jour, fin, "63107752",
            "3400933516390", "plaquette de 16 comprimés", "MV00002306",
            "Paracétamol 500 mg comprimé", "N02BE01", "paracétamol", "10219000", "Comprimé",
            (Substance("Paracétamol", "100000090270", Decimal(500), "mg"),),
            (Prise(jour, 2, Decimal(8), "h", un, deux, "{tablet}", "comprimé(s)"),
             Prise(suite, 4, Decimal(12), "h", un, un, "{tablet}", "comprimé(s)")),
            "20053000", Decimal(4), 0, 1, instructions_patient="À prendre au cours d’un repas"),),
        (LigneDispositif("Bandes de contention, classe 2", jour, trois_mois, 2,
                         droits=DroitsLigne(prevention=True)),),
        commentaire="Revoir en cas de fièvre.")
