"""Labels of document types, from the table of `resources/documents`."""

from functools import cache


@cache
def _libelles() -> dict[str, str]:
    from app.documents.types import libelles_types

    return libelles_types()


def libelle_type(code: str) -> str:
    """Short French label of a JDV_J07 code; the code itself when it is unknown."""
    return _libelles().get(code, code or "Document")


def libelle_officiel(code: str) -> str:
    """displayName of a JDV_J07 code, exactly as the value set writes it."""
    from app.documents.types import type_par_code

    return type_par_code(code).type_libelle
