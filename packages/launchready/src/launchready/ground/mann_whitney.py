"""Whether two sets of times differ, by their ranks: robust against the few that a busy machine makes long."""

import math
from collections.abc import Sequence
from itertools import groupby
from statistics import median


def mann_whitney(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """The two-sided p-value that both come from one distribution, and the share of pairs in which ``left`` is the larger.

    Normal approximation with correction for ties and continuity (Mann and Whitney, 1947); fit for eight values a side and more.
    """
    one, two = len(left), len(right)
    if not one or not two:
        return 1.0, 0.5
    whole = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    rank, ranks_left, ties = 0, 0.0, 0.0
    for _, same in groupby(whole, key=lambda pair: pair[0]):
        group = list(same)
        middle = rank + (len(group) + 1) / 2
        ranks_left += middle * sum(side == 0 for _, side in group)
        ties += len(group) ** 3 - len(group)
        rank += len(group)
    wins = ranks_left - one * (one + 1) / 2
    total = one + two
    spread = math.sqrt(one * two / 12 * ((total + 1) - ties / (total * (total - 1))))
    if spread == 0:
        return 1.0, 0.5
    away = max(abs(wins - one * two / 2) - 0.5, 0) / spread
    return math.erfc(away / math.sqrt(2)), wins / (one * two)


def differ(known: Sequence[float], unknown: Sequence[float], others: Sequence[float]) -> bool:
    """Whether ``known`` takes a different time than both groups of unknown ones, while these two are alike, in seconds.

    The difference must be sure (p below 0.001 twice), nearly always there (in 85 of 100 pairs), and large enough to be used
    from afar: 10 ms, and a fifth of the time itself.
    """
    for group in (unknown, others):
        p, share = mann_whitney(known, group)
        apart = abs(median(known) - median(group))
        if (
            p >= 0.001
            or not (share > 0.85 or share < 0.15)
            or apart < max(0.010, 0.2 * min(median(known), median(group)))
        ):
            return False
    alike, share = mann_whitney(unknown, others)
    return alike > 0.001 and 0.15 < share < 0.85
