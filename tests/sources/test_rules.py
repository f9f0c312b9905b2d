"""What validation in source asks of a field: zod, Joi and yup, Pydantic, Django and its REST framework."""

from pathlib import Path

from launchready.model.surface import Input, Surface

from tests.sources.reading import app, one, surface


def fields(found: Surface, name: str) -> dict[str, Input]:
    """The inputs of one endpoint, by name."""
    return {given.name: given for given in one(found, name).inputs}


def test_a_schema_of_zod_joi_or_yup(tmp_path: Path) -> None:
    found = fields(
        app(
            tmp_path,
            {
                "app/api/signup/route.ts": """
import { z } from "zod";
const shape = z.object({
  plan: z.enum(["free", "pro"]), nick: z.string().min(3).max(12).regex(/^[a-z]+$/), kind: z.literal("person").optional(),
  side: Joi.string().valid("buyer", "seller").required(), size: yup.string().oneOf(["s", "m"]), age: z.number().int().min(18),
});
export async function POST(request) { const given = shape.parse(await request.json()); return Response.json(given); }
"""
            },
            "next",
        ),
        "POST /api/signup",
    )
    assert found["plan"].choices == ("free", "pro")
    assert found["side"].choices == ("buyer", "seller")
    assert found["size"].choices == ("s", "m")
    assert (found["kind"].choices, found["kind"].required) == (("person",), False)
    assert (found["nick"].least, found["nick"].most, found["nick"].pattern) == (3, 12, "^[a-z]+$")
    assert (found["age"].least, found["age"].choices) == (18, ())


def test_a_model_of_pydantic(tmp_path: Path) -> None:
    found = fields(
        surface(
            tmp_path,
            main_py="""
            from enum import Enum
            from typing import Annotated, Literal
            from fastapi import FastAPI, Form
            from pydantic import BaseModel, Field

            class Plan(str, Enum):
                FREE = "free"
                PRO = "pro"

            class New(BaseModel):
                email: str
                plan: Plan
                side: Literal["buyer", "seller"]
                maybe: Literal["x"] | None = None
                later: Plan | None = None
                code: str = Field(pattern=r"^[A-Z]{4}$", min_length=4)
                nick: Annotated[str, Field(max_length=9)]

            app = FastAPI()

            @app.post("/signup")
            def signup(new: New):
                return new
            """,
        ),
        "POST /signup",
    )
    assert found["plan"].choices == ("free", "pro")
    assert found["side"].choices == ("buyer", "seller")
    assert (found["maybe"].choices, found["maybe"].required) == (("x",), False)
    assert found["later"].choices == ("free", "pro")
    assert (found["code"].pattern, found["code"].least) == ("^[A-Z]{4}$", 4)
    assert found["nick"].most == 9
    assert found["email"].choices == ()


def test_fields_of_a_serializer(tmp_path: Path) -> None:
    found = fields(
        surface(
            tmp_path,
            manage_py="",
            shop__urls_py="""
            from django.urls import path
            from .views import Join
            urlpatterns = [path("join/", Join.as_view())]
            """,
            shop__views_py="""
            from rest_framework import serializers
            from rest_framework.generics import CreateAPIView

            class New(serializers.Serializer):
                side = serializers.ChoiceField(choices=[("buyer", "Somebody who buys"), ("seller", "Somebody who sells")])
                size = serializers.ChoiceField(choices=["s", "m"])
                nick = serializers.CharField(min_length=3, max_length=12)

            class Join(CreateAPIView):
                serializer_class = New
            """,
        ),
        "POST /join/",
    )
    assert found["side"].choices == ("buyer", "seller")
    assert found["size"].choices == ("s", "m")
    assert (found["nick"].least, found["nick"].most) == (3, 12)
