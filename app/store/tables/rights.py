"""Roles of the practice, levels of single documents, and where the purged trail begins."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Grand


class RoleRow(Base):
    """A role. `droits` and `categories` are JSON lists. An empty table means the default roles."""

    __tablename__ = "role"

    code: Mapped[str] = mapped_column(primary_key=True)
    rang: Mapped[int]
    libelle: Mapped[str]
    date: Mapped[bool]
    droits: Mapped[str]
    categories: Mapped[str]


class DocumentAccesRow(Base):
    """Level of a document that isn't the whole team's (LABEL.04); no row = the whole team."""

    __tablename__ = "document_acces"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True,
                                             autoincrement=False)
    niveau: Mapped[str]
    compte_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    profession: Mapped[str]


class TrailAncreRow(Base):
    """Last line of a purge: the chain begins after it. Only added to; a line of the trail says the
    same number and mark."""

    __tablename__ = "trail_ancre"

    numero: Mapped[int] = mapped_column(Grand, primary_key=True, autoincrement=False)
    empreinte: Mapped[str]
    purge_le: Mapped[str]
