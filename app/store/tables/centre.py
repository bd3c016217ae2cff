"""What a centre adds: organisation certificates, teams, delegations, the vault on a server."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, Versionnee


class CertificatRow(Versionnee, Base):
    """An organisation certificate and its key; one for each use.

    `cle` is PKCS#8. On SQLite the whole file is encrypted; on PostgreSQL `scelle` is true and the
    key is sealed under the key of the practice: who reads the server's disk gets nothing.
    """

    __tablename__ = "certificat_structure"

    usage: Mapped[str] = mapped_column(primary_key=True)
    cn: Mapped[str]
    structure: Mapped[str]
    emetteur: Mapped[str]
    serie: Mapped[str]
    du: Mapped[str]
    au: Mapped[str]
    empreinte: Mapped[str]
    chaine: Mapped[bytes]
    cle: Mapped[bytes]
    scelle: Mapped[bool]
    importe_le: Mapped[str]
    importe_par: Mapped[str]


class EquipeRow(Versionnee, Base):
    """A care team."""

    __tablename__ = "equipe"

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str]
    active: Mapped[bool]


class EquipeMembreRow(Base):
    """An account in a team, between two days (AAAA-MM-JJ, "" = no bound)."""

    __tablename__ = "equipe_membre"
    __table_args__ = (Index("ix_equipe_membre_compte_id", "compte_id"),)

    equipe_id: Mapped[int] = mapped_column(ForeignKey("equipe.id"), primary_key=True)
    compte_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"), primary_key=True)
    du: Mapped[str]
    au: Mapped[str]


class DelegationRow(Versionnee, Base):
    """What one account lets another do in its name, between two days."""

    __tablename__ = "delegation"
    __table_args__ = (Index("ix_delegation_a_id", "a_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    de_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    a_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    gestes: Mapped[str]
    """Codes of `domain.equipes.Geste`, separated by commas."""
    du: Mapped[str]
    au: Mapped[str]
    motif: Mapped[str]
    cree_le: Mapped[str]
    revoquee_le: Mapped[str]


class PreparationRow(Versionnee, Base):
    """A document prepared by one account for another (`domain.preparations`).

    `source_id` is a `brouillon` or a `saisie`, by `genre`; it is gone once validated or thrown
    away, and its id is never given again.
    """

    __tablename__ = "preparation"
    __table_args__ = (Index("ix_preparation_pour_id_etat", "pour_id", "etat"),
                      Index("ix_preparation_par_id", "par_id"),
                      Index("ix_preparation_patient_id", "patient_id"),
                      Index("ix_preparation_document_id", "document_id"),
                      Index("uq_preparation_source", "genre", "source_id", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    genre: Mapped[str]
    source_id: Mapped[int]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    pour_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    par_id: Mapped[int] = mapped_column(ForeignKey("professionnel.id"))
    titre: Mapped[str]
    etat: Mapped[str]
    motif: Mapped[str]
    cree_le: Mapped[str]
    change_le: Mapped[str]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))


class CoffreRow(Versionnee, Base):
    """The vault of a practice on a server, so that every workstation opens it; one row, id 1."""

    __tablename__ = "coffre"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contenu: Mapped[str]
