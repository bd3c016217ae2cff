"""The double of INSi: official identities, functional codes, technical refusals."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sandbox_client import Client
from sandbox_soap import Insi, texte, xpath

from app.sandbox.serveur import BacASable


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with BacASable(tmp_path_factory.getbasetemp() / "bac-a-sable") as serveur:
        yield serveur


@pytest.fixture
def insi(bac: BacASable) -> Iterator[Insi]:
    client = Client(bac.infos)
    client.controle.post("/reinitialiser")
    yield Insi(client, client.jeton_api("insi"))
    client.fermer()


def code(reponse: httpx.Response) -> str:
    assert reponse.status_code == 200, reponse.text
    return texte(reponse, "//r:CodeCR")


def erreur(reponse: httpx.Response) -> str:
    assert reponse.status_code == 500, reponse.text
    assert texte(reponse, "//soap:Subcode/soap:Value") == "soap:siram_100"
    return str(xpath(reponse, "string(//*[local-name()='Erreur']/@code)"))


def test_every_published_identity_is_found(insi: Insi, shared: Path) -> None:
    trouvees = 0
    with (shared / "data" / "ins_test_identities.csv").open(encoding="utf-8") as flux:
        for r in csv.DictReader(flux):
            if not (r["nom_naissance"] and r["matricule13"]):
                continue
            reponse = insi.traits(r["nom_naissance"], r["premier_prenom"], r["sexe"],
                                  r["date_naissance"])
            assert code(reponse) == "00", r["nom_naissance"]
            actif = "//r:INSACTIF"
            assert texte(reponse, f"{actif}//r:NumIdentifiant") == r["matricule13"]
            assert texte(reponse, f"{actif}//r:Cle") == r["cle_publiee"]
            assert texte(reponse, f"{actif}/r:OID") == r["oid_publie"]
            assert texte(reponse, "//r:TIQ/r:LieuNaissance") == r["cog"]
            attendus = r["historique_ins"].count("|") + 1 if r["historique_ins"] else 0
            assert len(xpath(reponse, "//r:INSHISTO")) == attendus
            trouvees += 1
    assert trouvees == 13


def test_answer_relates_to_the_request_and_varies_its_prefixes(insi: Insi) -> None:
    prefixes = set()
    for numero in range(4):
        identifiant = f"uuid:11111111-1111-4111-8111-11111111111{numero}"
        reponse = insi.traits("ADRUN", "ZOE", "F", "1975-12-31", message_id=identifiant)
        assert texte(reponse, "//wsa:RelatesTo") == identifiant
        assert texte(reponse, "//wsa:Action").endswith("TraitsIdentiteResponse")
        corps = xpath(reponse, "/soap:Envelope/soap:Body")[0]
        prefixes.add((corps.getparent().prefix, corps.prefix))
    assert len(prefixes) > 2


def test_namesakes_then_birthplace(insi: Insi) -> None:
    personne = ("DE VINCI", "LEONARDO", "M", "2014-02-01")
    assert code(insi.traits(*personne)) == "02"
    assert code(insi.traits(*personne, cog="63220")) == "00"
    assert code(insi.traits(*personne, cog="75114")) == "00"
    assert [a["avec_cog"] for a in insi.client.journal("insi")] == [False, True, True]


@pytest.mark.parametrize(("prenom", "attendu"), [
    ("OLA", "01"), ("CATARINA", "00"), ("BELLA", "00"), ("CATARINA BELLA", "00")])
def test_several_given_names(insi: Insi, prenom: str, attendu: str) -> None:
    assert code(insi.traits("TCHITCHI", prenom, "F", "1936-06-21")) == attendu


@pytest.mark.parametrize("prenom", ["PIERRE", "PAUL", "JACQUES", "PIERRE PAUL JACQUES"])
def test_nobody(insi: Insi, prenom: str) -> None:
    reponse = insi.traits("HOUILLES", prenom, "M", "1993-01-27")
    assert code(reponse) == "01" and not xpath(reponse, "//r:INDIVIDU")


def test_answers_that_the_client_must_distrust(insi: Insi) -> None:
    zero = insi.traits("JOURZERO", "MARIE", "F", "1948-01-01")
    assert texte(zero, "//r:TIQ/r:DateNaissance") == "1948-00-00"
    sans = insi.traits("SANSLISTE", "HENRI", "M", "1962-11-05")
    assert texte(sans, "//r:TIQ/r:Prenom") == "HENRI" and not xpath(sans, "//r:ListePrenom")
    lieu = insi.traits("LIEUINCONNU", "EDMOND", "M", "1940-02-17")
    assert texte(lieu, "//r:TIQ/r:LieuNaissance") == "63999"
    ancien = insi.traits("LIEUANCIEN", "COLETTE", "F", "1951-09-30")
    assert texte(ancien, "//r:TIQ/r:LieuNaissance") == "74011"
    assert insi.traits("PANNEAU", "GUY", "M", "1949-07-08").status_code == 503


def test_slow_answer(insi: Insi) -> None:
    insi.client.http.timeout = httpx.Timeout(1.5)
    with pytest.raises(httpx.ReadTimeout):
        insi.traits("LENTILLAC", "ODILE", "F", "1957-04-21")


def test_nia_becomes_nir(insi: Insi) -> None:
    personne = ("NIANIR", "AMINATA", "F", "1994-06-12")
    premiere = insi.traits(*personne)
    nia = texte(premiere, "//r:INSACTIF//r:NumIdentifiant") + texte(premiere, "//r:INSACTIF//r:Cle")
    assert texte(premiere, "//r:INSACTIF/r:OID").endswith(".9")
    seconde = insi.traits(*personne)
    assert texte(seconde, "//r:INSACTIF/r:OID").endswith(".8")
    assert texte(seconde, "//r:INSHISTO//r:NumIdentifiant") == nia[:13]
    assert texte(seconde, "//r:INSHISTO/r:OID").endswith(".9")
    assert code(insi.verification(nia, "1.2.250.1.213.1.4.9", "NIANIR", "AMINATA", "F",
                                  "1994-06-12", "99335")) == "01"


def test_carte_vitale(insi: Insi) -> None:
    zoe = insi.carte("275126322074974", "1975-12-31")
    assert code(zoe) == "00" and texte(zoe, "//r:TIQ/r:NomNaissance") == "ADRUN"
    # A child on the opener's card, then the mother, then a child that is not there.
    enfant = insi.carte("284056938396474", "2016-09-02")
    assert texte(enfant, "//r:TIQ/r:ListePrenom") == "LEA"
    assert texte(insi.carte("284056938396474", "1984-05-16"), "//r:TIQ/r:ListePrenom") == "HELENE"
    assert code(insi.carte("284056938396474", "2017-09-02")) == "01"
    assert code(insi.carte("242199935295758", "1942-19-01")) == "00"
    assert code(insi.carte("297022A02077878", "1997-02-26", element="MatriculeIndividu")) == "00"
    sans = insi.appeler("rechercherInsAvecCarteVitale",
                        '<RECVITALE xmlns="http://www.cnamts.fr/INSiRecVit"/>')
    assert erreur(sans) == "bas_contexte"


def test_verification(insi: Insi) -> None:
    juste = ("275126322074974", "1.2.250.1.213.1.4.8", "ADRUN", "ZOE", "F", "1975-12-31", "63220")
    assert code(insi.verification(*juste)) == "00"
    for position, faux in enumerate(("275126322074975", "1.2.250.1.213.1.4.9", "ADRUNE", "ZOEE",
                                     "M", "1975-12-30", "63221")):
        spoiled = list(juste)
        spoiled[position] = faux
        assert code(insi.verification(*spoiled)) == "01"


def test_wrong_software_number(insi: Insi) -> None:
    insi.idam = "INCONNU"
    assert erreur(insi.traits("ADRUN", "ZOE", "F", "1975-12-31")) == "desir_550"


@pytest.mark.parametrize(("champ", "valeur"), [
    (0, "D’ÆION"), (0, "adrun"), (1, "ZOÉ"), (2, "I"), (3, "31/12/1975"), (4, "99999")])
def test_malformed_traits(insi: Insi, champ: int, valeur: str) -> None:
    traits = ["ADRUN", "ZOE", "F", "1975-12-31", "63220"]
    traits[champ] = valeur
    assert erreur(insi.traits(*traits)) == "bas_traits"


def test_assertion_is_required_and_checked(insi: Insi) -> None:
    qui = ("ADRUN", "ZOE", "F", "1975-12-31")
    insi.avec_assertion = False
    assert erreur(insi.traits(*qui)) == "bas_assertion"
    insi.avec_assertion, insi.nom_id = True, "899700000024"
    assert erreur(insi.traits(*qui)) == "bas_assertion"
    insi.nom_id, insi.age = "899700000016", timedelta(hours=2)
    assert erreur(insi.traits(*qui)) == "bas_assertion"
    insi.age, insi.signature = timedelta(), None
    assert code(insi.traits(*qui)) == "00"
    insi.signature = "proxy-client"
    assert erreur(insi.traits(*qui)) == "bas_signature"
    assert insi.client.journal("insi")[-1]["signature"].startswith("refusée")


def test_bearer_and_certificate_are_checked(bac: BacASable, insi: Insi) -> None:
    qui = ("ADRUN", "ZOE", "F", "1975-12-31")
    dmp, juste = insi.client.jeton_api("dmp"), insi.jeton
    for jeton in ("aucun", "a.b.c", dmp):
        insi.jeton = jeton
        assert insi.traits(*qui).status_code == 401
    insi.jeton = juste
    for certificat in (None, "autre-client"):
        autre = Client(bac.infos, certificat)
        assert insi.traits(*qui, client=autre).status_code == 401
        autre.fermer()
    insi.client.panne("insi", "recherche_traits", "jeton_expire")
    assert insi.traits(*qui).status_code == 401
    assert insi.traits(*qui).status_code == 200


def test_organisation_certificate_mode(bac: BacASable, insi: Insi) -> None:
    qui = ("ADRUN", "ZOE", "F", "1975-12-31")
    insi.chemin = "/lps"
    insi.avec_assertion, insi.nom_id = False, "318751275100020"
    assert erreur(insi.traits(*qui)) == "DESIR_560"
    auto = Client(bac.infos, "insi-auto")
    assert code(insi.traits(*qui, client=auto)) == "00"
    insi.nom_id = "399999999999999"
    assert erreur(insi.traits(*qui, client=auto)) == "bas_emetteur"
    auto.fermer()


def test_addressing_is_checked(insi: Insi) -> None:
    fixe = "uuid:22222222-2222-4222-8222-222222222222"
    qui = ("ADRUN", "ZOE", "F", "1975-12-31")
    assert code(insi.traits(*qui, message_id=fixe)) == "00"
    assert insi.traits(*qui, message_id=fixe).status_code == 500
    assert insi.traits(*qui, message_id="pas-un-uuid").status_code == 500
    assert insi.appeler("inconnue", "<x/>").status_code == 500
    insi.entetes = {"Content-Type": 'application/soap+xml; action="urn:autre"'}
    assert "Content-Type" in insi.traits(*qui).text


def test_hostile_request(insi: Insi) -> None:
    bombe = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    reponse = insi.client.http.post(insi.client.infos["insi"] + "/lps", content=bombe, headers={
        "Authorization": "Bearer " + insi.jeton, "Content-Type": "application/soap+xml"})
    assert reponse.status_code == 500 and "DOCTYPE" in reponse.text


def test_faults(insi: Insi) -> None:
    qui = ("ADRUN", "ZOE", "F", "1975-12-31")
    insi.client.panne("insi", "*", "fault", {"code": "insi_999", "texte": "Panne"})
    assert erreur(insi.traits(*qui)) == "insi_999"
    insi.client.panne("insi", "recherche_traits", "code", "02")
    assert code(insi.traits(*qui)) == "02"
    insi.client.panne("insi", "*", "autre_patient")
    assert texte(insi.traits(*qui), "//r:TIQ/r:NomNaissance") == "ADRDEUX"
    insi.client.panne("insi", "*", "relates_to")
    assert texte(insi.traits(*qui), "//wsa:RelatesTo").startswith("uuid:00000000")
    insi.client.panne("insi", "*", "html", 200)
    assert insi.traits(*qui).headers["content-type"].startswith("text/html")
    insi.client.panne("insi", "*", "xml_bombe", "entites")
    assert b"<!DOCTYPE" in insi.traits(*qui).content
    insi.client.panne("insi", "*", "coupure", "milieu")
    with pytest.raises(httpx.RemoteProtocolError):
        insi.traits(*qui)
    assert code(insi.traits(*qui)) == "00"
