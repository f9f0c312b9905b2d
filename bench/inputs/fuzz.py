"""Feeds every reader of foreign bytes with broken answers: inputs, seconds, the slowest one, and crashes, by reader.

    python bench/inputs/fuzz.py [SECONDS PER READER] [SEED]

Ends with 1 when a reader crashed or took longer than two seconds over one answer, and prints the bytes that did it.
"""

import faulthandler
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.people.hostile_answers import READERS, broken

HANGS = 2.0
_GIVE_UP = 60.0


def main(seconds: float, seed: int) -> int:
    """Run each reader for this long."""
    failed = 0
    print(f"{'reader':28} {'inputs':>8} {'a second':>9} {'slowest':>9} {'crashes':>8}")
    for name, read in READERS.items():
        chance, count, slowest, crashes = random.Random(f"{seed} {name}"), 0, 0.0, {}
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            body = broken(chance)
            # A reader that never comes back shows where it is.
            faulthandler.dump_traceback_later(_GIVE_UP, exit=True)
            started = time.monotonic()
            try:
                read(body)
            except Exception:  # noqa: BLE001 - a crash of any kind is what is looked for
                last = traceback.format_exc().strip().splitlines()
                crashes.setdefault((last[-1][:160], last[-3].strip()[-110:]), body)
            took = time.monotonic() - started
            if took > HANGS:
                crashes.setdefault((f"took {took:.1f} s", ""), body)
            slowest, count = max(slowest, took), count + 1
        faulthandler.cancel_dump_traceback_later()
        print(f"{name:28} {count:8,} {count / seconds:9,.0f} {slowest * 1000:6.0f} ms {len(crashes):8}")
        for (what, where), body in list(crashes.items())[:8]:
            print(f"    {what}\n      {where}\n      {body[:200]!r}")
        failed += len(crashes)
    return int(bool(failed))


if __name__ == "__main__":
    given = [float(one) for one in sys.argv[1:]]
    sys.exit(main(given[0] if given else 20.0, int(given[1]) if len(given) > 1 else 1))
