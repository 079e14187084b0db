"""Callers of the API, photos as phones send them, and files that go where nobody finds them."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from demo.pictures.exif import jpeg

PROBLEM = "application/problem+json"
HERE = {"longitude": 113.9005, "latitude": 30.9005}


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    """Every test has a photo store of its own."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media", "base_url": None},
        }
    }
    return tmp_path / "media"


@pytest.fixture
def caller():
    """A function: an API client signed in as a member, or as nobody."""

    def sign_in(member=None, language="en"):
        client = APIClient(HTTP_ACCEPT_LANGUAGE=language) if language else APIClient()
        if member is not None:
            client.force_authenticate(fresh(member))
        return client

    return sign_in


def fresh(member):
    """The member as a request would load it: no permission or post remembered."""
    return type(member).objects.get(pk=member.pk)


def scene(width=640, height=480, seed=3):
    """A picture with enough in it to have a hash of its own."""
    image = Image.effect_mandelbrot((width, height), (-2, -1.5, 1 + seed / 50, 1.5), 40 + seed)
    return image.convert("RGB")


def phone_photo(image=None, *, taken_at=None, longitude=113.9005, latitude=30.9005):
    """The bytes of a JPEG with the time and place of its taking."""
    taken_at = taken_at or datetime(2026, 3, 3, 0, 55, tzinfo=UTC)
    return jpeg(image or scene(), taken_at=taken_at, longitude=longitude, latitude=latitude)


def upload(content, name="photo.jpg", kind="image/jpeg"):
    """Bytes as Django gets them from a form."""
    return SimpleUploadedFile(name, content, content_type=kind)


def saved(image, format, **options):
    """An image as the bytes of a file."""
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.fixture
def send(town, caller):
    """A function: send one photo as a member, get its id."""

    def run(member, seed=1):
        client = caller(member)
        answer = client.post("/api/evidence/", {"file": upload(phone_photo(scene(seed=seed)))})
        return answer.json()["id"]

    return run


def report_of(photo, **more):
    return {**HERE, "category": "E-01-13", "evidence": [photo], **more}


def problem_of(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "status", "detail"} <= set(body)
    return body
