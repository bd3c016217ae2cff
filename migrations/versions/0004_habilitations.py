"""Roles of the practice, levels of documents, and a trail whose oldest lines may be purged."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _textes(*noms: str) -> "list[sa.Column[str]]":
    return [sa.Column(nom, sa.Text(), nullable=False) for nom in noms]


def _cle(table: str, colonne: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(colonne, name=op.f(f"pk_{table}"))


def _vers(table: str, colonne: str, cible: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [colonne], [f"{cible}.id"], name=op.f(f"fk_{table}_{colonne}_{cible}"))


def upgrade() -> None:
    """Add three tables; let the lines before an anchor go, and no other."""
    op.create_table(
        "role", *_textes("code"), sa.Column("rang", sa.Integer(), nullable=False),
        *_textes("libelle"), sa.Column("date", sa.Boolean(), nullable=False),
        *_textes("droits", "categories"), _cle("role", "code"))
    op.create_table(
        "document_acces", sa.Column("document_id", sa.Integer(), nullable=False),
        *_textes("niveau"), sa.Column("compte_id", sa.Integer(), nullable=False),
        *_textes("profession"), _vers("document_acces", "document_id", "document"),
        _vers("document_acces", "compte_id", "professionnel"),
        _cle("document_acces", "document_id"))
    grand = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "trail_ancre", sa.Column("numero", grand, nullable=False),
        *_textes("empreinte", "purge_le"), _cle("trail_ancre", "numero"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION trail_purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF OLD.numero <= (SELECT COALESCE(MAX(numero), 0) FROM trail_ancre) THEN "
            "RETURN OLD; END IF; RAISE EXCEPTION 'trail is append-only'; END $$")
        op.execute("DROP TRIGGER trail_scelle ON trail")
        op.execute("CREATE TRIGGER trail_scelle BEFORE UPDATE ON trail "
                   "FOR EACH ROW EXECUTE FUNCTION trail_scelle()")
        op.execute("CREATE TRIGGER trail_scelle_delete BEFORE DELETE ON trail "
                   "FOR EACH ROW EXECUTE FUNCTION trail_purge()")
        op.execute("CREATE TRIGGER trail_ancre_scellee BEFORE UPDATE OR DELETE ON trail_ancre "
                   "FOR EACH ROW EXECUTE FUNCTION trail_scelle()")
        op.execute("CREATE TRIGGER trail_ancre_entiere BEFORE TRUNCATE ON trail_ancre "
                   "FOR EACH STATEMENT EXECUTE FUNCTION trail_scelle()")
        return
    op.execute("DROP TRIGGER trail_scelle_delete")
    op.execute("CREATE TRIGGER trail_scelle_delete BEFORE DELETE ON trail "
               "WHEN OLD.numero > (SELECT COALESCE(MAX(numero), 0) FROM trail_ancre) "
               "BEGIN SELECT RAISE(ABORT, 'trail is append-only'); END")
    for evenement in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER trail_ancre_{evenement.lower()} BEFORE {evenement} "
                   "ON trail_ancre BEGIN SELECT RAISE(ABORT, 'trail is append-only'); END")


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
