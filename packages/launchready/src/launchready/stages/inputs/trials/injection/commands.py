"""Text that becomes part of a shell's command, told by a sum that only a shell works out (CWE-78; POSIX shell, 2.6.4).

``$((7919*6841))`` stands for itself everywhere else. Where a program swallows it, ``echo`` prints it behind that program's own output; nothing else is run.
"""

import re

from launchready.ground.ground import Ground
from launchready.stages.inputs.trials.injection.pages import SUMS
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.told import Told

# What commands are given: machines, files, and commands themselves.
_GIVEN = re.compile(
    r"host|(?:^|_)ip(?:_|$)|domain|target|server|address|url|cmd|command|exec|program|script|file|path|dir(?:ectory)?(?:_|$)|folder|env|"
    r"ping|arg|option|flag|format|branch|repo|package|printer|device|input$|(?:^|_)name$",
    re.I,
)
_MACHINE = re.compile(r"host|(?:^|_)ip(?:_|$)|domain|target|server|ping", re.I)
_FORMS = ("$((%d*%d))", ";echo $((%d*%d))", "|echo $((%d*%d))")


async def by_sum(ground: Ground, place: Place) -> Told | None:
    """A sum that comes back as its product, twice with different numbers; asked only where a command may be given what is typed."""
    if place.number or place.given.choices or not _GIVEN.search(place.last_name):
        return None
    good = "127.0.0.1" if _MACHINE.search(place.last_name) else "lr"
    (a, b), (c, d) = SUMS
    for form in _FORMS:
        exchange = await place.ask(ground, good + form % (a, b), "a sum in a shell's words")
        if str(a * b) not in exchange.text:
            continue
        again = await place.ask(ground, good + form % (c, d), "another sum in a shell's words")
        if str(c * d) in again.text and str(a * b) not in again.text:
            said = f"{form % (c, d)} came back as {c * d}"
            return Told("command", said, (("with a sum", exchange), ("with another sum", again)))
    return None
