"""What a reader may see of the documents, as a condition of the queries (LABEL.04)."""

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true

from app.domain.confidentialite import CODES, Categorie, Niveau, Regard
from app.domain.preparations import VIVANTES, GenrePreparation
from app.store.tables import T_BROUILLON, T_DOCUMENT, T_DOCUMENT_ACCES, T_PREPARATION


def types_visibles(colonne: ColumnElement[str], regard: Regard) -> ColumnElement[bool]:
    """Documents whose category the reader may read; `colonne` holds the type."""
    if regard.tout:
        return true()
    if Categorie.SOINS in regard.categories:  # what no category names is care
        caches = sorted(code for c, codes in CODES.items() if c not in regard.categories
                        for code in codes)
        return colonne.not_in(caches) if caches else true()
    return colonne.in_(sorted(code for c in regard.categories for code in CODES.get(c, ())))


def documents_visibles(regard: Regard) -> ColumnElement[bool]:
    """Condition on `document`: `Regard.voit`, in SQL."""
    if regard.tout:
        return true()
    a = T_DOCUMENT_ACCES.alias().c  # its own, whatever the query joins
    ligne = select(a.document_id).where(a.document_id == T_DOCUMENT.c.id)
    propre = exists(ligne.where(a.compte_id == regard.compte_id))
    fermee = exists(ligne.where(or_(
        a.niveau == Niveau.AUTEUR.value,
        and_(a.niveau == Niveau.PROFESSION.value,
             or_(a.profession == "", a.profession != regard.profession)))))
    return or_(propre, and_(types_visibles(T_DOCUMENT.c.type_code, regard), not_(fermee)))


def brouillons_visibles(regard: Regard) -> ColumnElement[bool]:
    """Condition on `brouillon`: one's own, and those that one types for who still lets one
    (`Preparation`), whatever their type. A draft has no level: the next version of a restricted
    document would show its text."""
    if regard.tout:
        return true()
    siens = and_(types_visibles(T_BROUILLON.c.type_code, regard),
                 T_BROUILLON.c.auteur_id == regard.compte_id)
    if not regard.redige_pour:
        return siens
    p = T_PREPARATION.c
    return or_(siens, exists(select(p.id).where(
        p.genre == GenrePreparation.COURRIER.value, p.source_id == T_BROUILLON.c.id,
        p.par_id == regard.compte_id, p.pour_id.in_(sorted(regard.redige_pour)),
        p.etat.in_(sorted(VIVANTES)))))
