"""Connexion: operations of a document, the functions that answer them, and the security the document demands.

Expected values follow connexion.readthedocs.io (routing, security).
"""

from pathlib import Path

from launchready.model.surface import Surface

from tests.sources.reading import app, one, who

DOCUMENT = """openapi: 3.0.0
info: {title: Notes, version: "1"}
servers:
  - url: /v1
components:
  securitySchemes:
    jwt: {type: http, scheme: bearer, x-bearerInfoFunc: api.auth.decode}
security:
  - jwt: []
paths:
  /notes:
    get:
      operationId: api.notes.every
      responses: {"200": {description: ok}}
    post:
      operationId: add
      x-openapi-router-controller: api.notes
      responses: {"201": {description: ok}}
  /notes/{note_id}:
    parameters:
      - {in: path, name: note_id, schema: {type: integer}, required: true}
    delete:
      security: []
      responses: {"204": {description: ok}}
  /health:
    get:
      operationId: api.health.read
      security: []
      responses: {"200": {description: ok}}
"""
MAIN = """import connexion
from connexion.resolver import RestyResolver

app = connexion.FlaskApp(__name__, specification_dir="spec/")
app.add_api("openapi.yaml", resolver=RestyResolver("api"))
"""
NOTES = """
def every():
    return Note.all()


def add(body):
    return Note(body).save(), 201


def delete(note_id):
    Note.get(note_id).delete()
    return "", 204
"""


def _app(root: Path, main: str = MAIN, document: str = DOCUMENT) -> Surface:
    return app(
        root,
        {
            "app.py": main,
            "spec/openapi.yaml": document,
            "api/__init__.py": "",
            "api/notes.py": NOTES,
            "api/health.py": "def read():\n    return 'ok'\n",
        },
    )


def test_the_document_says_who_may_call_and_the_function_stands_behind(tmp_path: Path) -> None:
    found = _app(tmp_path)
    assert {e.name: e.access.verdict.value for e in found.endpoints if e.framework == "Connexion"} == {
        "GET /v1/notes": "guarded",
        "POST /v1/notes": "guarded",
        "DELETE /v1/notes/{note_id}": "open",
        "GET /v1/health": "open",
    }
    assert one(found, "POST /v1/notes").source.file == "api/notes.py"
    assert one(found, "DELETE /v1/notes/{note_id}").source.what == "delete"
    assert "api.auth.decode" in one(found, "GET /v1/notes").access.evidence[0].what


def test_a_base_path_given_to_add_api_replaces_that_of_the_document(tmp_path: Path) -> None:
    moved = MAIN.replace('"openapi.yaml", ', '"openapi.yaml", base_path="/internal", ')
    assert "GET /internal/notes" in who(_app(tmp_path, moved))


def test_a_handler_that_is_nowhere_is_unknown_and_a_missing_document_is_named(tmp_path: Path) -> None:
    lost = _app(tmp_path / "lost", document=DOCUMENT.replace("api.health.read", "api.gone.read"))
    assert who(lost)["GET /v1/health"] == "unknown"
    missing = _app(tmp_path / "missing", MAIN.replace("openapi.yaml", "other.yaml"))
    assert any("other.yaml" in unread.reason for unread in missing.unread)


def test_a_document_that_the_app_opens_by_itself_is_the_one_that_names_its_modules(tmp_path: Path) -> None:
    main = """import yaml
from connexion import FlaskApi


def init(app):
    with open(ROOT / "spec" / NAME) as file:
        specification = yaml.safe_load(file)
    app.register_blueprint(FlaskApi(specification=specification).blueprint)
"""
    found = who(_app(tmp_path, main))
    assert found["POST /v1/notes"] == "guarded"
    assert found["GET /v1/health"] == "open"


def test_a_handler_that_calls_a_decorated_one_is_guarded_and_one_that_forwards_everything_out_of_sight_unknown(
    tmp_path: Path,
) -> None:
    notes = """
from elsewhere import handlers
from api.auth import needs_login


@needs_login
def add(body):
    return Note(body).save(), 201


def every():
    return add({})


def delete(**kwargs):
    return handlers.delete(**kwargs)
"""
    auth = """
def needs_login(function):
    def inner(*args, **kwargs):
        if not current_user.is_authenticated:
            raise Unauthorized()
        return function(*args, **kwargs)
    return inner
"""
    document = DOCUMENT.replace("security:\n  - jwt: []\n", "")
    files = {"app.py": MAIN, "spec/openapi.yaml": document, "api/notes.py": notes, "api/auth.py": auth}
    found = who(app(tmp_path, files))
    assert found["GET /v1/notes"] == "guarded"
    assert found["POST /v1/notes"] == "guarded"
    assert found["DELETE /v1/notes/{note_id}"] == "unknown"
