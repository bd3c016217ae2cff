"""The software and its installation, as the services must hear of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdentiteLogiciel:
    """Who calls.

    Args:
        nom, version: as shown in « À propos » (EX_GEN-1180).
        instance: identifier of the installation, never of a user: a uuid, or an OID (INSi is then
            given the name-based uuid of it).
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
