"""Join the practice's server from a workstation: connect, check, keep the connection."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app.domain.roles import Droit
from app.store import coffre_serveur, places, serveur, vault
from app.store.connections import connexion_postgresql
from app.store.errors import traduire
from app.store.serveur import Serveur
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

if TYPE_CHECKING:
    from app.usecases.context import Contexte

#: Oldest PostgreSQL that still gets corrections.
VERSION_MIN = 13


@dataclass(frozen=True, slots=True)
class Rejoint:
    """The server answered and was proved. `cabinet`: a practice lives there already."""

    url: str
    cabinet: bool


@dataclass(frozen=True, slots=True)
class EtatServeur:
    """What links this workstation to the practice's data.

    Attributes:
        hote: "" when the practice is a file of this workstation; `adresse` is then its path.
        impose: True when `PLEIADE_DOSSIER` decides: nothing can be changed from here.
        tls: « TLSv1.3 », "" over a local socket.
        certificat_fin: last day of the server's certificate, AAAA-MM-JJ, "" without one.
        reste_jours: days until then.
        latence_ms: median of a few round trips.
        connexions: connections of all the workstations, this one's included.
        secret: where the password of the base is kept, in French.
    """

    hote: str = ""
    adresse: str = ""
    port: int = 0
    base: str = ""
    utilisateur: str = ""
    ca: str = ""
    impose: bool = False
    version: str = ""
    tls: str = ""
    certificat_nom: str = ""
    certificat_fin: str = ""
    reste_jours: int = 0
    latence_ms: float = 0.0
    connexions: int = 0
    secret: str = ""


#: Round trips of which the median is the latency.
_ALLERS = 5


@libre("état de la liaison de ce poste, sans donnée de patient")
def etat_serveur(ctx: "Contexte") -> EtatServeur:
    """Ask the server how it is joined: version, TLS, certificate, latency.

    :raises ErreurStore: it isn't reached, or not proved.
    """
    emplacement = ctx.store.emplacement
    if isinstance(emplacement, Path):
        return EtatServeur(adresse=str(emplacement))
    adresse = make_url(emplacement)
    ca = adresse.query.get("sslrootcert", "")
    etat = EtatServeur(
        adresse.host or "ce poste (liaison locale)", adresse.host or "", adresse.port or 5432,
        adresse.database or "", adresse.username or "", ca if isinstance(ca, str) else "",
        impose=bool(os.environ.get(places.VARIABLE)) or not serveur.gardee(emplacement),
        secret=serveur.ou_est_le_secret(emplacement))
    with ctx.store.lecture(entiere=True) as u:
        faits = serveur.faits(u.connexion, _ALLERS)
    etat = replace(etat, version=faits.version, tls=faits.tls, latence_ms=faits.latence_ms,
                   connexions=faits.connexions)
    presente = serveur.certificat(emplacement)
    if presente is None:
        return etat
    fin = presente.not_valid_after_utc
    return replace(etat, certificat_nom=presente.subject.rfc4514_string(),
                   certificat_fin=fin.date().isoformat(),
                   reste_jours=(fin - datetime.now(UTC)).days)


@exige(Droit.REGLAGES)
def changer_serveur(ctx: "Contexte", demande: Serveur, mot_de_passe: str) -> str:
    """Work on another server from the next session on; the practice must be there already.

    :return: its address.
    :raises Refus, ErreurStore: as `rejoindre`; this workstation stays where it is.
    """
    url = rejoindre(demande, mot_de_passe, exiger_cabinet=True).url
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="serveur.changement", resultat="ok",
                       detail=f"{demande.hote}:{demande.port}/{demande.base}")
    return url


@exige(Droit.REGLAGES)
def quitter_serveur(ctx: "Contexte") -> Path:
    """This workstation forgets the server; the practice stays there, for the others.

    :return: the file on which it works from the next session on.
    :raises Refus: `PLEIADE_DOSSIER` decides, or it works on a file already.
    """
    if isinstance(ctx.store.emplacement, Path) or serveur.lire() is None \
            or os.environ.get(places.VARIABLE):
        raise Refus("Ce poste n’a pas rejoint de serveur par cet écran. Rien n’a été modifié.")
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="serveur.depart", resultat="ok")
    serveur.oublier()
    return places.dossier_donnees() / places.NOM_FICHIER


def rejoindre(demande: Serveur, mot_de_passe: str, *, exiger_cabinet: bool = False) -> Rejoint:
    """Connect over verified TLS, check the base, keep the connection for this workstation.

    :param exiger_cabinet: refuse a base where no practice lives.
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
    if exiger_cabinet and not cabinet:
        raise Refus("Aucun cabinet n’est dans cette base. Vérifiez son nom, ou faites-y restaurer "
                    "la sauvegarde du cabinet. Ce poste n’a pas changé de serveur.")
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
