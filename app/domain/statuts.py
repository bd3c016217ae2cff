"""The status machine of an identity: every transition of `spec/ins.md` §2, and no other.

Each function takes an identity and returns the next one; a transition that the référentiel does
not know raises `TransitionInterdite` with a French sentence. Nothing else in the house writes
`statut`, `matricule_ins` or `oid`.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain import dates, matricule
from app.domain.identity import (
    OID_NIA,
    Attribut,
    Identite,
    MatriculeHistorique,
    ModeQualification,
    StatutIdentite,
    Traits,
)
from app.domain.justificatifs import HAUTE_CONFIANCE
from app.domain.traits import stricts_modifies

#: Statuses that hold an INSi identity: matricule present, strict traits locked.
AVEC_INSI = frozenset({StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE})
#: Attributes that block INSi and downgrade (rule 25).
BLOQUANTS = frozenset({Attribut.DOUTEUSE, Attribut.FICTIVE})
#: Age of the last INSi answer from which a verification is due: 4 years.
DELAI_VERIFICATION = timedelta(days=4 * 365 + 1)


class TransitionInterdite(Exception):
    """The status machine refuses. `message` is a French sentence for the screen."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def traits_verrouilles(identite: Identite) -> bool:
    """True when the strict traits may not be edited by an ordinary user (rule 26)."""
    return identite.statut in AVEC_INSI


def refus_recuperation(traits_insi: Traits, matricule_ins: str, oid: str) -> str:
    """French reason why an INSi answer must not be retrieved, or empty (rules 11 and 12).

    A wrong key is no reason: published answers hold some (`spec/ins.md` §1.3).
    """
    if dates.a_partie_inconnue(traits_insi.date_naissance):
        return ("La date de naissance rendue par INSi est incomplète (00) : "
                "l’identité ne peut pas être récupérée.")
    if not dates.est_forme_du_fil(traits_insi.date_naissance):
        return "INSi n’a pas rendu de date de naissance : l’identité ne peut pas être récupérée."
    if not traits_insi.nom_naissance:
        return "INSi n’a pas rendu de nom de naissance : l’identité ne peut pas être récupérée."
    if not traits_insi.prenoms:
        return ("INSi n’a pas rendu la liste des prénoms de naissance : "
                "l’identité ne peut pas être récupérée.")
    if traits_insi.sexe not in {"M", "F"}:
        return "INSi n’a pas rendu le sexe : l’identité ne peut pas être récupérée."
    if len(matricule_ins) != 15 or oid not in matricule.OIDS_INS:
        return "INSi n’a pas rendu de matricule complet : l’identité ne peut pas être récupérée."
    return ""


def recuperer(identite: Identite, traits_insi: Traits, matricule_ins: str, oid: str,
              historique: Sequence[MatriculeHistorique], horodatage: str) -> Identite:
    """Accept an INSi answer (00): provisoire → récupérée, validée → qualifiée, else refresh.

    Writes matricule, OID, history and the strict traits of the answer. The first given name is
    never overwritten (rule 6); a birthplace that INSi left out keeps its local value.
    `horodatage` is ISO with offset.

    Raises:
        TransitionInterdite: blocking attribute (rule 25), or incomplete answer (rules 11, 12).
    """
    _refuser_si_bloquee(identite)
    if refus := refus_recuperation(traits_insi, matricule_ins, oid):
        raise TransitionInterdite(refus)
    verifiee = identite.statut in {StatutIdentite.VALIDEE, StatutIdentite.QUALIFIEE}
    return replace(
        _avec_insi(identite, traits_insi, matricule_ins, oid, historique, horodatage),
        statut=StatutIdentite.QUALIFIEE if verifiee else StatutIdentite.RECUPEREE)


