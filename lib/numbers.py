"""Numbers that come in as text, and numbers as they are read."""

# A key of the database has at most nineteen digits, and Python refuses to read some thousands.
MOST_DIGITS = 18


def whole(text):
    """The whole number that a text of an address says in plain digits, or None: `str.isdigit` also
    takes "²", which is none, and nobody's key has more than `MOST_DIGITS`."""
    if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS:
        return int(text)
    return None


# Narrow, and no line is broken at it.
THIN_SPACE = "\u202f"


def in_thousands(value, places=0):
    """A number with a thin space between thousands (interface guide, section 8): "4 456"."""
    return f"{value:,.{places}f}".replace(",", THIN_SPACE)
