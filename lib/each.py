"""One after the other, and none for another's fault."""


def each(things, work):
    """Do some work on each of some things. What breaks on one of them is raised when all the others
    have had their turn: one city must not keep the others from being counted."""
    faults = []
    for thing in things:
        try:
            work(thing)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup(f"{len(faults)} could not be done", faults)
