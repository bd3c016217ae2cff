"""What each transaction does once the VIHF is accepted, faults of the panel included."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.appel import Appel
from app.sandbox.dmp import alimentation, droits, ebxml, patients, requetes, retrait
from app.sandbox.dmp.depots import Depots
from app.sandbox.dmp.ebxml import Erreur, ErreurXds
from app.sandbox.dmp.modele import Dossier
from app.sandbox.dmp.mtom import Partie
from app.sandbox.dmp.vihf import Vihf
from app.sandbox.lecture_xml import Element
from app.sandbox.soap import FauteSoap, bombe


@dataclass(frozen=True, slots=True)
class Contexte:
    """A call whose sender is known."""

    appel: Appel
    corps: Element
    parties: dict[str, bytes]
    vihf: Vihf
    dossier: Dossier | None
    depots: Depots
    instant: datetime
    service: str


@dataclass(frozen=True, slots=True)
class Sortie:
    """Body of the answer, and its parts when it is multipart."""

    corps: str
    parties: list[Partie] = field(default_factory=list)
    multipart: bool = False


def executer(transaction: str, c: Contexte) -> Sortie:
    """Run one transaction.

    Raises
    ------
    FauteSoap
        Refusals that leave as faults; registry errors are in the answer.
    """
    traitements: dict[str, Callable[[Contexte], Sortie]] = {
        "TD0.2": _existence, "TD0.3": _autorisation, "TD3.1": _recherche, "TD3.2": _retrait,
        "TD2.1": _alimentation}
    return traitements[transaction](c)


def _autre(c: Contexte) -> Dossier | None:
    """The dossier to answer from: somebody else's under the fault `autre_patient`."""
    if c.appel.panne("autre_patient"):
        return c.depots.autre_que(c.vihf.matricule)
    return c.dossier


def _existence(c: Contexte) -> Sortie:
    question = patients.lire_question(c.corps)
    if droits.droit(question.motif, "", c.vihf.acces, c.vihf.profession,
                    indirecte=c.vihf.indirecte) != "oui":
        raise _droits()
    panne = c.appel.panne("code", "occupe")
    code = "" if panne is None else str(panne.valeur or "DMPInvalidRequest")
    return Sortie(patients.repondre(question, _autre(c), c.vihf, c.instant, erreur=code))


def _autorisation(c: Contexte) -> Sortie:
    panne = c.appel.panne("code", "occupe")
    if panne is not None:
        return Sortie(patients.reponse_autorisation(str(panne.valeur or "DMPAccessDenied"),
                                                    "Panne demandée au bac à sable"))
    statut, contexte = patients.autoriser(c.corps, c.dossier, c.vihf, c.instant)
    c.appel.noter(code=statut)
    return Sortie(patients.reponse_autorisation(statut, contexte))


def _droits() -> FauteSoap:
    return FauteSoap("DMPAccessDeniedByRightsService",
                     "Vos droits ne permettent pas cette transaction")


def _consultable(c: Contexte) -> Dossier:
    """The dossier, when the professional may consult it.

    Raises
    ------
    ErreurXds
        No DMP, closed DMP.
    FauteSoap
        No valid authorisation, or access refused by the patient.
    """
    if c.vihf.indirecte:  # the structure feeds; each professional consults by their own session
        raise _droits()
    dossier = _ouvert(c)
    if c.vihf.acces == "bris_de_glace" and dossier.opposition_bris_de_glace:
        raise FauteSoap("DMPAccessDeniedByRightsService",
                        "Le patient s’oppose à l’accès en bris de glace")
    if c.vihf.acces == "centre_15" and dossier.opposition_urgence:
        raise FauteSoap("DMPAccessDeniedByRightsService",
                        "Le patient s’oppose à l’accès en urgence")
    statut = dossier.autorisation(c.vihf.professionnel, c.instant)
    if statut == "INTERDIT" or (c.vihf.acces == "normal" and statut != "VALIDE"):
        raise FauteSoap("DMPAccessDeniedByRightsService",
                        "Le professionnel n’est pas autorisé à consulter ce DMP")
    return dossier


def _ouvert(c: Contexte) -> Dossier:
    if c.dossier is None or c.dossier.etat == "absent":
        raise ErreurXds("XDSUnknownPatientId", c.vihf.matricule)
    if c.dossier.etat == "ferme":
        raise ErreurXds("DMPPatientClosed", "Le DMP du patient est fermé")
    return c.dossier


def _erreur_demandee(c: Contexte) -> None:
    panne = c.appel.panne("occupe", "code")
    if panne is None:
        return
    occupe = "XDSRegistryBusy" if c.service == "registry" else "XDSRepositoryBusy"
    raise ErreurXds(str(panne.valeur or occupe), "Panne demandée au bac à sable")


