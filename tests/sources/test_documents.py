"""Ways in that documents name: what the specifications say they mean, and whose API they describe."""

import json
from pathlib import Path

from tests.sources.reading import one, surface, who

FLASK = """
    from flask import Flask
    app = Flask(__name__)

    @app.get("/api/pets/<int:pet_id>")
    def pet(pet_id): return {}
"""


def test_an_openapi_3_document_gives_paths_inputs_and_what_it_asks_for(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        openapi_yaml="""
        openapi: 3.1.0
        info: {title: Pets, version: "1"}
        servers:
          - url: /api/{version}
            variables: {version: {default: v2}}
        security:
          - bearer: []
        paths:
          /pets/{id}:
            parameters:
              - {name: id, in: path, required: true, schema: {type: integer}}
            get:
              security: []
              responses: {}
            put:
              requestBody:
                required: true
                content:
                  application/json:
                    schema: {$ref: '#/components/schemas/Pet'}
              responses: {}
          /keys:
            get:
              security: [{oauth: ["keys:read"]}, {}]
              responses: {}
            post:
              security: [{oauth: ["keys:write"]}]
              responses: {}
            delete:
              security: [{nowhere: []}]
              responses: {}
        components:
          securitySchemes:
            bearer: {type: http, scheme: bearer}
            oauth: {type: oauth2}
          schemas:
            Pet:
              allOf:
                - type: object
                  required: [name]
                  properties: {name: {type: string}, id: {type: integer, readOnly: true}}
                - $ref: '#/components/schemas/Pet'
        """,
    )
    assert who(found) == {
        "GET /api/v2/pets/{id}": "open",
        "PUT /api/v2/pets/{id}": "guarded",
        # A choice that asks for nothing lets strangers in.
        "GET /api/v2/keys": "open",
        "POST /api/v2/keys": "guarded",
        # A requirement of a scheme that is described nowhere says nothing.
        "DELETE /api/v2/keys": "unknown",
    }
    put = one(found, "PUT /api/v2/pets/{id}")
    assert [(i.name, i.where, i.type, i.required) for i in put.inputs] == [
        ("id", "path", "integer", True),
        ("name", "body", "string", True),
    ]
    assert put.seen_in == ("openapi",)
    assert put.confidence < 0.7
    assert [(span.file, span.line) for span in put.access.evidence] == [("openapi.yaml", 16)]
    assert one(found, "POST /api/v2/keys").access.roles == ("keys:write",)


def test_swagger_2_has_a_base_path_bodies_and_forms(tmp_path: Path) -> None:
    document = {
        "swagger": "2.0",
        "basePath": "/v1",
        "paths": {
            "/pets": {
                "post": {
                    "parameters": [
                        {"name": "pet", "in": "body", "schema": {"properties": {"name": {"type": "string"}}}},
                        {"name": "X-Trace", "in": "header", "type": "string"},
                    ]
                }
            },
            "/photos": {"post": {"parameters": [{"name": "photo", "in": "formData", "type": "file"}]}},
        },
    }
    found = surface(tmp_path, swagger_json=json.dumps(document))
    assert who(found) == {"POST /v1/pets": "unknown", "POST /v1/photos": "unknown"}
    assert [(i.name, i.where) for i in one(found, "POST /v1/pets").inputs] == [("name", "body"), ("X-Trace", "header")]
    assert [(i.name, i.where) for i in one(found, "POST /v1/photos").inputs] == [("photo", "file")]


def test_a_base_path_that_is_left_over_from_version_2_still_counts(tmp_path: Path) -> None:
    document = {"openapi": "3.0.3", "basePath": "/api", "paths": {"/pets": {"get": {"responses": {}}}}}
    assert set(who(surface(tmp_path / "a", swagger_json=json.dumps(document)))) == {"GET /api/pets"}
    served = document | {"servers": [{"url": "https://shop.example/v2"}]}
    assert set(who(surface(tmp_path / "b", swagger_json=json.dumps(served)))) == {"GET /v2/pets"}


