"""Queries whose shape never changes, put together once in the life of a process.

Django puts every query together anew, and for what each page asks (a member's posts, the steps of a
case) that took longer than the database took to answer it.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.query import get_related_populators

# What stands for a value while a query is put together: two of a kind, that no query names itself.
_STAND_INS = {
    int: (-1_000_003, -1_000_033),
    datetime: (datetime(1, 1, 2, tzinfo=UTC), datetime(2, 3, 4, tzinfo=UTC)),
}


class _Made(NamedTuple):
    """A query as it was put together: its SQL, its parameters with the names of those that are
    given, and how a row becomes an object."""

    sql: str
    params: tuple
    places: list
    model: type
    names: list
    first: int
    related: list
    converters: list


class KeptQuery:
    """`kept(case=3)` gives the list of what `build(case=3)` gives, a queryset with what
    `select_related` reads; `kinds` are the types of the values, {"case": int}.

    `build` may make nothing of its values but compare columns with them, and ask neither time nor
    database: the query is that of its first call. A value that it reckons with is found out, for
    the query is put together twice; AssertionError then."""

    def __init__(self, build, **kinds):
        self._build, self._kinds, self._made = build, kinds, None

    def __call__(self, **values):
        made = self._made = self._made or self._put_together()
        params = list(made.params)
        for place, name in made.places:
            params[place] = values[name]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, params)
            return [_object(made, row) for row in cursor]

    def _put_together(self):
        one, two = (
            {name: _STAND_INS[kind][turn] for name, kind in self._kinds.items()} for turn in (0, 1)
        )
        compiler, sql, params = _compiled(self._build(**one))
        _other, again, others = _compiled(self._build(**two))
        assert sql == again and len(params) == len(others), "its values decide its shape"
        places = []
        for place, (this, that) in enumerate(zip(params, others, strict=True)):
            names = [name for name in one if (this, that) == (one[name], two[name])]
            assert names or this == that, f"it makes something of a value: {this!r}"
            places += [(place, name) for name in names]
        assert {name for _place, name in places} == set(one), "a value is not asked for"
        return _made(compiler, sql, params, places)


def _compiled(rows):
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    return compiler, *compiler.as_sql()


def _made(compiler, sql, params, places):
    """As Django's own `ModelIterable` reads rows, but for annotations, which nothing kept has."""
    select, told = compiler.select, compiler.klass_info
    assert not compiler.annotation_col_map, "it annotates its rows"
    columns = told["select_fields"]
    converters = compiler.get_converters([expression for expression, *_rest in select])
    return _Made(
        sql,
        params,
        places,
        told["model"],
        [select[column][0].target.attname for column in columns],
        columns[0],
        get_related_populators(told, select, DEFAULT_DB_ALIAS),
        list(converters.items()),
    )


def _object(made, row):
    if made.converters:
        row = list(row)
        for place, (convert, expression) in made.converters:
            for one in convert:
                row[place] = one(row[place], expression, connection)
    own = row[made.first : made.first + len(made.names)]
    found = made.model.from_db(DEFAULT_DB_ALIAS, made.names, own)
    for each in made.related:
        each.populate(row, found)
    return found
