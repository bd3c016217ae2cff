"""Sessions of the proxy in a real Redis, shared by several processes.

The server is Debian's, started here on a free port; the package `redis-tools` holds the same
binary under the name of its checker, and starts no service on the machine.
"""

import asyncio
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from proxy_amont import Amont, proxy
from proxy_doubles import CONNECT
from proxy_redis import CLE, Redis

from app.proxy import resp, store_redis
from app.proxy.resp import Address, Resp
from app.proxy.sessions import ApiToken, PscTokens, Session, StoreDown
from app.proxy.store_redis import RedisStore


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls isn't a server that is down."""
    monkeypatch.setattr(resp, "DELAI_S", 30.0)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    serveur = Redis(tmp_path_factory.mktemp("redis"))
    yield serveur
    serveur.arreter()


@pytest.fixture(autouse=True)
def vide(redis: Redis) -> None:
    async def vider() -> None:
        store = redis.magasin()
        await store._c("FLUSHALL")
        await store.aclose()

    asyncio.run(vider())


def _session(subject: str = "899700000016") -> Session:
    t = time.time()
    return Session("lps", "lps-demo", subject, PscTokens("psc-secret", t + 120, "r", t + 1800,
                                                         "id", "etat"), t, t, dn="CN=x")


pytestmark = pytest.mark.anyio


async def test_a_session_is_seen_by_another_process(redis: Redis) -> None:
    a, b = redis.magasin(), redis.magasin()
    session = _session()
    assert await a.open(session) is None
    lue = await b.get(session.id)
    assert lue is not None
    assert replace(lue, snapshot={}) == replace(session, snapshot={})
    assert await b.get("inconnue" * 5) is None
    assert await a.count() == 1 and await b.live() == [session.id]
    await a.aclose()
    await b.aclose()


@pytest.mark.attaque(
    "Redis volé",
    tente="Chercher dans une copie de Redis un cookie, un jeton, un code ou un ticket.",
    constat="Rien de lisible : clés hachées, valeurs chiffrées.")
async def test_nothing_readable_is_stored(redis: Redis) -> None:
    a = redis.magasin()
    session = _session()
    await a.open(session)
    await a.put("login:x", {"verifier": "verificateur"}, 10)
    lu = b""
    cles = await a._c("KEYS", "*")
    assert isinstance(cles, list)
    for cle in cles:
        assert isinstance(cle, bytes)
        lu += cle
        genre = await a._c("TYPE", cle)
        valeurs = await a._c(*{b"hash": ("HGETALL", cle), b"string": ("GET", cle),
                               b"zset": ("ZRANGE", cle, 0, -1)}[genre])
        lu += b"".join(valeurs) if isinstance(valeurs, list) else valeurs
    for secret in (session.id, "psc-secret", "899700000016", "verificateur", "lps-demo"):
        assert secret.encode() not in lu
    # Another key reads nothing; a value moved to another place isn't accepted.
    autre = redis.magasin(cle="cd" * 32)
    assert await autre.get(session.id) is None
    await a.aclose()
    await autre.aclose()


async def test_parts_are_written_apart(redis: Redis) -> None:
    """Two processes renew two tokens of one session: neither undoes the other."""
    a, b = redis.magasin(), redis.magasin()
    session = _session()
    await a.open(session)
    ici, la = await a.get(session.id), await b.get(session.id)
    assert ici and la
    t = time.time()
    ici.apis["insi"] = ApiToken("jeton-insi", t + 10, t)
    la.apis["dmp"] = ApiToken("jeton-dmp", t + 10, t)
    await asyncio.gather(a.save(ici), b.save(la))
    finale = await a.get(session.id)
    assert finale and set(finale.apis) == {"insi", "dmp"}
    # A closed session isn't brought back by a late renewal.
    assert await b.remove(session.id) is not None
    await a.save(replace(ici, psc=PscTokens("x", 1)))
    assert await a.get(session.id) is None
    assert await a.remove(session.id) is None
    await a.aclose()
    await b.aclose()


