"""The outbox: orders to the outside, claimed one by one under a lease (`spec/dmp.md` §16)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, exists, func, insert, select, update

from app.domain.confidentialite import ENTIER, Regard
from app.domain.outbox import TRANSITIONS, Destination, Etape, EtatOrdre, Ordre
from app.domain.outbox_rules import transition_permise
from app.store.errors import ChangementInterdit, Introuvable
from app.store.moments import Instant, local, utc
from app.store.regard import documents_visibles
from app.store.repos.base import Depot
from app.store.tables import T_DOCUMENT, T_ETAPE, T_ORDRE, T_PATIENT

#: States after which nothing comes.
FINALS = [etat.value for etat, suites in TRANSITIONS.items() if not suites]
_A_PRENDRE = (EtatOrdre.PROGRAMME.value, EtatOrdre.ATTENTE_TECHNIQUE.value)
#: In the list: first what waits for the user, then the queue, then what ended.
_URGENCE = case(
    (T_ORDRE.c.etat == EtatOrdre.REFUSE.value, 0),
    (T_ORDRE.c.etat.in_(FINALS), 2), else_=1)
MOTIF_INTERROMPU = ("Envoi interrompu : Pléiade vérifie d’abord si le document est arrivé, "
                    "puis le renvoie s’il le faut.")


class Outbox(Depot):
    """Repository of the orders. What is made for people looks through `regard`: `lister`,
    `compter_refuses`, `compter_visibles`, `visible`."""

    def __init__(self, connexion: Connection, regard: Regard = ENTIER) -> None:
        super().__init__(connexion)
        self._regard = regard

    def ajouter(self, destination: Destination, document_id: int, patient_id: int,
                auteur_id: int, pas_avant: Instant,
                etat: EtatOrdre = EtatOrdre.PROGRAMME, *, motif: str = "", code: str = "",
                remede: str = "") -> Ordre:
        """Put an order in the queue; `pas_avant` is UTC. An order may be born held."""
        groupe = self._c.execute(select(T_DOCUMENT.c.set_id).where(
            T_DOCUMENT.c.id == document_id)).scalar() or f"document:{document_id}"
        id = self._c.execute(insert(T_ORDRE).values(
            destination=destination.value, document_id=document_id, patient_id=patient_id,
            auteur_id=auteur_id, groupe=groupe, etat=etat.value, pas_avant=utc(pas_avant),
            essais=0, prochain_essai="", bail="", motif=motif, code=code, remede=remede,
            incertain=False, cree_le=local(), termine_le="", version=1,
        )).inserted_primary_key[0]  # type: ignore[index]
        self._etape(id, etat, motif, code)
        return self.lire(id)

    def prendre(self, maintenant: Instant | None = None, *, auteur_id: int,
                bail_s: int = 120) -> Ordre | None:
        """Claim the next due order of an author until the lease ends, or None.

        Two callers never get the same order. An order waits for the earlier ones of its document
        set; leases that ran out are taken back first, as uncertain.
        """
        self.reprendre_bails_expires(maintenant)
        quand = utc(maintenant)
        t, plus_tot = T_ORDRE.c, T_ORDRE.alias("plus_tot")
        avant = exists().where(
            plus_tot.c.destination == t.destination, plus_tot.c.groupe == t.groupe,
            plus_tot.c.id < t.id, plus_tot.c.etat.not_in(FINALS))
        candidat = self._c.execute(
            select(t.id, t.essais).where(
                t.etat.in_(_A_PRENDRE), t.auteur_id == auteur_id, t.pas_avant <= quand,
                t.prochain_essai <= quand, ~avant)
            .order_by(t.pas_avant, t.id).limit(1).with_for_update(skip_locked=True)).first()
        if candidat is None:
            return None
        bail = utc(datetime.fromisoformat(quand) + timedelta(seconds=bail_s))
        self._modifier(T_ORDRE, candidat.id, None, etat=EtatOrdre.EN_COURS.value, bail=bail,
                       essais=candidat.essais + 1, prochain_essai="")
        self._etape(candidat.id, EtatOrdre.EN_COURS, "")
        return self.lire(candidat.id)

    def terminer(self, id: int, *, etat: EtatOrdre, motif: str = "", code: str = "",
                 remede: str = "", prochain_essai: Instant = "", incertain: bool = False,
                 version: int | None = None) -> Ordre:
        """Write what came of a sending, and end its lease.

        :param version: the one `prendre` gave: refuses when the lease was lost meanwhile.
        :raises ChangementInterdit: the order isn't being sent (any more).
        """
        if self._etat(id) is not EtatOrdre.EN_COURS:
            raise ChangementInterdit("Cet envoi n’est plus en cours.")
        self._passer(id, EtatOrdre.EN_COURS, etat, version, motif=motif, code=code, remede=remede,
                     incertain=incertain,
                     prochain_essai=utc(prochain_essai) if prochain_essai else "")
        return self.lire(id)

    def changer(self, id: int, etat: EtatOrdre, *, version: int) -> Ordre:
        """The user holds, frees, cancels or retries an order. What is on its way can't be held.

        :raises ChangementInterdit: no such transition. :raises ConflitVersion: changed meanwhile.
        """
        avant = self._etat(id)
        if avant is EtatOrdre.EN_COURS:
            raise ChangementInterdit("Ce document est en cours d’envoi : attendez la fin.")
        self._passer(id, avant, etat, version, prochain_essai="", motif="", code="", remede="")
        return self.lire(id)

    def lister(self, limite: int = 200) -> list[Ordre]:
        """Orders: those to solve first, then the queue, then those ended; newest first."""
        return self._lire(documents_visibles(self._regard), limite=limite)

    def du_patient(self, patient_id: int) -> list[Ordre]:
        """Orders of a patient, newest first."""
        return self._lire(T_ORDRE.c.patient_id == patient_id)

    def par_document(self, document_id: int) -> list[Ordre]:
        """Orders of a document, newest first."""
        return self._lire(T_ORDRE.c.document_id == document_id)

    def lire(self, id: int) -> Ordre:
        """An order. :raises Introuvable: no such order."""
        ordres = self._lire(T_ORDRE.c.id == id)
        if not ordres:
            raise Introuvable("Cet envoi n’existe pas.")
        return ordres[0]

    def compter_refuses(self) -> int:
        """Orders that wait for a decision of the user, among those that the list shows."""
        return self._compter(T_ORDRE.c.etat == EtatOrdre.REFUSE.value)

    def compter_visibles(self, patient_id: int) -> int:
        """Orders of a patient that the list shows."""
        return self._compter(T_ORDRE.c.patient_id == patient_id)

    def visible(self, id: int) -> bool:
        """True when the document of an order is for these eyes."""
        return bool(self._compter(T_ORDRE.c.id == id))

    def _compter(self, condition: ColumnElement[bool]) -> int:
        return int(self._c.execute(select(func.count()).select_from(T_ORDRE).join(
            T_DOCUMENT, T_DOCUMENT.c.id == T_ORDRE.c.document_id).where(
            condition, documents_visibles(self._regard))).scalar_one())

    def reprendre_bails_expires(self, maintenant: Instant | None = None) -> int:
        """Take back orders whose sender died: they wait, uncertain. Returns their number."""
        t = T_ORDRE.c
        perdus = list(self._c.execute(select(t.id).where(
            t.etat == EtatOrdre.EN_COURS.value, t.bail <= utc(maintenant))
            .with_for_update(skip_locked=True)).scalars())
        for id in perdus:
            self._passer(id, EtatOrdre.EN_COURS, EtatOrdre.ATTENTE_TECHNIQUE, None, incertain=True,
                         motif=MOTIF_INTERROMPU, code="", remede="", prochain_essai="")
        return len(perdus)

    def avancer_en_attente(self, maintenant: Instant | None = None, *, auteur_id: int) -> int:
        """The connection is back: waiting orders of an author are due now. Returns how many."""
        t = T_ORDRE.c
        return self._c.execute(
            update(T_ORDRE).where(t.etat == EtatOrdre.ATTENTE_TECHNIQUE.value,
                                  t.auteur_id == auteur_id, t.prochain_essai > utc(maintenant))
            .values(prochain_essai="", version=t.version + 1)).rowcount

    # -- inside ---------------------------------------------------------------------------------

    def _etat(self, id: int) -> EtatOrdre:
        etat = self._c.execute(select(T_ORDRE.c.etat).where(T_ORDRE.c.id == id)).scalar()
        if etat is None:
            raise Introuvable("Cet envoi n’existe pas.")
        return EtatOrdre(etat)

    def _passer(self, id: int, avant: EtatOrdre, apres: EtatOrdre, version: int | None,
                **valeurs: Any) -> None:
        if not transition_permise(avant, apres):
            raise ChangementInterdit()
        fini = local() if apres.value in FINALS else ""
        self._modifier(T_ORDRE, id, version, etat=apres.value, bail="", termine_le=fini, **valeurs)
        self._etape(id, apres, valeurs.get("motif", ""), valeurs.get("code", ""))

    def _etape(self, id: int, etat: EtatOrdre, texte: str, code: str = "") -> None:
        self._c.execute(insert(T_ETAPE).values(
            ordre_id=id, horodatage=local(), etat=etat.value, texte=texte, code=code))

    def _lire(self, *conditions: ColumnElement[bool], limite: int | None = None) -> list[Ordre]:
        p = T_PATIENT.c
        requete = select(
            T_ORDRE, T_DOCUMENT.c.titre.label("document_titre"), p.nom_naissance, p.nom_utilise,
            p.premier_prenom, p.prenom_utilise,
        ).join_from(T_ORDRE, T_DOCUMENT, T_DOCUMENT.c.id == T_ORDRE.c.document_id).join(
            T_PATIENT, p.id == T_ORDRE.c.patient_id).where(*conditions).order_by(
            _URGENCE, T_ORDRE.c.id.desc()).limit(limite)
        lignes = self._c.execute(requete).all()
        etapes = self._etapes([ligne.id for ligne in lignes])
        return [Ordre(
            id=ligne.id, destination=Destination(ligne.destination),
            document_id=ligne.document_id, patient_id=ligne.patient_id,
            auteur_id=ligne.auteur_id, etat=EtatOrdre(ligne.etat), pas_avant=ligne.pas_avant,
            essais=ligne.essais, prochain_essai=ligne.prochain_essai, motif=ligne.motif,
            code=ligne.code, remede=ligne.remede, incertain=ligne.incertain,
            document_titre=ligne.document_titre,
            patient_nom=f"{ligne.nom_utilise or ligne.nom_naissance} "
                        f"{ligne.prenom_utilise or ligne.premier_prenom}".strip(),
            etapes=tuple(etapes.get(ligne.id, ())), cree_le=ligne.cree_le,
            termine_le=ligne.termine_le, version=ligne.version) for ligne in lignes]

    def _etapes(self, ids: list[int]) -> dict[int, list[Etape]]:
        etapes: dict[int, list[Etape]] = {}
        t = T_ETAPE.c
        for lot in _lots(ids):
            for ligne in self._c.execute(
                    select(t.ordre_id, t.horodatage, t.etat, t.texte, t.code)
                    .where(t.ordre_id.in_(lot)).order_by(t.id)):
                etapes.setdefault(ligne.ordre_id, []).append(
                    Etape(ligne.horodatage, EtatOrdre(ligne.etat), ligne.texte, ligne.code))
        return etapes


def _lots(ids: list[int], taille: int = 500) -> Iterable[list[int]]:
    return (ids[i:i + taille] for i in range(0, len(ids), taille))
