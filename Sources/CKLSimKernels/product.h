// SPDX-License-Identifier: GPL-3.0-or-later

// The product of two matrices; included once per instruction set.
//
// Every element of the result is one chain of fused multiply-adds in the order of the inner index. So
// neither the size of the tiles, which differs between instruction sets, nor the division of the work
// changes a bit.

#include "elementary.h"

/// The part of the result that is held in registers: rows, and vectors of 8 columns.
#if defined(KLSIM_HAS_AVX512)
enum { TILE_ROWS = 8, TILE_VECTORS = 3 };
#elif defined(KLSIM_HAS_AVX2)
enum { TILE_ROWS = 6, TILE_VECTORS = 1 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 1 };
#endif

enum {
  TILE_COLUMNS = 8 * TILE_VECTORS,
  /// Rows of the first factor, and inner indices, that are packed at a time to stay in the caches.
  PACKED_ROWS = 12 * TILE_ROWS,
  PACKED_DEPTH = 128
};

#define UNROLLED _Pragma("clang loop unroll(full)")

/// A tile of the result: `c` is added to, or overwritten unless `adds`.
INLINE void product_tile(
    ptrdiff_t depth, const double *a, const double *b, double *c, ptrdiff_t stride, bool adds) {
  vec sums[TILE_ROWS][TILE_VECTORS];
  UNROLLED for (int row = 0; row < TILE_ROWS; row++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++)
      sums[row][v] = adds ? load(c + row * stride + 8 * v) : SPLAT(0.0);
  }
  for (ptrdiff_t k = 0; k < depth; k++) {
    vec right[TILE_VECTORS];
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) right[v] = load(b + 8 * v);
    UNROLLED for (int row = 0; row < TILE_ROWS; row++) {
      vec left = SPLAT(a[row]);
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++)
        sums[row][v] = fused(left, right[v], sums[row][v]);
    }
    a += TILE_ROWS;
    b += TILE_COLUMNS;
  }
  UNROLLED for (int row = 0; row < TILE_ROWS; row++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) store(c + row * stride + 8 * v, sums[row][v]);
  }
}

/// Copies the rows of a matrix in groups of `width`, inner index by inner index; what is missing in the
/// last group is 0.
INLINE void product_pack(
    ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t width, const double *from, ptrdiff_t row_stride,
    ptrdiff_t inner_stride, double *to) {
  for (ptrdiff_t first = 0; first < rows; first += width) {
    const ptrdiff_t count = rows - first < width ? rows - first : width;
    for (ptrdiff_t k = 0; k < depth; k++) {
      const double *source = from + first * row_stride + k * inner_stride;
      if (row_stride == 1 && count == width)
        memcpy(to, source, (size_t)width * sizeof(double));
      else
        for (ptrdiff_t row = 0; row < width; row++)
          to[row] = row < count ? source[row * row_stride] : 0.0;
      to += width;
    }
  }
}

static void pass_product(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner, const double *a, ptrdiff_t a_row,
    ptrdiff_t a_inner, const double *b, ptrdiff_t b_inner, ptrdiff_t b_column, double *c,
    ptrdiff_t c_row, bool adds) {
  double left[PACKED_ROWS * PACKED_DEPTH] __attribute__((aligned(64)));
  double right[TILE_COLUMNS * PACKED_DEPTH] __attribute__((aligned(64)));
  double edge[TILE_ROWS * TILE_COLUMNS] __attribute__((aligned(64))) = {0.0};
  for (ptrdiff_t k = 0; k < inner || (k == 0 && !adds); k += PACKED_DEPTH) {
    const ptrdiff_t depth = inner - k < PACKED_DEPTH ? inner - k : PACKED_DEPTH;
    const bool continues = adds || k > 0;
    for (ptrdiff_t i = 0; i < rows; i += PACKED_ROWS) {
      const ptrdiff_t packed = rows - i < PACKED_ROWS ? rows - i : PACKED_ROWS;
      product_pack(packed, depth, TILE_ROWS, a + i * a_row + k * a_inner, a_row, a_inner, left);
      for (ptrdiff_t j = 0; j < columns; j += TILE_COLUMNS) {
        const ptrdiff_t width = columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS;
        product_pack(
            width, depth, TILE_COLUMNS, b + k * b_inner + j * b_column, b_column, b_inner, right);
        for (ptrdiff_t row = 0; row < packed; row += TILE_ROWS) {
          const ptrdiff_t height = packed - row < TILE_ROWS ? packed - row : TILE_ROWS;
          double *to = c + (i + row) * c_row + j;
          if (height == TILE_ROWS && width == TILE_COLUMNS) {
            product_tile(depth, left + row * depth, right, to, c_row, continues);
            continue;
          }
          for (ptrdiff_t r = 0; r < height; r++)
            for (ptrdiff_t column = 0; column < width; column++)
              edge[r * TILE_COLUMNS + column] = to[r * c_row + column];
          product_tile(depth, left + row * depth, right, edge, TILE_COLUMNS, continues);
          for (ptrdiff_t r = 0; r < height; r++)
            for (ptrdiff_t column = 0; column < width; column++)
              to[r * c_row + column] = edge[r * TILE_COLUMNS + column];
        }
      }
    }
  }
}
