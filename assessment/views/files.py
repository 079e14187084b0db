"""Scores and the cases behind a figure as files: CSV line by line, Excel by way of a file on disk;
what is written takes the same memory however long it is."""

import csv
import tempfile
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from assessment.drawer import exported, name_of
from assessment.measures import EVERYDAY, figures_of
from assessment.publishing import export_lines
from assessment.templatetags.scores import period_words
from assessment.views.asked import asked_of, period_of, subject_of
from assessment.views.table import table_of
from grids.backends import cities_with
from grids.models import Area
from incidents.filters import as_read_by
from incidents.models import Category, Condition
from incidents.views.signed import signed_in
from lib.cells import harmless
from staff.models import Unit, in_language

AT_ONCE = 1_000  # cases read from the database at a time
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
@never_cache
@require_GET
def scores_file(request, form):
    """The ranking as it is shown, with every figure."""
    asked = asked_of(request)
    found = table_of(request, asked)
    name = f"scores-{asked.kind}-{asked.period}"
    return _file(form, name, _score_rows(request.user, asked, found))


def _score_rows(user, asked, found):
    codes = figures_of(asked.kind)
    state = _state(found, asked.city)
    said = [name_of("SCORE", found.formula), period_words(asked.period), state]
    yield said
    yield [
        _("Code"),
        _("Subject"),
        _("Score"),
        _("Rating level"),
        *(name_of(code) for code in codes),
    ]
    yield ["", "", "", "", *codes]
    for line in found.lines:
        row = line.row
        values = [row.figures[code].value for code in codes]
        yield [line.subject.key, line.subject.name_for(user), row.score, row.band, *values]


def _state(found, city):
    """By what the figures were made: frozen with which versions, or still counted."""
    formula = f"{found.formula.code} v{found.formula.version}" if found.formula else ""
    if found.publication is None:
        return f"{_('running')} · {formula}"
    at = _told(found.publication.published_at, city)
    return f"{at} · {formula} · {found.publication.input_hash}"


def _told(moment, city):
    """A moment by the city's clock: a file that is streamed is written after the request, when no
    time zone is set any more."""
    return f"{moment.astimezone(ZoneInfo(city.time_zone)):%Y-%m-%d %H:%M}"


@signed_in
@never_cache
@require_GET
def inputs_file(request):
    """What docs/recompute_scores.py recomputes the scores from: counts as they stand, formula,
    scores; of persons for who may read them all."""
    asked = asked_of(request)
    if asked.city not in cities_with(request.user, "assessment.view_publication"):
        raise PermissionDenied
    lines = (line + "\n" for line in export_lines(asked.city, (asked.kind,), asked.period))
    answer = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    answer["Content-Disposition"] = (
        f'attachment; filename="inputs-{asked.kind}-{asked.period}.jsonl"'
    )
    return answer


@signed_in
@never_cache
@require_GET
def cases_file(request, kind, key, code, form):
    """The cases behind a figure, as far as this member may see them."""
    city, subject = subject_of(request, kind, key)
    if code not in figures_of(kind):
        raise Http404
    period, _today = period_of(request, city, "day" if kind in EVERYDAY else "month")
    cases = exported(request.user, city, subject, code, period)
    return _file(form, f"{code}-{subject.key}-{period}", _case_rows(request.user, city, cases))


def _case_rows(user, city, cases):
    yield [
        _("Number"),
        _("Category"),
        _("Filing condition"),
        _("Place"),
        _("Community"),
        _("Lead unit"),
        _("Reported"),
    ]
    names, some = _Names(city), []
    for case in cases.iterator(chunk_size=AT_ONCE):
        some.append(case)
        if len(some) == AT_ONCE:
            yield from map(names.row_of, as_read_by(user, some))
            some = []
    yield from map(names.row_of, as_read_by(user, some))


class _Names:
    """What the few hundred things are called that the cases of a file point to, read once."""

    def __init__(self, city):
        self.city = city
        self.categories = {row.pk: str(row) for row in Category.objects.all()}
        self.conditions = {row.pk: str(row) for row in Condition.objects.all()}
        self.communities = {row.pk: str(row) for row in Area.objects.filter(level="community")}
        units = Unit.objects.values_list("pk", "name_zh", "name_en")
        self.units = {pk: in_language(*names) for pk, *names in units}

    def row_of(self, case):
        """A line of the file."""
        return [
            case.number,
            self.categories.get(case.category_id, ""),
            self.conditions.get(case.condition_id, ""),
            case.place,
            self.communities.get(case.community_id, ""),
            self.units.get(case.unit_id, ""),
            _told(case.reported_at, self.city),
        ]


# --- forms ---------------------------------------------------------------------------------------


def _file(form, name, rows):
    """The rows as a file of that form, sent while it is written (Excel: once it is)."""
    if form == "xlsx":
        return FileResponse(
            _sheet(rows), as_attachment=True, filename=f"{name}.xlsx", content_type=SHEET
        )
    answer = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


class _Line:
    """Takes what a csv writer writes and hands it on."""

    def write(self, text):
        return text


def _csv(rows):
    writer = csv.writer(_Line())
    # Without the mark Excel takes UTF-8 for the code page of the machine.
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def _sheet(rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet, value):
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
    cell.data_type = "s"
    return cell
