"""Reads a vector tile far enough for a test: layers, and of each feature its attributes and the
first point of its geometry."""

import struct


def layers_of(body):
    """{name of a layer: [(attributes, (x, y) of the first point), …]}."""
    return dict(_layer(value) for field, value in _fields(bytes(body)) if field == 3)


def _layer(body):
    name, keys, values, features = "", [], [], []
    for field, value in _fields(body):
        if field == 1:
            name = value.decode()
        elif field == 2:
            features.append(dict(_fields(value)))
        elif field == 3:
            keys.append(value.decode())
        elif field == 4:
            values.append(_value(value))
    return name, [(_attributes(f, keys, values), _first_point(f)) for f in features]


def _attributes(feature, keys, values):
    tags = list(_varints(feature.get(2, b"")))
    return {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}


def _first_point(feature):
    numbers = list(_varints(feature[4]))
    return tuple((n >> 1) ^ -(n & 1) for n in numbers[1:3])


def _value(body):
    field, value = next(_fields(body))
    kinds = {1: lambda v: v.decode(), 2: lambda v: struct.unpack("<f", v)[0]}
    kinds |= {3: lambda v: struct.unpack("<d", v)[0], 6: lambda v: (v >> 1) ^ -(v & 1)}
    return kinds.get(field, lambda v: v)(value)


def _fields(body):
    at = 0
    while at < len(body):
        key, at = _varint(body, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(body, at)
        else:
            size, at = _varint(body, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = body[at : at + size], at + size
        yield key >> 3, value


def _varints(body):
    at = 0
    while at < len(body):
        value, at = _varint(body, at)
        yield value


def _varint(body, at):
    value = shift = 0
    while True:
        byte = body[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