async def test_one_session_a_holder(redis: Redis) -> None:
    a = redis.magasin()
    premiere, seconde, autre = _session(), _session(), _session("8000")
    await a.open(premiere)
    await a.open(autre)
    ancienne = await a.open(seconde)
    assert ancienne and ancienne.id == premiere.id and ancienne.psc.access_token == "psc-secret"
    assert await a.count() == 2
    await a.aclose()


async def test_expiry_is_given_to_one_process_alone(redis: Redis) -> None:
    maintenant = time.time()

    def horloge() -> float:
        return maintenant

    a, b = redis.magasin(horloge=horloge), redis.magasin(horloge=horloge)
    for n in range(10):
        await a.open(_session(f"8{n}"))
    session = _session("vivante")
    await a.open(session)
    assert await a.expired() == []
    maintenant += 70
    await b.touch(session)
    maintenant += 70
    finies = await asyncio.gather(a.expired(), b.expired())
    assert sorted(s.subject for lot in finies for s in lot) == [f"8{n}" for n in range(10)]
    assert await a.get(session.id) is not None
    await a.aclose()
    await b.aclose()


async def test_locks_and_pending_things(redis: Redis) -> None:
    a, b = redis.magasin(), redis.magasin()
    dedans = 0

    async def travailler(store: RedisStore) -> None:
        nonlocal dedans
        async with store.lock("x"):
            dedans += 1
            assert dedans == 1
            await asyncio.sleep(0.01)
            dedans -= 1

    await asyncio.gather(*(travailler(s) for s in (a, b) * 10))
    await a.put("login:1", {"n": 1}, 5)
    pris = await asyncio.gather(*(s.take("login:1") for s in (a, b) * 5))
    assert [p for p in pris if p is not None] == [{"n": 1}]
    await a.put("login:2", {"n": 2}, 0.05)
    async with asyncio.timeout(30):  # Redis counts, to the millisecond
        while await a._c("EXISTS", store_redis._cle("p", "login:2")):
            await asyncio.sleep(0.01)
    assert await b.take("login:2") is None
    await a.aclose()
    await b.aclose()


async def test_wrong_password_and_dead_server(tmp_path: Path, redis: Redis) -> None:
    mauvais = redis.magasin(mot="faux")
    with pytest.raises(StoreDown):
        await mauvais.count()
    assert not await mauvais.ready()
    await mauvais.aclose()
    autre = Redis(tmp_path)
    store = autre.magasin()
    assert await store.ready()
    autre.arreter()
    with pytest.raises(StoreDown):
        await store.count()
    autre.demarrer()
    # The connection is made again by itself.
    assert await store.ready() and await store.count() == 0
    await store.aclose()
    autre.arreter()


def test_two_proxies_share_their_sessions(tmp_path: Path, redis: Redis) -> None:
    with Amont(tmp_path) as amont:
        for nom, texte in (("cle", CLE), ("mot", "mot-de-passe")):
            (tmp_path / nom).write_text(texte)
            (tmp_path / nom).chmod(0o600)
        config = amont.ecrire_config(
            f'[session]\nmagasin = "redis://127.0.0.1:{redis.port}/2"\n'
            'magasin_cle_fichier = "cle"\nmagasin_mot_de_passe_fichier = "mot"\n')
        tls = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        with proxy(config) as (un, processus), proxy(config) as (deux, _):
            with httpx.Client(verify=tls, timeout=60) as http:
                numero = http.post(f"{un}/connect", json=CONNECT).json()["proxy_session_id"]
            cookie = {"Cookie": f"proxy_session_id={numero}"}

            def appeler(url: str, methode: str = "GET", chemin: str = "/send/insi/x") -> int:
                with httpx.Client(verify=tls, timeout=60, headers=cookie) as http:
                    return http.request(methode, url + chemin).status_code

            assert appeler(un) == appeler(deux) == 200
            # A stop leaves the session to the other process.
            processus.terminate()
            processus.wait(60)
            assert amont.monde.revoques == []
            assert appeler(deux) == 200
            assert appeler(deux, chemin="/check/ready") == 200
            assert appeler(deux, "DELETE", "/disconnect") == 200
            assert appeler(deux) == 401
            assert len(amont.monde.revoques) == 4


