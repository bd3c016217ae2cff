"""First start, unlocking, recovery key."""

from dataclasses import dataclass
from pathlib import Path

from app.domain.people import Professionnel, Structure
from app.store import vault
from app.store.engine import Store, ouvrir
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.settings import Reglages, charger, construire_services, controler

#: Shortest password accepted at first start (IAM.92 comes with the accounts).
LONGUEUR_MIN = 12


@dataclass(frozen=True, slots=True)
class DemandeCabinet:
    """What the first start asks."""

    structure: Structure
    professionnel: Professionnel
    mot_de_passe: str
    profils: tuple[str, ...] = ("IDE",)
    module_mss: str = "integree"


@dataclass(frozen=True, slots=True)
class CabinetCree:
    """A practice just created. The recovery key is shown once and kept nowhere."""

    contexte: Contexte
    cle_secours: str


def est_url(emplacement: Path | str) -> bool:
    """True when the file is a PostgreSQL database."""
    return isinstance(emplacement, str) and emplacement.startswith("postgresql")


def fichier_existe(emplacement: Path | str) -> bool:
    """True when a practice was created there."""
    return vault.chemin_coffre(emplacement).exists()


def juger_mot_de_passe(texte: str) -> list[str]:
    """Faults of a password, in French; empty = good (IAM.92, first part)."""
    fautes = []
    if len(texte) < LONGUEUR_MIN:
        fautes.append(f"{LONGUEUR_MIN} caractères au moins")
    if not any(c.islower() for c in texte):
        fautes.append("une minuscule")
    if not any(c.isupper() for c in texte):
        fautes.append("une majuscule")
    if not any(c.isdigit() for c in texte):
        fautes.append("un chiffre")
    if not any(not c.isalnum() for c in texte):
        fautes.append("un signe (ponctuation ou espace)")
    return fautes


def creer_cabinet(emplacement: Path | str, demande: DemandeCabinet) -> CabinetCree:
    """Create the key, the encrypted file, the practice and its first professional.

    :raises Refus: a practice exists there, or the password is weak.
    """
    if fichier_existe(emplacement):
        raise Refus("Un cabinet existe déjà à cet endroit. Rien n’a été modifié.")
    fautes = juger_mot_de_passe(demande.mot_de_passe)
    if fautes:
        raise Refus(f"Mot de passe trop simple. Il manque : {', '.join(fautes)}.")
    if not (demande.structure.raison_sociale.strip() and demande.professionnel.nom.strip()):
        raise Refus("Le nom du cabinet et celui du professionnel sont nécessaires.")
    reglages = Reglages(structure=demande.structure, professionnel=demande.professionnel,
                        profils=demande.profils, module_mss=demande.module_mss)
    controler(reglages)
    coffre = vault.creer_coffre(emplacement, demande.mot_de_passe,
                                demande.professionnel.identifiant)
    store = ouvrir(emplacement, coffre.cle)
    with store.ecriture() as u:
        u.comptes.enregistrer_structure(demande.structure)
        compte_id = u.comptes.ajouter_professionnel(demande.professionnel)
        u.reglages.ecrire("profils", list(demande.profils))
        u.reglages.ecrire("module_mss", demande.module_mss)
        u.trail.ecrire(qui=demande.professionnel.identifiant, quoi="cabinet.creation",
                       resultat="ok")
    return CabinetCree(_contexte(store, compte_id), coffre.cle_secours)


def _contexte(store: Store, compte_id: int) -> Contexte:
    reglages = charger(store, compte_id)
    return Contexte(store=store, compte_id=compte_id, professionnel=reglages.professionnel,
                    structure=reglages.structure, services=construire_services(reglages))


def _ouvrir(emplacement: Path | str, cle: bytes, moyen: str) -> Contexte:
    store = ouvrir(emplacement, cle, creer=False)
    try:
        with store.ecriture() as u:
            comptes = u.comptes.professionnels()
            if not comptes:
                raise Refus("Ce dossier ne contient aucun compte. Restaurez une sauvegarde.")
            compte_id, professionnel = comptes[0]
            u.outbox.reprendre_bails_expires()
            u.trail.ecrire(qui=professionnel.identifiant, quoi="dossier.deverrouillage",
                           resultat="ok", detail=moyen)
        return _contexte(store, compte_id)
    except BaseException:
        store.fermer()
        raise


def deverrouiller(emplacement: Path | str, mot_de_passe: str) -> Contexte:
    """Open the file with the password.

    :raises MotDePasseRefuse, CoffreAbime, ErreurStore: each with a French message.
    """
    return _ouvrir(emplacement, vault.ouvrir_coffre(emplacement, mot_de_passe), "mot de passe")


def deverrouiller_par_secours(emplacement: Path | str, cle_secours: str) -> Contexte:
    """Open the file with the printed recovery key."""
    return _ouvrir(emplacement, vault.ouvrir_par_secours(emplacement, cle_secours),
                   "clé de secours")


def pdf_cle_secours(cle_secours: str, structure: Structure) -> bytes:
    """One printable page with the recovery key. Never stored by the program."""
    from app.documents.cle_secours import rendre_cle_secours

    return rendre_cle_secours(cle_secours, structure.raison_sociale)
