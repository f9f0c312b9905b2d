"""GraphQL in Python: Strawberry, Graphene and Ariadne, and who may ask for what."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

STRAWBERRY = """
import strawberry
from strawberry.permission import BasePermission

class Asked(BasePermission):
    def has_permission(self, source, info, **kwargs):
        %s

@strawberry.type
class Notes:
    @strawberry.field
    def my_notes(self, info: strawberry.Info, tag: str = "") -> list[str]:
        return []

@strawberry.type
class Query(Notes):
    pass

@strawberry.type
class Mutation:
    @strawberry.mutation(permission_classes=[Asked])
    def add_note(self, title: str) -> str:
        return title

    @strawberry.mutation
    def remove_note(self, info: strawberry.Info, id: int) -> bool:
        if not info.context.request.user.is_authenticated:
            raise PermissionError("not signed in")
        return True

schema = strawberry.Schema(query=Query, mutation=Mutation)
"""


@pytest.mark.parametrize(
    ("asks", "word"), [("return info.context.request.user.is_authenticated", "guarded"), ("return True", "open")]
)
def test_strawberry_and_its_permissions(tmp_path: Path, asks: str, word: str) -> None:
    found = app(tmp_path, {"schema.py": STRAWBERRY % asks})
    assert who(found)["POST /graphql#Query.myNotes"] == "open"
    assert who(found)["POST /graphql#Mutation.addNote"] == word
    assert [(given.name, given.required) for given in one(found, "POST /graphql#Query.myNotes").inputs] == [
        ("tag", False)
    ]
    assert set(who(found)) == {
        f"POST /graphql#{name}" for name in ("Query.myNotes", "Mutation.addNote", "Mutation.removeNote")
    }


def test_graphene(tmp_path: Path) -> None:
    text = (
        "import graphene\nfrom graphql_jwt.decorators import login_required\n"
        "class AddNote(graphene.Mutation):\n    @login_required\n    def mutate(self, info, title):\n        return AddNote()\n"
        "class Query(graphene.ObjectType):\n    notes = graphene.List(graphene.String)\n    def resolve_notes(self, info):\n        return []\n"
        "class Mutation(graphene.ObjectType):\n    add_note = AddNote.Field()\n"
        "schema = graphene.Schema(query=Query, mutation=Mutation)\n"
    )
    assert who(app(tmp_path, {"schema.py": text})) == {
        "POST /graphql#Query.notes": "open",
        "POST /graphql#Mutation.addNote": "guarded",
    }


def test_ariadne(tmp_path: Path) -> None:
    text = (
        "from ariadne import QueryType, MutationType\nquery = QueryType()\nmutation = MutationType()\n"
        '@query.field("notes")\ndef resolve_notes(_, info):\n    return []\n'
        '@mutation.field("addNote")\ndef add_note(_, info, title):\n    user = info.context["request"].user\n    if user is None:\n'
        "        raise HttpError(status_code=401)\n    return title\n"
    )
    assert who(app(tmp_path, {"schema.py": text})) == {
        "POST /graphql#Query.notes": "open",
        "POST /graphql#Mutation.addNote": "guarded",
    }
