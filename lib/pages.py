"""Pages of a list by key: nothing is counted, and the last page costs what the first does."""


def made_before(rows, key):
    """The rows of a query behind a key, where the newest has the highest."""
    return rows.filter(pk__lt=key)


def page_behind(rows, key, size, *, behind=made_before):
    """(the rows of a page, the key of the page behind it or None): of a query that lists the newest
    first, the `size` rows behind `key`; None is the first page. `behind(rows, key)` narrows a query
    that is in another order than that of its keys."""
    if key is not None:
        rows = behind(rows, key)
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
