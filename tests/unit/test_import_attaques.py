"""A file of identities under attack: it is refused in French, or what can't be kept is left."""

import json

import pytest

from app.domain.import_identites import ActionImport
from app.usecases import import_identites
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.unit.test_usecases_preparations import ctx

__all__ = ["ctx"]


def patient(**autres: object) -> bytes:
    return json.dumps({"resourceType": "Patient", "gender": "female", "birthDate": "1980-01-01",
                       "name": [{"use": "official", "family": "DUPONT", "given": ["ANNE"]}]}
                      | autres).encode()


@pytest.mark.attaque("Fichier d’identités piégé",
                     tente="importer du JSON fait d’un nombre de six mille chiffres, de cent mille "
                           "tableaux emboîtés, de moitiés de caractères et d’octets nuls, de "
                           "signes qui retournent l’écriture, d’une adresse de cent mille lettres",
                     constat="refusé en une phrase, ou gardé sans ce qui ne peut ni s’écrire ni se "
                             "lire\u00a0; rien ne s’arrête")
@pytest.mark.parametrize("contenu", [
    b'{"resourceType":"Patient","a":' + b"1" * 6000 + b"}",
    b'{"resourceType":"Patient"}\n{"a":' + b"9" * 6000 + b"}",
    b"[" * 100_000, b'{"resourceType":"Patient"}\n' + b"[" * 100_000])
def test_json_without_end_is_refused(ctx: Contexte, contenu: bytes) -> None:
    with pytest.raises(Refus, match="JSON lisible"):
        import_identites.essayer(ctx, contenu, "piege.json")


def test_what_no_file_can_hold_is_left(ctx: Contexte) -> None:
    piege = patient(
        name=[{"use": "official", "family": "DU\ud800PONT", "given": ["ANNE\udfff"]}],
        address=[{"line": ["12\x00 rue \ud800\u202eexe", "x" * 100_000], "city": "LY\u200bON",
                  "postalCode": "69\ud800"}],
        telecom=[{"system": "phone", "value": "01\x0002"}])
    essai = import_identites.essayer(ctx, piege, "piege.json")
    (ligne,) = essai.lignes
    assert ligne.action is ActionImport.CREER
    import_identites.importer(ctx, essai)
    with ctx.store.lecture() as u:
        cree = u.patients.lire(max(u.patients.ids()))
    contact = cree.contact
    assert contact.adresse.startswith("12 rue") and len(contact.adresse) == 300
    for texte in (contact.adresse, contact.commune, contact.code_postal, contact.telephone,
                  cree.identite.traits.nom_naissance):
        texte.encode()
        assert texte.replace(" ", "").isprintable() and "\u202e" not in texte, texte
    assert (contact.commune, contact.telephone) == ("LYON", "0102")
