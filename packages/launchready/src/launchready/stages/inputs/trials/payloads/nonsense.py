"""Values that no customer can want kept, and what it means for them when the app keeps one.

Only what is nonsense whatever the app is for: a price below nothing, a day that is in no calendar. What an app's own policy may
allow is not in here, or is only suspected.
"""

import re
from dataclasses import dataclass, replace

from launchready.model.surface import Input
from launchready.stages.inputs.trials.payloads.kinds import Holds

LONG = 100_000
# What stands before the rest of a text, where a run puts a mark of its own.
_OURS = "launch"
_MAIL = re.compile(r"^(?:user_?|contact_?|billing_?|customer_?)?e_?mail(?:_?address)?$")
_PRICE = re.compile(r"^(?:unit_?|list_?|sale_?|base_?)?price(?:_?(?:cents|usd|eur))?$")
_QUANTITY = re.compile(r"^(?:quantity|qty|seats|guests)$")
# A day of the week is called day as well, and who gets a letter is called to.
_DAY = re.compile(r"(?:^|_)(?:date|deadline|due|dob|birthday|birth_?date)(?:_|$)|[a-z]date$")
_SHORT = re.compile(
    r"^(?:first_?|last_?|full_?|display_?|user_?|nick_?)?name$|^(?:title|email|slug|phone|currency|country|city)$"
)
_CALLED = re.compile(r"^(?:user_?name|login|title|name)$")


@dataclass(frozen=True, slots=True)
class Nonsense:
    """``value`` out of place, ``what`` it is in words, and what happens to customers when it is ``kept``; ``sure`` that no app wants it,
    ``spite`` that it harms others than whoever sends it, and nobody sends it by accident."""

    what: str
    value: object
    kept: str
    sure: bool = True
    spite: bool = False


def nonsense_for(name: str, kind: Holds, given: Input | None) -> list[Nonsense]:
    """What is nonsense in a field, the plainest first."""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.rsplit(".", 1)[-1]).lower()
    found = []
    if kind is Holds.EMAIL and _MAIL.match(snake):
        found.append(
            Nonsense("an e-mail address that is none", f"{_OURS} no address", "mail to these customers never arrives")
        )
    if kind in (Holds.NUMBER, Holds.TEXT) and _PRICE.match(snake):
        found.append(Nonsense("a price below nothing", -1, "somebody can be paid for ordering"))
    if kind in (Holds.NUMBER, Holds.TEXT) and _QUANTITY.match(snake):
        found.append(Nonsense("a number of things below nothing", -1, "totals and stocks come out wrong"))
    typed = given is not None and re.search("date", given.type, re.I)
    if kind is Holds.DATE and (typed or _DAY.search(snake)):
        found.append(
            Nonsense("a date that does not exist", "2027-02-30", "calendars, invoices and reminders built on it fail")
        )
    if kind is Holds.TEXT and given is not None and given.required and _CALLED.match(snake):
        found.append(
            Nonsense("an empty text where one is required", "", "customers see entries without a name", sure=False)
        )
    if kind in (Holds.TEXT, Holds.EMAIL) and _SHORT.match(snake):
        found.append(
            Nonsense(
                "a text of 100,000 characters",
                _OURS + "x" * LONG,
                "one customer can make pages, mails and exports of all others unreadable",
                spite=True,
            )
        )
    return found


def marked(one: Nonsense, mark: str) -> Nonsense:
    """The same with a mark of the run in its text: where a value may be there only once, that of an earlier run stands in the way of none."""
    if not isinstance(one.value, str) or not one.value.startswith(_OURS):
        return one
    return replace(one, value=f"{_OURS} {mark}{one.value.removeprefix(_OURS)}")
