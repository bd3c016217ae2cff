"""A number and its word, in French."""


def compter(nombre: int, un: str, plusieurs: str = "") -> str:
    """« 1 document », « 3 documents »; `plusieurs` when an s isn't enough."""
    return f"{nombre}\u00a0{un if nombre < 2 else plusieurs or un + 's'}"
