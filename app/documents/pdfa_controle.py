"""A structural check of PDF/A-1b, without Java: what most often makes a file invalid.

It isn't a validator (continuous integration runs Apache Preflight); it guards what leaves, and
tells what a received file isn't.
"""

import io
from collections.abc import Iterator

import pikepdf

_INTERDITS = {"/JavaScript": "JavaScript", "/EmbeddedFiles": "fichier joint",
              "/AcroForm": "formulaire actif"}
_PROFONDEUR_MAX = 12


def verifier_structure(pdf: bytes) -> list[str]:
    """French reasons why the file isn't PDF/A-1b; empty when none was found.

    Never raises on a malformed file: being unreadable is the first reason.
    """
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if document.is_encrypted:
                return ["Le PDF est chiffré."]
            return list(_defauts(document))
    except pikepdf.PasswordError:
        return ["Le PDF est protégé par un mot de passe."]
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError,
            RecursionError) as erreur:
        return [f"Le PDF est illisible ({type(erreur).__name__})."]


def _defauts(document: pikepdf.Pdf) -> Iterator[str]:
    racine = document.Root
    if document.pdf_version > "1.4":
        yield f"Version PDF {document.pdf_version} : PDF/A-1 demande 1.4."
    yield from _metadonnees(racine)
    yield from _intention(racine)
    noms = racine.get("/Names", pikepdf.Dictionary())
    for cle, quoi in _INTERDITS.items():
        if cle in noms or (cle == "/AcroForm" and cle in racine):
            yield f"Le PDF contient un élément interdit : {quoi}."
    if "/AA" in racine or _est_action_active(racine.get("/OpenAction")):
        yield "Le PDF déclenche une action à l’ouverture."
    vues: set[tuple[int, int]] = set()
    for numero, page in enumerate(document.pages, 1):
        for defaut in _ressources(page.obj.get("/Resources"), vues, 0):
            yield f"Page {numero} : {defaut}"


def _metadonnees(racine: pikepdf.Object) -> Iterator[str]:
    flux = racine.get("/Metadata")
    if flux is None:
        yield "Les métadonnées XMP manquent."
        return
    if "/Filter" in flux:
        yield "Les métadonnées XMP sont compressées."
    xmp = flux.read_bytes()
    if b"pdfaid:part" not in xmp or b"pdfaid:conformance" not in xmp:
        yield "Le PDF ne se déclare pas conforme à PDF/A."


def _intention(racine: pikepdf.Object) -> Iterator[str]:
    intentions = racine.get("/OutputIntents")
    if intentions is None or not len(intentions):
        yield "L’intention de rendu (profil de couleur) manque."
        return
    profil = intentions[0].get("/DestOutputProfile")
    if profil is None:
        yield "Le profil de couleur manque."
    elif (octets := profil.read_bytes())[36:40] != b"acsp" or octets[8] > 2:
        yield "Le profil de couleur n’est pas un profil ICC de version 2."


def _est_action_active(action: pikepdf.Object | None) -> bool:
    return isinstance(action, pikepdf.Dictionary) and action.get("/S") in (
        pikepdf.Name.JavaScript, pikepdf.Name.Launch)


def _ressources(ressources: pikepdf.Object | None, vues: set[tuple[int, int]],
                profondeur: int) -> Iterator[str]:
    """Defects of a resource dictionary and of the forms it holds."""
    if ressources is None or profondeur > _PROFONDEUR_MAX:
        return
    for nom, police in dict(ressources.get("/Font", {})).items():
        if police.objgen not in vues or police.objgen == (0, 0):
            vues.add(police.objgen)
            if not _police_incorporee(police):
                yield f"la police {police.get('/BaseFont', nom)} n’est pas incorporée."
    for etat in dict(ressources.get("/ExtGState", {})).values():
        if float(etat.get("/ca", 1)) < 1 or float(etat.get("/CA", 1)) < 1 or str(
                etat.get("/SMask", "/None")) != "/None":
            yield "transparence interdite."
    for objet in dict(ressources.get("/XObject", {})).values():
        if objet.objgen != (0, 0):
            if objet.objgen in vues:
                continue
            vues.add(objet.objgen)
        if "/SMask" in objet:
            yield "image avec transparence."
        if objet.get("/Subtype") == pikepdf.Name.Form:
            if "/Group" in objet and objet.Group.get("/S") == pikepdf.Name.Transparency:
                yield "groupe de transparence interdit."
            yield from _ressources(objet.get("/Resources"), vues, profondeur + 1)


def _police_incorporee(police: pikepdf.Object) -> bool:
    if police.get("/Subtype") == pikepdf.Name.Type3:
        return True
    if "/DescendantFonts" in police:
        police = police.DescendantFonts[0]
    descripteur = police.get("/FontDescriptor")
    return descripteur is not None and any(
        cle in descripteur for cle in ("/FontFile", "/FontFile2", "/FontFile3"))
