"""The server of the practice freezes without dying, or a workstation does: nobody waits for ever,
nothing acknowledged is lost, and what is long but alive is never cut."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from app.store import backup, coffre_serveur, connections, engine, link, places, upgrade
from app.store.engine import ouvrir
from app.store.errors import BaseInjoignable, ErreurStore, FichierTropRecent
from app.usecases import changements, dossier, patients
from app.usecases.access import DemandeCabinet, creer_cabinet, deverrouiller
from app.usecases.context import Contexte
from tests.centre_outils import CENTRE, MARIAM, MOT_DE_PASSE
from tests.serveur_pg import ServeurTls
from tests.store_outils import CLE, nouvelle_base, supprimer_base, traits

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]

ECRIVAINS = 3
#: Seconds; generous: a condition is awaited, not a duration.
LIMITE_S = 60


@pytest.fixture
def url(pg: ServeurTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    (tmp_path / "donnees").mkdir()
    monkeypatch.setattr(link, "SILENCE_S", 0.5)
    monkeypatch.setattr(connections, "CONNEXION_S", 2)
    yield nouvelle_base(pg.url(), "gel", "template1")
    supprimer_base(pg.url(), "gel")


@pytest.fixture
def ctx(url: str, derivation_legere: None) -> Iterator[Contexte]:
    ouvert = creer_cabinet(url, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte
    yield ouvert
    ouvert.fermer()


def _attendre(condition: Any, quoi: str) -> None:
    limite = time.monotonic() + LIMITE_S
    while not condition():
        assert time.monotonic() < limite, quoi
        time.sleep(0.02)


@pytest.mark.attaque(
    "Serveur du cabinet gelé, ni mort ni vivant",
    tente="Suspendre tous les processus de PostgreSQL (ses connexions restent ouvertes) pendant "
          "que trois postes enregistrent, puis les laisser reprendre",
    constat="Chaque demande finit par une phrase en français au lieu d’attendre sans fin, les "
            "postes reprennent seuls, rien de ce qui a été confirmé n’est perdu")
def test_a_frozen_server_holds_nobody_and_loses_nothing_acknowledged(
        pg: ServeurTls, url: str, ctx: Contexte) -> None:
    patient = patients.creer_patient(ctx, traits()).patient
    assert patient is not None
    postes = [ctx] + [deverrouiller(url, MOT_DE_PASSE) for _ in range(ECRIVAINS - 1)]
    confirmes: list[str] = []
    refus: dict[int, list[ErreurStore]] = {rang: [] for rang in range(ECRIVAINS)}
    fin = threading.Event()

    def ecrire(rang: int) -> None:
        tour = 0
        while not fin.is_set():
            texte, tour = f"note {rang}-{tour}", tour + 1
            try:
                dossier.ajouter_observation(postes[rang], patient.id, texte)
            except ErreurStore as erreur:
                refus[rang].append(erreur)
            else:
                confirmes.append(texte)

    fils = [threading.Thread(target=ecrire, args=(r,), daemon=True) for r in range(ECRIVAINS)]
    for fil in fils:
        fil.start()
    _attendre(lambda: len(confirmes) > 10, "les postes écrivent")
    with pg.gele():
        _attendre(lambda: all(refus.values()), "chaque poste est rendu à lui-même")
    avant = len(confirmes)
    _attendre(lambda: len(confirmes) > avant + 10, "les postes reprennent")
    fin.set()
    for fil in fils:
        fil.join(LIMITE_S)
    dites = [r for liste in refus.values() for r in liste]
    assert {type(r) for r in dites} == {BaseInjoignable}, [repr(r.__cause__) for r in dites]
    with ctx.store.lecture() as u:
        gardes = [o.texte for o in u.observations.lister(patient.id, 100_000)]
    assert set(confirmes) <= set(gardes)
    assert ctx.store.verifier().bon
    for poste in postes[1:]:
        poste.fermer()


def test_reading_opening_and_the_live_link_end_too(pg: ServeurTls, url: str, ctx: Contexte,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.changes.PULS_S", 0.5)
    liens: list[bool] = []
    veille = changements.veiller(ctx, lambda _: None, liens.append)
    _attendre(lambda: veille.branchee, "l’écoute")
    with pg.gele():
        with pytest.raises(BaseInjoignable, match="ne répond pas"), ctx.store.lecture() as u:
            u.patients.compter()
        with pytest.raises(BaseInjoignable):
            deverrouiller(url, MOT_DE_PASSE)
        with pytest.raises(ErreurStore):
            ctx.store.verifier()  # the file isn't said to be damaged
        _attendre(lambda: liens == [False], "l’absence est dite")
    _attendre(lambda: liens == [False, True], "le retour est dit")
    veille.arreter()
    with ctx.store.lecture() as u:
        assert u.patients.compter() == 0


def test_a_long_statement_of_a_server_that_lives_is_not_cut(
        url: str, ctx: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[bool] = []
    vit = link.ConnexionVeillee._vit

    def noter(acces: dict[str, Any]) -> bool:
        questions.append(vit(acces))
        return questions[-1]

    monkeypatch.setattr(link, "SILENCE_S", 0.2)
    monkeypatch.setattr(link.ConnexionVeillee, "_vit", staticmethod(noter))
    with ctx.store.lecture() as u:
        assert u.connexion.execute(text("SELECT 'fini' FROM pg_sleep(1)")).scalar() == "fini"
    assert questions
    assert all(questions)


def test_a_server_that_has_no_seat_left_is_alive(url: str, ctx: Contexte,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    def complet(**_: Any) -> None:
        raise psycopg.OperationalError("FATAL:  sorry, too many clients already")

    with monkeypatch.context() as mot:
        mot.setattr(link.psycopg, "connect", complet)
        assert link.ConnexionVeillee._vit({})


def _delais(u: Any) -> tuple[str, str]:
    return tuple(u.exec_driver_sql(f"SELECT current_setting('{nom}_timeout')").scalar() for nom in (
        "statement", "idle_in_transaction_session"))  # type: ignore[return-value]


def test_what_is_long_has_the_time_that_it_takes(pg: ServeurTls, ctx: Contexte, tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordinary units are cut by the server; backup, upgrade and check aren't."""
    vus: dict[str, tuple[str, str]] = {}
    with ctx.store.lecture() as u:
        vus["unité"] = _delais(u.connexion)
        assert u.connexion.exec_driver_sql("SHOW tcp_keepalives_idle").scalar() == "30"
    indexer = backup.indexer_comme

    def sauvegarder(lue: Any, ecrite: Any) -> None:
        vus["sauvegarde"] = _delais(lue)
        indexer(lue, ecrite)

    monkeypatch.setattr(backup, "indexer_comme", sauvegarder)
    ctx.store.sauvegarder(tmp_path / "copie.pleiade")
    verifier = engine.verifier_fichier

    def verification(connexion: Any, ou: Any) -> Any:
        rapport = verifier(connexion, ou)
        vus["vérification"] = _delais(connexion)
        return rapport

    monkeypatch.setattr(engine, "verifier_fichier", verification)
    ctx.store.verifier()
    migrer = upgrade.mettre_a_niveau

    def migration(connexion: Any, revision: str = "") -> None:
        if connexion.dialect.name == "postgresql":
            vus["migration"] = _delais(connexion)
        migrer(connexion, revision)

    monkeypatch.setattr(upgrade, "mettre_a_niveau", migration)
    neuve = nouvelle_base(pg.url(), "gel_neuve", "template1")
    ouvrir(neuve, CLE).fermer()
    supprimer_base(pg.url(), "gel_neuve")
    assert vus == {"unité": ("2min", "2min"), "sauvegarde": ("0", "2h"),
                   "vérification": ("0", "2h"), "migration": ("0", "2h")}


