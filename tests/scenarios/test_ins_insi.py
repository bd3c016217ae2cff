"""Chapter 1 INS: the téléservice INSi, called by itself, its answers, its verifications."""

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.domain.identity import COG_INCONNU, OID_NIA, StatutIdentite, Traits
from app.usecases import identify, verification
from tests.scenarios.ins_outils import (
    CINQ_ANS,
    MATRICULE_ADRUN,
    ajouter,
    attendre_statut,
    document_controle,
    id_de,
    identite,
    qualifiee,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve


def operations(poste: "Poste") -> list[str]:
    """INSi operations that the service received, in order."""
    return [str(a["operation"]) for a in poste.journal("insi")]


def garder_journal(poste: "Poste", preuve: "Preuve", nom: str = "appels-insi") -> None:
    """The calls, as the service received them: operation, COG sent or not, mode, code."""
    lignes = [{c: a.get(c) for c in ("operation", "avec_cog", "mode", "sujet", "code")}
              for a in poste.journal("insi")]
    preuve.fichier(f"{nom}.json", json.dumps(lignes, ensure_ascii=False, indent=1).encode())


@pytest.mark.exigence("SC.INS.15", "SC.INS.05", "SC.INS.19", "INS/va1.52",
                      titre="INSi appelé seul : carte, ouverture, 00, 02 puis 00, 01")
def test_insi_is_called_by_itself(connecte: "Poste", preuve: "Preuve") -> None:
    """Card: by the card. File opened: by traits, without COG first. Four patients: 00 identical,
    00 with a difference, 02 then 00, 01."""
    poste, pilote = connecte, connecte.pilote
    adrun = id_de(poste, "ADRUN ZOE")
    with poste.geste("Récupérer une identité par la carte Vitale"):
        poste.carte("ADRUN")
        attendre_statut(poste, adrun, StatutIdentite.RECUPEREE)
    assert operations(poste) == ["recherche_carte"]
    pilote.capturer("carte-recuperee-seule")
    # 00, all traits equal, opened without a card: by traits, retrieved without a question.
    with poste.geste("Récupérer une identité sans carte"):
        laurent = poste.dossier("ADRDEUX")
        attendre_statut(poste, laurent, StatutIdentite.RECUPEREE)
    appel = poste.journal("insi")[-1]
    assert (appel["operation"], appel["avec_cog"], appel["code"]) == (
        "recherche_traits", False, "00")
    pilote.capturer("00-identique")
    recue = identite(poste, laurent)
    assert (recue.matricule_ins, recue.oid) == ("181016322075140", "1.2.250.1.213.1.4.8")
    assert (recue.traits.prenoms, recue.traits.lieu_naissance) == ("LAURENT", "63220")
    # 02 without COG, then silently with it.
    depart = len(poste.journal("insi"))
    vinci = poste.dossier("DE VINCI")
    attendre_statut(poste, vinci, StatutIdentite.RECUPEREE)
    suite = poste.journal("insi")[depart:]
    assert [(a["avec_cog"], a["code"]) for a in suite] == [(False, "02"), (True, "00")]
    pilote.capturer("02-puis-00")
    # 01: what to do, nothing changed.
    houilles = poste.dossier("HOUILLES")
    pilote.attendre(lambda: pilote.voit("ou lisez la carte Vitale"), "conseil 01")
    assert identite(poste, houilles).statut is StatutIdentite.PROVISOIRE
    pilote.capturer("01-conseil")
    # 00 with a difference: seen at a glance, one click.
    tchitchi = poste.dossier("TCHITCHI")
    pilote.attendre(lambda: pilote.bouton("Accepter l’identité INSi"), "comparaison")
    pilote.capturer("00-difference")
    with poste.geste("Accepter l’identité INSi"):
        pilote.cliquer("Accepter l’identité INSi")
    attendre_statut(poste, tchitchi, StatutIdentite.RECUPEREE)
    lue = identite(poste, tchitchi).traits
    assert (lue.prenoms, lue.lieu_naissance) == ("CATARINA BELLA", "63220")
    assert all(a["avec_cog"] is False for a in poste.journal("insi", "recherche_traits")
               if a["code"] != "00" or a not in suite)
    garder_journal(poste, preuve)


@pytest.mark.exigence("INS/va1.51", titre="1er prénom absent de la tête de la liste INSi")
def test_the_first_name_is_never_overwritten(connecte: "Poste") -> None:
    """INSi gives « MARIE-ANNE … », the file says another first name: alert, field unchanged."""
    poste, pilote = connecte, connecte.pilote
    # The register knows LE GALL ANNE-MARIE YVONNE; the file's first given name is the second one.
    patient_id = ajouter(poste, Traits("LE GALL", "YVONNE", "1954-08-23", "F", "56121"))
    poste.dossier("LE GALL")
    pilote.attendre(lambda: pilote.voit("n’est pas en tête de la liste INSi"), "alerte")
    pilote.capturer("alerte-premier-prenom")
    pilote.cliquer("Accepter l’identité INSi")
    attendre_statut(poste, patient_id, StatutIdentite.RECUPEREE)
    traits = identite(poste, patient_id).traits
    assert (traits.premier_prenom, traits.prenoms) == ("YVONNE", "ANNE-MARIE YVONNE")
    pilote.capturer("premier-prenom-inchange")


@pytest.mark.exigence("SC.INS.03", "SC.INS.02",
                      titre="Code INSEE absent du référentiel, ancien code d’une commune")
def test_an_unknown_birthplace_code_is_accepted(connecte: "Poste") -> None:
    """A COG that nobody knows doesn't block; it says so, and the identity can be qualified."""
    poste, pilote = connecte, connecte.pilote
    inconnu = ajouter(poste, Traits("LIEUINCONNU", "EDMOND", "1940-02-17", "M", "63113"))
    poste.dossier("LIEUINCONNU")
    pilote.attendre(lambda: identite(poste, inconnu).statut is StatutIdentite.RECUPEREE
                    or pilote.bouton("Accepter l’identité INSi"), "réponse INSi")
    pilote.capturer("code-inconnu-recu")
    if pilote.bouton("Accepter l’identité INSi"):
        pilote.cliquer("Accepter l’identité INSi")
    attendre_statut(poste, inconnu, StatutIdentite.RECUPEREE)
    document_controle(poste)
    attendre_statut(poste, inconnu, StatutIdentite.QUALIFIEE)
    assert identite(poste, inconnu).traits.lieu_naissance == "63999"
    pilote.attendre(lambda: pilote.voit("63999 (code absent du référentiel)"), "dit à l’écran")
    pilote.capturer("code-absent-du-referentiel")
    # The code of a commune that merged: equivalent to today's, retrieved by itself, kept as given.
    ancien = ajouter(poste, Traits("LIEUANCIEN", "COLETTE", "1951-09-30", "F", "74010"))
    poste.dossier("LIEUANCIEN")
    attendre_statut(poste, ancien, StatutIdentite.RECUPEREE)
    assert identite(poste, ancien).traits.lieu_naissance == "74011"
    pilote.capturer("ancien-code-equivalent")


@pytest.mark.exigence("SC.INS/PSC.50", titre="Appel INSi par l’API Pro Santé Connectée")
def test_the_call_carries_the_user_of_psc(poste: "Poste", preuve: "Preuve") -> None:
    """No call before the login; after it, mode and RPPS are those of the connected user."""
    pilote = poste.pilote
    poste.ouvrir()
    laurent = poste.dossier("ADRDEUX")
    pilote.laisser(0.4)
    assert poste.journal("insi") == []
    pilote.capturer("sans-connexion")
    poste.connecter()
    attendre_statut(poste, laurent, StatutIdentite.RECUPEREE)  # what waited is asked by itself
    (appel,) = poste.journal("insi")
    assert (appel["mode"], appel["sujet"]) == ("api_psc", poste.ctx.professionnel.identifiant)
    (ligne,) = poste.traces("insi.appel")
    assert ligne.qui == "Claire MOREAU" and ligne.resultat == "00"
    pilote.capturer("connecte-recuperee")
    garder_journal(poste, preuve)


@pytest.mark.exigence("SC.INS.12", "SC.INS.14", "INS/va1.08",
                      titre="Vérification à quatre ans, KO, liste de travail, récupération seule")
def test_periodic_verification(connecte: "Poste", preuve: "Preuve") -> None:
    """Opened after five years: verified at once. Confirmed: new date. KO: matricule withdrawn,
    retrieval launched by itself; what doesn't come back is on the work list."""
    poste, pilote = connecte, connecte.pilote
    bon = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN, age=CINQ_ANS)
    vieille = identite(poste, bon).date_insi
    poste.dossier("ADRUN ZOE")
    pilote.attendre(lambda: identite(poste, bon).date_insi != vieille, "nouvelle date")
    assert operations(poste) == ["verification"]
    assert identite(poste, bon).statut is StatutIdentite.QUALIFIEE
    pilote.capturer("confirmee-nouvelle-date")
    # A strict trait changed since: INSi says KO, the retrieval that follows finds her again.
    corse = id_de(poste, "CORSE")
    faux = Traits("CORSE", "ANTHONY", "1980-03-02", "M", "2B020", prenoms="ANTHONY PAUL")
    qualifiee(poste, "CORSE", "180032B02040123", age=CINQ_ANS, traits=faux)
    avant = identite(poste, corse)
    poste.dossier("CORSE")
    attendre_statut(poste, corse, StatutIdentite.RECUPEREE)
    pilote.attendre(lambda: pilote.voit("Confirmez le document"), "la suite à donner")
    pilote.capturer("ko-puis-recuperee")
    assert operations(poste)[1:] == ["verification", "recherche_traits"]
    # Nobody answers to these traits any more: provisoire, blanked, on the work list.
    perdu = qualifiee(poste, "HOUILLES", "193016322012310", age=CINQ_ANS, traits=Traits(
        "HOUILLES", "PIERRE", "1993-01-27", "M", "63220", prenoms="PIERRE"))
    champs = [f"avant : {avant.matricule_ins} {avant.oid} {avant.statut.value}"]
    poste.dossier("HOUILLES")
    attendre_statut(poste, perdu, StatutIdentite.PROVISOIRE)
    pilote.attendre(lambda: pilote.voit("INSi ne confirme plus cette identité"), "message KO")
    pilote.attendre(lambda: pilote.voit("non attribué"), "matricule effacé à l’écran")
    pilote.capturer("ko-provisoire")
    apres = identite(poste, perdu)
    assert (apres.matricule_ins, apres.oid, apres.date_insi) == ("", "", "")
    champs.append(f"après : « {apres.matricule_ins} » « {apres.oid} » {apres.statut.value}")
    preuve.fichier("champs-avant-apres.txt", "\n".join(champs).encode())
    poste.application.fenetre.aller("identites")
    pilote.attendre(lambda: pilote.voit("HOUILLES") or _liste(poste, "HOUILLES"), "liste KO")
    pilote.capturer("liste-de-travail-ko")
    assert [x.resultat for x in poste.traces("insi.verification")] == ["OK", "KO", "KO"]
    garder_journal(poste, preuve)


