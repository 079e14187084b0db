"""The words of a message: what it is about, in the language of whoever receives it and the zone of
the city, and never more than they may see when it is sent or shown."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from incidents.models import Case, Folded, JointTask, Outbox, Plan
from incidents.notices import NOTICES
from incidents.scope import last_steps

# So many notices of several are told one by one; the rest is on the page.
MOST_TOLD = 20
# Text messages are paid by length.
MOST_SHORT = 300
# Notices about a case whose running clock matters to the reader.
_WITH_DUE = ("your_turn", "warn", "breach")

CAUSE = (
    "step__case__category",
    "step__case__city",
    "joint_task",
    "plan",
)

# What whoever told of a matter is told of its end.
ENDINGS = {
    "closed": gettext_lazy("The matter that you reported (number %(number)s) has been settled."),
    "dismissed": gettext_lazy(
        "The matter that you reported (number %(number)s) was not taken up as a case."
    ),
    "voided": gettext_lazy("The matter that you reported (number %(number)s) was ended as void."),
    "merged": gettext_lazy(
        "The matter that you reported (number %(number)s) goes on as case %(into)s."
    ),
}


@dataclass
class About:
    """One notice as it is read: its title, what it is about in short facts, where it leads."""

    kind: str
    title: str
    facts: list
    href: str
    made_at: object
    urgent: bool = False

    @property
    def said(self):
        """The title, with a word for urgency."""
        return f"{self.title} ({_('urgent')})" if self.urgent else self.title


@dataclass
class Words:
    """A message's words in one language."""

    language: str
    title: str
    city: str
    path: str
    abouts: list = field(default_factory=list)
    more: int = 0
    plain: str = ""

    @property
    def link(self):
        return settings.SITE_URL + self.path

    @property
    def subject(self):
        first = self.abouts[0].facts[:1] if len(self.abouts) == 1 else []
        return " · ".join([self.title, *first])

    @property
    def first(self):
        """The facts of the first notice, in one line."""
        return " · ".join(self.abouts[0].facts) if self.abouts else ""

    @property
    def short(self):
        """For a text message: in one line, the link last and whole."""
        if self.plain:
            return f"{self.city}: {self.plain}"
        facts = self.first if len(self.abouts) == 1 and not self.more else ""
        said = " · ".join(part for part in (f"{self.city}: {self.title}", facts) if part)
        return f"{said[:MOST_SHORT]} {self.link}"

    @property
    def text(self):
        return self._rendered("incidents/mail/notice.txt")

    @property
    def html(self):
        return self._rendered("incidents/mail/notice.html")

    def _rendered(self, template):
        with override(self.language):
            context = {
                "words": self,
                "settings_link": settings.SITE_URL + reverse("notice_settings"),
            }
            return render_to_string(template, context)


def words_of(message):
    """The Words of a message, or None if whoever it is for may see nothing of it any more. A few
    queries; the message comes with member, reporter and city."""
    language = message.member.language if message.member else settings.LANGUAGE_CODE
    with override(language), timezone.override(ZoneInfo(message.city.time_zone)):
        if message.member is None:
            return _for_reporter(message, language)
        causes, more = causes_of(message)
        abouts = about(causes, message.member)
        if not abouts:
            return None
        several = len(abouts) + more > 1
        return Words(
            language,
            number_of_notices(len(abouts) + more) if several else abouts[0].said,
            str(message.city),
            reverse("notice", args=[message.key]),
            abouts,
            more,
        )


def number_of_notices(number):
    return ngettext("%(number)d notice", "%(number)d notices", number) % {"number": number}


def causes_of(message, most=MOST_TOLD):
    """([outbox rows, newest first], how many more): of one notice itself, of several the newest."""
    rows = Outbox.objects.select_related(*CAUSE)
    if message.outbox_id:
        return list(rows.filter(pk=message.outbox_id)), 0
    folded = Folded.objects.filter(message=message).values("outbox")
    newest = list(rows.filter(pk__in=folded).order_by("-made_at", "pk")[:most])
    return newest, max(0, message.number_of - len(newest))


def about(causes, user):
    """An About of each row that a member may see, in their order."""
    made = by_cause(causes, user)
    return [made[row.pk] for row in causes if row.pk in made]


def by_cause(causes, user):
    """{key of a row: its About} of those that a member may see. One query for each kind of thing
    that they are about; the rows come with what `CAUSE` names."""
    causes = list(causes)
    cases = [row.step.case_id for row in causes if row.step_id]
    seen = {
        "cut": last_steps(user, cases),
        "case": _seen(Case, cases, user),
        "joint": _seen(JointTask, (row.joint_task_id for row in causes), user),
        "plan": _seen(Plan, (row.plan_id for row in causes), user),
    }
    return {row.pk: made for row in causes if (made := _about(row, seen))}


def _seen(model, keys, user):
    keys = {key for key in keys if key}
    if not keys:
        return set()
    return set(model.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))


def _about(row, seen):
    notice = NOTICES.get(row.notice)
    title = str(notice.title) if notice else row.notice
    if row.step_id and row.step.case_id in seen["case"]:
        case = row.step.case
        with_due = row.notice in _WITH_DUE and case.pk not in seen["cut"]
        facts, href = _facts(case, with_due), reverse("case", args=[case.number])
        return About(row.notice, title, facts, href, row.made_at, case.urgent)
    if row.joint_task_id in seen["joint"]:
        task = row.joint_task
        href = reverse("joint_task", args=[task.pk])
        return About(row.notice, title, [task.subject, task.place], href, row.made_at)
    if row.plan_id in seen["plan"]:
        href = reverse("plan", args=[row.plan_id])
        return About(row.notice, title, [row.plan.name], href, row.made_at)
    return None


def _facts(case, with_due):
    """Number, subclass, place and due time of a case: nothing of who reported it."""
    facts = [case.number]
    if case.category:
        facts.append(str(case.category))
    if case.place:
        facts.append(case.place)
    if with_due and case.due_at and case.is_open:
        facts.append(_("due %(moment)s") % {"moment": moment_in_words(case.due_at)})
    return facts


def moment_in_words(value):
    """07-14 10:42, in English 14 Jul, 10:42, in the zone that is set."""
    chinese = (get_language() or "zh").startswith("zh")
    return date_format(timezone.localtime(value), "m-d H:i" if chinese else "j M, H:i")


def _for_reporter(message, language):
    """Somebody without an account hears how it ended: no place, no name, nothing to sign in for."""
    row = Outbox.objects.select_related("step__case__merged_into").get(pk=message.outbox_id)
    case = row.step.case
    into = case.merged_into.number if case.merged_into else ""
    said = ENDINGS[row.step.to_stage] % {"number": case.number, "into": into}
    return Words(language, said, str(message.city), "", plain=said)
