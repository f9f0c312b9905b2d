"""Request bodies: built from what source and the app's own description say, mended by what the app complains about."""

import json
import re
from collections.abc import Mapping
from typing import Any

from launchready.model.parsed import json_of
from launchready.model.surface import Endpoint, Input
from launchready.probes.callers.caller import FORM_TOKEN, Person
from launchready.probes.callers.values import phone, value_for
from launchready.probes.exchange import Exchange

Body = dict[str, Any]
_MISSING = re.compile(
    r"missing|required|blank|cannot be (?:null|empty)|must (?:not be empty|be provided)|not.?null|expected", re.I
)
_UNKNOWN = re.compile(r"[\"'`](\w+)[\"'`] (?:is|are) not (?:allowed|permitted|recogni[sz]ed)", re.I)
_NAMED = re.compile(
    r"[\"'`]?([A-Za-z_][\w.]{1,40})[\"'`]?\s+(?:is|are|field is)?\s*(?:a )?(?:required|missing|cannot be)", re.I
)
_NAMED_AFTER = re.compile(
    r"(?:missing|required)[^\w\"'`]{1,4}(?:field|property|parameter|key|argument)?s?[^\w\"'`]{0,4}[\"'`]?([A-Za-z_]\w{1,40})",
    re.I,
)
_AT_LEAST = re.compile(r"(?:at least|minimum(?: length)?(?: of)?|min(?:imum)?|longer than|>=?)\s*(\d+)", re.I)
_AT_MOST = re.compile(
    r"(?:at most|maximum(?: length)?(?: of)?|no (?:more|longer) than|max(?:imum)?|shorter than|<=?|exceed)\D{0,12}(\d+)",
    re.I,
)
# "(e.g., +201001234567 or 01001234567)": what is right, as a refusal shows it.
_EXAMPLE = re.compile(
    r"(?:\be\.g\.|\bfor example\b|\bsuch as\b|\bexample:)[,:]?\s*[\"'`]?(?=[^\s\"'`]*\d)([+\w][\w+./:-]{2,39})", re.I
)
_ENDS_WITH_DIGITS = re.compile(r"\d{4,6}$")
# A text longer than this is no mended one.
_MOST_DIGITS = 4
_WHOLE = re.compile(r"\b(?:dict|object|any|mapping)\b", re.I)
_ENVELOPES = frozenset(("user", "account", "member", "registration", "data", "customer"))
_ONE_OF = re.compile(
    r"(?:one of|choose from|permitted|allowed|expected|should be|must be)[^'\"\[]{0,30}[\[:]?\s*['\"]([\w-]+)['\"]|must be one of:? ([\w-]+)(?:,| or |\.|$)",
    re.I,
)


def fields_of(endpoint: Endpoint) -> list[Input]:
    """The inputs that go into a body."""
    return [field for field in endpoint.inputs if field.where in ("body", "form")]


def named_fields(endpoint: Endpoint) -> list[Input]:
    """The inputs of a body that have a name of their own: no whole tables."""
    return [one for one in fields_of(endpoint) if not _is_whole(one)]


def _is_whole(field: Input) -> bool:
    return not field.key_of and bool(_WHOLE.search(field.type))


def is_form(endpoint: Endpoint) -> bool:
    """Whether the endpoint reads a form and no JSON."""
    given = fields_of(endpoint)
    return bool(given) and all(field.where == "form" for field in given)


def build(endpoint: Endpoint, person: Person, marked: str = "", optional: bool = False) -> Body:
    """A body with every required field, and with the optional ones when asked for. Dotted names are nested."""
    # A CSRF token is nobody's to make up: it comes from a page, once the app asks for it.
    given = [field for field in fields_of(endpoint) if not FORM_TOKEN.search(field.name)]
    whole = [field for field in given if _is_whole(field)]
    chosen = [field for field in given if field not in whole and (optional or field.required)]
    if not chosen:
        chosen = [field for field in given if field not in whole]
    body: Body = {}
    for field in chosen:
        put(body, tuple(field.name.split(".")), value_for(field, person, marked))
    return body


def put(body: Body, place: tuple[str, ...], value: object) -> None:
    """Set a value at a place, making the tables on the way."""
    for part in place[:-1]:
        inner = body.get(part)
        if not isinstance(inner, dict):
            inner = body[part] = {}
        body = inner
    body[place[-1]] = value


