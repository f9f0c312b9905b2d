"""The surface kept between runs: the same as reading again, and never older than the source."""

from pathlib import Path

from launchready.sources.cache import cached_surface
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

APP = 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/a")\ndef a(): ...\n'


def test_it_is_what_reading_again_would_give(tmp_path: Path) -> None:
    root, kept = tmp_path / "app", tmp_path / "cache"
    root.mkdir()
    (root / "main.py").write_text(APP)
    (root / "blob.bin").write_bytes(b"\0\xff")
    tree = Tree.read(root)
    first, second = cached_surface(tree, kept), cached_surface(tree, kept)
    assert first == second == read_surface(tree)
    assert len(list(kept.iterdir())) == 1


def test_a_changed_moved_or_new_file_is_seen(tmp_path: Path) -> None:
    root, kept = tmp_path / "app", tmp_path / "cache"
    root.mkdir()
    (root / "main.py").write_text(APP)
    cached_surface(Tree.read(root), kept)
    (root / "main.py").write_text(APP.replace("/a", "/b"))
    assert [one.path for one in cached_surface(Tree.read(root), kept).endpoints] == ["/b"]
    (root / "main.py").rename(root / "other.py")
    assert cached_surface(Tree.read(root), kept).endpoints[0].source.file == "other.py"
    (root / "package.json").write_text('{"dependencies": {"stripe": "1.0.0"}}')
    assert cached_surface(Tree.read(root), kept).integrations


def test_a_broken_or_unwritable_cache_only_costs_time(tmp_path: Path) -> None:
    root, kept = tmp_path / "app", tmp_path / "cache"
    root.mkdir()
    (root / "main.py").write_text(APP)
    tree = Tree.read(root)
    cached_surface(tree, kept)
    for file in kept.iterdir():
        file.write_bytes(b"\x93\x01")
    assert cached_surface(tree, kept).endpoints
    assert cached_surface(tree, tmp_path / "app" / "main.py" / "no-folder").endpoints
