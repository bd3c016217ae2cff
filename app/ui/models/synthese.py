"""What waits to be done for a patient, and what of the file shows on the summary. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.dica import Dica, EtatLigne, RemedeDica
from app.domain.dmp import BandeauMes
from app.domain.document import EtatLigne as EtatDocument
from app.domain.document import LigneDocument
from app.domain.identity import Identite, StatutIdentite
from app.domain.patient import Contact
from app.domain.statuts import BLOQUANTS

#: Rows of a card, at most.
MAXIMUM = 5


@dataclass(frozen=True, slots=True)
class Tache:
    """One thing to do. `geste` tells the page what its link does, with `cle` when it needs one."""

    icone: str
    role: str
    texte: str
    lien: str
    geste: str
    cle: str = ""


def a_faire(identite: Identite, dica: Dica, mes: BandeauMes, documents: Sequence[LigneDocument],
            contact: Contact) -> list[Tache]:
    """Things to do, the most useful first; at most MAXIMUM."""
    taches: list[Tache] = []
    for ligne in documents:
        if ligne.etat is EtatDocument.REFUSE:
            taches.append(Tache("alert-octagon", "erreur", f"Envoi refusé : {_nom(ligne)}",
                                "Voir", "envois", ligne.cle))
    if identite.attributs & BLOQUANTS:
        taches.append(Tache("user-question", "erreur", "Identité à vérifier", "Ouvrir",
                            "identite"))
    elif identite.statut is not StatutIdentite.QUALIFIEE:
        taches.append(Tache("alert-triangle", "alerte", _manque_identite(identite.statut),
                            "Qualifier", "qualifier"))
    c = next((x for x in dica.lignes if x.lettre == "C"), None)
    if c is not None and c.etat is EtatLigne.A_FAIRE and RemedeDica.PATIENT_CONSENT in c.remedes:
        taches.append(Tache("clipboard-check", "texte2", "Consentement au DMP à noter", "Noter",
                            "dica"))
    if mes.total:
        mot = "nouveaux documents" if mes.total > 1 else "nouveau document"
        taches.append(Tache("cloud-down", "accent", f"{mes.total} {mot} du DMP à lire",
                            "Ouvrir", "plus_recent",
                            mes.plus_recent))
    for ligne in documents:
        if ligne.etat is EtatDocument.BROUILLON:
            taches.append(Tache("file-pencil", "texte2", f"Brouillon : {_nom(ligne)}",
                                "Reprendre", "ouvrir", ligne.cle))
    if not contact.telephone and not contact.adresse:
        taches.append(Tache("phone", "texte2", "Coordonnées à compléter", "Compléter",
                            "contact"))
    return taches[:MAXIMUM]


def _nom(ligne: LigneDocument) -> str:
    return ligne.titre or ligne.type_libelle


def _manque_identite(statut: StatutIdentite) -> str:
    match statut:
        case StatutIdentite.RECUPEREE:
            return "Document d’identité à contrôler"
        case StatutIdentite.VALIDEE:
            return "Appel INSi à faire"
        case _:
            return "Identité à qualifier"


def nom_court(type_libelle: str, titre: str) -> str:
    """« Type : titre » of a document, without saying twice what the title says already."""
    if not titre or titre.casefold() == type_libelle.casefold():
        return type_libelle
    memes = titre.split()[0].casefold() == type_libelle.split()[0].casefold() \
        if titre.split() and type_libelle.split() else False
    if memes and len(titre) > len(type_libelle):
        return titre
    return f"{type_libelle}\u00a0: {titre}"
