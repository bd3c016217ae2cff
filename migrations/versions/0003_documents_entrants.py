"""Files kept with a document, its fate at the source, documents that wait to be filed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _textes(*noms: str) -> "list[sa.Column[str]]":
    return [sa.Column(nom, sa.Text(), nullable=False) for nom in noms]


def _vers(table: str, colonne: str, cible: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [colonne], [cible], name=op.f(f"fk_{table}_{colonne}_{cible.split('.')[0]}"))


def upgrade() -> None:
    """Add three tables; nothing that exists changes."""
    op.create_table(
        "document_piece", sa.Column("document_id", sa.Integer(), nullable=False),
        *_textes("role", "sha256", "mime", "nom"),
        _vers("document_piece", "document_id", "document.id"),
        _vers("document_piece", "sha256", "contenu.sha256"),
        sa.PrimaryKeyConstraint("document_id", "role", name=op.f("pk_document_piece")))
    op.create_table(
        "document_suivi", sa.Column("document_id", sa.Integer(), nullable=False),
        *_textes("etat", "remplacant", "verifie_le"),
        _vers("document_suivi", "document_id", "document.id"),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_suivi")))
    op.create_table(
        "entrant", sa.Column("id", sa.Integer(), nullable=False),
        *_textes("recu_le", "origine", "nom", "mime", "sha256"),
        sa.Column("feuille_sha256", sa.Text(), nullable=True),
        sa.Column("joint_sha256", sa.Text(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        *_textes("verdict", "motif", "etat"),
        sa.Column("document_id", sa.Integer(), nullable=True),
        *_textes("traite_le", "traite_par", "type_code", "titre", "date_acte", "auteur",
                 "traits"),
        sa.Column("version", sa.Integer(), nullable=False),
        _vers("entrant", "sha256", "contenu.sha256"),
        _vers("entrant", "feuille_sha256", "contenu.sha256"),
        _vers("entrant", "joint_sha256", "contenu.sha256"),
        _vers("entrant", "patient_id", "patient.id"),
        _vers("entrant", "document_id", "document.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrant")))
    op.create_index("ix_entrant_etat", "entrant", ["etat", "recu_le", "id"])
    op.create_index("ix_entrant_patient_id", "entrant", ["patient_id"])
    op.create_index("ix_entrant_sha256", "entrant", ["sha256"])


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
