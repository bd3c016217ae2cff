"""The practice and its professionals."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class ProfessionnelRow(Base):
    """An account of a professional. Several may share one Pro Santé Connect identity."""

    __tablename__ = "professionnel"
    __table_args__ = (Index("ix_professionnel_subject_name_id", "subject_name_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    identifiant: Mapped[str]
    nom: Mapped[str]
    prenom: Mapped[str]
    profession: Mapped[str]
    savoir_faire: Mapped[str]
    civilite: Mapped[str]
    subject_name_id: Mapped[str]
    actif: Mapped[bool]


class StructureRow(Base):
    """The practice or centre; one row, id 1."""

    __tablename__ = "structure"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identifiant: Mapped[str]
    raison_sociale: Mapped[str]
    secteur: Mapped[str]
    adresse: Mapped[str]
    code_postal: Mapped[str]
    commune: Mapped[str]
    telephone: Mapped[str]
    courriel: Mapped[str]
