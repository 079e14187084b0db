"""What a member is told in the page: the list, a link from a message, the bell; and how they want
to be told."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidents import ways, wording
from incidents.letters import (
    MOST_UNREAD,
    Channel,
    Folded,
    Message,
    Preference,
    PushDevice,
)
from incidents.models import Outbox
from incidents.notices import NOTICES
from incidents.views.signed import signed_in
from lib import now as clock
from lib.numbers import whole
from lib.pages import page_behind
from staff.forms import Named

PAGE = 40
MOST_FOLDED = 200
MOST_DEVICES = 10


def unread(user):
    """How many notices a member has not read, counted no further than the bell shows."""
    return Message.objects.unread_of(user).order_by()[:MOST_UNREAD].count()


# --- the list ------------------------------------------------------------------------------------


@signed_in
@never_cache
@require_GET
def notices(request):
    """What the member was told, newest first, in pages by key; ?unread=1 what is not read yet."""
    only_unread = request.GET.get("unread") == "1"
    listed = Message.objects.unread_of if only_unread else Message.objects.on_page_of
    rows, following = page_behind(listed(request.user), whole(request.GET.get("before", "")), PAGE)
    context = {
        "rows": _shown(rows, request.user),
        "next": following,
        "newest": rows[0].pk if rows else "",
        "only_unread": only_unread,
    }
    return render(request, "incidents/notices/list.html", context)


def _shown(rows, user):
    """The messages, each with its `title` and `about`: of one notice an About, or None where the
    member may not see any more what it is about; several are counted."""
    causes = {row.pk: row.outbox_id for row in rows if row.outbox_id}
    # A fold that nothing else came into is read as the one that it holds.
    ones = [row.pk for row in rows if row.notice == "several" and row.number_of == 1]
    if ones:
        causes |= dict(Folded.objects.filter(message__in=ones).values_list("message", "outbox"))
    loaded = Outbox.objects.select_related(*wording.CAUSE).in_bulk(set(causes.values()))
    abouts = wording.by_cause(loaded.values(), user)
    for row in rows:
        cause = loaded.get(causes.get(row.pk))
        row.about = abouts.get(cause.pk) if cause else None
        row.is_several = cause is None
        kind = cause.notice if cause else ""
        row.title = NOTICES[kind].title if kind in NOTICES else kind
        if row.is_several:
            row.title = wording.number_of_notices(row.number_of)
    return rows


@signed_in
@never_cache
@require_GET
def notice(request, key):
    """Where a message's link leads, as often as it is opened: to what it is about, or for several
    to a page of them. What was opened is read."""
    message = get_object_or_404(Message.objects.of(request.user), key=key)
    causes, more = wording.causes_of(message, MOST_FOLDED)
    _mark_read(request.user, message, causes)
    abouts = wording.about(causes, request.user)
    if message.number_of == 1 and abouts:
        return redirect(abouts[0].href)
    context = {"message": message, "abouts": abouts, "more": more}
    return render(request, "incidents/notices/several.html", context)


def _mark_read(user, message, causes):
    """The message itself and, whichever way it came, the rows of the page about the same."""
    rows = Message.objects.unread_of(user)
    rows = rows.filter(outbox__in=[row.pk for row in causes]) | rows.filter(pk=message.pk)
    rows.mark_read()


@signed_in
@require_POST
def notices_read(request):
    """Everything up to the newest that the member had before them is read."""
    newest = whole(request.POST.get("upto", ""))
    if newest is not None:
        Message.objects.unread_of(request.user).filter(pk__lte=newest).mark_read()
    came_from = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()})
    return redirect(came_from if here and came_from.startswith("/") else "notices")


@signed_in
@never_cache
@require_GET
def bell(request):
    """How many are not read: for a page whose stream is down."""
    return JsonResponse({"unread": unread(request.user)})


# --- how I am told -------------------------------------------------------------------------------


class Hour(forms.TimeInput):
    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


class PreferenceForm(Named, forms.ModelForm):
    """How a member wants to be told, and where e-mail and text messages reach them is not theirs
    to change here."""

    class Meta:
        model = Preference
        fields = ["email", "push", "sms", "quiet_from", "quiet_until", "digest", "digest_hour"]
        widgets = {"quiet_from": Hour(), "quiet_until": Hour()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        hours = [(hour, f"{hour:02}:00") for hour in range(24)]
        self.fields["digest_hour"] = forms.TypedChoiceField(
            label=gettext_lazy("Hour of the daily digest"), choices=hours, coerce=int
        )
        self.fields["digest"].label = gettext_lazy("What may wait")

    def clean(self):
        given = super().clean()
        if (given.get("quiet_from") is None) != (given.get("quiet_until") is None):
            self.add_error("quiet_until", _("Quiet hours have both a beginning and an end."))
        elif given.get("quiet_from") and given["quiet_from"] == given["quiet_until"]:
            words = _(
                "Quiet hours from %(hour)s to %(hour)s would be none; leave both empty for that."
            )
            hour = f"{given['quiet_from']:%H:%M}"
            self.add_error("quiet_until", words % {"hour": hour})
        return given


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def notice_settings(request):
    """Ways, quiet hours and digest of the member; the table of notices; their browsers."""
    mine = Preference.objects.filter(member=request.user.pk).first()
    form = PreferenceForm(
        request.POST or None, instance=mine or Preference(member_id=request.user.pk)
    )
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("This is how you are told from now on."))
        return redirect("notice_settings")
    context = {"form": form} | _told(request.user)
    status = 422 if form.errors else 200
    return render(request, "incidents/notices/settings.html", context, status=status)


def _told(user):
    """The table of notices and the member's browsers."""
    return {
        "table": [_line(each) for each in NOTICES.values()],
        "ways": Channel.labels,
        "devices": PushDevice.objects.of(user).order_by("pk"),
        "push_key": ways.push_public_key(),
        "words": {key: str(said) for key, said in PUSH_WORDS.items()},
    }


