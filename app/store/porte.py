"""A gate before the units of work: open to all, or closed for one gesture on the whole file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.store.errors import FichierOccupe

#: Seconds: for the units that run, before the gate gives up; for a unit, while it is closed.
ATTENTE_FERMETURE_S, ATTENTE_PASSAGE_S = 10.0, 900.0


class Porte:
    """Safe from any thread. A unit opened inside another one of its thread always passes."""

    def __init__(self) -> None:
        self._etat = threading.Condition()
        self._dedans = 0
        self._fermee = False
        self._fil = threading.local()

    @contextmanager
    def passer(self) -> Iterator[None]:
        """Run a unit of work. :raises FichierOccupe: the gate stays closed too long."""
        profondeur: int = getattr(self._fil, "profondeur", 0)
        with self._etat:
            if not profondeur and not self._etat.wait_for(lambda: not self._fermee,
                                                          ATTENTE_PASSAGE_S):
                raise FichierOccupe()
            self._dedans += 1
        self._fil.profondeur = profondeur + 1
        try:
            yield
        finally:
            self._fil.profondeur = profondeur
            with self._etat:
                self._dedans -= 1
                self._etat.notify_all()

    @contextmanager
    def fermer(self) -> Iterator[None]:
        """Wait for the units that run, keep the others waiting.

        :raises FichierOccupe: a unit doesn't end, or the gate is closed already.
        """
        with self._etat:
            if self._fermee or int(getattr(self._fil, "profondeur", 0)):
                raise FichierOccupe()
            self._fermee = True
            if not self._etat.wait_for(lambda: not self._dedans, ATTENTE_FERMETURE_S):
                self._rouvrir()
                raise FichierOccupe()
        try:
            yield
        finally:
            with self._etat:
                self._rouvrir()

    def _rouvrir(self) -> None:
        self._fermee = False
        self._etat.notify_all()
