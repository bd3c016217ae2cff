"""The trail for auditors: CSV export of a verified chain, and how long it is kept (IAM.91)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from app.domain.dates import lire_date_saisie
from app.domain.duree_conservation import TRACES
from app.domain.roles import Droit
from app.store.repos.trail import ChaineVerifiee, LigneTrail
from app.usecases.context import Contexte
from app.usecases.durees import lire_duree, regler_duree
from app.usecases.errors import Refus
from app.usecases.export_csv import ecrire_table, refuser_existant
from app.usecases.garde import exige, libre

COLONNES = ("numero", "horodatage", "qui", "quoi", "sur_qui", "resultat", "detail", "empreinte")
_CLE_RUPTURE = "traces.rupture_dite"


@dataclass(frozen=True, slots=True)
class ExportTraces:
    """What was written, and the state of the chain it comes from."""

    chemin: Path
    lignes: int
    chaine: ChaineVerifiee


@dataclass(frozen=True, slots=True)
class Conservation:
    """The retention rule and what it says today. `limite`: AAAA-MM-JJ."""

    annees: int
    limite: str
    echues: int


@dataclass(frozen=True, slots=True)
class FiltreTraces:
    """What the screen asks. Dates as typed; `natures`: beginnings of acts."""

    du: str = ""
    au: str = ""
    patient: str = ""
    qui: str = ""
    natures: tuple[str, ...] = ()
    echecs: bool = False

    def lire(self) -> dict[str, Any]:
        """As the repository takes it. :raises Refus: bad date or patient."""
        depuis, jusqua = _jour(self.du), _jour(self.au)
        if depuis and jusqua and depuis > jusqua:
            raise Refus("La date de début est après la date de fin.")
        if self.patient and not re.fullmatch(r"\d{1,18}", self.patient):
            raise Refus("Le patient est désigné par le numéro de son dossier.")
        return {"patient": self.patient, "qui": self.qui, "depuis": depuis, "jusqua": jusqua,
                "natures": self.natures, "reussis": False if self.echecs else None}


#: No filter: the whole trail.
TOUT = FiltreTraces()


@exige(Droit.TRACES)
def exporter_traces(ctx: Contexte, vers: Path,
                    filtre: FiltreTraces = TOUT) -> ExportTraces:
    """Write the lines that a filter keeps as CSV (UTF-8 with mark, semicolons), oldest first.

    The whole chain is read first; a broken one is exported all the same, because that is when one
    needs it, and the caller must say it. The export is itself a line of the trail, before a byte
    is written.

    :raises Refus: bad date or patient, file that exists. :raises ErreurStore: full disk; no file
        is left.
    """
    lu = filtre.lire()
    vers = refuser_existant(vers)
    chaine = _chaine(ctx)
    detail = ", ".join(f"{nom} {valeur}" for nom, valeur in (
        ("du", lu["depuis"]), ("au", lu["jusqua"]), ("qui", filtre.qui),
        ("actes", " ".join(filtre.natures)), ("échecs", "seuls" * filtre.echecs)) if valeur)
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="traces.export", sur_qui=filtre.patient,
                       resultat="ok" if chaine.intacte else "chaine_rompue", detail=detail)
    with ctx.store.lecture() as u:
        lignes = _ecrire(vers, u.trail.parcourir(**lu))
    return ExportTraces(vers, lignes, chaine)


@exige(Droit.TRACES)
def consulter_traces(ctx: Contexte, filtre: FiltreTraces, avant: int | None = None,
                     limite: int = 200) -> list[LigneTrail]:
    """One page of the trail, newest first. :raises Refus: bad date or patient."""
    lu = filtre.lire()
    with ctx.store.lecture() as u:
        return u.trail.consulter(limite, avant_numero=avant, **lu)


@libre("contrôle d’intégrité : ne rend aucune ligne")
def verifier_traces(ctx: Contexte) -> ChaineVerifiee:
    """Read the whole chain again; a broken one is itself a line of the trail, once a day."""
    chaine = _chaine(ctx)
    with ctx.store.lecture() as u:
        dite = u.reglages.lire(_CLE_RUPTURE, "")
        repere = ctx.store.ecart_repere(u)
    if not chaine.intacte and dite != date.today().isoformat():
        with ctx.store.ecriture() as u:
            u.reglages.ecrire(_CLE_RUPTURE, date.today().isoformat())
            u.trail.ecrire(qui="Pléiade", quoi="traces.rupture", resultat="chaine_rompue",
                           detail=f"ligne {chaine.rupture} : {chaine.raison}")
    elif repere is None:
        with ctx.store.ecriture() as u:
            u.trail.ecrire(qui="Pléiade", quoi="traces.repere", resultat="ok")
    if chaine.intacte or repere:
        # A gap is said once, and stays in the trail.
        ctx.store.poser_repere()
    return chaine


def _chaine(ctx: Contexte) -> ChaineVerifiee:
    """The chain read again, then its end by what this workstation remembers."""
    with ctx.store.lecture() as u:
        chaine = u.trail.verifier_chaine()
        ecart = ctx.store.ecart_repere(u) if chaine.intacte else ""
    if not ecart:
        return chaine
    return replace(chaine, intacte=False, rupture=chaine.ancre + chaine.lignes + 1, raison=ecart)


def _jour(texte: str) -> str:
    if not texte:
        return ""
    jour = lire_date_saisie(texte)
    if jour is None:
        raise Refus(f"Date illisible : « {texte} ». Écrivez JJ/MM/AAAA.")
    return jour


def _ecrire(vers: Path, lignes: Iterable[LigneTrail]) -> int:
    return ecrire_table(vers, COLONNES, (
        [str(getattr(ligne, c)) for c in COLONNES] for ligne in lignes))


@libre("une règle")
def annees_conservation(ctx: Contexte) -> int:
    """Years during which the lines are kept."""
    with ctx.store.lecture() as u:
        return lire_duree(u, TRACES)


@exige(Droit.TRACES)
def conservation(ctx: Contexte, aujourdhui: date | None = None) -> Conservation:
    """The retention rule, and how many lines are past it.

    They stay until an administrator purges them (`purger_traces`).
    """
    jour = aujourdhui or date.today()
    with ctx.store.lecture() as u:
        annees = lire_duree(u, TRACES)
        # 29 February has no anniversary: the day before keeps a line one day longer.
        limite = jour.replace(year=jour.year - annees, day=min(jour.day, 28)).isoformat()
        return Conservation(annees, limite, u.trail.compter_avant(limite))


@exige(Droit.TRACES)
def regler_conservation(ctx: Contexte, annees: int, vues: int | None = None) -> Conservation:
    """Set the retention rule.

    :param vues: the rule as the user read it.
    :raises Refus: out of bounds, or a colleague has just set another one.
    """
    with ctx.store.ecriture() as u:
        regler_duree(u, ctx.qui, TRACES, annees, vues)
    return conservation(ctx)


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge removed. `jusqua`: last line removed, 0 = nothing was due."""

    lignes: int
    jusqua: int
    archive: Path | None = None


