"""The XMP packet of a PDF/A-1b file, written by hand.

One `rdf:Description` a schema, with its namespace on the Description: validators reject the form
that libraries write (`feasibility`: Preflight error 7.3). Every value mirrors the Info dictionary.
"""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True, slots=True)
class MetadonneesPdf:
    """What a PDF says of itself. `date` is aware."""

    titre: str
    auteur: str
    sujet: str
    createur: str
    date: datetime
    producteur: str = "Pléiade"

    @property
    def date_xmp(self) -> str:
        """ISO 8601 with offset."""
        return self.date.isoformat(timespec="seconds")

    @property
    def date_pdf(self) -> str:
        """D:AAAAMMJJhhmmss+hh'mm'."""
        decalage = self.date.strftime("%z")
        return f"D:{self.date:%Y%m%d%H%M%S}{decalage[:3]}'{decalage[3:5]}'"


def _description(prefixe: str, espace: str, corps: str) -> str:
    return (f'<rdf:Description rdf:about="" xmlns:{prefixe}={quoteattr(espace)}>'
            f"{corps}</rdf:Description>\n")


def paquet(donnees: MetadonneesPdf) -> bytes:
    """The packet: pdfaid part 1 conformance B, dc, xmp and pdf schemas."""
    corps = _description("pdfaid", "http://www.aiim.org/pdfa/ns/id/",
                         "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>")
    corps += _description(
        "dc", "http://purl.org/dc/elements/1.1/",
        "<dc:format>application/pdf</dc:format>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(donnees.titre)}</rdf:li>'
        "</rdf:Alt></dc:title>"
        f"<dc:creator><rdf:Seq><rdf:li>{escape(donnees.auteur)}</rdf:li></rdf:Seq></dc:creator>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(donnees.sujet)}</rdf:li>'
        "</rdf:Alt></dc:description>")
    corps += _description(
        "xmp", "http://ns.adobe.com/xap/1.0/",
        f"<xmp:CreatorTool>{escape(donnees.createur)}</xmp:CreatorTool>"
        f"<xmp:CreateDate>{donnees.date_xmp}</xmp:CreateDate>"
        f"<xmp:ModifyDate>{donnees.date_xmp}</xmp:ModifyDate>")
    corps += _description("pdf", "http://ns.adobe.com/pdf/1.3/",
                          f"<pdf:Producer>{escape(donnees.producteur)}</pdf:Producer>")
    return ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
            f'{corps}</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>').encode()
