import time


def wait_until(condition, seconds, pause=0.05):
    """True as soon as condition() is; False when the seconds are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return False
