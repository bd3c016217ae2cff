"""Work lists of the identitovigilance: what must be done on identities, the gravest first."""

from collections.abc import Iterator

from app.domain import dates
from app.domain.doublons import rapprocher_traits
from app.domain.identity import Attribut, Traits
from app.domain.listes_identite import LigneListe, ListeIdentite, PageListe
from app.domain.patient import PatientResume
from app.domain.roles import Droit
from app.domain.verification import Verification
from app.store.unite import Unite
from app.usecases.context import Contexte
from app.usecases.garde import exige
from app.usecases.verification import MESSAGE_KO

#: Lines shown at most: a longer list is worked from its top.
LIMITE = 500

Lignes = tuple[list[tuple[PatientResume, str]], int]


def _traits(resume: PatientResume) -> Traits:
    return Traits(resume.nom_naissance, resume.premier_prenom, resume.date_naissance, resume.sexe,
                  "", nom_utilise=resume.nom_utilise)


@exige(Droit.IDENTITES)
def page(ctx: Contexte, liste: ListeIdentite, limite: int = LIMITE) -> PageListe:
    """One list; the access to it is traced."""
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="identite.liste", resultat="ok", detail=liste.value)
        match liste:
            case ListeIdentite.DOUBLONS:
                lignes = list(_doublons(u))
                return PageListe(liste, tuple(lignes[:limite]), len(lignes))
            case ListeIdentite.VERIFICATION_KO:
                lignes = _ko(u)
                return PageListe(liste, tuple(lignes[:limite]), len(lignes))
            case ListeIdentite.A_VERIFIER:
                lignes = _a_verifier(u, limite)
                return PageListe(liste, tuple(lignes), u.verifications.compter_attente())
            case _:
                simples, total = _simple(u, liste, limite)
                return PageListe(liste, tuple(
                    LigneListe(r, _date_insi(d) if liste in _AVEC_DATE else "", d)
                    for r, d in simples), total)


def _simple(u: Unite, liste: ListeIdentite, limite: int) -> Lignes:
    match liste:
        case ListeIdentite.NIA:
            return u.listes.nia(limite)
        case ListeIdentite.HOMONYMES:
            return u.listes.attribut(Attribut.HOMONYME, limite)
        case ListeIdentite.DOUTEUSES:
            return u.listes.attribut(Attribut.DOUTEUSE, limite)
        case ListeIdentite.TRANSITOIRES:
            return u.listes.transitoires(limite)
        case _:
            return u.listes.a_qualifier(limite)


def _date_insi(date_insi: str) -> str:
    return f"INSi le {dates.formater(date_insi)[:10]}" if date_insi else ""


_AVEC_DATE = frozenset({ListeIdentite.NIA, ListeIdentite.TRANSITOIRES,
                        ListeIdentite.A_QUALIFIER})


def _ko(u: Unite) -> list[LigneListe]:
    verifications = {v.patient_id: v for v in reversed(u.verifications.ko())}
    return [LigneListe(r, _suite_ko(verifications[r.id]), verifications[r.id].terminee_le)
            for r in u.patients.resumes(list(verifications))]


def _suite_ko(verification: Verification) -> str:
    """What INSi said when it was asked again; the list itself says what a KO is."""
    suite = verification.message.removeprefix(MESSAGE_KO).strip()
    return suite or "INSi n’a pas donné d’autre identité."


def _a_verifier(u: Unite, limite: int) -> list[LigneListe]:
    attente = {v.patient_id: v for v in u.verifications.en_attente(limite)}
    return [LigneListe(r, attente[r.id].message or f"Demandée le "
                       f"{dates.formater(attente[r.id].demandee_le)[:10]}",
                       attente[r.id].demandee_le)
            for r in u.patients.resumes(list(attente))]


def _doublons(u: Unite) -> Iterator[LigneListe]:
    """Probable duplicates: one matricule for two files, then files that look alike.

    Files that somebody judged homonyms of each other are left out, unless INSi says otherwise.
    """
    faits: set[tuple[int, int]] = set()
    paires = u.listes.meme_matricule()
    resumes = {r.id: r for r in u.patients.resumes(sorted({i for p in paires for i in p}))}
    for a, b in paires:
        if a in resumes and b in resumes:
            faits.add((a, b))
            yield LigneListe(resumes[a], "Même matricule INS", autre=resumes[b])
    for groupe in u.listes.nes_le_meme_jour():
        for i, un in enumerate(groupe):
            for autre in groupe[i + 1:]:
                if (un.id, autre.id) in faits or (
                        Attribut.HOMONYME in un.attributs & autre.attributs):
                    continue
                proche = rapprocher_traits(_traits(un), autre)
                if proche is not None:
                    yield LigneListe(un, proche.raison, autre=autre)


@exige(Droit.IDENTITES)
def compter(ctx: Contexte) -> dict[ListeIdentite, int]:
    """How many lines each list has, for the segments of the screen."""
    with ctx.store.lecture() as u:
        return {
            ListeIdentite.VERIFICATION_KO: len(u.verifications.ko()),
            ListeIdentite.DOUBLONS: sum(1 for _ in _doublons(u)),
            ListeIdentite.A_VERIFIER: u.verifications.compter_attente(),
            **{liste: _simple(u, liste, 0)[1] for liste in (
                ListeIdentite.A_QUALIFIER, ListeIdentite.NIA, ListeIdentite.HOMONYMES,
                ListeIdentite.DOUTEUSES, ListeIdentite.TRANSITOIRES)}}
