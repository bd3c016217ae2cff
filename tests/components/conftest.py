"""Servers that component tests share."""

from collections.abc import Iterator

import httpx
import pytest

from app.cli.serveurs import BacASable, bac_a_sable
from tests.serveur_pg import ServeurTls, postgresql_tls


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    """Bac à sable and proxy, once for each test worker."""
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as bac:
        yield bac


@pytest.fixture(scope="module")
def pg() -> Iterator[ServeurTls]:
    """A PostgreSQL with TLS, that a test may stop, freeze or present otherwise."""
    with postgresql_tls() as demarre:
        yield demarre


@pytest.fixture
def bac(servers: BacASable) -> Iterator[BacASable]:
    """The servers in their first state."""
    httpx.post(f"{servers.controle}/controle/reinitialiser").raise_for_status()
    yield servers
