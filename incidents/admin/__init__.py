"""The administration of the catalogue and the matrix, and a window on the loop.

A case and its history are read-only here; its moves go through the one door, `workflow.move`.
"""

from incidents.admin import calendars, case, catalogue, letters, parts  # noqa: F401 - register the pages
