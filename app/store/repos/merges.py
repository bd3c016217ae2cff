"""Merges and splits of files: what moves, and how it goes back (`spec/ins.md` §2)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, select, update

from app.domain.identity import Identite
from app.domain.regroupement import NatureRegroupement, Regroupement
from app.store import coding
from app.store.errors import Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.repos.patients import Patients
from app.store.search.index import desindexer, indexer
from app.store.tables import T_DMP_VU, T_EPISODE, T_MATRICULE, T_REGROUPEMENT, Base

#: What belongs to an identity, not to the care of a person: it stays with its file.
_RESTE = frozenset({"identite_historique", "verification_ins", "patient_matricule"})
_LOT = 500

Deplaces = dict[str, list[int]]


def tables_mobiles() -> list[Table]:
    """Tables whose rows follow a patient: an `id` of their own and a `patient_id`."""
    return [t for t in Base.metadata.sorted_tables
            if "patient_id" in t.c and [c.name for c in t.primary_key] == ["id"]
            and t.name not in _RESTE]


class Regroupements(Depot):
    """Repository of the merges and splits."""

    def fusionner(self, garde_id: int, autre_id: int, *, auteur: str, motif: str,
                  identite_avant: Identite, complements: Mapping[str, Any] | None = None) -> int:
        """Move everything of `autre_id` to `garde_id` and take it out of the lists.

        The most restrictive consent of the two open episodes holds: an opposition is never lost.
        `complements` is kept for `defaire`, which gives it back untouched.
        """
        suivi: dict[str, Any] = {"complements": dict(complements or {}),
                                 "episodes": self._reunir_episodes(garde_id, autre_id)}
        suivi["tables"] = self.deplacer_tout(autre_id, garde_id)
        self._copier_vus(autre_id, garde_id)
        self.retirer_des_listes(autre_id)
        return self._noter(NatureRegroupement.FUSION, garde_id, autre_id, auteur, motif,
                           identite_avant, suivi)

    def separer(self, garde_id: int, autre_id: int, elements: Mapping[str, Sequence[int]], *,
                auteur: str, motif: str, identite_avant: Identite) -> int:
        """Move chosen rows of `garde_id` to the new file `autre_id`."""
        suivi = {"tables": self.deplacer(elements, garde_id, autre_id)}
        return self._noter(NatureRegroupement.SEPARATION, garde_id, autre_id, auteur, motif,
                           identite_avant, suivi)

    def defaire(self, id: int, *, auteur: str,
                version: int) -> tuple[Identite, dict[str, Any]]:
        """Undo a merge: what it moved goes back, what came since stays.

        Returns the identity that the kept file had before, and the `complements` of the merge.

        :raises ConflitVersion: somebody undid it meanwhile.
        """
        ligne = self._ligne(id)
        suivi = json.loads(ligne.deplaces)
        self._modifier(T_REGROUPEMENT, id, version, defait_le=local(), defait_par=auteur)
        self.deplacer(suivi["tables"], ligne.garde_id, ligne.autre_id)
        self._separer_episodes(suivi["episodes"])
        self.remettre_dans_listes(ligne.autre_id)
        return coding.lire_identite(ligne.identite_avant), suivi["complements"]

    def rattraper(self, garde_id: int) -> int:
        """Bring along what was written on merged files since (another workstation had them open).

        Returns how many rows moved.
        """
        nombre = 0
        for ligne in self._c.execute(select(T_REGROUPEMENT).where(
                *_EN_VIGUEUR, T_REGROUPEMENT.c.garde_id == garde_id)).all():
            nouveaux = self.deplacer_tout(ligne.autre_id, garde_id, sauf=("episode",))
            if nouveaux:
                suivi = json.loads(ligne.deplaces)
                for table, ids in nouveaux.items():
                    suivi["tables"].setdefault(table, []).extend(ids)
                    nombre += len(ids)
                self._modifier(T_REGROUPEMENT, ligne.id, None, deplaces=json.dumps(suivi))
        return nombre

    def actuel(self, patient_id: int) -> int:
        """The file in which a merged file lives now; the file itself when it isn't merged."""
        vus = {patient_id}
        while True:
            suite = self._c.execute(select(T_REGROUPEMENT.c.garde_id).where(
                *_EN_VIGUEUR, T_REGROUPEMENT.c.autre_id == patient_id)).scalar()
            if suite is None or suite in vus:
                return patient_id
            patient_id = int(suite)
            vus.add(patient_id)

    def lire(self, id: int) -> Regroupement:
        """A merge or split. :raises Introuvable: no such one."""
        return self._valeurs([self._ligne(id)])[0]

    def lister(self, limite: int = 200, patient_id: int | None = None) -> list[Regroupement]:
        """Merges and splits, newest first; those of one patient when it is given."""
        requete = select(T_REGROUPEMENT).order_by(T_REGROUPEMENT.c.id.desc()).limit(limite)
        if patient_id is not None:
            requete = requete.where((T_REGROUPEMENT.c.garde_id == patient_id)
                                    | (T_REGROUPEMENT.c.autre_id == patient_id))
        return self._valeurs(list(self._c.execute(requete)))

    # -- Moving -----------------------------------------------------------------------------

    def deplacer_tout(self, de: int, vers: int, sauf: Sequence[str] = ()) -> Deplaces:
        """Move every row of a patient; returns the ids by table."""
        tous: Deplaces = {}
        for table in tables_mobiles():
            ids = [] if table.name in sauf else list(self._c.execute(
                select(table.c.id).where(table.c.patient_id == de).order_by(table.c.id)).scalars())
            if ids:
                tous[table.name] = ids
        return self.deplacer(tous, de, vers)

    def deplacer(self, elements: Mapping[str, Sequence[int]], de: int, vers: int) -> Deplaces:
        """Move rows that still belong to `de`; returns those that moved."""
        connues = {t.name: t for t in tables_mobiles()}
        faits: Deplaces = {}
        for nom, ids in elements.items():
            table = connues[nom]
            for debut in range(0, len(ids), _LOT):
                lot = list(ids[debut:debut + _LOT])
                presents = list(self._c.execute(select(table.c.id).where(
                    table.c.id.in_(lot), table.c.patient_id == de)).scalars())
                if presents:
                    self._c.execute(update(table).where(table.c.id.in_(presents))
                                    .values(patient_id=vers))
                    faits.setdefault(nom, []).extend(presents)
        return faits

    def retirer_des_listes(self, patient_id: int) -> None:
        """No search, list or matricule leads to this file any more."""
        desindexer(self._c, patient_id)
        self._c.execute(delete(T_MATRICULE).where(T_MATRICULE.c.patient_id == patient_id))

    def remettre_dans_listes(self, patient_id: int) -> None:
        """Reverse of `retirer_des_listes`."""
        patients = Patients(self._c)
        identite = patients.lire(patient_id).identite
        patients.inscrire_matricules(patient_id, identite)
        indexer(self._c, patient_id, identite.traits)

    def _copier_vus(self, de: int, vers: int) -> None:
        vus = set(self._c.execute(select(T_DMP_VU.c.unique_id).where(
            T_DMP_VU.c.patient_id == vers)).scalars())
        nouveaux = [{"patient_id": vers, "unique_id": ligne.unique_id, "vu_le": ligne.vu_le}
                    for ligne in self._c.execute(select(T_DMP_VU).where(
                        T_DMP_VU.c.patient_id == de)) if ligne.unique_id not in vus]
        if nouveaux:
            self._c.execute(insert(T_DMP_VU), nouveaux)

    # -- Episodes ---------------------------------------------------------------------------

    def _reunir_episodes(self, garde_id: int, autre_id: int) -> dict[str, Any]:
        """One episode stays open: the kept file's, under the stricter of the two consents."""
        garde, autre = self._episode(garde_id), self._episode(autre_id)
        if garde is None or autre is None:
            return {}
        consentement = garde.consentement_consultation
        if autre.consentement_consultation is False:
            consentement = False
        opposition = bool(garde.opposition_alimentation or autre.opposition_alimentation)
        avant = {"clos": autre.id, "garde": garde.id,
                 "consentement": garde.consentement_consultation,
                 "opposition": bool(garde.opposition_alimentation),
                 "pose": [consentement, opposition]}
        self._modifier(T_EPISODE, autre.id, None, clos_le=local())
        self._modifier(T_EPISODE, garde.id, None, consentement_consultation=consentement,
                       opposition_alimentation=opposition)
        return avant

    def _separer_episodes(self, avant: Mapping[str, Any]) -> None:
        if not avant:
            return
        self._modifier(T_EPISODE, avant["clos"], None, clos_le="")
        t = T_EPISODE.c
        actuel = self._c.execute(select(t.consentement_consultation, t.opposition_alimentation)
                                 .where(t.id == avant["garde"])).one()
        # What the patient said since the merge isn't taken back.
        if [actuel[0], bool(actuel[1])] == avant["pose"]:
            self._modifier(T_EPISODE, avant["garde"], None,
                           consentement_consultation=avant["consentement"],
                           opposition_alimentation=avant["opposition"])

    def _episode(self, patient_id: int) -> Any:
        return self._c.execute(select(T_EPISODE).where(
            T_EPISODE.c.patient_id == patient_id, T_EPISODE.c.clos_le == "")).first()

    # -- Rows -------------------------------------------------------------------------------

    def _noter(self, nature: NatureRegroupement, garde_id: int, autre_id: int, auteur: str,
               motif: str, identite_avant: Identite, suivi: Mapping[str, Any]) -> int:
        resultat = self._c.execute(insert(T_REGROUPEMENT).values(
            nature=nature.value, garde_id=garde_id, autre_id=autre_id, horodatage=local(),
            auteur=auteur, motif=motif, identite_avant=coding.ecrire_identite(identite_avant),
            deplaces=json.dumps(suivi), defait_le="", defait_par="", version=1))
        return int(resultat.inserted_primary_key[0])  # type: ignore[index]

    def _ligne(self, id: int) -> Any:
        ligne = self._c.execute(
            select(T_REGROUPEMENT).where(T_REGROUPEMENT.c.id == id)).first()
        if ligne is None:
            raise Introuvable("Ce regroupement n’existe pas.")
        return ligne

    def _valeurs(self, lignes: Sequence[Any]) -> list[Regroupement]:
        ids = {i for ligne in lignes for i in (ligne.garde_id, ligne.autre_id)}
        resumes = {r.id: r for r in Patients(self._c).resumes(sorted(ids))}
        return [Regroupement(
            id=x.id, nature=NatureRegroupement(x.nature), garde=resumes[x.garde_id],
            autre=resumes[x.autre_id], horodatage=x.horodatage, auteur=x.auteur, motif=x.motif,
            elements=sum(len(ids) for ids in json.loads(x.deplaces)["tables"].values()),
            defait_le=x.defait_le, defait_par=x.defait_par, version=x.version) for x in lignes]


_EN_VIGUEUR: tuple[ColumnElement[bool], ...] = (
    T_REGROUPEMENT.c.nature == NatureRegroupement.FUSION.value, T_REGROUPEMENT.c.defait_le == "")
