"""Forms of structured documents being filled."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table; nothing that exists changes."""
    op.create_table(
        "saisie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("auteur_id", sa.Integer(), nullable=False),
        sa.Column("type_cle", sa.Text(), nullable=False),
        sa.Column("valeur", sa.Text(), nullable=False),
        sa.Column("modifie_le", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"],
                                name=op.f("fk_saisie_patient_id_patient")),
        sa.ForeignKeyConstraint(["auteur_id"], ["professionnel.id"],
                                name=op.f("fk_saisie_auteur_id_professionnel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saisie")),
        sqlite_autoincrement=True)
    op.create_index("ix_saisie_patient_id", "saisie", ["patient_id"])


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
