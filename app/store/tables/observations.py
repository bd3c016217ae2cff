"""Dated free-text notes."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class ObservationRow(Versionnee, Base):
    """A note. `auteur` is the name as it was that day."""

    __tablename__ = "observation"
    __table_args__ = (Index("ix_observation_patient_id_instant", "patient_id", "instant"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    horodatage: Mapped[str]
    instant: Mapped[str]
    """`horodatage` in UTC: local texts don't sort across a change of offset."""
    auteur_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    auteur: Mapped[str]
    texte: Mapped[str]


class ObservationAncienneRow(Base):
    """Text that a note had before it was corrected: nothing written is lost."""

    __tablename__ = "observation_ancienne"

    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texte: Mapped[str]
    remplace_le: Mapped[str]
