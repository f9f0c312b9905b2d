"""What came of one endpoint's broken inputs: what each answer says, what is noted on the way, and the alarms at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from launchready.ground.ground import Ground
from launchready.ground.result import Harm, Made
from launchready.ground.survey import adds_records, remember
from launchready.model.inputs import Answered, Tried
from launchready.model.words import Kind
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads import alarms
from launchready.stages.inputs.trials.payloads.accounts import note_account
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import ENTRIES, Example
from launchready.stages.inputs.trials.payloads.fields import called_by
from launchready.stages.inputs.trials.payloads.holding import Holding, is_about_holder
from launchready.stages.inputs.trials.payloads.judge import answered, crashed
from launchready.stages.inputs.trials.payloads.kept import read_back, stands
from launchready.stages.inputs.trials.payloads.leaks import leaks
from launchready.stages.inputs.trials.payloads.minimise import smallest
from launchready.stages.inputs.trials.payloads.poison import LOOKS, Poison, poisoned, raise_poison
from launchready.stages.inputs.trials.payloads.sending import ask


@dataclass(slots=True)
class Case:
    """What is known of one endpoint so far. ``crashes`` are deviations, ``kept`` ones with the answer and the page that shows them; ``ended`` is the
    one after which nothing listened any more; ``held`` says who holds the record that is changed."""

    one: Example
    baseline: Exchange | None = None
    crashes: list[Deviation] = field(default_factory=list)
    kept: list[tuple[Deviation, Exchange, Exchange]] = field(default_factory=list)
    taken: int = 0
    turned_away: int = 0
    absent: int = 0
    looks: int = 0
    poison: Poison | None = None
    ended: tuple[Deviation, Exchange] | None = None
    held: Holding | None = None


async def judge(ground: Ground, case: Case, deviation: Deviation, answer: Exchange) -> None:
    """Note how the app answered one thing out of place, what it told of its inside, and what stands in it since."""
    one = case.one
    what = answered(answer)
    note_leaks(ground, f"sent {deviation.said} to {one.name}", answer)
    if what is Answered.CRASHED:
        case.crashes.append(deviation)
        if answer is ground.sending.ended:
            case.ended = (deviation, answer)
    elif what is Answered.TAKEN and one.writes:
        case.taken += 1
        what = await _look(ground, case, deviation, answer, remember_made(ground, one, answer))
    elif one.writes and 300 <= answer.status < 400:
        remember_made(ground, one, answer)
    ground.inputs.append(_tried(one, deviation, answer, what))


async def judge_together(ground: Ground, case: Case, group: Sequence[Deviation], answer: Exchange) -> bool:
    """Several things out of place in one request that was taken: each of them was. False where a page fails since then, as one of them alone has to be told."""
    made = remember_made(ground, case.one, answer)
    if await poisoned(ground, case.one, group[0], answer, made) is not None:
        return False
    case.taken += 1
    for deviation in group:
        what = await _stands(ground, case, deviation, answer, made)
        ground.inputs.append(_tried(case.one, deviation, answer, what))
    return True


async def _look(ground: Ground, case: Case, deviation: Deviation, answer: Exchange, made: Made | None) -> Answered:
    """Whether a page fails since something was taken, and whether it stands there."""
    one = case.one
    if deviation.where in ("body", "form") and case.poison is None and case.looks < LOOKS:
        case.looks += 1
        case.poison = await poisoned(ground, one, deviation, answer, made)
    return await _stands(ground, case, deviation, answer, made)


async def _stands(ground: Ground, case: Case, deviation: Deviation, answer: Exchange, made: Made | None) -> Answered:
    one = case.one
    if deviation.wrong is not None and (back := await read_back(ground, one, answer, made)) is not None:
        view, record = back
        if stands(record, deviation):
            case.kept.append((deviation, answer, view))
            return Answered.KEPT
    return Answered.TAKEN


def _tried(one: Example, deviation: Deviation, answer: Exchange, what: Answered) -> Tried:
    return Tried(
        one.endpoint.name,
        one.caller.name,
        deviation.where,
        called_by(one, deviation.place),
        deviation.what,
        deviation.shown,
        answer.status,
        what,
        deviation.plain(form=one.form),
    )


async def settle(ground: Ground, case: Case) -> None:
    """Put the record right again, and raise what was found: a crash that comes again while the valid request is answered as before, and the plainest nonsense."""
    one = case.one
    if case.ended is not None:
        deviation, answer = case.ended
        alarms.raise_ended(ground, answer, deviation.said)
        return
    if one.endpoint.method in ("PUT", "PATCH") and case.taken:
        await ask(ground, one)
    if case.poison is not None:
        await raise_poison(ground, one, case.poison)

    async def send(example: Example, deviation: Deviation) -> Exchange:
        answer = await ask(ground, example, deviation)
        if answered(answer) is Answered.TAKEN:
            remember_made(ground, example, answer)
        return answer

    certain: list[tuple[alarms.Crash, list[str]]] = []
    for address in (True, False):
        found = [deviation for deviation in case.crashes if deviation.in_address is address]
        # What a customer may send by accident tells more than what only somebody does who means harm.
        found.sort(key=lambda one: one.contrived)
        for number, deviation in enumerate(found):
            again = await send(one, deviation)
            if not crashed(again):
                continue
            if is_about_holder(ground, one, case.held, deviation):
                # A smaller request may be taken, and the record be lost by it.
                small = one, deviation, again
            else:
                small = await smallest(one, deviation, again, send, crashed)
            certain.append((alarms.Crash(*small), [other.said for other in (*found[:number], *found[number + 1 :])]))
            break
        else:
            if found:
                harm = Harm.ADDRESS if found[0].in_address else Harm.CRASH
                said = f"it failed once at {found[0].said}, and not when asked again"
                ground.gap(one.endpoint.name, said, "a look at its log", harm)
    if certain:
        # Once and at the end: the right request may take away what the others were sent to.
        right = await ask(ground, one)
        remember_made(ground, one, right)
        for crash, others in certain:
            alarms.raise_crash(ground, right, crash, others, sure=not crashed(right))
    sure = sorted(case.kept, key=lambda kept: not (kept[0].wrong and kept[0].wrong.sure))
    for deviation, answer, view in sure[:1]:
        others = [other.wrong.what for other, _, _ in sure[1:] if other.wrong]
        alarms.raise_kept(ground, one, deviation, answer, view, others)


def raise_at_once(ground: Ground, one: Example, answer: Exchange) -> None:
    """A plain request fails. Where no field is known, it lacked them all, which the app has to refuse."""
    ground.count(harm_of(one))
    if one.writes and one.body == {} and not one.called:
        bare = Deviation("whole", (), "a table without any field")
        # Nothing tells an answer to the lack of fields from one to the lack of a queue, unless the app says which.
        sure = alarms.names_its_fault(ground, answer)
        alarms.raise_crash(ground, None, alarms.Crash(one, bare, answer), (), sure=sure)
    else:
        alarms.raise_always(ground, one, answer)


def remember_made(ground: Ground, one: Example, answer: Exchange) -> Made | None:
    """Note what a call made, so that it is removed."""
    at_record = one.endpoint.path.rstrip("/").endswith("}")
    if one.endpoint.method == "PUT" and answer.status == 201 and at_record:
        # What was put where nothing was is there now (RFC 9110, 9.3.4).
        ground.made.append(Made(one.caller.name, one.endpoint.name, answer.path.partition("?")[0]))
        return ground.made[-1]
    if not (answer.ok or 300 <= answer.status < 400) or not adds_records(ground.endpoints, one.endpoint):
        return None
    if Kind.SIGNUP in one.endpoint.kind:
        note_account(ground, one, answer)
        return None
    if ENTRIES.intersection(one.endpoint.kind):
        return None
    before = len(ground.made)
    remember(ground, one.caller, one.endpoint, one.path, answer)
    return ground.made[-1] if len(ground.made) > before else None


def count(ground: Ground, sent: Sequence[Deviation]) -> None:
    """Count what was sent for the checks that judge it."""
    for deviation in sent:
        ground.count(Harm.ADDRESS if deviation.in_address else Harm.CRASH)
        if deviation.wrong is not None:
            ground.count(Harm.NONSENSE)


def harm_of(one: Example) -> Harm:
    """What a crash of this request is: by its body, or by its address alone."""
    return Harm.CRASH if one.has_body else Harm.ADDRESS


def note_leaks(ground: Ground, sent: str, answer: Exchange) -> None:
    """Raise an alarm where a refusal shows the inside of the app; ``sent`` says what was asked."""
    if answer.status >= 400:
        ground.count(Harm.LEAK)
        for what in leaks(answer)[:1]:
            alarms.raise_leak(ground, what, sent, answer)
