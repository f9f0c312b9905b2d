"""A captcha that told its own answer, which was then taken (CWE-804)."""

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.probes.callers.captcha import Told
from launchready.probes.exchange import Exchange


def tells_its_answer(ground: Ground, route: str, told: Told, exchange: Exchange) -> None:
    """Raise the alarm: ``route`` was refused without a captcha, and took what ``told`` held."""
    ground.alarm(
        Alarm(
            Harm.CAPTCHA,
            told.route,
            f"The captcha keeps no program out: {told.route} tells its answer beside the question",
            f"{route} was refused without it, and took the answer that {told.route} told.",
            shown(("asks for a captcha", told.shown), ("gives the answer that came with it", exchange)),
            key="captcha",
        )
    )
