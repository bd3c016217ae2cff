"""Templates of the practice, correspondents, elements of the record, sources of documents."""

import json
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.domain.dossier_clinique import ElementClinique, NatureElement
from app.store.errors import Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import (
    T_CORRESPONDANT,
    T_ELEMENT,
    T_LIEN_CORRESPONDANT,
    T_MODELE_COURRIER,
    T_SOURCE_DOCUMENT,
)

_ELEMENT = ("id", "patient_id", "nature", "libelle", "detail", "date", "auteur", "cree_le",
            "retire_le", "version")


class Courriers(Depot):
    """Repository of what letters need. Values of the documents floor travel as JSON."""

    # -- Templates -----------------------------------------------------------------------------

    def modeles(self) -> dict[str, tuple[dict[str, Any], int]]:
        """Templates of the practice by key: (JSON, version)."""
        t = T_MODELE_COURRIER.c
        return {ligne.cle: (json.loads(ligne.contenu), ligne.version) for ligne in
                self._c.execute(select(t.cle, t.contenu, t.version).order_by(t.id))}

    def enregistrer_modele(self, cle: str, contenu: dict[str, Any], *, par: str,
                           version: int = 0) -> int:
        """Write a template; version 0 = it is new for the practice. Gives its version.

        :raises ConflitVersion: somebody changed it since `version`.
        """
        t = T_MODELE_COURRIER
        valeurs = {"contenu": json.dumps(contenu, ensure_ascii=False), "modifie_le": local(),
                   "modifie_par": par}
        id = self._c.execute(select(t.c.id).where(t.c.cle == cle)).scalar()
        if id is None:
            self._c.execute(insert(t).values(cle=cle, version=1, **valeurs))
            return 1
        self._modifier(t, id, version, **valeurs)
        return version + 1

    def supprimer_modele(self, cle: str) -> None:
        """Forget a template of the practice; ours of the same key shows again."""
        self._c.execute(delete(T_MODELE_COURRIER).where(T_MODELE_COURRIER.c.cle == cle))

    # -- Correspondents ------------------------------------------------------------------------

    def correspondants(self) -> list[tuple[int, dict[str, Any]]]:
        """The address book, by name: (id, JSON)."""
        t = T_CORRESPONDANT.c
        return [(ligne.id, json.loads(ligne.valeur)) for ligne in self._c.execute(
            select(t.id, t.valeur).where(t.retire_le == "").order_by(t.nom, t.id))]

    def enregistrer_correspondant(self, nom: str, valeur: dict[str, Any], id: int = 0) -> int:
        """Write a correspondent; id 0 = a new one. Gives its id."""
        texte = json.dumps(valeur, ensure_ascii=False)
        if id:
            self._modifier(T_CORRESPONDANT, id, None, nom=nom, valeur=texte)
            return id
        cree: int = self._c.execute(insert(T_CORRESPONDANT).values(
            nom=nom, valeur=texte, retire_le="",
            version=1)).inserted_primary_key[0]  # type: ignore[index]
        return cree

    def retirer_correspondant(self, id: int) -> None:
        """Take a correspondent out of the address book; letters already written keep it."""
        self._modifier(T_CORRESPONDANT, id, None, retire_le=local())

    def liens(self, patient_id: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Correspondents of a patient: (id, role, JSON), last linked first."""
        c, li = T_CORRESPONDANT.c, T_LIEN_CORRESPONDANT.c
        return [(ligne.id, ligne.role, json.loads(ligne.valeur)) for ligne in self._c.execute(
            select(c.id, li.role, c.valeur).join_from(
                T_LIEN_CORRESPONDANT, T_CORRESPONDANT, li.correspondant_id == c.id)
            .where(li.patient_id == patient_id, c.retire_le == "").order_by(li.id.desc()))]

    def lier(self, patient_id: int, correspondant_id: int, role: str, *, seul: bool) -> None:
        """Say what a correspondent is for a patient. `seul`: nobody else has that role."""
        t = T_LIEN_CORRESPONDANT
        meme = (t.c.patient_id == patient_id) & (t.c.role == role)
        if not seul:
            meme &= t.c.correspondant_id == correspondant_id
        self._c.execute(delete(t).where(meme))
        self._c.execute(insert(t).values(patient_id=patient_id, role=role, version=1,
                                         correspondant_id=correspondant_id))

    # -- The record ----------------------------------------------------------------------------

    def elements(self, patient_id: int, *, retires: bool = False) -> list[ElementClinique]:
        """Elements of the record, newest first; those taken back only when asked."""
        t = T_ELEMENT.c
        requete = select(*(t[c] for c in _ELEMENT)).where(t.patient_id == patient_id)
        if not retires:
            requete = requete.where(t.retire_le == "")
        return [ElementClinique(**dict(zip(_ELEMENT, ligne, strict=True)) | {
            "nature": NatureElement(ligne.nature)}) for ligne in
            self._c.execute(requete.order_by(t.date.desc(), t.id.desc()))]

    def ajouter_element(self, element: ElementClinique) -> ElementClinique:
        """Add an element; `id`, `cree_le` and `version` are made."""
        valeurs = {c: getattr(element, c) for c in _ELEMENT if c not in ("id", "version")}
        valeurs |= {"nature": element.nature.value, "cree_le": local(), "version": 1}
        id = self._c.execute(insert(T_ELEMENT).values(
            **valeurs)).inserted_primary_key[0]  # type: ignore[index]
        return next(e for e in self.elements(element.patient_id, retires=True) if e.id == id)

    def retirer_element(self, id: int, version: int) -> None:
        """Take an element back: it stays in the file, out of the letters."""
        self._modifier(T_ELEMENT, id, version, retire_le=local())

    # -- Sources -------------------------------------------------------------------------------

    def garder_source(self, document_id: int, texte: str) -> None:
        """Keep what a document was rendered from."""
        if self._c.execute(update(T_SOURCE_DOCUMENT).where(
                T_SOURCE_DOCUMENT.c.document_id == document_id).values(
                texte=texte)).rowcount == 0:
            self._c.execute(insert(T_SOURCE_DOCUMENT).values(document_id=document_id,
                                                             texte=texte))

    def source(self, document_id: int) -> str:
        """What a document was rendered from. :raises Introuvable: it wasn't written here."""
        texte: str | None = self._c.execute(select(T_SOURCE_DOCUMENT.c.texte).where(
            T_SOURCE_DOCUMENT.c.document_id == document_id)).scalar()
        if texte is None:
            raise Introuvable("Ce document n’a pas été écrit dans l’éditeur : il ne peut pas "
                              "être repris ici.")
        return texte

    def avec_source(self, patient_id: int) -> set[int]:
        """Ids of the documents of a patient whose source is kept."""
        from app.store.tables import T_DOCUMENT

        return set(self._c.execute(select(T_SOURCE_DOCUMENT.c.document_id).join(
            T_DOCUMENT, T_DOCUMENT.c.id == T_SOURCE_DOCUMENT.c.document_id).where(
            T_DOCUMENT.c.patient_id == patient_id)).scalars())
