"""What a limit says at known times: how many are left, when one more is, and when a counter is forgotten."""

import pytest
from launchready_guard.limiter import Count, Window

from tests.guard.test_limits import Clock


def _to_a_millisecond(found: Count) -> Count:
    return found._replace(reset=round(found.reset, 3))


def test_a_caller_is_told_when_the_oldest_attempt_no_longer_counts() -> None:
    clock = Clock()
    window = Window(3, 60, clock=clock)
    assert window.hit("ann") == (True, 2, 60.0)
    clock.now = 1010.0
    assert window.hit("ann") == (True, 1, 50.0)
    clock.now = 1025.0
    assert window.hit("ann") == (True, 0, 35.0)
    assert window.hit("ann") == (False, 0, 35.0)
    clock.now = 1059.5
    assert window.hit("ann") == (False, 0, 0.5)
    clock.now = 1060.0
    assert window.hit("ann") == (True, 0, 10.0)


def test_sixty_four_are_counted_exactly() -> None:
    clock = Clock()
    window = Window(64, 60, clock=clock)
    assert [window.hit("ann").left for _ in range(64)] == list(reversed(range(64)))
    clock.now += 59.5
    assert window.hit("ann") == (False, 0, 0.5)
    # An estimate would still count the burst here; all of it is a whole window old.
    clock.now += 0.5
    assert window.hit("ann") == (True, 63, 60.0)


def test_a_large_limit_opens_no_earlier_than_its_window_ends() -> None:
    clock = Clock()
    window = Window(100, 60, clock=clock)
    assert [window.hit("ann").reset for _ in range(100)] == [60.0] * 100
    clock.now += 15
    assert _to_a_millisecond(window.hit("ann")) == (False, 0, 45.6)
    clock.now += 44.5
    assert _to_a_millisecond(window.hit("ann")) == (False, 0, 1.1)


def test_the_next_window_of_a_large_limit_begins_where_the_last_one_ends() -> None:
    clock = Clock()
    window = Window(100, 60, clock=clock)
    for _ in range(50):
        window.hit("ann")
    clock.now += 60
    assert window.hit("ann") == (True, 49, 60.0)


def test_who_is_refused_as_a_window_begins_is_let_in_as_soon_as_who_waits() -> None:
    clock = Clock()
    window = Window(100, 60, clock=clock)
    for _ in range(100):
        window.hit("ann")
    clock.now += 60
    assert _to_a_millisecond(window.hit("ann")) == (False, 0, 0.6)
    clock.now += 0.601
    assert window.hit("ann").within


@pytest.mark.parametrize("count", [3, 70])
def test_a_counter_is_forgotten_after_two_windows_without_use_and_not_before(count: int) -> None:
    clock = Clock()
    window = Window(count, 60, clock=clock)
    for number in range(500):
        window.hit(str(number))
    clock.now += 119
    window.hit("ann")
    assert len(window) == 501
    clock.now += 1
    window.hit("ben")
    assert len(window) == 2


@pytest.mark.parametrize("count", [3, 70])
def test_the_counter_that_was_used_longest_ago_makes_room_first(count: int) -> None:
    clock = Clock()
    window = Window(count, 60, most=3, clock=clock)
    for key in "abc":
        window.hit(key)
        clock.now += 1
    window.hit("d")
    assert len(window) == 3
    assert [window.hit(key).left for key in "bcd"] == [count - 2] * 3
    assert window.hit("a").left == count - 1
