"""What stands around rules: how a framework that knows no schemas tells of a refusal, and bodies that no rule of a field gets to see."""

from collections.abc import Iterable

from launchready.model.inputs import Answered, Tried

_DEEP = "tables deep"
_REFUSALS = {
    "pydantic": "error.errors(include_url=False, include_context=False, include_input=False)",
    "marshmallow": "error.messages",
}
_FLASK = '''
from {library} import ValidationError


def refused(error: ValidationError) -> tuple[dict[str, object], int]:
    """A refusal that names each field and does not repeat what was sent."""
    return {{"errors": {messages}}}, 422


# Once, where the app is made; without it Flask answers what a rule refuses with 500:
# app.register_error_handler(ValidationError, refused)
'''
_TOO_DEEP = {
    "Flask": """
# Once, where the app is made, since JSON is read before any rule:
# app.register_error_handler(RecursionError, lambda error: ({"error": "nested too deeply"}, 400))
""",
    "Django": '''
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ShallowJSONParser(JSONParser):
    """JSON is read before any rule, and Python gives up on what is nested too deeply."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("nested too deeply") from error


# Once, in the settings: REST_FRAMEWORK["DEFAULT_PARSER_CLASSES"] begins with this one, in place of JSONParser.
''',
}


def around(framework: str, library: str, seen: Iterable[Tried], *, rules: bool) -> str:
    """What is to be stated besides, where ``rules`` were or a body broke the app before any rule; empty where nothing is."""
    found = ""
    if rules and framework == "Flask" and library in _REFUSALS:
        found = _FLASK.format(library=library, messages=_REFUSALS[library])
    deep = any(one.where == "whole" and _DEEP in one.what and one.answered is Answered.CRASHED for one in seen)
    name = "Django" if framework.startswith("Django") and library == "djangorestframework" else framework
    return found + (_TOO_DEEP.get(name, "") if deep else "")