def _line(each):
    """A row of the table of notices as the page shows it: for each way yes, no or if urgent."""
    marks = dict.fromkeys(each.always(), "yes") | dict.fromkeys(each.if_urgent(), "urgent")
    return {"notice": each, "marks": [(way.label, marks.get(way, "no")) for way in Channel]}


PUSH_WORDS = {
    "push_on": gettext_lazy("This browser shows notices."),
    "push_off": gettext_lazy("This browser shows no notices."),
    "push_denied": gettext_lazy("This browser was told not to show notices of this site."),
    "push_failed": gettext_lazy("This browser's push service does not answer; try again later."),
    "push_none": gettext_lazy("This browser cannot show notices."),
}


class DeviceForm(Named, forms.Form):
    """What a browser says about itself when its member allows notices."""

    endpoint = forms.URLField(max_length=600, assume_scheme="https")
    p256dh = forms.RegexField(r"^[\w-]{80,100}=*$", max_length=120)
    auth = forms.RegexField(r"^[\w-]{20,30}=*$", max_length=40)

    def clean_endpoint(self):
        endpoint = self.cleaned_data["endpoint"]
        if not ways.may_push_to(endpoint):
            raise forms.ValidationError(_("This push service is not one that the city calls."))
        return endpoint


@signed_in
@require_POST
def push_device(request):
    """A browser shows notices from now on, or (`off`) no more. A browser is its last member's."""
    mine = PushDevice.objects.of(request.user)
    if request.POST.get("off"):
        mine.filter(endpoint=request.POST.get("endpoint", "")).delete()
        return HttpResponse(status=204)
    form = DeviceForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    keys = {name: form.cleaned_data[name] for name in ("p256dh", "auth")}
    PushDevice.objects.update_or_create(
        endpoint=form.cleaned_data["endpoint"],
        defaults=keys | {"member_id": request.user.pk, "made_at": clock.now()},
    )
    mine.beyond_newest(MOST_DEVICES).delete()
    return HttpResponse(status=204)


@signed_in
@require_POST
def push_forget(request):
    """One of the member's browsers, named from another, shows none any more."""
    key = whole(request.POST.get("device", ""))
    if key is not None:
        PushDevice.objects.of(request.user).filter(pk=key).delete()
    messages.success(request, _("That browser shows no notices any more."))
    return redirect("notice_settings")


@require_GET
def push_worker(request):
    """The script that shows notices while no page is open; its place bounds what it may do."""
    script = f'importScripts("{static("js/push_worker.js")}");\n'
    answer = HttpResponse(script, content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer
