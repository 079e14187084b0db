"""Green, yellow and red for whatever runs from one moment to another as time passes."""

# Domain rule, "Lights": green to 80 % of the span, yellow to 100 %, red beyond.
YELLOW_FROM = 0.8


def share_used(begins, due, moment):
    """The share of a span that is used at a moment: 0 before it, above 1 after it. A span without
    length is used up."""
    length = (due - begins).total_seconds()
    if length <= 0:
        return 1.0 if moment >= due else 0.0
    return max(0.0, (moment - begins).total_seconds() / length)


def light_of(begins, due, moment):
    """ "green", "yellow" or "red"; half-open, as clocks are: at the due time it is still yellow."""
    if moment > due:
        return "red"
    return "yellow" if share_used(begins, due, moment) >= YELLOW_FROM else "green"
