"""Cells of tables that others open with a spreadsheet."""

# A spreadsheet takes a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell):
    """The cell as a spreadsheet shows it and never computes it: such a text behind a "'". Numbers
    stay what they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
