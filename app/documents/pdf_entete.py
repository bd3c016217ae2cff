"""The first page's blocks: letterhead, patient card with the INS datamatrix, recipients, title."""


from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, Spacer, Table

from app.documents import pdf_polices as p
from app.documents.datamatrix import MENTION, ZONE_CALME, charge_ins, matrice
from app.documents.libelles import (
    ROLES,
    lignes_destinataire,
    nom_professionnel,
    profession_affichee,
    rpps,
    traits_imprimes,
)
from app.documents.model import DocumentClinique, Fragment, lignes_adresse
from app.documents.pdf_blocs import para, regles
from app.documents.texte import date_courte, date_heure, date_longue

LARGEUR = 174 * mm
_COTE_SYMBOLE = 23 * mm
_CARTE = regles(
    ("BACKGROUND", (0, 0), (-1, -1), p.FOND), ("BOX", (0, 0), (-1, -1), 0.6, p.BORDURE),
    ("ROUNDEDCORNERS", [4, 4, 4, 4]), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 10), ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 8), ("BOTTOMPADDING", (0, 0), (-1, -1), 7))
_NU = regles()
_TRAITS = regles(("BOTTOMPADDING", (0, 0), (-1, -1), 6))


class SymboleIns(Flowable):
    """The datamatrix drawn as rectangles, on white with its quiet zone, its mark below."""

    def __init__(self, charge: str) -> None:
        super().__init__()
        self.modules = matrice(charge)
        self.width, self.height = _COTE_SYMBOLE, _COTE_SYMBOLE + 9

    def wrap(self, _largeur: float, _hauteur: float) -> tuple[float, float]:
        """Size, whatever the place."""
        return self.width, self.height

    def draw(self) -> None:
        """One rectangle a horizontal run of dark modules."""
        canvas: Canvas = self.canv
        cote = len(self.modules) + 2 * ZONE_CALME
        pas = _COTE_SYMBOLE / cote
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(0, 9, _COTE_SYMBOLE, _COTE_SYMBOLE, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        chemin = canvas.beginPath()
        for y, ligne in enumerate(self.modules):
            haut = 9 + _COTE_SYMBOLE - (y + ZONE_CALME + 1) * pas
            debut: int | None = None
            for x, sombre in enumerate([*ligne, False]):
                if sombre and debut is None:
                    debut = x
                elif not sombre and debut is not None:
                    chemin.rect((debut + ZONE_CALME) * pas, haut, (x - debut) * pas, pas)
                    debut = None
        canvas.drawPath(chemin, stroke=0, fill=1)
        canvas.setFillColor(p.TEXTE)
        canvas.setFont(p.DEMI_GRAS, 7.2)
        canvas.drawCentredString(_COTE_SYMBOLE / 2, 0, MENTION)


def premiere_page(doc: DocumentClinique) -> list[Flowable]:
    """Everything that stands above the body on the first page."""
    return [*_lettre(doc), Spacer(1, 4 * mm), _patient(doc), Spacer(1, 4 * mm),
            *_personnes(doc), *_titre(doc)]


def _lettre(doc: DocumentClinique) -> list[Flowable]:
    structure, auteur = doc.structure, doc.auteur
    gauche = [para(structure.raison_sociale, "cabinet"),
              para(f"{nom_professionnel(auteur)}, {profession_affichee(auteur)}", "auteur"),
              para(rpps(auteur), "petit")]
    contact = [*lignes_adresse(structure),
               *(x for x in (structure.telephone, structure.courriel) if x)]
    droite = [para(ligne, "petit_droite") for ligne in contact]
    return [Table([[gauche, droite]], colWidths=[LARGEUR * 0.64, LARGEUR * 0.36], style=_NU),
            HRFlowable(width="100%", thickness=1.4, color=p.ACCENT, spaceBefore=3, spaceAfter=0)]


def _patient(doc: DocumentClinique) -> Flowable:
    symbole = SymboleIns(charge_ins(doc.patient)) if doc.patient.matricule_ins else None
    largeur = LARGEUR - 15 - (_COTE_SYMBOLE + 15 if symbole else 0)
    cellules = [[para(libelle, "libelle"), para(valeur, "valeur")]
                for libelle, valeur in traits_imprimes(doc.patient)]
    colonnes = 3
    cellules += [[]] * (-len(cellules) % colonnes)
    grille = Table([cellules[n:n + colonnes] for n in range(0, len(cellules), colonnes)],
                   colWidths=[largeur * part for part in (0.32, 0.40, 0.28)], style=_TRAITS)
    contact = doc.patient.contact
    telephone = contact.telephone.replace(" ", "\u00a0")
    lieu = " · ".join(x for x in (*lignes_adresse(contact), telephone) if x)
    contenu: list[Flowable] = [grille, *([para(lieu, "petit")] if lieu else [])]
    if symbole is None:
        return Table([[contenu]], colWidths=[LARGEUR], style=_CARTE)
    return Table([[contenu, symbole]], colWidths=[LARGEUR - _COTE_SYMBOLE - 15,
                                                  _COTE_SYMBOLE + 15], style=_CARTE)


def _personnes(doc: DocumentClinique) -> list[Flowable]:
    """Recipients; one alone stands at the right, as on a letter, facing the other people."""
    contexte = _contexte(doc)
    destinataires = doc.destinataires
    if len(destinataires) == 1:
        lignes = lignes_destinataire(destinataires[0])
        bloc = [para("À l’attention de", "libelle"), para(lignes[0], "auteur"),
                *(para(ligne, "petit") for ligne in lignes[1:])]
        return [Table([[contexte, bloc]], colWidths=[LARGEUR * 0.52, LARGEUR * 0.48], style=_NU),
                Spacer(1, 3 * mm)]
    sortie: list[Flowable] = []
    if destinataires:
        cellules = []
        for destinataire in destinataires:
            lignes = lignes_destinataire(destinataire)
            cellules.append([para((Fragment(lignes[0], gras=True),), "petit"),
                             *([para(" · ".join(lignes[1:]), "petit")] if lignes[1:] else [])])
        cellules += [[]] * (len(cellules) % 2)
        sortie += [para("Destinataires", "libelle"),
                   Table([cellules[n:n + 2] for n in range(0, len(cellules), 2)],
                         colWidths=[LARGEUR / 2] * 2, style=_NU)]
    if contexte:
        pairs = [*contexte, *[""] * (len(contexte) % 2)]
        sortie.append(Table([pairs[n:n + 2] for n in range(0, len(pairs), 2)],
                            colWidths=[LARGEUR / 2] * 2, style=_NU))
    return [*sortie, Spacer(1, 2 * mm)] if sortie else []


def _titre(doc: DocumentClinique) -> list[Flowable]:
    dates = ("Brouillon, à valider" if doc.brouillon
             else f"Établi le {date_heure(doc.date_creation)}")
    acte = date_courte(doc.date_acte)
    fin = date_courte(doc.date_fin) if doc.date_fin else acte
    dates += f" · acte du {acte}" if fin == acte else f" · actes du {acte} au {fin}"
    sous = [doc.type_libelle, dates]
    if doc.version > 1:
        sous.append(f"version {doc.version}, annule et remplace la précédente")
    return [para(doc.titre, "titre"), para(" · ".join(sous), "petit"), Spacer(1, 3 * mm)]


def _contexte(doc: DocumentClinique) -> list[Flowable]:
    """Prescriber, médecin traitant, sampler: a label and who."""
    blocs: list[Flowable] = []
    for personne in doc.intervenants:
        libelle, de_la_date = ROLES[personne.role]
        valeur = " · ".join(lignes_destinataire(personne.personne))
        if personne.date is not None and de_la_date:
            valeur += f", {de_la_date} {date_longue(personne.date)}"
        blocs.append(Table([[para(libelle, "libelle")], [para(valeur, "petit")]], style=_NU))
    return blocs


def _saisi_par(doc: DocumentClinique) -> list[Flowable]:
    """Who typed for the author, as the header of the CDA says it."""
    if doc.saisi_par is None:
        return []
    return [para(f"Saisi par {nom_professionnel(doc.saisi_par.personne)}", "petit")]


def signature(doc: DocumentClinique) -> Flowable:
    """Who answers for the document, and who keeps it."""
    auteur = doc.auteur
    bloc = [para("Auteur et responsable du document", "libelle"),
            para(nom_professionnel(auteur), "valeur"),
            para(f"{profession_affichee(auteur)} · {rpps(auteur)}", "petit"),
            para(doc.structure.raison_sociale, "petit"),
            *_saisi_par(doc),
            para((Fragment("Brouillon\u00a0: ce document n’est pas validé", gras=True),)
                 if doc.brouillon
                 else f"Validé électroniquement le {date_heure(doc.date_creation)}", "petit"),
            para(f"Document conservé par : {doc.structure.raison_sociale}", "petit")]
    carte = Table([["", bloc]], colWidths=[LARGEUR * 0.5, LARGEUR * 0.5], style=regles(
        ("LINEBEFORE", (1, 0), (1, 0), 1.4, p.ACCENT), ("LEFTPADDING", (1, 0), (1, 0), 9)))
    return KeepTogether([Spacer(1, 5 * mm), carte])
