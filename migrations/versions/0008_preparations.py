"""Documents prepared for a professional; who collected a consent for another."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _textes(*noms: str) -> "list[sa.Column[str]]":
    return [sa.Column(nom, sa.Text(), nullable=False) for nom in noms]


def _entiers(*noms: str) -> "list[sa.Column[int]]":
    return [sa.Column(nom, sa.Integer(), nullable=False) for nom in noms]


def _vers(colonne: str, cible: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [colonne], [cible], name=op.f(f"fk_preparation_{colonne}_{cible.split('.')[0]}"))


def upgrade() -> None:
    """Add a table and a column; nothing that exists changes."""
    op.create_table(
        "preparation", *_entiers("id"), *_textes("genre"),
        *_entiers("source_id", "patient_id", "pour_id", "par_id"),
        *_textes("titre", "etat", "motif", "cree_le", "change_le"),
        sa.Column("document_id", sa.Integer(), nullable=True), *_entiers("version"),
        _vers("patient_id", "patient.id"), _vers("pour_id", "professionnel.id"),
        _vers("par_id", "professionnel.id"), _vers("document_id", "document.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preparation")))
    op.create_index("ix_preparation_pour_id_etat", "preparation", ["pour_id", "etat"])
    op.create_index("ix_preparation_par_id", "preparation", ["par_id"])
    op.create_index("ix_preparation_patient_id", "preparation", ["patient_id"])
    op.create_index("uq_preparation_source", "preparation", ["genre", "source_id"], unique=True)
    op.add_column("episode", sa.Column("recueilli_par", sa.Text(), nullable=False,
                                       server_default=""))


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
