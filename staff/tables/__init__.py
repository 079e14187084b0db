"""Units and members as Excel sheets, and what every sheet of the project shares.

A sheet is taken whole or not at all: each row that cannot be taken is named by its number in the
sheet and the reason, and nothing is kept. Text leaves as text, so no cell of ours is a formula.
"""

from staff.tables.base import Table
from staff.tables.columns import Column, Day, Number, OfCity, OneOf, SomeOf, YesNo, column
from staff.tables.own import MemberTable, UnitTable
from staff.tables.sheet import Sheet, UnreadableSheet

__all__ = [
    "Column",
    "Day",
    "MemberTable",
    "Number",
    "OfCity",
    "OneOf",
    "Sheet",
    "SomeOf",
    "Table",
    "UnitTable",
    "UnreadableSheet",
    "YesNo",
    "column",
]
