"""Letters: templates of the practice, correspondents, the record that fills them, their sources."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class ModeleCourrierRow(Versionnee, Base):
    """A template that the practice wrote, or its version of one of ours (same `cle`)."""

    __tablename__ = "modele_courrier"

    id: Mapped[int] = mapped_column(primary_key=True)
    cle: Mapped[str] = mapped_column(unique=True)
    contenu: Mapped[str]
    modifie_le: Mapped[str]
    modifie_par: Mapped[str]


class CorrespondantRow(Versionnee, Base):
    """A person or structure to whom the practice writes. `nom` sorts, `valeur` is JSON."""

    __tablename__ = "correspondant"
    __table_args__ = (Index("ix_correspondant_nom", "nom"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str]
    valeur: Mapped[str]
    retire_le: Mapped[str]


class LienCorrespondantRow(Versionnee, Base):
    """What a correspondent is for a patient: médecin traitant, prescripteur, correspondant."""

    __tablename__ = "lien_correspondant"
    __table_args__ = (Index("ix_lien_correspondant_patient_id", "patient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    correspondant_id: Mapped[int] = mapped_column(ForeignKey("correspondant.id"))
    role: Mapped[str]


class ElementCliniqueRow(Versionnee, Base):
    """An allergy, antecedent, current treatment or measure. `retire_le` empty while it holds."""

    __tablename__ = "element_clinique"
    __table_args__ = (Index("ix_element_clinique_patient_id", "patient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    nature: Mapped[str]
    libelle: Mapped[str]
    detail: Mapped[str]
    date: Mapped[str]
    auteur: Mapped[str]
    cree_le: Mapped[str]
    retire_le: Mapped[str]


class SourceDocumentRow(Base):
    """What a document was rendered from, for its next version."""

    __tablename__ = "source_document"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    texte: Mapped[str]
