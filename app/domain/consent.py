"""Consent and opposition, per patient and care episode (`spec/dmp.md` §11)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpisodeSoins:
    """A care episode. Consent holds for the whole team, while the episode lasts.

    `consentement_consultation` is None until the patient answered; `informe_le` is empty until
    the patient was informed. The reason of a refusal is never stored.
    """

    id: int
    patient_id: int
    ouvert_le: str
    informe_le: str = ""
    informe_par: str = ""
    consentement_consultation: bool | None = None
    opposition_alimentation: bool = False
    version: int = 1
    recueilli_par: str = ""
    """Who collected the answer for `informe_par`, by delegation; "" when it is the same person."""
