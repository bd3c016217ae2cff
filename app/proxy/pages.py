"""The few pages a browser sees during a login. French, without script, image or outside link."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse, Response

#: Routes a browser may open; everything else is for programs.
NAVIGATEUR = ("/login", "/callback")

_STYLE = """
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f6f8;color:#1b2733;
font:18px/1.55 "Inter",system-ui,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:34rem;margin:1.5rem;padding:2.5rem;background:#fff;border:1px solid #d5dce3;
border-radius:14px}
h1{margin:0 0 .75rem;font-size:1.45rem;line-height:1.25}
p{margin:.5rem 0 0}
a{color:#0b5c8a}
small{display:block;margin-top:1.75rem;color:#52606d;font-size:.85rem}
@media (prefers-color-scheme:dark){body{background:#11181f;color:#e6ebf0}
main{background:#1a232c;border-color:#33414e}a{color:#7cc4ef}small{color:#a3b1be}}
"""

_CSP = ("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        "style-src 'sha256-"
        + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode() + "'")


def page(titre: str, texte: str, *, status: int = 200, lien: str = "") -> HTMLResponse:
    """A short page.

    Args:
        titre: heading.
        texte: one paragraph.
        lien: where the browser goes by itself (a 303 when given).
    """
    suite = ""
    entetes = {"Cache-Control": "no-store", "Content-Security-Policy": _CSP,
               "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    if lien:
        status = 303
        entetes["Location"] = lien
        suite = f'<p><a href="{escape(lien, quote=True)}">Revenir au logiciel</a></p>'
    corps = (f'<!doctype html><html lang="fr"><head><meta charset="utf-8">'
             f'<meta name="viewport" content="width=device-width,initial-scale=1">'
             f"<title>{escape(titre)}</title><style>{_STYLE}</style></head><body><main>"
             f"<h1>{escape(titre)}</h1><p>{escape(texte)}</p>{suite}"
             f"<small>Proxy e-santé de Pléiade</small></main></body></html>")
    return HTMLResponse(corps, status_code=status, headers=entetes)


def retour(lien: str, reussi: bool) -> HTMLResponse:
    """Back to the software on its loopback address."""
    if reussi:
        return page("Vous êtes identifié", "Vous pouvez revenir au logiciel : cette page peut "
                    "être fermée.", lien=lien)
    return page("L’identification n’a pas abouti", "Revenez au logiciel pour recommencer.",
                lien=lien)


def perdu() -> HTMLResponse:
    """The login isn't known: too late, already used, or begun in another browser."""
    return page("Cette identification n’est plus valable",
                "Elle a expiré, elle a déjà servi ou elle a commencé dans un autre navigateur. "
                "Revenez au logiciel et cliquez de nouveau sur Pro Santé Connect.", status=400)


def adapted(path: str, reponse: Response) -> Response:
    """An answer as who asked can read it: a refusal for programs becomes a page in a browser."""
    if path not in NAVIGATEUR or reponse.status_code < 400:
        return reponse
    lisible = page("Le service d’identification est momentanément indisponible",
                   "Revenez au logiciel et réessayez dans quelques instants.",
                   status=reponse.status_code)
    for nom in ("Retry-After", "Connection", "Allow"):
        if nom in reponse.headers:
            lisible.headers[nom] = reponse.headers[nom]
    return lisible


def indisponible() -> HTMLResponse:
    """PSC can't be reached."""
    return page("Pro Santé Connect ne répond pas",
                "Revenez au logiciel et réessayez dans quelques instants.", status=503)
