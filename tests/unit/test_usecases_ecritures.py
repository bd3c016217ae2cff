"""No last writer wins: every use case that writes says what keeps a colleague's work.

Either two persons play it (`tests/jeux_a_deux.py`), or a line below says why nobody's work can be
lost. A new use case that writes is in neither, and fails here.
"""

import ast
from pathlib import Path

from tests.jeux_a_deux import JEUX

RACINE = Path(__file__).parents[2] / "app"
USECASES = RACINE / "usecases"

AJOUTE = "adds rows; overwrites none"
TRACE = "writes the trail only"
ETAT = "one writer at a time: decides on what it reads in the unit that writes"
SIEN = "belongs to one account or workstation; its last gesture is its wish"
PASSE = "is another use case of this list with its first value, or a step of one"
RESEAU = "writes what a service answered, under the version that it read"

SANS_JEU: dict[str, str] = {
    **dict.fromkeys((
        "agenda.ajouter_passage", "apcv.lire_apcv", "brouillons.nouveau_brouillon",
        "dossier.ajouter_observation", "dossier_clinique.ajouter", "equipes.deleguer",
        "formulaires.nouvelle", "formulaires.nouvelle_version", "modeles_courriers.creer",
        "modeles_courriers.dupliquer", "patients.creer_patient", "prelevement.attester",
        "vaccination.valider", "versions_documents.nouvelle_version",
        "verification.demander_verification", "verification.programmer_dues",
        "access.creer_cabinet", "agenda.retablir_passage"), AJOUTE),
    **dict.fromkeys((
        "affichage.tracer_impression", "backup.sauvegarder", "backup.sauvegarde_planifiee",
        "consult_dmp.arreter_bris_de_glace", "consult_dmp.commencer_bris_de_glace",
        "consult_dmp.tracer_dmp", "consult_dmp.verifier_dmp", "cps.fermer_cps", "cps.ouvrir_cps",
        "datamatrix_ins.lire_datamatrix", "dossier.ouvrir_dossier", "droits_identite.exiger",
        "equipes.exiger_delegation", "fusion.comparer_dossiers", "garde.exiger",
        "identify.refuser_insi", "import_identites.exporter", "listes_identite.page",
        "questionnaire.exporter_questionnaire", "rapprochement.rapprocher",
        "rapprochement.rapprocher_document", "classement.detailler", "sorties.noter_sortie",
        "tableau_ins.exporter_csv", "traces.exporter_traces", "traces.verifier_traces",
        "comptes.lever_blocage", "equipes.refuser_delegation", "preparations.exiger_pour",
        "export_dossier.exporter_cabinet", "export_dossier.exporter_dossier",
        "export_dossier.exporter_dossiers",
        "prelevement.remettre_archive", "sorties.enregistrer_sortie",
        "backup.annoncer_restauration", "serveur.changer_serveur", "serveur.quitter_serveur"),
        TRACE),
    **dict.fromkeys((
        "comptes.ajouter_compte", "comptes.inviter", "comptes.reactiver_compte",
        "mots_de_passe.reinitialiser_mot_de_passe", "second_facteur.retirer_second_facteur",
        "fusion.defaire_fusion", "fusion.separer", "gestes_identite.lever_doute",
        "gestes_identite.noter_homonymes", "gestes_identite.signaler_collision",
        "identify.accepter_insi", "identify.marquer", "identify.marquer_annulable",
        "suites_documents.garder_tel_quel", "suites_documents.retablir",
        "suites_documents.supprimer_localement", "formulaires.valider",
        "orthographe.ajouter_mot", "orthographe.retirer_mot", "boite_vaccin.noter_rappel",
        "traces.purger_traces", "verification.abandonner_file", "verification.traiter_ko",
        "verification.evenement", "importation.importer", "importation.importer_fichiers",
        "importation.ranger", "import_identites.importer", "scanner.relever",
        "documents_dmp.integrer", "documents_dmp.ouvrir_document", "session.rattacher",
        "attente_identite.refaire_avec_identite", "preparations.derniere_garde",
        "preparations.proposer", "preparations.reprendre_main", "a_valider.renvoyer",
        "a_valider.valider", "outbox.annuler_document", "outbox.retenir_document",
        "formulaires.accueil",
        "outbox.relancer_en_attente", "outbox.traiter_un"), ETAT),
    **dict.fromkeys((
        "access.renouveler_mot_de_passe", "cles.activer_trousseau", "cles.desactiver_trousseau",
        "cles.changer_cle", "cles.poser_secours", "conditions.avis_compris",
        "conditions.conditions_changees", "mots_de_passe.changer_mot_de_passe",
        "scanner.choisir_dossier_scanner", "second_facteur.activer_second_facteur",
        "second_facteur.desactiver_second_facteur", "session.choisir_situation",
        "session.deconnecter", "session.accueillir", "session.connecter_ciba",
        "session.connecter_navigateur", "session.refuser_rattachement",
        "session.reprendre_navigateur", "cps.choisir_situation_cps"), SIEN),
    **dict.fromkeys((
        "access.deverrouiller", "access.deverrouiller_par_secours",
        "access.deverrouiller_par_trousseau", "access.ouvrir_par_cle", "ouverture_psc.entrer",
        "concurrence.ecrire_ensemble", "concurrence.enregistrer_valeur"), PASSE),
    **dict.fromkeys((
        "apcv.qualifier_par_apcv", "classement.verifier_ins", "consult_dmp.actualiser_dmp",
        "identify.creer_depuis_carte", "identify.identifier", "identify.qualifier_insi",
        "rapprochement.verifier_ins_recue", "rapprochement.verifier_document",
        "suites_documents.verifier_suites",
        "verification.traiter_file", "verification.verifier_attendue",
        "verification.verifier_identite"), RESEAU),
}


