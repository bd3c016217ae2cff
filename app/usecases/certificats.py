"""Organisation certificates: import, list, forget, warn before they end (INS/va1.14, CONF.22)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from app.domain.certificat import (
    LIBELLES,
    CertificatStructure,
    UsageCertificat,
    alerte,
    memes_structures,
)
from app.domain.roles import Droit
from app.services import certificats as lecture
from app.services.errors import Indisponible, Invalide
from app.store.unite import Unite
from app.usecases.context import Contexte, maintenant_local
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre


@dataclass(frozen=True, slots=True)
class Alerte:
    """A warning: genre of message (« info », « alerte », « erreur ») and its sentence."""

    genre: str
    message: str


@libre("ni clé ni secret")
def lister_certificats(ctx: Contexte) -> tuple[CertificatStructure, ...]:
    """Those kept in the file."""
    with ctx.store.lecture() as u:
        return tuple(u.certificats.lister())


@exige(Droit.REGLAGES)
def importer_certificat(ctx: Contexte, fichier: Path, mot_de_passe: str,
                        vus: Iterable[CertificatStructure] | None = None) -> CertificatStructure:
    """Read a PKCS#12 and keep its key in the patient file; the file itself is left alone.

    :param vus: the certificates that the user saw: one that a colleague imported meanwhile for the
        same use isn't replaced unseen.
    :raises Refus: unreadable, expired, of another structure, or an account without that right.
    """
    try:
        octets = fichier.read_bytes() if fichier.stat().st_size <= lecture.TAILLE_MAX \
            else b"\0" * (lecture.TAILLE_MAX + 1)
    except OSError as erreur:
        raise Refus("Ce fichier n’est pas lisible. Vérifiez qu’il est encore là.",
                    code="CERTIFICAT") from erreur
    try:
        paire = lecture.lire_pkcs12(octets, mot_de_passe)
        certificat = lecture.decrire(paire.certificat)
        lecture.exiger_valable(paire.certificat)
        if certificat.usage is UsageCertificat.SIGNATURE:
            paire.signataire()
    except Invalide as erreur:
        raise Refus(erreur.message, code="CERTIFICAT") from erreur
    except ValueError as erreur:
        raise Refus("Le DMP attend un certificat de signature à clé RSA.", code="CERTIFICAT") \
            from erreur
    except Indisponible as erreur:
        raise Refus("Ce certificat n’est pas valable aujourd’hui : il va du "
                    f"{_jour(certificat.du)} au {_jour(certificat.au)}. Rien n’a été importé.",
                    code="CERTIFICAT-PERIME") from erreur
    if not memes_structures(certificat.structure, ctx.structure.identifiant):
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui=ctx.qui, quoi="certificat.import", resultat="autre structure",
                           detail=f"{certificat.cn} {certificat.structure}")
        raise Refus(f"Ce certificat est celui de la structure {certificat.structure}, pas de la "
                    f"vôtre ({ctx.structure.identifiant or 'sans identifiant'}). Rien n’a été "
                    "importé. Vérifiez l’identifiant dans Réglages, Cabinet.",
                    code="CERTIFICAT-STRUCTURE")
    garde = replace(certificat, importe_le=maintenant_local(), importe_par=ctx.qui)
    with ctx.store.ecriture() as u:
        _exiger_vu(u, garde.usage, vus)
        u.certificats.enregistrer(garde, paire.chaine_pem, paire.cle_der)
        u.trail.ecrire(qui=ctx.qui, quoi="certificat.import", resultat="ok",
                       detail=f"{garde.usage.value} {garde.cn} {garde.structure} "
                       f"{garde.empreinte[:16]}")
    return garde


@exige(Droit.REGLAGES)
def supprimer_certificat(ctx: Contexte, usage: UsageCertificat,
                         vus: Iterable[CertificatStructure] | None = None) -> None:
    """Forget a certificate and its key.

    :param vus: as `importer_certificat`.
    :raises Refus: an account without that right, or a colleague replaced it meanwhile.
    """
    with ctx.store.ecriture() as u:
        _exiger_vu(u, usage, vus)
        u.certificats.supprimer(usage)
        u.trail.ecrire(qui=ctx.qui, quoi="certificat.suppression", resultat="ok",
                       detail=usage.value)


def _exiger_vu(u: Unite, usage: UsageCertificat,
               vus: Iterable[CertificatStructure] | None) -> None:
    """Refuse to replace or remove a certificate that the user never saw."""
    if vus is None:
        return
    connue = next((c.empreinte for c in vus if c.usage is usage), "")
    garde = next((c for c in u.certificats.lister() if c.usage is usage), None)
    if garde is not None and garde.empreinte != connue:
        raise Refus(f"{garde.importe_par or 'Un collègue'} vient d’importer un autre certificat "
                    f"pour cet usage, valable jusqu’au {_jour(garde.au)}. La liste est à jour : "
                    "recommencez si vous voulez toujours le remplacer.", code="CONFLIT")


@libre("une date")
def alertes_certificats(ctx: Contexte, jour: date | None = None) -> tuple[Alerte, ...]:
    """What to say of the certificates that end soon, worst first."""
    aujourdhui = jour or datetime.now(UTC).date()
    dites = [Alerte(*alerte(c, aujourdhui)) for c in lister_certificats(ctx)]
    ordre = ("erreur", "alerte", "info")
    return tuple(sorted((a for a in dites if a.genre), key=lambda a: ordre.index(a.genre)))


def libelle(usage: UsageCertificat) -> str:
    """« Appeler INSi »."""
    return LIBELLES[usage]


def _jour(iso: str) -> str:
    return datetime.fromisoformat(iso).strftime("%d/%m/%Y")
