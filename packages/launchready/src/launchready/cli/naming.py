"""What is said to somebody who named a check that does not exist."""

from collections.abc import Collection

from launchready.cli.exits import Stop

_MISTYPED = str.maketrans("OIL", "011")


def no_such_check(name: str, known: Collection[str]) -> Stop:
    """The error. Another number is another question, so only a slip of the pen is put right: ``204``, ``LR2O4``, ``LR2044``."""
    meant = "LR" + name.upper().removeprefix("LR").translate(_MISTYPED)
    meant = meant if meant in known else meant[:5]
    hint = f"Did you mean {meant}?" if meant in known else "`launchready explain` lists them all."
    return Stop(f"Looked for the check {name!r}: there is none. {hint}")
