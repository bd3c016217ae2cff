"""A browser with a memory: it keeps its cookies, shows its pages, and clicks on the page of PSC."""

import re
import ssl
import threading
from pathlib import Path

import httpx

from app.cli.serveurs import BacASable


class Navigateur:
    """Follows the pages that the window opens, as the professional would.

    Args:
        dossier: where each page is kept.
        professionnel: who sits there.
    """

    def __init__(self, bac: BacASable, dossier: Path, professionnel: str) -> None:
        self._client = httpx.Client(
            verify=ssl.create_default_context(cafile=str(bac.bac.etat["ca"])),
            follow_redirects=True, timeout=60)
        self._dossier = dossier
        self.professionnel = professionnel
        self.decision = "approuver"
        self.demandes: list[httpx.URL] = []
        """Authorize requests sent to PSC."""
        self.authentifications = 0
        """Times PSC asked who is there."""
        self.pages = 0

    def ouvrir(self, url: str) -> None:
        """Open a page, in a thread of its own."""
        threading.Thread(target=self._suivre, args=(url,), daemon=True).start()

    def _suivre(self, url: str) -> None:
        page = self._garder(self._client.get(url))
        trouve = re.search(r'name="transaction" value="([^"]+)"', page.text)
        if trouve is None:
            return
        self.authentifications += 1
        base = str(page.url.copy_with(path="/auth/choix", query=None))
        self._garder(self._client.post(base, data={
            "transaction": trouve[1], "professionnel": self.professionnel,
            "decision": self.decision}))

    def _garder(self, page: httpx.Response) -> httpx.Response:
        for etape in (*page.history, page):
            if etape.url.path == "/auth":
                self.demandes.append(etape.url)
        self.pages += 1
        (self._dossier / f"navigateur-{self.pages:02d}.html").write_text(
            f"<!-- {page.url.copy_with(query=None)} -->\n{page.text}", encoding="utf-8")
        return page
