"""TD0.3: declare oneself authorised (`spec/dmp.md` §5). Never in bris de glace, never to send."""

from lxml import etree

from app.services.dmp_erreurs import erreur, exiger
from app.services.noms import texte_propre
from app.services.soap import ReponseSoap
from app.services.xml_sur import ajouter, element, enfant

NS = "urn:si-dmp-habilitations"
ACTION = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"


def requete(action: str = "AJOUT") -> etree._Element:
    """setAuthorization; patient and professional come from the VIHF."""
    corps = element(f"{{{NS}}}setAuthorization", {None: NS})
    ajouter(corps, f"{{{NS}}}action", action)
    return corps


def lire(reponse: ReponseSoap) -> str:
    """Read setAuthorizationResponse; gives the remark of the DMP, often empty.

    Raises:
        Refuse, Rejete: `output/status` isn't DMPOk, or a fault.
    """
    corps = exiger(reponse, "setAuthorizationResponse")
    sortie = enfant(corps, "output")
    statut, contexte = enfant(sortie, "status"), enfant(sortie, "context")
    code = "" if statut is None else (statut.text or "").strip()
    remarque = texte_propre("" if contexte is None else contexte.text or "")
    if code != "DMPOk":
        raise erreur(code or "?", remarque,
                     contexte="Le DMP n’a pas enregistré votre autorisation")
    return remarque
