"""Structured contents of the documents of level 3: one value a content model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContenuStructure:
    """Base of the structured contents; a document without one is a level 1."""
