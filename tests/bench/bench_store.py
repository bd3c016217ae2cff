"""Figures of the patient file: search at each keystroke, opening a file, cost of encryption."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.store import vault
from app.store.connections import moteur_sqlite
from app.store.engine import Store, ouvrir
from app.store.search.keys import jeton_date
from app.store.tables import Base
from app.store.upgrade import mettre_a_niveau
from tests.bench.population import installer, peupler

#: People whose names are typed, letter by letter, in every form.
PERSONNES = 60
DOCUMENTS = 500


def requetes(store: Store, personnes: int = PERSONNES, graine: int = 7) -> list[str]:
    """Every keystroke of every way to look for a sample of people, and all 1-2 letter prefixes."""
    hasard = random.Random(graine)
    with store.lecture() as u:
        resumes = u.patients.resumes(hasard.sample(u.patients.ids(), personnes))
        matricules = [u.patients.lire(r.id).identite.matricule_ins for r in resumes]
    textes: dict[str, None] = {}

    def taper(texte: str) -> None:
        textes.update(dict.fromkeys(texte[:i] for i in range(1, len(texte) + 1)))

    lettres = "abcdefghijklmnopqrstuvwxyz"
    textes.update(dict.fromkeys(lettres))
    textes.update(dict.fromkeys(a + b for a in lettres for b in lettres))
    textes.update(dict.fromkeys(f"{a} {b}" for a in "abdjlmprst" for b in "abdjlmprst"))
    for resume, matricule in zip(resumes, matricules, strict=True):
        nom = resume.nom_naissance.lower()
        prenom = resume.premier_prenom.lower()
        usuel = (resume.nom_utilise or resume.nom_naissance).lower()
        date = jeton_date(resume.date_naissance)
        for texte in (nom, usuel, prenom, f"{nom} {prenom}", f"{prenom} {usuel}",
                      f"{usuel[:1]} {prenom}", f"{usuel[:2]} {prenom}", f"{prenom[:1]} {usuel}",
                      f"{prenom[:3]} {usuel[:3]} {date[:4]}", date, f"{date} {usuel[:3]}",
                      f"{usuel[:3]} {date}", f"{date[:2]}/{date[2:4]}/{date[4:]}",
                      resume.date_naissance, date[:4] + date[6:], matricule):
            taper(texte)
    return [t for t in textes if t.strip()]


def _chronometrer(gestes: Iterable[Callable[[], object]]) -> list[float]:
    durees = []
    for geste in gestes:
        debut = time.perf_counter()
        geste()
        durees.append((time.perf_counter() - debut) * 1000)
    return durees


def centile(durees: list[float], part: float) -> float:
    """Value under which lies that part of the durations."""
    return sorted(durees)[min(len(durees) - 1, int(len(durees) * part))]


def mesurer_recherche(store: Store, textes: list[str]) -> dict[str, float]:
    """Latency of a keystroke, after one pass that warms the cache; the best of two passes each."""
    def chercher(texte: str) -> Callable[[], object]:
        def geste() -> object:
            with store.lecture() as u:
                return u.patients.chercher(texte, 50)
        return geste

    froid = _chronometrer(chercher(t) for t in textes)
    passes = [_chronometrer(chercher(t) for t in textes) for _ in range(2)]
    chaud = [min(couple) for couple in zip(*passes, strict=True)]
    pire = max(range(len(textes)), key=chaud.__getitem__)
    return {"requetes": len(textes), "p50_ms": round(statistics.median(chaud), 2),
            "p95_ms": round(centile(chaud, 0.95), 2), "p99_ms": round(centile(chaud, 0.99), 2),
            "max_ms": round(chaud[pire], 2), "longueur_du_pire": len(textes[pire]),
            "premiere_passe_max_ms": round(max(froid), 2)}


def remplir_dossier(store: Store, patient_id: int, compte: int, nombre: int = DOCUMENTS) -> None:
    """Give a patient that many documents, 200 notes and a history of sendings."""
    with store.ecriture() as u:
        for i in range(nombre):
            contenu = f"document fictif {i} ".encode() * 2000
            u.documents.ajouter(FicheDocument(
                0, patient_id, OrigineDocument.CABINET, EtatDocument.VALIDE, "11488-4",
                f"Compte rendu {i}", f"20{20 + i % 6}-{i % 12 + 1:02d}-15", "LINE INFIRMIERE",
                cda_id=f"1.2.250.1.999.{i}", set_id=f"1.2.250.1.998.{i}"),
                cda=contenu, pdf=contenu + b"%PDF")
        for i in range(200):
            u.observations.ajouter(patient_id, f"Observation fictive {i}. " * 20, auteur_id=compte)
        u.episodes.ouvrir(patient_id, auteur="LINE INFIRMIERE")


def mesurer_ouverture(store: Store, patient_id: int, essais: int = 30) -> dict[str, float]:
    """What the store must give to open a file of 500 documents."""
    def ouvrir_dossier() -> object:
        with store.lecture() as u:
            return (u.patients.lire(patient_id), u.patients.historique(patient_id),
                    u.episodes.courant(patient_id), u.observations.lister(patient_id),
                    u.documents.lister(patient_id), u.documents.brouillons(patient_id),
                    u.dmp.liste(patient_id), u.dmp.vus(patient_id),
                    u.outbox.du_patient(patient_id))

    durees = _chronometrer([ouvrir_dossier] * essais)
    return {"p95_ms": round(centile(durees, 0.95), 2)}


def mesurer_ecriture(store: Store, patient_id: int, compte: int, essais: int = 100) -> float:
    """Median of one small commit (a note and its trace), in ms."""
    def noter() -> None:
        with store.ecriture() as u:
            u.observations.ajouter(patient_id, "Note de mesure", auteur_id=compte)
            u.trail.ecrire(qui="Mesure", quoi="observation.ajout", sur_qui=str(patient_id))

    return statistics.median(_chronometrer([noter] * essais))


def _store_clair(chemin: Path) -> Store:
    """The same file without encryption: the other side of the comparison, never the product."""
    chemin.touch()
    moteur: Engine = moteur_sqlite(chemin, None)
    with moteur.begin() as connexion:
        mettre_a_niveau(connexion)
    return Store(moteur, chemin, None)


def mesurer(patients: int = 100_000, *, cote_a_cote: bool = True) -> dict[str, Any]:
    """Every figure of the store; `recherche_*` keys carry the size when it isn't 100,000."""
    suffixe = "" if patients == 100_000 else f"_{patients}"
    with tempfile.TemporaryDirectory(prefix="pleiade-bench-") as dossier:
        fichier = Path(dossier) / "cabinet.pleiade"
        coffre = vault.creer_coffre(fichier, "mesure", "mesure")
        store = ouvrir(fichier, coffre.cle)
        resultat, textes = _mesurer(store, patients, suffixe)
        store.fermer()
        store, duree = _rouvrir(fichier, coffre.cle)
        store.fermer()
        resultat[f"ouverture_fichier_ms{suffixe}"] = round(duree, 1)
        resultat[f"taille_mo{suffixe}"] = round(fichier.stat().st_size / 1e6, 1)
        if cote_a_cote:
            clair = _store_clair(Path(dossier) / "clair.db")
            temoin, _ = _mesurer(clair, patients, suffixe, textes)
            clair.fermer()
            resultat["chiffrement_rapports"] = {
                cle: round(resultat[cle] / temoin[cle], 2)
                for cle in (f"recherche_p50_ms{suffixe}", f"recherche_p95_ms{suffixe}",
                            f"ouverture_store_p95_ms{suffixe}", f"ecriture_ms{suffixe}",
                            f"peuplement_s{suffixe}")}
    assert Base.metadata.tables, "the schema is the product's"
    return resultat


def _rouvrir(fichier: Path, cle: bytes) -> tuple[Store, float]:
    debut = time.perf_counter()
    store = ouvrir(fichier, cle)
    return store, (time.perf_counter() - debut) * 1000


def _mesurer(store: Store, patients: int, suffixe: str,
             textes: list[str] | None = None) -> tuple[dict[str, Any], list[str]]:
    debut = time.perf_counter()
    peupler(store, patients)
    peuplement = time.perf_counter() - debut
    compte = installer(store)
    textes = textes or requetes(store)
    recherche = mesurer_recherche(store, textes)
    remplir_dossier(store, 1, compte)
    ouverture = mesurer_ouverture(store, 1)
    ecriture = mesurer_ecriture(store, 1, compte)
    resultat: dict[str, Any] = {f"recherche_{cle}{suffixe}": v for cle, v in recherche.items()}
    resultat |= {f"ouverture_store_p95_ms{suffixe}": ouverture["p95_ms"],
                 f"ecriture_ms{suffixe}": round(ecriture, 2),
                 f"peuplement_s{suffixe}": round(peuplement, 1)}
    return resultat, textes
