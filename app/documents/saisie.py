"""A document as people or other programs write it: the JSON of `pleiade produire`.

Names of the patient's traits are those of `pleiade lire --json`. Everything optional may be left
out; identifiers that are not given are made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.documents.contenus import ContenuStructure, NoteVaccination, Prescription, Trod
from app.documents.contenus_naissance import (
    MaterniteEnfant,
    NaissanceEnfant,
    NaissanceMere,
)
from app.documents.contenus_obstetrique import SuitesCouchesMere, SyntheseAntepartum
from app.documents.corps_json import lire_corps
from app.documents.model import (
    ActeDocumente,
    Bloc,
    Destinataire,
    DocumentClinique,
    Intervenant,
    patient_document,
)
from app.documents.oids import CategorieOid, est_oid, nouvel_oid, racine_patients
from app.documents.types import TypeDocument, type_document
from app.documents.valeur_json import ValeurInvalide, depuis_json
from app.domain.identity import Identite, StatutIdentite, Traits
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure

CONTENUS: dict[str, type[ContenuStructure]] = {
    "VAC-NOTE": NoteVaccination, "BIO-TROD": Trod, "eP-MED-DM": Prescription,
    "OBP-SAP": SyntheseAntepartum, "OBP-SCM": SuitesCouchesMere, "OBP-SNM": NaissanceMere,
    "OBP-SNE": NaissanceEnfant, "OBP-SEM": MaterniteEnfant}


@dataclass(frozen=True, slots=True)
class SaisiePatient:
    """The patient. `statut` must be given with a matricule, which leaves only when qualifiée."""

    nom_naissance: str = ""
    premier_prenom: str = ""
    date_naissance: str = ""
    sexe: str = ""
    lieu_naissance: str = ""
    prenoms: str = ""
    nom_utilise: str = ""
    prenom_utilise: str = ""
    matricule_ins: str = ""
    oid: str = ""
    statut: StatutIdentite | None = None
    ipp: str = "1"
    contact: Contact = field(default_factory=Contact)


@dataclass(frozen=True, slots=True)
class SaisieDocument:
    """Everything but the content."""

    patient: SaisiePatient
    auteur: Professionnel
    structure: Structure
    titre: str = ""
    racine_oid: str = ""
    id: str = ""
    set_id: str = ""
    version: int = 1
    remplace_id: str | None = None
    date_creation: datetime | None = None
    date_acte: datetime | None = None
    date_fin: datetime | None = None
    destinataires: tuple[Destinataire, ...] = ()
    intervenants: tuple[Intervenant, ...] = ()
    actes: tuple[ActeDocumente, ...] = ()
    cadre: str = ""
    episode_id: str = ""
    numero_demande: str = ""
    mention_rgpd: str = ""


def depuis_saisie(type_cle: str, donnees: Mapping[str, Any], *, maintenant: datetime,
                  version_logiciel: str = "") -> DocumentClinique:
    """Build a document from its JSON.

    Args:
        type_cle: kind of document (`types.type_document`).
        donnees: what `gabarit` shows.
        maintenant: creation time when none is given, aware.

    Raises:
        KeyError: no such kind.
        ValeurInvalide: a field is unknown, missing or of the wrong type.
    """
    modele = type_document(type_cle)
    reste = dict(donnees)
    annonce = reste.pop("type", type_cle)
    if annonce != type_cle:
        raise ValeurInvalide("type", f"« {annonce} » n’est pas le type demandé, « {type_cle} ».")
    corps_brut, texte = reste.pop("corps", None), reste.pop("texte", None)
    contenu_brut = reste.pop("donnees", None)
    fautes: list[str] = []
    saisie: SaisieDocument | None = None
    corps: tuple[Bloc, ...] = ()
    contenu: ContenuStructure | None = None
    try:
        saisie = depuis_json(SaisieDocument, reste)
    except ValeurInvalide as refus:
        fautes += refus.phrases
    try:
        contenu = _contenu(modele, contenu_brut)
        if contenu is None:
            corps = lire_corps(corps_brut, texte)
    except ValeurInvalide as refus:
        fautes += refus.phrases
    if fautes or saisie is None:
        raise ValeurInvalide("", "", *fautes)
    return _composer(modele, saisie, corps, contenu, maintenant, version_logiciel)


def _composer(modele: TypeDocument, saisie: SaisieDocument, corps: tuple[Bloc, ...],
              contenu: ContenuStructure | None, maintenant: datetime,
              version_logiciel: str) -> DocumentClinique:
    racine = saisie.racine_oid
    if not est_oid(racine):
        raise ValeurInvalide("racine_oid", "l’OID de l’installation manque.")
    creation = saisie.date_creation or maintenant
    try:
        return DocumentClinique(
            id=saisie.id or nouvel_oid(racine, CategorieOid.DOCUMENT),
            set_id=saisie.set_id or nouvel_oid(racine, CategorieOid.ENSEMBLE),
            version=saisie.version, remplace_id=saisie.remplace_id or None,
            type_code=modele.type_code, code_system=modele.code_system,
            type_libelle=modele.libelle, titre=saisie.titre or modele.titre,
            date_creation=creation, date_acte=saisie.date_acte or creation,
            date_fin=saisie.date_fin,
            patient=patient_document(_identite(saisie.patient), saisie.patient.ipp,
                                     racine_patients(racine), saisie.patient.contact),
            auteur=saisie.auteur, structure=saisie.structure,
            destinataires=saisie.destinataires, intervenants=saisie.intervenants,
            actes=saisie.actes, corps=corps, donnees=contenu, type_cle=modele.cle,
            cadre=saisie.cadre or ("DEPISTAGE" if isinstance(contenu, Trod) else "AMBULATOIRE"),
            episode_id=saisie.episode_id, numero_demande=saisie.numero_demande,
            mention_rgpd=saisie.mention_rgpd, version_logiciel=version_logiciel)
    except ValueError as erreur:
        raise ValeurInvalide("", _EN_FRANCAIS.get(str(erreur), str(erreur))) from None


_EN_FRANCAIS = {
    "titre: 1 to 128 characters": "titre : 128 caractères au plus.",
    "a version above 1 replaces one, and only it":
        "remplace_id : une version supérieure à 1 remplace un document, et elle seule."}


def _identite(saisie: SaisiePatient) -> Identite:
    if saisie.matricule_ins and saisie.statut is None:
        raise ValeurInvalide("patient.statut", "le statut de l’identité manque : sans lui, on ne "
                             "sait pas si le matricule peut être transmis.")
    traits = Traits(saisie.nom_naissance, saisie.premier_prenom, saisie.date_naissance,
                    saisie.sexe, saisie.lieu_naissance, saisie.prenoms, saisie.nom_utilise,
                    saisie.prenom_utilise)
    return Identite(traits, saisie.statut or StatutIdentite.PROVISOIRE, saisie.matricule_ins,
                    saisie.oid)


def _contenu(modele: TypeDocument, brut: Any) -> ContenuStructure | None:
    classe = CONTENUS.get(modele.modele)
    if classe is None:
        if brut is not None:
            raise ValeurInvalide("donnees", "ce type de document n’a pas de contenu structuré.")
        return None
    if brut is None:
        raise ValeurInvalide("donnees", "le contenu structuré du document manque.")
    return depuis_json(classe, brut, "donnees")
