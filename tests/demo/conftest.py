"""One running Opsboard per variant, for all tests that ask for it."""

from collections.abc import Iterator

import pytest
from launchready.demo.server import Running, running


@pytest.fixture(scope="session")
def unsafe() -> Iterator[Running]:
    with running("unsafe") as demo:
        yield demo


@pytest.fixture(scope="session")
def guarded() -> Iterator[Running]:
    with running("guarded") as demo:
        yield demo
