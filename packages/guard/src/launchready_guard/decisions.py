"""What was decided, for people and machines: one JSON line in the log for each refusal, and counters for Prometheus.

Lines name routes as the policy writes them, never the address that was called: that may hold a token. OWASP Logging Cheat Sheet;
Prometheus text exposition format 0.0.4.
"""

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable

from launchready_guard.call import Call, Refusal

_LOG = logging.getLogger("launchready.guard")
_HELP = "# HELP launchready_guard_requests_total Requests by route, rule and what became of them.\n# TYPE launchready_guard_requests_total counter\n"


class Decisions:
    """Counts and logs. ``hear`` is called with each line, when somebody else wants to know."""

    def __init__(self, hear: Callable[[dict[str, object]], None] | None = None) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._passed: dict[str, int] = {}
        self._lock = threading.Lock()
        self._hear = hear

    def passed(self, route: str) -> None:
        """A request got through."""
        with self._lock:
            self._passed[route] = self._passed.get(route, 0) + 1

    def refused(self, call: Call, route: str, refusal: Refusal, *, observed: bool = False) -> None:
        """A request was refused, or would have been."""
        outcome = "observed" if observed else "refused"
        with self._lock:
            self._counts[route, refusal.rule, outcome] += 1
        line: dict[str, object] = {
            "event": outcome,
            "rule": refusal.rule,
            "status": refusal.status,
            "route": route,
            "method": call.method if len(call.method) < 20 else call.method[:20],
            "subject": call.identity.subject if call.identity else None,
            "address": call.address,
            "why": refusal.why or refusal.detail,
        }
        _LOG.log(logging.INFO if observed else logging.WARNING, "%s", json.dumps(line))
        if self._hear is not None:
            self._hear(line)

    def text(self) -> str:
        """The counters, as Prometheus reads them."""
        with self._lock:
            passed = {(route, "", "passed"): count for route, count in self._passed.items()}
            counts = sorted((self._counts | Counter(passed)).items())
        return _HELP + "".join(
            f'launchready_guard_requests_total{{route="{_escaped(route)}",rule="{rule}",outcome="{outcome}"}} {count}\n'
            for (route, rule, outcome), count in counts
        )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
