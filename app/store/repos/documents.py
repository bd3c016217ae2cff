"""Documents, their bytes by SHA-256, drafts."""

import dataclasses
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from app.domain.confidentialite import ENTIER, Niveau, Regard
from app.domain.document import (
    Brouillon,
    EtatDocument,
    FicheDocument,
    OrigineDocument,
    Piece,
    RolePiece,
    Suivi,
    SuiviSource,
)
from app.store import contenus
from app.store.errors import ConflitDocument, DocumentDejaPresent, Introuvable
from app.store.moments import local
from app.store.regard import brouillons_visibles, documents_visibles
from app.store.repos.base import Depot
from app.store.tables import (
    T_BROUILLON,
    T_CONTENU,
    T_DOCUMENT,
    T_DOCUMENT_ACCES,
    T_PIECE,
    T_SUIVI,
)

_CHAMPS = tuple(f.name for f in dataclasses.fields(FicheDocument))
_COLONNES = [T_DOCUMENT.c[c] for c in _CHAMPS]
_BROUILLON = tuple(f.name for f in dataclasses.fields(Brouillon))


def _fiche(ligne: Any) -> FicheDocument:
    valeurs = dict(zip(_CHAMPS, ligne, strict=True))
    return FicheDocument(**valeurs | {
        "origine": OrigineDocument(valeurs["origine"]), "etat": EtatDocument(valeurs["etat"]),
        "cda_sha256": valeurs["cda_sha256"] or "", "pdf_sha256": valeurs["pdf_sha256"] or ""})


