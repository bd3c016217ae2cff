"""Indexes of the patient search, kept by `app.store.search` in the unit that writes the patient.

The table of words (`recherche_mots`) differs by engine (FTS5 or tsvector): the migration makes it.
"""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Grand, TexteBinaire


class RangRow(Base):
    """Alphabetical order as a number: rows sorted by `rang` are sorted by `tri`.

    `rang` is also the address of the patient's words, so that the words found come out sorted,
    without a look at the patients.
    """

    __tablename__ = "recherche_rang"
    __table_args__ = (Index("ix_recherche_rang_tri_rang", "tri", "rang"),
                      Index("uq_recherche_rang_patient_id", "patient_id", unique=True))

    rang: Mapped[int] = mapped_column(Grand, primary_key=True, autoincrement=False)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    tri: Mapped[str] = mapped_column(TexteBinaire)
    """Normalised name and first name shown in lists, then the birth date."""


class CleRow(Base):
    """Sorted keys: « N » + name + first name, « P » + first name + name, for each name borne."""

    __tablename__ = "recherche_cle"
    __table_args__ = (Index("ix_recherche_cle_patient_id", "patient_id"),
                      {"sqlite_with_rowid": False})

    cle: Mapped[str] = mapped_column(TexteBinaire, primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), primary_key=True)
