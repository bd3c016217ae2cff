"""Alembic environment: runs on the connection that `app.store.upgrade` hands over, never on a URL.

A URL would hold the password of the server, or the key of the file.
"""

from alembic import context

from app.store.tables import Base

connexion = context.config.attributes["connection"]
context.configure(
    connection=connexion, target_metadata=Base.metadata, render_as_batch=True,
    # Both engines roll DDL back: a killed upgrade leaves the former file.
    transactional_ddl=True, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
