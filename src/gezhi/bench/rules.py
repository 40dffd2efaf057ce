"""From what clients saw to figures: rates and percentiles. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figures:
    """One measurement. Times are milliseconds; `rounds_per_s` counts whole rounds."""

    what: str
    clients: int
    seconds: float
    stored: int
    rounds: int
    rounds_per_s: float
    requests_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: dict[str, int]
    by_request: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_ms(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds."""
    return {
        f"p{int(share * 100)}_ms": round(percentile(values, share) * 1000, 1)
        for share in (0.5, 0.95, 0.99)
    }


def sum_up(
    what: str,
    seen: Sequence[tuple[dict[str, list[float]], dict[str, int], int]],
    *,
    seconds: float,
    stored: int,
) -> Figures:
    """Put what every client saw together."""
    times: dict[str, list[float]] = {}
    errors: dict[str, int] = {}
    for by_name, wrong, _rounds in seen:
        for name, values in by_name.items():
            times.setdefault(name, []).extend(values)
        for name, number in wrong.items():
            errors[name] = errors.get(name, 0) + number
    everything = [value for values in times.values() for value in values]
    rounds = sum(number for _times, _errors, number in seen)
    return Figures(
        what=what,
        clients=len(seen),
        seconds=round(seconds, 2),
        stored=stored,
        rounds=rounds,
        rounds_per_s=round(rounds / seconds, 1),
        requests_per_s=round(len(everything) / seconds, 1),
        errors=errors,
        by_request={name: in_ms(values) for name, values in times.items()},
        **in_ms(everything),
    )
