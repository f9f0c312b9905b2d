"""What a server action is given: ``createNote(note: NewNote)`` takes a table, whose fields are those of a body.

A page calls it with values and not with a request, so that a parameter stands for what elsewhere is read out of one
(nextjs.org/docs: server actions are functions that the client calls with serialized arguments).
"""

import re

from launchready.model.surface import Input
from launchready.sources.facts.shape import Function, Param
from launchready.sources.frameworks.body_fields import with_fields
from launchready.sources.frameworks.script_inputs import inputs_of
from launchready.sources.resolver import Resolver

_NO_TABLE = re.compile(r"^(?:FormData|string|number|boolean|bigint|Date|File|any|unknown|null|undefined)\b|^[\"'\d]")
_NOT_GIVEN = re.compile(
    r"^_|^(?:prev|previous|initial|last|old)?_?state$|^(?:form_?data|fd|form)$|(?:^|_)id$|Id$", re.I
)
_NAMES = re.compile(r"^\{[\w\s,:=\"'.$-]{1,600}\}$")
_ONE = re.compile(r"^[A-Za-z_$][\w$]*$")


def given_to_action(resolver: Resolver, path: str, function: Function, known: tuple[Input, ...]) -> tuple[Input, ...]:
    """The inputs of an action: ``known`` ones of its code, then those of the tables it is given."""
    tables = [one.name.strip() for one in function.params if _is_table(one)]
    if not tables:
        return known
    read = "".join(f"const {name} = await request.json();\n" for name in tables)
    return with_fields(known, inputs_of(resolver, path, read + function.code, function.calls))


def _is_table(one: Param) -> bool:
    name, kind = one.name.strip(), one.annotation.text if one.annotation is not None else ""
    if _NO_TABLE.search(kind) or _NOT_GIVEN.search(name):
        return False
    return bool(_ONE.match(name) or _NAMES.match(name))
