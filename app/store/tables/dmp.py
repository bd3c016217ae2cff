"""What the DMP last answered for a patient. A copy that may be thrown away, but `dmp_vu`."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class DmpListeRow(Base):
    """When the list was asked, and how many documents of it were new (None = not known)."""

    __tablename__ = "dmp_liste"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    interroge_le: Mapped[str]
    nouveaux: Mapped[int | None]


class DmpFicheRow(Base):
    """Metadata of one document of the registry, in the order of the answer."""

    __tablename__ = "dmp_fiche"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fiche: Mapped[str]
    """JSON: a copy of the registry follows the value of the trade, not the other way round."""


class DmpVuRow(Base):
    """Documents of the DMP that somebody of the practice opened."""

    __tablename__ = "dmp_vu"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    unique_id: Mapped[str] = mapped_column(primary_key=True)
    vu_le: Mapped[str]
