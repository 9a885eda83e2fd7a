"""The pace at which a service is called: quickly, until it refuses; then as it allows."""

from __future__ import annotations

import heapq

import pytest

from ssoenv.identity_center.pace import Pace

AT_ONCE = 16


class Service:
    """A service on a clock of its own: a bucket of `burst` calls that fills at `rate` a second."""

    def __init__(self, rate: float, burst: int, latency: float = 0.05) -> None:
        self.rate, self.burst, self.latency = rate, float(burst), latency
        self.now, self.left, self.filled = 0.0, float(burst), 0.0
        self.refused = 0

    def takes(self) -> bool:
        gained = (self.now - self.filled) * self.rate
        self.left, self.filled = min(self.burst, self.left + gained), self.now
        if self.left < 1:
            self.refused += 1
            return False
        self.left -= 1
        return True

    def serve(self, calls: int, pause: float = 0) -> Pace:
        """Have so many calls served, of which `AT_ONCE` are under way at most."""
        pace = Pace(lambda: self.now)
        todo, under_way = calls, list[tuple[float, float]]()
        while todo or under_way:
            seconds = None
            while todo and len(under_way) < AT_ONCE and not (seconds := pace.wait()):
                todo -= 1
                heapq.heappush(under_way, (self.now + self.latency, self.now))
            moments = [under_way[0][0]] if under_way else []
            moments += [self.now + seconds] if seconds else []
            self.now = min(moments)
            while under_way and under_way[0][0] <= self.now:
                sent_at = heapq.heappop(under_way)[1]
                if self.takes():
                    pace.taken()
                else:
                    todo += 1
                    pace.refused(sent_at, pause)
        return pace


@pytest.mark.parametrize(
    ("rate", "burst", "calls"), [(20, 40, 1010), (20, 40, 5050), (50, 100, 2000), (5, 10, 100)]
)
def test_what_the_service_allows_is_what_it_gets(rate: float, burst: int, calls: int) -> None:
    service = Service(rate, burst)
    pace = service.serve(calls)
    assert service.now < 1.02 * (calls - burst) / rate + 1
    assert service.refused < 15 + calls * 0.02
    assert pace.rate == pytest.approx(rate, rel=0.2)


def test_without_a_limit_nothing_waits() -> None:
    service = Service(1e9, 10**9)
    pace = service.serve(1000)
    assert (service.refused, pace.rate) == (0, 0)
    assert service.now == pytest.approx(1000 / AT_ONCE * service.latency, rel=0.02)


def test_a_pause_that_the_service_asks_for_is_kept() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.wait() == 0
    pace.refused(0, 2)
    assert pace.wait() == 2
    now[0] = 2.0
    assert pace.wait() == 0
    # One after the other from now on; time that was not used is credit for one call, and no more.
    assert pace.wait() == pytest.approx(1 / 20)
    now[0] = 10.0
    assert [pace.wait(), pace.wait()] == [0, 0]
    assert pace.wait() == pytest.approx(1 / 20)


def test_refusals_of_what_was_sent_before_tell_nothing_new() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    now[0] = 1.0
    for _ in range(AT_ONCE):
        pace.refused(0.9)
    assert pace.rate == 20
