"""What has been told to whom, and the ways by which a member or a city is reached.

Loaded by `incidents.models`, below which it lies; it names the tables there by their names. Only
`incidents.telling` makes messages, only `incidents.sending` sends them.
"""

import uuid

import pgtrigger
from django.core.validators import MaxValueValidator, MinLengthValidator, URLValidator
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.backends import posts_of
from incidents.querysets import waiting
from incidents.scope import visible
from lib import now as clock
from staff.models import City, Member

# The bell says "99+" beyond that; nobody counts further.
MOST_UNREAD = 100


class Channel(models.TextChoices):
    """A way by which a person is told."""

    PAGE = "page", _("in the page")
    EMAIL = "email", _("e-mail")
    PUSH = "push", _("notice of the browser")
    SMS = "sms", _("text message")


class MessageQuerySet(models.QuerySet):
    def on_page_of(self, user):
        """What a member is told in the page, newest first."""
        return self.filter(channel=Channel.PAGE, member=user.pk).order_by("-pk")

    def unread_of(self, user):
        """What of it they have not read."""
        return self.on_page_of(user).filter(read_at__isnull=True)

    def of(self, user):
        """Whatever was sent to a member, by whichever way: a link in any of them is theirs."""
        return self.filter(member=user.pk)

    def dead_of(self, user):
        """What was given up in the cities of a member's posts, newest first."""
        cities = {post.city_id for post in posts_of(user)}
        return self.filter(state="dead", city__in=cities).order_by("-pk")

    def mark_read(self):
        """Their member has read them; those that collect take no more in."""
        self.order_by().update(read_at=clock.now(), collects=False)


# In SQL of its own: every page asks it.
_UNREAD = """(SELECT count(*) FROM (SELECT 1 FROM incidents_message
    WHERE member_id = %s AND channel = 'page' AND read_at IS NULL LIMIT %s) unread)"""


def numbers_for(user, *, with_waiting):
    """{"unread", "waiting"}: how many notices a member has not read, counted up to `MOST_UNREAD`,
    and, if asked, how many cases wait on them, else 0. One query."""
    waits, params = "0", []
    if with_waiting:
        mine, params = (visible(user) & waiting(user)).of("c")
        waits = f"(SELECT count(*) FROM incidents_case c WHERE {mine})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_UNREAD}, {waits}", [user.pk, MOST_UNREAD, *params])
        return dict(zip(("unread", "waiting"), cursor.fetchone(), strict=True))


