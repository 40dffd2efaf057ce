"""The relief: a loess plateau that rivers have cut, made by letting water run down it.

The method is detachment-limited stream incision (rate ~ area^m * slope) with
steepest descent on a raster, as in every text on landscape evolution.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gezhi.demo.county.plane import Array, smooth

WIDTH, HEIGHT = 56_000.0, 46_000.0  # metres that are modelled; the county lies inside
CELLS = 512  # of the relief that is kept, either way
_COARSE, _FINE = (152, 126), (272, 224)
_NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
Cells = NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """One reach of running water between two confluences, from its upper end down."""

    points: Array
    area: float  # square kilometres that drain into its lower end
    is_main: bool


@dataclass(frozen=True)
class Land:
    """Heights in metres, row 0 in the north, and the streams that run over them."""

    heights: NDArray[np.float32]
    streams: tuple[Stream, ...]

    def height_at(self, points: Array) -> Array:
        """Heights at rows of (metres east, metres north), between the cells."""
        rows, columns = self.heights.shape
        x = np.clip((points[:, 0] / WIDTH + 0.5) * columns - 0.5, 0, columns - 1.001)
        y = np.clip((0.5 - points[:, 1] / HEIGHT) * rows - 0.5, 0, rows - 1.001)
        left, top = x.astype(int), y.astype(int)
        right, below = x - left, y - top
        grid = self.heights
        upper = grid[top, left] * (1 - right) + grid[top, left + 1] * right
        lower = grid[top + 1, left] * (1 - right) + grid[top + 1, left + 1] * right
        return np.asarray(upper * (1 - below) + lower * below, dtype=np.float64)

    @property
    def main(self) -> Array:
        """The main river as one line, from west to east."""
        reaches = {tuple(one.points[0]): one.points for one in self.streams if one.is_main}
        ends = {tuple(points[-1]) for points in reaches.values()}
        line = next(points for start, points in reaches.items() if start not in ends)
        while (after := reaches.get(tuple(line[-1]))) is not None:
            line = np.vstack([line, after[1:]])
        return line


def make_land(chance: np.random.Generator) -> Land:
    """Cut a plateau with a river from west to east and all that runs into it."""
    across, down = _COARSE
    raw = _plateau(chance, across, down)
    raw = _cut(_filled(raw), times=36)
    across, down = _FINE
    raw = _resized(raw, across, down) + chance.normal(0, 2.5, (down, across))
    raw = _cut(_filled(raw), times=9)
    raw = _filled(_settled(raw))
    streams = _streams(raw)
    heights = _resized(raw, CELLS, CELLS)
    heights = _valley_floor(heights, streams)
    heights += _noise(chance, CELLS, CELLS, 64, 5.0)
    return Land(np.round(heights, 1).astype(np.float32), streams)


def _resized(raw: Array, across: int, down: int) -> Array:
    picture = Image.fromarray(raw.astype(np.float32))
    return np.asarray(picture.resize((across, down), Image.Resampling.BICUBIC), dtype=np.float64)


def _noise(chance: np.random.Generator, across: int, down: int, waves: int, size: float) -> Array:
    """Smooth random waves, about `waves` of them from side to side."""
    rough = chance.normal(0, size, (max(3, waves * down // across), max(3, waves)))
    return _resized(rough, across, down)


def _plateau(chance: np.random.Generator, across: int, down: int) -> Array:
    """High flat land: lower to the east and towards the middle, mountains in the south-west."""
    x, y = np.meshgrid(np.linspace(-1, 1, across), np.linspace(1, -1, down))
    bend = _bend(x)
    raw = 1375 - 110 * x + 85 * np.minimum(np.abs(y - bend), 0.9) ** 1.3
    hills = np.exp(-(((x + 0.75) / 0.55) ** 2 + ((y + 0.95) / 0.5) ** 2))
    raw += hills * (420 + _noise(chance, across, down, 9, 120))
    raw += _noise(chance, across, down, 6, 22) + _noise(chance, across, down, 18, 9)
    raw += chance.normal(0, 3, (down, across))
    raw -= 130 * np.exp(-(((y - bend) / 0.035) ** 2))
    return raw


def _bend(x: Array) -> Array:
    """How far north of the middle the main valley lies (both from -1 to 1)."""
    wide = 0.15 * np.sin(2.6 * x + 0.6) + 0.085 * np.sin(7.3 * x + 1.9)
    return wide + 0.04 * np.sin(19 * x) + 0.025 * np.sin(31 * x + 1)


def _mouth(raw: Array) -> tuple[int, int]:
    """The cell where all water leaves: the end of the main valley in the east."""
    row = (0.5 - float(_bend(np.ones(1))[0]) / 2) * raw.shape[0]
    return int(row), raw.shape[1] - 1


def _filled(raw: Array) -> Array:
    """Raise every hollow until it drains to the mouth (priority flood, Barnes 2014)."""
    down, across = raw.shape
    level = raw.ravel().tolist()
    row, column = _mouth(raw)
    start = row * across + column
    seen = bytearray(down * across)
    seen[start] = 1
    waiting = [(level[start], start)]
    while waiting:
        height, cell = heapq.heappop(waiting)
        here, there = divmod(cell, across)
        for dy, dx in _NEIGHBOURS:
            y, x = here + dy, there + dx
            if 0 <= y < down and 0 <= x < across and not seen[y * across + x]:
                other = y * across + x
                seen[other] = 1
                level[other] = max(level[other], height + 0.01)
                heapq.heappush(waiting, (level[other], other))
    return np.array(level).reshape(down, across)


def _receivers(raw: Array) -> tuple[Cells, Array]:
    """For every cell the neighbour it drains to (itself at the mouth) and the way there."""
    down, across = raw.shape
    step = WIDTH / across
    edge = np.pad(raw, 1, constant_values=np.inf)
    own = np.arange(down * across).reshape(down, across)
    best, target = np.zeros_like(raw), own.copy()
    way = np.full_like(raw, step)
    for dy, dx in _NEIGHBOURS:
        length = step * (dy * dy + dx * dx) ** 0.5
        slope = (raw - edge[1 + dy : 1 + dy + down, 1 + dx : 1 + dx + across]) / length
        steeper = slope > best
        best = np.where(steeper, slope, best)
        target = np.where(steeper, own + dy * across + dx, target)
        way = np.where(steeper, length, way)
    return target.ravel(), way.ravel()


def _drained(raw: Array, target: Cells, order: Cells) -> Array:
    """Square kilometres above every cell; the main river brings 1,400 of them from outside."""
    down, across = raw.shape
    area = np.full(down * across, WIDTH * HEIGHT / (down * across) / 1e6)
    source = int(np.argmin(raw[:, 0])) * across
    area[source] += 1_400
    amounts, to = area.tolist(), target.tolist()
    for cell in order[::-1].tolist():
        if to[cell] != cell:
            amounts[to[cell]] += amounts[cell]
    return np.array(amounts)


def _cut(raw: Array, *, times: int) -> Array:
    """Let water run `times` times; the mouth lies 300 m below where it was."""
    row, column = _mouth(raw)
    floor = raw[row, column] - 300
    for _ in range(times):
        target, way = _receivers(raw)
        flat = raw.ravel()
        order = np.argsort(flat, kind="stable")
        area = _drained(raw, target, order)
        flat[row * raw.shape[1] + column] = max(floor, 930.0)
        pull = (48.0 * np.sqrt(area) / way).tolist()
        heights, to = flat.tolist(), target.tolist()
        for cell in order.tolist():
            if to[cell] != cell:
                force = pull[cell]
                heights[cell] = (heights[cell] + force * heights[to[cell]]) / (1 + force)
        raw = np.array(heights).reshape(raw.shape)
    return raw


def _settled(raw: Array) -> Array:
    """Slopes slump a little: two rounds of diffusion."""
    for _ in range(2):
        edge = np.pad(raw, 1, mode="edge")
        around = edge[:-2, 1:-1] + edge[2:, 1:-1] + edge[1:-1, :-2] + edge[1:-1, 2:]
        raw = raw * 0.6 + around * 0.1
    return raw


def _streams(raw: Array) -> tuple[Stream, ...]:
    """Every reach that drains more than eleven square kilometres."""
    down, across = raw.shape
    target, _way = _receivers(raw)
    order = np.argsort(raw.ravel(), kind="stable")
    area = _drained(raw, target, order)
    wet = area > 11
    inflow = np.bincount(target[wet], minlength=area.size)
    heads = [int(cell) for cell in np.flatnonzero(wet) if inflow[cell] != 1]
    to = target.tolist()
    return tuple(_reach(head, to, inflow, area, across, down) for head in heads if to[head] != head)


def _reach(head: int, to: list[int], inflow: Cells, area: Array, across: int, down: int) -> Stream:
    cells = [head]
    while True:
        cells.append(to[cells[-1]])
        if inflow[cells[-1]] != 1 or to[cells[-1]] == cells[-1]:
            break
    rows, columns = np.divmod(np.array(cells), across)
    points = np.column_stack(
        [((columns + 0.5) / across - 0.5) * WIDTH, (0.5 - (rows + 0.5) / down) * HEIGHT]
    )
    lower = float(area[cells[-2]])
    return Stream(points, round(lower, 1), lower > 1_400)


def _valley_floor(heights: Array, streams: tuple[Stream, ...]) -> Array:
    """Flatten a strip beside the rivers, wide for the main one: there people live and farm."""
    x = ((np.arange(CELLS) + 0.5) / CELLS - 0.5) * WIDTH
    y = (0.5 - (np.arange(CELLS) + 0.5) / CELLS) * HEIGHT
    beds = heights.copy()
    for stream in sorted(streams, key=lambda one: one.area):
        low = np.inf
        wide = 1_500.0 if stream.is_main else 60 + 24 * stream.area**0.5
        for east, north in smooth(stream.points, 2):
            near_x, near_y = np.abs(x - east) < 1.8 * wide, np.abs(y - north) < 1.8 * wide
            if not (near_x.any() and near_y.any()):
                continue
            window = np.ix_(near_y, near_x)
            part = heights[window]
            off = np.hypot(x[near_x][None, :] - east, y[near_y][:, None] - north)
            column = int(np.clip((east / WIDTH + 0.5) * CELLS, 0, CELLS - 1))
            row = int(np.clip((0.5 - north / HEIGHT) * CELLS, 0, CELLS - 1))
            rise = np.maximum(off / wide - 0.55, 0) ** 2 * 0.25 * wide + off * 0.012
            low = min(low, beds[row, column])
            heights[window] = np.minimum(part, low + rise)
    return heights
