"""A CDA document as HTML, with our own style sheet (`spec/cda.md` §14.5).

The result fits what QTextBrowser understands, and prints. It holds no script, no form, no outer
link and no address to load: images are data URIs. The producer's style sheet is never run.
The paper stays white in both themes.
"""

from lxml import etree

from app.documents.cda_lecture import Cda, lire_localise, localiser
from app.documents.hl7 import C, attribut, enfant, enfants, texte
from app.documents.html_entete import avertissements, entete
from app.documents.html_media import Medias
from app.documents.html_narratif import Narratif, echapper
from app.documents.lu import DocumentLu, NatureDocument

#: Sections nested at most; deeper ones are shown at that level.
_NIVEAUX_MAX = 12
_SOMMAIRE_DES = 5
#: Lines of a text shown at most.
LIGNES_MAX = 20_000

_STYLE = """
body { background-color: #FFFFFF; color: #16202C; font-family: Inter, sans-serif;
       font-size: 10pt; }
.grand { font-size: 14pt; font-weight: 700; margin-top: 0; margin-bottom: 8px; }
h2 { font-size: 11.5pt; font-weight: 600; color: #1C5BA6; margin-top: 16px; margin-bottom: 4px; }
h3, h4 { font-size: 10.5pt; font-weight: 600; margin-top: 12px; margin-bottom: 4px; }
a { color: #1C5BA6; }
p { margin-top: 4px; margin-bottom: 4px; }
table.carte { background-color: #F5F7FA; border: 1px solid #D2D9E2; }
table.alerte { background-color: #FDF0D9; border: 1px solid #8A5200; margin-top: 8px; }
table.t { border-collapse: collapse; border: 1px solid #D2D9E2; margin-top: 4px;
          margin-bottom: 8px; }
table.t td, table.t th { border: 1px solid #D2D9E2; }
th { background-color: #F5F7FA; color: #4B5969; font-weight: 600; text-align: left; }
.titre { font-weight: 600; font-size: 10.5pt; }
.ligne { margin-top: 2px; margin-bottom: 2px; }
.label { color: #4B5969; }
.note, .meta { color: #4B5969; font-size: 9pt; }
"""


def rendre_html(cda: bytes) -> str:
    """Render one CDA document, N1 or N3, bare, auto-presentable or signed.

    Raises:
        DocumentIllisible: refused by the parser, or not a CDA.
    """
    localise = localiser(cda)
    return rendre_localise(localise, lire_localise(localise, cda))


def rendre_localise(localise: Cda, document: DocumentLu) -> str:
    """The same for a document already parsed and read."""
    if document.nature is NatureDocument.CDA_N3:
        corps = _corps_n3(localise.element)
    else:
        corps = _corps_n1(document)
    titre = echapper(document.titre or "Document")
    return (f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"/><title>{titre}</title>'
            f"<style>{_STYLE}</style></head><body>{entete(document)}"
            f"{avertissements(document)}{corps}</body></html>")


def _corps_n1(document: DocumentLu) -> str:
    """What is not structured: text is shown, the rest is named."""
    octets = document.incorpore
    if octets is None:
        return '<p class="meta">Aucun contenu affichable.</p>'
    if document.mime_incorpore in ("text/plain", "text/rtf", "application/rtf"):
        return _corps_texte(octets, document.mime_incorpore)
    if document.mime_incorpore.startswith("image/"):
        return '<p class="meta">Le contenu de ce document est une image, montrée page à page.</p>'
    if document.pdf is not None:
        return '<p class="meta">Le contenu de ce document est un PDF.</p>'
    return (f'<p class="meta">Contenu de type «\u00a0{echapper(document.mime_incorpore)}\u00a0», '
            "à ouvrir à part.</p>")


def _corps_texte(octets: bytes, mime: str) -> str:
    """Plain text or RTF, line by line."""
    from app.documents.fichiers import RTF, texte_lisible
    from app.documents.rtf import RtfIllisible

    try:
        texte = texte_lisible(octets, RTF if mime.endswith("rtf") else mime)
    except RtfIllisible as erreur:
        return f'<p class="meta">{echapper(str(erreur))}</p>'
    lignes = texte.splitlines()
    suite = "" if len(lignes) <= LIGNES_MAX else (
        '<p class="meta">La suite n’est pas affichée\u00a0: ce texte est trop long. Ouvrez le '
        "fichier d’origine.</p>")
    return f"<p>{'<br/>'.join(echapper(ligne) for ligne in lignes[:LIGNES_MAX])}</p>{suite}"


def rendre_texte(octets: bytes, mime: str, titre: str) -> str:
    """A text or RTF file as a page of its own."""
    return (f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"/>'
            f"<title>{echapper(titre)}</title><style>{_STYLE}</style></head><body>"
            f'<p class="grand">{echapper(titre)}</p>{_corps_texte(octets, mime)}</body></html>')


def _corps_n3(racine: etree._Element) -> str:
    structure = enfant(racine, "component", "structuredBody")
    cibles = frozenset(h[1:] for e in racine.iter(C + "linkHtml")
                       if (h := e.get("href") or "").startswith("#"))
    narratif = Narratif(Medias(racine), cibles)
    sections = [s for c in enfants(structure, "component") for s in enfants(c, "section")]
    parts = [_section(section, narratif, 0, f"s{rang}")
             for rang, section in enumerate(sections) if not narratif.interrompu]
    if narratif.interrompu:
        parts.append("<p><b>La suite n’est pas affichée\u00a0: ce document a trop d’éléments. "
                     "Ouvrez le fichier d’origine.</b></p>")
    return _sommaire(sections) + "".join(parts)


def _sommaire(sections: list[etree._Element]) -> str:
    """Links to the sections of a long document."""
    if len(sections) < _SOMMAIRE_DES:
        return ""
    liens = (f'<a href="#s{rang}">{echapper(_titre(section))}</a>'
             for rang, section in enumerate(sections[:100]) if _titre(section))
    return f'<p class="meta">{" · ".join(liens)}</p>'


def _section(section: etree._Element, narratif: Narratif, niveau: int, ancre: str = "") -> str:
    """One section and those inside it."""
    titre = _titre(section)
    balise = f"h{min(niveau + 2, 4)}"
    suite = [f'<a name="{ancre}"></a>' if ancre else "",
             f"<{balise}>{echapper(titre)}</{balise}>" if titre else ""]
    narration = section.find(C + "text")
    if narration is not None:
        suite.append(narratif.section(narration))
    if niveau < _NIVEAUX_MAX:
        for composant in enfants(section, "component"):
            for fille in enfants(composant, "section"):
                if not narratif.interrompu:
                    suite.append(_section(fille, narratif, niveau + 1))
    return "".join(suite)


def _titre(section: etree._Element) -> str:
    return texte(enfant(section, "title")) or attribut(
        enfant(section, "code"), "displayName") or ""
