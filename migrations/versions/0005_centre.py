"""What a centre adds: organisation certificates, teams, delegations, the vault on a server."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _textes(*noms: str) -> "list[sa.Column[str]]":
    return [sa.Column(nom, sa.Text(), nullable=False) for nom in noms]


def _entiers(*noms: str) -> "list[sa.Column[int]]":
    return [sa.Column(nom, sa.Integer(), nullable=False) for nom in noms]


def _vers(table: str, colonne: str, cible: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [colonne], [cible], name=op.f(f"fk_{table}_{colonne}_{cible.split('.')[0]}"))


def _cle(table: str, *colonnes: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*colonnes, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Add five tables; nothing that exists changes."""
    op.create_table(
        "certificat_structure",
        *_textes("usage", "cn", "structure", "emetteur", "serie", "du", "au", "empreinte"),
        sa.Column("chaine", sa.LargeBinary(), nullable=False),
        sa.Column("cle", sa.LargeBinary(), nullable=False),
        sa.Column("scelle", sa.Boolean(), nullable=False),
        *_textes("importe_le", "importe_par"), *_entiers("version"),
        _cle("certificat_structure", "usage"))
    op.create_table("equipe", *_entiers("id"), *_textes("nom"),
                    sa.Column("active", sa.Boolean(), nullable=False), *_entiers("version"),
                    _cle("equipe", "id"))
    op.create_table(
        "equipe_membre", *_entiers("equipe_id", "compte_id"), *_textes("du", "au"),
        _vers("equipe_membre", "equipe_id", "equipe.id"),
        _vers("equipe_membre", "compte_id", "professionnel.id"),
        _cle("equipe_membre", "equipe_id", "compte_id"))
    op.create_index("ix_equipe_membre_compte_id", "equipe_membre", ["compte_id"])
    op.create_table(
        "delegation", *_entiers("id", "de_id", "a_id"),
        *_textes("gestes", "du", "au", "motif", "cree_le", "revoquee_le"), *_entiers("version"),
        _vers("delegation", "de_id", "professionnel.id"),
        _vers("delegation", "a_id", "professionnel.id"), _cle("delegation", "id"))
    op.create_index("ix_delegation_a_id", "delegation", ["a_id"])
    op.create_table("coffre", *_entiers("id"), *_textes("contenu"), *_entiers("version"),
                    _cle("coffre", "id"))


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
