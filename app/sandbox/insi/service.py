"""The INSi endpoint: three operations on one path (`spec/ins.md` §4)."""

import asyncio
from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox import identites
from app.sandbox.appel import Appel, CorpsTropGrand, executer, ouvrir
from app.sandbox.identites import Personne
from app.sandbox.insi.controles import (
    controler_assertion,
    controler_certificat,
    controler_cps,
    controler_entetes,
    faute_siram,
)
from app.sandbox.insi.recherche import Registre, TraitsInvalides, Trouvaille
from app.sandbox.lecture_xml import Element, enfant, enfants, nom_local, texte
from app.sandbox.soap import (
    FauteSoap,
    Message,
    bombe,
    controler_adressage,
    enveloppe,
    faute,
    lire_message,
    reponse,
    xml,
)

_BASE = "urn:ServiceIdentiteCertifiee:"
#: Action -> (name of the operation, element of the body, its namespace). The namespace of the
#: verification is not known here: any is accepted.
OPERATIONS = {
    _BASE + "1.0.0:rechercherInsAvecTraitsIdentite":
        ("recherche_traits", "RECSANSVITALE", "http://www.cnamts.fr/INSiRecSans"),
    _BASE + "1.0.0:rechercherInsAvecCarteVitale":
        ("recherche_carte", "RECVITALE", "http://www.cnamts.fr/INSiRecVit"),
    _BASE + "2.0.0:verifierInsAvecTraitsIdentite": ("verification", "VERIFINS", None),
}
_LIBELLES = {"00": "OK", "01": "Aucune identite trouvee", "02": "Plusieurs identites trouvees"}
_NS_RESULTAT = "http://www.cnamts.fr/INSiResultat"
#: Prefixes change from one answer to the next, as the real service's do.
_PREFIXES = (("soap", "soap", "soap"), ("soap", "soap", "S"), ("env", "env", "env"),
             ("soap", "env", "env"))
_MESSAGE_ID = r"(urn:)?uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class ServiceInsi:
    """State and routes of INSi."""

    def __init__(self) -> None:
        self.registre = Registre(identites.charger())
        self._messages: set[str] = set()
        self._reponses = 0

    def oublier(self) -> None:
        """Back to the state of the start."""
        self.registre.demandes.clear()
        self._messages.clear()

    def routes(self, etat: Any) -> list[Route]:
        """`/insi/lps` behind the API PSC; `/lps` with an organisation certificate; `/cps/lps` with
        the assertion of a CPS (another host, for real)."""
        def route(chemin: str, mode: str) -> Route:
            async def point(requete: Request) -> Response:
                try:
                    appel = await ouvrir(etat, "insi", requete)
                except CorpsTropGrand:
                    return Response(status_code=413)
                return await self._recevoir(appel, mode)
            return Route(chemin, point, methods=["POST"])
        return [route("/insi/lps", "psc"), route("/insi", "psc"), route("/lps", "certificat"),
                route("/cps/lps", "cps")]

    async def _recevoir(self, appel: Appel, mode: str) -> Response:
        message: Message | FauteSoap
        try:
            message = lire_message(appel.corps)
            operation = OPERATIONS.get(message.action, ("inconnue", "", None))[0]
        except FauteSoap as e:
            message, operation = e, "illisible"

        async def traiter(appel: Appel) -> Response:
            return await self._traiter(appel, message, mode)
        return await executer(appel, operation, traiter)

    async def _traiter(self, appel: Appel, message: Message | FauteSoap, mode: str
                       ) -> Response:
        relates_to = "" if isinstance(message, FauteSoap) else message.message_id
        sujet = ""
        if mode == "psc":
            claims = appel.etat.edc.controler(appel, "insi")
            if isinstance(claims, Response):
                return claims
            sujet = str(claims["SubjectNameID"])
            appel.noter(sujet=sujet, mode="api_psc")
        try:
            if isinstance(message, FauteSoap):
                raise message
            return await self._repondre(appel, message, mode, sujet)
        except FauteSoap as e:
            appel.noter(code=e.code, description=e.message)
            return reponse(faute(e, relates_to), e.http)

    async def _repondre(self, appel: Appel, message: Message, mode: str, sujet: str
                        ) -> Response:
        panne = appel.panne("fault")
        if panne is not None:
            valeur = panne.valeur if isinstance(panne.valeur, dict) else {"code": panne.valeur}
            erreur = faute_siram(str(valeur.get("code") or "insi_900"),
                                 str(valeur.get("texte") or "Service indisponible"))
            erreur.http = int(valeur.get("http", 500))
            raise erreur
        if appel.panne("xml_bombe"):
            return reponse(bombe(appel.panne("xml_bombe").valeur))  # type: ignore[union-attr]
        controler_adressage(message, appel.requete.headers.get("content-type", ""),
                            frozenset(OPERATIONS), self._messages, _MESSAGE_ID)
        _, racine, espace = OPERATIONS[message.action]
        if nom_local(message.corps) != racine or espace not in (
                None, etree.QName(message.corps).namespace):
            raise faute_siram("bas_requete", f"Élément {racine} attendu")
        contexte = controler_entetes(message, appel.etat.horloge.utc())
        if mode == "psc":
            controler_assertion(appel, message, sujet, contexte.emetteur)
        elif mode == "cps":
            controler_cps(appel, message, contexte.emetteur)
        else:
            controler_certificat(appel, contexte.emetteur)
        try:
            trouvaille = self._chercher(appel, message.corps, contexte.couverture)
        except TraitsInvalides as e:
            raise faute_siram("bas_traits", f"Trait invalide : {e}") from e
        trouvaille = self._panne_fonctionnelle(appel, trouvaille)
        comportement = trouvaille.personne.comportement if trouvaille.personne else ""
        if comportement.startswith("delai:"):
            await asyncio.sleep(float(comportement[6:]))
        elif comportement.startswith("http:"):
            return Response(status_code=int(comportement[5:]))
        appel.noter(code=trouvaille.code)
        self._reponses += 1
        autre = appel.panne("relates_to") is not None
        return reponse(enveloppe(
            _resultat(trouvaille), action=message.action + "Response",
            relates_to="uuid:00000000-0000-4000-8000-000000000000" if autre
            else message.message_id,
            prefixes=_PREFIXES[self._reponses % len(_PREFIXES)]))

    def _panne_fonctionnelle(self, appel: Appel, trouvaille: Trouvaille) -> Trouvaille:
        panne = appel.panne("code", "autre_patient")
        if panne is None:
            return trouvaille
        if panne.type == "code":
            return Trouvaille(str(panne.valeur or "01"))
        autre = next(p for p in self.registre.personnes
                     if trouvaille.personne is None or p.matricule != trouvaille.personne.matricule)
        return Trouvaille("00", autre)

    def _chercher(self, appel: Appel, corps: Element, couverture: Element) -> Trouvaille:
        if appel.operation == "recherche_traits":
            cog = texte(corps, "LieuNaissance")
            appel.noter(avec_cog=bool(cog))
            return self.registre.par_traits(
                texte(corps, "NomNaissance"), [texte(p) for p in enfants(corps, "Prenom")],
                texte(corps, "Sexe"), texte(corps, "DateNaissance"), cog)
        if appel.operation == "recherche_carte":
            if enfant(couverture, "BENEFICIAIRE") is None:
                raise faute_siram("bas_contexte", "COUVERTURE sans bénéficiaire")
            individu, ouvrant = (texte(corps, m, "NumIdentifiant") + texte(corps, m, "Cle")
                                 for m in ("MatriculeIndividu", "MatriculeOD"))
            return self.registre.par_carte(
                individu, ouvrant, texte(corps, "DateNaissance"), texte(corps, "RangNaissance"))
        verifie = enfant(corps, "IndividuVerifie")
        if verifie is None:
            raise faute_siram("bas_requete", "IndividuVerifie attendu")
        ins = enfant(verifie, "INSFourni")
        traits = enfant(verifie, "TraitsIdentiteIndividu")
        champs = [texte(traits, n) for n in ("NomNaissance", "ListePrenom", "Sexe",
                                             "DateNaissance", "LieuNaissance")]
        matricule = (texte(ins, "IdIndividu", "NumIdentifiant")
                     + texte(ins, "IdIndividu", "Cle"))
        if not matricule or not texte(ins, "OID") or not all(champs):
            raise faute_siram("bas_traits", "Vérification incomplète")
        juste = self.registre.verifier(matricule, texte(ins, "OID"),
                                       (champs[0], champs[1], champs[2], champs[3], champs[4]))
        return Trouvaille("00" if juste else "01")


