"""Whose document it is: the account, not a name that two people may bear."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Accounts that bear the author's name, as the use cases wrote it.
_HOMONYMES = ("FROM professionnel p WHERE trim(p.prenom || ' ' || p.nom) = document.auteur")


def upgrade() -> None:
    """Add a column; fill it where one account alone bears the name. Else it stays empty: nobody is
    taken for the author."""
    # Raw: Alembic adds no key to a table of SQLite.
    op.execute("ALTER TABLE document ADD COLUMN auteur_id INTEGER "
               "CONSTRAINT fk_document_auteur_id_professionnel REFERENCES professionnel (id)")
    op.execute(f"UPDATE document SET auteur_id = (SELECT min(p.id) {_HOMONYMES}) "
               f"WHERE origine = 'cabinet' AND (SELECT count(*) {_HOMONYMES}) = 1")


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
