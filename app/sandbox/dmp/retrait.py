"""TD3.2: the documents leave as MTOM parts (`spec/dmp.md` §8)."""

from dataclasses import dataclass

from app.sandbox.dmp import ebxml
from app.sandbox.dmp.ebxml import NS_XDS, NS_XOP, Erreur
from app.sandbox.dmp.modele import REPOSITORY, Dossier, Fiche
from app.sandbox.dmp.mtom import Partie, nouvelle_partie
from app.sandbox.dmp.requetes import lisible
from app.sandbox.dmp.vihf import Vihf
from app.sandbox.lecture_xml import Element, enfants, texte
from app.sandbox.soap import FauteSoap, xml


@dataclass(frozen=True, slots=True)
class Retrait:
    """Body of the answer and the parts that it refers to."""

    corps: str
    parties: list[Partie]
    fiches: list[Fiche]


def demandes(corps: Element) -> list[tuple[str, str]]:
    """(RepositoryUniqueId, DocumentUniqueId) of the request.

    Raises
    ------
    FauteSoap
        An entryUUID was sent as DocumentUniqueId, or nothing is asked for.
    """
    lues = [(texte(d, "RepositoryUniqueId"), texte(d, "DocumentUniqueId"))
            for d in enfants(corps, "DocumentRequest", NS_XDS)]
    if corps.tag != f"{{{NS_XDS}}}RetrieveDocumentSetRequest" or not lues:
        raise FauteSoap("DMPInvalidRequest", "DocumentRequest absent")
    for _, unique_id in lues:
        if unique_id.startswith("urn:uuid:"):
            raise FauteSoap("XDSDocumentUniqueIdError",
                            f"DocumentUniqueId incorrect : {unique_id}")
    return lues


def preparer(demandes_lues: list[tuple[str, str]], dossier: Dossier, vihf: Vihf, *,
             partiel: bool = False, contenu: bytes | None = None) -> Retrait:
    """Build the answer.

    Parameters
    ----------
    partiel
        Fault: the last document is left out.
    contenu
        Fault: these bytes replace those of every document.

    Raises
    ------
    FauteSoap
        The only document asked for is masked to this professional.
    """
    erreurs: list[Erreur] = []
    trouvees: list[Fiche] = []
    for depot, unique_id in demandes_lues:
        fiche = dossier.par_unique_id(unique_id)
        if depot != REPOSITORY:
            erreurs.append(Erreur("XDSUnknownRepositoryId", depot))
        elif fiche is None:
            erreurs.append(Erreur("XDSDocumentUniqueIdError", unique_id))
        elif not lisible(dossier, fiche, vihf):
            if len(demandes_lues) == 1:
                raise FauteSoap("DMPAccessDeniedByRightsService",
                                "Vos droits ne permettent pas de consulter ce document")
            erreurs.append(Erreur("XDSRepositoryError", f"Accès refusé : {unique_id}"))
        else:
            trouvees.append(fiche)
    if partiel and trouvees:
        perdue = trouvees.pop()
        erreurs.append(Erreur("XDSRepositoryError", perdue.unique_id))
    statut = ebxml.SUCCES if not erreurs else (
        ebxml.PARTIEL if trouvees or partiel else ebxml.ECHEC)
    parties = [nouvelle_partie(f.mime, f.contenu if contenu is None else contenu)
               for f in trouvees]
    reponses = "".join(
        f"<DocumentResponse><RepositoryUniqueId>{REPOSITORY}</RepositoryUniqueId>"
        f"<DocumentUniqueId>{xml(f.unique_id)}</DocumentUniqueId><mimeType>{f.mime}</mimeType>"
        f'<Document><xop:Include xmlns:xop="{NS_XOP}" href="{p.href}"/></Document>'
        "</DocumentResponse>" for f, p in zip(trouvees, parties, strict=True))
    corps = (f'<RetrieveDocumentSetResponse xmlns="{NS_XDS}">'
             f"{ebxml.reponse_registre(statut, erreurs)}{reponses}"
             "</RetrieveDocumentSetResponse>")
    return Retrait(corps, parties, trouvees)


def alterer(octets: bytes) -> bytes:
    """The same document with one character changed: hash wrong, size right."""
    milieu = octets.rfind(b"</title>") - 1
    if milieu < 0:
        milieu = len(octets) // 2
    return octets[:milieu] + (b"X" if octets[milieu:milieu + 1] != b"X" else b"Y") \
        + octets[milieu + 1:]