class Message(models.Model):
    """One notice to one person at one destination. `key` is its name outside: whoever receives the
    same key twice has received one message.

    One that `collects` stands for several notices, its `Folded` rows, and takes more in until it
    goes out or is read."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")
        GONE = "gone", _("nobody to tell any more")

    key = models.UUIDField(_("stable id"), unique=True, default=uuid.uuid4)
    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("recipient")
    )
    # Somebody without an account, who hears of the end of what they told of.
    reporter = models.ForeignKey(
        "incidents.Reporter",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("reporter"),
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    destination = models.CharField(
        _("destination"),
        max_length=40,
        blank=True,
        help_text=_("Key of the gateway or of the browser."),
    )
    notice = models.CharField(_("notice"), max_length=30)
    outbox = models.ForeignKey(
        "incidents.Outbox", models.PROTECT, null=True, related_name="+", verbose_name=_("cause")
    )
    urgent = models.BooleanField(_("urgent"), default=False)
    number_of = models.PositiveIntegerField(_("notices in it"), default=1)
    collects = models.BooleanField(_("takes more in"), default=False)
    made_at = models.DateTimeField(_("made at"))
    send_at = models.DateTimeField(_("to be sent from"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    read_at = models.DateTimeField(_("read at"), null=True)
    receipt = models.JSONField(_("receipt"), default=dict)
    error = models.CharField(_("error"), max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # However often a notice is taken up, each person is told once at each destination.
            models.UniqueConstraint(
                fields=["outbox", "member", "reporter", "channel", "destination"],
                name="one_message_a_destination",
                condition=Q(outbox__isnull=False),
                nulls_distinct=False,
            ),
            # What several workers fold at once goes into one message.
            models.UniqueConstraint(
                fields=["member", "channel", "destination", "urgent"],
                name="one_open_fold_a_person",
                condition=Q(collects=True),
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False, reporter__isnull=True)
                | Q(member__isnull=True, reporter__isnull=False),
                name="message_has_one_person",
            ),
            models.CheckConstraint(
                condition=Q(outbox__isnull=False) & ~Q(notice="several")
                | Q(outbox__isnull=True, notice="several"),
                name="message_of_one_or_several",
            ),
        ]
        indexes = [
            # MessageQuerySet.unread_of: the bell of every page
            models.Index(
                fields=["member", "-id"],
                name="messages_unread",
                condition=Q(channel="page", read_at__isnull=True),
            ),
            # MessageQuerySet.on_page_of: the list of notices
            models.Index(
                fields=["member", "-id"],
                name="messages_of_a_page",
                condition=Q(channel="page"),
            ),
            # sending._CLAIM: what is to be sent
            models.Index(
                fields=["channel", "send_at"],
                name="messages_waiting",
                condition=Q(state="waiting"),
            ),
            # MessageQuerySet.dead_of: the undelivered
            models.Index(fields=["city", "-id"], name="messages_dead", condition=Q(state="dead")),
            # sending.sweep: what is old enough to go
            models.Index(fields=["made_at"], name="messages_by_age"),
        ]

    def __str__(self):
        return str(self.key)


class Folded(models.Model):
    """One of the notices that a message of several stands for."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="folded")
    outbox = models.ForeignKey("incidents.Outbox", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("notice folded into a message")
        verbose_name_plural = _("notices folded into messages")
        constraints = [
            models.UniqueConstraint(fields=["message", "outbox"], name="folded_once"),
        ]

    def __str__(self):
        return f"{self.message_id} · {self.outbox_id}"


class Preference(models.Model):
    """How a member wants to be told; without a row: at once, by every way there is."""

    class Digest(models.TextChoices):
        NONE = "", _("each at once")
        HOUR = "hour", _("together, on the hour")
        DAY = "day", _("together, once a day")

    member = models.OneToOneField(
        Member, models.CASCADE, related_name="+", verbose_name=_("member")
    )
    email = models.BooleanField(_("by e-mail"), default=True)
    push = models.BooleanField(_("by notices of the browser"), default=True)
    sms = models.BooleanField(_("by text message"), default=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest = models.CharField(
        _("what may wait"), max_length=5, choices=Digest, blank=True, default=Digest.NONE
    )
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the day"), default=17, validators=[MaxValueValidator(23)]
    )

    class Meta:
        verbose_name = _("how a member is told")
        verbose_name_plural = _("how members are told")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lt=24), name="digest_at_an_hour_of_the_day"
            ),
        ]

    def __str__(self):
        return f"{self.member_id}"


class PushDeviceQuerySet(models.QuerySet):
    def of(self, user):
        """The browsers of a member."""
        return self.filter(member=user.pk)

    def beyond_newest(self, number):
        """All but so many of them, the newest."""
        newest = self.order_by("-made_at", "-pk").values_list("pk", flat=True)[:number]
        return self.exclude(pk__in=list(newest))


class PushDevice(models.Model):
    """A browser that a member allowed to show notices while no page is open."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("member"))
    endpoint = models.URLField(_("address"), max_length=600, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    made_at = models.DateTimeField(_("made at"))

    objects = PushDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("browser that shows notices")
        verbose_name_plural = _("browsers that show notices")
        # PushDeviceQuerySet.of: to whom a notice is pushed
        indexes = [models.Index(fields=["member"], name="devices_of_a_member")]

    def __str__(self):
        return f"{self.member_id} · {self.pk}"


class GatewayQuerySet(models.QuerySet):
    def down_in(self, cities):
        """Those of some cities that do not answer."""
        return self.filter(city__in=cities, down_since__isnull=False)


class Gateway(models.Model):
    """A city's own gateway for text messages: where messages are posted, and the secret with which
    they are signed. One that does not answer is left alone until `try_again_at`."""

    city = models.OneToOneField(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    url = models.CharField(
        _("address"),
        max_length=400,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Messages are posted here as JSON."),
    )
    secret = models.CharField(
        _("secret"),
        max_length=200,
        validators=[MinLengthValidator(16)],
        help_text=_("Signs every message and every receipt (HMAC-SHA256); 16 characters or more."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    down_since = models.DateTimeField(_("does not answer since"), null=True, editable=False)
    try_again_at = models.DateTimeField(_("tried again at"), null=True, editable=False)

    objects = GatewayQuerySet.as_manager()

    class Meta:
        verbose_name = _("gateway for text messages")
        verbose_name_plural = _("gateways for text messages")
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self):
        return f"{self.city}"
