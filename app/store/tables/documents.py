"""Documents, their bytes apart, letters and forms being written."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class ContenuRow(Base):
    """Bytes, kept once by their SHA-256; never loaded by a list."""

    __tablename__ = "contenu"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    taille: Mapped[int]
    octets: Mapped[bytes]


class DocumentRow(Versionnee, Base):
    """One line of the patient's documents."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_patient_id_date_acte", "patient_id", "date_acte"),
        Index("ix_document_set_id", "set_id"),
        Index("ix_document_cda_sha256", "cda_sha256"),
        Index("ix_document_pdf_sha256", "pdf_sha256"),
        Index("uq_document_cda_id", "cda_id", unique=True,
              sqlite_where=text("cda_id <> ''"), postgresql_where=text("cda_id <> ''")))

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    origine: Mapped[str]
    etat: Mapped[str]
    type_code: Mapped[str]
    titre: Mapped[str]
    date_acte: Mapped[str]
    auteur: Mapped[str]
    cda_id: Mapped[str]
    set_id: Mapped[str]
    version_number: Mapped[int]
    entry_uuid: Mapped[str]
    logical_id: Mapped[str]
    cda_sha256: Mapped[str | None] = mapped_column(ForeignKey("contenu.sha256"))
    pdf_sha256: Mapped[str | None] = mapped_column(ForeignKey("contenu.sha256"))
    cree_le: Mapped[str]
    lu: Mapped[bool]
    auteur_id: Mapped[int | None] = mapped_column(ForeignKey("professionnel.id"))


class PieceRow(Base):
    """A file kept with a document: original image, producer's style sheet, PDF that came beside."""

    __tablename__ = "document_piece"
    __table_args__ = (Index("ix_document_piece_sha256", "sha256"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("contenu.sha256"))
    mime: Mapped[str]
    nom: Mapped[str]


class SuiviRow(Base):
    """What became of a local document at its source."""

    __tablename__ = "document_suivi"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    etat: Mapped[str]
    remplacant: Mapped[str]
    verifie_le: Mapped[str]


class EntrantRow(Versionnee, Base):
    """A document that came from outside and waits to be filed (« À classer »)."""

    __tablename__ = "entrant"
    __table_args__ = (Index("ix_entrant_etat", "etat", "recu_le", "id"),
                      Index("ix_entrant_patient_id", "patient_id"),
                      Index("ix_entrant_sha256", "sha256"),
                      Index("ix_entrant_feuille_sha256", "feuille_sha256"),
                      Index("ix_entrant_joint_sha256", "joint_sha256"),
                      Index("ix_entrant_document_id", "document_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    recu_le: Mapped[str]
    origine: Mapped[str]
    nom: Mapped[str]
    mime: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("contenu.sha256"))
    feuille_sha256: Mapped[str | None] = mapped_column(ForeignKey("contenu.sha256"))
    joint_sha256: Mapped[str | None] = mapped_column(ForeignKey("contenu.sha256"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"))
    verdict: Mapped[str]
    motif: Mapped[str]
    etat: Mapped[str]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    traite_le: Mapped[str]
    traite_par: Mapped[str]
    type_code: Mapped[str]
    titre: Mapped[str]
    date_acte: Mapped[str]
    auteur: Mapped[str]
    traits: Mapped[str]
    """Who the document says it is about, as a line to show; empty when it doesn't."""


class BrouillonRow(Versionnee, Base):
    """A letter or report being written."""

    __tablename__ = "brouillon"
    __table_args__ = (Index("ix_brouillon_patient_id", "patient_id"),
                      {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    auteur_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    type_code: Mapped[str]
    titre: Mapped[str]
    texte: Mapped[str]
    modifie_le: Mapped[str]


class SaisieRow(Versionnee, Base):
    """A structured document being filled: the JSON of its form."""

    __tablename__ = "saisie"
    __table_args__ = (Index("ix_saisie_patient_id", "patient_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    auteur_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    type_cle: Mapped[str]
    valeur: Mapped[str]
    modifie_le: Mapped[str]
