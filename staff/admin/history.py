"""The history of changes: Django's log entries, which also keep what each field was and became.

A message is Django's own list with one more part, {"values": [[field, from, to], …]}. Values are
kept as texts of the day of the change; keys of choices stay keys, and are told in the reader's
language.
"""

import json
from datetime import datetime

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.utils import construct_change_message
from django.contrib.contenttypes.models import ContentType
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

LONGEST = 400  # characters of one value
SECRET = ("password", "password1", "password2", "usable_password", "secret")


def message_of(form, formsets, add):
    """Django's message of a saved form, with its values."""
    message = construct_change_message(form, formsets, add)
    values = []
    for name in form.changed_data:
        if name in SECRET:
            continue
        field = form.fields[name]
        was = None if add else _named(field, form.initial.get(name))
        now = _named(field, form.cleaned_data.get(name))
        was, now = told(was, beside=now), told(now, beside=was)
        if was != now:
            values.append([name, was, now])
    return [*message, {"values": values}] if values else message


def _named(field, value):
    """A key of another table as the row that it names."""
    rows = getattr(field, "queryset", None)
    if rows is None or value in (None, "") or isinstance(value, (Model, list, tuple)):
        return value
    if isinstance(value, QuerySet):
        return list(value)
    return rows.model._default_manager.filter(pk=value).first() or value


def told(value, beside=None):
    """A value as text; of two dicts only what differs."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        other = beside if isinstance(beside, dict) else {}
        value = {k: v for k, v in value.items() if k not in other or other[k] != v}
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    elif isinstance(value, GEOSGeometry):
        text = value.wkt
    elif isinstance(value, datetime):
        text = localtime(value).strftime("%Y-%m-%d %H:%M") if value.tzinfo else str(value)
    elif isinstance(value, Model):
        code = getattr(value, "code", "")
        text = f"{code} {value}".strip() if code != str(value) else str(value)
    elif (
        isinstance(value, (list, tuple, set))
        or hasattr(value, "__iter__")
        and type(value) is not str
    ):
        text = ", ".join(sorted(told(each) for each in value))
    else:
        text = str(value)
    return Truncator(text).chars(LONGEST)


def note_import(row, user, model):
    """The log entry of one imported row; `row.changes` is what its Table found changed."""
    added = row.import_type == row.IMPORT_TYPE_NEW
    with override(None):
        labels = [str(_label(model, name)) for name, _was, _now in row.changes]
    message = [{"added": {}} if added else {"changed": {"fields": labels}}]
    return LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(model),
        object_id=str(row.object_id),
        object_repr=row.object_repr[:200],
        action_flag=ADDITION if added else CHANGE,
        change_message=json.dumps([*message, {"values": row.changes}], ensure_ascii=False),
    )


def changes_of(entry):
    """[(field's name, from, to)] of a log entry in the reader's language."""
    if not entry.change_message.startswith("["):
        return []
    try:
        parts = json.loads(entry.change_message)
    except json.JSONDecodeError:
        return []
    model = entry.content_type and entry.content_type.model_class()
    return [
        (capfirst(_label(model, name)), _shown(model, name, was), _shown(model, name, now))
        for part in parts
        if isinstance(part, dict)
        for name, was, now in part.get("values", [])
    ]


def summary_of(entry):
    """The changes of an entry in one line, or Django's own words where there are none."""
    changes = changes_of(entry)
    if not changes:
        return entry.get_change_message()
    return "; ".join(f"{name}: {was or '–'} → {now or '–'}" for name, was, now in changes)


def _field(model, name):
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _label(model, name):
    field = _field(model, name)
    return getattr(field, "verbose_name", None) or {"day": _("day"), "works": _("work day")}.get(
        name, name
    )


def _shown(model, name, value):
    field = _field(model, name)
    words = {"true": _("yes"), "false": _("no"), "yes": _("yes"), "no": _("no")}
    if value in words and (field is None or field.get_internal_type() == "BooleanField"):
        return words[value]
    return str(dict(getattr(field, "flatchoices", None) or ()).get(value, value))
