"""Merges and splits of files, verifications with INSi, archives that wait for the mail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
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
    """Add three tables; nothing that exists changes."""
    op.create_table(
        "regroupement", _entier("id"), *_textes("nature"), _entier("garde_id"),
        _entier("autre_id"), *_textes("horodatage", "auteur", "motif", "identite_avant",
                                      "deplaces", "defait_le", "defait_par"), _entier("version"),
        _vers("regroupement", "garde_id", "patient.id"),
        _vers("regroupement", "autre_id", "patient.id"), _cle("regroupement"))
    op.create_index("ix_regroupement_garde_id", "regroupement", ["garde_id"])
    op.create_index("ix_regroupement_autre_id", "regroupement", ["autre_id"])
    seul = sa.text("nature = 'fusion' AND defait_le = ''")
    op.create_index("uq_regroupement_absorbe", "regroupement", ["autre_id"], unique=True,
                    sqlite_where=seul, postgresql_where=seul)
    op.create_table(
        "verification_ins", _entier("id"), _entier("patient_id"),
        *_textes("cause", "etat", "demandee_le"), _entier("essais"),
        *_textes("prochain_essai", "message", "terminee_le"), _entier("version"),
        _vers("verification_ins", "patient_id", "patient.id"), _cle("verification_ins"))
    op.create_index("ix_verification_ins_etat", "verification_ins",
                    ["etat", "prochain_essai", "id"])
    op.create_index("ix_verification_ins_patient_id", "verification_ins", ["patient_id"])
    attente = sa.text("etat = 'attente'")
    op.create_index("uq_verification_ins_attente", "verification_ins", ["patient_id"],
                    unique=True, sqlite_where=attente, postgresql_where=attente)
    op.create_table(
        "envoi_archive", _entier("ordre_id"), *_textes("nom", "sha256", "destinataire",
                                                       "adresse"),
        _vers("envoi_archive", "ordre_id", "ordre.id"),
        _vers("envoi_archive", "sha256", "contenu.sha256"), _cle("envoi_archive", "ordre_id"))


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
