"""The token of the mail: renewed before its end, one at a time, never once PSC has ended."""

import threading
import time
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from app.services.errors import Indisponible, SessionExpiree
from app.services.jetons_messagerie import JetonsMessagerie


@dataclass
class Proxy:
    """What the tokens need of the proxy client."""

    session: SimpleNamespace | None
    donnes: int = 0
    erreur: Exception | None = None
    attente_s: float = 0.0
    duree: float = 120.0

    def jeton_psc(self) -> tuple[str, float]:
        time.sleep(self.attente_s)  # short: the service's
        if self.erreur is not None:
            raise self.erreur
        self.donnes += 1
        return f"jeton-{self.donnes}", self.duree


@pytest.fixture
def proxy() -> Proxy:
    return Proxy(SimpleNamespace(session_state="s1", psc_active=True))


@pytest.fixture
def fins() -> list[str]:
    return []


@pytest.fixture
def temps() -> list[float]:
    return [1000.0]


@pytest.fixture
def jetons(proxy: Proxy, fins: list[str], temps: list[float]) -> JetonsMessagerie:
    fait = JetonsMessagerie(proxy, chrono=lambda: temps[0])  # type: ignore[arg-type]
    fait.sur_fin = lambda: fins.append("fin")
    return fait


def test_one_token_while_it_lives_another_before_its_end(
        jetons: JetonsMessagerie, proxy: Proxy, temps: list[float]) -> None:
    assert [jetons.jeton(), jetons.jeton()] == ["jeton-1", "jeton-1"]
    temps[0] += 89  # 31 s left
    assert jetons.jeton() == "jeton-1"
    temps[0] += 2
    assert jetons.jeton() == "jeton-2"
    temps[0] += 3 * 3600  # the laptop was closed
    assert jetons.jeton() == "jeton-3"
    assert "jeton-3" not in repr(jetons) and "jeton-3" not in repr(jetons._jeton)


def test_a_refused_token_is_asked_again_once(jetons: JetonsMessagerie) -> None:
    refuse = jetons.jeton()
    assert jetons.jeton(refuse) == "jeton-2"
    assert jetons.jeton(refuse) == "jeton-2"  # another thread has it already
    assert jetons.jeton("jeton-2") == "jeton-3"


def test_imap_and_smtp_at_once_ask_once(jetons: JetonsMessagerie, proxy: Proxy) -> None:
    proxy.attente_s = 0.05
    lus: list[str] = []
    fils = [threading.Thread(target=lambda: lus.append(jetons.jeton())) for _ in range(8)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(60)
    assert lus == ["jeton-1"] * 8 and proxy.donnes == 1


def test_the_end_of_psc_ends_the_mail_once(jetons: JetonsMessagerie, proxy: Proxy,
                                           fins: list[str], temps: list[float]) -> None:
    jetons.jeton()
    temps[0] += 100
    proxy.erreur = SessionExpiree("fermée", service="psc", code="HTTP 401")
    for _ in range(2):
        with pytest.raises(SessionExpiree, match="messagerie attend"):
            jetons.jeton()
    assert fins == ["fin"]


def test_a_silent_proxy_ends_nothing(jetons: JetonsMessagerie, proxy: Proxy, fins: list[str],
                                     temps: list[float]) -> None:
    jetons.jeton()
    temps[0] += 100
    proxy.erreur = Indisponible("muet")
    with pytest.raises(Indisponible):
        jetons.jeton()
    assert fins == []
    proxy.erreur = None
    assert jetons.jeton() == "jeton-2"


@pytest.mark.parametrize("apres", [
    None, SimpleNamespace(session_state="s1", psc_active=False),
    SimpleNamespace(session_state="s2", psc_active=True)])
def test_the_watch_tells_the_end(jetons: JetonsMessagerie, proxy: Proxy, fins: list[str],
                                 apres: SimpleNamespace | None) -> None:
    """Logged out, ended by PSC, or somebody else: no call is needed to know."""
    jetons.surveiller()
    assert fins == []  # no mail was opened: nothing to end
    jetons.jeton()
    jetons.surveiller()
    assert fins == []
    proxy.session = apres
    jetons.surveiller()
    jetons.surveiller()
    assert fins == ["fin"] and proxy.donnes == 1


def test_another_session_never_gets_the_former_token(jetons: JetonsMessagerie, proxy: Proxy
                                                     ) -> None:
    jetons.jeton()
    proxy.session = SimpleNamespace(session_state="s2", psc_active=True)
    assert jetons.jeton() == "jeton-2"


def test_a_token_without_known_life_serves_once(jetons: JetonsMessagerie, proxy: Proxy) -> None:
    proxy.duree = 0.0
    assert [jetons.jeton(), jetons.jeton()] == ["jeton-1", "jeton-2"]
