"""Visits and appointments."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class PassageRow(Versionnee, Base):
    """A visit: `jour` AAAA-MM-JJ, `heure` HH:MM local, `duree` in minutes."""

    __tablename__ = "passage"
    __table_args__ = (Index("ix_passage_jour_heure", "jour", "heure"),
                      Index("ix_passage_patient_id", "patient_id"),
                      {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    jour: Mapped[str]
    heure: Mapped[str]
    professionnel_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"))
    soins: Mapped[str]
    duree: Mapped[int]
    lieu: Mapped[str]
    etat: Mapped[str]
    adresse: Mapped[str]
