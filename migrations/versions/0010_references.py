"""Indexes on the references that an erasure follows backwards (MIN.RGPD.01)."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add indexes; nothing that exists changes."""
    for table, colonne in (("document", "cda_sha256"), ("document", "pdf_sha256"),
                           ("document_piece", "sha256"), ("entrant", "feuille_sha256"),
                           ("entrant", "joint_sha256"), ("entrant", "document_id"),
                           ("preparation", "document_id"), ("envoi_archive", "sha256")):
        op.create_index(f"ix_{table}_{colonne}", table, [colonne])


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
