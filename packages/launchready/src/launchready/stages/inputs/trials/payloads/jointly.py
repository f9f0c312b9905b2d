"""The same thing out of place in several fields at once, where each record that is made stays: what is taken together needs one record, not one each.

Characters that are out of place go into one text. What is not taken, or breaks the page that shows it, is asked one by one afterwards, so
that what is refused hides nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from launchready.ground.ground import Ground
from launchready.model.inputs import Answered
from launchready.stages.inputs.trials.payloads.case import Case, judge_together
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.judge import answered
from launchready.stages.inputs.trials.payloads.sending import ask

# Of these each stands in a text as it does alone.
_CHARACTERS = frozenset((
    "a zero byte", "half a character (an unpaired surrogate)", "characters that turn the writing around", "a picture character",
))  # fmt: skip


async def try_together(
    ground: Ground, case: Case, todo: Sequence[Deviation], more: Callable[[], bool]
) -> list[Deviation]:
    """Those that were taken together, while ``more`` may be made."""
    done: list[Deviation] = []
    for group in groups(case.one, todo):
        if not more():
            break
        answer = await ask(ground, _joined(case.one, group))
        if answered(answer) is Answered.TAKEN and await judge_together(ground, case, group, answer):
            done += group
    return done


def groups(one: Example, todo: Sequence[Deviation]) -> list[list[Deviation]]:
    """What goes together, in the order of the first of each."""
    found: dict[str, list[Deviation]] = {}
    for deviation in todo:
        plain = deviation.where == "body" and not (deviation.raw or deviation.gone or deviation.twice or deviation.within)  # fmt: skip
        if plain and isinstance(one.body, dict) and not one.form and len(deviation.place) == 1:
            found.setdefault("" if deviation.what in _CHARACTERS else deviation.what, []).append(deviation)
    return [group for group in found.values() if len(group) > 1]


def _joined(one: Example, group: Sequence[Deviation]) -> Example:
    body: dict[str, Any] = {**one.body}
    for field in {str(deviation.place[0]) for deviation in group}:
        values = [deviation.value for deviation in group if deviation.place == (field,)]
        texts = [value for value in values if isinstance(value, str)]
        body[field] = "".join(texts) if len(values) > 1 and len(texts) == len(values) else values[0]
    return replace(one, body=body)
