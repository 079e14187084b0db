"""What a reader could work out from a published week: by linear algebra, and by an integer program
over everything published. Written apart from `publication.suppression`: it knows only what is on
the page and how the figures hang together."""

import highspy
import numpy

MOST = 100_000


class Reader:
    """Unknowns (row, figure) with figures on_time, late, overdue, intake, filed; equations over
    them; what is known of each row is what was published."""

    def __init__(self):
        self.names, self.equations = {}, []

    def unknown(self, row, figure):
        return self.names.setdefault((row, figure), len(self.names))

    def told(self, row, line):
        """Take in a published line."""
        for figure in ("intake", "filed", "on_time", "late", "overdue"):
            if figure in line:
                self.unknown(row, figure)
                if line[figure] is not None:
                    self.says([(1, row, figure)], line[figure])
        if line["closed"] is not None:
            self.says([(1, row, "on_time"), (1, row, "late")], line["closed"])
        if line["due"] is not None:
            parts = [(1, row, "on_time"), (1, row, "late"), (1, row, "overdue")]
            self.says(parts, line["due"])

    def says(self, parts, value):
        self.equations.append(([(n, self.unknown(row, f)) for n, row, f in parts], value))

    def sums(self, parts, whole, figures):
        """The parts add up to the whole."""
        for figure in figures:
            self.says([(1, row, figure) for row in parts] + [(-1, w, figure) for w in whole], 0)

    # --- attacks ----------------------------------------------------------------------------

    def matrix(self):
        table = numpy.zeros((len(self.equations), len(self.names)))
        for line, (parts, _value) in enumerate(self.equations):
            for times, index in parts:
                table[line, index] += times
        return table

    def determined(self, wanted):
        """Those sums of (row, figure) of `wanted` that linear algebra gives: a combination of the
        equations leaves nothing of them over."""
        table = self.matrix()
        asked = numpy.zeros((len(self.names), len(wanted)))
        for column, parts in enumerate(wanted):
            for part in parts:
                asked[self.names[part], column] += 1
        found = numpy.linalg.lstsq(table.T, asked, rcond=None)[0]
        over = numpy.abs(table.T @ found - asked).max(axis=0)
        return [parts for parts, rest in zip(wanted, over, strict=True) if rest < 1e-6]

    def extremes(self, wanted, small=(), *, whole=True):
        """[(least, most)] that each sum of (row, figure) of `wanted` can be, over all numbers that
        fit everything published, `whole` ones or any; exact. `small` are known to be under 3."""
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        top = {self.names[key]: 2 for key in small}
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        some = [
            solver.addVariable(0, top.get(index, MOST), type=kind)
            for index in range(len(self.names))
        ]
        for parts, value in self.equations:
            solver.addConstr(sum(times * some[index] for times, index in parts) == value)
        found = []
        for parts in wanted:
            asked = sum(
                (1 * some[self.names[part]] for part in parts[1:]), 1 * some[self.names[parts[0]]]
            )
            ends = []
            for ask in (solver.minimize, solver.maximize):
                ask(asked)
                assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
                ends.append(solver.getObjectiveValue())
            found.append(tuple(ends))
        return found


def reader_of(week, lines):
    """A reader of a week whose published lines are {row: line}."""
    reader = Reader()
    for row, line in lines.items():
        reader.told(row, line)
    for label, day in week.days.items():
        whole = [(label, "total", "")]
        streets = [(label, "street", code) for code in day.streets]
        areas = ("intake", "filed", "on_time", "late", "overdue")
        reader.sums(streets, whole, areas)
        if day.units:
            units = [(label, "unit", code) for code in day.units]
            rest = (label, "rest", "")
            reader.sums(units, whole, ("late", "overdue"))
            reader.sums([*units, rest], whole, ("on_time",))
    for street in {street for street, _counts in (week.communities or {}).values()}:
        parts = [("week", "community", c) for c, (s, _n) in week.communities.items() if s == street]
        days = [(label, "street", street) for label in week.days]
        reader.sums(parts, days, ("intake", "filed", "on_time", "late"))
        reader.sums(parts, [(week.last, "street", street)], ("overdue",))
    return reader
