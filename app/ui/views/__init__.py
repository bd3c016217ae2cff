"""Widgets: they know Qt and values, nothing else."""
