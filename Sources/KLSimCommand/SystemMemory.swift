// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import KLSimStudies
internal import SystemPackage

/// The memory of the machine and of this process.
enum SystemMemory {
  /// A limit in bytes, and whose it is.
  typealias Limit = (bytes: Double, source: MemoryLimit.Source)

  /// What this process can have: the machine's memory, or less if the limit of its address space, or on Linux that of its
  /// control group or one around it, is lower.
  static var limit: Limit {
    let pages = Double(sysconf(Int32(_SC_PHYS_PAGES))) * pageSize
    let groups = text("/proc/self/cgroup").map { groupLimits($0, in: "/sys/fs/cgroup") } ?? []
    return lowest([(pages, .machine), addressSpace] + groups.map { ($0, .controlGroup) })
  }

  /// What a user allows, or less if the limit of the address space is lower.
  static func limit(of bytes: Double) -> Limit { lowest([(bytes, .option), addressSpace]) }

  /// The lowest of some limits, the first of equal ones; what is 0 is none.
  private static func lowest(_ limits: [Limit]) -> Limit {
    limits.filter { $0.bytes > 0 }.min { $0.bytes < $1.bytes } ?? (.infinity, .machine)
  }

  /// What is resident of this process, in bytes.
  static var resident: Double {
    if let sizes { return sizes.resident }
    // Elsewhere than on Linux, the most that was resident so far.
    var usage = rusage()
    guard unsafe getrusage(itself, &usage) == 0 else { return 0 }
    return Double(usage.ru_maxrss)
  }

  private static var pageSize: Double { Double(sysconf(Int32(_SC_PAGESIZE))) }

  /// What may be resident under the limit of the address space, which also holds what is mapped and not resident.
  private static var addressSpace: Limit {
    var limit = rlimit()
    guard unsafe getrlimit(spaceLimit, &limit) == 0 else {
      return (.infinity, .addressSpace(unused: 0))
    }
    let unused = sizes.map { $0.mapped - $0.resident } ?? 0
    return (max(1, Double(limit.rlim_cur) - unused), .addressSpace(unused: unused))
  }

  /// Keeps what a limit of the address space leaves for the stacks of threads: Dispatch waits without end for a thread that
  /// cannot be made.
  ///
  /// - Returns: the limit that leaves enough, as `ulimit -v` takes it; nil if this one does.
  static func makeRoomForThreads() -> Int? {
    var (space, stack) = (rlimit(), rlimit())
    guard unsafe getrlimit(spaceLimit, &space) == 0, space.rlim_cur < .max,
      unsafe getrlimit(stackLimit, &stack) == 0, let sizes
    else { return nil }
    let threads = Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 4)
    let left = Double(space.rlim_cur) - sizes.mapped
    #if canImport(Glibc)
      // It would reserve up to 128 MiB for a heap of each thread, and so what the stacks of others need.
      if left < threads * 0x1p28 { _ = setAllocation(-8, 1) }
    #endif
    // Without a limit, the largest number, it is some megabytes.
    let stackSize = stack.rlim_cur < 1 << 40 ? Double(stack.rlim_cur) : 0x1p23
    let needed = threads * stackSize + 0x1p25
    return left < needed ? Int((sizes.mapped + needed) / 1024) + 1 : nil
  }

  /// What is mapped and what is resident of this process, in bytes; nil elsewhere than on Linux.
  private static var sizes: (mapped: Double, resident: Double)? {
    guard let words = text("/proc/self/statm")?.split(separator: " "), words.count > 1,
      let mapped = Double(words[0]), let resident = Double(words[1])
    else { return nil }
    return (mapped * pageSize, resident * pageSize)
  }

  // Glibc gives these constants types of their own.
  #if canImport(Glibc)
    private static let itself = __rusage_who_t(RUSAGE_SELF.rawValue)
    private static let spaceLimit = __rlimit_resource_t(RLIMIT_AS.rawValue)
    private static let stackLimit = __rlimit_resource_t(RLIMIT_STACK.rawValue)
  #else
    private static let itself = RUSAGE_SELF
    private static let spaceLimit = RLIMIT_AS
    private static let stackLimit = RLIMIT_STACK
  #endif

  /// The limits of control groups of the first version and of the second.
  ///
  /// - Parameters:
  ///   - groups: the groups of a process, as `/proc/self/cgroup` lists them.
  ///   - root: where the file system of control groups is mounted.
  /// - Returns: the limits of the groups and of those around them, in bytes.
  static func groupLimits(_ groups: String, in root: String) -> [Double] {
    groups.split(separator: "\n").flatMap { line -> [Double] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      if parts[1].isEmpty { return limits("memory.max", of: String(parts[2]), in: root) }
      guard parts[1].split(separator: ",").contains("memory") else { return [] }
      return limits("memory.limit_in_bytes", of: String(parts[2]), in: "\(root)/memory")
    }
  }

  /// The limits of a group and of all around it; a file that is missing, or says `max`, is no limit.
  private static func limits(_ name: String, of group: String, in root: String) -> [Double] {
    var (path, limits) = (FilePath(root), [Double]())
    // In a container the group's path may be that of the machine, and what is mounted its own group.
    for component in [nil] + FilePath(group).components.map(Optional.some) {
      if let component { path.append(component) }
      if let limit = text(path.appending(name).string).flatMap(Double.init) { limits.append(limit) }
    }
    return limits
  }

  /// The text of a small file of the system, without the line end; nil if there is none.
  private static func text(_ path: String) -> String? {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
    return try? file.closeAfter {
      let text = try unsafe String(unsafeUninitializedCapacity: 1 << 14) {
        try unsafe file.read(into: UnsafeMutableRawBufferPointer($0))
      }
      return text.last == "\n" ? String(text.dropLast()) : text
    }
  }
}

#if canImport(Glibc)
  /// `mallopt`, which the importer leaves out; -8 is `M_ARENA_MAX`, how many heaps there may be.
  @_silgen_name("mallopt")
  private func setAllocation(_ parameter: CInt, _ value: CInt) -> CInt
#endif
