"""What breaks on one is raised after the others had their turn."""

import pytest

from lib.each import each


def test_the_others_have_their_turn_and_every_fault_is_raised():
    done = []

    def work(number):
        if number % 2:
            raise ValueError(number)
        done.append(number)

    with pytest.raises(ExceptionGroup) as raised:
        each(range(4), work)
    assert done == [0, 2]
    assert [str(fault) for fault in raised.value.exceptions] == ["1", "3"]


def test_without_a_fault_nothing_is_raised():
    done = []
    each("ab", done.append)
    assert done == ["a", "b"]