def _modules() -> dict[str, ast.Module]:
    return {p.stem: ast.parse(p.read_text(encoding="utf-8")) for p in USECASES.glob("*.py")}


def _importes(module: ast.Module) -> dict[str, tuple[str, str]]:
    """Name in the module -> (use case module, function; "" = the module itself)."""
    noms: dict[str, tuple[str, str]] = {}
    for n in ast.walk(module):
        if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("app.usecases"):
            suite = str(n.module).split(".")[2:]
            for a in n.names:
                noms[a.asname or a.name] = (suite[0], a.name) if suite else (a.name, "")
    return noms


def use_cases_that_write() -> set[str]:
    """Public functions of `app.usecases` that open a unit that writes, or call one that does."""
    modules = _modules()
    appels: dict[tuple[str, str], set[tuple[str, str]]] = {}
    ecrivent: set[tuple[str, str]] = set()
    for nom, module in modules.items():
        importes = _importes(module)
        locales = {f.name for f in module.body if isinstance(f, ast.FunctionDef)}
        for f in module.body:
            if not isinstance(f, ast.FunctionDef):
                continue
            vus = appels.setdefault((nom, f.name), set())
            for n in ast.walk(f):
                if isinstance(n, ast.Attribute) and n.attr == "ecriture":
                    ecrivent.add((nom, f.name))
                if isinstance(n, ast.Name) and n.id in locales and n.id != f.name:
                    vus.add((nom, n.id))
                elif isinstance(n, ast.Name) and importes.get(n.id, ("", ""))[1]:
                    vus.add(importes[n.id])
                elif (isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
                      and importes.get(n.value.id, ("", "x"))[1] == ""):
                    vus.add((importes[n.value.id][0], n.attr))
    refus = {("garde", "exiger")}  # its trace of a refusal isn't a write of who calls it
    while nouveaux := {c for c, vus in appels.items() if vus & (ecrivent - refus)} - ecrivent:
        ecrivent |= nouveaux
    return {f"{m}.{f}" for m, f in ecrivent if not f.startswith("_")}


