"""Each test of the store runs on both kinds: a file, and a database of its own in a real PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.postgres import Postgres

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("initdb", "postgresql-15"))]
_numbers = itertools.count()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    yield from _database(request.getfixturevalue("postgres"))


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """The address of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def shared_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database. Tests that use it carry the mark `needs`."""
    yield from _database(postgres)


def _database(postgres: Postgres) -> Iterator[str]:
    name = f"store{next(_numbers)}"
    postgres.run(f"CREATE DATABASE {name}")
    yield postgres.url(database=name)
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
