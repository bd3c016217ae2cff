"""Structure certificate: INSi and DMP of the bac à sable, which check everything they receive."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from app.cli.serveurs import BacASable, NavigateurSimule, bac_a_sable
from app.domain.certificat import UsageCertificat
from app.domain.outbox import EtatOrdre
from app.sandbox.certificats import MOT_DE_PASSE_P12
from app.services.errors import ErreurService, Indisponible, Refuse, Remede
from app.usecases import (
    authentifications,
    brouillons,
    certificats,
    consentement,
    identify,
    outbox,
    produce,
    session,
    verification,
)
from app.usecases.acces_dmp import acces_structure
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.reglages_centre import enregistrer_reglages_centre, lire_reglages_centre
from tests import centre_outils as centre


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as servi:
        yield servi


@pytest.fixture
def ctx(bac: BacASable, tmp_path: Path) -> Iterator[Contexte]:
    """The centre without any Pro Santé Connect session."""
    httpx.post(f"{bac.controle}/controle/reinitialiser").raise_for_status()
    ouvert = centre.creer_centre(tmp_path / "centre.pleiade", bac)
    yield ouvert
    ouvert.fermer()


def journal(bac: BacASable, service: str) -> list[dict[str, object]]:
    recus: list[dict[str, object]] = httpx.get(f"{bac.controle}/controle/journal",
                                               params={"service": service}).json()
    return recus


def qualifier(ctx: Contexte) -> int:
    """A patient qualified by INSi in the structure's name and a document."""
    patient = centre.patient_adrun(ctx)
    assert identify.qualifier_insi(ctx, patient).etat == "applique"
    identify.controler_document(ctx, patient, "CN")
    return patient


def deposer(ctx: Contexte, patient: int, titre: str = "Passage") -> EtatOrdre:
    """Write, validate and send one document; state of its order."""
    brouillon = brouillons.nouveau_brouillon(ctx, patient, "11506-3")
    produce.valider(ctx, replace(brouillon, titre=titre, texte="Plaie propre."))
    ordre = outbox.traiter_un(ctx)
    assert ordre is not None
    return ordre.etat


@pytest.mark.exigence("INS/va1.14")
def test_insi_is_called_in_the_name_of_the_structure(ctx: Contexte, bac: BacASable) -> None:
    patient = centre.patient_adrun(ctx)
    sans = identify.qualifier_insi(ctx, patient)
    assert (sans.etat, sans.remede) == ("impossible", Remede.SE_CONNECTER)
    centre.importer(ctx, bac, "structure-insi")
    assert identify.qualifier_insi(ctx, patient).etat == "applique"
    (appel,) = journal(bac, "insi")
    assert (appel["mode"], appel["structure"], appel["cn"], appel["code"]) == (
        "certificat_structure", "1630009999", "INSI-MANU", "00")
    assert centre.traces(ctx, "insi.appel")[0][1].startswith("traits ; certificat structure")
    identify.controler_document(ctx, patient, "CN")
    verification.verifier_identite(ctx, patient)
    assert centre.traces(ctx, "insi.verification")[0][1].endswith("certificat structure")


def test_the_session_goes_before_the_certificate_unless_set_otherwise(
        ctx: Contexte, bac: BacASable) -> None:
    centre.importer(ctx, bac, "structure-insi")
    session.connecter_navigateur(ctx, NavigateurSimule(bac, centre.MARIAM.identifiant).ouvrir)
    assert authentifications.mode_insi(ctx) == "psc_proxy"
    enregistrer_reglages_centre(ctx, replace(lire_reglages_centre(ctx),
                                             insi_mode="certificat_structure"))
    assert authentifications.acces_insi(ctx).mode == "certificat structure"
    certificats.supprimer_certificat(ctx, UsageCertificat.INSI)
    with pytest.raises(Refus, match="INSI-AUTO ou INSI-MANU"):
        authentifications.acces_insi(ctx)


@pytest.mark.exigence("SC.DMP/CONF.22")
def test_the_dmp_is_fed_in_the_name_of_the_structure(ctx: Contexte, bac: BacASable) -> None:
    centre.importer(ctx, bac, "structure-insi", "structure-dmp", "structure-signature")
    patient = qualifier(ctx)
    consentement.noter_consentement(ctx, patient, True, False)
    enregistrer_reglages_centre(ctx, replace(lire_reglages_centre(ctx), dmp_certificat=True))
    assert deposer(ctx, patient) is EtatOrdre.ENVOYE
    appels = {str(a["operation"]): a for a in journal(bac, "dmp")}
    assert set(appels) == {"TD0.2", "TD2.1"}
    assert {(a["mode"], a["structure"], a["sujet"]) for a in appels.values()} == {
        ("certificat_structure", "1630009999", "899700000081")}
    assert appels["TD2.1"]["signature"] == appels["TD2.1"]["signature_lot"] == "rsa-sha256"
    assert centre.traces(ctx, "dmp.depot") == [("envoye", "document 1 ; certificat structure")]


