"""Values that an OpenAPI document shows of its inputs: which of them counts, where it stands, and what is made where none is given."""

import json
from pathlib import Path
from typing import Any

import pytest
from launchready.model.surface import Sample

from tests.sources.reading import one, surface

HEAD = """
openapi: 3.1.0
info: {title: Trips, version: "1"}
paths:
  /trips/{unit}:
    post:
      parameters:
        - {name: unit, in: path, required: true, schema: {type: string, enum: [day, hour]}}
        - {name: zone, in: query, schema: {type: string, default: Europe/Oslo}}
        - {name: order, in: query, schema: {type: string}, examples: {plain: {$ref: '#/components/examples/order'}}}
        - {name: page, in: query, example: 3, schema: {type: integer, example: 7}}
      responses: {}
      requestBody:
        required: true
        content:
          application/json:
"""
TAIL = """
components:
  examples:
    order: {value: newest}
"""


def samples(tmp_path: Path, media: str, more: str = "") -> dict[str, tuple[Any, str]]:
    """Value and word of each sample, by the name of its input; ``media`` stands 12 blanks deep."""
    inner = "\n".join(" " * 12 + line for line in media.strip("\n").split("\n"))
    found = surface(tmp_path, openapi_yaml=HEAD + inner + TAIL + more)
    given = one(found, "POST /trips/{unit}").inputs
    return {i.name: (json.loads(i.sample.text), i.sample.said.what) for i in given if i.sample is not None}


def test_the_example_of_the_whole_body_comes_before_those_of_its_fields(tmp_path: Path) -> None:
    found = samples(
        tmp_path,
        """
example: {colour: red, stops: [{at: "10:00"}]}
schema:
  example: {colour: green, seats: 2}
  properties:
    colour: {type: string, example: blue}
    stops: {type: array, items: {type: object}}
    seats: {type: integer, default: 4}
    speed: {type: string, examples: [slow, fast]}
""",
    )
    assert found["colour"] == ("red", "example")
    assert found["stops"] == ([{"at": "10:00"}], "example")
    assert found["seats"] == (4, "default")
    assert found["speed"] == ("slow", "example")


def test_parameters_show_theirs_and_say_where(tmp_path: Path) -> None:
    found = samples(tmp_path, "schema: {type: object}")
    assert (found["zone"], found["order"], found["page"]) == (
        ("Europe/Oslo", "default"),
        ("newest", "example"),
        (3, "example"),
    )
    given = one(surface(tmp_path), "POST /trips/{unit}").inputs
    zone = next(i.sample for i in given if i.name == "zone")
    assert isinstance(zone, Sample)
    # The line of the operation.
    assert (zone.said.file, zone.said.line) == ("openapi.yaml", HEAD.split("\n").index("    post:") + 1)


def test_a_list_or_table_without_an_example_is_made_of_its_types(tmp_path: Path) -> None:
    found = samples(
        tmp_path,
        """
schema:
  properties:
    filter: {anyOf: [{$ref: '#/components/schemas/Filter'}, {type: 'null'}]}
    name: {type: string}
""",
        """
  schemas:
    Filter:
      type: object
      properties:
        unit: {enum: [km, mile]}
        since: {type: string, format: date-time}
        place: {type: array, prefixItems: [{type: number}, {type: boolean}]}
        deep: {properties: {a: {properties: {b: {properties: {c: {properties: {d: {type: array, prefixItems: [{type: string}, {type: integer}]}}}}}}}}}
        legs: {type: array, items: {type: object, properties: {id: {type: string, format: uuid, readOnly: true}, text: {type: string, examples: [up]}}}}
        inner: {$ref: '#/components/schemas/Filter'}
""",
    )
    value, what = found["filter"]
    assert what == "schema"
    assert value["unit"] == "km"
    assert value["place"] == [1, False]
    # However deep it stands, a value is whole.
    assert value["deep"]["a"]["b"]["c"]["d"] == ["Launch", 1]
    assert value["legs"] == [{"text": "up"}]
    # A schema that names itself ends.
    assert len(json.dumps(value)) < 2_000
    assert "name" not in found


def test_an_example_names_the_fields_where_the_schema_does_not(tmp_path: Path) -> None:
    found = samples(tmp_path, "example: {kind: bus, legs: [1, 2, 3, 4]}\nschema: {type: object}")
    assert found["kind"] == ("bus", "example")
    assert found["legs"] == ([1, 2], "example")


@pytest.mark.parametrize("name", ["password", "api_key", "accessToken", "client_secret"])
def test_what_lets_somebody_in_is_no_sample(tmp_path: Path, name: str) -> None:
    found = samples(
        tmp_path, f"example: {{{name}: hidden-word, box: {{{name}: hidden-word, a: 1}}}}\nschema: {{type: object}}"
    )
    assert "hidden-word" not in json.dumps(found)
    assert found["box"][0]["a"] == 1


def test_what_is_huge_is_left_out_or_cut(tmp_path: Path) -> None:
    many = ", ".join(f"key{number}: {'x' * 200}" for number in range(30))
    found = samples(tmp_path, f"example: {{long: {'y' * 5000}, many: {{{many}}}}}\nschema: {{type: object}}")
    assert found["long"][0] == "y" * 300
    assert "many" not in found


def test_the_source_gains_choices_and_sample_of_what_it_names_without(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
            from fastapi import FastAPI
            app = FastAPI()

            @app.post("/trips/{unit}")
            def trips(unit: Unit, zone: str): return {}
        """,
        openapi_yaml=HEAD + "            schema: {type: object}" + TAIL,
    )
    given = {i.name: i for i in one(found, "POST /trips/{unit}").inputs}
    assert given["unit"].choices == ("day", "hour")
    assert given["zone"].type == "str"
    assert given["zone"].sample is not None
    assert json.loads(given["zone"].sample.text) == "Europe/Oslo"


def test_several_parameters_of_one_body_stand_in_it_by_name(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
            from fastapi import Body, FastAPI
            from pydantic import BaseModel
            app = FastAPI()

            class Filter(BaseModel):
                since: str

            @app.post("/count")
            def count(filter: Filter, unit: str = Body()): return {}

            @app.post("/find")
            def find(filter: Filter): return {}
        """,
    )
    assert [i.name for i in one(found, "POST /count").inputs] == ["filter.since", "unit"]
    assert [i.name for i in one(found, "POST /find").inputs] == ["since"]