def controler_document(identite: Identite, code_justificatif: str, *,
                       haute_confiance: Collection[str] = HAUTE_CONFIANCE) -> Identite:
    """Record a high-trust document: provisoire → validée, récupérée → qualifiée (rule 19).

    `haute_confiance` holds the codes that this practice trusts.

    Raises:
        TransitionInterdite: blocking attribute, or a document that does not prove an identity.
    """
    _refuser_si_bloquee(identite)
    if code_justificatif not in haute_confiance:
        raise TransitionInterdite(
            "Ce document ne suffit pas à valider une identité : demandez une carte d’identité, "
            "un passeport ou un titre de séjour.")
    avec_insi = identite.statut in AVEC_INSI
    return replace(identite, justificatif=code_justificatif,
                   mode_qualification=ModeQualification.DOCUMENT,
                   statut=StatutIdentite.QUALIFIEE if avec_insi else StatutIdentite.VALIDEE)


def qualifier_apcv(identite: Identite, traits_apcv: Traits, matricule_ins: str, oid: str,
                   historique: Sequence[MatriculeHistorique], horodatage: str) -> Identite:
    """Read an appli carte Vitale: qualifiée at once, whatever the status before (SC.INS.04).

    Raises:
        TransitionInterdite: blocking attribute, or incomplete identity.
    """
    _refuser_si_bloquee(identite)
    if refus := refus_recuperation(traits_apcv, matricule_ins, oid):
        raise TransitionInterdite(refus)
    return replace(
        _avec_insi(identite, traits_apcv, matricule_ins, oid, historique, horodatage),
        statut=StatutIdentite.QUALIFIEE, mode_qualification=ModeQualification.APCV)


def qualifier_procedure_transitoire(identite: Identite, *, active: bool) -> Identite:
    """Qualify a récupérée identity of a known patient by the procédure spécifique transitoire.

    `active` is the setting of the practice.

    Raises:
        TransitionInterdite: switched off, blocking attribute, or another status than récupérée.
    """
    _refuser_si_bloquee(identite)
    if not active:
        raise TransitionInterdite("La procédure spécifique transitoire n’est pas activée.")
    if identite.statut is not StatutIdentite.RECUPEREE:
        raise TransitionInterdite(
            "La procédure spécifique transitoire ne s’applique qu’à une identité récupérée.")
    return replace(identite, statut=StatutIdentite.QUALIFIEE,
                   mode_qualification=ModeQualification.PROCEDURE_TRANSITOIRE)


def modifier_traits(identite: Identite, traits: Traits, *,
                    super_utilisateur: bool = False) -> Identite:
    """Edit traits. Complementary ones always; strict ones as rules 26 and 27 say.

    A strict trait changed by a super user takes the INSi proof away: récupérée → provisoire,
    qualifiée → validée; an identity qualified without any document (procédure transitoire) has
    nothing left and becomes provisoire.

    Raises:
        TransitionInterdite: strict trait of a locked identity, ordinary user.
    """
    if not stricts_modifies(identite.traits, traits) or not traits_verrouilles(identite):
        return replace(identite, traits=traits)
    if not super_utilisateur:
        raise TransitionInterdite(
            "Ce trait vient d’INSi : il ne peut être modifié que par une personne habilitée.")
    sans_insi = replace(_invalider(identite), traits=traits)
    if (identite.statut is StatutIdentite.QUALIFIEE
            and identite.mode_qualification is not ModeQualification.PROCEDURE_TRANSITOIRE):
        return replace(sans_insi, statut=StatutIdentite.VALIDEE)
    return _provisoire(sans_insi)


def poser_attribut(identite: Identite, attribut: Attribut) -> Identite:
    """Add an attribute. Douteuse and fictive → provisoire, matricule invalidated (rule 25, 27)."""
    avec = replace(identite, attributs=identite.attributs | {attribut})
    if attribut not in BLOQUANTS:
        return avec
    return replace(_provisoire(_invalider(avec)), justificatif="")


def retirer_attribut(identite: Identite, attribut: Attribut) -> Identite:
    """Remove an attribute; the status does not come back by itself."""
    return replace(identite, attributs=identite.attributs - {attribut})


