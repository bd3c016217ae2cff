"""Second factor of the local login: codes of an authenticator (TOTP, RFC 6238), backup codes.

The secret lies in the encrypted file: the code is asked once the password has opened it. It stops
somebody who learnt a password and sits at the program; it isn't part of the key, and doesn't stop
who has both a copy of the file and the password (`docs/securite/comptes.md`).
"""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from app.domain.roles import Droit
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import aujourdhui
from app.usecases.garde import exige, libre

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte

PERIODE_S, CHIFFRES = 30, 6
#: Steps of 30 s accepted on each side: clocks drift (RFC 6238 §5.2).
DERIVE = 1
CODES_SECOURS = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
EMETTEUR = "Pléiade"


class CodeDemande(Refus):
    """The password is right; the code of the second factor is asked."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "Saisissez le code à six chiffres de votre application.",
                         code="CODE-DEMANDE")


class CodeRefuse(Refus):
    """Wrong, late or already used code. `attente_s`: before the next try."""

    attente_s = 0

    def __init__(self, message: str) -> None:
        super().__init__(message, code="CODE-REFUSE")


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept. `dernier`: last step used; `secours`: marks of the backup codes left."""

    secret: str
    depuis: str = ""
    dernier: int = 0
    sel: str = ""
    secours: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True, slots=True)
class Enrolement:
    """What the enrolment screen shows once; nothing is kept before `activer`."""

    secret: str
    adresse: str
    """`otpauth://` address, for the QR code."""

    def __repr__(self) -> str:
        return "Enrolement(…)"


def _cle(compte_id: int) -> str:
    return f"compte.{compte_id}.second_facteur"


def _lire(u: "Unite", compte_id: int) -> Secret | None:
    brut = u.reglages.lire(_cle(compte_id))
    if not brut:
        return None
    connus = {f.name for f in fields(Secret)}
    valeurs: dict[str, Any] = {c: tuple(v) if isinstance(v, list) else v
                               for c, v in brut.items() if c in connus}
    return Secret(**valeurs)


def actif(u: "Unite", compte_id: int) -> bool:
    """True when an account has a second factor."""
    return _lire(u, compte_id) is not None


def _pas(maintenant: float | None = None) -> int:
    return int((time.time() if maintenant is None else maintenant) // PERIODE_S)


def _pas_du_code(secret: str, code: str, pas: int) -> int | None:
    """Step of a code within the drift, None when it is none of them."""
    import pyotp

    totp = pyotp.TOTP(secret, digits=CHIFFRES, interval=PERIODE_S)
    trouve = None
    for voisin in range(pas - DERIVE, pas + DERIVE + 1):
        # Every step is compared: the time taken says nothing.
        if hmac.compare_digest(totp.generate_otp(voisin), code):
            trouve = voisin
    return trouve


def _propre(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())


def _marque(sel: str, code: str) -> str:
    """A backup code holds 49 random bits and lies in the encrypted file: one hash is enough."""
    return sha256(f"{sel}:{_propre(code)}".encode()).hexdigest()


# --- enrolment ---------------------------------------------------------------------------------

@libre("son propre second facteur")
def preparer_second_facteur(ctx: "Contexte") -> Enrolement:
    """A new secret to show. :raises Refus: as `activer_second_facteur`."""
    import pyotp

    _exiger_sans_facteur(ctx)
    secret = pyotp.random_base32()
    adresse = pyotp.TOTP(secret, digits=CHIFFRES, interval=PERIODE_S).provisioning_uri(
        name=ctx.qui, issuer_name=EMETTEUR)
    return Enrolement(secret, adresse)


@libre("son propre second facteur")
def image_qr(ctx: "Contexte", enrolement: Enrolement) -> bytes:
    """PNG of the QR code that the authenticator reads."""
    from app.documents.qr import qr_png

    del ctx
    return qr_png(enrolement.adresse)


@libre("son propre second facteur")
def activer_second_facteur(ctx: "Contexte", enrolement: Enrolement, code: str) -> tuple[str, ...]:
    """Keep the secret once the authenticator has shown a right code; returns the backup codes.

    :raises CodeRefuse: the code isn't that of the QR code: nothing changed.
    :raises Refus: there is one already: an open screen must not be enough to replace it.
    """
    _exiger_sans_facteur(ctx)
    pas = _pas_du_code(enrolement.secret, _propre(code), _pas())
    if pas is None:
        _tracer(ctx, ctx.compte_id, "activation", "echec")
        raise CodeRefuse("Ce code n’est pas le bon. Vérifiez l’heure du téléphone, attendez le "
                         "code suivant et recommencez. Rien n’a été modifié.")
    codes = tuple("-".join("".join(secrets.choice(_ALPHABET) for _ in range(5))
                           for _ in range(2)) for _ in range(CODES_SECOURS))
    sel = secrets.token_hex(8)
    garde = Secret(enrolement.secret, aujourdhui(), pas, sel,
                   tuple(_marque(sel, c) for c in codes))
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_cle(ctx.compte_id), asdict(garde))
        u.trail.ecrire(qui=ctx.qui, quoi="compte.second_facteur",
                       sur_qui=f"compte {ctx.compte_id}", resultat="ok", detail="activation")
    return codes


