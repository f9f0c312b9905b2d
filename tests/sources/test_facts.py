"""Facts of one file: what everything that follows names relies on."""

from collections.abc import Callable

import pytest
from launchready.sources.facts.javascript import read_javascript
from launchready.sources.facts.php import read_php
from launchready.sources.facts.python import read_python
from launchready.sources.facts.shape import Function

_NAMES = [f"step{number}" for number in range(60)]


def _python() -> Function:
    body = "\n".join(f"    {name}(inner_{name}(1))" for name in _NAMES)
    return read_python("a.py", f"def handler():\n{body}\n".encode()).functions["handler"]


def _script() -> Function:
    body = "\n".join(f"  {name}(inner_{name}(1));" for name in _NAMES)
    return read_javascript("a.js", f"function handler() {{\n{body}\n}}\n".encode()).functions["handler"]


def _php() -> Function:
    body = "\n".join(f"  {name}(inner_{name}(1));" for name in _NAMES)
    return read_php("a.php", f"<?php\nfunction handler() {{\n{body}\n}}\n".encode()).module.functions["handler"]


@pytest.mark.parametrize("read", [_python, _script, _php])
def test_calls_stand_in_the_order_of_the_source(read: Callable[[], Function]) -> None:
    # The first guard on the way decides what is said of an endpoint: in any other order, each run says something else.
    assert [call.text for call in read().calls] == [part for name in _NAMES for part in (name, f"inner_{name}")]


def test_a_call_has_its_own_line_wherever_it_is_met() -> None:
    source = b"\n\n# a comment\n\ndef handler():\n    return wrap(\n        first(),\n        second(\n            third()))\n"
    module = read_python("a.py", source)
    assert {call.text: call.line for call in module.functions["handler"].calls} == {
        "wrap": 6,
        "first": 7,
        "second": 8,
        "third": 9,
    }
    assert module.functions["handler"].line == 5


def test_the_methods_of_a_class_bring_in_what_they_register() -> None:
    source = b"class App:\n    def register(self):\n        from shop.views import orders\n        self.add(orders)\n"
    assert read_python("a.py", source).imports["orders"].module == "shop.views"


def test_a_long_chain_of_calls_is_read_to_an_end() -> None:
    chain = "".join(f".step{number}()" for number in range(3000))
    calls = read_python("a.py", f"def handler():\n    start(){chain}\n".encode()).functions["handler"].calls
    assert len(calls) == 3001