def verification_ko(identite: Identite) -> Identite:
    """INSi no longer knows this identity: provisoire, matricule invalidated (rule 49).

    `justificatif` stays, so that the window can propose to confirm the document already seen.

    Raises:
        TransitionInterdite: the identity holds no INSi answer.
    """
    if identite.statut not in AVEC_INSI:
        raise TransitionInterdite("Cette identité ne vient pas d’INSi : rien à vérifier.")
    return _provisoire(_invalider(identite))


def verification_ok(identite: Identite, horodatage: str) -> Identite:
    """INSi confirms: the date of the last answer is refreshed.

    Raises:
        TransitionInterdite: the identity holds no INSi answer.
    """
    if identite.statut not in AVEC_INSI:
        raise TransitionInterdite("Cette identité ne vient pas d’INSi : rien à vérifier.")
    return replace(identite, date_insi=horodatage)


def appel_insi_possible(identite: Identite, *, par_carte: bool = False) -> str:
    """French reason why no INSi call may be made, or empty.

    `par_carte` says that the call uses the carte Vitale, hence needs no trait.
    """
    if Attribut.DOUTEUSE in identite.attributs:
        return "Identité douteuse : l’appel INSi est bloqué."
    if Attribut.FICTIVE in identite.attributs:
        return "Identité fictive : l’appel INSi est bloqué."
    if par_carte:
        return ""
    traits = identite.traits
    if not (traits.nom_naissance and traits.premier_prenom and traits.date_naissance):
        return "Nom, prénom et date de naissance sont nécessaires à l’appel INSi."
    if traits.sexe not in {"M", "F"}:
        return "INSi ne connaît que les sexes M et F : lisez la carte Vitale."
    return ""


def verification_due(identite: Identite, maintenant: datetime, *,
                     evenement: bool = False) -> bool:
    """True when INSi should be asked to confirm (SC.INS.12, .13).

    After 4 years, or at each `evenement` (file opened, appointment, document received) when the
    matricule is a NIA. A date that can't be read, or lies in the future, counts as too old.
    `maintenant` is aware.
    """
    if identite.statut not in AVEC_INSI:
        return False
    if evenement and identite.oid == OID_NIA:
        return True
    try:
        dernier = datetime.fromisoformat(identite.date_insi)
    except ValueError:
        return True
    if dernier.tzinfo is None:
        dernier = dernier.replace(tzinfo=maintenant.tzinfo)
    depuis = maintenant - dernier
    return depuis >= DELAI_VERIFICATION or depuis < -timedelta(days=1)


def _refuser_si_bloquee(identite: Identite) -> None:
    if identite.attributs & BLOQUANTS:
        raise TransitionInterdite(
            "Identité douteuse ou fictive : retirez d’abord cet attribut.")


def _avec_insi(identite: Identite, traits: Traits, matricule_ins: str, oid: str,
               historique: Sequence[MatriculeHistorique], horodatage: str) -> Identite:
    """Write an INSi identity, keeping what INSi never fills."""
    local = identite.traits
    nouveaux = replace(
        local, nom_naissance=traits.nom_naissance, prenoms=traits.prenoms,
        premier_prenom=local.premier_prenom or traits.premier_prenom,
        date_naissance=traits.date_naissance, sexe=traits.sexe,
        lieu_naissance=traits.lieu_naissance or local.lieu_naissance)
    return replace(identite, traits=nouveaux, matricule_ins=matricule_ins, oid=oid,
                   historique=tuple(historique), date_insi=horodatage)


def _invalider(identite: Identite) -> Identite:
    """Forget what INSi gave; the history of the file keeps the former values."""
    return replace(identite, matricule_ins="", oid="", date_insi="", historique=())


def _provisoire(identite: Identite) -> Identite:
    return replace(identite, statut=StatutIdentite.PROVISOIRE,
                   mode_qualification=ModeQualification.AUCUN)