def test_what_the_source_shows_keeps_its_evidence_and_gains_a_witness(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py=FLASK,
        docs__api_yaml="""
        openapi: 3.0.0
        servers: [{url: https://api.acme-pets.io}]
        paths:
          /api/pets/{petId}:
            get:
              security: [{key: []}]
              parameters: [{name: fields, in: query, schema: {type: string}}]
          /api/hidden:
            get: {}
        components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
        """,
    )
    pet = one(found, "GET /api/pets/{pet_id}")
    assert pet.seen_in == ("source", "openapi")
    assert pet.source.file == "main.py"
    assert pet.access.verdict != "guarded"
    assert "fields" in {given.name for given in pet.inputs}
    assert one(found, "GET /api/hidden").seen_in == ("openapi",)


def test_documents_of_others_and_of_tests_are_left_out_and_named(tmp_path: Path) -> None:
    stripe = "openapi: 3.0.0\nservers: [{url: 'https://api.stripe.com/'}]\npaths: {/v1/charges: {get: {}}}\n"
    found = surface(tmp_path, main_py=FLASK, stripe_yaml=stripe, tests__api_yaml=stripe, vendor__gh_yaml=stripe)
    assert list(who(found)) == ["GET /api/pets/{pet_id}"]
    assert {unread.file for unread in found.unread} == {"stripe.yaml", "tests/api.yaml", "vendor/gh.yaml"}


def test_references_reach_other_files_and_never_out_of_the_tree(tmp_path: Path) -> None:
    (tmp_path.parent / "outside.yaml").write_text("get: {}\n")
    found = surface(
        tmp_path,
        api__openapi_yaml="""
        openapi: 3.0.0
        paths:
          /users: {$ref: './paths/users.yaml'}
          /away: {$ref: '../../outside.yaml'}
        """,
        api__paths__users_yaml="post: {requestBody: {content: {application/json: {schema: {$ref: '../user.yaml#/User'}}}}}\n",
        api__user_yaml="User: {properties: {email: {type: string}}}\n",
    )
    assert list(who(found)) == ["POST /users"]
    assert [given.name for given in one(found, "POST /users").inputs] == ["email"]
    assert any("/away" in unread.reason for unread in found.unread)


def test_graphql_fields_of_the_root_types_are_ways_in(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        schema_graphql="""
        schema { query: Root mutation: Mutation }
        type Root { user(id: ID!, deep: Boolean = true): User me: User @authenticated }
        type Query { notARoot: Int }
        type User { id: ID! }
        """,
        more_graphql="""
        extend type Mutation { ban(id: ID!): User @auth(roles: [ADMIN]) }
        """,
    )
    assert who(found) == {
        "POST /graphql#Query.user": "unknown",
        "POST /graphql#Query.me": "guarded",
        "POST /graphql#Mutation.ban": "guarded",
    }
    assert one(found, "POST /graphql#Mutation.ban").access.roles == ("ADMIN",)
    assert [e.action for e in found.endpoints] == ["write", "read", "read"]
    assert [(i.name, i.required) for i in one(found, "POST /graphql#Query.user").inputs] == [
        ("id", True),
        ("deep", False),
    ]


def test_schemas_in_code_are_ways_in_and_operations_in_code_are_none(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        package_json='{"dependencies": {"@apollo/server": "4", "graphql-tag": "2", "ariadne": "1"}}',
        src__schema_ts="""
        import gql from "graphql-tag";
        const ROLE = `enum Role { ADMIN }`;
        export const typeDefs = gql`
          ${ROLE}
          type Query {
            me: User @authenticated
          }
          type User { id: ID! }
        `;
        export const ASKED = gql`query { me { id } }`;
        """,
        src__notes_js="""
        const typeDefs = `#graphql
          extend type Mutation { deleteNote(id: ID!): Boolean }
        `;
        const other = buildSchema("extend type Query { version: String }");
        """,
    )
    assert who(found) == {
        "POST /graphql#Query.me": "guarded",
        "POST /graphql#Mutation.deleteNote": "unknown",
        "POST /graphql#Query.version": "unknown",
    }
    source = one(found, "POST /graphql#Query.me").source
    text = (tmp_path / source.file).read_text().splitlines()
    assert "me: User" in text[source.line - 1]


def test_a_schema_in_a_string_of_python_is_a_way_in(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        requirements_txt="ariadne==0.23\n",
        app_py='''
        """Says gql and type Query { nothing: Int }, but is no schema."""
        from ariadne import gql

        type_defs = gql("""
            type Query { notes(first: Int): [Note!]! }
            type Note { id: ID! }
        """)
        ''',
    )
    assert list(who(found)) == ["POST /graphql#Query.notes"]


