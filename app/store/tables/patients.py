"""Patients: the current identity and how to reach them."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, TexteBinaire, Versionnee


class PatientRow(Versionnee, Base):
    """A patient with the current identity (`spec/ins.md` §1)."""

    __tablename__ = "patient"
    __table_args__ = (Index("ix_patient_date_naissance", "date_naissance"),
                      Index("ix_patient_numero_secu", "numero_secu"),
                      {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    nom_naissance: Mapped[str]
    premier_prenom: Mapped[str]
    prenoms: Mapped[str]
    nom_utilise: Mapped[str]
    prenom_utilise: Mapped[str]
    date_naissance: Mapped[str]
    sexe: Mapped[str]
    lieu_naissance: Mapped[str]
    statut: Mapped[str]
    matricule_ins: Mapped[str]
    oid: Mapped[str]
    attributs: Mapped[str]
    """Sorted, separated by commas."""
    mode_qualification: Mapped[str]
    justificatif: Mapped[str]
    date_insi: Mapped[str]
    historique: Mapped[str]
    """INSHISTO, as JSON."""
    adresse: Mapped[str]
    code_postal: Mapped[str]
    commune: Mapped[str]
    telephone: Mapped[str]
    courriel: Mapped[str]
    numero_secu: Mapped[str]
    cree_le: Mapped[str]


class MatriculeRow(Base):
    """Every matricule that leads to a patient: the current one and those of INSHISTO."""

    __tablename__ = "patient_matricule"
    __table_args__ = (Index("ix_patient_matricule_patient_id", "patient_id"),)

    matricule_ins: Mapped[str] = mapped_column(TexteBinaire, primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    actif: Mapped[bool]
