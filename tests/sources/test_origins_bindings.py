"""What source says of CORS, and where a handler compares a record with its caller."""

from pathlib import Path

import pytest
from launchready.sources.bindings import bindings
from launchready.sources.origins import Origins, origins
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.stages.apps import fastapi
from tests.support.ask import write


def _origins(folder: Path, name: str, text: str) -> Origins:
    return origins(Tree.read(write(folder, {name: text}), (str(folder),)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "main.py",
            'app.add_middleware(\n  CORSMiddleware,\n  allow_origins=["https://a.example"], allow_credentials=True)\n',
        ),
        (
            "settings.py",
            "# CORS\nCORS_ALLOWED_ORIGINS = [\n    'https://a.example',\n]\nCORS_ALLOW_CREDENTIALS = True\n",
        ),
        ("server.js", "app.use(cors({ origin: ['https://a.example'], credentials: true }))\n"),
        ("server.ts", "app.use(cors({\n  origin: 'https://a.example/',\n  credentials: true,\n}))\n"),
        ("App.java", 'r.addMapping("/**") /* cors */ .allowedOrigins("https://a.example").allowCredentials(true);\n'),
        ("main.go", 'cors.Config{AllowOrigins: []string{"https://a.example"}, AllowCredentials: true}\n'),
    ],
)
def test_origins_of_the_usual_frameworks(name: str, text: str, tmp_path: Path) -> None:
    found = _origins(tmp_path, name, text)
    assert [span.what for span in found.seen] == ["https://a.example"]
    assert found.credentials
    assert found.seen[0].line > 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.py", 'app.add_middleware(CORSMiddleware, allow_origins=["*"])\n'),
        ("settings.py", "CORS_ALLOW_ALL_ORIGINS = True\n"),
        ("server.js", "app.use(cors())\n"),
    ],
)
def test_every_website_is_said_as_such(name: str, text: str, tmp_path: Path) -> None:
    found = _origins(tmp_path, name, text)
    assert [span.what for span in found.seen] == ["*"]
    assert not found.credentials


def test_what_is_commented_out_or_no_cors_is_nothing(tmp_path: Path) -> None:
    text = '# allow_origins=["https://old.example"]  CORS\norigin = "https://elsewhere.example/pictures"\n'
    assert _origins(tmp_path, "main.py", text) == Origins()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("return db.query(Note).filter(Note.id == note_id, Note.owner_id == user.id).one()", "own"),
        ("return get_object_or_404(Note, pk=note_id, author=request.user)", "own"),
        (
            "note = load(note_id)\n    if note.user_id != user.id:\n        raise HTTPException(404)\n    return note",
            "own",
        ),
        (
            "note = load(note_id)\n    if note.author != tokens.current_user():\n        abort(403)\n    return note",
            "own",
        ),
        (
            'return db.execute("SELECT * FROM n WHERE id = ? AND workspace_id = ?", (note_id, user["workspace_id"]))',
            "tenant",
        ),
        ("return load(note_id, org)\n    if note.org_id != user.org_id:\n        raise HTTPException(404)", "tenant"),
        ("return db.query(Note).filter(Note.id == note_id).one()", None),
        (
            "if load(note_id).user_id != user.id:\n        raise HTTPException(404)\n    return load(note_id)",
            "own",
        ),
        ("going = Visit.objects.filter(user=request.user, note=note_id).exists()\n    return page(going)", None),
        (
            "if not Visit.objects.filter(user=request.user, note=note_id).exists():\n        raise HTTPException(404)\n    return 1",
            "own",
        ),
        (
            "guests = None\n    if request.user == load(note_id).created_by:\n        guests = all_of(note_id)\n    return page(guests)",
            None,
        ),
        (
            "if request.user != load(note_id).created_by and request.user.role == 'chair':\n        raise HTTPException(403)\n    drop(note_id)",
            None,
        ),
        (
            "return db.scalar(select(Note).where(and_(Note.id == note_id, Note.owner_id == user.get('id'))))",
            "own",
        ),
        ("return db.query(Note).filter(Note.org_id == user.get('org_id'), Note.id == note_id).one()", "tenant"),
        ("log(user.get('id'))\n    return db.get(Note, note_id)", None),
        ("log(user.id)\n    return db.get(Note, note_id)", None),
        ("db.add(Note(owner_id=user.id))\n    return db.get(Note, note_id)", None),
    ],
)
def test_where_a_handler_compares_with_its_caller(body: str, what: str | None, tmp_path: Path) -> None:
    route = f'@app.get("/notes/{{note_id}}")\ndef note(note_id: int, request: Request, user=Depends(current_user)):\n    {body}\n'
    tree = Tree.read(write(tmp_path, fastapi(route)), (str(tmp_path),))
    found = bindings(tree, read_surface(tree).endpoints)
    assert {name: span.what for name, span in found.items()} == ({"GET /notes/{note_id}": what} if what else {})
    if what:
        span = found["GET /notes/{note_id}"]
        line = (tmp_path / span.file).read_text().splitlines()[span.line - 1]
        assert "user" in line