class Documents(Depot):
    """Repository of the documents, as `regard` may read them (LABEL.04)."""

    def __init__(self, connexion: Connection, regard: Regard = ENTIER) -> None:
        super().__init__(connexion)
        self._regard = regard

    def ajouter(self, fiche: FicheDocument, *, cda: bytes | None,
                pdf: bytes | None) -> FicheDocument:
        """Keep a document once (`spec/dmp.md` §14). `id` and the hashes of `fiche` are ignored.

        A higher version of the same set makes the former ones `remplace`; a lower one is stored
        behind, `remplace` from the start.

        :raises DocumentDejaPresent: same id, same bytes: nothing is stored.
        :raises ConflitDocument: same id but other bytes; same set and version but another id;
            or the stored one belongs to another patient.
        """
        self._refuser_double(fiche, cda)
        etat = self._ranger_versions(fiche)
        valeurs = {c: getattr(fiche, c) for c in _CHAMPS if c not in ("id", "version")}
        valeurs |= {"origine": fiche.origine.value, "etat": etat.value,
                    "cda_sha256": self._garder(cda), "pdf_sha256": self._garder(pdf),
                    "cree_le": fiche.cree_le or local(), "version": 1}
        id = self._c.execute(
            insert(T_DOCUMENT).values(**valeurs)).inserted_primary_key[0]  # type: ignore[index]
        self._heriter_niveau(id, fiche)
        return self._lire(id)

    def _heriter_niveau(self, id: int, fiche: FicheDocument) -> None:
        """A version is closed as the others of its set are: its text is nearly theirs."""
        a, t = T_DOCUMENT_ACCES.c, T_DOCUMENT.c
        if not fiche.set_id:
            return
        connu = self._c.execute(
            select(a.niveau, a.compte_id, a.profession).join(T_DOCUMENT, t.id == a.document_id)
            .where(t.set_id == fiche.set_id, t.patient_id == fiche.patient_id, t.id != id)
            .order_by(t.version_number.desc()).limit(1)).first()
        if connu is not None:
            self._c.execute(insert(T_DOCUMENT_ACCES).values(document_id=id, **connu._mapping))

    def _refuser_double(self, fiche: FicheDocument, cda: bytes | None) -> None:
        connu = self.par_cda_id(fiche.cda_id)
        if connu is None:
            return
        if connu.patient_id != fiche.patient_id:
            raise ConflitDocument(connu.id, "Ce document est déjà classé chez un autre patient.")
        if cda is not None and connu.cda_sha256 and sha256(cda).hexdigest() != connu.cda_sha256:
            raise ConflitDocument(connu.id, "Un document de même identifiant et de contenu "
                                            "différent est déjà dans le dossier.")
        raise DocumentDejaPresent(connu.id)

    def _ranger_versions(self, fiche: FicheDocument) -> EtatDocument:
        """State of the new document among the versions of its set; older ones are marked."""
        if not fiche.set_id:
            return fiche.etat
        versions = [_fiche(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_DOCUMENT.c.set_id == fiche.set_id))]
        for autre in versions:
            if autre.patient_id != fiche.patient_id:
                raise ConflitDocument(autre.id, "Une version de ce document est classée chez un "
                                                "autre patient.")
            if autre.version_number == fiche.version_number:
                raise ConflitDocument(autre.id, "Un autre document porte déjà ce numéro de "
                                                "version.")
        if fiche.etat is EtatDocument.BROUILLON:
            return fiche.etat
        for autre in versions:
            if (autre.version_number < fiche.version_number
                    and autre.etat is EtatDocument.VALIDE):
                self._modifier(T_DOCUMENT, autre.id, None, etat=EtatDocument.REMPLACE.value)
        if any(v.version_number > fiche.version_number for v in versions):
            return EtatDocument.REMPLACE
        return fiche.etat

    def _garder(self, octets: bytes | None) -> str | None:
        return None if octets is None else contenus.garder(self._c, octets)

    def remplacer_contenu(self, id: int, *, cda: bytes, pdf: bytes, version: int
                          ) -> FicheDocument:
        """New bytes of a document that never left (its order was still in the queue).

        :raises ConflitVersion: somebody changed the document meanwhile.
        """
        self._modifier(T_DOCUMENT, id, version, cda_sha256=self._garder(cda),
                       pdf_sha256=self._garder(pdf))
        return self._lire(id)

    def lister(self, patient_id: int, *, supprimes: bool = False) -> list[FicheDocument]:
        """Documents of a patient, newest act first, newest version on top; never the bytes.

        `supprimes`: with those taken out of the file, whose trace stays.
        """
        t = T_DOCUMENT.c
        requete = select(*_COLONNES).where(t.patient_id == patient_id,
                                          documents_visibles(self._regard))
        if not supprimes:
            requete = requete.where(t.etat != EtatDocument.SUPPRIME.value)
        return [_fiche(ligne) for ligne in self._c.execute(
            requete.order_by(t.date_acte.desc(), t.version_number.desc(), t.id.desc()))]

    def ids_cda(self, patient_id: int) -> set[str]:
        """CDA ids that the file holds, whoever may read them: the DMP's copy isn't news."""
        t = T_DOCUMENT.c
        return set(self._c.execute(select(t.cda_id).where(
            t.patient_id == patient_id, t.etat != "supprime", t.cda_id != "")).scalars())

    def lire(self, id: int) -> FicheDocument:
        """A document. :raises Introuvable: no such document, or not for these eyes."""
        if not self.visible(id):
            raise Introuvable("Ce document n’est pas dans le dossier.")
        return self._lire(id)

    def recent(self, id: int) -> FicheDocument | None:
        """A received document that nobody restricted, whoever reads: for who files what she may
        not read, and undoes it. None for any other."""
        fiche = self._lire(id)
        libre = fiche.origine is not OrigineDocument.CABINET and (
            not self.gardien(id) or self.visible(id))
        return fiche if libre else None

    def niveaux(self, patient_id: int) -> dict[int, Niveau]:
        """Documents of a patient that aren't the whole team's: id -> level."""
        a, d = T_DOCUMENT_ACCES.c, T_DOCUMENT.c
        return {ligne.document_id: Niveau(ligne.niveau) for ligne in self._c.execute(
            select(a.document_id, a.niveau).join(T_DOCUMENT, d.id == a.document_id)
            .where(d.patient_id == patient_id, documents_visibles(self._regard)))}

    def gardien(self, id: int) -> int:
        """Account that restricted a document; 0 when nobody did."""
        a = T_DOCUMENT_ACCES.c
        return self._c.execute(select(a.compte_id).where(a.document_id == id)).scalar() or 0

    def restreindre(self, id: int, niveau: Niveau, *, compte_id: int, profession: str) -> None:
        """Set the level of a document and of its other versions, in the name of an account
        (`Niveau.EQUIPE` lifts it)."""
        t, fiche = T_DOCUMENT.c, self._lire(id)
        ids = {id} if not fiche.set_id else {id, *self._c.execute(select(t.id).where(
            t.set_id == fiche.set_id, t.patient_id == fiche.patient_id)).scalars()}
        self._c.execute(delete(T_DOCUMENT_ACCES).where(T_DOCUMENT_ACCES.c.document_id.in_(ids)))
        if niveau is not Niveau.EQUIPE:
            self._c.execute(insert(T_DOCUMENT_ACCES), [
                {"document_id": i, "niveau": niveau.value, "compte_id": compte_id,
                 "profession": profession} for i in sorted(ids)])

    def _lire(self, id: int) -> FicheDocument:
        ligne = self._c.execute(select(*_COLONNES).where(T_DOCUMENT.c.id == id)).first()
        if ligne is None:
            raise Introuvable("Ce document n’est pas dans le dossier.")
        return _fiche(ligne)

    def contenu(self, sha256_: str) -> bytes:
        """Bytes of a document, checked against their hash.

        :raises Introuvable: no such content. :raises FichierAbime: the bytes changed.
        """
        return contenus.lire(self._c, sha256_)

    def taille_des_contenus(self) -> int:
        """Bytes of everything that is kept, in all: no archive of documents is larger by much."""
        return int(self._c.execute(select(func.coalesce(func.sum(T_CONTENU.c.taille), 0)))
                   .scalar_one())

    def par_cda_id(self, cda_id: str) -> FicheDocument | None:
        """The document that has this CDA id (XDS uniqueId)."""
        if not cda_id:
            return None
        ligne = self._c.execute(select(*_COLONNES).where(T_DOCUMENT.c.cda_id == cda_id)).first()
        return None if ligne is None else _fiche(ligne)

    def version_precedente(self, fiche: FicheDocument) -> FicheDocument | None:
        """The nearest lower version of the same set."""
        t = T_DOCUMENT.c
        if not fiche.set_id:
            return None
        ligne = self._c.execute(
            select(*_COLONNES).where(t.set_id == fiche.set_id,
                                     t.version_number < fiche.version_number)
            .order_by(t.version_number.desc()).limit(1)).first()
        return None if ligne is None else _fiche(ligne)

    def changer_etat(self, id: int, etat: EtatDocument, *, version: int) -> FicheDocument:
        """Set the state. :raises ConflitVersion: the document changed since `version`."""
        self._modifier(T_DOCUMENT, id, version, etat=etat.value)
        return self._lire(id)

    def versions(self, set_id: str, patient_id: int) -> list[FicheDocument]:
        """Every stored version of a set of one patient, newest first; deleted ones left out."""
        t = T_DOCUMENT.c
        if not set_id:
            return []
        return [_fiche(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(t.set_id == set_id, t.patient_id == patient_id,
                                     t.etat != EtatDocument.SUPPRIME.value,
                                     documents_visibles(self._regard))
            .order_by(t.version_number.desc(), t.id.desc()))]

    def visible(self, id: int) -> bool:
        """True when a document is for these eyes."""
        return self._c.execute(select(T_DOCUMENT.c.id).where(
            T_DOCUMENT.c.id == id, documents_visibles(self._regard))).first() is not None

    def par_empreinte(self, sha256_: str) -> FicheDocument | None:
        """The document not deleted that has these bytes, as CDA, PDF or original file."""
        t, p = T_DOCUMENT.c, T_PIECE.c
        fichier = select(p.document_id).where(p.sha256 == sha256_,
                                              p.role == RolePiece.FICHIER.value)
        ligne = self._c.execute(
            select(*_COLONNES).where(t.etat != EtatDocument.SUPPRIME.value, or_(
                t.cda_sha256 == sha256_,
                and_(t.pdf_sha256 == sha256_, t.cda_sha256.is_(None)), t.id.in_(fichier)))
            .order_by(t.id).limit(1)).first()
        return None if ligne is None else _fiche(ligne)

    def ajouter_piece(self, document_id: int, role: RolePiece, octets: bytes, *, mime: str = "",
                      nom: str = "") -> None:
        """Keep a file with a document; one of each role, the first one stays."""
        if any(p.role is role for p in self.pieces(document_id)):
            return
        self._c.execute(insert(T_PIECE).values(
            document_id=document_id, role=role.value, sha256=contenus.garder(self._c, octets),
            mime=mime, nom=nom))

    def pieces(self, document_id: int) -> list[Piece]:
        """Files kept with a document."""
        p = T_PIECE.c
        return [Piece(RolePiece(role), sha, mime, nom) for role, sha, mime, nom in self._c.execute(
            select(p.role, p.sha256, p.mime, p.nom).where(p.document_id == document_id)
            .order_by(p.role))]

    def decrire(self, id: int, *, type_code: str, titre: str, date_acte: str, auteur: str,
                version: int) -> FicheDocument:
        """Correct what the user says of a document that says nothing itself.

        :raises ConflitVersion: somebody changed it meanwhile.
        """
        self._modifier(T_DOCUMENT, id, version, type_code=type_code, titre=titre,
                       date_acte=date_acte, auteur=auteur)
        return self._lire(id)

    def noter_suivi(self, suivi: Suivi) -> None:
        """Write what became of a document at its source."""
        valeurs = {"etat": suivi.etat.value, "remplacant": suivi.remplacant,
                   "verifie_le": suivi.verifie_le or local()}
        if self._c.execute(update(T_SUIVI).where(
                T_SUIVI.c.document_id == suivi.document_id).values(**valeurs)).rowcount == 0:
            self._c.execute(insert(T_SUIVI).values(document_id=suivi.document_id, **valeurs))

    def suivis(self, patient_id: int) -> dict[int, Suivi]:
        """What became of the documents of a patient at their source, by document."""
        s = T_SUIVI.c
        return {ligne.document_id: Suivi(ligne.document_id, SuiviSource(ligne.etat),
                                         ligne.remplacant, ligne.verifie_le)
                for ligne in self._c.execute(select(
                    s.document_id, s.etat, s.remplacant, s.verifie_le).where(
                    s.document_id.in_(select(T_DOCUMENT.c.id).where(
                        T_DOCUMENT.c.patient_id == patient_id))))}

    def noter_references_dmp(self, id: int, entry_uuid: str, logical_id: str) -> None:
        """Attach the references given by the DMP."""
        self._modifier(T_DOCUMENT, id, None, entry_uuid=entry_uuid, logical_id=logical_id)

    def marquer_lu(self, id: int) -> None:
        """Somebody read it. Not a change of the document: its version stays."""
        self._c.execute(update(T_DOCUMENT).where(T_DOCUMENT.c.id == id).values(lu=True))

    def enregistrer_brouillon(self, brouillon: Brouillon) -> Brouillon:
        """Write a draft; id 0 creates it. Its author and its patient are those of its creation,
        whatever the value says: nobody plants a text in a colleague's drafts.

        :raises ConflitVersion: it was changed elsewhere. :raises Introuvable: it was deleted, or
            isn't for these eyes.
        """
        if brouillon.id:
            self._refuser_brouillon_d_autrui(brouillon.id)
        valeurs = {c: getattr(brouillon, c) for c in _BROUILLON if c not in ("id", "version")}
        valeurs["modifie_le"] = brouillon.modifie_le or local()
        if brouillon.id == 0:
            id = self._c.execute(insert(T_BROUILLON).values(
                **valeurs, version=1)).inserted_primary_key[0]  # type: ignore[index]
            return dataclasses.replace(brouillon, id=id, version=1,
                                       modifie_le=valeurs["modifie_le"])
        for fige in ("auteur_id", "patient_id"):
            del valeurs[fige]
        self._modifier(T_BROUILLON, brouillon.id, brouillon.version, **valeurs)
        auteur_id, patient_id = self._c.execute(
            select(T_BROUILLON.c.auteur_id, T_BROUILLON.c.patient_id)
            .where(T_BROUILLON.c.id == brouillon.id)).one()
        return dataclasses.replace(brouillon, version=brouillon.version + 1, auteur_id=auteur_id,
                                   patient_id=patient_id, modifie_le=valeurs["modifie_le"])

    def lire_brouillon(self, id: int) -> Brouillon:
        """A draft. :raises Introuvable: it was deleted, or isn't for these eyes."""
        ligne = self._c.execute(select(*(T_BROUILLON.c[c] for c in _BROUILLON)).where(
            T_BROUILLON.c.id == id, brouillons_visibles(self._regard))).first()
        if ligne is None:
            raise Introuvable("Ce brouillon n’existe plus.")
        return Brouillon(*ligne)

    def brouillons(self, patient_id: int) -> list[Brouillon]:
        """Drafts of a patient, last written first."""
        lignes = [Brouillon(*ligne) for ligne in self._c.execute(
            select(*(T_BROUILLON.c[c] for c in _BROUILLON))
            .where(T_BROUILLON.c.patient_id == patient_id, brouillons_visibles(self._regard)))]
        return sorted(lignes, key=lambda b: (datetime.fromisoformat(b.modifie_le), b.id),
                      reverse=True)

    def supprimer_brouillon(self, id: int) -> None:
        """Throw a draft away; nothing happens when it is gone already.

        :raises Introuvable: it isn't for these eyes.
        """
        self._refuser_brouillon_d_autrui(id)
        self._c.execute(delete(T_BROUILLON).where(T_BROUILLON.c.id == id))

    def auteur_brouillon(self, id: int) -> int:
        """Account whose draft it is; 0 when it is gone."""
        return self._c.execute(
            select(T_BROUILLON.c.auteur_id).where(T_BROUILLON.c.id == id)).scalar() or 0

    def _refuser_brouillon_d_autrui(self, id: int) -> None:
        auteur = self.auteur_brouillon(id)
        if auteur and not self._regard.voit_brouillon_de(auteur):
            raise Introuvable("Ce brouillon n’existe plus.")
