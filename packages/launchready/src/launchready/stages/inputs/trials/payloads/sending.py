"""Sends a valid request with one thing out of place, as the caller it belongs to."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from launchready.ground.ground import Ground
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.fields import written
from launchready.stages.inputs.trials.payloads.inside import Place

_HOLE = "launch-ready-puts-a-value-here"
_LETTERS = "ghjkmnpqrstvwxyz"
_FORM = "application/x-www-form-urlencoded"


async def ask(ground: Ground, one: Example, deviation: Deviation | None = None) -> Exchange:
    """The answer to the example with one deviation, or as it is. A dropped connection is tried once more: a server may have closed it as idle.
    Where nothing listens then, the first try has ended the app.

    Raises OutOfTimeError when the time of the round is over.
    """
    given = request(one, deviation)
    caller = one.caller
    if one.stranger:
        # What signs a stranger in must not make one of us of them.
        caller = Caller(caller.name, caller.site, caller.person, cookies=dict(caller.cookies))
    exchange = await ground.call(caller, one.endpoint.method, **given)
    if exchange.dropped:
        again = await ground.call(caller, one.endpoint.method, **given)
        return exchange if again.away else again
    return exchange


def request(one: Example, deviation: Deviation | None = None) -> dict[str, Any]:
    """The arguments of the call: path, and body and headers where it has them."""
    given: dict[str, Any] = {"path": _path(one, deviation) + _query(one, deviation)}
    if one.frame:
        # By this mark the answer is read as one of GraphQL.
        given["path"] += "#"
    headers = dict(deviation.headers) if deviation else {}
    if deviation is not None and deviation.where == "header":
        headers[deviation.field] = deviation.raw or str(deviation.value)
    if deviation is not None and deviation.content is not None:
        given["body"] = deviation.content
    elif one.called:
        variables = json_of(fresh(one), deviation)
        arguments = dict.fromkeys((*one.body, *(map(str, deviation.place[:1]) if deviation else ())))
        given["body"] = written(one, variables, list(arguments))
        headers["Content-Type"] = "application/json"
    elif one.writes and one.body is not None:
        body = fresh(around(one, deviation))
        given["body"] = form_of(body, deviation) if one.form else json_of(body, deviation)
        headers["Content-Type"] = _FORM if one.form else "application/json"
    return given | ({"headers": headers} if headers else {})


def around(one: Example, deviation: Deviation | None) -> Example:
    """The example with the field filled that the deviation is inside of, where the body itself has nothing there."""
    if deviation is None or not deviation.within:
        return one
    field = str(deviation.place[0])
    return replace(one, body={**one.body, field: one.inner.get(field)})


def fresh(one: Example) -> Any:
    """The body with another marker in its texts, where its rules leave room for one."""
    if not one.marker or one.endpoint.method != "POST":
        return one.body
    other = one.marker + "".join(secrets.choice(_LETTERS) for _ in range(4))
    longest = {given.name: given.most for given in one.endpoint.inputs if given.most is not None}

    def renew(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: renew(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            # Texts in a list are labels, such as tags: another one each time would be one more that nobody can remove.
            return [one if isinstance(one, str) and "@" not in one else renew(one, name) for one in value]
        if not isinstance(value, str) or not re.search(re.escape(one.marker), value, re.I):
            return value
        new = re.sub(re.escape(one.marker), other, value, flags=re.I)
        return new if len(new) <= longest.get(name, len(new)) else value

    return renew(one.body, "")


def json_of(body: Any, deviation: Deviation | None) -> bytes:
    """The body as JSON with the deviation in it."""
    if deviation is None or deviation.where != "body":
        return json.dumps(body).encode()
    value = _HOLE if deviation.raw else deviation.value
    text = json.dumps(_put(body, deviation.place, value, gone=deviation.gone))
    return text.replace(f'"{_HOLE}"', deviation.raw, 1).encode()


def form_of(body: Mapping[str, Any], deviation: Deviation | None) -> bytes:
    """The body as fields of a form with the deviation in it."""
    pairs = [(name, _text(value)) for name, value in body.items()]
    return _pairs(pairs, deviation if deviation is not None and deviation.where == "form" else None).encode()


def _pairs(pairs: list[tuple[str, str]], deviation: Deviation | None) -> str:
    texts = [(name, quote(value, safe="")) for name, value in pairs]
    if deviation is not None:
        name = deviation.field
        rest = [(key, value) for key, value in texts if key != name]
        now = next((value for key, value in texts if key == name), "1")
        if deviation.twice:
            texts = [*rest, (name, now), (name, "2")]
        elif deviation.gone:
            texts = rest
        else:
            texts = [*rest, (name, deviation.raw or quote(_text(deviation.value), safe=""))]
    return "&".join(f"{quote(name, safe='[]')}={value}" for name, value in texts)


def _path(one: Example, deviation: Deviation | None) -> str:
    if deviation is None or deviation.where != "path":
        return one.path
    return one.with_ids(
        lambda name: deviation.raw if name == deviation.field else quote(one.ids.get(name, ""), safe="@:+,;=~")
    )


def _query(one: Example, deviation: Deviation | None) -> str:
    asked = deviation if deviation is not None and deviation.where == "query" else None
    text = _pairs(list(one.query.items()), asked)
    return f"?{text}" if text else ""


def _put(body: Any, place: Place, value: object, *, gone: bool) -> Any:
    if not place:
        return value
    part, last = place[0], len(place) == 1
    if isinstance(part, int):
        items = list(body) if isinstance(body, list) else []
        now = items[part] if part < len(items) else None
        items[part : part + 1] = [] if gone and last else [_put(now, place[1:], value, gone=gone)]
        return items
    table = dict(body) if isinstance(body, dict) else {}
    if last and gone:
        table.pop(part, None)
    else:
        table[part] = _put(table.get(part), place[1:], value, gone=gone)
    return table


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def alone(one: Example, deviation: Deviation) -> Example:
    """The example with nothing in its body but the field that is out of place."""
    inner: Any = around(one, deviation).body
    for part in deviation.place:
        inner = _at(inner, part)
    return replace(one, body=_put({}, deviation.place, inner, gone=False), inner={})


def _at(value: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return value[part] if isinstance(value, list) and part < len(value) else None
    return value.get(part) if isinstance(value, dict) else None
