"""The head of a document as HTML: who, by whom, when, with unambiguous labels."""

from collections.abc import Iterable

from app.documents.hl7 import heure
from app.documents.html_narratif import echapper
from app.documents.lu import AuteurLu, DestinataireLu, DocumentLu, PatientLu
from app.domain import dates, matricule
from app.domain.libelles import SEXES, TRAITS

Ligne = tuple[str, str | None]


def entete(document: DocumentLu) -> str:
    """Title, patient, author, dates and recipients of a document."""
    titre = echapper(document.titre or "Document sans titre")
    gauche = _bloc("Patient", _patient(document.patient))
    droite = _bloc("Document", _document(document))
    # Qt enlarges an h1 whatever its style sheet says.
    return (f'<p class="grand">{titre}</p>'
            f'<table class="carte" width="99%" cellspacing="0" cellpadding="8"><tr>'
            f'<td width="50%" valign="top">{gauche}</td>'
            f'<td width="50%" valign="top">{droite}</td></tr></table>')


def avertissements(document: DocumentLu) -> str:
    """What the reader must know, above the content."""
    if not document.avertissements:
        return ""
    items = "".join(f"<p><b>Attention\u00a0:</b> {echapper(a)}</p>"
                    for a in document.avertissements[:20])
    return ('<table class="alerte" width="99%" cellspacing="0" cellpadding="6">'
            f"<tr><td>{items}</td></tr></table>")


def _patient(patient: PatientLu) -> list[Ligne]:
    nature = matricule.nature(patient.oid or "")
    ins = matricule.formater(patient.matricule_ins or "")
    lieu = " ".join(filter(None, (patient.lieu_naissance, patient.naissance_ville)))
    return [
        (TRAITS["nom_naissance"], patient.nom_naissance),
        (TRAITS["premier_prenom"], patient.premier_prenom),
        (TRAITS["prenoms"], patient.prenoms),
        (TRAITS["nom_utilise"], patient.nom_utilise),
        (TRAITS["prenom_utilise"], patient.prenom_utilise),
        (TRAITS["date_naissance"], dates.formater(patient.date_naissance or "")),
        (TRAITS["sexe"], SEXES.get(patient.sexe or "", patient.sexe)),
        (TRAITS["lieu_naissance"], lieu),
        (TRAITS["matricule_ins"], f"{ins} ({nature})" if ins and nature else ins),
    ]


def _document(document: DocumentLu) -> list[Ligne]:
    creation = dates.formater(document.date_creation or "")
    a = heure(document.horodatage)
    lignes: list[Ligne] = [
        ("Type", document.type_libelle or document.type_code),
        ("Date de l’acte", dates.formater(document.date_acte or "")),
        ("Créé le", f"{creation} à {a}" if creation and a else creation),
        ("Version", str(document.version) if document.version else None),
    ]
    lignes += [("Auteur" if rang == 0 else "Autre auteur", personne(auteur))
               for rang, auteur in enumerate(document.auteurs[:10])]
    if document.responsable and personne(document.responsable) != personne(document.auteur):
        lignes.append(("Responsable", personne(document.responsable)))
    lignes += [("Destinataire", _destinataire(d)) for d in document.destinataires[:20]]
    lignes.append(("Conservé par", document.conservateur))
    return lignes


def personne(auteur: AuteurLu) -> str:
    """Name, profession, structure of an author, on one line."""
    nom = " ".join(filter(None, (auteur.prenom, auteur.nom)))
    return ", ".join(filter(None, (nom, auteur.profession, auteur.structure)))


def _destinataire(destinataire: DestinataireLu) -> str:
    nom = " ".join(filter(None, (destinataire.prenom, destinataire.nom)))
    return ", ".join(filter(None, (nom, destinataire.structure)))


def _bloc(titre: str, lignes: Iterable[Ligne]) -> str:
    corps = "".join(f'<p class="ligne"><span class="label">{echapper(libelle)}\u00a0:</span> '
                    f"{echapper(valeur)}</p>" for libelle, valeur in lignes if valeur)
    return f'<p class="titre">{echapper(titre)}</p>{corps}'
