"""The trail: append-only, each line bound to the former one by SHA-256."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, insert, or_, select, update

from app.store.moments import local_maintenant
from app.store.repos.base import Depot
from app.store.tables import T_TRAIL, T_TRAIL_TETE

#: Mark before the first line.
ORIGINE = "0" * 64


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

    def lister(self, limite: int = 200, *, sur_qui: str = "", qui: str = "", depuis: str = "",
               jusqua: str = "", avant_numero: int | None = None) -> list[LigneTrail]:
        """Lines, newest first. `depuis`, `jusqua`: AAAA-MM-JJ local, both included."""
        t = T_TRAIL.c
        requete = select(T_TRAIL).order_by(t.numero.desc()).limit(limite)
        if sur_qui:
            requete = requete.where(t.sur_qui == sur_qui)
        if qui:
            requete = requete.where(t.qui == qui)
        if depuis:
            requete = requete.where(t.horodatage >= depuis)
        if jusqua:
            requete = requete.where(t.horodatage < jusqua + "U")
        if avant_numero is not None:
            requete = requete.where(t.numero < avant_numero)
        return [LigneTrail(*ligne) for ligne in self._c.execute(requete)]

    def parcourir(self, *, patient: str = "", qui: str = "", depuis: str = "",
                  jusqua: str = "") -> Iterator[LigneTrail]:
        """Lines, oldest first, read as they are asked for (an export may hold millions).

        :param patient: id of a patient; the lines that bind two files are of both.
        :param qui: part of the author's name or number.
        :param depuis, jusqua: AAAA-MM-JJ local, both included.
        """
        t = T_TRAIL.c
        requete = select(T_TRAIL).order_by(t.numero)
        if patient:
            requete = requete.where(or_(t.sur_qui == patient, t.sur_qui.startswith(f"{patient},"),
                                        t.sur_qui.endswith(f",{patient}")))
        if qui:
            requete = requete.where(t.qui.contains(qui, autoescape=True))
        if depuis:
            requete = requete.where(t.horodatage >= depuis)
        if jusqua:
            requete = requete.where(t.horodatage < jusqua + "U")
        for ligne in self._c.execute(requete, execution_options={"yield_per": 2000}):
            yield LigneTrail(*ligne)

    def compter_avant(self, jour: str) -> int:
        """How many lines are older than a day (AAAA-MM-JJ local)."""
        return int(self._c.execute(select(func.count()).select_from(T_TRAIL).where(
            T_TRAIL.c.horodatage < jour)).scalar_one())

    def verifier_chaine(self) -> ChaineVerifiee:
        """Read every line again and compare the marks, then the head with the last line."""
        precedente, numero = ORIGINE, 0
        for ligne in self._c.execute(select(T_TRAIL).order_by(T_TRAIL.c.numero),
                                     execution_options={"yield_per": 2000}):
            *champs, empreinte = ligne
            numero += 1
            if champs[0] != numero:
                return ChaineVerifiee(numero - 1, False, numero, "une ligne manque")
            if calculer_empreinte(precedente, champs) != empreinte:
                return ChaineVerifiee(numero - 1, False, numero, "une ligne a été modifiée")
            precedente = empreinte
        tete = self._c.execute(
            select(T_TRAIL_TETE.c.numero, T_TRAIL_TETE.c.empreinte)).first()
        if tete is None or (tete.numero, tete.empreinte) != (numero, precedente):
            return ChaineVerifiee(numero, False, numero + 1, "la fin du journal manque")
        return ChaineVerifiee(numero, True)
