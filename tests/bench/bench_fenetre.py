"""Does the window live while services are called? Largest gap of the event loop, and control."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from app.domain.people import Professionnel, Structure
from app.services.dmp import AccesDmp, ClientDmp
from app.services.dmp_recherche import lire_reponse_recherche
from app.services.insi import IdentiteLogiciel
from app.services.transport import Reponse

APPELS = 20
#: Entries of an answer of about 5 MB.
FICHES_5_MO = 2_200
BATTEMENT_MS = 5
ESSAIS = 3

ACCES = AccesDmp(professionnel=Professionnel("899700000016", "DÉMO", "Camille"),
                 structure=Structure("499700000016007", "Cabinet"), secteur="SA07", situation=None,
                 matricule_ins="275126322074974", oid="1.2.250.1.213.1.4.8")
LOGICIEL = IdentiteLogiciel(nom="Pléiade", version="0", instance="1.2.250.1.999.1.1", idam="X",
                            homologation_dmp="X", oid="1.2.250.1.999.1.1")


class TransportDirect:
    """The transport without the proxy: what is measured is the window."""

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def envoyer(self, api: str, chemin: str, corps: bytes, content_type: str, *, delai: float,
                annule: Callable[[], bool] | None = None) -> Reponse:
        """Post and read."""
        del api, delai, annule
        recu = self._client.post(chemin, content=corps, headers={"Content-Type": content_type})
        return Reponse(status=recu.status_code, content_type=recu.headers["content-type"],
                       corps=recu.content, entetes=dict(recu.headers))


@contextmanager
def serveur_lent(fiches: int) -> Iterator[int]:
    """The slow service as a process of its own; gives its port."""
    script = Path(__file__).with_name("serveur_lent.py")
    processus = subprocess.Popen([sys.executable, str(script), str(fiches)], text=True,
                                 stdout=subprocess.PIPE)
    assert processus.stdout is not None
    try:
        yield int(processus.stdout.readline())
    finally:
        processus.kill()
        processus.wait(5)


class Coeur:
    """A heartbeat of the event loop: gaps between two beats, in milliseconds."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.ecarts: list[float] = []
        self._dernier = 0.0
        self._minuterie = QTimer()
        self._minuterie.setTimerType(Qt.TimerType.PreciseTimer)
        self._minuterie.setInterval(BATTEMENT_MS)
        self._minuterie.timeout.connect(self._battre)

    def _battre(self) -> None:
        maintenant = time.perf_counter()
        self.ecarts.append((maintenant - self._dernier) * 1000 - BATTEMENT_MS)
        self._dernier = maintenant

    def compter(self, fini: Callable[[], bool], delai_s: float) -> float:
        """Run the loop until `fini` or `delai_s`; the largest gap."""
        from PySide6.QtWidgets import QApplication

        self.ecarts.clear()
        self._dernier = time.perf_counter()
        self._minuterie.start()
        limite = time.perf_counter() + delai_s
        while not fini() and time.perf_counter() < limite:
            QApplication.processEvents()
            time.sleep(0.0005)
        self._minuterie.stop()
        return max(self.ecarts, default=0.0)


def _un_essai(port: int, en_ligne: bool) -> tuple[float, float, int]:
    """(largest gap, idle gap, answers) of one run of APPELS calls."""
    from app.ui.workers import Workers

    workers = Workers()
    client = ClientDmp(TransportDirect(port), LOGICIEL)
    client.executeur_lourd = None if en_ligne else workers.processus
    recus: list[int] = []
    coeur = Coeur()
    workers.prechauffer()
    coeur.compter(lambda: False, 1.5)
    repos = coeur.compter(lambda: False, 1.0)

    def recu(fiches: Any) -> None:
        recus.append(len(fiches))

    def recu_brut(reponse: Reponse) -> None:
        recus.append(len(lire_reponse_recherche(reponse.corps)))

    for _ in range(APPELS):
        if en_ligne:
            workers.submit(_brut, port, queue="dmp", on_done=recu_brut)
        else:
            workers.submit(client.chercher, ACCES, queue="dmp", on_done=recu)
    plus_grand = coeur.compter(lambda: len(recus) == APPELS, 60)
    workers.fermer()
    return plus_grand, repos, len(recus)


def _brut(port: int) -> Reponse:
    corps = b"<e><MessageID>urn:uuid:1</MessageID></e>"
    return TransportDirect(port).envoyer("dmp", "/registry", corps, "application/soap+xml",
                                         delai=30)


