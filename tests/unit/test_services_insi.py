"""INSi: what is sent, what is understood, every trap of the answers."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from services_outils import (
    LOGICIEL,
    PROFIL,
    VITE,
    TransportScript,
    faute,
    repondre,
    signataire,
    soap12,
)

from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    Beneficiaire,
    Identite,
    MatriculeHistorique,
    StatutIdentite,
    Traits,
)
from app.services.errors import (
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.insi import ClientInsi, ReponseInsi
from app.services.transport import Reponse

TRAITS = Traits("DE VINCI", "LEONARDO", "2014-02-01", "M", "63220")
NS = {"s": "http://www.w3.org/2003/05/soap-envelope", "b": "urn:siram:bam:ctxbam",
      "l": "urn:siram:lps:ctxlps", "a": "http://www.w3.org/2005/08/addressing",
      "t": "http://www.cnamts.fr/INSiRecSans", "v": "http://www.cnamts.fr/INSiRecVit",
      "n": "http://www.cnamts.fr/INSiLot2/REPUnitaire",
      "saml": "urn:oasis:names:tc:SAML:2.0:assertion"}


def _tiq(**champs: str) -> str:
    defaut = {"NomNaissance": "ADRUN", "Prenom": "ZOE", "ListePrenom": "ZOE ANNE", "Sexe": "F",
              "DateNaissance": "1975-12-31", "LieuNaissance": "63220"}
    return "".join(f"<i:{nom}>{valeur}</i:{nom}>" for nom, valeur in {**defaut, **champs}.items()
                   if valeur)


def _numero(numero: str, cle: str, oid: str = OID_NIR, dates: str = "") -> str:
    cle_xml = f"<i:Cle>{cle}</i:Cle>" if cle else ""
    oid_xml = f"<i:OID>{oid}</i:OID>" if oid else ""
    return (f"<i:IdIndividu><i:NumIdentifiant>{numero}</i:NumIdentifiant>{cle_xml}"
            f"<i:TypeMatricule>NIR</i:TypeMatricule></i:IdIndividu>{oid_xml}{dates}")


ACTIF = "<i:INSACTIF>" + _numero("2751263220749", "74") + "</i:INSACTIF>"


def _resultat(code: str = "00", libelle: str = "OK", *, actif: str = ACTIF, histo: str = "",
              tiq: str | None = None, individu: bool = True) -> str:
    bloc = ""
    if code == "00" and individu:
        bloc = (f"<i:INDIVIDU>{actif}{histo}"
                f"<i:TIQ>{_tiq() if tiq is None else tiq}</i:TIQ></i:INDIVIDU>")
    return (f'<i:RESULTAT xmlns:i="http://www.cnamts.fr/INSiResultat"><i:CR><i:CodeCR>{code}'
            f"</i:CodeCR><i:LibelleCR>{libelle}</i:LibelleCR></i:CR>{bloc}</i:RESULTAT>")


def _client(*suite: object, cle: bool = True) -> tuple[ClientInsi, TransportScript]:
    transport = TransportScript(suite)  # type: ignore[arg-type]
    return ClientInsi(transport, LOGICIEL, signataire() if cle else None, reprises=VITE), transport


def _par_traits(client: ClientInsi, traits: Traits = TRAITS, prenom: str = "LEONARDO",
                avec_cog: bool = False) -> ReponseInsi:
    return client.par_traits(traits, prenom, avec_cog=avec_cog, emetteur=PROFIL)


# --- What is sent ---------------------------------------------------------------------------


def test_a_search_by_traits_without_the_birthplace() -> None:
    client, transport = _client(repondre(_resultat()))
    _par_traits(client)
    envoi = transport.recus[0]
    assert (envoi.api, envoi.chemin) == ("insi", "/lps")
    action = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"
    assert envoi.content_type == f'application/soap+xml; charset=UTF-8; action="{action}"'
    racine = envoi.racine
    assert racine.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    corps = racine.find("s:Body/t:RECSANSVITALE", NS)
    assert corps is not None
    assert [(etree.QName(e).localname, e.text) for e in corps] == [
        ("NomNaissance", "DE VINCI"), ("Prenom", "LEONARDO"), ("Sexe", "M"),
        ("DateNaissance", "2014-02-01")]
    bam = racine.find("s:Header/b:ContexteBAM", NS)
    assert bam is not None and bam.get("Version") == "01_02"
    assert bam.findtext("b:Emetteur", namespaces=NS) == "899700000016"
    couverture = bam.find("b:COUVERTURE", NS)
    assert couverture is not None and len(couverture) == 0
    lps = racine.find("s:Header/l:ContexteLPS", NS)
    assert lps is not None and (lps.get("Nature"), lps.get("Version")) == ("CTXLPS", "01_00")
    idam = lps.find("l:LPS/l:IDAM", NS)
    assert idam is not None and (idam.get("R"), idam.text) == ("4", "NUMAUTOR0000")
    assert lps.findtext("l:LPS/l:Nom", namespaces=NS) == "urn:lps:Pleiade:1.2.3"
    assert lps.findtext("l:LPS/l:Instance", namespaces=NS) == LOGICIEL.instance
    client, transport = _client(repondre(_resultat()))
    client._logiciel = replace(LOGICIEL, instance="1.2.250.1.999.1.1")
    _par_traits(client)
    instance = transport.recus[0].racine.findtext(".//l:Instance", namespaces=NS)
    assert instance == str(uuid.uuid5(uuid.NAMESPACE_OID, "1.2.250.1.999.1.1"))
    assert racine.findtext("s:Header/a:Action", namespaces=NS) == action
    assert (racine.findtext("s:Header/a:MessageID", namespaces=NS) or "").startswith("uuid:")
    nom = racine.findtext(".//saml:Assertion/saml:Subject/saml:NameID", namespaces=NS)
    assert nom == "899700000016"


def test_the_second_call_sends_the_birthplace_but_never_99999() -> None:
    client, transport = _client(repondre(_resultat()))
    _par_traits(client, avec_cog=True)
    _par_traits(client, replace(TRAITS, lieu_naissance="99999"), avec_cog=True)
    lieux = [e.racine.findtext(".//t:LieuNaissance", namespaces=NS) for e in transport.recus]
    assert lieux == ["63220", None]


def test_each_call_has_its_own_ids() -> None:
    client, transport = _client(repondre(_resultat()))
    for _ in range(3):
        _par_traits(client)
    for chemin in (".//a:MessageID", ".//b:Id", ".//l:Id"):
        assert len({e.racine.findtext(chemin, namespaces=NS) for e in transport.recus}) == 3
    assert len({e.racine.find(".//saml:Assertion", NS).get("ID")  # type: ignore[union-attr]
                for e in transport.recus}) == 3


def test_without_a_key_the_assertion_is_not_signed() -> None:
    client, transport = _client(repondre(_resultat()), cle=False)
    client.par_traits(TRAITS, "LEONARDO", avec_cog=False, emetteur="899700000016")
    assert b"SignatureValue" not in transport.recus[0].corps


@pytest.mark.parametrize(("traits", "prenom"), [
    (replace(TRAITS, nom_naissance="D’ÆION"), "LEONARDO"),
    (replace(TRAITS, nom_naissance=""), "LEONARDO"),
    (TRAITS, "CŒUR"), (TRAITS, ""), (TRAITS, " - "),
    (replace(TRAITS, sexe="I"), "LEONARDO"),
    (replace(TRAITS, date_naissance="01/02/2014"), "LEONARDO"),
])
def test_traits_that_cannot_leave(traits: Traits, prenom: str) -> None:
    client, transport = _client(repondre(_resultat()))
    with pytest.raises(Rejete, match="Rien n’a été envoyé") as leve:
        _par_traits(client, traits, prenom)
    assert leve.value.remede is Remede.COMPLETER_IDENTITE
    assert transport.recus == []


@pytest.mark.parametrize("nom", ["D'ARTAGNAN DE L'HERAULT", "LE--GALL", "PATB-QUATRE", "DE VINCI"])
def test_names_that_must_leave(nom: str) -> None:
    client, transport = _client(repondre(_resultat()))
    _par_traits(client, replace(TRAITS, nom_naissance=nom), "PIERRE-ALAIN PAUL")
    assert transport.recus[0].racine.findtext(".//t:NomNaissance", namespaces=NS) == nom


def test_a_search_by_card() -> None:
    client, transport = _client(repondre(_resultat()))
    client.par_carte(Beneficiaire("NESSI", "RUTH", "20120300", "297022A02077878", 2, 1),
                     emetteur=PROFIL)
    racine = transport.recus[0].racine
    corps = racine.find("s:Body/v:RECVITALE", NS)
    assert corps is not None
    assert corps.findtext("v:MatriculeOD/v:NumIdentifiant", namespaces=NS) == "297022A020778"
    assert corps.findtext("v:MatriculeOD/v:Cle", namespaces=NS) == "78"
    assert corps.findtext("v:DateNaissance", namespaces=NS) == "2012-03-00"
    assert corps.findtext("v:RangNaissance", namespaces=NS) == "2"
    assert corps.find("v:MatriculeIndividu", NS) is None
    couverture = racine.find(".//b:COUVERTURE", NS)
    assert couverture is not None
    assert couverture.findtext("b:ASSURE/b:Id/b:Num", namespaces=NS) == "297022A020778"
    assert couverture.findtext("b:BENEFICIAIRE/b:Porteur", namespaces=NS) == "0"
    assert racine.findtext(".//a:Action", namespaces=NS) == (
        "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecCarteVitale")


def test_a_child_is_searched_with_the_number_of_the_opener() -> None:
    enfant = Beneficiaire("NESSI", "RUTH", "20120314")
    client, transport = _client(repondre(_resultat()))
    client.par_carte(enfant, emetteur=PROFIL, nir_ouvrant="2 75 12 63 220 749 74")
    assert transport.recus[0].racine.findtext(".//v:NumIdentifiant", namespaces=NS) == (
        "2751263220749")
    for beneficiaire in (enfant, replace(enfant, nir="275126322074974",
                                         date_naissance_brute="????")):
        with pytest.raises(Rejete) as leve:
            client.par_carte(beneficiaire, emetteur=PROFIL)
        assert leve.value.remede is Remede.COMPLETER_IDENTITE
    assert len(transport.recus) == 1


# --- What is understood ---------------------------------------------------------------------


def test_an_identity_is_found() -> None:
    client, _ = _client(repondre(_resultat(), prefixe="env"))
    reponse = _par_traits(client)
    assert (reponse.code, reponse.libelle, reponse.recuperable, reponse.automatique) == (
        "00", "OK", True, True)
    assert reponse.alertes == () and reponse.prenom_seul == "" and reponse.prenom == "ZOE"
    assert reponse.identite == Identite(
        Traits("ADRUN", "", "1975-12-31", "F", "63220", prenoms="ZOE ANNE"),
        StatutIdentite.PROVISOIRE, "275126322074974", OID_NIR)


@pytest.mark.parametrize(("code", "libelle"), [("01", "Aucune identite trouvee"),
                                               ("02", "Plusieurs identites trouvees")])
def test_nobody_or_several(code: str, libelle: str) -> None:
    client, _ = _client(repondre(_resultat(code, libelle)))
    reponse = _par_traits(client)
    assert (reponse.code, reponse.libelle, reponse.identite, reponse.recuperable) == (
        code, libelle, None, False)


def _lue(**options: str) -> ReponseInsi:
    client, _ = _client(repondre(_resultat(**options)))  # type: ignore[arg-type]
    return _par_traits(client)


@pytest.mark.parametrize("date", ["1975-00-31", "1975-12-00", "1975-00-00"])
def test_rule_11_partial_dates(date: str) -> None:
    reponse = _lue(tiq=_tiq(DateNaissance=date))
    assert not reponse.recuperable and not reponse.automatique
    assert reponse.identite is not None and reponse.identite.traits.date_naissance == date
    assert "date de naissance incomplète" in reponse.alertes[0]


@pytest.mark.parametrize(("champ", "mot"), [
    ("NomNaissance", "nom de naissance"), ("Sexe", "sexe"), ("ListePrenom", "prénoms"),
    ("DateNaissance", "date de naissance")])
def test_rule_12_empty_traits(champ: str, mot: str) -> None:
    reponse = _lue(tiq=_tiq(**{champ: ""}))
    assert not reponse.recuperable
    assert mot in reponse.alertes[0]
    assert reponse.prenom_seul == ("ZOE" if champ == "ListePrenom" else "")


def test_an_impossible_date_is_not_retrieved_by_itself() -> None:
    reponse = _lue(tiq=_tiq(DateNaissance="1950-02-30"))
    assert reponse.recuperable and not reponse.automatique
    assert "n’existe pas au calendrier" in reponse.alertes[0]


def test_no_traits_at_all() -> None:
    client, _ = _client(repondre(_resultat().replace(f"<i:TIQ>{_tiq()}</i:TIQ>", "")))
    reponse = _par_traits(client)
    assert reponse.code == "00" and not reponse.recuperable


def test_a_wrong_key_is_kept_and_told() -> None:
    reponse = _lue(actif=f"<i:INSACTIF>{_numero('1810363220456', '60')}</i:INSACTIF>")
    assert reponse.recuperable
    assert reponse.identite is not None
    assert reponse.identite.matricule_ins == "181036322045660"
    assert "clé" in reponse.alertes[0]


def test_a_missing_key_is_computed_and_a_short_one_padded() -> None:
    sans = _lue(actif=f"<i:INSACTIF>{_numero('2751263220749', '')}</i:INSACTIF>")
    assert sans.identite is not None and sans.identite.matricule_ins == "275126322074974"
    court = _lue(actif=f"<i:INSACTIF>{_numero('2851263220749', '9')}</i:INSACTIF>")
    assert court.identite is not None and court.identite.matricule_ins == "285126322074909"


@pytest.mark.parametrize("actif", [
    "", "<i:INSACTIF/>", f"<i:INSACTIF>{_numero('2751263220749', '74', oid='')}</i:INSACTIF>",
    f"<i:INSACTIF>{_numero('27X', '')}</i:INSACTIF>"])
def test_no_complete_matricule(actif: str) -> None:
    reponse = _lue(actif=actif)
    assert not reponse.recuperable
    assert "matricule" in " ".join(reponse.alertes)


def test_odd_histories() -> None:
    histo = "".join(f"<i:INSHISTO>{bloc}</i:INSHISTO>" for bloc in (
        _numero("2751263220749", "74"),
        _numero("2090763220834", "39",
                dates="<i:DateDeb>2019-03-01</i:DateDeb><i:DateFin>2019-02-28</i:DateFin>"),
        _numero("2090663220123", "55"),
        _numero("2090663220123", "55"),
        _numero("1090763220888", "35", oid=OID_NIA)))
    reponse = _lue(histo=histo)
    assert reponse.identite is not None and reponse.recuperable
    assert reponse.identite.historique == (
        MatriculeHistorique("209076322083439", OID_NIR, "2019-03-01", "2019-02-28"),
        MatriculeHistorique("209066322012355", OID_NIR),
        MatriculeHistorique("109076322088835", OID_NIA))
    assert any("fin avant son début" in alerte for alerte in reponse.alertes)


def test_a_nia_is_known_by_its_oid_alone() -> None:
    reponse = _lue(actif=f"<i:INSACTIF>{_numero('1090763220888', '35', OID_NIA)}</i:INSACTIF>")
    assert reponse.identite is not None and reponse.identite.oid == OID_NIA


@pytest.mark.parametrize(("corps", "genre", "code"), [
    (_resultat("99", "Code inconnu"), Rejete, "99"),
    (_resultat(individu=False), Invalide, ""),
    ("<autre/>", Invalide, ""),
    ('<i:RESULTAT xmlns:i="http://www.cnamts.fr/INSiResultat"/>', Invalide, ""),
])
def test_answers_outside_the_contract(corps: str, genre: type[ErreurService], code: str) -> None:
    client, _ = _client(repondre(corps))
    with pytest.raises(ErreurService) as leve:
        _par_traits(client)
    assert type(leve.value) is genre and leve.value.code == code
    assert leve.value.remede is Remede.REESSAYER


def _detail(code: str, texte: str) -> str:
    return (f'<env:Detail><e:Erreur xmlns:e="urn:siram" severite="fatale" code="{code}" '
            f'messageID="m">{texte}</e:Erreur></env:Detail>')


@pytest.mark.parametrize(("corps", "genre", "code", "remede"), [
    (faute("siram_100", "Erreur", detail=_detail("desir_550", "IDAM inconnu")), Refuse,
     "siram_100 / desir_550", Remede.SIGNALER),
    (faute("siram_100", "Droits", detail=_detail("DESIR_560", "droits insuffisants")), Refuse,
     "siram_100 / DESIR_560", Remede.SIGNALER),
    (faute("insi_102", "Traits invalides"), Rejete, "insi_102", Remede.REESSAYER),
    (faute("", "Panne", code="Receiver"), Indisponible, "Receiver", Remede.REESSAYER),
    (faute("FailedAuthentication", "Assertion"), SessionExpiree, "FailedAuthentication",
     Remede.SE_CONNECTER),
    (faute("", "Version", code="VersionMismatch"), Invalide, "VersionMismatch", Remede.SIGNALER),
])
def test_every_fault(corps: str, genre: type[ErreurService], code: str, remede: Remede) -> None:
    client, _ = _client(repondre(corps, status=500))
    with pytest.raises(ErreurService) as leve:
        _par_traits(client)
    erreur = leve.value
    assert (type(erreur), erreur.code, erreur.remede) == (genre, code, remede)
    assert erreur.service == "insi" and erreur.reference.startswith("uuid:")
    assert "INSi" in erreur.message


def test_a_passing_failure_is_tried_again() -> None:
    panne = Reponse(503, "text/html", b"<html>maintenance</html>")
    client, transport = _client(panne, repondre(_resultat()))
    assert _par_traits(client).code == "00"
    assert len(transport.recus) == 2
    assert transport.recus[0].message_id != transport.recus[1].message_id


def test_relates_to_is_checked_when_it_is_there() -> None:
    client, _ = _client(soap12(_resultat()))
    assert _par_traits(client).code == "00"
    client, _ = _client(soap12(_resultat(), "uuid:autre"))
    with pytest.raises(Invalide, match="autre demande"):
        _par_traits(client)


# --- Verification ---------------------------------------------------------------------------

IDENTITE = Identite(Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE ANNE"),
                    StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR)


@pytest.mark.parametrize(("code", "attendu"), [("00", True), ("01", False)])
def test_a_verification(code: str, attendu: bool) -> None:
    client, transport = _client(repondre(_resultat(code, individu=False)))
    assert client.verifier(IDENTITE, emetteur=PROFIL) is attendu
    corps = transport.recus[0].racine.find("s:Body/n:VERIFINS", NS)
    assert corps is not None
    valeurs = {etree.QName(e).localname: e.text for e in corps.iter() if e.text}
    assert valeurs == {
        "NumIdentifiant": "2751263220749", "Cle": "74", "TypeMatricule": "NIR", "OID": OID_NIR,
        "NomNaissance": "ADRUN", "Prenom": "ZOE", "ListePrenom": "ZOE ANNE", "Sexe": "F",
        "DateNaissance": "1975-12-31", "LieuNaissance": "63220"}


def test_a_verification_needs_a_matricule() -> None:
    client, transport = _client(repondre(_resultat()))
    with pytest.raises(Rejete, match="matricule"):
        client.verifier(replace(IDENTITE, matricule_ins=""), emetteur=PROFIL)
    assert transport.recus == []


def test_a_verification_neither_ok_nor_ko() -> None:
    client, _ = _client(repondre(_resultat("02")))
    with pytest.raises(Rejete):
        client.verifier(IDENTITE, emetteur=PROFIL)


# --- Anything that comes back -------------------------------------------------------------------

_VALEURS = st.text(max_size=30).map(lambda t: t.replace("]]>", ""))


@settings(max_examples=120)
@given(st.sampled_from(["00", "01", "02", "", "99"]), st.dictionaries(
    st.sampled_from(["NomNaissance", "Prenom", "ListePrenom", "Sexe", "DateNaissance",
                     "LieuNaissance"]), _VALEURS, max_size=6), st.text(max_size=15),
    st.sampled_from([OID_NIR, OID_NIA, "", "1.2.3"]))
def test_any_answer_is_understood_or_refused_in_french(code: str, champs: dict[str, str],
                                                       numero: str, oid: str) -> None:
    """Whatever the traits of an answer: never another exception than ours, and what may be
    retrieved has a name, given names, a sex, a whole date and a whole matricule."""
    def texte(valeur: str) -> str:
        propre = "".join(c for c in valeur if c.isprintable())
        return propre.replace("&", "&amp;").replace("<", "&lt;")

    actif = f"<i:INSACTIF>{_numero(texte(numero), '74', oid)}</i:INSACTIF>"
    tiq = _tiq(**{nom: texte(v) for nom, v in champs.items()})
    client, _ = _client(repondre(_resultat(code, actif=actif, tiq=tiq)))
    try:
        lu = _par_traits(client)
    except ErreurService as erreur:
        assert erreur.message.endswith((".", "!", "?"))
        return
    if lu.recuperable:
        assert lu.identite is not None
        t = lu.identite.traits
        assert t.nom_naissance and t.prenoms and t.sexe in ("M", "F")
        assert "00" not in t.date_naissance.split("-") and len(lu.identite.matricule_ins) == 15


@settings(max_examples=80)
@given(st.integers(0, 3000), st.integers(0, 255), st.booleans())
def test_a_damaged_answer_never_escapes(position: int, octet: int, tronquer: bool) -> None:
    """One byte changed, or the end cut off."""
    def abimer(envoi: object) -> Reponse:
        bonne = repondre(_resultat())(envoi)  # type: ignore[arg-type]
        corps = bytearray(bonne.corps)
        rang = position % len(corps)
        if tronquer:
            del corps[rang:]
        else:
            corps[rang] = octet
        return replace(bonne, corps=bytes(corps))

    client, _ = _client(*[abimer] * 4)
    try:
        lu = _par_traits(client)
    except ErreurService:
        return
    assert lu.code in ("00", "01", "02")