def _resultat(trouvaille: Trouvaille) -> str:
    code = trouvaille.code
    return (f'<r:RESULTAT xmlns:r="{_NS_RESULTAT}"><r:CR><r:CodeCR>{xml(code)}</r:CodeCR>'
            f"<r:LibelleCR>{_LIBELLES.get(code, 'Erreur')}</r:LibelleCR></r:CR>"
            f"{_individu(trouvaille.personne) if trouvaille.personne else ''}</r:RESULTAT>")


def _individu(p: Personne) -> str:
    def ins(balise: str, numero: str, cle: str, oid: str, genre: str, debut: str, fin: str) -> str:
        dates = (f"<r:DateDeb>{debut}</r:DateDeb>" if debut else "") + (
            f"<r:DateFin>{fin}</r:DateFin>" if fin else "")
        return (f"<r:{balise}><r:IdIndividu><r:NumIdentifiant>{numero}</r:NumIdentifiant>"
                f"<r:Cle>{cle}</r:Cle><r:TypeMatricule>{genre}</r:TypeMatricule></r:IdIndividu>"
                f"<r:OID>{oid}</r:OID>{dates}</r:{balise}>")
    liste = f"<r:ListePrenom>{xml(p.liste_prenoms)}</r:ListePrenom>" if p.liste_prenoms else ""
    # `Prenom` comes with or without ListePrenom; here for every second person.
    prenom = (f"<r:Prenom>{xml(p.prenom)}</r:Prenom>"
              if not p.liste_prenoms or int(p.matricule[-2:]) % 2 else "")
    ancien = "1.2.250.1.213.1.4.9" if p.comportement == "devient_nir" else p.oid
    return ("<r:INDIVIDU>"
            + ins("INSACTIF", p.numero, p.matricule[13:], p.oid, p.type, "", "")
            + "".join(ins("INSHISTO", a.numero, a.cle, ancien,
                          "NIA" if ancien.endswith(".9") else p.type, a.debut, a.fin)
                      for a in p.historique)
            + f"<r:TIQ><r:NomNaissance>{xml(p.nom)}</r:NomNaissance>{prenom}{liste}"
              f"<r:Sexe>{p.sexe}</r:Sexe><r:DateNaissance>{p.date_naissance}</r:DateNaissance>"
              f"<r:LieuNaissance>{p.cog}</r:LieuNaissance></r:TIQ></r:INDIVIDU>")
