"""All the dossiers, seeded when they are first looked at (start must stay short)."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from app.sandbox import identites
from app.sandbox.contenus import cda
from app.sandbox.contenus.modeles import LOINC, Auteur, Modele, auteurs, modeles, profils
from app.sandbox.dmp.modele import (
    SCHEME_VISIBILITE,
    Association,
    AuteurXds,
    Code,
    Dossier,
    Fiche,
    Liaison,
    Soumission,
    Statut,
)
from app.sandbox.horloge import Horloge
from app.sandbox.identites import Personne
from app.sandbox.lecture_xml import enfant, lire

_ARC = "1.2.250.1.999.2"
_ESPACE = uuid.UUID("5a1d0000-0000-4000-8000-000000000000")
_CONFIDENTIALITE = Code("N", "2.16.840.1.113883.5.25", "Normal")
_LIBELLES_VISIBILITE = {
    "MASQUE_PS": "Masqué aux professionnels de santé",
    "INVISIBLE_PATIENT": "Non visible par le patient",
    "INVISIBLE_REPRESENTANTS_LEGAUX": "Non visible par les représentants légaux du patient"}
_FORMATS = {
    "n1": Code("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", "Document PDF"),
    "n1_texte": Code("urn:ihe:iti:xds-sd:text:2008", "1.3.6.1.4.1.19376.1.2.3", "Texte"),
    "vaccination": Code("urn:asip:ci-sis:vac-note:2021", "1.2.250.1.213.1.1.4.2.282",
                        "Note de vaccination"),
    "n3_pdf": Code("urn:asipSante:modelesHorsProfils:2011", "1.2.250.1.213.1.1.4.2.282",
                   "Modèle hors profil")}


class GraineInvalide(ValueError):
    """A seed asked for by the control API makes no sense (French message)."""


def utc(instant: datetime) -> str:
    """Metadata time: UTC, without offset."""
    return instant.astimezone(UTC).strftime("%Y%m%d%H%M%S")


class Depots:
    """The dossiers by matricule."""

    def __init__(self, horloge: Horloge) -> None:
        self.horloge = horloge
        self._personnes = {p.matricule: p for p in identites.charger()}
        self._dossiers: dict[str, Dossier] = {}
        # Pages already laid out, by document id: seeding again costs nothing.
        self._pages: dict[str, bytes] = {}

    def oublier(self) -> None:
        """Forget everything; the next look seeds again."""
        self._dossiers.clear()

    def connus(self) -> list[Personne]:
        """The persons that have (or could have) a DMP."""
        return list(self._personnes.values())

    def dossier(self, matricule: str) -> Dossier | None:
        """The dossier of a matricule, seeded by its profile; None for an unknown person."""
        personne = self._personnes.get(matricule)
        if personne is None:
            return None
        if matricule not in self._dossiers:
            self._dossiers[matricule] = Dossier(personne, etat="absent")
            self.semer(matricule, personne.profil_dmp)
        return self._dossiers[matricule]

    def autre_que(self, matricule: str) -> Dossier:
        """Somebody else's dossier, with documents (fault `autre_patient`)."""
        autre = next(p for p in self._personnes.values()
                     if p.matricule != matricule and p.profil_dmp in ("riche", "actif"))
        dossier = self.dossier(autre.matricule)
        assert dossier is not None
        return dossier

    def detenteur(self, unique_id: str) -> Fiche | None:
        """The entry of a uniqueId in any dossier looked at so far."""
        for dossier in self._dossiers.values():
            fiche = dossier.par_unique_id(unique_id)
            if fiche is not None:
                return fiche
        return None

    def soumission_connue(self, unique_id: str) -> bool:
        """True when a submission of this uniqueId was kept."""
        return any(s.unique_id == unique_id for d in self._dossiers.values()
                   for s in d.soumissions)

    def semer(self, matricule: str, profil: str) -> Dossier:
        """Replace a dossier by what a seed profile says.

        Raises
        ------
        GraineInvalide
            Unknown profile or person.
        """
        tous = profils()
        if matricule not in self._personnes or profil not in tous:
            raise GraineInvalide("Profil ou matricule inconnu")
        p: dict[str, Any] = tous[profil]
        dossier = Dossier(
            self._personnes[matricule], etat=p.get("etat", "actif"),
            motif_fermeture=p.get("motif", ""), mineur=p.get("mineur", False),
            opposition_bris_de_glace=p.get("opposition_bris_de_glace", False),
            autorisation_defaut=p["autorisation"])
        if dossier.etat == "ferme":
            dossier.ferme_le = self.horloge.utc() - timedelta(days=p.get("jours_fermeture", 30))
        self._dossiers[matricule] = dossier
        for cle, jours, *options in p["documents"]:
            self.ajouter(dossier, cle, jours, **(options[0] if options else {}))
        if "serie" in p:
            cle, nombre = p["serie"]
            for rang in range(nombre):
                self.ajouter(dossier, cle, 1 + rang * 700 / nombre)
        return dossier

    def ajouter(self, dossier: Dossier, cle: str, jours: float = 0, *,
                visibilites: list[str] | None = None, statut: str = "Approved", titre: str = "",
                remplace: Fiche | None = None) -> Fiche:
        """Deposit a document of the catalogue, as another professional would.

        Parameters
        ----------
        jours
            Age of the document, in days.

        Raises
        ------
        GraineInvalide
            Unknown model, visibility or status.
        """
        modele = modeles().get(cle)
        if modele is None:
            raise GraineInvalide(f"Modèle inconnu : {cle}")
        inconnues = set(visibilites or []) - set(_LIBELLES_VISIBILITE)
        statuts = {s.court: s for s in Statut}
        if inconnues or statut not in statuts:
            raise GraineInvalide("Visibilité ou statut inconnu")
        if titre:
            modele = Modele(modele.cle, modele.type, modele.classe, titre, modele.auteur,
                            modele.forme, modele.sections, modele.vaccin)
        personne = dossier.personne
        auteur = auteurs().get(modele.auteur) or Auteur(personne.matricule, personne.nom,
                                                        personne.prenom)
        ids = self._identifiants(dossier, cle, jours, remplace)
        fiche = _fiche(modele, auteur, personne, ids, dossier.cx, visibilites or [],
                       self._page(modele, auteur, personne, ids))
        fiche.statut = statuts[statut]
        self._inscrire(dossier, fiche, ids, auteur)
        if remplace is not None:
            remplace.statut = Statut.DEPRECATED
            dossier.associations.append(Association(
                f"urn:uuid:{uuid.uuid4()}", Liaison.REMPLACE, fiche.entry_uuid,
                remplace.entry_uuid))
        return fiche

    def _page(self, modele: Modele, auteur: Auteur, personne: Personne, ids: cda.Identifiants
              ) -> bytes:
        if modele.forme not in ("n1", "n3_pdf"):
            return b""
        cle = ids.id + modele.titre
        if cle not in self._pages:
            # reportlab takes a while to import: only when a page is needed.
            from app.sandbox.contenus import page_pdf
            self._pages[cle] = page_pdf.rendre(modele, auteur, personne,
                                               f"{ids.creation:%d/%m/%Y}")
        return self._pages[cle]

    def _identifiants(self, dossier: Dossier, cle: str, jours: float, remplace: Fiche | None
                      ) -> cda.Identifiants:
        minuit = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        if jours <= 0:
            creation = datetime.now().astimezone().replace(microsecond=0)
        else:
            creation = (minuit - timedelta(days=jours) + timedelta(hours=10, minutes=42)
                        ).replace(microsecond=0)
        # Same person, model and day: same identity, so that a day's seeds are the same bytes.
        graine = f"{dossier.personne.matricule}/{cle}/{creation.isoformat()}/{len(dossier.fiches)}"
        numero = uuid.uuid5(_ESPACE, graine).int
        version, set_id, ancien = 1, f"{_ARC}.2.{numero}", ""
        if remplace is not None:
            ancien = remplace.unique_id
            set_id, version = _lignee(remplace.contenu, set_id)
        return cda.Identifiants(f"{_ARC}.1.{numero}", set_id, version, creation,
                                creation - timedelta(hours=2), ancien)

    def _inscrire(self, dossier: Dossier, fiche: Fiche, ids: cda.Identifiants, auteur: Auteur
                  ) -> None:
        soumission = Soumission(
            f"urn:uuid:{uuid.uuid5(_ESPACE, 'ss' + ids.id)}",
            f"{_ARC}.4.{uuid.uuid5(_ESPACE, 'lot' + ids.id).int}", f"{_ARC}.9", dossier.cx,
            fiche.titre, utc(ids.creation), Code("07", "1.2.250.1.213.2.2", "Consultation"),
            list(fiche.auteurs))
        fiche.soumission, fiche.depot = soumission.entry_uuid, ids.creation.astimezone(UTC)
        dossier.soumissions.append(soumission)
        dossier.fiches.append(fiche)
        dossier.associations.append(Association(
            f"urn:uuid:{uuid.uuid5(_ESPACE, 'as' + ids.id)}", Liaison.MEMBRE,
            soumission.entry_uuid, fiche.entry_uuid, "Original"))


