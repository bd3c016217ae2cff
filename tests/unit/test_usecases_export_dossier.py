"""One patient's whole file, handed over: complete, readable, encrypted, traced, importable."""

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cda_fictifs as f
import pytest
import pyzipper

from app.__main__ import main
from app.cli.exporter import VARIABLE
from app.cli.secret import VARIABLE_MOT_DE_PASSE
from app.documents.export_dossier import en_csv
from app.domain.confidentialite import Niveau
from app.domain.document import EtatDocument, OrigineDocument
from app.domain.dossier_clinique import NatureElement
from app.domain.export_dossier import LONGUEUR_MOT, proposer_mot_de_passe, table
from app.domain.identity import Traits
from app.domain.people import Professionnel
from app.domain.roles import ROLES, Droit, Role
from app.store.errors import FichierAbime
from app.store.tables import T_CONTENU
from app.usecases import (
    dossier,
    dossier_clinique,
    export_dossier,
    gestes_identite,
    importation,
    patients,
)
from app.usecases.contenu_dossier import Etendue
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import FicheCompte, ecrire_fiche
from app.usecases.settings import charger
from tests.identite_outils import contexte
from tests.sauvegarde_outils import MOT as MOT_CABINET
from tests.sauvegarde_outils import creer
from tests.store_outils import NOM_RARE, fiche
from tests.unit.test_usecases_entrants import PAT, QUALIFIEE

MOT = "Archive-Fictive-2026"
PDF = b"%PDF-1.4\nCONTENU RARE ZWYXKOW\n%%EOF"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def patient_id(ctx: Contexte) -> int:
    """A file that holds one of each."""
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(QUALIFIEE, auteur="T", cause="Création").id
        episode = u.episodes.ouvrir(patient, auteur="LINE")
        u.episodes.noter(episode.id, informe=True, consentement_consultation=True, auteur="LINE",
                         version=episode.version)
        u.agenda.ajouter("2026-11-20", "08:00", ctx.compte_id, patient, "Pansement RARE", 20)
        u.documents.ajouter(fiche(patient, titre="=Titre piégé", date_acte="2020-02-01"),
                            cda=None, pdf=PDF)
    bilan = importation.importer(ctx, [("cr.xml", f.cda().encode())], patient)
    assert len(bilan.classes) == 1
    observation = dossier.ajouter_observation(ctx, patient, "Texte d’avant RARE")
    dossier.modifier_observation(ctx, observation, "Texte corrigé RARE")
    dossier_clinique.ajouter(ctx, patient, NatureElement.ALLERGIE, "Pénicilline")
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.ouverture", sur_qui=str(patient), resultat="ok")
    return patient


def ouvrir(chemin: Path, mot: str | None = MOT) -> dict[str, bytes]:
    with pyzipper.AESZipFile(chemin) as archive:
        archive.setpassword(mot.encode() if mot else None)
        return {nom: archive.read(nom) for nom in archive.namelist()}


def structure(fichiers: dict[str, bytes]) -> dict[str, list[dict[str, str]]]:
    lu: dict[str, list[dict[str, str]]] = json.loads(fichiers["donnees/dossier.json"])["dossier"]
    return lu


def lignes(ctx: Contexte, quoi: str) -> list[tuple[str, str, str]]:
    with ctx.store.lecture() as u:
        return [(x.sur_qui, x.resultat, x.detail) for x in u.trail.lister(500) if x.quoi == quoi]


