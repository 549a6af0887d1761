"""The product of small matrices, where packing them as a BLAS does costs more than it saves.

The result is made a panel of columns at a time, and a panel a few rows at a time: such a tile
stays in registers while its sums run, after Goto and van de Geijn 2008, without their packing.
Whatever the tile, each number is the same sum in the same order.
"""

# mypy: disable-error-code="no-untyped-def"

from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from layerwise.engine.compiled.compiling import kernel

_VECTOR_BYTES = 32
_VECTORS = 2  # in a panel's row
_MOST_TERMS = 256  # that a turned panel has room for
_MOST_BYTES = 2_400_000  # of m k n numbers; beyond this a BLAS is faster
_WORD, _INT32 = ir.IntType(64), ir.IntType(32)


def _has_our_vectors() -> bool:
    """Whether this processor's vectors are as wide as ours, and multiply and add in one.

    OpenBLAS has small products of its own for those that are twice as wide.
    """
    features = llvm.get_host_cpu_features()
    has = {name for name in ("avx2", "fma", "avx512f") if features.get(name, False)}
    return has == {"avx2", "fma"}


_IS_OF_USE = not numba.config.DISABLE_JIT and _has_our_vectors()


class _Vectors:
    """Instructions on vectors of numbers, in memory at addresses that are words."""

    def __init__(self, builder: ir.IRBuilder, number: ir.Type, itemsize: int) -> None:
        self._builder, self._number, self._itemsize = builder, number, itemsize
        self.lanes = _VECTOR_BYTES // itemsize
        self.type = ir.VectorType(number, self.lanes)
        self._suffix = f"v{self.lanes}f{8 * itemsize}"

    def place(self, address: ir.Value, *steps: tuple[ir.Value, ir.Value | int]) -> ir.Value:
        """Return the address `count` times `stride` numbers on, for each (stride, count)."""
        b = self._builder
        for stride, count in steps:
            n = _WORD(count) if isinstance(count, int) else count
            address = b.add(address, b.mul(b.mul(stride, n), _WORD(self._itemsize)))
        return address

    def load(self, address: ir.Value, n: ir.Value | None = None) -> ir.Value:
        """Return a vector; of its numbers the first `n` as they are, the others 0."""
        pointer = self._pointer(address, self.type)
        if n is None:
            return self._builder.load(pointer, align=self._itemsize)
        return self._call(
            f"masked.load.{self._suffix}.p0", self.type,
            [pointer, _INT32(self._itemsize), self._first(n), self.type(None)],
        )  # fmt: skip

    def store(self, vector: ir.Value, address: ir.Value, n: ir.Value | None = None) -> None:
        """Write a vector, or its first `n` numbers."""
        pointer = self._pointer(address, self.type)
        if n is None:
            self._builder.store(vector, pointer, align=self._itemsize)
        else:
            arguments = [vector, pointer, _INT32(self._itemsize), self._first(n)]
            self._call(f"masked.store.{self._suffix}.p0", ir.VoidType(), arguments)

    def load_everywhere(self, address: ir.Value) -> ir.Value:
        """Return a vector of the one number that stands there."""
        pointer = self._pointer(address, self._number)
        return self.everywhere(self._builder.load(pointer, align=self._itemsize))

    def everywhere(self, value: ir.Value) -> ir.Value:
        """Return a vector of one number, many times."""
        nothing = ir.VectorType(value.type, self.lanes)(ir.Undefined)
        first = self._builder.insert_element(nothing, value, _INT32(0))
        return self._shuffle(first, nothing, [0] * self.lanes)

    def multiply_add(self, x: ir.Value, y: ir.Value, z: ir.Value) -> ir.Value:
        """Return x y + z, rounded once."""
        return self._call(f"fma.{self._suffix}", self.type, [x, y, z])

    def transpose(self, rows: Sequence[ir.Value]) -> list[ir.Value]:
        """Return the columns of a square of vectors.

        Its blocks that lie off the diagonal change places, large and then ever smaller ones
        (Eklundh 1972).
        """
        rows, lanes = list(rows), self.lanes
        size = lanes // 2
        while size:
            upper = [j if not j & size else lanes + j - size for j in range(lanes)]
            lower = [j + size if not j & size else lanes + j for j in range(lanes)]
            for i in range(lanes):
                if not i & size:
                    x, y = rows[i], rows[i + size]
                    rows[i] = self._shuffle(x, y, upper)
                    rows[i + size] = self._shuffle(x, y, lower)
            size //= 2
        return rows

    def _first(self, n: ir.Value) -> ir.Value:
        """Which lanes are among the first `n`."""
        lane = ir.IntType(8 * self._itemsize)
        n = n if lane == _WORD else self._builder.trunc(n, lane)
        numbers = ir.VectorType(lane, self.lanes)(list(range(self.lanes)))
        return self._builder.icmp_signed("<", numbers, self.everywhere(n))

    def _shuffle(self, x: ir.Value, y: ir.Value, lanes: list[int]) -> ir.Value:
        chosen = ir.VectorType(_INT32, self.lanes)(lanes)
        return self._builder.shuffle_vector(x, y, chosen)

    def _pointer(self, address: ir.Value, pointee: ir.Type) -> ir.Value:
        return self._builder.inttoptr(address, pointee.as_pointer())

    def _call(self, name: str, result: ir.Type, arguments: list[ir.Value]) -> ir.Value:
        signature = ir.FunctionType(result, [argument.type for argument in arguments])
        function = cgutils.get_or_insert_function(self._builder.module, signature, f"llvm.{name}")
        return self._builder.call(function, arguments)