def _exiger_sans_facteur(ctx: "Contexte") -> None:
    with ctx.store.lecture() as u:
        if actif(u, ctx.compte_id):
            raise Refus("Votre compte a déjà un second facteur. Retirez-le d’abord, avec un code. "
                        "Rien n’a été modifié.", code="FACTEUR-PRESENT")


@libre("son propre second facteur ; un code est exigé")
def desactiver_second_facteur(ctx: "Contexte", code: str) -> None:
    """Take one's own factor away, with a last code.

    :raises CodeRefuse: wrong code; it counts as it does at the door. :raises TropEssais: too many.
    """
    from app.usecases.essais import essai_compte

    try:
        with essai_compte(ctx.store.emplacement):
            _desactiver(ctx, code)
    except CodeRefuse:
        _tracer(ctx, ctx.compte_id, "désactivation", "echec")
        raise


def _desactiver(ctx: "Contexte", code: str) -> None:
    with ctx.store.ecriture() as u:
        verifier_code(u, ctx.compte_id, code)
        u.reglages.ecrire(_cle(ctx.compte_id), None)
        u.trail.ecrire(qui=ctx.qui, quoi="compte.second_facteur",
                       sur_qui=f"compte {ctx.compte_id}", resultat="ok", detail="désactivation")


@exige(Droit.COMPTES)
def retirer_second_facteur(ctx: "Contexte", compte_id: int) -> None:
    """A colleague lost her telephone and her codes: an administrator takes the factor away.

    :raises Refus: no right, or nothing to take away.
    """
    with ctx.store.ecriture() as u:
        if not actif(u, compte_id):
            raise Refus("Ce compte n’a pas de second facteur.")
        u.reglages.ecrire(_cle(compte_id), None)
        u.trail.ecrire(qui=ctx.qui, quoi="compte.second_facteur", sur_qui=f"compte {compte_id}",
                       resultat="ok", detail="retrait par un administrateur")


@libre("son propre second facteur")
def etat_second_facteur(ctx: "Contexte") -> tuple[str, int]:
    """Since when (AAAA-MM-JJ, "" = none), and how many backup codes are left."""
    with ctx.store.lecture() as u:
        garde = _lire(u, ctx.compte_id)
    return ("", 0) if garde is None else (garde.depuis, len(garde.secours))


def _tracer(ctx: "Contexte", compte_id: int, detail: str, resultat: str) -> None:
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="compte.second_facteur", sur_qui=f"compte {compte_id}",
                       resultat=resultat, detail=detail)


# --- at the door -------------------------------------------------------------------------------

def verifier_code(u: "Unite", compte_id: int, code: str, *,
                  maintenant: Callable[[], float] = time.time) -> str:
    """Accept a code once: of the authenticator, or a backup one, which is then gone.

    A code of a step already used, or earlier, is refused (replay): setting the clock back gains
    nothing.

    :return: « code » or « code de secours », for the trail.
    :raises CodeRefuse: wrong, out of its time, or used.
    """
    garde = _lire(u, compte_id)
    if garde is None:
        return ""
    propre = _propre(code)
    if len(propre) == CHIFFRES and propre.isdigit():
        pas = _pas_du_code(garde.secret, propre, _pas(maintenant()))
        if pas is not None and pas <= garde.dernier:
            raise CodeRefuse("Ce code a déjà servi. Attendez le suivant.")
        if pas is not None:
            u.reglages.ecrire(_cle(compte_id), asdict(replace(garde, dernier=pas)))
            return "code"
    marque = _marque(garde.sel, propre)
    if propre and marque in garde.secours:
        u.reglages.ecrire(_cle(compte_id), asdict(replace(
            garde, secours=tuple(m for m in garde.secours if m != marque))))
        return "code de secours"
    raise CodeRefuse("Code incorrect.")
