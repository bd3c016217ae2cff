"""The folder where a scanner leaves its files: watched, emptied, never a file lost.

A file is taken once nobody writes to it any more. It is imported first, and moved to « traités »
only after: killed in between, it is recognised by its bytes and only moved. What can't be read goes
to « illisibles », and is said.
"""

import platform
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.domain.document import OrigineDocument
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.importation import TROP_GROS, BilanImport, Importe, importer, lire_fichier

TRAITES, ILLISIBLES = "traités", "illisibles"
#: Seconds without any change after which a file is held to be whole.
REPOS_S = 3.0
#: Files taken in one round at most.
PAR_TOUR = 20
_PROVISOIRES = (".tmp", ".part", ".crdownload", ".lock", "~")


@dataclass
class Releve:
    """What the rounds remember: sizes seen, files that could not be moved."""

    vus: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    bloques: set[str] = field(default_factory=set)


def _cle() -> str:
    """A folder is one of a workstation: another one has its own."""
    return f"scanner.dossier.{platform.node()}"


@libre("un chemin, sans contenu")
def dossier_scanner(ctx: Contexte) -> str:
    """The folder watched by this workstation, empty without one."""
    with ctx.store.lecture() as u:
        return str(u.reglages.lire(_cle(), ""))


@exige(Droit.REGLAGES, Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def choisir_dossier_scanner(ctx: Contexte, chemin: str) -> str:
    """Watch a folder; "" stops.

    :raises Refus: no such folder, or files can't be moved there.
    """
    if chemin:
        dossier = Path(chemin)
        if not dossier.is_dir():
            raise Refus("Ce dossier n’existe pas.")
        try:
            (dossier / TRAITES).mkdir(exist_ok=True)
            essai = dossier / TRAITES / ".pleiade"
            essai.write_bytes(b"")
            essai.unlink()
        except OSError:
            raise Refus("Pléiade ne peut pas ranger de fichiers dans ce dossier. Choisissez-en un "
                        "où vous pouvez écrire.") from None
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_cle(), chemin)
        u.trail.ecrire(qui=ctx.qui, quoi="reglages.scanner", resultat="ok",
                       detail="surveillé" if chemin else "arrêté")
    return chemin


@exige(Droit.CLINIQUE_ECRIRE, Droit.MESSAGERIE)
def relever(ctx: Contexte, chemin: str, releve: Releve) -> BilanImport:
    """One round: import every file that is whole, then put it away.

    :raises Refus: the folder can't be read (unplugged, network drive away).
    """
    dossier = Path(chemin)
    try:
        prets = _prets(dossier, releve)
    except OSError:
        raise Refus("Le dossier du scanner ne répond pas. Vérifiez que le disque ou le réseau est "
                    "là ; les fichiers y restent.", code="SCANNER") from None
    bilan = BilanImport()
    for fichier in prets[:PAR_TOUR]:
        try:
            octets = lire_fichier(fichier)
        except OSError:
            continue  # still held by the scanner, or taken by another workstation
        un = importer(ctx, [(fichier.name, octets)], None, OrigineDocument.SCAN) \
            if octets is not None else \
            BilanImport(illisibles=(Importe(fichier.name, TROP_GROS),))
        if not _ranger(fichier, dossier / (ILLISIBLES if un.illisibles else TRAITES)):
            releve.bloques.add(fichier.name)
            un = un.plus(BilanImport(illisibles=(Importe(
                fichier.name, "Il est importé, mais ne peut pas être rangé dans « traités »."),)))
        bilan = bilan.plus(BilanImport(un.classes, un.attente, un.deja, tuple(
            Importe(i.titre, f"{i.raison} Il est gardé dans « {ILLISIBLES} »."
                    if un.illisibles and not un.attente and fichier.name not in releve.bloques
                    else i.raison) for i in un.illisibles)))
    return bilan


def _prets(dossier: Path, releve: Releve) -> list[Path]:
    """Files that didn't change since the last round nor during `REPOS_S`, oldest first."""
    maintenant, prets, presents = time.time(), [], {}
    for entree in dossier.iterdir():
        nom = entree.name
        if nom.startswith(".") or nom.lower().endswith(_PROVISOIRES) or not entree.is_file():
            continue
        if entree.is_symlink():
            continue  # who may write in the folder must not choose what is read elsewhere
        etat = entree.stat()
        avant = releve.vus.get(nom)
        depuis = avant[2] if avant is not None and avant[:2] == (etat.st_size, etat.st_mtime_ns) \
            else maintenant
        presents[nom] = (etat.st_size, etat.st_mtime_ns, depuis)
        if nom not in releve.bloques and etat.st_size and maintenant - depuis >= REPOS_S:
            prets.append((etat.st_mtime_ns, entree))
    releve.vus = presents
    releve.bloques &= presents.keys()
    return [entree for _, entree in sorted(prets, key=lambda paire: (paire[0], paire[1].name))]


def _ranger(fichier: Path, vers: Path) -> bool:
    """Move a file in a folder of the day, under a name that overwrites nothing."""
    jour = vers / date.today().isoformat()
    try:
        jour.mkdir(parents=True, exist_ok=True)
        cible = jour / fichier.name
        rang = 1
        while cible.exists():
            rang += 1
            cible = jour / f"{fichier.stem} ({rang}){fichier.suffix}"
        fichier.rename(cible)
    except OSError:
        return not fichier.exists()
    return True
