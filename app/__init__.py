"""Pléiade: practice management for the paramedical professions and midwives."""

__version__ = "0.1.0"
