"""What INSi says (`spec/ins.md` §4.3, §4.4): RESULTAT, faults, and the traps of both.

Nothing is repaired: an answer that the rules 11 and 12 forbid to retrieve is given as received,
flagged, with the French reasons.
"""

import re
from dataclasses import dataclass

from lxml import etree

from app.domain import dates, matricule, statuts
from app.domain.identity import Identite, MatriculeHistorique, StatutIdentite, Traits
from app.services.errors import (
    ClasseErreur,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.noms import phrase, texte_propre
from app.services.soap import Faute, ReponseSoap
from app.services.xml_sur import enfant, nom_local, texte

NS_RESULTAT = "http://www.cnamts.fr/INSiResultat"

CODES = {"00": "OK", "01": "Aucune identité trouvée", "02": "Plusieurs identités trouvées"}


@dataclass(frozen=True, slots=True)
class ReponseInsi:
    """An answer of INSi.

    `identite` holds what was received, statut provisoire, first given name empty (it is the
    user's, rule 6). `recuperable` is False when rules 11 or 12 forbid the retrieval;
    `automatique` is False when the user must decide even though all traits are equal.
    `prenom_seul` is the given name of an answer without the civil list, `prenom` the one that
    goes with the list. `alertes` are French sentences.
    """

    code: str
    libelle: str
    identite: Identite | None = None
    prenom_seul: str = ""
    alertes: tuple[str, ...] = ()
    recuperable: bool = False
    automatique: bool = False
    prenom: str = ""
    message_id: str = ""


def lire_recherche(reponse: ReponseSoap) -> ReponseInsi:
    """Read the answer of a search.

    Raises:
        Invalide: not a RESULTAT, or `00` without a person.
        Rejete: a functional code other than 00, 01, 02.
        ErreurService: a fault, by `erreur_de_faute`.
    """
    resultat = _resultat(reponse)
    code, libelle = _compte_rendu(resultat)
    if code not in CODES:
        raise Rejete(phrase("INSi a répondu", libelle or code), service="insi", code=code,
                     remede=Remede.REESSAYER)
    if code != "00":
        return ReponseInsi(code, libelle or CODES[code], message_id=reponse.message_id)
    individu = resultat.find(_ns("INDIVIDU"))
    if individu is None:
        raise _illisible("sans identité")
    return _individu(individu, libelle or CODES[code], reponse.message_id)


def lire_verification(reponse: ReponseSoap) -> bool:
    """Read the answer of a verification: 00 = OK, 01 = KO (`spec/ins.md` §4.5).

    Raises:
        Rejete: any other code.
        ErreurService: a fault, or not a RESULTAT.
    """
    code, libelle = _compte_rendu(_resultat(reponse))
    if code not in ("00", "01"):
        raise Rejete(phrase("INSi a répondu", libelle or code), service="insi", code=code,
                     remede=Remede.REESSAYER)
    return code == "00"


def _resultat(reponse: ReponseSoap) -> etree._Element:
    if reponse.faute is not None:
        raise erreur_de_faute(reponse.faute)
    contenu = reponse.contenu
    # Lot 2 may use another namespace: the root is known by its local name.
    if contenu is None or nom_local(contenu) != "RESULTAT":
        raise _illisible("d’une autre nature")
    return contenu


def _compte_rendu(resultat: etree._Element) -> tuple[str, str]:
    compte_rendu = enfant(resultat, "CR")
    code, libelle = enfant(compte_rendu, "CodeCR"), enfant(compte_rendu, "LibelleCR")
    valeur = "" if code is None else (code.text or "").strip()
    if not valeur:
        raise _illisible("sans code")
    return valeur, texte_propre("" if libelle is None else libelle.text or "")


def _individu(individu: etree._Element, libelle: str, message_id: str) -> ReponseInsi:
    tiq = individu.find(_ns("TIQ"))
    prenom, liste = texte(tiq, _ns("Prenom")), texte(tiq, _ns("ListePrenom"))
    traits = Traits(
        nom_naissance=texte(tiq, _ns("NomNaissance")), premier_prenom="",
        date_naissance=texte(tiq, _ns("DateNaissance")), sexe=texte(tiq, _ns("Sexe")),
        lieu_naissance=texte(tiq, _ns("LieuNaissance")), prenoms=liste)
    actif = individu.find(_ns("INSACTIF"))
    numero, oid, remarques = _matricule(actif)
    historique, remarques_histo = _historique(individu, numero, oid)
    blocages = [*_regles_11_12(traits), *([] if numero and oid else [
        "INSi n’a pas donné de matricule complet\u00a0: l’identité ne peut pas être récupérée."])]
    if not blocages and (refus := statuts.refus_recuperation(traits, numero, oid)):
        blocages.append(refus)  # a matricule of 3 characters, an unknown OID, a sex « X »
    douteuse = bool(traits.date_naissance) and not blocages \
        and not dates.est_calendaire(traits.date_naissance)
    if douteuse:
        remarques.append("La date de naissance donnée par INSi n’existe pas au calendrier\u00a0: "
                         "vérifiez l’identité avant de l’accepter.")
    identite = Identite(traits=traits, statut=StatutIdentite.PROVISOIRE, matricule_ins=numero,
                        oid=oid, historique=historique)
    return ReponseInsi(
        "00", libelle, identite, prenom_seul="" if liste else prenom, prenom=prenom,
        alertes=(*blocages, *remarques, *remarques_histo), recuperable=not blocages,
        automatique=not blocages and not douteuse, message_id=message_id)


def _regles_11_12(traits: Traits) -> list[str]:
    """Rules 11 and 12: what must not be retrieved, and why."""
    raisons = []
    if dates.a_partie_inconnue(traits.date_naissance):
        raisons.append("INSi donne une date de naissance incomplète "
                       f"({dates.formater(traits.date_naissance)})\u00a0: l’identité ne peut pas "
                       "être récupérée.")
    elif not dates.est_forme_du_fil(traits.date_naissance):
        raisons.append("INSi n’a pas donné de date de naissance lisible\u00a0: l’identité ne peut "
                       "pas être récupérée.")
    manques = [nom for valeur, nom in (
        (traits.nom_naissance, "le nom de naissance"),
        (traits.prenoms, "la liste des prénoms de naissance"), (traits.sexe, "le sexe"))
        if not valeur]
    if manques:
        raisons.append(f"INSi n’a pas donné {' ni '.join(manques)}\u00a0: l’identité ne peut pas "
                       "être récupérée.")
    elif traits.sexe not in ("M", "F"):
        raisons.append("INSi a donné un sexe inconnu\u00a0: l’identité ne peut pas être "
                       "récupérée.")
    return raisons


def _matricule(bloc: etree._Element | None) -> tuple[str, str, list[str]]:
    """Matricule of 15 characters, OID, and remarks on the key.

    A wrong key is kept: published answers of the test service have some (`spec/ins.md` §1.3).
    """
    numero = texte(bloc, f"{_ns('IdIndividu')}/{_ns('NumIdentifiant')}").upper()
    cle = texte(bloc, f"{_ns('IdIndividu')}/{_ns('Cle')}")
    oid = texte(bloc, _ns("OID"))
    try:
        calculee = matricule.cle(numero)
    except ValueError:
        if not numero:
            return "", oid, []
        if not cle:
            return "", oid, ["Le matricule donné par INSi n’a pas la forme prévue et n’a pas de "
                             "clé."]
        return numero + cle.zfill(2), oid, ["Le matricule donné par INSi n’a pas la forme prévue."]
    if not cle:
        return numero + calculee, oid, []
    cle = cle.zfill(2)
    remarques = [] if cle == calculee else [
        "La clé du matricule donné par INSi ne correspond pas au calcul."]
    return numero + cle, oid, remarques


def _historique(individu: etree._Element, actif: str,
                oid_actif: str) -> tuple[tuple[MatriculeHistorique, ...], list[str]]:
    """INSHISTO: absent, several, without dates, reversed dates, equal to the active one."""
    anciens: dict[tuple[str, str], MatriculeHistorique] = {}
    remarques: list[str] = []
    for bloc in individu.findall(_ns("INSHISTO")):
        numero, oid, _ = _matricule(bloc)
        # The OID may be left out of a former matricule: it is then that of the active one.
        oid = oid or oid_actif
        if not numero or (numero, oid) == (actif, oid_actif):
            continue
        debut, fin = texte(bloc, _ns("DateDeb"))[:10], texte(bloc, _ns("DateFin"))[:10]
        if debut and fin and fin < debut:
            remarques.append("Un ancien matricule donné par INSi a une fin avant son début.")
        anciens.setdefault((numero, oid), MatriculeHistorique(numero, oid, debut, fin))
    return tuple(anciens.values()), remarques


def erreur_de_faute(faute: Faute) -> ErreurService:
    """The error of a SOAP fault (`spec/ins.md` §4.4). Unknown codes are shown verbatim."""
    code = faute.code_officiel
    codes = code.lower()
    suite = faute.texte
    if "desir_550" in codes:
        return Refuse(phrase("INSi ne reconnaît pas l’autorisation de ce logiciel", suite),
                      service="insi", code=code, remede=Remede.SIGNALER, classe=ClasseErreur.AUTH)
    if "desir_560" in codes:
        return Refuse(phrase("INSi ne reconnaît pas à ce certificat le droit de l’appeler", suite),
                      service="insi", code=code, remede=Remede.SIGNALER, classe=ClasseErreur.AUTH)
    if re.search(r"failedauthentication|invalidsecurity|messageexpired|securitytoken", codes):
        return SessionExpiree(phrase("INSi n’accepte pas votre authentification", suite),
                              service="insi", code=code)
    if faute.code in ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown"):
        return Invalide(phrase("INSi ne comprend pas la demande", suite), service="insi", code=code)
    if faute.code in ("Receiver", "Server"):
        return Indisponible(phrase("Le téléservice INSi a rencontré une erreur", suite),
                            service="insi", code=code)
    return Rejete(phrase("INSi n’a pas pu traiter la demande", suite), service="insi", code=code,
                  remede=Remede.REESSAYER)


def _ns(nom: str) -> str:
    return f"{{{NS_RESULTAT}}}{nom}"


def _illisible(pourquoi: str) -> Invalide:
    return Invalide(f"INSi a renvoyé une réponse {pourquoi}.", service="insi",
                    remede=Remede.REESSAYER)