def test_consulting_stays_each_professional_s_own_session(ctx: Contexte, bac: BacASable) -> None:
    centre.importer(ctx, bac, "structure-insi", "structure-dmp", "structure-signature")
    patient = qualifier(ctx)
    enregistrer_reglages_centre(ctx, replace(lire_reglages_centre(ctx), dmp_certificat=True))
    consentement.noter_consentement(ctx, patient, True, False)
    client = authentifications.dmp_par_certificat(ctx)
    assert client is not None
    with ctx.store.lecture() as u:
        acces = acces_structure(ctx, u.patients.lire(patient))
    for geste in (lambda: client.chercher(acces), lambda: client.autoriser(acces),
                  lambda: client.recuperer(acces, "1.2.3")):
        with pytest.raises(Refuse, match="consultation demande votre propre connexion") as refus:
            geste()
        assert refus.value.remede is Remede.SE_CONNECTER
    assert journal(bac, "dmp") == []
    # Where a client forgot the rule, the DMP refuses too.
    client._permises = None
    with pytest.raises(Refuse):
        client.chercher(acces)
    assert journal(bac, "dmp")[-1]["code"] == "DMPAccessDeniedByRightsService"


@pytest.mark.parametrize(("nom", "message"), [
    ("structure-expiree", "n’est pas valable aujourd’hui"),
    ("autre-structure-insi", "celui de la structure 300000000000099")])
def test_a_certificate_that_can_t_serve_is_not_imported(
        ctx: Contexte, bac: BacASable, nom: str, message: str) -> None:
    with pytest.raises(Refus, match=message):
        centre.importer(ctx, bac, nom)
    assert certificats.lister_certificats(ctx) == ()


def test_a_wrong_file_is_told_in_french(ctx: Contexte, bac: BacASable, tmp_path: Path) -> None:
    fichier = centre.pkcs12(bac, "structure-insi")
    with pytest.raises(Refus, match="mot de passe est faux"):
        certificats.importer_certificat(ctx, fichier, "autre")
    abime = tmp_path / "abime.p12"
    abime.write_bytes(fichier.read_bytes()[:-40])
    with pytest.raises(Refus, match="n’a pas pu être ouvert"):
        certificats.importer_certificat(ctx, abime, MOT_DE_PASSE_P12)
    abime.write_bytes(b"\0" * 300_000)
    with pytest.raises(Refus, match="trop gros"):
        certificats.importer_certificat(ctx, abime, MOT_DE_PASSE_P12)
    with pytest.raises(Refus, match="n’est pas lisible"):
        certificats.importer_certificat(ctx, tmp_path / "absent.p12", MOT_DE_PASSE_P12)


def test_the_key_lies_in_the_encrypted_file_alone(ctx: Contexte, bac: BacASable,
                                                  tmp_path: Path) -> None:
    centre.importer(ctx, bac, "structure-insi", "structure-dmp")
    cle = b"".join(line for line in (Path(centre.adresses(bac)["pki"]) / "structure-insi.key")
                   .read_bytes().splitlines()[1:-1])
    identify.qualifier_insi(ctx, centre.patient_adrun(ctx))
    with ctx.store.lecture() as u:
        assert u.certificats.secret(UsageCertificat.INSI)[1]
        der = u.certificats.secret(UsageCertificat.INSI)[1]
    for fichier in tmp_path.rglob("*"):
        if fichier.is_file():
            octets = fichier.read_bytes()
            assert der[40:80] not in octets, fichier
            assert cle[40:80] not in octets, fichier


def test_the_end_of_a_certificate_is_told_before(ctx: Contexte, bac: BacASable) -> None:
    centre.importer(ctx, bac, "structure-bientot")
    aujourdhui = date.today()
    (proche,) = certificats.alertes_certificats(ctx, aujourdhui)
    assert proche.genre == "alerte"
    assert "Appeler INSi" in proche.message
    (passee,) = certificats.alertes_certificats(ctx, aujourdhui + timedelta(days=30))
    assert (passee.genre, "est expiré depuis" in passee.message) == ("erreur", True)
    centre.importer(ctx, bac, "structure-insi")
    assert certificats.alertes_certificats(ctx, aujourdhui) == ()


