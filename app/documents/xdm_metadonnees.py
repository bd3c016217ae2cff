"""METADATA.XML of an IHE_XDM archive: what it says of each document (`spec/cda.md` §12)."""

from dataclasses import dataclass

from lxml import etree

from app.documents.xml_sur import analyser

_RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
_PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
_TYPE_CODE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
_CONFIDENTIALITE = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
#: Entries read at most.
ENTREES_MAX = 500


@dataclass(frozen=True, slots=True)
class EntreeXdm:
    """One DocumentEntry. `action` is « C » (change), « D » (suppression notice) or empty."""

    uri: str
    mime: str = ""
    titre: str = ""
    unique_id: str = ""
    patient_id: str = ""
    type_code: str = ""
    hash_sha1: str = ""
    taille: int | None = None
    action: str = ""
    confidentialites: tuple[str, ...] = ()


def lire_metadonnees(contenu: bytes) -> list[EntreeXdm]:
    """Read the document entries of a METADATA.XML, in order.

    Raises:
        DocumentIllisible: refused by the parser.
    """
    racine = analyser(contenu).racine
    entrees: list[EntreeXdm] = []
    for objet in racine.iter(_RIM + "ExtrinsicObject"):
        if len(entrees) >= ENTREES_MAX:
            break
        entrees.append(_entree(objet))
    return entrees


def _entree(objet: etree._Element) -> EntreeXdm:
    slots = {s.get("name") or "": _valeurs(s) for s in objet.iterchildren(_RIM + "Slot")}
    externes = {e.get("identificationScheme"): e.get("value") or ""
                for e in objet.iterchildren(_RIM + "ExternalIdentifier")}
    classes = [(c.get("classificationScheme"), c.get("nodeRepresentation") or "")
               for c in objet.iterchildren(_RIM + "Classification")]
    titre = objet.find(f"{_RIM}Name/{_RIM}LocalizedString")
    taille = _premier(slots, "size")
    return EntreeXdm(
        uri=_premier(slots, "URI"), mime=(objet.get("mimeType") or "").lower(),
        titre=(titre.get("value") or "") if titre is not None else "",
        unique_id=externes.get(_UNIQUE_ID, ""), patient_id=externes.get(_PATIENT_ID, ""),
        type_code=next((v for s, v in classes if s == _TYPE_CODE), ""),
        hash_sha1=_premier(slots, "hash").lower(),
        taille=int(taille) if taille.isascii() and taille.isdigit() else None,
        action=_premier(slots, "urn:action:extraMetadataSlot"),
        confidentialites=tuple(v for s, v in classes if s == _CONFIDENTIALITE))


def _valeurs(slot: etree._Element) -> list[str]:
    return [(v.text or "").strip() for v in slot.iter(_RIM + "Value")]


def _premier(slots: dict[str, list[str]], nom: str) -> str:
    """First value of a slot; a URI cut in numbered pieces (XDS rule for long ones) is joined."""
    valeurs = slots.get(nom, [])
    if nom == "URI" and len(valeurs) > 1 and all("|" in v for v in valeurs):
        return "".join(v.partition("|")[2] for v in sorted(valeurs))
    return valeurs[0] if valeurs else ""
