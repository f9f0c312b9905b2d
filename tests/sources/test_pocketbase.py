"""PocketBase: whom the rules of collections let in, by the schema and by migrations in their order."""

import json
from pathlib import Path

import pytest

from tests.sources.reading import app, one, who


def rule(root: Path, name: str, text: str | None) -> str:
    collection = {
        "name": "notes",
        "type": "base",
        "listRule": None,
        "viewRule": None,
        "createRule": None,
        "updateRule": None,
        "deleteRule": None,
    }
    found = app(root, {"pb_schema.json": json.dumps([collection | {name: text}])})
    method, path = {"listRule": ("GET", ""), "createRule": ("POST", ""), "updateRule": ("PATCH", "/{id}")}[name]
    return one(found, f"{method} /api/collections/notes/records{path}").access.verdict.value


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("listRule", None, "guarded"),
        ("listRule", "", "open"),
        ("listRule", '@request.auth.id != ""', "guarded"),
        ("listRule", "owner = @request.auth.id", "guarded"),
        ("listRule", 'public = true || @request.auth.id != ""', "unknown"),
        ("listRule", "public = true", "open"),
        ("updateRule", 'owner = @request.auth.id || @request.auth.role = "admin"', "guarded"),
        # A stranger leaves the owner empty.
        ("createRule", "@request.body.owner = @request.auth.id", "unknown"),
        ("createRule", '@request.auth.id != "" && @request.body.owner = @request.auth.id', "guarded"),
    ],
)
def test_whom_a_rule_lets_in(tmp_path: Path, name: str, text: str | None, word: str) -> None:
    assert rule(tmp_path, name, text) == word


CREATED = """
migrate((app) => {
  const collection = new Collection({ "id": "pbc_1", "name": "notes", "type": "base", "listRule": "", "viewRule": null, "createRule": null, "updateRule": null, "deleteRule": null, "fields": [] });
  return app.save(collection);
}, (app) => { const collection = app.findCollectionByNameOrId("pbc_1"); return app.delete(collection); })
"""
CLOSED = """
migrate((app) => {
  const collection = app.findCollectionByNameOrId("pbc_1");
  unmarshal({ "listRule": "@request.auth.id != \\"\\"" }, collection);
  return app.save(collection);
}, (app) => {
  const collection = app.findCollectionByNameOrId("pbc_1");
  unmarshal({ "listRule": "" }, collection);
  return app.save(collection);
})
"""
OPENED = """
migrate((db) => {
  const dao = new Dao(db);
  const collection = dao.findCollectionByNameOrId("pbc_1");
  collection.createRule = "";
  return dao.saveCollection(collection);
})
"""
REMOVED = """
migrate((app) => { const collection = app.findCollectionByNameOrId("notes"); return app.delete(collection); })
"""


def test_the_last_migration_decides(tmp_path: Path) -> None:
    def read(**migrations: str) -> dict[str, str]:
        return who(app(tmp_path, {f"pb_migrations/{name[1:]}.js": text for name, text in migrations.items()}))

    listed, added = "GET /api/collections/notes/records", "POST /api/collections/notes/records"
    first = read(_1_created_notes=CREATED)
    assert (first[listed], first[added]) == ("open", "guarded")
    assert read(_1_created_notes=CREATED, _2_updated_notes=CLOSED)[listed] == "guarded"
    assert read(_3_updated_notes=OPENED)[added] == "open"
    assert read(_4_deleted_notes=REMOVED) == {}


def test_people_sign_in_to_a_collection_of_theirs(tmp_path: Path) -> None:
    rows = [
        {"name": "users", "type": "auth", "listRule": None},
        {"name": "_superusers", "type": "auth"},
        {"name": "totals", "type": "view", "listRule": ""},
    ]
    found = who(app(tmp_path, {"pb_schema.json": json.dumps(rows)}))
    assert found["POST /api/collections/users/auth-with-password"] == "open"
    assert [name for name in found if "totals" in name] == [
        "GET /api/collections/totals/records",
        "GET /api/collections/totals/records/{id}",
    ]
    assert not any("_superusers" in name for name in found)
