"""Queries whose shape never changes, put together once in the life of a process.

Django puts every query together anew, and for what each page asks (a member's posts, the steps of a
case) that took longer than the database took to answer it (docs/decisions/0025).
"""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.query import get_related_populators

# What stands for the value of a place while a query is put together, two of a kind that differ in
# every part: whatever a query makes of a value differs too.
_STAND_INS = {
    int: lambda place, turn: 1_000_003 + 1_000 * place + 900_101 * turn,
    str: lambda place, turn: f" {'aB'[turn]}b{place} ",
    datetime: lambda place, turn: datetime(
        1 + 9 * turn + place, 2 + turn, 3 + turn, 4 + turn, 5 + turn, 6 + turn, 7 + turn, UTC
    ),
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
    ends_in_where: bool


class KeptQuery:
    """`kept(case=3)` gives the list of what `build(case=3)` gives, a queryset with what
    `select_related` reads; `kinds` are the types of the values, {"case": int}.

    `also` is a further condition, (SQL, parameters), where `build` ends with its own.

    `build` may make nothing of its values but compare columns with them, and ask neither time nor
    database: the query is that of its first call. A value that it reckons with is found out, for
    the query is put together twice, though not that it takes another way for some values.
    ValueError for what cannot be kept."""

    def __init__(self, build, **kinds):
        self._build, self._kinds, self._made = build, kinds, None

    def __call__(self, *, also=("", ()), **values):
        made = self._made = self._made or self._put_together()
        params = list(made.params)
        for place, name in made.places:
            params[place] = values[name]
        condition, more = also
        _must(not condition or made.ends_in_where, "it ends with something else than its own")
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
        _must(sql == again and len(params) == len(others), "its values decide its shape")
        places = []
        for place, pair in enumerate(zip(params, others, strict=True)):
            names = [name for name in one if pair == (one[name], two[name])]
            _must(names or pair[0] == pair[1], f"it makes something of a value: {pair}")
            places += [(place, name) for name in names]
        _must({name for _place, name in places} == set(one), "a value is not asked for")
        return _made(compiler, sql, params, places)


def _must(holds, why):
    if not holds:
        raise ValueError(f"a query that cannot be kept: {why}")


def _compiled(rows):
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    return compiler, *compiler.as_sql()


def _made(compiler, sql, params, places):
    """As Django's own `ModelIterable` reads rows, but for annotations, which nothing kept has."""
    select, told = compiler.select, compiler.klass_info
    _must(not compiler.annotation_col_map, "it annotates its rows")
    query = compiler.query
    in_order = (
        query.order_by
        or query.extra_order_by
        or (query.default_ordering and query.get_meta().ordering)
    )
    more = in_order, query.group_by, query.is_sliced, query.select_for_update, query.combinator
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
        bool(query.where) and not any(more),
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
