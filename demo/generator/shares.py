"""Whole numbers in proportion to weights."""


def share_out(total: int, weights: list[float], least: int = 0, most: int = 0) -> list[int]:
    """Whole numbers with a given sum, as near the weights as bounds allow (most 0: no bound)."""
    scale = total / sum(weights)
    wanted = [weight * scale for weight in weights]
    counts = [_within(round(want), least, most) for want in wanted]
    while (missing := total - sum(counts)) != 0:
        step = 1 if missing > 0 else -1
        free = [
            k
            for k, count in enumerate(counts)
            if count + step >= least and not (most and count + step > most) and weights[k] > 0
        ]
        free.sort(key=lambda k: step * (counts[k] - wanted[k]))
        for k in free[: abs(missing)]:
            counts[k] += step
    return counts


def _within(count: int, least: int, most: int) -> int:
    return max(least, min(count, most) if most else count)
