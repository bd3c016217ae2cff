"""A number and its word, in French."""


def compter(nombre: int, un: str, plusieurs: str = "") -> str:
    """« 1 document », « 1 283 documents »; `plusieurs` when an s isn't enough."""
    ecrit = f"{nombre:,}".replace(",", "\u202f")
    return f"{ecrit}\u00a0{un if nombre < 2 else plusieurs or un + 's'}"


def taille_lisible(octets: int) -> str:
    """Size for people: « 2,3 Mo »."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))}\u00a0ko"
    if octets < 1_000_000_000:
        return f"{octets / 1e6:.1f}\u00a0Mo".replace(".", ",")
    return f"{octets / 1e9:.1f}\u00a0Go".replace(".", ",")
