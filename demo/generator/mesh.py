"""A plane cut into faces that share their vertices, so that a coverage is exact by construction.

Faces are rings of vertex numbers. A vertex put on an edge enters both faces beside it, and a face
is only ever split along a chain of vertices: no gap and no overlap can come about, whatever the
rounding, and the faces of one parent always tile it.
"""

from dataclasses import dataclass, field

Pair = tuple[int, int]


@dataclass
class Line:
    """The chain of vertices along which a face was split, and what runs there."""

    kind: str
    vertices: list[int]


@dataclass
class Mesh:
    """Vertices in metres (1 cm), faces counter-clockwise, lines between them."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    degree: list[int] = field(default_factory=list)
    rings: dict[int, list[int]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    face_left_of: dict[Pair, int] = field(default_factory=dict)
    line_of: dict[Pair, int] = field(default_factory=dict)
    next_face: int = 0

    def add_vertex(self, x: float, y: float) -> int:
        """A new vertex that nothing uses yet."""
        self.x.append(round(x, 2))
        self.y.append(round(y, 2))
        self.degree.append(0)
        return len(self.x) - 1

    def add_face(self, points: list[tuple[float, float]]) -> int:
        """The first face; its border becomes a line of kind edge."""
        ring = [self.add_vertex(x, y) for x, y in points]
        for vertex in ring:
            self.degree[vertex] = 2
        self._add_line("edge", [*ring, ring[0]])
        return self._add_ring(ring)

    def points(self, face: int) -> list[tuple[float, float]]:
        """The coordinates of a face's ring, not closed."""
        return [(self.x[v], self.y[v]) for v in self.rings[face]]

    def at(self, vertex: int) -> tuple[float, float]:
        """A vertex's coordinates."""
        return self.x[vertex], self.y[vertex]

    def put_on_edge(self, a: int, b: int, x: float, y: float) -> int:
        """A new vertex between two neighbours, in the faces on both sides and in the line."""
        vertex = self.add_vertex(x, y)
        self.degree[vertex] = 2
        for start, end in ((a, b), (b, a)):
            face = self.face_left_of.pop((start, end), None)
            if face is None:
                continue
            ring = self.rings[face]
            ring.insert(ring.index(start) + 1, vertex)
            self.face_left_of[start, vertex] = face
            self.face_left_of[vertex, end] = face
        self._put_on_line(a, b, vertex)
        return vertex

    def split(self, face: int, path: list[int], kind: str) -> tuple[int, int]:
        """Cut a face along vertices from border to border: the faces left and right of it."""
        ring = self.rings.pop(face)
        start, end = ring.index(path[0]), ring.index(path[-1])
        turned = ring[start:] + ring[:start]
        end = (end - start) % len(ring)
        right = turned[: end + 1] + path[-2:0:-1]
        left = turned[end:] + [turned[0]] + path[1:-1]
        for vertex in path:
            self.degree[vertex] += 2
        self.degree[path[0]] -= 1
        self.degree[path[-1]] -= 1
        self._add_line(kind, path)
        return self._add_ring(left), self._add_ring(right)

    def _add_ring(self, ring: list[int]) -> int:
        face = self.next_face
        self.next_face += 1
        self.rings[face] = ring
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            self.face_left_of[a, b] = face
        return face

    def _add_line(self, kind: str, vertices: list[int]) -> None:
        number = len(self.lines)
        self.lines.append(Line(kind, list(vertices)))
        for a, b in zip(vertices, vertices[1:], strict=False):
            self.line_of[min(a, b), max(a, b)] = number

    def _put_on_line(self, a: int, b: int, vertex: int) -> None:
        number = self.line_of.pop((min(a, b), max(a, b)))
        vertices = self.lines[number].vertices
        for position, (start, end) in enumerate(zip(vertices, vertices[1:], strict=False)):
            if {start, end} == {a, b}:
                vertices.insert(position + 1, vertex)
                break
        for end in (a, b):
            self.line_of[min(end, vertex), max(end, vertex)] = number
