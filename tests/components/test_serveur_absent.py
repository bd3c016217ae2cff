"""The server of the practice dies while workstations write, and comes back: nothing acknowledged is
lost, everything refused says so in French, and work resumes by itself."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.dates import est_calendaire
from app.store import places, serveur
from app.store.engine import ouvrir
from app.store.errors import BaseInjoignable, ErreurStore
from app.usecases import changements, dossier, outbox, patients
from app.usecases import serveur as usecases_serveur
from app.usecases.access import DemandeCabinet, creer_cabinet, deverrouiller
from app.usecases.changements import Nouvelle, Sujet
from app.usecases.context import Contexte, iso_utc, maintenant_utc
from app.usecases.errors import Refus
from tests.centre_outils import CENTRE, MARIAM, MOT_DE_PASSE
from tests.serveur_pg import ServeurTls
from tests.store_outils import fiche, nouvelle_base, supprimer_base, traits

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]

ECRIVAINS = 4


@pytest.fixture
def url(pg: ServeurTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    (tmp_path / "donnees").mkdir()
    pg.presenter("serveur")
    yield nouvelle_base(pg.url(), "absence", "template1")
    supprimer_base(pg.url(), "absence")


@pytest.fixture
def ctx(url: str) -> Iterator[Contexte]:
    ouvert = creer_cabinet(url, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte
    yield ouvert
    ouvert.fermer()


@pytest.mark.attaque(
    "Serveur du cabinet tué pendant les écritures",
    tente="Arrêter PostgreSQL d’un coup, deux fois, pendant que quatre postes enregistrent des "
          "observations",
    constat="Rien de ce qui a été confirmé n’est perdu, chaque refus est une phrase en français, "
            "les postes reprennent seuls")
def test_a_server_killed_during_writes_loses_nothing_acknowledged(
        pg: ServeurTls, url: str, ctx: Contexte) -> None:
    patient = patients.creer_patient(ctx, traits()).patient
    assert patient is not None
    postes = [ctx] + [deverrouiller(url, MOT_DE_PASSE) for _ in range(ECRIVAINS - 1)]
    confirmes: set[str] = set()
    refus: list[BaseException] = []
    fin = threading.Event()

    def ecrire(rang: int) -> None:
        tour = 0
        while not fin.is_set():
            texte = f"note {rang}-{tour}"
            tour += 1
            try:
                dossier.ajouter_observation(postes[rang], patient.id, texte)
            except ErreurStore as erreur:
                refus.append(erreur)
                time.sleep(0.05)
            except BaseException as erreur:
                refus.append(erreur)
                raise
            else:
                confirmes.add(texte)

    fils = [threading.Thread(target=ecrire, args=(r,)) for r in range(ECRIVAINS)]
    for fil in fils:
        fil.start()
    for _ in range(2):
        avant = len(confirmes)
        time.sleep(0.4)
        pg.redemarrer()
        limite = time.monotonic() + 60
        while len(confirmes) < avant + 20:
            assert time.monotonic() < limite, "les postes ne reprennent pas"
            time.sleep(0.02)
    fin.set()
    for fil in fils:
        fil.join(60)
    assert refus, "le serveur n’a manqué à personne"
    assert {type(r) for r in refus} <= {BaseInjoignable}, [repr(r.__cause__) for r in refus]
    assert all("serveur du cabinet" in r.message for r in refus if isinstance(r, ErreurStore))
    with ctx.store.lecture() as u:
        gardes = [o.texte for o in u.observations.lister(patient.id, 100_000)]
    assert confirmes <= set(gardes)
    assert len(gardes) == len(set(gardes))
    assert ctx.store.verifier().bon  # the trail's chain included
    for poste in postes[1:]:
        poste.fermer()


def test_the_link_is_told_lost_then_back(pg: ServeurTls, ctx: Contexte) -> None:
    liens: list[bool] = []
    entendues: list[Nouvelle] = []
    veille = changements.veiller(ctx, entendues.append, liens.append)

    def attendre(condition: str) -> None:
        limite = time.monotonic() + 60
        while not {"branchee": lambda: veille.branchee, "perdu": lambda: liens == [False],
                   "retrouve": lambda: liens == [False, True]}[condition]():
            assert time.monotonic() < limite, (condition, liens)
            time.sleep(0.02)

    attendre("branchee")
    pg._ctl("-m", "immediate", "stop")
    attendre("perdu")
    with pytest.raises(BaseInjoignable, match="ne répond pas"), ctx.store.lecture() as u:
        u.patients.compter()
    pg.demarrer()
    attendre("retrouve")
    assert entendues[-1].sujets == frozenset(Sujet)  # anything may have changed meanwhile
    with ctx.store.lecture() as u:
        assert u.patients.compter() == 0
    veille.arreter()


def test_a_workstation_that_falls_asleep_inside_a_unit_doesn_t_stop_the_others(
        ctx: Contexte, url: str) -> None:
    """One writer at a time: the one that hangs is cut off by the server, not waited for."""
    autre = deverrouiller(url, MOT_DE_PASSE)
    dort, fin = threading.Event(), threading.Event()
    issue: list[BaseException] = []

    def dormir() -> None:
        try:
            with autre.store.ecriture() as u:
                u.reglages.ecrire("essai.sommeil", 1)
                dort.set()
                fin.wait(120)
        except ErreurStore as erreur:
            issue.append(erreur)

    fil = threading.Thread(target=dormir)
    fil.start()
    assert dort.wait(60)
    with ctx.store.ecriture() as u:  # before lock_timeout: nobody is refused
        u.reglages.ecrire("essai.eveil", 1)
    assert fil.is_alive()  # the sleeper was cut off, it didn't end
    fin.set()
    fil.join(60)
    assert isinstance(issue[0], BaseInjoignable)
    with ctx.store.lecture() as u:
        assert u.reglages.lire("essai.sommeil") is None
        assert u.reglages.lire("essai.eveil") == 1
    autre.fermer()


def test_two_workstations_of_one_person_never_send_the_same_order(
        ctx: Contexte, url: str) -> None:
    """Claims at the same instant; a workstation that dies frees its lot, as uncertain."""
    patient = patients.creer_patient(ctx, traits()).patient
    assert patient is not None
    with ctx.store.ecriture() as u:
        for n in range(12):
            doc = u.documents.ajouter(fiche(patient.id, cda_id=f"1.2.{n}"), cda=b"<a/>", pdf=None)
            outbox.ajouter_ordre_dmp(u, document_id=doc.id, patient_id=patient.id,
                                     auteur_id=ctx.compte_id, delai_min=0, retenir_envoi=False)
    postes = [ctx, *(deverrouiller(url, MOT_DE_PASSE) for _ in range(3))]
    pris: list[int] = []
    pret = threading.Barrier(len(postes))

    def prendre(poste: Contexte) -> None:
        pret.wait()
        for _ in range(4):
            with poste.store.ecriture() as u:
                ordre = u.outbox.prendre(auteur_id=poste.compte_id, bail_s=outbox.BAIL_S)
            if ordre is not None:
                pris.append(ordre.id)

    fils = [threading.Thread(target=prendre, args=(p,)) for p in postes]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert len(pris) == len(set(pris)) == 12
    with ctx.store.ecriture() as u:
        assert u.outbox.reprendre_bails_expires() == 0
        bien_apres = maintenant_utc() + timedelta(seconds=2 * outbox.BAIL_S)  # they all died
        assert u.outbox.reprendre_bails_expires(iso_utc(bien_apres)) == 12
        repris = u.outbox.lire(pris[0])
    assert repris.incertain  # the DMP is asked for it before it is sent again
    for poste in postes[1:]:
        poste.fermer()


def test_a_sending_whose_lease_was_lost_doesn_t_overwrite_the_one_that_took_it(
        ctx: Contexte) -> None:
    from app.domain.outbox import EtatOrdre

    patient = patients.creer_patient(ctx, traits()).patient
    assert patient is not None
    with ctx.store.ecriture() as u:
        doc = u.documents.ajouter(fiche(patient.id, cda_id="1.2.99"), cda=b"<a/>", pdf=None)
        outbox.ajouter_ordre_dmp(u, document_id=doc.id, patient_id=patient.id,
                                 auteur_id=ctx.compte_id, delai_min=0, retenir_envoi=False)
    with ctx.store.ecriture() as u:
        lent = u.outbox.prendre(auteur_id=ctx.compte_id, bail_s=outbox.BAIL_S)
    assert lent is not None
    bien_apres = iso_utc(maintenant_utc() + timedelta(seconds=2 * outbox.BAIL_S))
    with ctx.store.ecriture() as u:
        repris = u.outbox.prendre(bien_apres, auteur_id=ctx.compte_id, bail_s=120)
    assert repris is not None
    assert repris.id == lent.id
    fini = outbox._finir(ctx, lent, EtatOrdre.REFUSE, Refus("Trop tard."))
    assert fini.etat is EtatOrdre.EN_COURS  # the other's, still on its way
    assert outbox._finir(ctx, repris, EtatOrdre.ENVOYE).etat is EtatOrdre.ENVOYE


def test_the_state_of_the_server_and_another_one(
        pg: ServeurTls, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(places.VARIABLE, raising=False)
    ou = serveur.Serveur("127.0.0.1", "absence", "postgres", str(pg.pki.certificat("ca")), pg.port)
    rejoint = usecases_serveur.rejoindre(ou, "secret")
    creer_cabinet(rejoint.url, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte.fermer()
    ctx = deverrouiller(rejoint.url, MOT_DE_PASSE)
    etat = usecases_serveur.etat_serveur(ctx)
    assert (etat.hote, etat.port, etat.base) == ("127.0.0.1", pg.port, "absence")
    assert etat.tls in ("TLSv1.2", "TLSv1.3")
    assert est_calendaire(etat.certificat_fin)
    assert etat.reste_jours > 0
    assert 0 < etat.latence_ms < 1000
    assert etat.version.split(".")[0].isdigit()
    assert etat.connexions >= 1
    assert "secret" not in repr(etat).replace("secret=", "")
    # Another server: an empty base is refused, and this workstation stays where it is.
    nouvelle_base(pg.url(), "vide", "template1")
    with pytest.raises(Refus, match="Aucun cabinet"):
        usecases_serveur.changer_serveur(ctx, replace(ou, base="vide"), "secret")
    with pytest.raises(ErreurStore):
        usecases_serveur.changer_serveur(ctx, ou, "un autre")
    assert places.emplacement_par_defaut() == rejoint.url
    assert usecases_serveur.changer_serveur(ctx, ou, "secret") == rejoint.url
    # The certificate shown is verified as the connection is.
    pg.presenter("serveur-expire")
    with pytest.raises(ErreurStore, match="identité"):
        serveur.certificat(rejoint.url)
    pg.presenter("serveur")
    assert usecases_serveur.quitter_serveur(ctx) == tmp_path / "donnees" / places.NOM_FICHIER
    assert serveur.lire() is None
    with pytest.raises(Refus, match="pas rejoint"):
        usecases_serveur.quitter_serveur(ctx)
    ctx.fermer()
    ouvrir(pg.url("absence")).fermer()  # the practice stays there
    supprimer_base(pg.url(), "vide")
