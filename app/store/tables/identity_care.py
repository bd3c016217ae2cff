"""Upkeep of identities: merges and splits, verifications with INSi, archives that wait."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class RegroupementRow(Versionnee, Base):
    """A merge (`fusion`) or a split (`separation`) of two files, with what it moved.

    A file whose merge isn't undone is out of the search indexes: no list shows it.
    """

    __tablename__ = "regroupement"
    __table_args__ = (
        Index("ix_regroupement_garde_id", "garde_id"),
        Index("ix_regroupement_autre_id", "autre_id"),
        # A file is merged into one other at a time, whatever two workstations do.
        Index("uq_regroupement_absorbe", "autre_id", unique=True,
              sqlite_where=text("nature = 'fusion' AND defait_le = ''"),
              postgresql_where=text("nature = 'fusion' AND defait_le = ''")))

    id: Mapped[int] = mapped_column(primary_key=True)
    nature: Mapped[str]
    garde_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    autre_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    horodatage: Mapped[str]
    auteur: Mapped[str]
    motif: Mapped[str]
    identite_avant: Mapped[str]
    """Identity that the kept file had, as JSON."""
    deplaces: Mapped[str]
    """JSON: table -> ids moved; other keys say what to put back."""
    defait_le: Mapped[str]
    defait_par: Mapped[str]


class VerificationRow(Versionnee, Base):
    """One verification asked from INSi; at most one waits for a patient."""

    __tablename__ = "verification_ins"
    __table_args__ = (
        Index("ix_verification_ins_etat", "etat", "prochain_essai", "id"),
        Index("ix_verification_ins_patient_id", "patient_id"),
        Index("uq_verification_ins_attente", "patient_id", unique=True,
              sqlite_where=text("etat = 'attente'"), postgresql_where=text("etat = 'attente'")))

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    cause: Mapped[str]
    etat: Mapped[str]
    demandee_le: Mapped[str]
    essais: Mapped[int]
    prochain_essai: Mapped[str]
    message: Mapped[str]
    terminee_le: Mapped[str]


class ArchiveRow(Base):
    """The XDM archive of an order, made before the mail exists: its bytes are in `contenu`."""

    __tablename__ = "envoi_archive"
    __table_args__ = (Index("ix_envoi_archive_sha256", "sha256"),)

    ordre_id: Mapped[int] = mapped_column(ForeignKey("ordre.id"), primary_key=True)
    nom: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("contenu.sha256"))
    destinataire: Mapped[str]
    adresse: Mapped[str]
