"""The mail a burst causes: counted where a mailbox of the app can be seen, and never more than was announced."""

from dataclasses import dataclass

from launchready.ground.ground import Ground
from launchready.ground.result import Harm
from launchready.ground.sending import LIFTED
from launchready.stages.inputs.trials.limits.burst import MOST_MAILS, Ask, Maker

_WAIT = 2.5
USED_UP = "as many mails went out as were announced before the run"


@dataclass(slots=True)
class Post:
    """``left`` is how many more calls may go out that cause a mail."""

    ground: Ground
    left: int = MOST_MAILS

    async def count(self, text: str, expected: int = 0) -> int | None:
        """How many letters hold the text; None where no mail of the app can be seen."""
        mail = self.ground.accounts.mail
        return await mail.count(text, expected, _WAIT if expected else 0.0) if mail and text else None

    def take(self, route: str, harm: Harm) -> bool:
        """Whether one more call may go out that causes a mail; what is not sent for want of it is noted."""
        self.left -= 1
        if self.left < 0:
            self.ground.gap(route, USED_UP, LIFTED, harm)
        return self.left >= 0

    def stamped(self, make: Maker) -> Maker:
        """The calls of ``make``, until as many have gone out as were announced."""

        async def stamp(number: int) -> Ask | None:
            self.left -= 1
            return await make(number) if self.left >= 0 else None

        return stamp
