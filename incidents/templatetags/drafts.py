"""What the modules of forms say: static/js/draft.js of words that outlived a session, case.js of
the device's position."""

from django import template
from django.utils.html import json_script
from django.utils.translation import gettext_lazy

register = template.Library()

WORDS = {
    "draft_restored": gettext_lazy("What you typed before is back."),
    "draft_discard": gettext_lazy("Discard it"),
    "draft_sign_in": gettext_lazy("Sign in again"),
    "case_moved": gettext_lazy("The case has moved on; the page shows it."),
    "use_position": gettext_lazy("Use my position"),
    "no_position": gettext_lazy("This device does not tell where it is."),
}


@register.simple_tag
def draft_words():
    """The words, where static/js/words.js finds them."""
    return json_script({key: str(words) for key, words in WORDS.items()}, "words-drafts")
