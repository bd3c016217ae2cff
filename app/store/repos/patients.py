"""Patients: identity with history, contact, search."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, union_all

from app.domain.identity import Identite
from app.domain.names import cle_comparaison
from app.domain.patient import Contact, LigneHistorique, Patient, PatientResume
from app.store import coding
from app.store.errors import ChangementInterdit, ErreurStore, Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.search.finder import trouver
from app.store.search.index import indexer
from app.store.search.query import analyser
from app.store.tables import (
    T_DOCUMENT,
    T_ELEMENT,
    T_EPISODE,
    T_IDENTITE_HISTORIQUE,
    T_MATRICULE,
    T_OBSERVATION,
    T_PASSAGE,
    T_PATIENT,
    T_RANG,
)

_RESUME = [T_PATIENT.c[c] for c in coding.CHAMPS_RESUME]
#: Most values that one IN may hold, on both engines.
_LOT = 500
#: Orders of the list of patients.
TRIS = ("nom", "date_naissance", "statut", "recent")

#: What shows that a patient was cared for, and the column of its day.
_ACTES = ((T_PASSAGE, "jour"), (T_OBSERVATION, "horodatage"), (T_DOCUMENT, "date_acte"),
          (T_DOCUMENT, "cree_le"), (T_ELEMENT, "cree_le"), (T_EPISODE, "ouvert_le"))


class Patients(Depot):
    """Repository of the patients."""

    def ajouter(self, identite: Identite, contact: Contact | None = None, *, auteur: str,
                cause: str, numero_secu: str = "") -> Patient:
        """Create a patient; the history begins with `cause`."""
        valeurs: dict[str, Any] = coding.colonnes_identite(identite)
        valeurs |= {c: getattr(contact or Contact(), c) for c in coding.CHAMPS_CONTACT}
        patient_id = self._c.execute(insert(T_PATIENT).values(
            **valeurs, numero_secu=numero_secu, cree_le=local(), version=1,
        )).inserted_primary_key[0]  # type: ignore[index]
        self._apres_identite(patient_id, identite, None, auteur, cause)
        return self.lire(patient_id)

    def lire(self, id: int) -> Patient:
        """A patient. :raises Introuvable: no such patient."""
        ligne = self._c.execute(select(T_PATIENT).where(T_PATIENT.c.id == id)).mappings().first()
        if ligne is None:
            raise Introuvable("Ce patient n’est pas dans le dossier.")
        return coding.patient(dict(ligne))

    def enregistrer_identite(self, id: int, identite: Identite, *, auteur: str, cause: str,
                             version: int) -> Patient:
        """Replace the identity and append it to the history.

        :raises ConflitVersion: the patient changed since `version`.
        :raises ChangementInterdit: the file was merged into another one.
        """
        if self._c.execute(select(T_RANG.c.rang).where(T_RANG.c.patient_id == id)).first() is None:
            self.lire(id)
            raise ChangementInterdit("Ce dossier a été fusionné avec un autre : ouvrez le dossier "
                                     "gardé. Rien n’a été modifié.")
        statut_avant = self._c.execute(
            select(T_PATIENT.c.statut).where(T_PATIENT.c.id == id)).scalar()
        self._modifier(T_PATIENT, id, version, **coding.colonnes_identite(identite))
        self._apres_identite(id, identite, statut_avant, auteur, cause)
        return self.lire(id)

    def _apres_identite(self, id: int, identite: Identite, statut_avant: str | None, auteur: str,
                        cause: str) -> None:
        self._c.execute(insert(T_IDENTITE_HISTORIQUE).values(
            patient_id=id, horodatage=local(), auteur=auteur, cause=cause,
            statut_avant=statut_avant or identite.statut.value,
            identite=coding.ecrire_identite(identite)))
        self.inscrire_matricules(id, identite)
        indexer(self._c, id, identite.traits)

    def inscrire_matricules(self, id: int, identite: Identite) -> None:
        """Replace the matricules that lead to a patient."""
        self._c.execute(delete(T_MATRICULE).where(T_MATRICULE.c.patient_id == id))
        matricules = {m.matricule_ins: False for m in identite.historique if m.matricule_ins}
        if identite.matricule_ins:
            matricules[identite.matricule_ins] = True
        if matricules:
            self._c.execute(insert(T_MATRICULE), [
                {"matricule_ins": m, "patient_id": id, "actif": actif}
                for m, actif in matricules.items()])

    def enregistrer_contact(self, id: int, contact: Contact, *, version: int) -> Patient:
        """Replace the address and telephone. :raises ConflitVersion: changed since `version`."""
        self._modifier(T_PATIENT, id, version,
                       **{c: getattr(contact, c) for c in coding.CHAMPS_CONTACT})
        return self.lire(id)

    def enregistrer_numero_secu(self, id: int, numero: str, *, version: int) -> Patient:
        """Replace the billing number (never an INS)."""
        self._modifier(T_PATIENT, id, version, numero_secu=numero)
        return self.lire(id)

    def historique(self, id: int) -> list[LigneHistorique]:
        """Every identity the patient had, oldest first."""
        t = T_IDENTITE_HISTORIQUE
        return [LigneHistorique(
            horodatage=ligne.horodatage, auteur=ligne.auteur, cause=ligne.cause,
            statut_avant=type(valeur.statut)(ligne.statut_avant), identite=valeur)
            for ligne in self._c.execute(select(t).where(t.c.patient_id == id).order_by(t.c.id))
            for valeur in (coding.lire_identite(ligne.identite),)]

    def chercher(self, texte: str, limite: int = 50, decalage: int = 0) -> list[PatientResume]:
        """Patients that match what was typed, best first (see `app.store.search.finder`).

        Words are beginnings of names, used names or first names; digits are a birth date
        (JJMMAAAA, JJMMAA, JJ/MM/AAAA, AAAA-MM-JJ, or its beginning) or a matricule. Case, accents,
        hyphens and apostrophes don't matter. An empty text gives the first patients by name.
        """
        recherche = analyser(texte)
        if recherche.vide:
            if texte.strip():
                return []
            return self.resumes(self._c.execute(
                select(T_RANG.c.patient_id).order_by(T_RANG.c.rang)
                .limit(limite).offset(decalage)).scalars().all())
        return self.resumes(trouver(self._c, recherche, decalage + limite)[decalage:])

    def ids(self, tri: str = "nom") -> list[int]:
        """Ids of every patient, in the order of a list (`TRIS`)."""
        requete = select(T_RANG.c.patient_id)
        if tri == "nom":
            requete = requete.order_by(T_RANG.c.rang)
        elif tri == "recent":
            requete = requete.order_by(T_RANG.c.patient_id.desc())
        elif tri in TRIS:
            requete = requete.join(T_PATIENT, T_PATIENT.c.id == T_RANG.c.patient_id).order_by(
                T_PATIENT.c[tri], T_RANG.c.rang)
        else:
            raise ErreurStore("Cet ordre de tri n’existe pas.")
        return list(self._c.execute(requete).scalars())

    def resumes(self, ids: Sequence[int]) -> list[PatientResume]:
        """Lines of a list, in the order of `ids`; an unknown id is left out."""
        lignes: dict[int, PatientResume] = {}
        for debut in range(0, len(ids), _LOT):
            for ligne in self._c.execute(
                    select(*_RESUME).where(T_PATIENT.c.id.in_(ids[debut:debut + _LOT]))):
                lignes[ligne[0]] = coding.resume(tuple(ligne))
        return [lignes[id] for id in ids if id in lignes]

    def derniers_actes(self, id: int | None = None) -> list[tuple[int, str, str]]:
        """(id, birth date, day of the last act) of every patient: visit, note, document, line of
        the record, care episode; the creation of the file when there is none.

        :param id: of that one only; nothing when no list shows it.
        """
        p = T_PATIENT.c
        actes = union_all(*(
            select(quoi.c.patient_id, func.max(func.substr(quoi.c[quand], 1, 10)).label("jour"))
            .where(quoi.c.patient_id.is_not(None) if id is None else quoi.c.patient_id == id)
            .group_by(quoi.c.patient_id) for quoi, quand in _ACTES)).subquery()
        requete = (select(p.id, p.date_naissance, func.max(actes.c.jour),
                          func.substr(p.cree_le, 1, 10))
                   .join(T_RANG, T_RANG.c.patient_id == p.id)
                   .outerjoin(actes, actes.c.patient_id == p.id)
                   .group_by(p.id, p.date_naissance, p.cree_le))
        if id is not None:
            requete = requete.where(p.id == id)
        return [(x[0], x[1], max(x[2] or "", x[3])) for x in self._c.execute(requete)]

    def compter(self) -> int:
        """Number of patients; merged files count once."""
        return int(self._c.execute(select(func.count()).select_from(T_RANG)).scalar_one())

    def par_matricule(self, matricule15: str) -> list[int]:
        """Ids of the patients who have this matricule now (first), or had it (INSHISTO)."""
        return list(self._c.execute(
            select(T_MATRICULE.c.patient_id).where(T_MATRICULE.c.matricule_ins == matricule15)
            .order_by(T_MATRICULE.c.actif.desc(), T_MATRICULE.c.patient_id)).scalars())

    def nes_le(self, date_naissance: str) -> list[PatientResume]:
        """Patients born that day (wire form), by name."""
        t = T_PATIENT.c
        return [coding.resume(tuple(ligne)) for ligne in self._c.execute(
            select(*_RESUME).join(T_RANG, T_RANG.c.patient_id == t.id)
            .where(t.date_naissance == date_naissance).order_by(T_RANG.c.rang))]

    def par_traits(self, nom: str, prenom: str, date_naissance: str) -> list[PatientResume]:
        """Patients born that day whose birth or used name is `nom`, first name `prenom`.

        Names are compared without case, accents, hyphens, apostrophes or spaces; an empty `prenom`
        matches everyone. `prenom` may be the first, the used, or any of the given names.
        """
        t = T_PATIENT.c
        lignes = self._c.execute(select(
            *_RESUME, t.prenoms).join(T_RANG, T_RANG.c.patient_id == t.id)
            .where(t.date_naissance == date_naissance,
                   or_(t.nom_naissance != "", t.nom_utilise != ""))
            .order_by(t.nom_naissance, t.premier_prenom, t.id)).all()
        cherche, petit = cle_comparaison(nom), cle_comparaison(prenom)
        trouves = []
        for *ligne, prenoms in lignes:
            resume = coding.resume(tuple(ligne))
            noms = {cle_comparaison(resume.nom_naissance), cle_comparaison(resume.nom_utilise)}
            petits = {cle_comparaison(p) for p in (resume.premier_prenom, resume.prenom_utilise,
                                                   *prenoms.split(" "), prenoms)}
            if cherche and cherche in noms and (not petit or petit in petits):
                trouves.append(resume)
        return trouves
