"""What a document still lacks before it may be produced, told in French."""

from collections.abc import Iterator

from app.documents.model import DocumentClinique, RoleIntervenant
from app.documents.oids import est_oid
from app.documents.types import (
    TypeDocument,
    code_type,
    jeu,
    profession,
    sigle,
    type_document,
)
from app.domain.dates import est_forme_du_fil


class DocumentIncomplet(ValueError):
    """The document can't be produced; `manques` are complete French sentences."""

    def __init__(self, manques: list[str]) -> None:
        super().__init__("\n".join(manques))
        self.manques = tuple(manques)

    def __reduce__(self) -> tuple[type["DocumentIncomplet"], tuple[list[str]]]:
        """Cross a process as it is: rendering may run in the worker process."""
        return type(self), (list(self.manques),)


def manques(doc: DocumentClinique) -> list[str]:
    """French sentences on what is missing or wrong; empty when the document may be produced."""
    return [*_patient(doc), *_auteur(doc), *_document(doc), *_personnes(doc), *_type(doc)]


def _patient(doc: DocumentClinique) -> Iterator[str]:
    patient = doc.patient
    for nom, valeur in (("nom de naissance", patient.nom_naissance),
                        ("premier prénom de naissance", patient.premier_prenom)):
        if not valeur.strip():
            yield f"Il manque le {nom} du patient."
    if not est_forme_du_fil(patient.date_naissance):
        yield "La date de naissance du patient manque ou n’est pas de la forme AAAA-MM-JJ."
    if patient.sexe not in ("M", "F", "I"):
        yield "Le sexe du patient manque (M, F ou I)."
    if not patient.ipp or not est_oid(patient.ipp_root):
        yield "L’identifiant local du patient (IPP) ou son domaine (OID) manque."
    if patient.matricule_ins:
        if len(patient.lieu_naissance) != 5:
            yield ("Le lieu de naissance (code INSEE de 5 caractères) est obligatoire avec un "
                   "matricule INS.")
        if patient.sexe not in ("M", "F"):
            yield "Un matricule INS ne va qu’avec un sexe M ou F."
        for valeur in (patient.nom_naissance, patient.prenoms, patient.premier_prenom):
            if not valeur.isascii():
                yield (f"« {valeur} » : les traits d’une identité qualifiée sont en capitales, "
                       "sans accent.")


def _auteur(doc: DocumentClinique) -> Iterator[str]:
    auteur, structure = doc.auteur, doc.structure
    if not auteur.identifiant:
        yield "L’identifiant national (RPPS) de l’auteur manque."
    if not auteur.nom.strip():
        yield "Le nom de l’auteur manque."
    try:
        profession(auteur)
    except KeyError:
        yield f"La profession « {auteur.profession} » de l’auteur n’est pas connue."
    if not structure.identifiant:
        yield "L’identifiant de la structure manque (FINESS, SIRET ou RPPS-rang)."
    if not structure.raison_sociale.strip():
        yield "La raison sociale de la structure manque."
    if structure.secteur not in jeu("secteur"):
        yield f"Le secteur d’activité « {structure.secteur} » de la structure n’est pas connu."


def _document(doc: DocumentClinique) -> Iterator[str]:
    for nom, oid in (("du document", doc.id), ("de l’ensemble de versions", doc.set_id)):
        if not est_oid(oid):
            yield f"L’identifiant {nom} n’est pas un OID de 64 caractères au plus."
    if doc.id == doc.set_id:
        yield "L’identifiant du document doit différer de celui de l’ensemble de versions."
    if doc.remplace_id is not None and not est_oid(doc.remplace_id):
        yield "L’identifiant du document remplacé n’est pas un OID."
    if doc.cadre not in jeu("cadre"):
        yield f"Le cadre de soins « {doc.cadre} » n’est pas connu."
    if doc.date_fin is not None and doc.date_fin < doc.date_acte:
        yield "La fin de l’acte précède son début."
    code = code_type(doc.type_code)
    if code is None:
        yield f"Le type de document « {doc.type_code} » n’est pas dans la liste du CI-SIS."
    elif (code.systeme, code.libelle) != (doc.code_system, doc.type_libelle):
        yield f"Le libellé ou le système du type {doc.type_code} n’est pas celui du CI-SIS."
    if doc.donnees is None and not doc.corps:
        yield "Le document est vide."


def _personnes(doc: DocumentClinique) -> Iterator[str]:
    for n, destinataire in enumerate(doc.destinataires, 1):
        if not (destinataire.nom.strip() or destinataire.structure.strip()):
            yield f"Le destinataire n°\u00a0{n} n’a ni nom ni structure."
    for intervenant in doc.intervenants:
        if not (intervenant.personne.nom.strip() or intervenant.personne.structure.strip()):
            yield f"L’intervenant « {intervenant.role} » n’a ni nom ni structure."


def _type(doc: DocumentClinique) -> Iterator[str]:
    if not doc.type_cle:
        return
    try:
        modele: TypeDocument = type_document(doc.type_cle)
    except KeyError:
        yield f"Le type « {doc.type_cle} » n’existe pas."
        return
    if sigle(doc.auteur) not in modele.professions:
        yield (f"« {modele.titre} » n’est pas un document de la profession de l’auteur "
               f"({', '.join(modele.professions)}).")
    if "ins" in modele.options and not doc.patient.matricule_ins:
        yield f"« {modele.titre} » demande une identité qualifiée."
    if "titre" in modele.options and doc.titre != modele.titre:
        yield f"Le titre de ce document est fixé : « {modele.titre} »."
    if "preleveur" in modele.options:
        preleveur = doc.intervenant(RoleIntervenant.PRELEVEUR)
        if preleveur is None or preleveur.date is None or not preleveur.personne.identifiant:
            yield "Le préleveur manque, avec son RPPS et la date et l’heure du prélèvement."
        if not any(d.structure for d in doc.destinataires):
            yield "Le laboratoire destinataire manque."


