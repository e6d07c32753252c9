// SPDX-License-Identifier: GPL-3.0-or-later

internal import SystemPackage

/// Whether this process may have so many more files open at a time.
///
/// It is asked before libraries are called that trap where they cannot open one.
///
/// - Parameter count: the number of files, at least 1.
/// - Returns: whether it may.
package func canOpenFiles(_ count: Int) -> Bool {
  var opened: [FileDescriptor] = []
  defer { for file in opened { try? file.close() } }
  do {
    opened.append(try FileDescriptor.open(FilePath("/"), .readOnly))
    while opened.count < count { opened.append(try opened[0].duplicate()) }
    return true
  } catch {
    return false
  }
}

/// What to do where no more files can be opened.
package let moreFilesAdvice = "allow more, e.g. by 'ulimit -n 64'"

/// Why no more files can be opened, and what to do.
package let tooManyFilesText = "\(Errno.tooManyOpenFiles); \(moreFilesAdvice)"

/// Whether a file cannot be read or written because no more files can be opened.
///
/// - Parameter reason: the reason of an `OutputError` or `InputError`.
/// - Returns: whether it is that.
package func isForTooManyFiles(_ reason: String) -> Bool {
  reason == "\(Errno.tooManyOpenFiles)"
}
