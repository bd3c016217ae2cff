"""The INS datamatrix, unsigned form: payload, symbol, decoding (`spec/cda.md` §13, `ins.md` §5).

The payload is a header of 26 characters, then fields `S1` to `S7`. A group separator (GS) closes
a variable field that is shorter than its maximum and not the last one; RS closes a field that had
to be cut.
"""

import io
import re
from dataclasses import dataclass, field

from PIL import Image
from pylibdmtx import pylibdmtx

from app.documents.model import PatientDocument
from app.domain.dates import est_forme_du_fil
from app.domain.identity import COG_INCONNU, Identite

ENTETE = "IS01" + "0" * 22
GS, RS, US = "\x1d", "\x1e", "\x1f"
MENTION = "INS à scanner"
#: Light border around the symbol, in modules. The standard asks for one.
ZONE_CALME = 4
_MAX_NOM = 100
_MAX_OID = 20
_LARGEURS = {"S1": 15, "S5": 1, "S6": 10, "S7": 5}
_NOMS = {"S1": "matricule", "S2": "OID", "S3": "prénoms", "S4": "nom de naissance", "S5": "sexe",
         "S6": "date de naissance", "S7": "lieu de naissance"}
#: What keyboards and copies make of a GS. None of them can be in a field.
_GS_ECRITS = re.compile(r"<GS>|\{GS\}|\\x1d|\^\]|␝|\||~", re.IGNORECASE)


class DatamatrixInvalide(ValueError):
    """The text isn't an INS datamatrix, or can't be read. The message is French."""


@dataclass(frozen=True, slots=True)
class InsLue:
    """What a datamatrix says. An aid to search and typing: it never qualifies an identity.

    `date_naissance` is AAAA-MM-JJ; `signee` tells that a signature follows, which isn't checked.
    """

    matricule_ins: str
    oid: str
    prenoms: str
    nom_naissance: str
    sexe: str
    date_naissance: str
    lieu_naissance: str = ""
    signee: bool = False
    avertissements: tuple[str, ...] = field(default=())


def charge_ins(identite: Identite | PatientDocument) -> str:
    """Give the payload of a qualified identity.

    Raises:
        ValueError: the matricule may not leave (identity not qualified), or a trait that the
            symbol needs is missing.
    """
    if isinstance(identite, Identite):
        if not identite.matricule_transmissible:
            raise ValueError("the datamatrix is for qualified identities only")
        traits = identite.traits
        prenoms, nom = traits.prenoms or traits.premier_prenom, traits.nom_naissance
        sexe, date, cog = traits.sexe, traits.date_naissance, traits.lieu_naissance
    else:
        prenoms, nom = identite.prenoms or identite.premier_prenom, identite.nom_naissance
        sexe, date, cog = identite.sexe, identite.date_naissance, identite.lieu_naissance
    matricule, oid = identite.matricule_ins, identite.oid
    if len(matricule) != 15 or not oid or sexe not in ("M", "F") or not est_forme_du_fil(date):
        raise ValueError("the datamatrix needs matricule, OID, sex M or F and birth date")
    if not (prenoms and nom and prenoms.isascii() and nom.isascii()):
        raise ValueError("the datamatrix needs names in capitals without accents")
    annee, mois, jour = date.split("-")
    champs = [f"S1{matricule}", f"S2{_ferme(oid, _MAX_OID)}", f"S3{_ferme(prenoms, _MAX_NOM)}",
              f"S4{_ferme(nom, _MAX_NOM)}", f"S5{sexe}", f"S6{jour}-{mois}-{annee}"]
    if len(cog) == 5 and cog != COG_INCONNU:
        champs.append(f"S7{cog}")
    return ENTETE + "".join(champs)


def _ferme(valeur: str, maximum: int) -> str:
    """Close a variable field as its length asks."""
    if len(valeur) > maximum:
        return valeur[:maximum] + RS
    return valeur if len(valeur) == maximum else valeur + GS


def est_ins(texte: str) -> bool:
    """Tell whether a scanned text begins like an INS datamatrix."""
    return re.match(r"\s*(\][dD][0-9])?IS\d{2}", texte) is not None


