"""XDS metadata: one entry a document, one lot a submission (`xds_entree` reads, `xds_lot` writes).

What other floors need of both, under one name.
"""

from app.documents.xds_entree import (
    AuteurXds,
    EntreeXds,
    MetadonneesImpossibles,
    dtm_utc,
    entree_depuis_cda,
)
from app.documents.xds_lot import (
    CONSULTATION,
    ID_LOT,
    ID_SIGNATURE,
    FichierXdm,
    SignatureXds,
    Soumission,
    id_document,
    lot_xds,
)

__all__ = ["CONSULTATION", "ID_LOT", "ID_SIGNATURE", "AuteurXds", "EntreeXds", "FichierXdm",
           "MetadonneesImpossibles", "SignatureXds", "Soumission", "dtm_utc",
           "entree_depuis_cda", "id_document", "lot_xds"]
