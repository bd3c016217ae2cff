"""Templates, correspondents, elements of the record, sources of the documents written here."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _textes(*noms: str) -> "list[sa.Column[str]]":
    return [sa.Column(nom, sa.Text(), nullable=False) for nom in noms]


def _entier(nom: str) -> "sa.Column[int]":
    return sa.Column(nom, sa.Integer(), nullable=False)


def _vers(table: str, colonne: str, cible: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [colonne], [cible], name=op.f(f"fk_{table}_{colonne}_{cible.split('.')[0]}"))


def _cle(table: str, colonne: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(colonne, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Add five tables; nothing that exists changes."""
    op.create_table(
        "modele_courrier", _entier("id"), *_textes("cle", "contenu", "modifie_le", "modifie_par"),
        _entier("version"), _cle("modele_courrier"),
        sa.UniqueConstraint("cle", name=op.f("uq_modele_courrier_cle")))
    op.create_table(
        "correspondant", _entier("id"), *_textes("nom", "valeur", "retire_le"),
        _entier("version"), _cle("correspondant"))
    op.create_index("ix_correspondant_nom", "correspondant", ["nom"])
    op.create_table(
        "lien_correspondant", _entier("id"), _entier("patient_id"), _entier("correspondant_id"),
        *_textes("role"), _entier("version"),
        _vers("lien_correspondant", "patient_id", "patient.id"),
        _vers("lien_correspondant", "correspondant_id", "correspondant.id"),
        _cle("lien_correspondant"))
    op.create_index("ix_lien_correspondant_patient_id", "lien_correspondant", ["patient_id"])
    op.create_table(
        "element_clinique", _entier("id"), _entier("patient_id"),
        *_textes("nature", "libelle", "detail", "date", "auteur", "cree_le", "retire_le"),
        _entier("version"), _vers("element_clinique", "patient_id", "patient.id"),
        _cle("element_clinique"))
    op.create_index("ix_element_clinique_patient_id", "element_clinique", ["patient_id"])
    op.create_table(
        "source_document", _entier("document_id"), *_textes("texte"),
        _vers("source_document", "document_id", "document.id"),
        _cle("source_document", "document_id"))


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
