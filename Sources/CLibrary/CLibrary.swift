// SPDX-License-Identifier: GPL-3.0-or-later

// The C library, whatever the platform calls it.

#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#else
  @_exported public import Darwin
#endif
