"""A patient of long ago, whose rare name stands in every column of every table that may hold it."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Table, insert

from app.store.repos.erasure import portee
from app.store.tables import T_CONTENU, T_REGROUPEMENT
from app.store.unite import Unite
from app.usecases.context import Contexte
from tests.store_outils import NOM_RARE, identite

JADIS = "2002-06-01T10:00:00+02:00"
#: Columns that the program reads as dates: they say when the last act was.
_DATES = frozenset({"jour", "horodatage", "instant", "date_acte", "cree_le", "ouvert_le",
                    "modifie_le", "change_le"})
#: What a row must say to be one of an old, quiet file.
_VALEURS: dict[tuple[str, str], Any] = {
    ("ordre", "etat"): "envoye", ("entrant", "etat"): "classe",
    ("verification_ins", "etat"): "faite", ("episode", "clos_le"): "",
    ("regroupement", "nature"): "fusion", ("regroupement", "defait_le"): "",
    ("document_acces", "niveau"): "equipe", ("preparation", "etat"): "validee"}


def semer(ctx: Contexte, nom: str = NOM_RARE) -> int:
    """Write such a patient; returns the number of the file. Another one was merged into it."""
    with ctx.store.ecriture() as u:
        garde, autre = (u.patients.ajouter(identite(nom, prenom, "1931-02-03"), auteur="T",
                                           cause="C").id for prenom in ("ZULMA", "ZEPHYRINE"))
        u.regroupements.retirer_des_listes(autre)
        poses: dict[str, int] = {
            "patient": garde, "professionnel": ctx.compte_id,
            "correspondant": u.courriers.enregistrer_correspondant("SPÉCIMEN", {})}
        for table, _ in portee([garde]):
            if table.name != "patient":
                poses[table.name] = _ligne(u, table, poses, nom, autre)
        for cle in (f"brouillon_observation:{ctx.compte_id}:{garde}",):
            u.reglages.ecrire(cle, {})
        for cle in ("document.source", "document.forme"):
            u.reglages.ecrire(f"{cle}.{poses['document']}", {"texte": nom})
        u.connexion.exec_driver_sql(
            f"UPDATE patient SET cree_le = '{JADIS}', adresse = '{nom}' WHERE id IN ({garde}, "
            f"{autre})")
    return garde


def _ligne(u: Unite, table: Table, poses: dict[str, int], nom: str, autre: int) -> int:
    valeurs: dict[str, Any] = {}
    for colonne in table.columns:
        cle = (table.name, colonne.name)
        vers = next((lien.column.table for lien in colonne.foreign_keys), None)
        if cle in _VALEURS:
            valeurs[colonne.name] = _VALEURS[cle]
        elif table is T_REGROUPEMENT and colonne.name == "autre_id":
            valeurs[colonne.name] = autre
        elif vers is T_CONTENU:
            valeurs[colonne.name] = _contenu(u, f"{nom} {table.name}.{colonne.name} " * 400)
        elif vers is not None:
            valeurs[colonne.name] = poses[vers.name]
        elif colonne.name == "id" and colonne.primary_key:
            continue
        elif colonne.name in _DATES:
            valeurs[colonne.name] = JADIS
        else:
            genre = colonne.type.python_type
            valeurs[colonne.name] = (True if genre is bool else 1 if genre is int else
                                     f"{nom} {table.name}.{colonne.name}")
    ecrite = u.connexion.execute(insert(table).values(**valeurs)).inserted_primary_key
    return int(ecrite[0]) if ecrite and isinstance(ecrite[0], int) else 0


def _contenu(u: Unite, texte: str) -> str:
    octets = texte.encode()
    empreinte = sha256(octets).hexdigest()
    u.connexion.execute(insert(T_CONTENU).values(sha256=empreinte, taille=len(octets),
                                                 octets=octets))
    return empreinte