def mesurer_blocage() -> dict[str, Any]:
    """`blocage_max_ms`: best of three, idle deducted; the control parses in the window's thread."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.ui.fluidite import menager

    application = QApplication.instance() or QApplication([])
    menager()
    with serveur_lent(FICHES_5_MO) as port:
        essais = [_un_essai(port, en_ligne=False) for _ in range(ESSAIS)]
        temoin = _un_essai(port, en_ligne=True)
    del application
    assert all(recus == APPELS for _, _, recus in [*essais, temoin])
    return {"blocage_max_ms": round(min(m - r for m, r, _ in essais), 1),
            "blocage_essais_ms": [round(m - r, 1) for m, r, _ in essais],
            "blocage_repos_ms": round(max(r for _, r, _ in essais), 1),
            "blocage_temoin_ms": round(temoin[0] - temoin[1], 1)}


def _recevoir_liste(ctx: Any, workers: Any, corps: bytes, patient_id: int) -> Any:
    """What a worker does with the answer of TD3.1: parse, keep, merge with the local file."""
    from app.usecases.context import maintenant_local
    from app.usecases.documents import documents_du_patient

    fiches = workers.processus(lire_reponse_recherche, corps)
    with ctx.store.ecriture() as u:
        u.dmp.enregistrer_liste(patient_id, fiches, maintenant_local())
    return documents_du_patient(ctx, patient_id)


def mesurer_liste() -> dict[str, Any]:
    """`liste_dmp_2000_ms`: answer of 2,000 entries received -> list painted; gap meanwhile."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import tempfile

    from PySide6.QtWidgets import QApplication

    from app.cli.demo import MOT_DE_PASSE
    from app.cli.demo_donnees import creer_dossier_demo
    from app.ui import theme
    from app.ui.fluidite import menager
    from app.ui.views.documents import VueDocuments
    from app.ui.workers import Workers
    from app.usecases import patients
    from app.usecases.access import deverrouiller
    from tests.bench.serveur_lent import enveloppe

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.appliquer(application, "clair")
    tete, corps = enveloppe(2000)
    reponse = tete + b"urn:uuid:1" + corps
    temps, ecarts = [], []
    with tempfile.TemporaryDirectory(prefix="pleiade-bench-") as dossier:
        emplacement = Path(dossier) / "cabinet.pleiade"
        creer_dossier_demo(emplacement, MOT_DE_PASSE, {})
        ctx = deverrouiller(emplacement, MOT_DE_PASSE)
        patient_id = patients.chercher(ctx, "ADRUN")[0].id
        vue = VueDocuments()
        vue.resize(1266, 585)
        vue.show()
        workers = Workers()
        workers.prechauffer()
        coeur = Coeur()
        menager()
        coeur.compter(lambda: False, 1.5)
        repos = coeur.compter(lambda: False, 1.0)
        for _ in range(ESSAIS):
            peint: list[float] = []

            def montrer(liste: Any, peint: list[float] = peint) -> None:
                vue.afficher(liste)
                vue.repaint()
                peint.append(time.perf_counter())

            debut = time.perf_counter()
            workers.submit(_recevoir_liste, ctx, workers, reponse, patient_id, queue="dmp",
                           on_done=montrer)
            ecarts.append(coeur.compter(lambda p=peint: bool(p), 10) - repos)  # type: ignore[misc]
            temps.append((peint[0] - debut) * 1000)
        workers.fermer()
        ctx.fermer()
    return {"liste_dmp_2000_ms": round(sorted(temps)[len(temps) // 2], 1),
            "liste_dmp_2000_blocage_ms": round(min(ecarts), 1),
            "liste_dmp_2000_blocages_ms": [round(e, 1) for e in ecarts]}


def mesurer_ouverture() -> dict[str, Any]:
    """`ouverture_dossier_p95_ms`: 500 documents, among 100,000 patients; asked -> painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import tempfile

    from PySide6.QtWidgets import QApplication

    from app.ui.lancer import Application, OptionsFenetre, nouvelle_application
    from tests.bench.bench_store import centile, remplir_dossier
    from tests.bench.population import creer_dossier

    with tempfile.TemporaryDirectory(prefix="pleiade-bench-") as dossier:
        emplacement = Path(dossier) / "cabinet.pleiade"
        mot_de_passe = creer_dossier(emplacement, 100_000)
        application = Application(OptionsFenetre(emplacement=emplacement, demonstration=True),
                                  nouvelle_application())
        application.demarrer()
        application.acces.ouvrir(mot_de_passe)
        _vivre(lambda: application.assemblage is not None)
        assert application.ctx is not None and application.assemblage is not None
        controleur = application.assemblage.dossier
        with application.ctx.store.lecture() as u:
            grand, petit = u.patients.ids()[1000:1002]
        remplir_dossier(application.ctx.store, grand, application.ctx.compte_id)
        ouverts: list[int] = []
        controleur.ouvert.connect(lambda patient_id, _: ouverts.append(patient_id))
        durees = []
        for tour in range(31):
            for patient_id in (petit, grand):
                ouverts.clear()
                debut = time.perf_counter()
                controleur.ouvrir(patient_id)
                _vivre(lambda: bool(ouverts))
                application.fenetre.repaint()
                QApplication.processEvents()
                if patient_id == grand and tour:
                    durees.append((time.perf_counter() - debut) * 1000)
        application.fermer()
    return {"ouverture_dossier_p95_ms": round(centile(durees, 0.95), 1),
            "ouverture_dossier_mediane_ms": round(centile(durees, 0.5), 1)}


def _vivre(condition: Callable[[], bool], delai_s: float = 20) -> None:
    """Let the window live until the condition holds."""
    from PySide6.QtWidgets import QApplication

    limite = time.perf_counter() + delai_s
    while not condition() and time.perf_counter() < limite:
        QApplication.processEvents()
        time.sleep(0.0005)
