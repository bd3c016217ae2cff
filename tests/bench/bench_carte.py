"""Card in → qualified banner painted, in the real window, through the real proxy and double.

What the practice feels is the total; what is ours is the total minus the INSi call itself.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import bac_a_sable
from app.domain import statuts
from app.domain.identity import Beneficiaire, StatutIdentite

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste

#: Cards of patients of the demonstration file: name, first name, birth date, NIR.
CARTES = (("ADRUN", "ZOE", "19751231", "275126322074974"),
          ("ADRDEUX", "LAURENT", "19810101", "181016322075140"),
          ("CORSE", "ANTHONY", "19800302", "180032B02040123"),
          ("ADRTROIS", "DOMINIQUE", "19970226", "297022A02077878"),
          ("ADRTROIS", "TOUSSAINT", "19600101", "160012B02077713"),
          ("NESSI", "MICHELANGELO", "20100807", "110086322083060"),
          ("PAT-TROIS", "DOMINIQUE", "19790328", "279035121518989"))
#: Rounds over the cards; the first one warms caches and imports, and isn't counted.
TOURS = 3


def mesurer() -> dict[str, Any]:
    """Median and worst time, total and ours, in milliseconds."""
    import os

    from tests.scenarios.conftest import Poste, Preuve

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as brut:
        dossier = Path(brut)
        with bac_a_sable(dossier / "bac") as bac:
            fichier = dossier / "cabinet.pleiade"
            creer_dossier_demo(fichier, MOT_DE_PASSE, bac.reglages_services)
            poste = Poste(bac, fichier, Preuve(dossier))
            try:
                poste.ouvrir()
                poste.connecter()
                return _mesurer(poste)
            finally:
                poste.application.fermer()


def _mesurer(poste: "Poste") -> dict[str, Any]:
    appels: list[float] = []
    proxy: Any = poste.ctx.services.proxy
    proxy.envoyer = _chronometre(proxy.envoyer, appels)
    totaux, notres = [], []
    for tour in range(TOURS):
        for carte in CARTES:
            total, appel = _une_carte(poste, carte, appels)
            if tour:
                totaux.append(total * 1000)
                notres.append((total - appel) * 1000)
    return {"carte_bandeau_ms": round(statistics.median(totaux)),
            "carte_bandeau_max_ms": round(max(totaux)),
            "carte_bandeau_hors_insi_ms": round(statistics.median(notres)),
            "carte_bandeau_hors_insi_max_ms": round(max(notres))}


def _chronometre(envoyer: Callable[..., Any], appels: list[float]) -> Callable[..., Any]:
    def mesure(api: str, *args: Any, **kw: Any) -> Any:
        debut = time.perf_counter()
        try:
            return envoyer(api, *args, **kw)
        finally:
            if api == "insi":
                appels.append(time.perf_counter() - debut)

    return mesure


def _une_carte(poste: "Poste", carte: tuple[str, str, str, str],
               appels: list[float]) -> tuple[float, float]:
    """Seconds from the event of the reader to the painted badge, and those of the INSi call."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from app.devices.events import EvenementLecteur
    from app.ui.views.dossier import PageDossier

    nom, prenom, naissance, nir = carte
    patient_id = _remettre_validee(poste, nom, prenom)
    poste.assemblage.dossier.fermer()
    poste.application.fenetre.aller("tournee")
    poste.pilote.laisser(0.4)
    page = poste.application.fenetre.page("dossier")
    assert isinstance(page, PageDossier)
    badge = page.bandeau.statut
    peint: list[float] = []

    class Guet(QObject):
        def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
            if (evenement.type() == QEvent.Type.Paint and not peint
                    and poste.assemblage.dossier.patient_id == patient_id
                    and badge.statut is StatutIdentite.QUALIFIEE):
                peint.append(time.perf_counter())
            return False

    guet = Guet()
    badge.installEventFilter(guet)
    appels.clear()
    debut = time.perf_counter()
    poste.assemblage.reception.depuis_lecteur(EvenementLecteur(
        "carte_lue", "Lecteur", "Carte lue", (Beneficiaire(nom, prenom, naissance, nir),)))
    while not peint and time.perf_counter() < debut + 20:
        QApplication.processEvents()
        time.sleep(0.0005)
    badge.removeEventFilter(guet)
    assert peint and appels, f"{nom} : bandeau qualifié jamais peint"
    return peint[0] - debut, sum(appels)


def _remettre_validee(poste: "Poste", nom: str, prenom: str) -> int:
    """The document was checked on another day; INSi wasn't asked yet."""
    from app.usecases import patients

    patient_id = patients.chercher(poste.ctx, f"{nom} {prenom}")[0].id
    with poste.ctx.store.ecriture() as u:
        lu = u.patients.lire(patient_id)
        identite = lu.identite
        if identite.statut in statuts.AVEC_INSI:
            identite = statuts.verification_ko(identite)
        u.patients.enregistrer_identite(
            patient_id, statuts.controler_document(identite, "CN"), auteur="Mesure",
            cause="Mesure", version=lu.version)
    return patient_id
