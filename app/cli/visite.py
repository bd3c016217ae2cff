"""The guided visit: the main job played in the real window, step by step.

Leaves numbered captures, the documents read and written (`*.xml`, `*.pdf`) and a log.
"""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from app.cli.pilote import Pilote, RienVu
from app.cli.serveurs import BacASable
from app.documents.courrier import blocs_simples
from app.domain.document import OrigineDocument
from app.domain.identity import StatutIdentite
from app.domain.outbox import EtatOrdre
from app.ui.lancer import Application, OptionsFenetre, nouvelle_application
from app.usecases import outbox, patients

if TYPE_CHECKING:
    from app.usecases.context import Contexte

PATIENT = "ADRUN"
TEXTE = """# Plaie de la jambe gauche
Pansement hydrocellulaire refait ce jour. Plaie de 4 × 3 cm, bords nets, exsudat faible.
- Douleur 2 sur 10 au retrait
- Contention posée, bien tolérée

# Suite
Prochain passage lundi. INR à contrôler avec le prochain bilan."""


class Visite:
    """Plays the visit.

    Args:
        options: of the window (throw-away file, software reader).
        bac: doubles and proxy.
        dossier: where captures, documents and log go.
        taille: size of the window.
    """

    def __init__(self, options: OptionsFenetre, bac: BacASable, dossier: Path,
                 taille: tuple[int, int]) -> None:
        self._options, self._bac, self._dossier, self._taille = options, bac, dossier, taille
        self._debut = time.monotonic()
        self._journal = (dossier / "visite.log").open("w", encoding="utf-8")
        self.nombre = 0

    def jouer(self) -> int:
        """Play everything; 0, or 1 when a step didn't come true (the log says which)."""
        qt = nouvelle_application()
        application = Application(self._options, qt)
        application.fenetre.resize(*self._taille)
        pilote = Pilote(application.fenetre, self._dossier, self._noter)
        try:
            self._etapes(application, pilote)
        except RienVu as erreur:
            self._noter(f"ARRÊT {erreur}")
            pilote.capturer("arret")
            return 1
        finally:
            self.nombre = pilote.nombre
            application.fermer()
            self._journal.close()
        return 0

    def _noter(self, texte: str) -> None:
        self._journal.write(f"{time.monotonic() - self._debut:7.2f} s  {texte}\n")
        self._journal.flush()

    # -- The steps --------------------------------------------------------------------------

    def _etapes(self, application: Application, pilote: Pilote) -> None:
        self._noter(f"visite du {datetime.now().astimezone():%d/%m/%Y %H:%M}")
        application.demarrer()
        pilote.attendre(lambda: pilote.bouton("Déverrouiller"))
        pilote.capturer("deverrouillage")
        pilote.cliquer("Déverrouiller")
        pilote.attendre(lambda: pilote.voit("Tournée du matin"), "la tournée")
        assert application.ctx is not None and application.assemblage is not None
        ctx = application.ctx
        pilote.capturer("tournee")

        pilote.cliquer("Se connecter")
        pilote.laisser(0.3)
        pilote.capturer("pro-sante-connect")
        if pilote.bouton("S’identifier avec Pro Santé Connect"):
            pilote.cliquer("S’identifier avec Pro Santé Connect")
        session = application.assemblage.session
        pilote.attendre(lambda: session.etat.connecte, "session ouverte")
        pilote.laisser(0.3)

        self._inserer_carte()
        pilote.attendre(lambda: self._statut(ctx) is StatutIdentite.RECUPEREE,
                        "identité récupérée")
        pilote.attendre(lambda: pilote.voit("Récupérée"), "le dossier de la patiente")
        pilote.capturer("carte-vitale-identite-recuperee")

        pilote.cliquer("Identité récupérée")
        pilote.laisser(0.2)
        pilote.capturer("document-d-identite")
        pilote.choisir("Carte nationale")
        pilote.attendre(lambda: self._statut(ctx) is StatutIdentite.QUALIFIEE, "identité qualifiée")
        pilote.attendre(lambda: pilote.voit("Qualifiée"))

        if not pilote.bouton("Le patient consent"):
            pilote.cliquer("DMP non consultable")
        pilote.attendre(lambda: pilote.bouton("Le patient consent"))
        pilote.capturer("dica-consentement")
        pilote.cliquer("Le patient consent")
        pilote.attendre(lambda: pilote.bouton("Ouvrir le plus récent"), "documents du DMP comptés")
        pilote.capturer("dmp-consultable")

        pilote.cliquer("Ouvrir le plus récent")
        pilote.attendre(lambda: pilote.bouton("Intégrer"), "document ouvert")
        pilote.laisser(1.0)
        pilote.capturer("document-du-dmp")
        pilote.cliquer("Structuré")
        pilote.laisser(0.8)
        pilote.capturer("vue-structuree")
        pilote.cliquer("PDF")
        pilote.cliquer("Intégrer")
        pilote.attendre(lambda: self._documents(ctx, OrigineDocument.DMP), "document intégré")
        pilote.laisser(0.5)
        pilote.capturer("document-integre")

        self._ecrire(application, pilote)
        pilote.attendre(lambda: any(o.etat is EtatOrdre.ENVOYE for o in outbox.lister_envois(ctx)),
                        "document envoyé")
        application.fenetre.aller("envois")
        pilote.attendre(lambda: pilote.voit("Envois"))
        pilote.laisser(0.8)
        pilote.capturer("envois")
        application.fenetre.aller("dossier")
        pilote.laisser(0.8)
        pilote.capturer("dossier-apres-envoi")
        application.assemblage.reglages.ouvrir("a_propos")
        pilote.laisser(0.5)
        pilote.capturer("a-propos")
        self._garder_documents(ctx)
        application.verrouiller()
        pilote.laisser(0.4)
        pilote.capturer("verrouillage")
        self._noter(f"fin : {pilote.nombre} captures, {pilote.clics} clics")

    def _ecrire(self, application: Application, pilote: Pilote) -> None:
        """Write a report in the file, look at its PDF, validate."""
        page = application.fenetre.page("dossier")
        page.aller("courriers")  # type: ignore[attr-defined]
        pilote.laisser(0.3)
        pilote.capturer("nouveau-courrier")
        vue = page.courriers  # type: ignore[attr-defined]
        vue.nouveau_demande.emit("11506-3")
        pilote.attendre(lambda: vue.brouillon is not None, "brouillon commencé")
        vue.texte.poser(blocs_simples(TEXTE))
        pilote.laisser(3.0)
        pilote.capturer("courrier-et-apercu")
        pilote.cliquer("Valider et envoyer")

    # -- Helpers ----------------------------------------------------------------------------

    def _inserer_carte(self) -> None:
        self._noter(f"carte Vitale de {PATIENT} dans le lecteur")
        httpx.post(f"{self._bac.controle}/controle/carte/inserer", timeout=60,
                   json={"nom": PATIENT}).raise_for_status()

    def _patient_id(self, ctx: "Contexte") -> int:
        return patients.chercher(ctx, PATIENT)[0].id

    def _statut(self, ctx: "Contexte") -> StatutIdentite:
        return patients.chercher(ctx, PATIENT)[0].statut

    def _documents(self, ctx: "Contexte", origine: OrigineDocument) -> list[int]:
        with ctx.store.lecture() as u:
            return [f.id for f in u.documents.lister(self._patient_id(ctx))
                    if f.origine is origine]

    def _garder_documents(self, ctx: "Contexte") -> None:
        """Copy the documents of the file beside the captures."""
        with ctx.store.lecture() as u:
            for fiche in u.documents.lister(self._patient_id(ctx)):
                nom = f"document-{fiche.id}-{fiche.origine.value}"
                for empreinte, suffixe in ((fiche.cda_sha256, "xml"), (fiche.pdf_sha256, "pdf")):
                    if empreinte:
                        (self._dossier / f"{nom}.{suffixe}").write_bytes(
                            u.documents.contenu(empreinte))

