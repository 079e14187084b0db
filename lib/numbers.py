"""Numbers that come in as text."""

# A key of the database has at most nineteen digits, and Python refuses to read some thousands.
MOST_DIGITS = 18


def whole(text):
    """The whole number that a text of an address says in plain digits, or None: `str.isdigit` also
    takes "²", which is none, and nobody's key has more than `MOST_DIGITS`."""
    if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS:
        return int(text)
    return None