def _liste(poste: "Poste", nom: str) -> bool:
    modele = poste.assemblage.vigilance.listes._vue.modele  # type: ignore[union-attr]
    return any(nom in str(modele.index(i, 0).data()) for i in range(modele.rowCount()))


@pytest.mark.exigence("SC.INS.13", titre="Matricule NIA : vérifié à chaque événement")
def test_a_nia_is_verified_at_each_event(connecte: "Poste", preuve: "Preuve") -> None:
    """Young answer, but a NIA: each opening verifies it; a NIR isn't asked for."""
    poste, pilote = connecte, connecte.pilote
    nia = ajouter(poste, Traits("PROVISOIRE", "MATRICULE", "2009-07-01", "M", "63220",
                                prenoms="MATRICULE"))
    qualifiee(poste, "PROVISOIRE", "109076322088835", oid=OID_NIA, age=timedelta(days=1))
    nir = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN, age=timedelta(days=1))
    for fois in (1, 2):
        poste.dossier("PROVISOIRE")
        pilote.attendre(lambda f=fois: operations(poste) == ["verification"] * f, "vérifié")
        pilote.attendre(lambda: verification.compter_file(poste.ctx) == 0, "conclue")
        pilote.capturer(f"nia-ouverture-{fois}")
        poste.dossier("ADRUN ZOE")
    assert operations(poste) == ["verification", "verification"]
    assert [x.sur_qui for x in poste.traces("insi.verification")] == [str(nia)] * 2
    assert nir != nia
    garder_journal(poste, preuve)


