"""Every table of the patient file, one file per aggregate."""

from app.store.tables import (
    accounts,
    agenda,
    centre,
    dmp,
    documents,
    episodes,
    identities,
    identity_care,
    letters,
    observations,
    outbox,
    patients,
    rights,
    search,
    settings,
    trail,
)
from app.store.tables.base import Base as Base
from app.store.tables.base import table

T_PROFESSIONNEL = table(accounts.ProfessionnelRow)
T_STRUCTURE = table(accounts.StructureRow)
T_PASSAGE = table(agenda.PassageRow)
T_CERTIFICAT = table(centre.CertificatRow)
T_COFFRE = table(centre.CoffreRow)
T_DELEGATION = table(centre.DelegationRow)
T_EQUIPE = table(centre.EquipeRow)
T_EQUIPE_MEMBRE = table(centre.EquipeMembreRow)
T_PREPARATION = table(centre.PreparationRow)
T_DMP_FICHE = table(dmp.DmpFicheRow)
T_DMP_LISTE = table(dmp.DmpListeRow)
T_DMP_VU = table(dmp.DmpVuRow)
T_BROUILLON = table(documents.BrouillonRow)
T_CONTENU = table(documents.ContenuRow)
T_DOCUMENT = table(documents.DocumentRow)
T_ENTRANT = table(documents.EntrantRow)
T_PIECE = table(documents.PieceRow)
T_SUIVI = table(documents.SuiviRow)
T_SAISIE = table(documents.SaisieRow)
T_EPISODE = table(episodes.EpisodeRow)
T_IDENTITE_HISTORIQUE = table(identities.IdentiteHistoriqueRow)
T_ARCHIVE = table(identity_care.ArchiveRow)
T_REGROUPEMENT = table(identity_care.RegroupementRow)
T_VERIFICATION = table(identity_care.VerificationRow)
T_CORRESPONDANT = table(letters.CorrespondantRow)
T_ELEMENT = table(letters.ElementCliniqueRow)
T_LIEN_CORRESPONDANT = table(letters.LienCorrespondantRow)
T_MODELE_COURRIER = table(letters.ModeleCourrierRow)
T_SOURCE_DOCUMENT = table(letters.SourceDocumentRow)
T_OBSERVATION = table(observations.ObservationRow)
T_OBSERVATION_ANCIENNE = table(observations.ObservationAncienneRow)
T_ETAPE = table(outbox.EtapeRow)
T_ORDRE = table(outbox.OrdreRow)
T_MATRICULE = table(patients.MatriculeRow)
T_PATIENT = table(patients.PatientRow)
T_DOCUMENT_ACCES = table(rights.DocumentAccesRow)
T_ROLE = table(rights.RoleRow)
T_TRAIL_ANCRE = table(rights.TrailAncreRow)
T_CLE = table(search.CleRow)
T_RANG = table(search.RangRow)
T_REGLAGE = table(settings.ReglageRow)
T_TRAIL = table(trail.TrailRow)
T_TRAIL_TETE = table(trail.TrailTeteRow)
