"""Foundation of the tables: one schema for SQLite and PostgreSQL.

Only portable types: dates and instants are ISO texts, values of the trade keep the wire form.
Repositories use these classes as a typed description and speak SQLAlchemy Core: no row becomes an
ORM object.
"""

from typing import cast

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

#: A 64-bit key; INTEGER on SQLite, where it is the row's own address.
Grand = BigInteger().with_variant(Integer(), "sqlite")
#: Text compared byte by byte on both engines: sorted keys and prefix ranges rely on it.
TexteBinaire = Text().with_variant(Text(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Base of every table; constraints have predictable names, as migrations need."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    })
    type_annotation_map = {str: Text(), bytes: LargeBinary()}


class Versionnee:
    """Mixin of rows under optimistic locking."""

    version: Mapped[int] = mapped_column(default=1)


def table(classe: type[Base]) -> Table:
    """The Core table of a declared class."""
    return cast(Table, classe.__table__)
