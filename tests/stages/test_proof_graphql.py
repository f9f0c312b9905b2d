"""GraphQL by a real schema: accounts, records, roles and fields, with nothing told to us but the address of the app."""

import json
from pathlib import Path

import pytest
from graphql import build_schema
from launchready.model.audit import Audit
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Status
from launchready.probes.graphs.graph import Graph
from launchready.stages.session import Request, audit

from tests.support.club import Club, said
from tests.support.graph_app import SDL, Library
from tests.support.web import serve

_CHECKS = ("LR203", "LR204", "LR207", "LR208", "LR209", "LR210")


async def prove(app: Library, folder: str = "/nonexistent") -> Audit:
    """Audit an app that speaks GraphQL; ``folder`` holds its source, if it has any."""
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        given = Request(
            Project("library", folder, () if folder == "/nonexistent" else (folder,)),
            environment,
            source=folder != "/nonexistent",
            checks=_CHECKS,
            seconds=20,
        )
        return await audit(given)


def ended(done: Audit, check: str) -> Outcome:
    """How one check ended."""
    return next(outcome for outcome in done.outcomes if outcome.check == check)


def found(done: Audit) -> set[tuple[str, str]]:
    """Which checks failed for which field, for certain."""
    return {(one.check, one.target) for one in done.findings if one.confidence is Confidence.PROVEN}


async def test_an_app_that_is_right_passes_and_its_records_were_asked_for() -> None:
    app = Library()
    done = await prove(app)
    assert found(done) == set()
    assert [ended(done, check).status for check in _CHECKS] == [Status.PASS] * len(_CHECKS)
    # Its own and another's note, by its own field and by the one that finds any record.
    assert ended(done, "LR204").examined >= 4
    assert ended(done, "LR207").examined >= 2
    assert app.notes == {}, "what was made is removed by the mutation that deletes it"


@pytest.mark.parametrize(
    ("fault", "check", "target"),
    [
        ("reads", "LR204", "POST /graphql#Query.note"),
        ("node", "LR204", "POST /graphql#Query.node"),
        ("first_only", "LR204", "POST /graphql#Query.note"),
        ("changes", "LR207", "POST /graphql#Mutation.updateNote"),
        ("deletes", "LR207", "POST /graphql#Mutation.deleteNote"),
        ("reports", "LR208", "POST /graphql#Query.adminReport"),
        ("roles", "LR210", "POST /graphql#Mutation.signUp"),
        ("hashes", "LR209", "POST /graphql#Query.me"),
        ("strangers", "LR203", "POST /graphql#Mutation.createNote"),
        ("lists", "LR209", "POST /graphql#Query.people"),
    ],
)
async def test_one_fault_is_found_where_it_is(fault: str, check: str, target: str) -> None:
    done = await prove(Library(**{fault: True}))
    assert (check, target) in found(done)
    assert {name for name, _ in found(done)} == {check}


@pytest.mark.parametrize(
    ("fault", "check", "target"),
    [
        ("reads", "LR204", "POST /graphql#Query.note"),
        ("changes", "LR207", "POST /graphql#Mutation.updateNote"),
        ("reports", "LR208", "POST /graphql#Query.adminReport"),
        ("first_only", "LR204", "POST /graphql#Query.note"),
    ],
)
async def test_whoever_is_known_by_a_token_that_fields_take_is_asked_as(fault: str, check: str, target: str) -> None:
    done = await prove(Library(argument=True, **{fault: True}))
    assert (check, target) in found(done)
    assert {name for name, _ in found(done)} == {check}


async def test_a_token_that_fields_take_is_not_shown() -> None:
    right, app = await prove(Library(argument=True)), Library(argument=True, reads=True)
    assert found(right) == set()
    assert ended(right, "LR204").examined >= 4
    finding = ended(await prove(app), "LR204").findings[0]
    assert '"accessToken": "\'"$TOKEN_BEN"\'"' in finding.reproduction
    assert "TOKEN_BEN=" in finding.reproduction
    assert app.tokens
    assert not any(token in str(finding) for token in app.tokens)


