"""Work of the access screens, run by workers. The use cases are imported there, when needed."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.domain.people import Structure
    from app.store.vault_psc import AccesPsc
    from app.usecases.access import CabinetCree, DemandeCabinet
    from app.usecases.context import Contexte
    from app.usecases.ouverture_psc import Identifie
    from app.usecases.serveur import Rejoint
    from app.usecases.settings import Reglages


def fichier_existe(emplacement: Path | str) -> bool:
    """True when a practice was created there (light: the store isn't imported)."""
    from app.store.places import chemin_coffre

    return chemin_coffre(emplacement).exists()


def precharger() -> None:
    """Import what opening a file and showing the day need, while the password is being typed."""
    import app.ui.controllers.assemblage
    import app.ui.views.tournee
    import app.usecases.access
    import app.usecases.services  # noqa: F401


def _avec_reglages(ctx: "Contexte") -> "tuple[Contexte, Reglages]":
    """The open file with its settings; the rights of the account are read on the way."""
    from app.usecases import settings
    from app.usecases.garde import habilitation

    habilitation(ctx)
    return ctx, settings.lire_reglages(ctx)


def deverrouiller(emplacement: Path | str, mot_de_passe: str,
                  code: str = "") -> "tuple[Contexte, Reglages]":
    """Open the file with the password and the code; its settings come along."""
    from app.usecases import access

    return _avec_reglages(access.deverrouiller(emplacement, mot_de_passe, code=code))


def renouveler(emplacement: Path | str, ancien: str, nouveau: str,
               code: str = "") -> "tuple[Contexte, Reglages]":
    """Change an expired or temporary password and open the file."""
    from app.usecases import access

    return _avec_reglages(access.renouveler_mot_de_passe(emplacement, ancien, nouveau,
                                                         code=code))


def juger(mot_de_passe: str) -> list[str]:
    """Faults of a password while it is typed (the practice's own policy comes at the end)."""
    from app.usecases.access import juger_mot_de_passe

    return juger_mot_de_passe(mot_de_passe)


def clore(ctx: "Contexte") -> None:
    """End a session: out of Pro Santé Connect, file closed."""
    from app.usecases import session

    try:
        session.deconnecter(ctx)
    finally:
        ctx.fermer()


def deverrouiller_par_secours(emplacement: Path | str,
                              cle: str) -> "tuple[Contexte, Reglages]":
    """Open the file with the printed recovery key."""
    from app.usecases import access

    return _avec_reglages(access.deverrouiller_par_secours(emplacement, cle))


def deverrouiller_par_trousseau(emplacement: Path | str, _: str) -> "tuple[Contexte, Reglages]":
    """Open the file by the key store of this workstation."""
    from app.usecases import access, settings

    ctx = access.deverrouiller_par_trousseau(emplacement)
    return ctx, settings.lire_reglages(ctx)


def poste_ouvre(emplacement: Path | str) -> bool:
    """True when this workstation's key store opens the practice.

    Nothing heavy is imported for the many practices that never asked for it.
    """
    from app.store.places import chemin_coffre

    try:
        if b'"trousseau"' not in chemin_coffre(emplacement).read_bytes():
            return False
    except OSError:
        return False
    from app.usecases.cles import cle_du_trousseau

    return cle_du_trousseau(emplacement) is not None


def verifier(emplacement: Path | str, mot_de_passe: str, compte_id: int | None = None) -> None:
    """Check the password of a file that is already open behind the lock screen.

    The trail notes the return; the second opening is closed at once.

    :param compte_id: the account that works here: a colleague's password doesn't uncover it.
    :raises Refus: it is another account's.
    """
    from app.usecases import access
    from app.usecases.errors import Refus

    # The session is open already: a password that expired meanwhile is changed at the next opening.
    ctx = access.deverrouiller(emplacement, mot_de_passe, code=None, expiration=False)
    autre = compte_id is not None and ctx.compte_id != compte_id
    ctx.fermer()
    if autre:
        raise Refus("Ce poste est verrouillé par un autre compte. Choisissez « Ouvrir avec un "
                    "autre compte » : son travail est gardé.", code="AUTRE-COMPTE")


def acces_psc(emplacement: Path | str) -> "tuple[AccesPsc, ...]":
    """Accounts that Pro Santé Connect opens on this workstation."""
    from app.usecases import ouverture_psc

    return ouverture_psc.acces_connus(emplacement)


def identifier_navigateur(emplacement: Path | str, ouvrir_url: Callable[[str], None],
                          annule: Callable[[], bool] | None = None) -> "Identifie":
    """Ask who is there, in the browser."""
    from app.usecases import ouverture_psc

    return ouverture_psc.identifier_navigateur(emplacement, ouvrir_url, annule)


def identifier_telephone(emplacement: Path | str, acces: "AccesPsc", liaison: str,
                         annule: Callable[[], bool] | None = None) -> "Identifie":
    """Ask the telephone of a professional."""
    from app.usecases import ouverture_psc

    return ouverture_psc.identifier_ciba(emplacement, acces, "MOBILE", liaison, annule)


def entrer(emplacement: Path | str, identifie: "Identifie",
           acces: "AccesPsc") -> "tuple[Contexte, Reglages]":
    """Open the file for one of the accounts of the professional."""
    from app.usecases import ouverture_psc, settings

    ctx = ouverture_psc.entrer(emplacement, identifie, acces)
    return ctx, settings.lire_reglages(ctx)


def renoncer(identifie: "Identifie") -> None:
    """Nobody opens: the session ends."""
    from app.usecases import ouverture_psc

    ouverture_psc.renoncer(identifie.proxy)


def reprendre_navigateur(ctx: "Contexte", ouvrir_url: Callable[[str], None],
                         annule: Callable[[], bool] | None = None) -> Any:
    """Come back from a lock by the browser."""
    from app.usecases import session

    return session.reprendre_navigateur(ctx, ouvrir_url, annule)


def verifier_par_psc(ctx: "Contexte", liaison: str,
                     annule: Callable[[], bool] | None = None) -> Any:
    """Ask the professional's phone; another professional is refused by the use case."""
    from app.usecases import session

    return session.connecter_ciba(ctx, "MOBILE", liaison, annule)


def rejoindre_serveur(hote: str, port: int, base: str, utilisateur: str, ca: str,
                      mot_de_passe: str, *, exiger_cabinet: bool = False) -> "Rejoint":
    """Connect this workstation to the practice's server."""
    from app.store.serveur import Serveur
    from app.usecases import serveur

    return serveur.rejoindre(Serveur(hote, base, utilisateur, ca, port), mot_de_passe,
                             exiger_cabinet=exiger_cabinet)


def serveur_connu() -> "tuple[str, int, str, str, str] | None":
    """Where this workstation's server is: host, port, base, user, authority."""
    from app.store.serveur import lire

    connu = lire()
    return None if connu is None else (connu.hote, connu.port, connu.base, connu.utilisateur,
                                       connu.ca)


def creer(emplacement: Path | str, demande: "DemandeCabinet") -> "CabinetCree":
    """Create the practice."""
    from app.usecases import access

    return access.creer_cabinet(emplacement, demande)


def restaurer(sauvegarde: Path, emplacement: Path | str, cle_secours: str,
              mot_de_passe: str, mettre_de_cote: bool = False) -> str:
    """Bring a practice back from a backup; name of the folder where the former one is kept."""
    from app.usecases import restore

    faite = restore.restaurer(sauvegarde, emplacement, cle_secours=cle_secours,
                              mot_de_passe=mot_de_passe, mettre_de_cote=mettre_de_cote)
    return faite.mis_de_cote.name if faite.mis_de_cote else ""


def pdf_cle(cle: str, structure: "Structure") -> bytes:
    """The printable page of the recovery key."""
    from app.usecases import access

    return access.pdf_cle_secours(cle, structure)


def ecrire_pdf(cle: str, structure: "Structure", chemin: Path) -> Path:
    """Write that page to a file chosen by the user, readable by them alone."""
    from app.usecases.sorties import ecrire_fichier

    return ecrire_fichier(chemin, pdf_cle(cle, structure))


def image_cle(cle: str, structure: "Structure", largeur_px: int) -> bytes:
    """That page as a PNG, for the printer."""
    from app.documents.pages import page_png

    return page_png(pdf_cle(cle, structure), 0, largeur_px)


def poser_services(ctx: "Contexte", valeurs: dict[str, Any]) -> "Reglages":
    """Store the addresses of the services."""
    from dataclasses import replace

    from app.usecases import settings

    return settings.enregistrer_reglages(ctx, replace(settings.lire_reglages(ctx), **valeurs))


def connecter(ctx: "Contexte", ouvrir_url: Callable[[str], None],
              annule: Callable[[], bool] | None = None) -> Any:
    """First login by the browser."""
    from app.usecases import session

    return session.connecter_navigateur(ctx, ouvrir_url, annule)