@exige(Droit.TRACES)
def purger_traces(ctx: Contexte, archive: Path, aujourdhui: date | None = None) -> Purge:
    """Remove the lines past the retention rule (MIN.RGPD.01), after writing them to `archive`.

    The chain goes on: a line of the trail holds the number and the mark of the last line removed,
    from which the verification starts.

    :param archive: CSV to create; what is removed is there, whole, with its marks.
    :raises Refus: the chain is broken (what may be a proof is kept), or the file exists.
    :raises ErreurStore: the archive can't be written: nothing was removed.
    """
    regle = conservation(ctx, aujourdhui)
    chaine = _chaine(ctx)
    with ctx.store.lecture() as u:
        jusqua = u.trail.derniere_avant(regle.limite)
    if not chaine.intacte:
        raise Refus("La chaîne du journal est rompue : rien n’est effacé, ces lignes peuvent "
                    "servir de preuve.", code="CHAINE-ROMPUE")
    if jusqua <= chaine.ancre:
        return Purge(0, 0)
    vers = Path(archive).absolute()
    if vers.exists():
        raise Refus(f"Le fichier « {vers.name} » existe déjà. Rien n’a été modifié.")
    with ctx.store.lecture() as u:
        _ecrire(vers, u.trail.parcourir(jusqua_numero=jusqua))
    with ctx.store.ecriture() as u:
        lignes = u.trail.purger(jusqua, qui=ctx.qui,
                                detail=f"antérieures au {regle.limite}, règle {regle.annees} ans")
    return Purge(lignes, jusqua, vers)