def test_a_query_that_says_that_it_takes_something_away_is_no_read() -> None:
    text = "type Note { id: ID! } type Query { note(id: ID!): Note deleteAllNotes: Boolean readAndBurn(id: ID!): Note deletedNotes: [Note] }"
    actions = {one.name.rpartition(".")[2]: one.action for one in Graph("/graphql", build_schema(text)).endpoints}
    assert actions == {"note": "read", "deletedNotes": "read", "deleteAllNotes": "write", "readAndBurn": "write"}


async def test_a_batch_that_slips_past_a_guard_is_told_apart_from_a_plain_answer() -> None:
    done = await prove(Library(first_only=True))
    titles = [one.title for one in ended(done, "LR204").findings]
    assert titles and all("a batch of operations" in title for title in titles)


async def test_a_schema_that_nobody_is_told_is_read_from_the_source(tmp_path: Path) -> None:
    (tmp_path / "schema.graphql").write_text(SDL % {"role": ""})
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"@apollo/server": "4.0.0"}}))
    done = await prove(Library(told=False, reads=True, reports=True), str(tmp_path))
    assert ("LR204", "POST /graphql#Query.note") in found(done)
    assert ("LR208", "POST /graphql#Query.adminReport") in found(done)


async def test_a_schema_that_nobody_is_told_is_read_from_strings_in_code(tmp_path: Path) -> None:
    text = SDL % {"role": ""}
    types, roots = text.split("type Query", 1)
    (tmp_path / "types.js").write_text(f"export const types = gql`{types}`;\n")
    (tmp_path / "roots.js").write_text(f"export const typeDefs = [types, gql`type Query{roots}`];\n")
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"@apollo/server": "4.0.0"}}))
    done = await prove(Library(told=False, reads=True), str(tmp_path))
    assert ("LR204", "POST /graphql#Query.note") in found(done)


async def test_a_field_of_a_type_that_the_schema_keeps_for_administrators(tmp_path: Path) -> None:
    (tmp_path / "schema.graphql").write_text(SDL % {"role": ""})
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"@apollo/server": "4.0.0"}}))
    shows, hides = await prove(Library(salaries=True), str(tmp_path)), await prove(Library(), str(tmp_path))
    assert ("LR208", "POST /graphql#User.salary") in found(shows)
    assert found(hides) == set()


async def test_a_schema_that_nobody_is_told_at_all_is_said() -> None:
    done = await prove(Library(told=False))
    assert ended(done, "LR204").status is Status.NOT_CHECKED


@pytest.mark.parametrize(
    ("status", "errors"), [(200, ["nothing is here"]), (400, []), (404, [{"message": "nothing is here"}])]
)
async def test_errors_that_are_not_those_of_graphql_make_no_graphql(status: int, errors: list[object]) -> None:
    club = Club(spoil=lambda _club, got, _who: said(status, {"errors": errors}) if "graphql" in got.path else None)
    with serve(club) as url:
        environment = Environment("local", url, writes=True)
        done = await audit(Request(Project("club", "/nonexistent"), environment, source=False, checks=("LR204",)))
    (outcome,) = done.outcomes
    assert [gap.target for gap in outcome.gaps if "graphql" in gap.target] == []


async def test_an_app_that_limits_how_deep_it_is_asked_is_asked_less() -> None:
    done = await prove(Library(reads=True, deepest=4))
    assert ("LR204", "POST /graphql#Query.note") in found(done)


async def test_a_field_that_refuses_the_caller_hides_none_of_the_others() -> None:
    done = await prove(Library(reads=True, closed_email=True))
    assert ("LR204", "POST /graphql#Query.note") in found(done)


async def test_an_alarm_can_be_repeated_as_it_was_sent() -> None:
    done = await prove(Library(reads=True))
    finding = ended(done, "LR204").findings[0]
    assert "query($id: ID!) { note(id: $id)" in finding.reproduction
    assert "/graphql#" not in finding.reproduction
    assert any("> POST /graphql\n" in one.excerpt for one in finding.evidence)
