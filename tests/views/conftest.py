"""The worlds, each made once for all tests: views only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.views import world
from tests.views.making import World


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world.calm(Path(tmp_path_factory.mktemp("calm")))


@pytest.fixture(scope="session")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world.trouble(Path(tmp_path_factory.mktemp("trouble")))


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world.empty(Path(tmp_path_factory.mktemp("nothing")))
