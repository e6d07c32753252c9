// SPDX-License-Identifier: GPL-3.0-or-later

/// The kind of a file, by its first bytes whatever its name.
enum FileKind: Equatable {
  case text
  case gzip
  case npy
  case zip
  case safetensors
  case pickle
  /// A kind that is not read: its name, and what to do.
  case refused(String)

  /// The number of bytes that are looked at.
  static let prefixLength = 512

  /// Whether a file of it is mapped: large, and read in parts.
  var isMapped: Bool { [.npy, .zip, .safetensors].contains(self) }

  /// The kind of a file.
  ///
  /// - Parameter bytes: its first bytes, or all.
  init(of bytes: [UInt8]) {
    let prefix = bytes.prefix(Self.prefixLength)
    if let known = Self.known.first(where: { prefix.starts(with: $0.magic) }) {
      self = known.kind
    } else if prefix.count >= 2, prefix[0] == 0x80, (2...5).contains(prefix[1]) {
      self = .pickle
    } else if prefix.count > 8, prefix[8] == UInt8(ascii: "{"), prefix[..<8].contains(0) {
      // The length of a header in JSON comes first.
      self = .safetensors
    } else if prefix.contains(0) {
      self = .refused(
        "neither UTF-8 text nor an NPY, NPZ or safetensors file; no other kind is read")
    } else {
      self = .text
    }
  }

  private static let known: [(magic: [UInt8], kind: FileKind)] = [
    ([0x93] + Array("NUMPY".utf8), .npy),
    (Array("PK\u{3}\u{4}".utf8), .zip),
    (Array("PK\u{5}\u{6}".utf8), .zip),
    ([0x1F, 0x8B], .gzip),
    ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), .refused("an HDF5 file. \(arrayAdvice)")),
    (Array("PAR1".utf8), .refused("a Parquet file. \(tableAdvice)")),
    (Array("ARROW1".utf8), .refused("an Arrow file. \(tableAdvice)")),
    (
      Array("GGUF".utf8),
      .refused("a GGUF file: the weights of a model, not what it says of the next token")
    ),
    (
      Array("version https://git-lfs".utf8),
      .refused("a Git LFS pointer in place of the file; run git lfs pull")
    ),
    ([0x28, 0xB5, 0x2F, 0xFD], .refused("packed by zstd; unpack it, or pack it by gzip")),
    ([0xFD] + Array("7zXZ".utf8), .refused("packed by xz; unpack it, or pack it by gzip")),
    (Array("BZh".utf8), .refused("packed by bzip2; unpack it, or pack it by gzip")),
  ]

  private static let arrayAdvice = "Save the array by numpy.save(\"teacher.npy\", array)"
  private static let tableAdvice =
    "Save the table as CSV, such as by pandas.read_parquet(…).to_csv(\"teacher.csv\", index=False)"
}

/// Why pickled objects are not read, and the two lines of Python that convert them.
///
/// - Parameters:
///   - path: the file.
///   - isTorch: whether PyTorch has written it.
/// - Returns: what follows "it is".
func pickleRefusal(_ path: String, isTorch: Bool) -> String {
  let load =
    isTorch ? "torch.load('\(path)', 'cpu').double()" : "numpy.load('\(path)', allow_pickle=True)"
  return """
    \(isTorch ? "a PyTorch file" : "a Python pickle"), which can run any code when it is read. If you trust \
    it, save its array as NPY, in Python:
      import numpy\(isTorch ? ", torch" : "")
      numpy.save('teacher.npy', \(load))
    """
}
