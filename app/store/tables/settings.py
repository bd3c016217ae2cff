"""Settings: a key and a JSON value."""

from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class ReglageRow(Base):
    """One setting."""

    __tablename__ = "reglage"

    cle: Mapped[str] = mapped_column(primary_key=True)
    valeur: Mapped[str]
