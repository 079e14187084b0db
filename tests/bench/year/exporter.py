"""A process that fetches the file of a year's cases, throws it away and says what memory it took at
most, until one of the lines and in the end: `python -m tests.bench.year.exporter 100000`."""

import resource
import sys
import time
from datetime import timedelta

import django

from lib import now as clock

HALF_A_YEAR = 180  # the year that has most of its days behind us


def main(first):
    django.setup()
    print(*measure(first))


def measure(first):
    """(lines, kB at most after `first` of them, kB at most after all, seconds)."""
    from django.conf import settings  # noqa: PLC0415 - only now are there settings

    from grids.models import Post  # noqa: PLC0415
    from tests.grids.play import signed_in  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["*"]
    post = Post.objects.filter(role="assessor").select_related("member", "city")[0]
    year = (clock.now() - timedelta(days=HALF_A_YEAR)).year
    path = f"/scores/city/{post.city.slug}/R_INST/cases.csv?period={year}"
    began, lines, early = time.monotonic(), 0, None
    for part in signed_in(post.member).get(path).streaming_content:
        lines += part.count(b"\n")
        if early is None and lines >= first:
            early = peak()
    assert early, f"only {lines} lines"
    return lines, early, peak(), time.monotonic() - began


def peak():
    """The kB that this process has taken at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(int(sys.argv[1]))