async def test_commands_wait_for_the_database(redis: Redis) -> None:
    """Commands sent while the connection presents itself ran in database 0: sessions not found."""
    a = redis.magasin()
    session = _session()
    await a.open(session)
    for _ in range(5):
        b = redis.magasin()
        lectures = []
        for _ in range(300):
            lectures.append(asyncio.ensure_future(b.get(session.id)))
            await asyncio.sleep(0)
        trouvees = await asyncio.gather(*lectures)
        assert all(s is not None for s in trouvees)
        await b.aclose()
    await a.aclose()


@pytest.mark.attaque(
    "Redis aux mains d’un autre : contenu hostile",
    tente="Remplacer une dernière activité par « nan », l’infini, une date future, un texte ; "
          "mettre une entrée d’un autre type à la place d’une session, des noms illisibles dans la "
          "liste des fins ; déplacer les jetons d’une session dans une autre.",
    constat="Ces sessions n’existent plus ; les autres finissent à leur heure, personne n’a les "
            "jetons d’un autre, une date future ne prolonge rien.")
async def test_hostile_content(redis: Redis) -> None:
    maintenant = time.time()

    def horloge() -> float:
        return maintenant

    a = redis.magasin(horloge=horloge)
    victime, autre = _session("8victime"), _session("8autre")
    await a.open(victime)
    await a.open(autre)
    cle, cle_autre = (store_redis._cle("s", s.id) for s in (victime, autre))
    for valeur in ("nan", "inf", "-inf", "abc", "", "1e999"):
        await a._c("SET", f"{cle}:u", valeur)
        assert await a.get(victime.id) is None, valeur
    await a._c("SET", f"{cle}:u", repr(maintenant + 1e6))
    prolongee = await a.get(victime.id)
    assert prolongee is not None and prolongee.last_used <= maintenant
    # Tokens of one session put into another.
    psc = await a._c("HGET", cle_autre, "psc")
    assert isinstance(psc, bytes)
    await a._c("HSET", cle, "psc", psc)
    assert await a.get(victime.id) is None
    # Entries of another kind, and names that are none, before all others.
    await a._c("DEL", cle)
    await a._c("SET", cle, "texte")
    for nom in (b"\xff\xfe", "autre:cle", "pleiade:s:", "pleiade:s:\u00e9"):
        await a._c("ZADD", store_redis.FINS, "1", nom)
        await a._c("ZADD", store_redis.ECHEANCES, "1", nom)
    await a._c("SET", "autre:cle", "à quelqu’un")
    await a._c("ZADD", store_redis.FINS, "1", cle)
    await a._c("ZADD", store_redis.ECHEANCES, "1", cle)
    assert [s.id for s in await a.renewable(time.time() + 1e6)] == [autre.id]
    maintenant += 200
    assert [s.id for s in await a.expired()] == [autre.id]
    assert await a._c("GET", "autre:cle") is not None
    await a.aclose()


@pytest.mark.attaque(
    "Serveur qui se fait passer pour Redis",
    tente="Répondre par des listes emboîtées sans fin, une valeur d’un téraoctet, une ligne sans "
          "fin, des octets quelconques, ou raccrocher au milieu.",
    constat="« Magasin injoignable » (503), sans attente ni mémoire ; la connexion suivante "
            "marche.")
