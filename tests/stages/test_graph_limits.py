"""How much one request may ask of a real GraphQL schema, open to strangers, with one limit missing at a time."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync, parse
from graphql.language import FieldNode, OperationDefinitionNode
from launchready.model.check import Outcome
from launchready.model.words import Confidence, Severity, Status
from launchready.stages.inputs.trials.cycles import cycles

from tests.support.ask import ask
from tests.support.web import Got, Reply, serve

SDL = """
    type Query { version: String  writers: [Writer!]!  latest: Post }
    type Post { id: ID!  title: String!  author: Writer!  comments: [Comment!]! }
    type Comment { id: ID!  text: String!  post: Post! }
    type Writer { id: ID!  name: String!  posts(first: Int): [Post!]! }
"""
JSON = {"Content-Type": "application/json"}


@dataclass
class Blog:
    """Limits that hold unless their name is in ``missing``: depth, aliases, batch, introspection, suggestions."""

    missing: str = ""
    resolved: int = 0

    def __post_init__(self) -> None:
        self.schema = build_schema(SDL)

    def __call__(self, got: Got) -> Reply:
        """Answer one request."""
        if got.path != "/graphql":
            return Reply(404, "{}", JSON)
        if got.method != "POST":
            return Reply(405, "{}", JSON)
        given = json.loads(got.body)
        if isinstance(given, list):
            if self.missing != "batch":
                return Reply(400, '{"errors": [{"message": "one operation at a time"}]}', JSON)
            return Reply(200, json.dumps([self.operation(one["query"]) for one in given]), JSON)
        said = self.operation(given["query"])
        return Reply(200 if said.get("data") else 400, json.dumps(said), JSON)

    def operation(self, query: str) -> dict[str, Any]:
        """One operation of a request."""
        (operation,) = (one for one in parse(query).definitions if isinstance(one, OperationDefinitionNode))
        schema = "__schema" in query
        if schema and self.missing not in ("introspection", "told"):
            return {"errors": [{"message": "introspection is off"}]}
        if not schema and self.missing != "depth" and _depth(operation.selection_set) > 6:
            return {"errors": [{"message": "the query is too deep"}]}
        if self.missing != "aliases" and len(operation.selection_set.selections) > 20:
            return {"errors": [{"message": "too many fields"}]}
        done: dict[str, Any] = dict(graphql_sync(self.schema, query, Root(self)).formatted)
        if self.missing != "suggestions":
            for one in done.get("errors", ()):
                one["message"] = one["message"].split(" Did you mean")[0]
        return done


def _depth(inside: Any) -> int:
    nodes = inside.selections if inside else ()
    return max((1 + _depth(one.selection_set) for one in nodes if isinstance(one, FieldNode)), default=0)


class Root:
    """The resolvers."""

    def __init__(self, blog: Blog) -> None:
        self.blog = blog

    def version(self, _info: object) -> str:
        return "3.1"

    def latest(self, _info: object) -> dict[str, Any]:
        return self.post()

    def writers(self, _info: object) -> list[dict[str, Any]]:
        return [self.writer(), self.writer()]

    def post(self) -> dict[str, Any]:
        self.blog.resolved += 1
        if self.blog.resolved > 100_000:
            raise GraphQLError("that is more than any page needs")
        return {
            "id": "1",
            "title": "First",
            "author": lambda _info: self.writer(),
            "comments": lambda _info: [self.comment()] * 5,
        }

    def comment(self) -> dict[str, Any]:
        return {"id": "3", "text": "Well said", "post": lambda _info: self.post()}

    def writer(self) -> dict[str, Any]:
        return {"id": "2", "name": "Ada", "posts": lambda _info, first=10: [self.post() for _ in range(min(first, 10))]}


async def asked(blog: Blog) -> Outcome:
    """What LR306 says; the schema comes from the app or from its source, as it is told."""
    with serve(blog) as url:
        return await ask("LR306", url=url)


async def test_an_app_with_limits_has_none_missing(tmp_path: Any) -> None:
    # The way back by one post and its author is taken, not the one by five comments each.
    found = cycles(build_schema(SDL))[0]
    assert found.many == 0
    (tmp_path / "schema.graphql").write_text(SDL)
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"@apollo/server": "4.0.0"}}))
    with serve(Blog()) as url:
        outcome = await ask("LR306", tmp_path, url)
    assert outcome.findings == ()
    assert outcome.status is Status.PASS
    assert outcome.examined == 5


@pytest.mark.parametrize("limit", ["depth", "aliases", "batch", "suggestions"])
async def test_each_limit_that_is_missing_is_found(limit: str, tmp_path: Any) -> None:
    (tmp_path / "schema.graphql").write_text(SDL)
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"@apollo/server": "4.0.0"}}))
    blog = Blog(limit)
    with serve(blog) as url:
        outcome = await ask("LR306", tmp_path, url)
    assert [(one.target, one.key, one.confidence) for one in outcome.findings] == [
        ("POST /graphql", limit, Confidence.PROVEN)
    ]
    assert blog.resolved < 500, "what is asked for stays cheap"


async def test_introspection_on_ones_own_machine_is_a_question_and_no_more() -> None:
    outcome = await asked(Blog("introspection"))
    assert [(one.key, one.severity, one.confidence) for one in outcome.findings] == [
        ("introspection-here", Severity.LOW, Confidence.SUSPECTED)
    ]


async def test_an_app_without_graphql_has_nothing_to_limit() -> None:
    with serve(lambda got: Reply(200 if got.path == "/" else 404, "hello")) as url:
        assert (await ask("LR306", url=url)).status is Status.NOT_APPLICABLE


async def test_a_way_back_that_multiplies_is_not_followed_to_the_end(tmp_path: Any) -> None:
    sdl = "type Query { rooms: [Room!]! } type Room { id: ID!  people: [Person!]! } type Person { id: ID!  rooms: [Room!]! }"
    schema, sizes = build_schema(sdl), []

    def room(_info: object = None) -> dict[str, Any]:
        return {"id": "r", "people": lambda _info: [{"id": "p", "rooms": lambda _info: [room()] * 6}] * 6}

    def app(got: Got) -> Reply:
        if got.path != "/graphql" or got.method != "POST":
            return Reply(405 if got.path == "/graphql" else 404, "{}", JSON)
        given = json.loads(got.body)
        if isinstance(given, list):
            return Reply(400, "{}", JSON)
        said = json.dumps(graphql_sync(schema, given["query"], {"rooms": [room()] * 6}).formatted)
        sizes.append(len(said))
        return Reply(200, said, JSON)

    with serve(app) as url:
        outcome = await ask("LR306", url=url)
    (found,) = [one for one in outcome.findings if one.key == "depth"]
    assert found.confidence is Confidence.SUSPECTED
    assert max(sizes) < 1_000_000


async def test_a_way_that_holds_nothing_is_left_for_one_that_does(tmp_path: Any) -> None:
    sdl = """
        type Query { mine: Room  rooms: [Room!]! }
        type Room { id: ID!  host: Person! }
        type Person { id: ID!  room: Room! }
    """
    schema = build_schema(sdl)

    def room(_info: object = None) -> dict[str, Any]:
        return {"id": "r", "host": lambda _info: {"id": "p", "room": room}}

    def app(got: Got) -> Reply:
        if got.path != "/graphql" or got.method != "POST":
            return Reply(405 if got.path == "/graphql" else 404, "{}", JSON)
        given = json.loads(got.body)
        if isinstance(given, list):
            return Reply(400, "{}", JSON)
        said = graphql_sync(schema, given["query"], {"rooms": [room()], "mine": rooms.get("mine")}).formatted
        return Reply(200, json.dumps(said), JSON)

    rooms: dict[str, Any] = {}
    with serve(app) as url:
        outcome = await ask("LR306", url=url)
    (found,) = [one for one in outcome.findings if one.key == "depth"]
    assert found.confidence is Confidence.PROVEN
    assert "rooms" in found.evidence[0].excerpt


async def test_depth_is_asked_where_the_server_knows_no_directive_of_the_specification() -> None:
    blog = Blog("introspection")
    blog.schema = GraphQLSchema(query=blog.schema.query_type, directives=[])
    with serve(blog) as url:
        limited = await ask("LR306", url=url)
    assert not any(one.key == "depth" for one in limited.findings)
    deep = Deep("introspection")
    deep.schema = blog.schema
    with serve(deep) as url:
        outcome = await ask("LR306", url=url)
    assert [one.confidence for one in outcome.findings if one.key == "depth"] == [Confidence.PROVEN]


class Deep(Blog):
    """A blog that answers any depth."""

    def operation(self, query: str) -> dict[str, Any]:
        return dict(graphql_sync(self.schema, query, Root(self)).formatted)


def test_a_way_back_through_the_connections_of_relay_is_found() -> None:
    schema = build_schema("""
        type Query { users: [User!]! }
        type User { id: ID!  links: LinkConnection! }
        type LinkConnection { edges: [LinkEdge!]! }
        type LinkEdge { node: Link }
        type Link { id: ID!  voters: UserConnection! }
        type UserConnection { edges: [UserEdge!]! }
        type UserEdge { node: User }
    """)
    (way,) = cycles(schema)
    assert way.start == ("users",)
    assert way.again == ("links", "edges", "node", "voters", "edges", "node")
    assert way.many == 2
