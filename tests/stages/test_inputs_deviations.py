"""What is put out of place: one thing at a time, whatever the endpoint takes, and every body as it was meant."""

import json
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote, unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from launchready.model.surface import PARAMETER, Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.http import Site
from launchready.stages.inputs.trials.payloads.deviating import leads_elsewhere
from launchready.stages.inputs.trials.payloads.deviations import MOST, Deviation, deviations
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.place import place
from launchready.stages.inputs.trials.payloads.sending import alone, request

NAMES = st.sampled_from(
    ("title", "email", "price", "day", "limit", "sort", "site_url", "tags", "user_id", "öl", "a-b", "x")
)
TYPES = st.sampled_from(("", "str", "int", "float", "bool", "date", "uuid", "list[str]", "dict", "email"))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def endpoint(method: str, path: str, *inputs: Input) -> Endpoint:
    return Endpoint(method, path, "app", (Kind.OTHER,), "write", Access(), inputs, Span("app.py", 1))


NOBODY = Caller("ann", cast("Site", None))


@st.composite
def examples(draw: st.DrawFn) -> tuple[Endpoint, dict[str, Any], bool, dict[str, str]]:
    method = draw(st.sampled_from(("GET", "POST", "PUT", "PATCH")))
    form = draw(st.booleans())
    path = draw(st.sampled_from(("/orders", "/orders/{id}", "/w/{workspace_id}/orders/{slug}")))
    body = draw(st.dictionaries(NAMES, st.text(max_size=8) if form else VALUES, max_size=4))
    inputs = [Input(name, "form" if form else "body", draw(TYPES), draw(st.booleans())) for name in body]
    inputs += [Input(draw(NAMES), draw(st.sampled_from(("query", "header"))), draw(TYPES)) for _ in range(2)]
    ids = {
        name: draw(st.sampled_from(("7", "a-slug", "00000000-0000-4000-8000-000000000001")))
        for name in PARAMETER.findall(path)
    }
    return endpoint(method, path, *inputs), body, form, ids


def sent(one: Example, deviation: Deviation | None) -> dict[str, Any]:
    """What goes out, with everything readable."""
    return request(replace(one, marker=""), deviation)


@settings(max_examples=60, deadline=None)
@given(examples())
def test_every_deviation_is_another_request_and_can_be_sent(
    taken: tuple[Endpoint, dict[str, Any], bool, dict[str, str]],
) -> None:
    way, body, form, ids = taken
    one = Example(way, NOBODY, ids, {}, body if way.method != "GET" else None, form)
    plain = sent(one, None)
    for deviation in deviations(way, one.body, form, ids, most=None):
        given_ = sent(one, deviation)
        same_value = (
            deviation.where in ("body", "form") and not deviation.gone and _value(body, deviation) == deviation.value
        )
        empty = deviation.what == "nothing" and _value(body, deviation) == ""
        assert given_ != plain or same_value or empty or deviation.where == "whole", deviation
        given_["path"].encode("ascii")
        assert isinstance(given_.get("body", b""), bytes)
        json.dumps([deviation.field, deviation.what, deviation.shown]).encode()
        deviation.shown.encode()


def _value(body: Any, deviation: Deviation) -> Any:
    for part in deviation.place:
        if isinstance(body, list) and isinstance(part, int):
            body = body[part] if part < len(body) else None
        else:
            body = body.get(part) if isinstance(body, dict) else None
    return body


@settings(max_examples=100, deadline=None)
@given(examples())
def test_only_the_field_that_is_named_is_another(taken: tuple[Endpoint, dict[str, Any], bool, dict[str, str]]) -> None:
    way, body, form, ids = taken
    if form or way.method == "GET":
        return
    one = Example(way, NOBODY, ids, {}, body)
    for deviation in deviations(way, body, False, ids, most=None):
        if deviation.where != "body":
            continue
        said = json.loads(request(one, deviation)["body"])
        first = deviation.place[0]
        assert {name: value for name, value in said.items() if name != first} == {
            name: value for name, value in body.items() if name != first
        }
        assert (first in said) is not (deviation.gone and len(deviation.place) == 1)


@settings(max_examples=50, deadline=None)
@given(examples(), st.integers(1, MOST))
def test_no_more_than_asked_for_and_the_best_first(
    taken: tuple[Endpoint, dict[str, Any], bool, dict[str, str]], most: int
) -> None:
    way, body, form, ids = taken
    every = deviations(way, body, form, ids, most=None)
    few = deviations(way, body, form, ids, most=most)
    assert few == every[:most]
    assert [one.rank for one in every] == sorted(one.rank for one in every)