def test_the_archive_holds_the_whole_file(ctx: Contexte, patient_id: int, tmp_path: Path) -> None:
    bilan = export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "d.zip", MOT)
    assert (bilan.patients, bilan.documents, bilan.chiffre) == (1, 2, True)
    assert bilan.octets == (tmp_path / "d.zip").stat().st_size
    fichiers = ouvrir(tmp_path / "d.zip")
    lu = structure(fichiers)
    (qui,) = lu["identite"]
    assert (qui["nom_naissance"], qui["premier_prenom"], qui["matricule_ins"]) == (
        PAT.nom_naissance, PAT.premier_prenom, QUALIFIEE.matricule_ins)
    par_titre = {d["titre"]: d for d in lu["documents"]}
    assert fichiers[par_titre["=Titre piégé"]["fichiers"]] == PDF
    (xml,) = [n for n in fichiers if n.endswith(".xml")]
    assert fichiers[xml] == f.cda().encode()
    for d in lu["documents"]:  # MIN.PORT.01
        assert (d["nom"], d["prenom"], d["date_naissance"], d["sexe"], d["ins"]) == (
            PAT.nom_naissance, PAT.premier_prenom, PAT.date_naissance, "F",
            QUALIFIEE.matricule_ins)
        assert d["date_production"] and d["code_type"] and d["type"]
        assert all(n in fichiers for n in d["fichiers"].split())
    (note,) = lu["observations"]
    assert note["texte"] == "Texte corrigé RARE" and "Texte d’avant RARE" in note["versions"]
    assert lu["dossier_clinique"][0]["libelle"] == "Pénicilline"
    assert lu["passages"][0]["soins"] == "Pansement RARE"
    assert lu["consentements"][0]["consultation"] == "Oui"
    actes = [x["acte"] for x in lu["acces"]]
    assert "Ouverture d’un dossier" in actes and "Observation corrigée" in actes
    page = fichiers["index.html"].decode()
    for attendu in ("Texte corrigé RARE", "Pénicilline", "Pansement RARE", "Qui a vu ce dossier",
                    f'href="{xml}"', "28/03/1979"):
        assert attendu in page, attendu
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    cellules = list(csv.DictReader(io.StringIO(fichiers["donnees/documents.csv"].decode(
        "utf-8-sig")), delimiter=";"))
    assert "'=Titre piégé" in {c["titre"] for c in cellules}
    assert lignes(ctx, "dossier.export") == [(str(patient_id), "ok", "2\u00a0documents, chiffré")]


@pytest.mark.attaque("Archive d’un dossier, trouvée sans son mot de passe",
                     tente="chercher dans le fichier un nom, un soin, un titre, un document",
                     constat="rien de lisible, pas même dans les noms des fichiers")
def test_nothing_of_the_file_shows_without_the_password(
        ctx: Contexte, patient_id: int, tmp_path: Path) -> None:
    chemin = tmp_path / "d.zip"
    export_dossier.exporter_dossier(ctx, patient_id, chemin, MOT)
    brut = chemin.read_bytes()
    for secret in (b"PAT-TROIS", b"RARE", b"ZWYXKOW", b"nicilline", b"Compte", MOT.encode()):
        assert secret not in brut, secret
    assert chemin.stat().st_mode & 0o077 == 0
    with pyzipper.AESZipFile(chemin) as archive:
        archive.setpassword(b"un autre mot de passe")
        with pytest.raises(RuntimeError):
            archive.read("index.html")
    # Another program opens it with the password, and only with it.
    sortie = tmp_path / "sortie"
    sortie.mkdir()
    for mot, code in (("un autre mot de passe", 1), (MOT, 0)):
        assert subprocess.run(["bsdtar", "-x", "-C", str(sortie), "--passphrase", mot, "-f",
                               str(chemin)], capture_output=True, check=False
                              ).returncode == code, mot
    assert {p.relative_to(sortie).as_posix(): p.read_bytes() for p in sortie.rglob("*")
            if p.is_file()} == ouvrir(chemin)


