"""The header of a CDA R2 document: « structuration minimale » of the CI-SIS (`spec/cda.md` §1).

Elements stand in the order that the XSD imposes; the numbers in comments are those of the table of
`spec/cda.md` §1.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.documents.cda_xml import (
    RACINE_PS,
    RACINE_STRUCTURE,
    Element,
    adresse,
    code,
    el,
    horodatage,
    jour,
    racine,
    telecoms,
)
from app.documents.model import (
    Destinataire,
    DocumentClinique,
    Intervenant,
    Operateur,
    PatientDocument,
    RoleIntervenant,
)
from app.documents.types import Code, code_type, jeu, profession
from app.domain.dates import est_calendaire
from app.domain.people import Professionnel, Structure

#: Domain of the e-prescription numbers (`spec/cda.md` §6).
RACINE_EPU = "1.2.250.1.215.500.1.1"
_SEXE = {"M": "M", "F": "F"}
_CADRE_DOMICILE = frozenset({"SAD", "MAD", "HAD"})
#: participant/@typeCode and functionCode of a role.
_ROLES = {RoleIntervenant.PRESCRIPTEUR: ("REF", ""),
          RoleIntervenant.MEDECIN_TRAITANT: ("INF", "PCP"),
          RoleIntervenant.PRELEVEUR: ("PRF", "PRELV"),
          RoleIntervenant.CORRESPONDANT: ("CON", "CORRE")}


def entete(doc: DocumentClinique, templates: Sequence[tuple[str, str]], *,
           pharm: bool = False, obligatoire: bool = False) -> Element:
    """Build the header, up to the body.

    Args:
        templates: (root, extension) of every templateId, in order.
        pharm: declare the namespace of the prescription models.
        obligatoire: write null addresses and telecoms where the model demands the element.
    """
    arbre = racine(pharm=pharm)
    el(arbre, "realmCode", code="FR")
    el(arbre, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for oid, version in templates:
        el(arbre, "templateId", root=oid, extension=version or None)
    el(arbre, "id", root=doc.id)
    type_doc = code_type(doc.type_code) or Code(doc.type_code, doc.type_libelle, doc.code_system)
    code(arbre, type_doc)
    el(arbre, "title", doc.titre)
    el(arbre, "effectiveTime", value=horodatage(doc.date_creation))
    code(arbre, Code("N", "Normal", "2.16.840.1.113883.5.25"), "confidentialityCode")
    el(arbre, "languageCode", code="fr-FR")
    el(arbre, "setId", root=doc.set_id)
    el(arbre, "versionNumber", value=str(doc.version))
    _patient(arbre, doc.patient, obligatoire)
    _auteur(arbre, doc)
    if doc.saisi_par is not None:
        _operateur(arbre, doc.saisi_par, doc.structure)
    custodian = el(el(arbre, "custodian"), "assignedCustodian")
    _structure(el(custodian, "representedCustodianOrganization"), doc.structure)
    for destinataire in doc.destinataires:
        _destinataire(arbre, destinataire)
    signataire = el(arbre, "legalAuthenticator")
    el(signataire, "time", value=horodatage(doc.date_creation))
    el(signataire, "signatureCode", code="S")
    entite(signataire, doc.auteur, doc.structure, "")
    for intervenant in doc.intervenants:
        _intervenant(arbre, intervenant)
    if doc.numero_demande:
        ordre = el(el(arbre, "inFulfillmentOf"), "order")
        el(ordre, "id", root=RACINE_EPU, extension=doc.numero_demande)
    return arbre


def fin_entete(arbre: Element, doc: DocumentClinique, actes: Sequence[Code] = (), *,
               fin_inconnue: bool = False, id_acte: tuple[str, str] | None = None) -> None:
    """Append the acts (22), the replaced document (23); authorizations (24) and the encounter
    (25, `rencontre`) follow.

    Args:
        actes: codes of the acts; default: those of the document, else its type code.
        fin_inconnue: write `high` with nullFlavor UNK when there is no end date.
        id_acte: (root, extension) of the principal act.
    """
    codes = list(actes) or [Code(a.code, a.libelle, a.code_system, a.code_system_nom)
                            for a in doc.actes]
    type_doc = code_type(doc.type_code) or Code(doc.type_code, doc.type_libelle, doc.code_system)
    for n, acte in enumerate(codes or [type_doc]):
        evenement = el(el(arbre, "documentationOf"), "serviceEvent", classCode="ACT")
        if id_acte and n == 0:
            el(evenement, "id", root=id_acte[0], extension=id_acte[1])
        code(evenement, acte)
        periode = el(evenement, "effectiveTime")
        el(periode, "low", value=horodatage(doc.date_acte))
        if doc.date_fin is not None:
            el(periode, "high", value=horodatage(doc.date_fin))
        elif fin_inconnue:
            el(periode, "high", nullFlavor="UNK")
        entite(el(evenement, "performer", typeCode="PRF"), doc.auteur, doc.structure, doc.cadre)


def remplacement(arbre: Element, doc: DocumentClinique) -> None:
    """relatedDocument RPLC of a version above 1."""
    if doc.remplace_id:
        parent = el(el(arbre, "relatedDocument", typeCode="RPLC"), "parentDocument")
        el(parent, "id", root=doc.remplace_id)


def rencontre(arbre: Element, doc: DocumentClinique) -> None:
    """componentOf: the encounter, where the care took place."""
    visite = el(el(arbre, "componentOf"), "encompassingEncounter")
    if doc.episode_id:
        el(visite, "id", root=doc.episode_id)
    code(visite, jeu("rencontre")["HH" if doc.cadre in _CADRE_DOMICILE else "AMB"])
    el(el(visite, "effectiveTime"), "low", value=horodatage(doc.date_acte))
    lieu = el(el(visite, "location"), "healthCareFacility")
    el(lieu, "id", root=RACINE_STRUCTURE, extension=doc.structure.identifiant)
    code(lieu, jeu("secteur")[doc.structure.secteur])
    place = el(lieu, "location")
    el(place, "name", doc.structure.raison_sociale)
    adresse(place, doc.structure.adresse, doc.structure.code_postal, doc.structure.commune)


# --- People -------------------------------------------------------------------------------------

def date_naissance_cda(iso: str) -> str:
    """AAAAMMJJ, or the part that the calendar knows: an unknown or lunar month leaves the year."""
    if est_calendaire(iso):
        return jour(iso)
    annee, _, reste = iso.partition("-")
    mois = reste[:2]
    return annee + mois if mois.isdigit() and 1 <= int(mois) <= 12 else annee


def _patient(arbre: Element, patient: PatientDocument, obligatoire: bool) -> None:
    role = el(el(arbre, "recordTarget"), "patientRole")
    if patient.matricule_ins:
        el(role, "id", root=patient.oid, extension=patient.matricule_ins)
    el(role, "id", root=patient.ipp_root, extension=patient.ipp)
    contact = patient.contact
    adresse(role, contact.adresse, contact.code_postal, contact.commune, usage="H",
            obligatoire=obligatoire)
    telecoms(role, contact.telephone, contact.courriel, obligatoire=obligatoire)
    personne = el(role, "patient", classCode="PSN")
    nom = el(personne, "name")
    el(nom, "family", patient.nom_naissance, qualifier="BR")
    el(nom, "given", patient.prenoms or patient.premier_prenom)
    el(nom, "given", patient.premier_prenom, qualifier="BR")
    if patient.nom_utilise:
        el(nom, "family", patient.nom_utilise, qualifier="CL")
    if patient.prenom_utilise:
        el(nom, "given", patient.prenom_utilise, qualifier="CL")
    code(personne, jeu("sexe")[_SEXE.get(patient.sexe, "UN")], "administrativeGenderCode")
    el(personne, "birthTime", value=date_naissance_cda(patient.date_naissance))
    if patient.lieu_naissance:
        place = el(el(personne, "birthplace"), "place")
        el(el(place, "addr"), "county", patient.lieu_naissance)


def _auteur(arbre: Element, doc: DocumentClinique, **attributs: str) -> None:
    auteur = el(arbre, "author", **attributs)
    el(auteur, "time", value=horodatage(doc.date_creation))
    qui = el(auteur, "assignedAuthor")
    _identite_ps(qui, doc.auteur, doc.structure)
    _structure(el(qui, "representedOrganization"), doc.structure)


def _operateur(arbre: Element, qui: Operateur, structure: Structure) -> None:
    """dataEnterer (14): who typed for the author; the author alone signs (18)."""
    saisie = el(arbre, "dataEnterer")
    el(saisie, "time", value=horodatage(qui.date))
    entite(saisie, replace(qui.personne, identifiant=identifiant_national(
        qui.personne.identifiant, structure)), structure, "")


def identifiant_national(identifiant: str, structure: Structure) -> str:
    """PS_IdNat of a person of a structure: as it is when national, else the structure's number
    and the private one (`3`FINESS/…, `4`SIREN/…, `5`SIRET/…, `6`RPPS of the practice/…;
    `spec/cda.md` §1.2)."""
    if re.fullmatch(r"8[0-9]{11}|0[0-9A-Z]{9}", identifiant):
        return identifiant
    genre = {"0": "1", "1": "3", "2": "4", "3": "5", "4": "6"}.get(structure.identifiant[:1], "3")
    return f"{genre}{structure.identifiant[1:]}/{identifiant}"


def auteur_entree(parent: Element, doc: DocumentClinique) -> None:
    """author of an entry: the author of the document, at its date."""
    _auteur(parent, doc, typeCode="AUT", contextControlCode="OP")


def entite(parent: Element, ps: Professionnel, structure: Structure, cadre: str) -> None:
    """assignedEntity of a professional; `cadre` (JDV_J04) is written when given."""
    qui = el(parent, "assignedEntity")
    _identite_ps(qui, ps, structure)
    maison = el(qui, "representedOrganization")
    _structure(maison, structure)
    if cadre:
        code(maison, jeu("cadre")[cadre], "standardIndustryClassCode")


def _identite_ps(qui: Element, ps: Professionnel, structure: Structure) -> None:
    el(qui, "id", root=RACINE_PS, extension=ps.identifiant)
    code(qui, profession(ps) if ps.profession else jeu("profession")["SECRETARIAT_MEDICAL"])
    adresse(qui, structure.adresse, structure.code_postal, structure.commune, usage="WP",
            obligatoire=True)
    telecoms(qui, structure.telephone, structure.courriel, usage="WP", obligatoire=True)
    _nom(el(qui, "assignedPerson"), ps.nom, ps.prenom, ps.civilite)


def _nom(personne: Element, nom: str, prenom: str, civilite: str) -> None:
    porteur = el(personne, "name")
    if civilite in ("M", "MME"):
        el(porteur, "prefix", civilite)
    if prenom:
        el(porteur, "given", prenom)
    el(porteur, "family", nom)


def _structure(maison: Element, structure: Structure) -> None:
    el(maison, "id", root=RACINE_STRUCTURE, extension=structure.identifiant)
    el(maison, "name", structure.raison_sociale)
    if maison.tag.endswith("CustodianOrganization"):
        # The custodian holds at most one telecom.
        numero = structure.telephone
        telecoms(maison, numero, "" if numero else structure.courriel, usage="WP")
    else:
        telecoms(maison, structure.telephone, structure.courriel, usage="WP")
    adresse(maison, structure.adresse, structure.code_postal, structure.commune)


def _destinataire(arbre: Element, qui: Destinataire) -> None:
    prevu = el(el(arbre, "informationRecipient", typeCode="PRCP"), "intendedRecipient")
    if qui.identifiant:
        el(prevu, "id", root=RACINE_PS, extension=qui.identifiant)
    adresse(prevu, qui.adresse, qui.code_postal, qui.commune, usage="WP")
    telecoms(prevu, qui.telephone, qui.messagerie, usage="WP")
    if qui.nom:
        _nom(el(prevu, "informationRecipient"), qui.nom, qui.prenom, qui.civilite)
    if qui.structure:
        maison = el(prevu, "receivedOrganization")
        if qui.structure_identifiant:
            el(maison, "id", root=RACINE_STRUCTURE, extension=qui.structure_identifiant)
        el(maison, "name", qui.structure)


def _intervenant(arbre: Element, intervenant: Intervenant) -> None:
    type_code, fonction = _ROLES[intervenant.role]
    qui = intervenant.personne
    participant = el(arbre, "participant", typeCode=type_code)
    if fonction:
        code(participant, jeu("fonction")[fonction], "functionCode")
    if intervenant.date is None:
        el(participant, "time", nullFlavor="UNK", xsi_type="IVL_TS")
    else:
        el(el(participant, "time", xsi_type="IVL_TS"), "high", value=horodatage(intervenant.date))
    role = el(participant, "associatedEntity", classCode="PROV")
    if qui.identifiant:
        el(role, "id", root=RACINE_PS, extension=qui.identifiant)
    if intervenant.profession in jeu("profession"):
        code(role, jeu("profession")[intervenant.profession])
    adresse(role, qui.adresse, qui.code_postal, qui.commune, usage="WP", obligatoire=True)
    telecoms(role, qui.telephone, qui.messagerie, usage="WP", obligatoire=True)
    if qui.nom:
        _nom(el(role, "associatedPerson"), qui.nom, qui.prenom, qui.civilite)
    if qui.structure:
        maison = el(role, "scopingOrganization")
        if qui.structure_identifiant:
            el(maison, "id", root=RACINE_STRUCTURE, extension=qui.structure_identifiant)
        el(maison, "name", qui.structure)
