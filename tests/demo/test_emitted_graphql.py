"""The pytest suite of an app that speaks GraphQL: it fails there for what was proven, and passes once that is mended."""

import json
from pathlib import Path

import pytest

from tests.cli.run import launchready
from tests.support.bare import pytest_alone
from tests.support.graph_app import SDL, Library
from tests.support.web import serve


@pytest.mark.parametrize(
    ("faults", "fewest"),
    [
        (("reads", "node", "changes", "deletes", "reports", "roles", "hashes", "strangers", "salaries", "lists"), 13),
        (("first_only",), 2),
        (("argument", "reads", "changes", "reports", "first_only"), 4),
    ],
)
def test_it_fails_on_what_was_proven_and_passes_where_that_is_mended(
    tmp_path: Path, faults: tuple[str, ...], fewest: int
) -> None:
    source, suite, told = tmp_path / "app", tmp_path / "access", tmp_path / "proof.json"
    source.mkdir()
    (source / "schema.graphql").write_text(SDL % {"role": ""})
    (source / "package.json").write_text(json.dumps({"dependencies": {"@apollo/server": "4.0.0"}}))
    with serve(Library(**dict.fromkeys(faults, True))) as url:
        given = ("--seconds", "300", "--no-store", "--format", "json", "--output", told, "--emit-tests", suite)
        done = launchready("prove", source, "--url", url, *given)
        assert done.returncode == 1, done.stderr
        tests = json.loads(told.read_text())["tests"]
        sure = {test["id"] for test in tests if test["fails"]}
        assert len(sure) >= fewest
        before = pytest_alone(suite, APP_URL=url)
        assert (before.failed, before.broken) == (sure, set()), before.said
    with serve(Library(argument="argument" in faults)) as url:
        after = pytest_alone(suite, APP_URL=url)
        assert (after.failed, after.broken) == (set(), set()), after.said
        assert sure <= after.passed
