"""Documents, their bytes apart, and letters being written."""

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
