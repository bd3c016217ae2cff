"""Settings of a nursing centre: how INSi and the DMP are reached without a user's session."""

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from app.domain.roles import Droit
from app.usecases.concurrence import Champ, enregistrer_valeur, oui_non
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte

CLE = "centre"

#: How INSi is called: code, label. « auto »: the session if there is one, else the certificate.
MODES_INSI: tuple[tuple[str, str], ...] = (
    ("auto", "Automatique"),
    ("psc_proxy", "Session Pro Santé Connect"),
    ("certificat_structure", "Certificat de la structure"),
    ("cps_assertion", "Carte CPS"),
)


@dataclass(frozen=True, slots=True)
class ReglagesCentre:
    """What the section « Certificats et cartes » holds.

    Addresses are those of the national services for each way of authentication (`spec/ins.md`
    §4.2, `spec/dmp.md` §2); `ca_services` is the file of their authority, empty = the machine's.
    `cps_module` is the PKCS#11 library, empty = the usual places.
    """

    insi_mode: str = "auto"
    insi_certificat_url: str = "https://services-ps-tlsm.ameli.fr"
    insi_cps_url: str = "https://services-ps.ameli.fr"
    dmp_certificat: bool = False
    """Feed the DMP with the structure's certificate."""
    dmp_certificat_url: str = "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services"
    dmp_cps_url: str = "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services"
    ca_services: str = ""
    cps_module: str = ""


def lire(u: "Unite") -> ReglagesCentre:
    """The settings in a unit of work; what this program doesn't know is left out."""
    connus = {f.name for f in fields(ReglagesCentre)}
    valeurs = u.reglages.lire(CLE, {})
    return ReglagesCentre(**{k: v for k, v in valeurs.items() if k in connus})


@libre("choisit comment appeler les services")
def lire_reglages_centre(ctx: "Contexte") -> ReglagesCentre:
    """The settings as they are now."""
    with ctx.store.lecture() as u:
        return lire(u)


@exige(Droit.REGLAGES)
def enregistrer_reglages_centre(ctx: "Contexte", reglages: ReglagesCentre,
                                base: ReglagesCentre | None = None) -> ReglagesCentre:
    """Check and store. The clients are built again at the next call.

    :param base: the settings as the user read them.
    :raises Refus: settings that can't work, or an account without that right.
    :raises ConflitSaisie: a colleague changed the same ones.
    """
    def ecrire(u: "Unite", voulus: ReglagesCentre) -> None:
        u.reglages.ecrire(CLE, asdict(voulus))
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE, resultat="ok",
                       detail=f"INSi {voulus.insi_mode}, DMP par certificat "
                       f"{oui_non(voulus.dmp_certificat)}")

    _controler(reglages)
    return enregistrer_valeur(ctx, "les réglages du centre", _CHAMPS, reglages, base, lire=lire,
                              ecrire=ecrire, acte=_ACTE)


_ACTE = "reglages.centre"
_CHAMPS = {
    "insi_mode": Champ("Appels INSi", lambda v: dict(MODES_INSI).get(v, v)),
    "insi_certificat_url": Champ("Adresse d’INSi par certificat"),
    "insi_cps_url": Champ("Adresse d’INSi par carte"),
    "dmp_certificat": Champ("Envoyer au DMP par certificat", oui_non),
    "dmp_certificat_url": Champ("Adresse du DMP par certificat"),
    "ca_services": Champ("Autorité des services"),
    "cps_module": Champ("Composant de la carte CPS"),
}


def _controler(reglages: ReglagesCentre) -> None:
    if reglages.insi_mode not in {code for code, _ in MODES_INSI}:
        raise Refus("Choisissez comment appeler INSi.")
    for adresse in (reglages.insi_certificat_url, reglages.insi_cps_url,
                    reglages.dmp_certificat_url, reglages.dmp_cps_url):
        if not adresse.startswith("https://"):
            raise Refus("L’adresse d’un service national commence par « https:// ».")
