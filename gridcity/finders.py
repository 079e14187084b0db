from fnmatch import fnmatch

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder


class ListedFilesFinder(FileSystemFinder):
    """The project's own static files, and of an npm package only those that are listed.

    Tabler alone has 900 files; a page loads two.
    """

    def list(self, ignore_patterns):
        for path, storage in super().list(ignore_patterns):
            _folder, patterns = settings.FRONT_END_FILES.get(storage.prefix, ("", ["*"]))
            name = path.removeprefix(f"{storage.prefix}/")
            if any(fnmatch(name, pattern) for pattern in patterns):
                yield path, storage