@pytest.mark.attaque(
    "Certificat d’une autre structure",
    tente="Appeler INSi et alimenter le DMP avec le certificat, ou le sceau, d’une autre "
          "structure que celle du dossier",
    constat="Pléiade refuse avant tout envoi ; forcée, la double refuse le certificat, "
            "l’émetteur et la signature qui ne vont pas ensemble")
def test_the_certificate_of_another_structure_opens_nothing(
        ctx: Contexte, bac: BacASable, monkeypatch: pytest.MonkeyPatch) -> None:
    centre.importer(ctx, bac, "structure-insi", "structure-dmp", "structure-signature")
    patient = qualifier(ctx)
    consentement.noter_consentement(ctx, patient, True, False)
    enregistrer_reglages_centre(ctx, replace(lire_reglages_centre(ctx), dmp_certificat=True))
    # The structure of the file changes after the import: the certificate isn't its any more.
    vraie = ctx.structure
    ctx.structure = replace(vraie, identifiant="1630008888")
    with pytest.raises(Refus, match="autre structure"):
        authentifications.acces_insi(ctx)
    assert deposer(ctx, patient) is EtatOrdre.REFUSE
    assert journal(bac, "dmp") == []
    # A program that doesn't check: the doubles do.
    monkeypatch.setattr(authentifications, "memes_structures", lambda a, b: True)
    assert deposer(ctx, patient, "Autre") is EtatOrdre.REFUSE
    assert journal(bac, "dmp")[-1]["description"].startswith("Structure du VIHF")  # type: ignore[attr-defined]
    ctx.structure = vraie
    with ctx.store.ecriture() as u:
        autre = Path(centre.adresses(bac)["pki"])
        certificat = certificats.lecture.lire_pkcs12(
            (autre / "autre-structure-signature.p12").read_bytes(), MOT_DE_PASSE_P12)
        u.certificats.enregistrer(certificats.lecture.decrire(certificat.certificat),
                                  certificat.chaine_pem, certificat.cle_der)
    assert deposer(ctx, patient, "Encore") is EtatOrdre.REFUSE
    assert journal(bac, "dmp")[-1]["code"] == "DMPInvalidCertificate"
    with pytest.raises(ErreurService) as refus:
        _insi_au_nom_de(ctx, bac, "autre-structure-insi")
    assert "DESIR_560" in refus.value.code
    assert journal(bac, "insi")[-1]["code"] == "siram_100"


def _insi_au_nom_de(ctx: Contexte, bac: BacASable, nom: str) -> None:
    """Put another certificate in the place of the structure's and call INSi."""
    paire = certificats.lecture.lire_pkcs12(centre.pkcs12(bac, nom).read_bytes(),
                                            MOT_DE_PASSE_P12)
    with ctx.store.ecriture() as u:
        u.certificats.enregistrer(certificats.lecture.decrire(paire.certificat),
                                  paire.chaine_pem, paire.cle_der)
    identify.qualifier_insi(ctx, centre.patient_adrun(ctx))


@pytest.mark.attaque(
    "Certificat de structure révoqué ou expiré",
    tente="Continuer d’appeler INSi et le DMP avec un certificat révoqué par l’autorité, puis "
          "avec un certificat expiré gardé dans le dossier",
    constat="Le service refuse le certificat révoqué ; l’expiré n’est plus présenté, les envois "
            "attendent sans rien perdre")
def test_a_revoked_or_expired_certificate_is_refused(ctx: Contexte, bac: BacASable) -> None:
    centre.importer(ctx, bac, "structure-insi", "structure-dmp", "structure-signature")
    patient = qualifier(ctx)
    consentement.noter_consentement(ctx, patient, True, False)
    enregistrer_reglages_centre(ctx, replace(lire_reglages_centre(ctx), dmp_certificat=True))
    for nom in ("structure-insi", "structure-signature"):
        httpx.post(f"{bac.controle}/controle/certificats/revoquer",
                   json={"nom": nom}).raise_for_status()
    with pytest.raises(ErreurService):
        identify.qualifier_insi(ctx, centre.patient_adrun(ctx))
    assert deposer(ctx, patient) is EtatOrdre.REFUSE
    assert journal(bac, "dmp")[-1]["code"] == "DMPInvalidCertificate"
    with pytest.raises(Indisponible, match="n’est pas valable aujourd’hui"):
        _insi_au_nom_de(ctx, bac, "structure-expiree")
