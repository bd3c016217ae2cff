"""JSON that comes from others: too deep, or with a number without end."""

import pytest

from app.documents.courrier import depuis_texte
from app.services.errors import Invalide
from app.services.proxy_reponses import corps_json, descripteur_de
from app.services.sasl import statut_refus
from app.services.transport import Reponse

PIEGES = (b"[" * 100_000, b'{"courrier": 1, "entete": ' + b"9" * 6000 + b', "corps": []}',
          b'{"courrier": 1, "entete": ' + b"[" * 50_000,
          b'{"courrier": 1, "entete": 5, "corps": 5}',
          b'{"courrier": 1, "entete": null, "corps": null}')


@pytest.mark.attaque("JSON sans fond ni fin",
                     tente="répondre, à la place du proxy ou du serveur de messagerie, par cent "
                           "mille tableaux emboîtés ou un nombre de six mille chiffres\u00a0; "
                           "écrire cela dans un courrier préparé pour une autre",
                     constat="la réponse est dite illisible, le courrier se lit comme un texte "
                             "ordinaire\u00a0; rien ne s’arrête")
@pytest.mark.parametrize("piege", PIEGES)
def test_json_of_others_stops_nothing(piege: bytes) -> None:
    reponse = Reponse(500, {"content-type": "application/json"}, piege)
    assert descripteur_de(reponse) is None
    if not piege.endswith(b"}") or b"999" in piege:
        with pytest.raises(Invalide):
            corps_json(reponse)
    assert statut_refus(piege) == ""
    assert depuis_texte(piege.decode()).corps
