"""The trail: append-only and hash-chained. Triggers of the migration refuse UPDATE and DELETE."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Grand


class TrailRow(Base):
    """One act: who, when (local time and offset), what, on whom, with what result."""

    __tablename__ = "trail"
    __table_args__ = (Index("ix_trail_sur_qui", "sur_qui"),)

    numero: Mapped[int] = mapped_column(Grand, primary_key=True, autoincrement=False)
    horodatage: Mapped[str]
    qui: Mapped[str]
    quoi: Mapped[str]
    sur_qui: Mapped[str]
    resultat: Mapped[str]
    detail: Mapped[str]
    empreinte: Mapped[str]
    """SHA-256 of the former `empreinte` and of this line."""


class TrailTeteRow(Base):
    """The last line of the trail: shows a cut tail, and serialises writers. One row, id 1."""

    __tablename__ = "trail_tete"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    numero: Mapped[int] = mapped_column(Grand)
    empreinte: Mapped[str]