def test_the_documents_come_back_by_our_own_import(ctx: Contexte, patient_id: int,
                                                   tmp_path: Path) -> None:
    export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "d.zip", None)
    fichiers = ouvrir(tmp_path / "d.zip", None)
    dossier_neuf = tmp_path / "ailleurs"
    dossier_neuf.mkdir()
    autre = contexte(dossier_neuf)
    with autre.store.ecriture() as u:
        arrive = u.patients.ajouter(QUALIFIEE, auteur="T", cause="C").id
    recus = [(n.rsplit("/", 1)[1], b) for n, b in fichiers.items()
             if n.startswith("documents/") and "annexes" not in n]
    bilan = importation.importer(autre, recus, arrive)
    assert not bilan.attente and not bilan.illisibles and len(bilan.classes) == 2
    with ctx.store.lecture() as u, autre.store.lecture() as v:
        avant, apres = u.documents.lister(patient_id), v.documents.lister(arrive)
        assert {d.cda_sha256 for d in avant} == {d.cda_sha256 for d in apres}
        cda = next(d for d in apres if d.cda_id)
        assert (cda.type_code, cda.titre, cda.date_acte) == next(
            (d.type_code, d.titre, d.date_acte) for d in avant if d.cda_id)
        assert {d.pdf_sha256 for d in avant if not d.cda_id} == {
            d.pdf_sha256 for d in apres if not d.cda_id}
    autre.fermer()


def test_depth_and_professional_bound_what_leaves(ctx: Contexte, patient_id: int,
                                                  tmp_path: Path) -> None:
    export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "a.zip", None,
                                    etendue=Etendue(depuis="2025-01-01"))
    lu = structure(ouvrir(tmp_path / "a.zip", None))
    assert "=Titre piégé" not in {d["titre"] for d in lu["documents"]}
    assert len(lu["observations"]) == 1
    export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "b.zip", None,
                                    etendue=Etendue(auteur="personne de ce nom"))
    lu = structure(ouvrir(tmp_path / "b.zip", None))
    assert lu["documents"] == lu["observations"] == lu["passages"] == []


def collegue(ctx: Contexte, *roles: str) -> Contexte:
    with ctx.store.ecriture() as u:
        numero = u.comptes.ajouter_professionnel(
            Professionnel("interne-SAM", "COLLEGUE", "SAM", ""))
        ecrire_fiche(u, numero, FicheCompte("SAM", roles, "", ""))
    from app.store.engine import ouvrir as ouvrir_store

    store = ouvrir_store(ctx.store.emplacement, ctx.store._cle)
    return Contexte(store, numero, charger(store, numero).professionnel, ctx.structure,
                    ctx.services)


def test_what_the_account_may_not_read_is_left_out_and_said(ctx: Contexte, patient_id: int,
                                                            tmp_path: Path) -> None:
    with ctx.store.ecriture() as u:
        ferme = next(d for d in u.documents.lister(patient_id) if not d.cda_id)
        u.documents.restreindre(ferme.id, Niveau.AUTEUR, compte_id=ctx.compte_id, profession="")
        u.roles.enregistrer(Role("archiviste", "Archiviste", frozenset({
            Droit.IDENTITES, Droit.EXPORTER}), categories=ROLES["secretaire"].categories))
    sam = collegue(ctx, "titulaire")
    bilan = export_dossier.exporter_dossier(sam, patient_id, tmp_path / "a.zip", None)
    assert bilan.documents == 1
    assert any(x.startswith("1\u00a0document que SAM COLLEGUE ne peut pas lire")
               for x in bilan.ecarte)
    fichiers = ouvrir(tmp_path / "a.zip", None)
    assert PDF not in fichiers.values()
    assert "acces" not in structure(fichiers)  # a titulaire alone doesn't read the trail
    assert any("vu ce dossier" in x for x in bilan.ecarte)
    assert "1\u00a0document que SAM" in fichiers["index.html"].decode()
    with ctx.store.ecriture() as u:
        ecrire_fiche(u, sam.compte_id, FicheCompte("SAM", ("archiviste",)))
    sam.memoire.habilitation = None
    bilan = export_dossier.exporter_dossier(sam, patient_id, tmp_path / "b.zip", None)
    fichiers = ouvrir(tmp_path / "b.zip", None)
    assert {"observations", "dossier_clinique", "passages"}.isdisjoint(structure(fichiers))
    assert b"RARE" not in b"".join(fichiers.values())
    assert len([x for x in bilan.ecarte if "pas le droit" in x]) == 3
    with ctx.store.ecriture() as u:
        ecrire_fiche(u, sam.compte_id, FicheCompte("SAM", ("salarie",)))
    sam.memoire.habilitation = None
    with pytest.raises(Refus, match="exporter des données"):
        export_dossier.exporter_dossier(sam, patient_id, tmp_path / "c.zip", None)
    sam.store.fermer()


