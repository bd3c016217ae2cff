"""Join the practice's server from a workstation: connect, check, keep the connection."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.store import coffre_serveur, places, serveur, vault
from app.store.connections import connexion_postgresql
from app.store.errors import traduire
from app.store.serveur import Serveur
from app.usecases.errors import Refus

#: Oldest PostgreSQL that still gets corrections.
VERSION_MIN = 13


@dataclass(frozen=True, slots=True)
class Rejoint:
    """The server answered and was proved. `cabinet`: a practice lives there already."""

    url: str
    cabinet: bool


def rejoindre(demande: Serveur, mot_de_passe: str) -> Rejoint:
    """Connect over verified TLS, check the base, keep the connection for this workstation.

    :raises Refus: a field is missing, an old server, a base that isn't UTF-8.
    :raises ErreurStore: not reached, not proved, refused; each says what to do. Nothing is kept.
    """
    if not (demande.hote.strip() and demande.base.strip() and demande.utilisateur.strip()
            and demande.ca.strip()):
        raise Refus("Indiquez l’adresse du serveur, la base, l’utilisateur et le certificat de "
                    "l’autorité.")
    if not 0 < demande.port < 65536:
        raise Refus("Le port du serveur va de 1 à 65535 (5432 d’ordinaire).")
    if not Path(demande.ca).is_file():
        raise Refus("Le fichier du certificat de l’autorité est introuvable.")
    url = demande.url(mot_de_passe)
    _controler(url)
    cabinet = coffre_serveur.rafraichir(url)
    gardee = serveur.enregistrer(demande, mot_de_passe)
    if cabinet:
        coffre_serveur.rafraichir(gardee)
    return Rejoint(gardee, cabinet)


def _controler(url: str) -> None:
    import psycopg

    try:
        with connexion_postgresql(url) as connexion:
            version = connexion.info.server_version // 10_000
            codage = connexion.execute("SHOW server_encoding").fetchone()
    except psycopg.Error as erreur:
        raise traduire(DBAPIError("", None, erreur)) from erreur
    if version < VERSION_MIN:
        raise Refus(f"Ce serveur est un PostgreSQL {version} : Pléiade demande la version "
                    f"{VERSION_MIN} au moins.")
    if codage is None or codage[0] != "UTF8":
        raise Refus("Cette base n’est pas en UTF-8. Créez-la avec « ENCODING 'UTF8' ».")


def actualiser_coffre(emplacement: Path | str) -> None:
    """Before a password is tried: another workstation may have changed the accounts.

    :raises ErreurStore: the server can't be reached.
    """
    if places.est_url(emplacement) and serveur.ouvrable(str(emplacement)):
        coffre_serveur.rafraichir(str(emplacement))


def apprendre(emplacement: Path | str, cle: bytes) -> bool:
    """The key of the practice opens the way to its base, where no key store of the machine does.

    :return: True when the accounts changed on another workstation since the copy that gave the key:
        what was typed must be tried again.
    :raises ErreurStore: the server can't be reached.
    """
    if not places.est_url(emplacement) or not serveur.desceller(str(emplacement), cle):
        return False
    copie = places.chemin_coffre(emplacement)
    avant = copie.read_bytes()
    coffre_serveur.rafraichir(str(emplacement))
    return copie.read_bytes() != avant


def refuser_si_occupe(emplacement: Path | str) -> None:
    """A new practice never takes the place of one that lives in the base.

    :raises Refus: one is there.
    """
    if places.est_url(emplacement) and (
            coffre_serveur.rafraichir(str(emplacement))
            or vault.chemin_coffre(emplacement).exists()):
        raise Refus("Un cabinet existe déjà dans cette base. Ouvrez-le avec votre mot de passe. "
                    "Rien n’a été modifié.", code="CABINET-PRESENT")
