"""Hand over one patient's whole file, or the whole practice: one archive, one gesture.

RGPD articles 15 and 20 (MIN.RGPD.01), portability (MIN.PORT.01, MIN.PORT.02). The ZIP is encrypted
by the password (AES-256, AE-2) unless the user says otherwise; nothing in the clear is written on
the way. One document at a time is in memory.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyzipper

from app.documents.export_dossier import en_csv, rendre
from app.domain.accord import compter
from app.domain.export_dossier import (
    LONGUEUR_MOT,
    ROBUSTESSE_MOT,
    BilanExport,
    DossierExporte,
    table,
)
from app.domain.roles import Droit
from app.store.errors import ErreurStore
from app.usecases.contenu_dossier import Etendue, Yeux, lire_dossier
from app.usecases.context import Contexte
from app.usecases.droits_identite import droits
from app.usecases.errors import Refus
from app.usecases.export_csv import (
    exiger_place,
    fichier_de_sortie,
    refuser_existant,
    refuser_le_programme,
)
from app.usecases.garde import droits_de, exige, exiger
from app.usecases.robustesse import estimer

Annulation = Callable[[], bool] | None
Progres = Callable[[tuple[int, int]], None] | None
#: Compressed already: deflating them again costs and gains nothing.
_DEJA = (".pdf", ".jpg", ".png")
_ABANDON = "ABANDON"
#: Bytes of a file beside its documents: page, tables, JSON.
_PAR_DOSSIER = 40_000


@exige(Droit.EXPORTER)
def exporter_dossier(ctx: Contexte, patient_id: int, vers: Path, mot_de_passe: str | None, *,
                     etendue: Etendue | None = None, remplacer: bool = False,
                     annule: Annulation = None, progres: Progres = None) -> BilanExport:
    """Write one patient's file as a new ZIP.

    The export is a line of the trail before a byte is written; what came of it is another one when
    it failed.

    :param mot_de_passe: None writes it in the clear. :param remplacer: a file there is given up.
    :param progres: (documents written, all).
    :raises Refus: short password, file that exists, given up. :raises ErreurStore: no such
        patient, full disk, damaged document; no file is left.
    """
    vers = refuser_le_programme(vers) if remplacer else refuser_existant(vers)
    with ctx.store.lecture() as u:
        patient_id = u.regroupements.actuel(patient_id)
        traits = u.patients.lire(patient_id).identite.traits
    _verifier_mot(mot_de_passe, (traits.nom_naissance, traits.premier_prenom, traits.nom_utilise,
                                 traits.date_naissance[:4]))
    dossier = _lire(ctx, patient_id, etendue or Etendue())
    nombre = compter(len(dossier.table("documents").lignes), "document")
    return _tracer(ctx, "dossier.export", [str(patient_id)], f"{nombre}, {_mode(mot_de_passe)}",
                   lambda: _ecrire(ctx, vers, [dossier], mot_de_passe, "", annule, progres,
                                   remplacer=remplacer))


@exige(Droit.COMPTES)
def exporter_cabinet(ctx: Contexte, vers: Path, mot_de_passe: str | None, *,
                     etendue: Etendue | None = None, remplacer: bool = False,
                     annule: Annulation = None, progres: Progres = None) -> BilanExport:
    """Write every patient's file in one ZIP, for another software; by an administrator.

    It holds what this account may read: to take everything away, it must read care too.

    :param etendue: depth and professional. :param progres: (patients written, all).
    :raises Refus, ErreurStore: as `exporter_dossier`; the right to export is asked for too, and
        the room that the archive may need.
    """
    exiger(ctx, Droit.EXPORTER)
    with ctx.store.lecture() as u:
        ids = sorted(u.patients.ids())
        besoin = u.documents.taille_des_contenus() + _PAR_DOSSIER * len(ids)
    return _plusieurs(ctx, ids, vers, mot_de_passe, etendue, annule, progres, besoin,
                      remplacer=remplacer)


@exige(Droit.EXPORTER)
def exporter_dossiers(ctx: Contexte, ids: Sequence[int], vers: Path, mot_de_passe: str | None, *,
                      etendue: Etendue | None = None, remplacer: bool = False,
                      annule: Annulation = None, progres: Progres = None) -> BilanExport:
    """Write some files in one ZIP, each in its folder: what is kept elsewhere before an erasure.

    :param progres: (patients written, all). The others, and what is raised: as `exporter_dossier`.
    """
    return _plusieurs(ctx, ids, vers, mot_de_passe, etendue, annule, progres, 0,
                      remplacer=remplacer, tout=False)


def _plusieurs(ctx: Contexte, ids: Sequence[int], vers: Path, mot: str | None,
               etendue: Etendue | None, annule: Annulation, progres: Progres, besoin: int, *,
               remplacer: bool, tout: bool = True) -> BilanExport:
    _verifier_mot(mot)
    vers = refuser_le_programme(vers) if remplacer else refuser_existant(vers)
    if besoin:
        exiger_place(vers, besoin)
    voulue = etendue or Etendue()
    return _tracer(ctx, "cabinet.export" if tout else "dossier.export",
                   [""] if tout else [str(id) for id in ids], _mode(mot),
                   lambda: _ecrire(ctx, vers, (_lire(ctx, id, voulue) for id in ids), mot,
                                   "patients", annule, progres, len(ids), remplacer=remplacer))


def _verifier_mot(mot: str | None, noms: tuple[str, ...] = ()) -> None:
    """Who has the archive tries as many passwords as their machine can: AE-2 derives its key in
    1,000 turns only.

    :param noms: of the patient: they are tried first.
    """
    if mot is None:
        return
    if len(mot) < LONGUEUR_MOT:
        raise Refus(f"Le mot de passe de l’archive a {LONGUEUR_MOT} caractères au moins. Rien n’a "
                    "été écrit.")
    if estimer(mot, noms) < ROBUSTESSE_MOT:
        raise Refus("Ce mot de passe se devine trop vite pour un fichier qui circule. Gardez celui "
                    "que Pléiade propose, ou choisissez quatre ou cinq mots sans rapport. Rien n’a "
                    "été écrit.")


def _lire(ctx: Contexte, patient_id: int, etendue: Etendue) -> DossierExporte:
    yeux = Yeux(ctx.qui, droits_de(ctx), droits(ctx))
    with ctx.store.lecture() as u, ctx.store.lecture(entiere=True) as entier:
        return lire_dossier(ctx, u, entier, patient_id, yeux, etendue)


def _mode(mot: str | None) -> str:
    return "en clair" if mot is None else "chiffré"


def _tracer(ctx: Contexte, quoi: str, sur_qui: Sequence[str], detail: str,
            ecrire: Callable[[], BilanExport]) -> BilanExport:
    """Trace, one line a file; write; trace what went wrong."""
    def noter(resultat: str) -> None:
        with ctx.store.ecriture() as u:
            for qui in sur_qui:
                u.trail.ecrire(qui=ctx.qui, quoi=quoi, sur_qui=qui, resultat=resultat,
                               detail=detail)

    noter("ok")
    try:
        return ecrire()
    except (Refus, ErreurStore) as erreur:
        noter("abandon" if getattr(erreur, "code", "") == _ABANDON else "echec")
        raise


def _ecrire(ctx: Contexte, vers: Path, dossiers: Iterable[DossierExporte], mot: str | None,
            racine: str, annule: Annulation, progres: Progres, total: int = 0, *,
            remplacer: bool = False) -> BilanExport:
    ecarte: list[str] = []
    resumes: list[tuple[str, ...]] = []
    documents = 0
    with fichier_de_sortie(vers, remplacer=remplacer) as sortie:
        with pyzipper.AESZipFile(sortie, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
            if mot is not None:
                archive.setpassword(mot.encode("utf-8"))
                archive.setencryption(pyzipper.WZ_AES, nbits=256)
            for rang, dossier in enumerate(dossiers, 1):
                base = f"{racine}/{dossier.patient_id:06d}/" if racine else ""
                prefixe = f"Dossier {dossier.patient_id}\u00a0: " if racine else ""
                avance = None if racine else progres
                _ecrire_documents(ctx, archive, base, dossier, annule, avance)
                for chemin, octets in rendre(dossier).items():
                    archive.writestr(base + chemin, octets)
                ecarte += [prefixe + x for x in dossier.ecarte]
                documents += len(dossier.table("documents").lignes)
                resumes.append(_resume(dossier, base))
                if racine and progres is not None:
                    progres((rang, total))
            if racine:
                _ecrire_sommaire(archive, resumes)
        octets_ecrits = sortie.tell()
    return BilanExport(str(vers), len(resumes), documents, octets_ecrits, mot is not None,
                       tuple(ecarte))


def _ecrire_documents(ctx: Contexte, archive: "pyzipper.AESZipFile", base: str,
                      dossier: DossierExporte, annule: Annulation, progres: Progres) -> None:
    _continuer(annule)
    for rang, fichier in enumerate(dossier.fichiers, 1):
        _continuer(annule)
        with ctx.store.lecture() as u:
            octets = u.documents.contenu(fichier.sha256)
        archive.writestr(
            base + fichier.chemin, octets, compress_type=pyzipper.ZIP_STORED
            if fichier.chemin.endswith(_DEJA) else pyzipper.ZIP_DEFLATED)
        if progres is not None:
            progres((rang, len(dossier.fichiers)))


def _continuer(annule: Annulation) -> None:
    if annule is not None and annule():
        raise Refus("Export abandonné\u00a0: aucun fichier n’est laissé.", code=_ABANDON)


def _resume(dossier: DossierExporte, base: str) -> tuple[str, ...]:
    (qui,) = dossier.table("identite").objets()
    return (base + "index.html", qui["nom_naissance"], qui["premier_prenom"],
            qui["date_naissance"], qui["sexe"], qui["matricule_ins"],
            str(len(dossier.table("documents").lignes)))


def _ecrire_sommaire(archive: "pyzipper.AESZipFile", resumes: Sequence[tuple[str, ...]]) -> None:
    archive.writestr("patients.csv", en_csv(table("patients", "Patients", {
        "dossier": "Dossier", "nom_naissance": "Nom de naissance", "premier_prenom": "Prénom",
        "date_naissance": "Date de naissance", "sexe": "Sexe", "matricule_ins": "Matricule INS",
        "documents": "Documents"}, resumes)))