@pytest.mark.exigence("SENTINELLE.19", titre="Cahier de test INSi, joué sur le bac à sable")
def test_the_insi_test_book(connecte: "Poste", preuve: "Preuve", shared: Path) -> None:
    """Every official test identity through the real client and the proxy: expected code, codes
    obtained, resulting status; what can't be retrieved is refused with its reason."""
    poste = connecte
    sortie = io.StringIO()
    ecrire = csv.writer(sortie, delimiter=";")
    ecrire.writerow(["nom", "prénoms saisis", "cas de test", "code attendu", "codes obtenus",
                     "suite", "statut", "conforme"])
    ecarts, joues = [], 0
    with (shared / "data/ins_test_identities.csv").open(encoding="utf-8", newline="") as fichier:
        lignes = [r for r in csv.DictReader(fichier) if r["nom_naissance"] and r["date_naissance"]]
    for r in lignes:
        nom, prenoms = r["nom_naissance"], r["prenoms_saisis"] or r["premier_prenom"]
        if " / " in prenoms:  # typed with ligatures and a curly apostrophe
            prenoms, nom = prenoms.split(" / ")
        premier = prenoms.split()[0]
        patient_id = ajouter(poste, Traits(nom, premier, r["date_naissance"], r["sexe"],
                                           r["cog"] or COG_INCONNU, prenoms=prenoms))
        depart = len(poste.journal("insi"))
        resultat = identify.qualifier_insi(poste.ctx, patient_id)
        suite = resultat.etat
        if resultat.etat == "a_comparer" and resultat.reponse is not None:
            identify.accepter_insi(poste.ctx, patient_id, resultat.reponse)
            suite = "comparée puis acceptée"
        codes = [str(a["code"]) for a in poste.journal("insi")[depart:]]
        attendus = re.findall(r"\b0[012]\b", r["code_retour_attendu"]) or ["00"]
        conforme = codes[-1] == attendus[-1]
        joues += 1
        ecarts += [] if conforme else [(nom, attendus, codes)]
        ecrire.writerow([nom, prenoms, r["cas_test"], r["code_retour_attendu"], ", ".join(codes),
                         suite, identite(poste, patient_id).statut.value,
                         "oui" if conforme else "non"])
    preuve.fichier("cahier-de-test-insi.csv", sortie.getvalue().encode("utf-8-sig"))
    assert ecarts == [] and joues == 17
    garder_journal(poste, preuve)
    poste.application.fenetre.aller("patients")
    poste.pilote.attendre(lambda: poste.pilote.voit("Nouveau patient"), "liste")
    poste.pilote.capturer("identites-de-test")
