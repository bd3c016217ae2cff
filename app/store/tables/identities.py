"""History of identities: one row a change, never rewritten (rules 16 and 21)."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class IdentiteHistoriqueRow(Base):
    """What an identity became, when, by whom and why."""

    __tablename__ = "identite_historique"
    __table_args__ = (Index("ix_identite_historique_patient_id", "patient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    horodatage: Mapped[str]
    auteur: Mapped[str]
    cause: Mapped[str]
    statut_avant: Mapped[str]
    identite: Mapped[str]
    """The whole new identity, as JSON."""
