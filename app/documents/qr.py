"""A QR code as a picture, by the library that reads barcodes elsewhere in the house."""

import io

import zxingcpp
from PIL import Image

#: Pixels of one module, and light border in modules (ISO 18004 §5.3.8).
MODULE, MARGE = 6, 4


def qr_png(texte: str) -> bytes:
    """PNG of a QR code that holds `texte`."""
    code = zxingcpp.create_barcode(texte, zxingcpp.BarcodeFormat.QRCode)
    dessin = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=MODULE,
                                                             add_quiet_zones=False))
    bord = MODULE * MARGE
    feuille = Image.new("L", (dessin.width + 2 * bord, dessin.height + 2 * bord), 255)
    feuille.paste(dessin, (bord, bord))
    sortie = io.BytesIO()
    feuille.save(sortie, "PNG")
    return sortie.getvalue()
