"""Names of files and subjects of mails that carry documents (ECO.2.1.x, `spec/mssante.md` §3)."""

import re

from app.documents.cda_lecture import localiser
from app.documents.hl7 import attribut, enfant, enfants, texte
from app.documents.texte import propre
from app.domain.dates import formater
from app.domain.names import sans_invisibles

#: What a subject begins with; receivers look for it.
MARQUE_XDM = "XDM/1.0/DDM+"
_TYPE_MAX = 40
_SUJET_MAX = 255
_INTERDITS = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def nom_pdf(date_acte: str, libelle_type: str, nom: str, prenom: str,
            numero_dossier: str = "") -> str:
    """File name of the PDF of a document (ECO.2.1.6).

    Args:
        date_acte: date of the act, AAAAMMJJ or AAAA-MM-JJ.
        libelle_type: displayName of the CDA code; cut at 40 characters.
        nom, prenom: birth name and first given name.
        numero_dossier: order number, optional.
    """
    morceaux = [date_acte.replace("-", "")[:8], libelle_type[:_TYPE_MAX], nom.upper(), prenom,
                numero_dossier]
    propres = (_INTERDITS.sub("-", propre(m)).replace("\n", " ").strip(" ._") for m in morceaux)
    return "_".join(m for m in propres if m) + ".pdf"


def nom_pdf_du_cda(cda: bytes, numero_dossier: str = "") -> str:
    """The same, from the header of a CDA.

    Raises:
        DocumentIllisible: not a CDA, or refused by the parser.
    """
    racine = localiser(cda).element
    evenement = enfant(racine, "documentationOf", "serviceEvent", "effectiveTime")
    moment = (attribut(enfant(evenement, "low"), "value") or attribut(evenement, "value")
              or attribut(enfant(racine, "effectiveTime"), "value") or "")
    identite = enfant(racine, "recordTarget", "patientRole", "patient", "name")
    noms = {attribut(e, "qualifier"): texte(e) or "" for e in enfants(identite, "family")}
    prenoms = {attribut(e, "qualifier"): texte(e) or "" for e in enfants(identite, "given")}
    return nom_pdf(moment, attribut(enfant(racine, "code"), "displayName") or "Document",
                   noms.get("BR") or next(iter(noms.values()), ""),
                   prenoms.get("BR") or next(iter(prenoms.values()), ""), numero_dossier)


def sujet_xdm(libelle: str, nom: str, prenom: str, date_naissance: str = "", *,
              annule_et_remplace: bool = False) -> str:
    """Subject of a mail that carries an archive (ECO.2.1.3).

    Args:
        libelle: type of the document, or a common label.
        date_naissance: AAAA-MM-JJ or empty; printed JJ/MM/AAAA.
        annule_et_remplace: a new version of a document already sent.
    """
    milieu = f"{libelle} (annule et remplace)" if annule_et_remplace else libelle
    fin = " ".join(x for x in (nom.upper(), prenom, formater(date_naissance)) if x)
    milieu = " ".join(propre(milieu).split())
    fin = " ".join(propre(fin).split())
    place = _SUJET_MAX - len(MARQUE_XDM) - len(fin) - 1
    if len(milieu) > place:
        milieu = milieu[:max(0, place - 1)].rstrip() + "…"
    return f"{MARQUE_XDM}{milieu} {fin}"


#: What a file may be called, by what it begins with.
_EXTENSIONS = ((b"%PDF", ("pdf",)), (b"\xff\xd8", ("jpg", "jpeg")), (b"\x89PNG", ("png",)),
               (b"II*\0", ("tif", "tiff")), (b"MM\0*", ("tif", "tiff")), (b"{\\rtf", ("rtf",)),
               (b"PK", ("zip",)), (b"<", ("xml", "cda", "hl7", "html", "htm")))
_RESERVES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def nom_enregistrable(nom: str, octets: bytes, defaut: str = "document") -> str:
    """Name proposed to save a received file: a sender's name is only a suggestion.

    No folder, no sign that reverses or hides, no name that a system keeps for itself, and an
    extension that is what the bytes are: « facture.pdf.exe » that holds text becomes a .txt.
    """
    propre = sans_invisibles(nom.replace("\\", "/").rsplit("/", 1)[-1], 200)
    propre = _INTERDITS.sub("-", propre).strip(" .-")
    base, point, extension = propre.rpartition(".")
    if not point:
        base, extension = propre, ""
    tete = octets[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    permises = next((e for debut, e in _EXTENSIONS if tete.startswith(debut)), ("txt",))
    if extension.lower() not in permises:
        base, extension = propre if point else base, permises[0]
    base = base.replace(".", " ").strip() or defaut
    if _RESERVES.match(base):
        base = f"_{base}"
    return f"{base}.{extension.lower()}"