def mend(body: Body, exchange: Exchange, person: Person, marked: str = "") -> Body | None:
    """The body with what the refusal asks for, or None when it asks for nothing we can give.

    Reads FastAPI and Pydantic (``detail[].loc``), Django REST framework and Laravel (messages by field), express-validator, Joi,
    zod and class-validator (``errors[].path``), and sentences that name a field.
    """
    changed: Body = json.loads(json.dumps(body))
    unknown = [name for name in _UNKNOWN.findall(exchange.text[:2000].replace("\\", "")) if name in changed]
    unknown += [name for name in changed if name not in unknown and _too_many(name, exchange)]
    if unknown and len(unknown) < len(changed):
        return {name: value for name, value in changed.items() if name not in unknown}
    for place, said in complaints(exchange):
        name = place[-1]
        if (
            len(place) == 1
            and name in _ENVELOPES
            and name not in changed
            and any("pass" in key.lower() for key in changed)
        ):
            return {name: changed}
        now: Any = changed
        for part in place:
            now = now.get(part) if isinstance(now, dict) else None
        if (size := _size(_AT_LEAST, said)) and isinstance(now, str) and len(now) < size:
            put(changed, place, now + "x" * (size - len(now)))
        elif (size := _size(_AT_MOST, said)) and isinstance(now, str) and len(now) > size:
            put(changed, place, now[:size])
        elif (other := _by_words(name, said, now, person)) is not None:
            put(changed, place, other)
        elif choice := _ONE_OF.search(said):
            put(changed, place, choice[1] or choice[2])
        elif re.search(r"integer|number|numeric|int\b|decimal|float", said, re.I):
            put(changed, place, 1)
        elif re.search(r"bool", said, re.I):
            put(changed, place, False)
        elif re.search(r"valid (?:dict|object)|dictionary|object", said, re.I) and not isinstance(now, dict):
            put(changed, place, {})
        elif re.search(r"valid (?:list|array)|must be an array", said, re.I):
            put(changed, place, [])
        elif now is None or _MISSING.search(said):
            put(changed, place, value_for(Input(name, "body"), person, marked))
    return None if changed == body else changed


def _size(pattern: re.Pattern[str], said: str) -> int:
    """The length that a refusal names; 0 when it names none, or one that nothing we send will have."""
    found = pattern.search(said)
    return int(found[1]) if found and len(found[1]) <= _MOST_DIGITS else 0


def _too_many(name: str, exchange: Exchange) -> bool:
    """Whether a refusal says of a field that there is no such one, as marshmallow, Pydantic and class-validator do."""
    said = re.escape(json.dumps(name)[1:-1])
    return bool(
        re.search(rf'"{said}":\s*\[\s*"(?:Unknown field|Not a known field)', exchange.text)
        or re.search(rf'"{said}"\],?\s*"msg":\s*"Extra (?:inputs are|fields) not permitted', exchange.text)
        or re.search(rf"property {said} should not exist", exchange.text)
    )


def _by_words(name: str, said: str, now: Any, person: Person) -> object | None:
    """Another value where the words of a refusal tell the form it should have; None when they do not, or it has it."""
    text = now if isinstance(now, str) else ""
    wanted: object = None
    if re.search(r"do(?:es)?n[o']t match|must (?:match|be the same)|do not match|mismatch", said, re.I) and re.search(
        "pass|confirm", name, re.I
    ):
        wanted = person.password
    elif re.search(
        r"must be (?:accepted|true|checked)|must (?:accept|agree)|accept (?:the|our)|equal to true", said, re.I
    ):
        wanted = True
    elif (shown := _EXAMPLE.search(said)) and (like := _like(shown[1], person)) != text:
        wanted = like
    elif digits := re.search(
        r"(?:exactly |be )?\b(\d{1,2})[- ]digits?|digits only|only digits|numeric string", said, re.I
    ):
        plain = re.sub(r"\D", "", text) or re.sub(r"\D", "", phone(person))
        wanted = plain[-int(digits[1]) :].rjust(int(digits[1]), "1") if digits[1] else plain
    elif re.search(r"phone", name + said, re.I) and re.search(r"valid|format|invalid", said, re.I):
        wanted = phone(person) if text != phone(person) else re.sub(r"\D", "", text)[-10:]
    elif re.search(
        r"only (?:contain )?(?:letters|alphabetic)|letters only|alphabetic|may only contain|alphanumeric|no (?:special|spaces)",
        said,
        re.I,
    ):
        wanted = re.sub(r"[^A-Za-z]", "", text)
    elif re.search(r"y{4}-m{2}-d{2}|iso ?8601 date|valid date(?!time)|date format", said, re.I):
        wanted = "1990-01-15" if text != "1990-01-15" else "1990-01-15T10:00:00Z"
    elif re.search(r"valid e-?mail|e-?mail (?:is invalid|format)", said, re.I):
        wanted = person.email
    return wanted if wanted not in (None, "", now) else None


def _like(example: str, person: Person) -> str:
    """A value shaped as the example of a refusal: its last digits are the person's own, since some values may be there once only."""
    example = example.rstrip(".:-")
    own = re.sub(r"\D", "", phone(person))
    return _ENDS_WITH_DIGITS.sub(lambda found: own[-len(found[0]) :], example)


def complaints(exchange: Exchange) -> list[tuple[tuple[str, ...], str]]:
    """What a refusal says about fields: (place, message), in its order."""
    said = json_of(exchange.text)
    if said is None:
        return _sentences(exchange.text[:2000])
    found: list[tuple[tuple[str, ...], str]] = []
    _read(said, found, 0)
    return found or _sentences(json.dumps(said)[:2000])


def _read(said: Any, found: list[tuple[tuple[str, ...], str]], depth: int) -> None:
    if depth > 5:
        return
    if isinstance(said, list):
        for one in said[:50]:
            if isinstance(one, str):
                found += _sentences(one)
            else:
                _read(one, found, depth + 1)
        return
    if not isinstance(said, dict):
        return
    place = said.get("loc") or said.get("path") or said.get("field") or said.get("param") or said.get("property")
    message = said.get("msg") or said.get("message") or said.get("error") or said.get("code") or said.get("constraints")
    if place and message and isinstance(place, str | list):
        parts = [str(part) for part in place] if isinstance(place, list) else place.strip("/.").split(".")
        if "loc" in said and len(parts) > 1 and parts[0] in ("path", "query", "header", "cookie"):
            # What is wrong with the address cannot be mended in the body.
            return
        # FastAPI and class-validator name the place of the input first, then the fields.
        parts = [part for part in (parts[1:] if parts[:1] == ["body"] else parts) if part and not part.isdecimal()]
        if parts and all(re.fullmatch(r"[\w-]+", part) for part in parts):
            found.append((tuple(parts), json.dumps(message) + json.dumps(said.get("ctx", ""))))
        return
    for name, inner in said.items():
        texts = inner if isinstance(inner, list) else [inner]
        if (
            (name not in _WRAPPERS or (name in _ALSO_FIELDS and isinstance(inner, list)))
            and texts
            and all(isinstance(one, str) for one in texts)
            and re.fullmatch(r"[A-Za-z_]\w*", name)
        ):
            found.append(((name,), " ".join(texts)))
        elif isinstance(inner, str):
            found += _sentences(inner)
        elif isinstance(inner, dict) and name not in _WRAPPERS and _of_table(inner):
            found.append(((name,), _of_table(inner)))
        else:
            _read(inner, found, depth + 1)


def _of_table(said: dict[str, Any]) -> str:
    """What Django REST framework says of a table inside as a whole; empty when it speaks of fields of it."""
    texts = said.get("non_field_errors")
    whole = len(said) == 1 and isinstance(texts, list) and all(isinstance(one, str) for one in texts)
    return " ".join(texts) if whole and texts else ""


_WRAPPERS = frozenset(
    "detail details error errors message messages msg title type status code success description reason statusCode name stack path timestamp non_field_errors instance id version".split()  # noqa: SIM905
)

# Of these, a list of sentences is about the field of that name.
_ALSO_FIELDS = frozenset(("name", "title", "description", "type", "code", "status", "path", "reason", "id", "version"))


def _sentences(text: str) -> list[tuple[tuple[str, ...], str]]:
    names = [*_NAMED.findall(text), *_NAMED_AFTER.findall(text)]
    ignored = {
        "field",
        "this",
        "it",
        "fields",
        "data",
        "body",
        "value",
        "request",
        "input",
        "is",
        "and",
        "token",
        "authentication",
        "for",
    }
    return [(tuple(name.split(".")), text) for name in dict.fromkeys(names) if name.lower() not in ignored]


def beside(body: Body, extra: Mapping[str, object]) -> Body:
    """The body with ``extra`` next to the password, however deep that stands."""
    for name, value in body.items():
        if isinstance(value, dict) and not any("pass" in key.lower() for key in body):
            return body | {name: beside(value, extra)}
    return body | dict(extra)


def as_form(body: Mapping[str, Any]) -> dict[str, str]:
    """The body as fields of a form; nested values become JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
