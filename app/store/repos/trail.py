"""The trail: append-only, each line bound to the former one by SHA-256."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, delete, func, insert, inspect, or_, select, update

from app.store.moments import local_maintenant
from app.store.repos.base import Depot
from app.store.tables import T_TRAIL, T_TRAIL_ANCRE, T_TRAIL_TETE

#: Mark before the first line.
ORIGINE = "0" * 64

#: Act of a purge: its line holds the anchor.
PURGE = "traces.purge"


def _ancrage(numero: int, empreinte: str) -> str:
    return f"jusqu’à la ligne {numero}, empreinte {empreinte},"


@dataclass(frozen=True, slots=True)
class LigneTrail:
    """One act. `horodatage` local ISO with offset."""

    numero: int
    horodatage: str
    qui: str
    quoi: str
    sur_qui: str
    resultat: str
    detail: str
    empreinte: str


@dataclass(frozen=True, slots=True)
class ChaineVerifiee:
    """Result of reading the whole chain; `rupture` is the first bad line, 0 when none is."""

    lignes: int
    intacte: bool
    rupture: int = 0
    raison: str = ""
    ancre: int = 0
    """Last line of the last purge, 0 when nothing was purged: lines begin after it."""


@dataclass(frozen=True, slots=True)
class Repere:
    """A place in the chain: number and mark of a line."""

    numero: int
    empreinte: str


def calculer_empreinte(precedente: str, champs: Sequence[str | int]) -> str:
    """Mark of a line: SHA-256 of the former mark and of its fields as JSON."""
    texte = json.dumps([precedente, *champs], ensure_ascii=False, separators=(",", ":"))
    return sha256(texte.encode()).hexdigest()


class Trail(Depot):
    """Repository of the trail."""

    def ecrire(self, *, qui: str, quoi: str, sur_qui: str = "", resultat: str = "",
               detail: str = "") -> LigneTrail:
        """Append a line: who did what, on whom, with what result. No health content, no token."""
        tete = self._c.execute(
            select(T_TRAIL_TETE.c.numero, T_TRAIL_TETE.c.empreinte).with_for_update()).one()
        champs = (tete.numero + 1, local_maintenant(), qui, quoi, sur_qui, resultat, detail)
        ligne = LigneTrail(*champs, calculer_empreinte(tete.empreinte, champs))
        self._c.execute(insert(T_TRAIL).values(
            numero=ligne.numero, horodatage=ligne.horodatage, qui=qui, quoi=quoi, sur_qui=sur_qui,
            resultat=resultat, detail=detail, empreinte=ligne.empreinte))
        self._c.execute(update(T_TRAIL_TETE).values(
            numero=ligne.numero, empreinte=ligne.empreinte))
        return ligne

    def jour(self, poste: str) -> str:
        """The day by which accounts are dated, AAAA-MM-JJ, `poste` being the workstation's.

        On a server its own; in a file never before the last line: a clock moved back opens nothing.
        """
        if self._c.dialect.name == "postgresql":
            return self.maintenant()[:10]
        dernieres = self.lister(1)
        return max(poste, dernieres[0].horodatage[:10] if dernieres else "")

    def maintenant(self) -> str:
        """The local moment by which dated rights are judged, AAAA-MM-JJTHH:MM:SS.

        On a server its clock, which no workstation sets. In a file, never before the last line:
        a clock moved back opens nothing again.
        """
        if self._c.dialect.name == "postgresql":
            moment = self._c.execute(select(func.clock_timestamp())).scalar_one()
        else:
            moment = datetime.fromisoformat(local_maintenant())
            dernier = self._c.execute(select(T_TRAIL.c.horodatage).order_by(
                T_TRAIL.c.numero.desc()).limit(1)).scalar()
            if dernier:
                moment = max(moment, datetime.fromisoformat(dernier))
        return str(moment.astimezone().replace(tzinfo=None).isoformat(timespec="seconds"))

    def tete(self) -> Repere:
        """Number and mark of the last line."""
        return Repere(*self._c.execute(select(T_TRAIL_TETE.c.numero,
                                              T_TRAIL_TETE.c.empreinte)).one())

    def empreinte_de(self, numero: int) -> str | None:
        """Mark of a line; None when it was purged, or doesn't exist."""
        return self._c.execute(select(T_TRAIL.c.empreinte).where(
            T_TRAIL.c.numero == numero)).scalar()

    def lister(self, limite: int = 200, *, sur_qui: str = "", qui: str = "", depuis: str = "",
               jusqua: str = "", avant_numero: int | None = None) -> list[LigneTrail]:
        """Lines, newest first. `depuis`, `jusqua`: AAAA-MM-JJ local, both included."""
        t = T_TRAIL.c
        requete = self._bornes(depuis, jusqua).order_by(t.numero.desc()).limit(limite)
        if sur_qui:
            requete = requete.where(t.sur_qui == sur_qui)
        if qui:
            requete = requete.where(t.qui == qui)
        if avant_numero is not None:
            requete = requete.where(t.numero < avant_numero)
        return [LigneTrail(*ligne) for ligne in self._c.execute(requete)]

    def consulter(self, limite: int = 200, *, patient: str = "", qui: str = "", depuis: str = "",
                  jusqua: str = "", natures: Sequence[str] = (), reussis: bool | None = None,
                  avant_numero: int | None = None) -> list[LigneTrail]:
        """Lines that match, newest first, for the screen. The filters are those of `parcourir`."""
        t = T_TRAIL.c
        requete = self._filtre(patient, qui, depuis, jusqua, natures, reussis).order_by(
            t.numero.desc()).limit(limite)
        if avant_numero is not None:
            requete = requete.where(t.numero < avant_numero)
        return [LigneTrail(*ligne) for ligne in self._c.execute(requete)]

    def parcourir(self, *, patient: str = "", qui: str = "", depuis: str = "",
                  jusqua: str = "", natures: Sequence[str] = (), reussis: bool | None = None,
                  jusqua_numero: int | None = None) -> Iterator[LigneTrail]:
        """Lines, oldest first, read as they are asked for (an export may hold millions).

        :param patient: id of a patient; the lines that bind two files are of both.
        :param qui: part of the author's name or number.
        :param depuis, jusqua: AAAA-MM-JJ local, both included. :param jusqua_numero: last line.
        :param natures: beginnings of acts (« compte. »). :param reussis: False = refusals and
            failures only.
        """
        requete = self._filtre(patient, qui, depuis, jusqua, natures, reussis).order_by(
            T_TRAIL.c.numero)
        if jusqua_numero is not None:
            requete = requete.where(T_TRAIL.c.numero <= jusqua_numero)
        for ligne in self._c.execute(requete, execution_options={"yield_per": 2000}):
            yield LigneTrail(*ligne)

    @staticmethod
    def _bornes(depuis: str, jusqua: str) -> Select[Any]:
        requete = select(T_TRAIL)
        if depuis:
            requete = requete.where(T_TRAIL.c.horodatage >= depuis)
        if jusqua:
            requete = requete.where(T_TRAIL.c.horodatage < jusqua + "U")
        return requete

    def _filtre(self, patient: str, qui: str, depuis: str, jusqua: str, natures: Sequence[str],
                reussis: bool | None) -> Select[Any]:
        t, requete = T_TRAIL.c, self._bornes(depuis, jusqua)
        if patient:
            requete = requete.where(or_(t.sur_qui == patient, t.sur_qui.startswith(f"{patient},"),
                                        t.sur_qui.endswith(f",{patient}")))
        if qui:
            requete = requete.where(t.qui.contains(qui, autoescape=True))
        if natures:
            requete = requete.where(or_(*(t.quoi.startswith(n, autoescape=True)
                                          for n in natures)))
        if reussis is False:
            requete = requete.where(t.resultat.in_(("echec", "refuse", "chaine_rompue")))
        return requete

    def compter_avant(self, jour: str) -> int:
        """How many lines are older than a day (AAAA-MM-JJ local)."""
        return int(self._c.execute(select(func.count()).select_from(T_TRAIL).where(
            T_TRAIL.c.horodatage < jour)).scalar_one())

    def derniere_avant(self, jour: str) -> int:
        """Number of the last line before the first one of `jour` (AAAA-MM-JJ) or later; 0 = none.

        Lines go in their order: one written with the clock set back never makes a hole.
        """
        t = T_TRAIL.c
        gardee = self._c.execute(select(func.min(t.numero)).where(t.horodatage >= jour)).scalar()
        requete = select(func.max(t.numero))
        if gardee is not None:
            requete = requete.where(t.numero < gardee)
        return self._c.execute(requete).scalar() or 0

    def purger(self, jusqua: int, *, qui: str, detail: str = "") -> int:
        """Delete the lines up to number `jusqua`; the chain begins at its mark from now on.

        The anchor is written twice: in its table, and in a line of the chain that goes on. Returns
        the number of lines deleted.
        """
        t = T_TRAIL.c
        derniere = self._c.execute(select(t.empreinte).where(t.numero == jusqua)).scalar()
        if derniere is None:
            return 0
        nombre = int(self._c.execute(select(func.count()).select_from(T_TRAIL).where(
            t.numero <= jusqua)).scalar_one())
        ligne = self.ecrire(qui=qui, quoi=PURGE, resultat="ok", sur_qui="", detail=" ".join(
            filter(None, (_ancrage(jusqua, derniere), f"{nombre} ligne(s)", detail))))
        self._c.execute(insert(T_TRAIL_ANCRE).values(
            numero=jusqua, empreinte=derniere, purge_le=ligne.horodatage))
        self._c.execute(delete(T_TRAIL).where(t.numero <= jusqua))
        return nombre

    def _ancre(self) -> tuple[int, str]:
        """Number and mark after which the chain begins; the origin when nothing was purged."""
        if not inspect(self._c).has_table(T_TRAIL_ANCRE.name):  # a former file
            return 0, ORIGINE
        a = T_TRAIL_ANCRE.c
        ligne = self._c.execute(
            select(a.numero, a.empreinte).order_by(a.numero.desc()).limit(1)).first()
        return (0, ORIGINE) if ligne is None else (ligne.numero, ligne.empreinte)

    def verifier_chaine(self) -> ChaineVerifiee:
        """Read every line again and compare the marks, then the head with the last line.

        After a purge the chain begins at its anchor, which a line of the chain must confirm.
        """
        ancre, precedente = self._ancre()
        numero, confirmee = ancre, not ancre
        attendu = _ancrage(ancre, precedente)
        for ligne in self._c.execute(select(T_TRAIL).order_by(T_TRAIL.c.numero),
                                     execution_options={"yield_per": 2000}):
            *champs, empreinte = ligne
            numero += 1
            if champs[0] != numero:
                return ChaineVerifiee(numero - 1, False, numero, "une ligne manque", ancre)
            if calculer_empreinte(precedente, champs) != empreinte:
                return ChaineVerifiee(numero - 1, False, numero, "une ligne a été modifiée",
                                      ancre)
            confirmee = confirmee or (ligne.quoi == PURGE and ligne.detail.startswith(attendu))
            precedente = empreinte
        tete = self._c.execute(
            select(T_TRAIL_TETE.c.numero, T_TRAIL_TETE.c.empreinte)).first()
        if tete is None or (tete.numero, tete.empreinte) != (numero, precedente):
            return ChaineVerifiee(numero, False, numero + 1, "la fin du journal manque", ancre)
        if not confirmee:
            return ChaineVerifiee(numero, False, ancre + 1,
                                  "une purge n’est pas inscrite au journal", ancre)
        return ChaineVerifiee(numero - ancre, True, ancre=ancre)
