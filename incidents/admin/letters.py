"""The city's gateway for text messages, and what has been sent to whom."""

import base64
import secrets

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from incidents.models import Gateway, Message
from staff.admin import CityAdmin, ReadOnly
from staff.forms import Named

SECRET_BYTES = 32


class GatewayForm(Named, forms.ModelForm):
    """The secret is typed in, or left empty: a new gateway then gets one, an old one keeps its own.
    It is shown once, when it is made."""

    secret = forms.CharField(
        label=gettext_lazy("secret"),
        required=False,
        min_length=16,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Signs every message and every receipt (HMAC-SHA256). Empty: a new gateway gets a "
            "secret, which is shown once; an old one keeps its own."
        ),
    )

    class Meta:
        model = Gateway
        fields = ["city", "url", "secret", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept, self.made = self.instance.secret, ""
        self.initial["secret"] = ""

    def clean_secret(self):
        given = self.cleaned_data["secret"]
        if given or self.kept:
            return given or self.kept
        self.made = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        return self.made


@admin.register(Gateway)
class GatewayAdmin(CityAdmin):
    form = GatewayForm
    list_display = ["city", "url", "is_active", "down_since"]
    list_select_related = ["city"]
    readonly_fields = ["down_since"]
    ordering = ["pk"]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.made:
            words = _("The secret, shown this once: %(secret)s") % {"secret": form.made}
            messages.warning(request, words)


@admin.register(Message)
class MessageAdmin(ReadOnly, CityAdmin):
    """What was sent to whom, without its words."""

    list_display = ["made_at", "notice", "channel", "member", "state", "tries", "sent_at", "error"]
    list_filter = ["channel", "state", "notice"]
    list_select_related = ["member"]
    search_fields = ["key", "member__username"]
    ordering = ["-id"]
    fields = [
        "key",
        "member",
        "case",
        "channel",
        "notice",
        "urgent",
        "number_of",
        "made_at",
        "send_at",
        "state",
        "tries",
        "sent_at",
        "delivered_at",
        "read_at",
        "receipt",
        "error",
    ]

    @display(description=gettext_lazy("case"))
    def case(self, message):
        step = message.outbox.step if message.outbox else None
        return step.case.number if step else None