def _recherche(c: Contexte) -> Sortie:
    try:
        _erreur_demandee(c)
        requete = requetes.Requete(c.corps)
        c.appel.noter(requete=requetes.NOMS[requete.id], retour=requete.retour)
        # The reference of a document may be asked for without authorisation (TD3.1b).
        reference = (requete.id == requetes.GET_DOCUMENTS and requete.retour == "ObjectRef")
        dossier = _ouvert(c) if reference else _consultable(c)
        if c.appel.panne("autre_patient"):
            dossier = c.depots.autre_que(c.vihf.matricule)
            vu = [ebxml.fiche(f) for f in dossier.fiches]
        else:
            vu = requetes.executer(requete, dossier, c.vihf, c.instant)
    except ErreurXds as e:
        c.appel.noter(code=e.code, description=e.contexte)
        return Sortie(ebxml.reponse_requete(ebxml.ECHEC, [], [Erreur(e.code, e.contexte)]))
    c.appel.noter(objets=len(vu))
    panne = c.appel.panne("hash_faux")
    if panne is not None and panne.valeur != "contenu":
        faux = {"taille": 1} if panne.valeur == "taille" else {"hash_": "0" * 40}
        vus = {ebxml.fiche(f): f for f in dossier.fiches}
        vu = [ebxml.fiche(vus[x], **faux) if x in vus else x
              for x in vu]
    if c.appel.panne("partiel"):
        return Sortie(ebxml.reponse_requete(
            ebxml.PARTIEL, vu[:-1], [Erreur("XDSRegistryError", "Réponse incomplète")]))
    return Sortie(ebxml.reponse_requete(ebxml.SUCCES, vu))


def _retrait(c: Contexte) -> Sortie:
    demandes = retrait.demandes(c.corps)
    c.appel.noter(documents=len(demandes))
    try:
        _erreur_demandee(c)
        dossier = _consultable(c)
    except ErreurXds as e:
        c.appel.noter(code=e.code, description=e.contexte)
        return Sortie(
            f'<RetrieveDocumentSetResponse xmlns="{ebxml.NS_XDS}">'
            f"{ebxml.reponse_registre(ebxml.ECHEC, [Erreur(e.code, e.contexte)])}"
            "</RetrieveDocumentSetResponse>", multipart=True)
    contenu = _contenu_impose(c, dossier, demandes)
    rendu = retrait.preparer(demandes, dossier, c.vihf, contenu=contenu,
                             partiel=c.appel.panne("partiel") is not None)
    return Sortie(rendu.corps, rendu.parties, multipart=True)


def _contenu_impose(c: Contexte, dossier: Dossier, demandes: list[tuple[str, str]]
                    ) -> bytes | None:
    """Bytes that a fault puts in the place of the documents, else None."""
    bombe_ = c.appel.panne("xml_bombe")
    if bombe_ is not None and bombe_.valeur == "cda":
        return bombe("entites")
    if c.appel.panne("autre_patient"):
        autre = c.depots.autre_que(c.vihf.matricule)
        return autre.fiches[0].contenu
    if c.appel.panne("hash_faux"):
        fiche = dossier.par_unique_id(demandes[0][1])
        return None if fiche is None else retrait.alterer(fiche.contenu)
    return None


def _alimentation(c: Contexte) -> Sortie:
    try:
        _erreur_demandee(c)
        if not droits.droit("TD2.1", "alimentation", c.vihf.acces, c.vihf.profession,
                            indirecte=c.vihf.indirecte).startswith("oui"):
            raise _droits()
        if not c.parties:
            raise ErreurXds("XDSMissingDocument", "MTOM attendu")
        if not c.vihf.signature:
            raise FauteSoap("DMPInvalidCertificate", "VIHF signé attendu pour l’alimentation")
        depot = alimentation.deposer(
            c.corps, c.parties, _ouvert(c), c.depots, c.vihf,
            c.appel.etat.pki.charger_certificat("ca"), c.instant)
    except ErreurXds as e:
        c.appel.noter(code=e.code, description=e.contexte)
        return Sortie(ebxml.reponse_registre(ebxml.ECHEC, [Erreur(e.code, e.contexte)]))
    c.appel.noter(depot=list(depot.uniques), signature_lot=depot.signature)
    if c.appel.panne("partiel"):
        return Sortie(ebxml.reponse_registre(
            ebxml.PARTIEL, [Erreur("XDSRepositoryError", "Panne demandée au bac à sable")]))
    return Sortie(ebxml.reponse_registre(ebxml.SUCCES))
