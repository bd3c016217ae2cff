"""How the mail of MSSanté is opened: the user's PSC token, never written (SC.MSS/CONF.07, .28)."""

from app.domain.roles import Droit
from app.services.jetons_messagerie import JetonsMessagerie
from app.services.sasl import Sasl, preparer
from app.usecases.context import Contexte
from app.usecases.garde import exige


@exige(Droit.MESSAGERIE)
def jetons_messagerie(ctx: Contexte) -> JetonsMessagerie:
    """The tokens of the open session.

    :raises Refus: no proxy is set.
    """
    ctx.services.exiger_proxy()
    assert ctx.services.jetons is not None
    return ctx.services.jetons


@exige(Droit.MESSAGERIE)
def identification(ctx: Contexte, bal: str, mecanisme: str, hote: str = "", port: int = 0,
                   refuse: str = "") -> tuple[Sasl, str]:
    """What to say to a mail server to open a box, with a token fresh enough.

    :param bal: address of the box. :param mecanisme: `XOAUTH2`, or `OAUTHBEARER`.
    :param refuse: the token that this server has just refused: one more try with another.
    :return: the SASL bytes, and the token (to give back as `refuse`).
    :raises SessionExpiree: Pro Santé Connect ended. :raises Indisponible: the proxy is silent.
    :raises Invalide: an address that can't be one.
    """
    jeton = jetons_messagerie(ctx).jeton(refuse)
    return preparer(mecanisme, bal, jeton, hote, port), jeton