async def test_hostile_server() -> None:
    reponses = [b"*1\r\n" * 5000, b"$999999999999\r\n", b"*999999999\r\n", b"x" * 200_000,
                b"\x00\xff\r\n", b":abc\r\n", b"$5\r\nab", b"+PONG\r\n+PONG\r\n+PONG\r\n"]

    async def servir(lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        await lecteur.read(100)
        ecrivain.write(reponses[rang])
        await ecrivain.drain()
        ecrivain.close()

    serveur = await asyncio.start_server(servir, "127.0.0.1", 0)
    port = serveur.sockets[0].getsockname()[1]
    lien = Resp(Address.parse(f"redis://127.0.0.1:{port}/0"))
    for rang in range(len(reponses) - 1):  # noqa: B007
        with pytest.raises(StoreDown):
            await lien.command("PING")
    rang = len(reponses) - 1
    assert await lien.command("PING") == b"PONG"
    await lien.aclose()
    serveur.close()
    await serveur.wait_closed()


async def test_nothing_is_left_behind(redis: Redis) -> None:
    """Every entry goes with its session, or has an end of its own."""
    a = redis.magasin()
    sessions = [_session(f"8{n}") for n in range(5)]
    for session in sessions:
        await a.open(session)
        await a.touch(session)
        await a.remove(session.id)
        await a.touch(session)
        await a.save(session)
    cles = await a._c("KEYS", "*")
    assert isinstance(cles, list)
    durees = [await a._c("TTL", c) for c in cles if isinstance(c, bytes)]
    assert all(isinstance(d, int) and d > 0 for d in durees) and len(durees) == 5
    await a.aclose()


async def test_renewal_looks_at_those_that_need_it(redis: Redis) -> None:
    a = redis.magasin()
    presse, tranquille, finie = _session("8presse"), _session("8tranquille"), _session("8finie")
    t = time.time()
    presse.psc.refresh_expires, finie.psc.refresh_expires = t + 60, t + 60
    for session in (presse, tranquille, finie):
        await a.open(session)
    finie.psc.ended = True
    await a.save(finie)
    assert [s.id for s in await a.renewable(t + 120)] == [presse.id]
    presse.psc = PscTokens("n", t + 120, "r", t + 1800)
    await a.save(presse)
    assert await a.renewable(t + 120) == []
    await a.aclose()


def test_two_proxies_open_renew_and_lose_their_redis(tmp_path: Path) -> None:
    """One session a user and client across both; one renewal; Redis dies in flight and comes "
    "back."""
    serveur = Redis(tmp_path)
    with Amont(tmp_path) as amont:
        for nom, texte in (("cle", CLE), ("mot", "mot-de-passe")):
            (tmp_path / nom).write_text(texte)
        config = amont.ecrire_config(
            f'[session]\nmagasin = "redis://127.0.0.1:{serveur.port}/2"\n'
            'magasin_cle_fichier = "cle"\nmagasin_mot_de_passe_fichier = "mot"\n'
            "[limites]\nsollicitations_par_minute = 1000\n")
        tls = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        with proxy(config) as (un, _), proxy(config) as (deux, _):
            http = httpx.Client(verify=tls, timeout=60, trust_env=False)

            def ouvrir(url: str) -> str:
                http.cookies.clear()
                numero = http.post(f"{url}/connect", json=CONNECT).json()["proxy_session_id"]
                http.cookies.clear()
                return str(numero)

            def appeler(url: str, numero: str, chemin: str = "/send/insi/x") -> int:
                return http.get(url + chemin, headers={
                    "Cookie": f"proxy_session_id={numero}"}).status_code

            premiere = ouvrir(un)
            seconde = ouvrir(deux)
            assert appeler(un, premiere) == appeler(deux, premiere) == 401
            assert appeler(un, seconde) == appeler(deux, seconde) == 200
            # The API refuses the token; twenty calls on both sides make one exchange.
            avant = len(amont.monde.jetons_api)
            amont.monde.invalides.add(amont.monde.jetons_api[-2])
            amont.monde.invalides.add(amont.monde.jetons_api[-1])
            with ThreadPoolExecutor(20) as fils:
                statuts = list(fils.map(lambda n: appeler((un, deux)[n % 2], seconde), range(20)))
            assert statuts == [200] * 20
            assert len(amont.monde.jetons_api) - avant == 1
            serveur.arreter()
            assert appeler(un, seconde) == 503 and appeler(un, seconde, "/check/ready") == 503
            assert appeler(un, seconde, "/check/alive") == 200
            serveur.demarrer()
            # Without persistence sessions are gone: a new login, on either side.
            assert appeler(un, seconde) == appeler(deux, seconde) == 401
            assert appeler(un, seconde, "/check/ready") == 200
            assert appeler(deux, ouvrir(un)) == 200
            http.close()
    serveur.arreter()
