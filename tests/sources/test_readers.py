"""Which readers of frameworks are imported: all that could have a word to say about a tree, and no other language's."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from launchready.sources import frameworks
from launchready.sources.readers import modules
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.support.ask import write

EVERY_LANGUAGE = dict.fromkeys(("a.py", "a.rb", "a.php", "a.go", "a.java", "a.ts"), "")


def read_by(tmp_path: Path, files: dict[str, str], *packages: str) -> set[str]:
    return {name for module in modules(Tree.read(write(tmp_path, files)), packages) for name in module.READS}


def test_no_reader_is_left_out(tmp_path: Path) -> None:
    every = {
        name
        for module in pkgutil.iter_modules(frameworks.__path__)
        for name in getattr(importlib.import_module(f"{frameworks.__name__}.{module.name}"), "READS", {})
    }
    assert read_by(tmp_path, EVERY_LANGUAGE, "@supabase/supabase-js") == every


@pytest.mark.parametrize(
    ("file", "reads", "leaves"),
    [
        ("shop/app.py", "FastAPI", "Rails"),
        ("src/server.mts", "Express", "FastAPI"),
        ("Gemfile", "Rails", "Laravel"),
        ("composer.json", "Laravel", "Django"),
        ("requirements/base.txt", "Django", "Spring"),
        ("supabase/migrations/1.sql", "Supabase", "Express"),
        ("src/server.ts", "Express", "Supabase"),
    ],
)
def test_a_language_is_read_by_its_files_and_by_its_lists_of_packages(
    tmp_path: Path, file: str, reads: str, leaves: str
) -> None:
    found = read_by(tmp_path, {file: ""})
    assert reads in found and leaves not in found


def test_rules_of_a_data_service_are_read_where_they_stand(tmp_path: Path) -> None:
    rules = "service cloud.firestore { match /databases/{d}/documents { match /notes/{n} { allow read: if true; } } }"
    for folder, path in (("one", "firestore.rules"), ("other", "firebase/firestore.rules")):
        tree = Tree.read(write(tmp_path / folder, {path: rules, "app.js": "go()\n"}))
        assert [(one.by, one.kind) for one in read_surface(tree).data] == [("Firestore", "path")]


def test_a_framework_without_a_file_of_its_language_is_named_all_the_same(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path, {"Gemfile": 'gem "rails", "7.1.0"\n', "app.js": "go()\n"}))
    assert [one.name for one in read_surface(tree).frameworks] == ["Rails"]