def _panel(n_rows: int, n_vectors: int, is_whole: bool) -> Any:
    """Make the product of a by a panel of b, which is `n_vectors` wide.

    It goes by tiles of `n_rows` rows, and by single rows at the end. Where the panel is not whole,
    of its last vector only the first `n` numbers are read and written.
    """

    @intrinsic
    def panel(typing, a, a_row, a_step, b, b_step, c, c_row, m, k, n, alpha, keep):
        def emit(context, builder, signature, arguments):
            a, a_row, a_step, b, b_step, c, c_row, m, k, n, alpha, keep = arguments
            v = _Vectors(builder, alpha.type, signature.args[-1].bitwidth // 8)
            lanes = _WORD(v.lanes)
            last = None if is_whole else n
            counts = [None] * (n_vectors - 1) + [last]
            factor, kept = v.everywhere(alpha), v.everywhere(keep)
            keeps = builder.fcmp_ordered("!=", keep, keep.type(0.0))

            def tile(first: ir.Value, n_rows: int) -> None:
                a_here, c_here = v.place(a, (a_row, first)), v.place(c, (c_row, first))
                places = [(r, j) for r in range(n_rows) for j in range(n_vectors)]
                sums = {place: cgutils.alloca_once(builder, v.type) for place in places}
                for place in places:
                    builder.store(v.type(None), sums[place])
                with cgutils.for_range(builder, k) as loop:
                    row = v.place(b, (b_step, loop.index))
                    right = [v.load(v.place(row, (lanes, j)), n) for j, n in enumerate(counts)]
                    column = v.place(a_here, (a_step, loop.index))
                    for r in range(n_rows):
                        left = v.load_everywhere(v.place(column, (a_row, r)))
                        for j in range(n_vectors):
                            total = builder.load(sums[r, j])
                            builder.store(v.multiply_add(left, right[j], total), sums[r, j])
                for r, j in places:
                    to = v.place(c_here, (c_row, r), (lanes, j))
                    builder.store(builder.fmul(factor, builder.load(sums[r, j])), sums[r, j])
                    with builder.if_then(keeps):
                        value = v.multiply_add(
                            kept, v.load(to, counts[j]), builder.load(sums[r, j])
                        )
                        builder.store(value, sums[r, j])
                    v.store(builder.load(sums[r, j]), to, counts[j])

            n_tiles = builder.udiv(m, _WORD(n_rows))
            with cgutils.for_range(builder, n_tiles) as loop:
                tile(builder.mul(loop.index, _WORD(n_rows)), n_rows)
            with cgutils.for_range(builder, m, start=builder.mul(n_tiles, _WORD(n_rows))) as loop:
                tile(loop.index, 1)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 10, alpha, alpha), emit

    return panel


_whole_panel = _panel(4, _VECTORS, is_whole=True)
_ragged_panel = _panel(4, _VECTORS, is_whole=False)
_narrow_panel = _panel(8, 1, is_whole=False)


@intrinsic
def _turned_panel(typing, b, b_row, k, n, alpha):
    """Write b' of the first `n` rows of b, k long, on the stack; return where that is."""

    def emit(context, builder, signature, arguments):
        b, b_row, k, n, alpha = arguments
        v = _Vectors(builder, alpha.type, signature.args[-1].bitwidth // 8)
        width = _VECTORS * v.lanes
        panel = cgutils.alloca_once(builder, v.type, size=_WORD(_MOST_TERMS * _VECTORS))
        panel.align = _VECTOR_BYTES
        start = builder.ptrtoint(panel, _WORD)
        lanes, last = _WORD(v.lanes), builder.sub(n, _WORD(1))
        n_steps = builder.udiv(builder.add(k, _WORD(v.lanes - 1)), lanes)
        with cgutils.for_range(builder, n_steps) as loop:
            step = builder.mul(loop.index, lanes)
            left = builder.sub(k, step)
            for j in range(_VECTORS):
                rows = []
                for i in range(j * v.lanes, (j + 1) * v.lanes):
                    # Rows that are not there are the last one again: nobody reads them.
                    row = builder.select(builder.icmp_signed("<", _WORD(i), n), _WORD(i), last)
                    rows.append(v.load(v.place(b, (b_row, row), (_WORD(1), step)), left))
                for i, column in enumerate(v.transpose(rows)):
                    k_row = builder.add(step, _WORD(i))
                    v.store(column, v.place(start, (_WORD(width), k_row), (lanes, j)))
        return start

    return types.intp(*[types.intp] * 4, alpha), emit


@kernel
def is_small(m, k, n, itemsize):
    """Whether a product of (m, k) by (k, n) is one for multiply_small."""
    return _IS_OF_USE and k <= _MOST_TERMS and m * k * n * itemsize <= _MOST_BYTES


@kernel
def multiply_small(
    a, a_row, a_step, b, b_length, b_is_turned, c, c_length, m, k, n, itemsize, alpha, keep
):
    """C (m, n) = alpha a (m, k) b (k, n) + keep c; a, b and c are addresses.

    One row of `a` further is `a_row` numbers on, one column `a_step`. Turned, b stands as (n, k).
    """
    lanes = _VECTOR_BYTES // itemsize
    width = _VECTORS * lanes
    j = 0
    while j < n:
        rest = min(n - j, width)
        to = c + j * itemsize
        if b_is_turned:
            panel = _turned_panel(b + j * b_length * itemsize, b_length, k, rest, alpha)
            b_step = width
        else:
            panel, b_step = b + j * itemsize, b_length
        if rest == width:
            _whole_panel(a, a_row, a_step, panel, b_step, to, c_length, m, k, rest, alpha, keep)
        elif rest > lanes:
            _ragged_panel(
                a, a_row, a_step, panel, b_step, to, c_length, m, k, rest - lanes, alpha, keep
            )
        else:
            _narrow_panel(a, a_row, a_step, panel, b_step, to, c_length, m, k, rest, alpha, keep)
        j += width
