"""Benches of `pleiade bench`: each returns a dict of figures."""
