"""Glue between views and use cases."""