def test_what_is_not_part_of_the_file_yet_is_counted(ctx: Contexte, patient_id: int,
                                                     tmp_path: Path) -> None:
    with ctx.store.ecriture() as u:
        d = u.documents.lister(patient_id)[0]
        u.documents.changer_etat(d.id, EtatDocument.SUPPRIME, version=d.version)
    bilan = export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "d.zip", None)
    assert "1\u00a0document supprimé du dossier." in bilan.ecarte
    assert bilan.documents == 1


def test_a_correction_stands_with_its_old_and_new_value(ctx: Contexte, patient_id: int,
                                                        tmp_path: Path) -> None:
    """Rectification (RGPD art. 16): traced, shown by the search, in the history that is handed."""
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(f"identite.droits.{ctx.compte_id}", {"traits_stricts": True})
        version = u.patients.lire(patient_id).version
    gestes_identite.modifier_traits_stricts(
        ctx, patient_id, Traits("PAT-QUATRE", *(getattr(PAT, c) for c in (
            "premier_prenom", "date_naissance", "sexe", "lieu_naissance", "prenoms"))), version,
        "erreur de saisie, pièce vue")
    assert [p.id for p in patients.chercher(ctx, "PAT-QUATRE")] == [patient_id]
    assert patients.chercher(ctx, "PAT-TROIS") == []
    export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "d.zip", None)
    lu = structure(ouvrir(tmp_path / "d.zip", None))
    assert lu["identite"][0]["nom_naissance"] == "PAT-QUATRE"
    assert lu["identite"][0]["matricule_ins"] == ""  # no longer qualifiée
    assert any("PAT-TROIS, puis PAT-QUATRE" in x["changements"]
               for x in lu["identite_historique"])
    assert QUALIFIEE.matricule_ins not in json.dumps(lu)


@pytest.mark.parametrize("mot", ["", "court", "x" * (LONGUEUR_MOT - 1)])
def test_a_short_password_is_refused(ctx: Contexte, patient_id: int, tmp_path: Path,
                                     mot: str) -> None:
    with pytest.raises(Refus, match="12 caractères"):
        export_dossier.exporter_dossier(ctx, patient_id, tmp_path / "d.zip", mot)
    assert not list(tmp_path.glob("d.zip*")) and lignes(ctx, "dossier.export") == []


def test_nothing_stays_of_an_export_that_failed(ctx: Contexte, patient_id: int,
                                                tmp_path: Path) -> None:
    """Given up, damaged, in the way: no file, a line of the trail."""
    vers = tmp_path / "sortie" / "d.zip"
    vers.parent.mkdir()
    with pytest.raises(Refus, match="abandonné"):
        export_dossier.exporter_dossier(ctx, patient_id, vers, MOT, annule=lambda: True)
    with ctx.store.ecriture() as u:
        u.connexion.execute(T_CONTENU.update().values(octets=b"abime"))
    with pytest.raises(FichierAbime):
        export_dossier.exporter_dossier(ctx, patient_id, vers, MOT)
    assert list(vers.parent.iterdir()) == []
    assert [r for _, r, _ in lignes(ctx, "dossier.export")] == ["echec", "ok", "abandon", "ok"]
    vers.write_bytes(b"autre chose")
    with pytest.raises(Refus, match="existe déjà"):
        export_dossier.exporter_dossier(ctx, patient_id, vers, MOT)
    assert vers.read_bytes() == b"autre chose"