def _lignee(contenu: bytes, defaut: str) -> tuple[str, int]:
    """setId and next versionNumber of a document that is replaced."""
    racine = lire(contenu)
    set_id, version = enfant(racine, "setId"), enfant(racine, "versionNumber")
    return (defaut if set_id is None else set_id.get("root", defaut),
            1 + int("1" if version is None else version.get("value", "1")))


def _fiche(modele: Modele, auteur: Auteur, personne: Personne, ids: cda.Identifiants, cx: str,
           visibilites: list[str], pdf: bytes) -> Fiche:
    contenu = cda.rendre(modele, auteur, personne, ids, pdf)
    code, systeme, libelle = modele.type
    if auteur.structure_id:
        xcn = (f"{auteur.id}^{auteur.nom}^{auteur.prenom}^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
        xds = AuteurXds((xcn,), (f"{auteur.structure}^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^"
                                 f"{auteur.structure_id}",),
                        (f"{auteur.specialite[0]}^{auteur.specialite[1]}^1.2.250.1.213.1.1.4.5",))
    else:
        xcn = f"{auteur.id}^{auteur.nom}^{auteur.prenom}^^^^^^&{personne.oid}&ISO^D^^^NH"
        xds = AuteurXds((xcn,), ())
    naissance = personne.date_naissance.replace("-", "")
    return Fiche(
        entry_uuid=f"urn:uuid:{uuid.uuid5(_ESPACE, 'e' + ids.id)}",
        lid=f"urn:uuid:{uuid.uuid5(_ESPACE, 'l' + ids.id)}", unique_id=ids.id,
        titre=modele.titre, mime="text/xml", type=Code(code, systeme or LOINC, libelle),
        classe=Code(modele.classe[0], "1.2.250.1.213.1.1.4.1", modele.classe[1]),
        format=_FORMATS[modele.forme],
        confidentialites=[_CONFIDENTIALITE, *[Code(v, SCHEME_VISIBILITE, _LIBELLES_VISIBILITE[v])
                                              for v in visibilites]],
        etablissement=Code(auteur.secteur[0], "1.2.250.1.71.4.2.4", auteur.secteur[1]),
        cadre=Code(auteur.cadre[0], "1.2.250.1.213.1.1.4.9", auteur.cadre[1]),
        evenements=[Code(code, systeme, libelle)], auteurs=[xds], creation=utc(ids.creation),
        debut=utc(ids.acte), fin="", langue="fr-FR", valideur=xcn, patient_id=cx,
        source_patient_id=f"{int(personne.matricule[-6:], 36) % 10**8}^^^&1.2.250.1.999.1.9.3"
                          "&ISO^PI",
        source_patient_info=(f"PID-5|{personne.nom}^{personne.prenom}^^^^^L",
                             f"PID-7|{naissance}", f"PID-8|{personne.sexe}"),
        description="", contenu=contenu, hash=sha1(contenu), depot=datetime.now(UTC),
        soumission="")


def sha1(octets: bytes) -> str:
    """Hash of the registry: SHA-1, hexadecimal."""
    return hashlib.sha1(octets, usedforsecurity=False).hexdigest()
