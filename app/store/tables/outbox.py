"""Orders to the outside and the steps of their life (`spec/dmp.md` §16)."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class OrdreRow(Versionnee, Base):
    """An order. `bail` is the UTC end of the claim while it is being sent, else empty.

    `groupe` holds together the versions of one document set: they leave in order.
    """

    __tablename__ = "ordre"
    __table_args__ = (Index("ix_ordre_etat_pas_avant", "etat", "pas_avant"),
                      Index("ix_ordre_groupe", "destination", "groupe"),
                      Index("ix_ordre_document_id", "document_id"),
                      Index("ix_ordre_patient_id", "patient_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    destination: Mapped[str]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    auteur_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    groupe: Mapped[str]
    etat: Mapped[str]
    pas_avant: Mapped[str]
    essais: Mapped[int]
    prochain_essai: Mapped[str]
    bail: Mapped[str]
    motif: Mapped[str]
    code: Mapped[str]
    remede: Mapped[str]
    incertain: Mapped[bool]
    cree_le: Mapped[str]
    termine_le: Mapped[str]


class EtapeRow(Base):
    """One step of an order's life."""

    __tablename__ = "ordre_etape"
    __table_args__ = (Index("ix_ordre_etape_ordre_id", "ordre_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ordre_id: Mapped[int] = mapped_column(ForeignKey("ordre.id"))
    horodatage: Mapped[str]
    etat: Mapped[str]
    texte: Mapped[str]
    code: Mapped[str]
