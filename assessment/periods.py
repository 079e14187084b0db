"""The periods of assessment: day, week, month, quarter and year of the city, half-open."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

LONGEST = len("2026-11-24")  # characters of a period in words
KINDS = ("day", "week", "month", "quarter", "year")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """Local days from `first` to before `until`, in the city's time zone."""

    kind: str
    first: date
    zone: str

    @classmethod
    def of(cls, kind, day, zone):
        """The period of a kind that a local day lies in. Raises ValueError for another kind."""
        if kind == "day":
            return cls(kind, day, zone)
        if kind == "week":
            return cls(kind, day - timedelta(days=day.weekday()), zone)
        if kind not in _MONTHS:
            raise ValueError(f"no kind of period: {kind}")
        months = _MONTHS[kind]
        return cls(kind, date(day.year, (day.month - 1) // months * months + 1, 1), zone)

    @classmethod
    def read(cls, text, zone):
        """ "2026-11-24", "2026-W48", "2026-11", "2026-Q4" or "2026". Raises ValueError."""
        if len(text) > LONGEST:
            raise ValueError(text)
        year, _dash, rest = text.partition("-")
        if not rest:
            return cls.of("year", date(int(year), 1, 1), zone)
        if rest[0] == "W":
            return cls("week", date.fromisocalendar(int(year), int(rest[1:]), 1), zone)
        if rest[0] == "Q":
            return cls.of("quarter", date(int(year), int(rest[1:]) * 3 - 2, 1), zone)
        if "-" in rest:
            return cls("day", date.fromisoformat(text), zone)
        return cls.of("month", date(int(year), int(rest), 1), zone)

    @property
    def until(self):
        """The first day after it."""
        if self.kind in ("day", "week"):
            return self.first + timedelta(days=1 if self.kind == "day" else 7)
        month = self.first.month - 1 + _MONTHS[self.kind]
        return date(self.first.year + month // 12, month % 12 + 1, 1)

    @property
    def start(self):
        """The first moment of it."""
        return datetime.combine(self.first, time(), ZoneInfo(self.zone))

    @property
    def end(self):
        """The first moment after it."""
        return datetime.combine(self.until, time(), ZoneInfo(self.zone))

    @property
    def months(self):
        """Its length in months, by which bands of a month's counts are stretched: a day is 1/30."""
        if self.kind in _MONTHS:
            return Fraction(_MONTHS[self.kind])
        return Fraction((self.until - self.first).days, 30)

    def before(self):
        """The period before it."""
        return Period.of(self.kind, self.first - timedelta(days=1), self.zone)

    def after(self):
        return Period.of(self.kind, self.until, self.zone)

    def __str__(self):
        if self.kind == "week":
            year, week, _day = self.first.isocalendar()
            return f"{year}-W{week:02}"
        if self.kind == "quarter":
            return f"{self.first.year}-Q{self.first.month // 3 + 1}"
        return self.first.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.kind]]
