"""Repositories: one file per aggregate, values in, values out, SQLAlchemy Core inside."""
