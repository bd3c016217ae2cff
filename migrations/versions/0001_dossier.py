"""The first patient file: every table, the search indexes, the sealed trail."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GRAND = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTE_BINAIRE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ORIGINE = "0" * 64


def _textes(*noms: str) -> list[sa.Column[Any]]:
    return [sa.Column(nom, sa.Text(), nullable=False) for nom in noms]


def _entiers(*noms: str) -> list[sa.Column[Any]]:
    return [sa.Column(nom, sa.Integer(), nullable=False) for nom in noms]


def _booleens(*noms: str) -> list[sa.Column[Any]]:
    return [sa.Column(nom, sa.Boolean(), nullable=False) for nom in noms]


def _cle() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _id_fixe(nom: str = "id", genre: Any = None) -> sa.Column[Any]:
    return sa.Column(nom, genre or sa.Integer(), autoincrement=False, nullable=False)


def _table(nom: str, *colonnes: Any, cle: Sequence[str] = ("id",),
           vers: Sequence[tuple[str, str]] = (), **options: Any) -> None:
    """Create a table; `vers`: (column, table.column) it refers to."""
    references = [
        sa.ForeignKeyConstraint([colonne], [cible], name=op.f(
            f"fk_{nom}_{colonne}_{cible.split('.')[0]}")) for colonne, cible in vers]
    op.create_table(nom, *colonnes, *references,
                    sa.PrimaryKeyConstraint(*cle, name=op.f(f"pk_{nom}")), **options)


def _index(nom: str, table: str, *colonnes: str, unique: bool = False, ou: str = "") -> None:
    condition = {"sqlite_where": sa.text(ou), "postgresql_where": sa.text(ou)} if ou else {}
    op.create_index(nom, table, list(colonnes), unique=unique, **condition)


def upgrade() -> None:
    """Create everything."""
    _comptes()
    _patients()
    _recherche()
    _dossier()
    _documents()
    _envois()
    _dmp()
    _journal()


def _comptes() -> None:
    _table("professionnel", _cle(), *_textes(
        "identifiant", "nom", "prenom", "profession", "savoir_faire", "civilite",
        "subject_name_id"), *_booleens("actif"))
    _index("ix_professionnel_subject_name_id", "professionnel", "subject_name_id")
    _table("structure", _id_fixe(), *_textes(
        "identifiant", "raison_sociale", "secteur", "adresse", "code_postal", "commune",
        "telephone", "courriel"))
    _table("reglage", *_textes("cle", "valeur"), cle=("cle",))


def _patients() -> None:
    _table("patient", _cle(), *_textes(
        "nom_naissance", "premier_prenom", "prenoms", "nom_utilise", "prenom_utilise",
        "date_naissance", "sexe", "lieu_naissance", "statut", "matricule_ins", "oid", "attributs",
        "mode_qualification", "justificatif", "date_insi", "historique", "adresse", "code_postal",
        "commune", "telephone", "courriel", "numero_secu", "cree_le"), *_entiers("version"),
        sqlite_autoincrement=True)
    _index("ix_patient_date_naissance", "patient", "date_naissance")
    _index("ix_patient_numero_secu", "patient", "numero_secu")
    _table("patient_matricule", sa.Column("matricule_ins", TEXTE_BINAIRE, nullable=False),
           *_entiers("patient_id"), *_booleens("actif"), cle=("matricule_ins", "patient_id"),
           vers=[("patient_id", "patient.id")])
    _index("ix_patient_matricule_patient_id", "patient_matricule", "patient_id")
    _table("identite_historique", _cle(), *_entiers("patient_id"), *_textes(
        "horodatage", "auteur", "cause", "statut_avant", "identite"),
        vers=[("patient_id", "patient.id")])
    _index("ix_identite_historique_patient_id", "identite_historique", "patient_id")


def _recherche() -> None:
    _table("recherche_rang", _id_fixe("rang", GRAND), *_entiers("patient_id"),
           sa.Column("tri", TEXTE_BINAIRE, nullable=False), cle=("rang",),
           vers=[("patient_id", "patient.id")])
    _index("ix_recherche_rang_tri_rang", "recherche_rang", "tri", "rang")
    _index("uq_recherche_rang_patient_id", "recherche_rang", "patient_id", unique=True)
    _table("recherche_cle", sa.Column("cle", TEXTE_BINAIRE, nullable=False),
           *_entiers("patient_id"), cle=("cle", "patient_id"),
           vers=[("patient_id", "patient.id")], sqlite_with_rowid=False)
    _index("ix_recherche_cle_patient_id", "recherche_cle", "patient_id")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE recherche_mots (rang bigint PRIMARY KEY, mots tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_recherche_mots_mots ON recherche_mots USING gin (mots)")
    else:
        op.execute("CREATE VIRTUAL TABLE recherche_mots USING fts5(mots, content='', "
                   "contentless_delete=1, detail=none, tokenize='unicode61', "
                   "prefix='1 2 3 4 5 6')")


def _dossier() -> None:
    _table("passage", _cle(), *_textes("jour", "heure"), *_entiers("professionnel_id"),
           sa.Column("patient_id", sa.Integer(), nullable=True), *_textes("soins"),
           *_entiers("duree"), *_textes("lieu", "etat", "adresse"), *_entiers("version"),
           vers=[("professionnel_id", "professionnel.id"), ("patient_id", "patient.id")],
           sqlite_autoincrement=True)
    _index("ix_passage_jour_heure", "passage", "jour", "heure")
    _index("ix_passage_patient_id", "passage", "patient_id")
    _table("observation", _cle(), *_entiers("patient_id"), *_textes("horodatage", "instant"),
           *_entiers("auteur_id"), *_textes("auteur", "texte"), *_entiers("version"),
           vers=[("patient_id", "patient.id"), ("auteur_id", "professionnel.id")])
    _index("ix_observation_patient_id_instant", "observation", "patient_id", "instant")
    _table("observation_ancienne", _id_fixe("observation_id"), _id_fixe("version"),
           *_textes("texte", "remplace_le"), cle=("observation_id", "version"),
           vers=[("observation_id", "observation.id")])
    _table("episode", _cle(), *_entiers("patient_id"), *_textes(
        "ouvert_le", "ouvert_par", "clos_le", "informe_le", "informe_par"),
        sa.Column("consentement_consultation", sa.Boolean(), nullable=True),
        *_booleens("opposition_alimentation"), *_entiers("version"),
        vers=[("patient_id", "patient.id")])
    _index("ix_episode_patient_id", "episode", "patient_id")
    _index("uq_episode_ouvert", "episode", "patient_id", unique=True, ou="clos_le = ''")


def _documents() -> None:
    _table("contenu", *_textes("sha256"), *_entiers("taille"),
           sa.Column("octets", sa.LargeBinary(), nullable=False), cle=("sha256",))
    _table("document", _cle(), *_entiers("patient_id"), *_textes(
        "origine", "etat", "type_code", "titre", "date_acte", "auteur", "cda_id", "set_id"),
        *_entiers("version_number"), *_textes("entry_uuid", "logical_id"),
        sa.Column("cda_sha256", sa.Text(), nullable=True),
        sa.Column("pdf_sha256", sa.Text(), nullable=True), *_textes("cree_le"), *_booleens("lu"),
        *_entiers("version"),
        vers=[("patient_id", "patient.id"), ("cda_sha256", "contenu.sha256"),
              ("pdf_sha256", "contenu.sha256")])
    _index("ix_document_patient_id_date_acte", "document", "patient_id", "date_acte")
    _index("ix_document_set_id", "document", "set_id")
    _index("uq_document_cda_id", "document", "cda_id", unique=True, ou="cda_id <> ''")
    _table("brouillon", _cle(), *_entiers("patient_id", "auteur_id"), *_textes(
        "type_code", "titre", "texte", "modifie_le"), *_entiers("version"),
        vers=[("patient_id", "patient.id"), ("auteur_id", "professionnel.id")],
        sqlite_autoincrement=True)
    _index("ix_brouillon_patient_id", "brouillon", "patient_id")


def _envois() -> None:
    _table("ordre", _cle(), *_textes("destination"),
           *_entiers("document_id", "patient_id", "auteur_id"),
           *_textes("groupe", "etat", "pas_avant"), *_entiers("essais"), *_textes(
               "prochain_essai", "bail", "motif", "code", "remede"), *_booleens("incertain"),
           *_textes("cree_le", "termine_le"), *_entiers("version"),
           vers=[("document_id", "document.id"), ("patient_id", "patient.id"),
                 ("auteur_id", "professionnel.id")])
    _index("ix_ordre_etat_pas_avant", "ordre", "etat", "pas_avant")
    _index("ix_ordre_groupe", "ordre", "destination", "groupe")
    _index("ix_ordre_document_id", "ordre", "document_id")
    _index("ix_ordre_patient_id", "ordre", "patient_id")
    _table("ordre_etape", _cle(), *_entiers("ordre_id"), *_textes(
        "horodatage", "etat", "texte", "code"), vers=[("ordre_id", "ordre.id")])
    _index("ix_ordre_etape_ordre_id", "ordre_etape", "ordre_id")


def _dmp() -> None:
    _table("dmp_liste", _id_fixe("patient_id"), *_textes("interroge_le"),
           sa.Column("nouveaux", sa.Integer(), nullable=True), cle=("patient_id",),
           vers=[("patient_id", "patient.id")])
    _table("dmp_fiche", _id_fixe("patient_id"), _id_fixe("position"), *_textes("fiche"),
           cle=("patient_id", "position"), vers=[("patient_id", "patient.id")])
    _table("dmp_vu", _id_fixe("patient_id"), *_textes("unique_id", "vu_le"),
           cle=("patient_id", "unique_id"), vers=[("patient_id", "patient.id")])


def _journal() -> None:
    _table("trail", _id_fixe("numero", GRAND), *_textes(
        "horodatage", "qui", "quoi", "sur_qui", "resultat", "detail", "empreinte"),
        cle=("numero",))
    _index("ix_trail_sur_qui", "trail", "sur_qui")
    _table("trail_tete", _id_fixe(), sa.Column("numero", GRAND, nullable=False),
           *_textes("empreinte"))
    op.execute(f"INSERT INTO trail_tete (id, numero, empreinte) VALUES (1, 0, '{ORIGINE}')")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE FUNCTION trail_scelle() RETURNS trigger LANGUAGE plpgsql AS $$ "
                   "BEGIN RAISE EXCEPTION 'trail is append-only'; END $$")
        op.execute("CREATE TRIGGER trail_scelle BEFORE UPDATE OR DELETE ON trail "
                   "FOR EACH ROW EXECUTE FUNCTION trail_scelle()")
        op.execute("CREATE TRIGGER trail_scelle_entier BEFORE TRUNCATE ON trail "
                   "FOR EACH STATEMENT EXECUTE FUNCTION trail_scelle()")
        op.execute("CREATE TRIGGER trail_tete_scellee BEFORE DELETE ON trail_tete "
                   "FOR EACH ROW EXECUTE FUNCTION trail_scelle()")
    else:
        for evenement in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER trail_scelle_{evenement.lower()} BEFORE {evenement} "
                       "ON trail BEGIN SELECT RAISE(ABORT, 'trail is append-only'); END")
        op.execute("CREATE TRIGGER trail_tete_scellee BEFORE DELETE ON trail_tete "
                   "BEGIN SELECT RAISE(ABORT, 'trail is append-only'); END")


def downgrade() -> None:
    """A file goes back by restoring the backup made before its upgrade."""
    raise NotImplementedError("restore the backup instead")
