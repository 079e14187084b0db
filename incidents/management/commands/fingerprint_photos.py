"""Hash the photos that came in before they were hashed, so that copies of them are found too."""

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef
from PIL import Image, UnidentifiedImageError

from incidents.models import Evidence, Fingerprint
from lib.likeness import keys_of, likeness

BATCH = 200


class Command(BaseCommand):
    help = "Fingerprint the photos that have none; safe to stop and to run again."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are.")

    def handle(self, *, dry_run, **options):
        known = Fingerprint.objects.filter(evidence=OuterRef("pk"))
        photos = Evidence.objects.filter(~Exists(known))
        if dry_run:
            self.stdout.write(f"{photos.count()} photos have no fingerprint.")
            return
        made, unread, waiting = 0, 0, []
        for photo in photos.only("pk", "shown").iterator(chunk_size=BATCH):
            row = _fingerprint(photo)
            unread += row is None
            waiting += [row] if row else []
            if len(waiting) >= BATCH:
                made += _write(waiting)
                waiting = []
        made += _write(waiting)
        self.stdout.write(f"{made} photos fingerprinted, {unread} files not readable.")


def _fingerprint(photo):
    """The Fingerprint of the picture that others see of a photo, or None without a file."""
    try:
        with default_storage.open(photo.shown) as file:
            image = Image.open(file)
            image.load()
    except (FileNotFoundError, UnidentifiedImageError, OSError):
        return None
    prints, grains = likeness(image)
    return Fingerprint(evidence=photo, prints=prints, grains=grains, keys=keys_of(prints))


def _write(rows):
    # One that came in meanwhile, or a second run beside this one, has written the same.
    Fingerprint.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
