"""The OpenAPI document an app serves of itself: which of several is taken, and where its paths begin."""

import asyncio
import json

from launchready.ground.known import known_endpoints
from launchready.model.surface import Access, Endpoint, Span, Surface
from launchready.model.words import AccessVerdict, Kind
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site

from tests.support.web import Got, Reply, serve

PATHS = {"/notes": {"get": {"responses": {"200": {"description": "ok"}}}}}
JSON = {"Content-Type": "application/json"}


async def _known(url: str) -> tuple[set[str], int]:
    async with Site.open(url) as site:
        sweep = GuestSweep(site, Surface())
        calls = await sweep.results()
        return {endpoint.name for endpoint in await known_endpoints(Surface(), sweep)}, calls[0].exchange.status


def _app(documents: dict[str, dict[str, object]], there: str) -> tuple[set[str], int]:
    def app(got: Got) -> Reply:
        if got.path in documents:
            return Reply(200, json.dumps(documents[got.path]), JSON)
        return Reply(200, "[]", JSON) if got.path == there else Reply(404, "{}", JSON)

    with serve(app) as url:
        return asyncio.run(_known(url))


def test_the_document_of_a_mounted_part_is_left_for_the_one_whose_addresses_are_there() -> None:
    at_root: dict[str, object] = {"openapi": "3.1.0", "paths": PATHS}
    mounted = at_root | {"servers": [{"url": "/api"}]}
    assert _app({"/openapi.json": at_root, "/api/openapi.json": mounted}, "/api/notes") == ({"GET /api/notes"}, 200)


def test_a_document_is_taken_even_where_none_of_its_addresses_is_there() -> None:
    assert _app({"/openapi.json": {"openapi": "3.1.0", "paths": PATHS}}, "/nowhere") == ({"GET /notes"}, 404)


def test_paths_begin_at_the_base_path_of_swagger_2() -> None:
    document: dict[str, object] = {"swagger": "2.0", "basePath": "/v1", "paths": PATHS}
    assert _app({"/swagger.json": document}, "/v1/notes") == ({"GET /v1/notes"}, 200)


def test_a_get_that_writes_by_its_source_is_not_called_because_a_document_names_it() -> None:
    called: list[str] = []

    def app(got: Got) -> Reply:
        called.append(got.path)
        if got.path == "/openapi.json":
            paths: dict[str, object] = {path: {"get": {"responses": {}}} for path in ("/notes", "/notes/{id}/done")}
            return Reply(200, json.dumps({"openapi": "3.1.0", "paths": paths}), JSON)
        return Reply(200, "[]", JSON)

    async def swept(url: str) -> set[str]:
        done = Endpoint(
            "GET",
            "/notes/{note}/done",
            "FastAPI",
            (Kind.OTHER,),
            "write",
            Access(AccessVerdict.GUARDED),
            (),
            Span("a.py", 1),
        )
        async with Site.open(url) as site:
            return {call.endpoint.name for call in await GuestSweep(site, Surface(endpoints=(done,))).results()}

    with serve(app) as url:
        assert asyncio.run(swept(url)) == {"GET /notes"}
    assert not [path for path in called if path.endswith("/done")]


def test_a_document_beside_its_page_is_found_where_the_source_shows_nothing() -> None:
    assert _app({"/docs/json": {"openapi": "3.0.3", "paths": PATHS}}, "/notes") == ({"GET /notes"}, 200)