def test_a_schema_in_code_beside_a_client_is_somebody_elses(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        package_json='{"dependencies": {"@apollo/client": "3", "graphql": "16"}}',
        local_js="const typeDefs = gql`extend type Query { isLoggedIn: Boolean! }`;",
    )
    assert found.endpoints == ()


def test_a_schema_beside_a_client_is_somebody_elses(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        package_json='{"dependencies": {"@apollo/client": "3"}}',
        github_graphql="type Query { viewer: Int }",
    )
    assert found.endpoints == ()
    assert "@apollo/client" in found.unread[0].reason


def test_a_har_recording_gives_the_calls_to_the_app_and_no_assets(tmp_path: Path) -> None:
    def entry(method: str, url: str, mime: str = "application/json", **request: object) -> dict[str, object]:
        return {"request": {"method": method, "url": url, **request}, "response": {"content": {"mimeType": mime}}}

    posted = {"mimeType": "application/json", "text": '{"name": "x"}'}
    entries = [
        entry("GET", "https://app.acme-pets.io/", "text/html"),
        entry("GET", "https://app.acme-pets.io/main.js", "text/javascript"),
        entry("GET", "https://api.acme-pets.io/users/41?full=1"),
        entry("GET", "https://api.acme-pets.io/users/42"),
        entry("GET", "https://api.acme-pets.io/users/42/avatar", "image/png"),
        entry("POST", "https://api.acme-pets.io/users", postData=posted),
        entry("GET", "https://stats.tracker.net/hit"),
    ]
    found = surface(tmp_path, app_har=json.dumps({"log": {"entries": entries}}))
    assert list(who(found)) == ["GET /", "POST /users", "GET /users/{id}", "GET /users/{id}/avatar"]
    assert [(i.name, i.where) for i in one(found, "POST /users").inputs] == [("name", "body")]
    assert "stats.tracker.net" in found.unread[0].reason


def test_a_postman_collection_gives_requests_of_its_folders(tmp_path: Path) -> None:
    collection = {
        "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "auth": {"type": "bearer"},
        "item": [
            {
                "name": "users",
                "item": [
                    {"name": "one", "request": {"method": "PUT", "url": "{{base}}/users/:userId?x=1"}},
                    {"name": "all", "request": {"url": {"raw": "{{base}}/users", "query": [{"key": "page"}]}}},
                ],
            }
        ],
    }
    found = surface(tmp_path, collection_json=json.dumps(collection))
    # What a collection sends is not what the app demands.
    assert who(found) == {"GET /users": "unknown", "PUT /users/{userId}": "unknown"}
    assert "bearer" in one(found, "GET /users").access.evidence[0].what


def test_a_recorded_call_is_told_by_the_address_that_the_source_has_for_it(tmp_path: Path) -> None:
    app = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/user/{username}')\ndef of(username: str): return find(username)\n"
    calls = [{"name": "me", "request": {"method": "GET", "url": "{{base}}/user/admin"}}, {"name": "gone", "request": {"method": "GET", "url": "{{base}}/old/admin"}}]  # fmt: skip
    collection = {"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": calls}  # fmt: skip
    found = surface(tmp_path, app_py=app, collection_json=json.dumps(collection))
    assert sorted(who(found)) == ["GET /old/admin", "GET /user/{username}"]
    assert "postman" in one(found, "GET /user/{username}").seen_in


def test_broken_and_hostile_documents_are_named_and_never_raise(tmp_path: Path) -> None:
    deep = "[" * 50_000
    found = surface(
        tmp_path,
        a_json='{"openapi": "3.0.0", "paths": {' + deep,
        b_yaml="openapi: 3.0.0\npaths: {/a: {get: *nowhere}}\n",
        c_yaml="openapi: 3.0.0\npaths:\n  /a: {get: [], post: {parameters: 7, security: {}, requestBody: {content: []}}}\n  7: 8\n",
        d_graphql="type Query { a" + "(" * 10_000,
        e_har='{"log": {"entries": [7, {"request": {"url": "http://[::"}}]}}',
        f_json='{"info": {"schema": "getpostman.com"}, "item": [{"request": {"url": 7}}, [], "x"]}',
    )
    assert "POST /a" in who(found)
    assert {unread.file for unread in found.unread} >= {"a.json", "b.yaml"}
