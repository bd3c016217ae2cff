"""A number and its word, in French."""


def compter(nombre: int, un: str, plusieurs: str = "") -> str:
    """« 1 document », « 1 283 documents »; `plusieurs` when an s isn't enough."""
    ecrit = f"{nombre:,}".replace(",", "\u202f")
    return f"{ecrit}\u00a0{un if nombre < 2 else plusieurs or un + 's'}"