def test_the_whole_practice_leaves_by_an_administrator(ctx: Contexte, patient_id: int,
                                                       tmp_path: Path) -> None:
    with ctx.store.ecriture() as u:
        autre = u.patients.ajouter(QUALIFIEE.__class__(Traits(
            "ADRUN", "ZOE", "1975-12-31", "F", "63220")), auteur="T", cause="C").id
    vus: list[tuple[int, int]] = []
    bilan = export_dossier.exporter_cabinet(ctx, tmp_path / "c.zip", MOT, progres=vus.append)
    assert (bilan.patients, bilan.documents) == (2, 2) and vus == [(1, 2), (2, 2)]
    fichiers = ouvrir(tmp_path / "c.zip")
    assert f"patients/{autre:06d}/index.html" in fichiers
    noms = list(csv.DictReader(io.StringIO(fichiers["patients.csv"].decode("utf-8-sig")),
                               delimiter=";"))
    assert {(x["nom_naissance"], x["documents"]) for x in noms} == {("PAT-TROIS", "2"),
                                                                    ("ADRUN", "0")}
    assert lignes(ctx, "cabinet.export") == [("", "ok", "chiffré")]
    sam = collegue(ctx, "titulaire")
    with pytest.raises(Refus, match="gérer les comptes"):
        export_dossier.exporter_cabinet(sam, tmp_path / "d.zip", MOT)
    sam.store.fermer()


def test_a_proposed_password_is_long_and_easy_to_dictate() -> None:
    mots = {proposer_mot_de_passe() for _ in range(50)}
    assert len(mots) == 50
    for mot in mots:
        assert len(mot) == 23 and mot.count("-") == 3 and not set(mot) & set("01OIL")


def test_a_table_has_one_cell_a_column() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        table("t", "T", {"a": "A", "b": "B"}, [("1",)])
    assert en_csv(table("t", "T", {"a": "A"}, [("+1",)])).decode("utf-8-sig") == "a\r\n'+1\r\n"


def test_origins_have_words() -> None:
    from app.domain.libelles import ORIGINES

    assert set(ORIGINES) == set(OrigineDocument)


def test_the_command_line_hands_a_file_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    cabinet = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    cabinet.ctx.fermer()
    ouverture = ["--dossier", str(cabinet.fichier), "--json"]
    monkeypatch.setenv(VARIABLE_MOT_DE_PASSE, MOT_CABINET)
    monkeypatch.setenv(VARIABLE, MOT)
    vers = tmp_path / "d.zip"
    assert main(["exporter", "1", "--vers", str(vers), *ouverture]) == 0
    dit = json.loads(capsys.readouterr().out)
    assert (dit["archive"], dit["patients"], dit["chiffree"]) == (str(vers), 1, True)
    assert structure(ouvrir(vers))["identite"][0]["nom_naissance"] == NOM_RARE
    assert main(["exporter", "1", "--vers", str(vers), *ouverture]) == 1
    assert "existe déjà" in json.loads(capsys.readouterr().out)["erreur"]["message"]
    assert main(["exporter", "99", "--vers", str(tmp_path / "e.zip"), *ouverture]) == 1
    assert main(["exporter", "--vers", str(tmp_path / "e.zip"), *ouverture]) == 2
    assert main(["exporter", "1", "--depuis", "hier", "--vers", str(tmp_path / "e.zip"),
                 *ouverture]) == 2
    assert main(["exporter", "--cabinet", "--vers", str(tmp_path / "f.zip"), "--sans-mot-de-passe",
                 *ouverture]) == 0
    assert "patients/000001/index.html" in ouvrir(tmp_path / "f.zip", None)