def test_forty_requests_see_every_field_of_a_usual_form() -> None:
    fields = ("title", "email", "price", "day", "url", "note")
    way = endpoint("POST", "/orders", *(Input(name, "body", "str", True) for name in fields))
    few = deviations(way, dict.fromkeys(fields, "x"), False, {})
    assert len(few) == MOST
    assert {one.field for one in few if one.where == "body"} == set(fields)
    assert {"null", "a zero byte", "nothing where a value belongs"} <= {one.what for one in few}
    assert {one.wrong.what for one in few if one.wrong} >= {"a price below nothing", "an e-mail address that is none"}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("infinity (1e999)", b'{"price": 1e999}'),
        ("no number (NaN)", b'{"price": NaN}'),
        ("a number of twenty digits", b'{"price": 99999999999999999999}'),
    ],
)
def test_numbers_that_json_libraries_do_not_write_are_sent_as_they_are(what: str, expected: bytes) -> None:
    way = endpoint("POST", "/orders", Input("price", "body", "float", True))
    one = Example(way, NOBODY, {}, {}, {"price": 1})
    deviation = next(d for d in deviations(way, {"price": 1}, False, {}, most=None) if d.what == what)
    assert request(one, deviation)["body"] == expected


def test_half_a_character_goes_out_as_its_escape_and_as_its_bytes() -> None:
    way = endpoint("POST", "/orders", Input("note", "body", "str"), Input("q", "query", "str"))
    one = Example(way, NOBODY, {}, {}, {"note": "x"})
    half = [d for d in deviations(way, {"note": "x"}, False, {}, most=None) if "half a character" in d.what]
    bodies = {d.where: request(one, d) for d in half}
    assert bodies["body"]["body"] == b'{"note": "\\ud800"}'
    assert unquote_to_bytes(bodies["query"]["path"]) == b"/orders?q=\xed\xa0\x80"


def test_a_value_with_a_slash_stays_in_its_part_of_the_path() -> None:
    way = endpoint("GET", "/files/{name}")
    one = Example(way, NOBODY, {"name": "a/b c"})
    assert unquote(one.path) == "/files/a/b c"
    for deviation in deviations(way, None, False, {"name": "a"}, most=None):
        path = request(one, deviation)["path"]
        assert path.startswith("/files/")
        assert path.count("/") == 2
        assert "?" not in path


def test_nothing_but_the_field_is_left_when_it_stands_alone() -> None:
    way = endpoint("POST", "/users", Input("user.email", "body"), Input("user.name", "body"))
    body = {"user": {"email": "a@example.com", "name": "Ann"}, "more": 1}
    one = Example(way, NOBODY, {}, {}, body)
    deviation = Deviation("body", ("user", "email"), "null")
    assert json.loads(request(alone(one, deviation), deviation)["body"]) == {"user": {"email": None}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'File "/x/site-packages/a.py", line 3, in f\nFile "/srv/shop/app/orders.py", line 41, in make',
            "app/orders.py:41",
        ),
        (
            "TypeError: no<br> &nbsp; at make (/srv/shop/app/orders.js:12:5)<br> &nbsp; at next (/srv/shop/node_modules/express/x.js:1:2)",
            "app/orders.js:12",
        ),
        ("at JSON.parse (&lt;anonymous&gt;)\n at parse (/srv/shop/node_modules/body-parser/json.js:89:19)", ""),
        ("PHP Fatal error: no in /srv/shop/app/Orders.php on line 9", "app/Orders.php:9"),
        ("/srv/shop/app/orders.rb:7:in `make'", "app/orders.rb:7"),
        ("Internal Server Error", ""),
    ],
)
def test_the_place_is_read_from_the_traces_of_several_languages(text: str, expected: str) -> None:
    known = {"app/orders.py", "app/orders.js", "app/Orders.php", "app/orders.rb"}
    assert place(text, known) == expected


@pytest.mark.parametrize(
    ("numbers", "names"),
    [
        (endpoint("GET", "/users/{id}"), endpoint("GET", "/users/{username}")),
        (
            endpoint("GET", "/users/{key}", Input("key", "path", "int")),
            endpoint("GET", "/users/{name}", Input("name", "path", "str")),
        ),
    ],
    ids=["by name", "by type"],
)
def test_a_number_in_the_place_of_a_name_leads_to_another_endpoint(numbers: Endpoint, names: Endpoint) -> None:
    def left(way: Endpoint, others: tuple[Endpoint, ...]) -> set[str]:
        name = PARAMETER.findall(way.path)[0]
        every = deviations(way, None, False, {name: "7" if way is numbers else "ann"}, most=None)
        return {one.raw for one in every if not leads_elsewhere((way, *others), way, one)}

    assert "99999999999999999999" in left(numbers, (names,))
    assert not any(raw.isdigit() for raw in left(names, (numbers,)) if raw.isascii())
    assert any(raw.isdigit() for raw in left(names, ()))
