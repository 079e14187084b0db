"""Queries whose shape never changes, put together once in the life of a process.

Django puts every query together anew, and for what each page asks (a member's posts, the steps of a
case) that took longer than the database took to answer it (docs/decisions/0025).
"""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.query import get_related_populators

# What stands for the value of a place while a query is put together, two of a kind: nothing that a
# query says itself.
_STAND_INS = {
    int: lambda place, turn: 1_000_003 + 1_000 * place + turn,
    str: lambda place, turn: chr(0xE000 + 2 * place + turn),
    datetime: lambda place, turn: datetime(1 + place, 1 + turn, 2, tzinfo=UTC),
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

    `also` is a further condition, (SQL, parameters), where `build` ends with its own.

    `build` may make nothing of its values but compare columns with them, and ask neither time nor
    database: the query is that of its first call. A value that it reckons with is found out, for
    the query is put together twice; AssertionError then."""

    def __init__(self, build, **kinds):
        self._build, self._kinds, self._made = build, kinds, None

    def __call__(self, *, also=("", ()), **values):
        made = self._made = self._made or self._put_together()
        params = list(made.params)
        for place, name in made.places:
            params[place] = values[name]
        condition, more = also
        assert not condition or " ORDER BY " not in made.sql, "it ends with something else"
        sql = f"{made.sql} AND ({condition})" if condition else made.sql
        with connection.cursor() as cursor:
            cursor.execute(sql, [*params, *more])
            return [_object(made, row) for row in cursor]

    def _put_together(self):
        one, two = (
            {name: _STAND_INS[kind](n, turn) for n, (name, kind) in enumerate(self._kinds.items())}
            for turn in (0, 1)
        )
        compiler, sql, params = _compiled(self._build(**one))
        _other, again, others = _compiled(self._build(**two))
        assert sql == again and len(params) == len(others), "its values decide its shape"
        names, places = {(one[name], two[name]): name for name in one}, []
        for place, pair in enumerate(zip(params, others, strict=True)):
            if pair[0] != pair[1]:
                assert pair in names, f"it makes something of a value: {pair}"
                places.append((place, names[pair]))
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
