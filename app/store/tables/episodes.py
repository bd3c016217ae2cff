"""Care episodes and what the patient accepted (`spec/dmp.md` §11)."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class EpisodeRow(Versionnee, Base):
    """A care episode; at most one is open (`clos_le` empty) for a patient."""

    __tablename__ = "episode"
    __table_args__ = (
        Index("ix_episode_patient_id", "patient_id"),
        Index("uq_episode_ouvert", "patient_id", unique=True,
              sqlite_where=text("clos_le = ''"), postgresql_where=text("clos_le = ''")))

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    ouvert_le: Mapped[str]
    ouvert_par: Mapped[str]
    clos_le: Mapped[str]
    informe_le: Mapped[str]
    informe_par: Mapped[str]
    consentement_consultation: Mapped[bool | None]
    opposition_alimentation: Mapped[bool]
    recueilli_par: Mapped[str] = mapped_column(server_default="")