def test_a_workstation_asleep_with_the_vault_or_a_reading_lets_the_others_work(
        url: str, ctx: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the lock of the vault (an account is being made): the server cuts it off."""
    autre = deverrouiller(url, MOT_DE_PASSE)
    prendre = coffre_serveur._prendre

    def endormi(connexion: Any, ou: str) -> bool:
        if not dort.is_set():  # two minutes for everybody else
            connexion.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '500ms'")
        return prendre(connexion, ou)

    monkeypatch.setattr(coffre_serveur, "_prendre", endormi)
    issues: list[BaseException] = []
    dort, fin = threading.Event(), threading.Event()

    def dormir() -> None:
        try:
            with autre.store._coffre():
                dort.set()
                fin.wait(LIMITE_S)
        except ErreurStore as erreur:
            issues.append(erreur)

    fil = threading.Thread(target=dormir, daemon=True)
    fil.start()
    assert dort.wait(LIMITE_S)
    with ctx.store._coffre():
        pass  # it came to us: the sleeper was cut off
    fin.set()
    fil.join(LIMITE_S)
    assert isinstance(issues[0], BaseInjoignable)
    autre.fermer()


def test_an_open_workstation_of_a_former_version_writes_no_more_after_an_upgrade(
        url: str, ctx: Contexte) -> None:
    """Another workstation with a newer program upgraded the base while this one was open."""
    patient = patients.creer_patient(ctx, traits()).patient
    assert patient is not None
    with ctx.store._moteur.begin() as connexion:
        connexion.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(FichierTropRecent, match="la même version"):
        dossier.ajouter_observation(ctx, patient.id, "note d’un vieux programme")
    with pytest.raises(FichierTropRecent), ctx.store.ecriture(par_versions=True) as u:
        u.reglages.ecrire("essai", 1)
    with ctx.store.lecture() as u:
        assert not u.observations.lister(patient.id)


def test_an_upgrade_waits_for_the_unit_that_writes(url: str, ctx: Contexte,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an old program would end its unit on tables that changed under it."""
    ordre: list[str] = []
    fil: threading.Thread

    def migrer(_connexion: Any, _revision: str = "") -> None:
        ordre.append("migration")

    monkeypatch.setattr(upgrade, "mettre_a_niveau", migrer)
    with ctx.store.ecriture() as u:
        fil = threading.Thread(target=engine._migrer, args=(ctx.store, upgrade.REVISION))
        fil.start()
        _attendre(lambda: u.connexion.exec_driver_sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        ).scalar() == 1, "la migration attend")
        ordre.append("unité")
    fil.join(LIMITE_S)
    assert ordre == ["unité", "migration"]