def decoder_ins(texte: str) -> InsLue:
    """Read the payload of an INS datamatrix, its fields in any order.

    Separators may be lost or written (`<GS>`, `^]`, ␝…): no field can hold what ends it, names
    have no digits. Unknown fields end the reading.

    Raises:
        DatamatrixInvalide: not an INS datamatrix, a field missing, twice or malformed.
    """
    brut = re.sub(r"^\][dD][0-9]", "", texte.strip(" \t\r\n"))
    brut = _GS_ECRITS.sub(GS, brut)
    if not re.match(r"IS\d{2}", brut):
        raise DatamatrixInvalide("Ce code n’est pas un datamatrix INS.")
    if len(brut) <= len(ENTETE):
        raise DatamatrixInvalide("Le datamatrix INS est incomplet.")
    avertissements = [] if brut.startswith("IS01") else [
        f"Version {brut[2:4]} du datamatrix INS : seule la version 01 est connue."]
    valeurs: dict[str, str] = {}
    reste = brut[len(ENTETE):]
    signee = False
    while reste:
        if reste[0] == US:
            signee = True
            break
        if reste[0] in (GS, RS):
            reste = reste[1:]
            continue
        numero = reste[:2]
        if numero not in _NOMS:
            avertissements.append("Le code contient un champ inconnu, qui n’a pas été lu.")
            break
        if numero in valeurs:
            raise DatamatrixInvalide(f"Le champ « {_NOMS[numero]} » figure deux fois.")
        valeurs[numero], reste = _champ(numero, reste[2:])
        if reste[:1] == RS:
            avertissements.append(f"Le champ « {_NOMS[numero]} » est tronqué dans le code.")
    manquants = [_NOMS[n] for n in ("S1", "S2", "S3", "S4", "S5", "S6") if not valeurs.get(n)]
    if manquants:
        raise DatamatrixInvalide(f"Le datamatrix INS est incomplet : {', '.join(manquants)}.")
    if signee:
        avertissements.append("Ce datamatrix est signé ; sa signature n’est pas vérifiée.")
    jour, mois, annee = valeurs["S6"].split("-")
    return InsLue(valeurs["S1"], valeurs["S2"], valeurs["S3"], valeurs["S4"], valeurs["S5"],
                  f"{annee}-{mois}-{jour}", valeurs.get("S7", ""), signee, tuple(avertissements))


_FORMES = {
    "S1": re.compile(r"[0-9]{6}[0-9ABab][0-9]{8}"), "S2": re.compile(r"[0-9.]{1,20}"),
    "S3": re.compile(r"[^\d\x1d\x1e\x1f]{1,100}?(?=[\x1d\x1e\x1f]|S[1-7]|$)"),
    "S5": re.compile(r"[MF]"), "S6": re.compile(r"\d{2}-\d{2}-\d{4}"),
    "S7": re.compile(r"[0-9][0-9AB][0-9]{3}")}
_FORMES["S4"] = _FORMES["S3"]


def _champ(numero: str, reste: str) -> tuple[str, str]:
    """Value of a field and what follows it."""
    lu = _FORMES[numero].match(reste)
    if lu is None:
        raise DatamatrixInvalide(f"Le champ « {_NOMS[numero]} » du datamatrix INS est illisible.")
    return lu[0], reste[lu.end():]


# --- The symbol ---------------------------------------------------------------------------------

_PIXELS = 5
_MARGE = 10


def matrice(charge: str) -> list[list[bool]]:
    """Modules of the square ECC200 symbol, True = dark, without quiet zone.

    `charge` must be ASCII (GS included). C40 is what the header was designed for; plain ASCII
    encoding is the fallback for what C40 can't hold in a square.
    """
    donnees = charge.encode("ascii")
    try:
        symbole = pylibdmtx.encode(donnees, scheme="C40", size="SquareAuto")
    except pylibdmtx.PyLibDMTXError:
        symbole = pylibdmtx.encode(donnees, scheme="Ascii", size="SquareAuto")
    pas = symbole.width * (symbole.bpp // 8)
    octets = symbole.bpp // 8
    centre = _MARGE + _PIXELS // 2
    cote = (symbole.width - 2 * _MARGE) // _PIXELS
    return [[symbole.pixels[(centre + y * _PIXELS) * pas + (centre + x * _PIXELS) * octets] < 128
             for x in range(cote)] for y in range(cote)]


def image_png(charge: str, pixels: int = 4, zone_calme: int = ZONE_CALME) -> bytes:
    """The symbol as a black and white PNG, `pixels` a module, with its quiet zone."""
    modules = matrice(charge)
    cote = len(modules) + 2 * zone_calme
    image = Image.new("1", (cote, cote), 1)
    for y, ligne in enumerate(modules):
        for x, sombre in enumerate(ligne):
            if sombre:
                image.putpixel((x + zone_calme, y + zone_calme), 0)
    sortie = io.BytesIO()
    image.resize((cote * pixels, cote * pixels), Image.Resampling.NEAREST).save(sortie, "PNG")
    return sortie.getvalue()
