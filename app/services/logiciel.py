"""The software and its installation, as the services must hear of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdentiteLogiciel:
    """Who calls.

    Args:
        nom, version: as shown in « À propos » (EX_GEN-1180).
        instance: identifier of the installation (uuid or OID), never of a user.
        idam: authorisation number of the software given by the CNDA (INSi, `LPS/IDAM`).
        homologation_dmp: CNDA homologation number (VIHF, `LPS_ID_HOMOLOGATION_DMP`).
        oid: root OID of the installation: HL7 message ids, source of the submissions.
    """

    nom: str
    version: str
    instance: str
    idam: str = ""
    homologation_dmp: str = ""
    oid: str = ""
