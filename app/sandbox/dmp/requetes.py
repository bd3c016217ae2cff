"""TD3.1: the stored queries of the registry, with their quoting (`spec/dmp.md` §7)."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.sandbox.dmp import droits, ebxml
from app.sandbox.dmp.ebxml import ErreurXds
from app.sandbox.dmp.modele import DELAI_VISIBILITE, Association, Dossier, Fiche, Statut
from app.sandbox.dmp.vihf import Vihf
from app.sandbox.lecture_xml import Element, enfant, enfants, texte

FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SUBMISSION_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
GET_SUBMISSION_SET_AND_CONTENTS = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"
FIND_BY_REFERENCE_ID = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
NOMS = {FIND_DOCUMENTS: "FindDocuments", FIND_SUBMISSION_SETS: "FindSubmissionSets",
        GET_ASSOCIATIONS: "GetAssociations", GET_DOCUMENTS: "GetDocuments",
        GET_DOCUMENTS_AND_ASSOCIATIONS: "GetDocumentsAndAssociations",
        GET_SUBMISSION_SET_AND_CONTENTS: "GetSubmissionSetAndContents",
        FIND_BY_REFERENCE_ID: "FindDocumentsByReferenceId"}

_UNE = re.compile(r"'((?:[^']|'')*)'")
_LISTE = re.compile(r"\(\s*'(?:[^']|'')*'\s*(?:,\s*'(?:[^']|'')*'\s*)*\)")
_DATE = re.compile(r"\d{4}(?:\d{2}){0,5}")


class Requete:
    """An AdhocQueryRequest, its parameters read with the quoting of the standard."""

    def __init__(self, corps: Element) -> None:
        option, requete = enfant(corps, "ResponseOption"), enfant(corps, "AdhocQuery")
        if option is None or requete is None:
            raise ErreurXds("XDSRegistryError", "ResponseOption ou AdhocQuery absent")
        self.id = requete.get("id", "")
        self.retour = option.get("returnType", "")
        if self.id not in NOMS:
            raise ErreurXds("XDSUnknownStoredQuery", self.id)
        if self.retour not in ("LeafClass", "ObjectRef"):
            raise ErreurXds("XDSRegistryError", f"returnType {self.retour}")
        if self.retour == "LeafClass" and option.get("returnComposedObjects") != "true":
            raise ErreurXds("XDSRegistryError", "returnComposedObjects doit valoir true")
        self._slots: dict[str, list[str]] = {}
        for s in enfants(requete, "Slot"):
            self._slots.setdefault(s.get("name", ""), []).extend(
                texte(v) for v in enfants(enfant(s, "ValueList"), "Value"))

    def noms(self) -> set[str]:
        """Names of the parameters given."""
        return set(self._slots)

    def une(self, nom: str) -> str:
        """A single value: quoted, without parenthesis; empty when absent."""
        valeurs = self._slots.get(nom, [])
        if not valeurs:
            return ""
        lue = _UNE.fullmatch(valeurs[0])
        if lue is None or len(valeurs) > 1:
            raise ErreurXds("XDSStoredQueryParamNumber", f"{nom} : une valeur entre apostrophes")
        return lue.group(1).replace("''", "'")

    def liste(self, nom: str) -> list[str]:
        """A list: `('a','b')`, in one or several Values; empty when absent."""
        sortie: list[str] = []
        for valeur in self._slots.get(nom, []):
            if not _LISTE.fullmatch(valeur):
                raise ErreurXds("XDSStoredQueryParamNumber", f"{nom} : liste ('a','b') attendue")
            sortie += [v.replace("''", "'") for v in _UNE.findall(valeur)]
        return sortie

    def date(self, nom: str) -> str:
        """A bare UTC date, completed on the right with zeros; empty when absent."""
        valeurs = self._slots.get(nom, [])
        if not valeurs:
            return ""
        if not _DATE.fullmatch(valeurs[0]) or len(valeurs) > 1:
            raise ErreurXds("XDSStoredQueryParamNumber", f"{nom} : date en chiffres attendue")
        return valeurs[0].ljust(14, "0")


def executer(requete: Requete, dossier: Dossier, vihf: Vihf, instant: datetime) -> list[str]:
    """Answer a query with serialised registry objects.

    Raises
    ------
    ErreurXds
        Wrong patient, wrong quoting, missing parameter.
    """
    _vieillir(dossier, instant)
    voir = _lecteur(dossier, vihf)
    objet: Callable[[Fiche], str] = (
        ebxml.fiche if requete.retour == "LeafClass" else lambda f: ebxml.reference(f.entry_uuid))
    if requete.id in (FIND_DOCUMENTS, FIND_BY_REFERENCE_ID):
        return [objet(f) for f in _chercher(requete, dossier) if voir(f)]
    if requete.id == FIND_SUBMISSION_SETS:
        return _soumissions(requete, dossier)
    if requete.id == GET_ASSOCIATIONS:
        uuids = set(requete.liste("$uuid"))
        if not uuids:
            raise ErreurXds("XDSStoredQueryMissingParam", "$uuid")
        return [ebxml.association(a) for a in dossier.associations
                if a.source in uuids or a.cible in uuids]
    if requete.id == GET_SUBMISSION_SET_AND_CONTENTS:
        return _lot(requete, dossier, voir)
    fiches = [f for f in _designees(requete, dossier) if voir(f)]
    objets = [objet(f) for f in fiches]
    if requete.id == GET_DOCUMENTS_AND_ASSOCIATIONS:
        uuids = {f.entry_uuid for f in fiches}
        objets += [ebxml.association(a) for a in dossier.associations
                   if a.source in uuids or a.cible in uuids]
    return objets


def _lecteur(dossier: Dossier, vihf: Vihf) -> Callable[[Fiche], bool]:
    """Which entries a professional sees: masking, then the (fictitious) matrix."""
    def voit(f: Fiche) -> bool:
        if f.statut is Statut.DELETED:
            return False
        return lisible(dossier, f, vihf)
    return voit


def lisible(dossier: Dossier, fiche: Fiche, vihf: Vihf) -> bool:
    """True when the professional may read this document (`spec/dmp.md` §5)."""
    auteur = vihf.professionnel in fiche.auteur_ids()
    if fiche.visible("MASQUE_PS"):
        droit = droits.droit("TD3.2", "documents masqués", vihf.acces, vihf.profession)
        if not (auteur or droit == "oui"
                or (droit == "oui_si_autorise_patient" and dossier.masques_en_urgence)):
            return False
    return auteur or droits.habilite(vihf.profession, fiche.type.code, "lecture")


def _vieillir(dossier: Dossier, instant: datetime) -> None:
    """Three months after the deposit, the patient sees everything: a new metadata version."""
    for rang, fiche in enumerate(dossier.fiches):
        if (fiche.visible("INVISIBLE_PATIENT") and not fiche.signature
                and instant - fiche.depot > DELAI_VISIBILITE):
            neuve = replace(
                fiche, entry_uuid=f"urn:uuid:{uuid.uuid4()}", version=fiche.version + 1,
                confidentialites=[c for c in fiche.confidentialites
                                  if c.code != "INVISIBLE_PATIENT"])
            dossier.fiches[rang] = neuve
            dossier.associations.extend(
                Association(f"urn:uuid:{uuid.uuid4()}", a.type, a.source, neuve.entry_uuid,
                            a.statut)
                for a in list(dossier.associations) if a.cible == fiche.entry_uuid)


def _patient(requete: Requete, nom: str, dossier: Dossier) -> None:
    demande = requete.une(nom)
    # patientId is optional: the VIHF's patient is used (RG_3010).
    if demande and demande != dossier.cx:
        raise ErreurXds("XDSPatientIdDoesNotMatch", demande)


def _chercher(requete: Requete, dossier: Dossier) -> list[Fiche]:
    _patient(requete, "$XDSDocumentEntryPatientId", dossier)
    statuts = set(requete.liste("$XDSDocumentEntryStatus"))
    if not statuts:
        raise ErreurXds("XDSStoredQueryMissingParam", "$XDSDocumentEntryStatus")
    if requete.id == FIND_BY_REFERENCE_ID:
        return []
    p = "$XDSDocumentEntry"
    codes: list[tuple[str, Callable[[Fiche], list[str]]]] = [
        ("TypeCode", lambda f: [f"{f.type.code}^^{f.type.scheme}"]),
        ("ClassCode", lambda f: [f"{f.classe.code}^^{f.classe.scheme}"]),
        ("PracticeSettingCode", lambda f: [f"{f.cadre.code}^^{f.cadre.scheme}"]),
        ("HealthcareFacilityTypeCode",
         lambda f: [f"{f.etablissement.code}^^{f.etablissement.scheme}"]),
        ("EventCodeList", lambda f: [f"{c.code}^^{c.scheme}" for c in f.evenements]),
        ("ConfidentialityCode", lambda f: [f"{c.code}^^{c.scheme}" for c in f.confidentialites]),
        ("FormatCode", lambda f: [f"{f.format.code}^^{f.format.scheme}"])]
    dates: list[tuple[str, Callable[[Fiche], str]]] = [
        ("CreationTime", lambda f: f.creation), ("ServiceStartTime", lambda f: f.debut),
        ("ServiceStopTime", lambda f: f.fin)]
    connus = {p + n for n, _ in codes} | {p + n + b for n, _ in dates for b in ("From", "To")} | {
        p + "PatientId", p + "Status", p + "AuthorPerson", p + "Type"}
    inconnus = requete.noms() - connus
    if inconnus:
        raise ErreurXds("XDSStoredQueryParamNumber", f"Paramètre inconnu : {min(inconnus)}")
    # Signature documents are not listed; they are reached through their submission.
    fiches = [f for f in dossier.fiches if f.statut.value in statuts and not f.signature]
    for nom, valeurs in codes:
        demandes = set(requete.liste(p + nom))
        if demandes:
            fiches = [f for f in fiches if demandes & set(valeurs(f))]
    for nom, valeur in dates:
        debut, fin = requete.date(f"{p}{nom}From"), requete.date(f"{p}{nom}To")
        if debut or fin:
            fiches = [f for f in fiches if valeur(f) and debut <= valeur(f)
                      and (not fin or valeur(f) < fin)]
    personnes = requete.liste(p + "AuthorPerson")
    if personnes:
        motifs = [re.compile(re.escape(m).replace("%", ".*").replace("_", "."))
                  for m in personnes]
        fiches = [f for f in fiches if any(m.fullmatch(x) for m in motifs
                                           for a in f.auteurs for x in a.personnes)]
    return fiches


def _soumissions(requete: Requete, dossier: Dossier) -> list[str]:
    _patient(requete, "$XDSSubmissionSetPatientId", dossier)
    if not requete.liste("$XDSSubmissionSetStatus"):
        raise ErreurXds("XDSStoredQueryMissingParam", "$XDSSubmissionSetStatus")
    debut = requete.date("$XDSSubmissionSetSubmissionTimeFrom")
    fin = requete.date("$XDSSubmissionSetSubmissionTimeTo")
    lots = [s for s in dossier.soumissions
            if s.heure >= debut and (not fin or s.heure < fin)]
    if requete.retour == "ObjectRef":
        return [ebxml.reference(s.entry_uuid) for s in lots]
    return [ebxml.soumission(s) for s in lots]


def _lot(requete: Requete, dossier: Dossier, voir: Callable[[Fiche], bool]) -> list[str]:
    cle = requete.une("$XDSSubmissionSetEntryUUID") or requete.une("$XDSSubmissionSetUniqueId")
    lot = next((s for s in dossier.soumissions if cle and cle in (s.entry_uuid, s.unique_id)),
               None)
    if lot is None:
        return []
    liens = [a for a in dossier.associations if a.source == lot.entry_uuid]
    fiches = [f for f in dossier.fiches if f.entry_uuid in {a.cible for a in liens} and voir(f)]
    return [ebxml.soumission(lot), *map(ebxml.fiche, fiches), *map(ebxml.association, liens)]


def _designees(requete: Requete, dossier: Dossier) -> list[Fiche]:
    uuids = set(requete.liste("$XDSDocumentEntryEntryUUID"))
    uniques = set(requete.liste("$XDSDocumentEntryUniqueId"))
    if bool(uuids) == bool(uniques):
        raise ErreurXds("XDSStoredQueryParamNumber",
                        "EntryUUID ou UniqueId, l’un et pas l’autre")
    return [f for f in dossier.fiches if f.entry_uuid in uuids or f.unique_id in uniques]