def test_every_use_case_that_writes_says_what_keeps_a_colleague_s_work() -> None:
    trouves = use_cases_that_write()
    assert len(trouves) > 150
    oublies = trouves - JEUX.keys() - SANS_JEU.keys()
    assert not oublies, (
        "play it with two persons in tests/jeux_a_deux.py when it writes over what was read, else "
        f"say in SANS_JEU why nothing can be lost: {sorted(oublies)}")
    perimes = (JEUX.keys() | SANS_JEU.keys()) - trouves
    assert not perimes, f"these write nothing any more: {sorted(perimes)}"
    assert not JEUX.keys() & SANS_JEU.keys()


#: Functions of the store that change or delete rows without comparing a version: why they may.
SANS_VERSION: dict[str, str] = {
    "accounts._ecrire": "usecases.comptes compares what was read",
    "accounts.enregistrer_structure": "usecases.settings compares what was read",
    "agenda.supprimer": "usecases.agenda compares what was read in the same unit",
    "certificates.resceller": "the same keys under another key",
    "certificates.supprimer": "usecases.certificats compares what was seen",
    "dmp": "what the DMP said last",
    "documents.restreindre": "usecases.confidentialite compares what was read",
    "documents._ranger_versions": "states of one set, in the unit that adds a version",
    "documents.noter_suivi": "what the source said last",
    "documents.noter_references_dmp": "given once, by the DMP",
    "documents.marquer_lu": "nobody's text",
    "documents.supprimer_brouillon": "usecases.brouillons compares what was read",
    "forms.supprimer": "usecases.formulaires compares what was read",
    "erasure": "usecases.effacement compares what was confirmed, in the same unit",
    "letters.supprimer_modele": "usecases.modeles_courriers compares the version",
    "letters.enregistrer_correspondant": "usecases.correspondants compares what was read",
    "letters.retirer_correspondant": "usecases.correspondants compares what was read",
    "letters.lier": "usecases.correspondants compares who held the role",
    "letters.garder_source": "written with its document",
    "merges": "usecases.fusion compares both versions",
    "outbox.prendre": "locked by the claim",
    "outbox.reprendre_bails_expires": "locked by the claim",
    "outbox.avancer_en_attente": "a date only",
    "patients.inscrire_matricules": "index of the identity just written",
    "roles._ecrire": "usecases.roles compares right by right",
    "settings.effacer": "only with the document or the patient that they are about",
    "settings.ecrire": "each use case that has a screen compares what was read",
    "teams.enregistrer": "members, under the version of their team",
    "trail": "append-only; a purge keeps an anchor",
    "verifications": "claims under a lease, compared by version",
    "base._modifier": "is the comparison",
    "ins_figures": "figures",
}


def _sans_version() -> set[str]:
    trouves = set()
    for chemin in (RACINE / "store" / "repos").glob("*.py"):
        for f in ast.walk(ast.parse(chemin.read_text(encoding="utf-8"))):
            if not isinstance(f, ast.FunctionDef):
                continue
            for n in ast.walk(f):
                if not isinstance(n, ast.Call):
                    continue
                nu = isinstance(n.func, ast.Name) and n.func.id in ("update", "delete")
                aveugle = (isinstance(n.func, ast.Attribute) and n.func.attr == "_modifier"
                           and len(n.args) > 2 and isinstance(n.args[2], ast.Constant))
                if nu or aveugle:
                    trouves.add(f"{chemin.stem}.{f.name}")
    return trouves


def test_every_blind_write_of_the_store_is_known() -> None:
    oublies = {nom for nom in _sans_version()
               if nom not in SANS_VERSION and nom.split(".")[0] not in SANS_VERSION}
    assert not oublies, f"compare a version, or say in SANS_VERSION why not: {sorted(oublies)}"
