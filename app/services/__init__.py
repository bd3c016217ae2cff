"""Clients of the national services, all through one transport."""
