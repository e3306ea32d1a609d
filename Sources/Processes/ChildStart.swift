// From a description to a running process: the program is found, its descriptors are made, and the system is asked.

import CSystem
import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A child that runs, with this side's ends of its pipes.
struct StartedChild: ~Copyable {
  let id: pid_t
  var input: PipeEnd
  var output: PipeEnd
  var errors: PipeEnd
}

/// A descriptor that closes itself once.
struct PipeEnd: ~Copyable {
  private(set) var number: Int32

  init(_ number: Int32) { self.number = number }
  deinit { if number >= 0 { _ = systemClose(number) } }

  var isOpen: Bool { number >= 0 }

  mutating func close() {
    if number >= 0 { _ = systemClose(number) }
    number = -1
  }

  /// Calls that would block give EAGAIN.
  func makeNonBlocking() { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }

  /// A pipe; neither end reaches a child by accident.
  static func pipe() throws(ChildError) -> (reading: Int32, writing: Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutablePointer(to: &ends) {
      $0.withMemoryRebound(to: Int32.self, capacity: 2) { awl_pipe($0) }
    }
    guard result == 0 else { throw ChildError(.system, "no pipe: \(systemWords(errno))") }
    return (ends.0, ends.1)
  }
}

func systemClose(_ number: Int32) -> Int32 { close(number) }

func systemWords(_ number: Int32) -> String { String(cString: strerror(number)) }

extension ChildProcess {
  func start() throws(ChildError) -> StartedChild {
    guard let program = arguments.first, !program.isEmpty else {
      throw ChildError(.invalid, "no program is named")
    }
    let texts = arguments + environment.flatMap { [$0.key, $0.value] } + [directory ?? ""]
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw ChildError(.invalid, "\(program): an argument or a variable holds a NUL")
    }
    let path = try find(program)
    var input = PipeEnd(-1)
    let childInput: PipeEnd
    switch self.input {
    case .none: childInput = try ChildProcess.open("/dev/null")
    case .file(let file): childInput = try ChildProcess.open(file)
    case .bytes:
      let pipe = try PipeEnd.pipe()
      childInput = PipeEnd(pipe.reading)
      input = PipeEnd(pipe.writing)
    }
    let outputPipe = try PipeEnd.pipe()
    let output = PipeEnd(outputPipe.reading)
    let childOutput = PipeEnd(outputPipe.writing)
    let errorPipe = try PipeEnd.pipe()
    let errors = PipeEnd(errorPipe.reading)
    let childErrors = PipeEnd(errorPipe.writing)

    let id = try spawn(path, childInput.number, childOutput.number, childErrors.number)
    if input.isOpen { input.makeNonBlocking() }
    output.makeNonBlocking()
    errors.makeNonBlocking()
    return StartedChild(id: id, input: input, output: output, errors: errors)
  }

  private func spawn(_ path: String, _ input: Int32, _ output: Int32, _ errors: Int32)
    throws(ChildError) -> pid_t
  {
    var number: Int32 = 0
    var place: CChar = 0
    let id = withCStrings(arguments) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
        path.withCString { path in
          withOptionalCString(directory) { directory in
            var child = awl_child()
            child.path = path
            child.arguments = arguments
            child.environment = environment
            child.directory = directory
            (child.input, child.output, child.errors) = (input, output, errors)
            child.cpu_seconds = UInt64(clamping: limits.processorSeconds ?? 0)
            child.memory_bytes = UInt64(clamping: limits.memoryBytes ?? 0)
            child.file_bytes = UInt64(clamping: limits.fileBytes ?? 0)
            child.open_files = FileDescriptorLimit.original ?? 0
            return awl_spawn(&child, &number, &place)
          }
        }
      }
    }
    if id > 0 { return id }
    switch UInt8(bitPattern: place) {
    case UInt8(ascii: "d"):
      throw ChildError(.directory, "\(directory ?? ""): \(systemWords(number))")
    case UInt8(ascii: "x"):
      throw ChildError(
        number == ENOENT ? .notFound : .notExecutable, "\(arguments[0]): \(systemWords(number))")
    default: throw ChildError(.system, "no process: \(systemWords(number))")
    }
  }

  /// The program's path. Of `PATH` only whole paths count: a relative one would find what lies in a stranger's folder.
  private func find(_ program: String) throws(ChildError) -> String {
    if program.utf8.contains(UInt8(ascii: "/")) { return program }
    for folder in (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    where folder.first == "/" {
      let path = "\(folder)/\(program)"
      var status = stat()
      if access(path, X_OK) == 0, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        return path
      }
    }
    throw ChildError(.notFound, "\(program): no such program in PATH")
  }

  /// Opens a file to be read by the child; a pipe that nobody writes to does not hold this thread.
  private static func open(_ path: String) throws(ChildError) -> PipeEnd {
    let number = systemOpen(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw ChildError(.input, "\(path): \(systemWords(errno))") }
    let high = number >= 3 ? number : fcntl(number, F_DUPFD_CLOEXEC, 3)
    if high != number { _ = systemClose(number) }
    _ = fcntl(high, F_SETFL, fcntl(high, F_GETFL) & ~O_NONBLOCK)
    return PipeEnd(high)
  }
}

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }

/// A NULL-terminated array of C strings for the time of the call.
func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: texts.count + 1)
  for (index, text) in texts.enumerated() { pointers[index] = strdup(text) }
  pointers[texts.count] = nil
  defer {
    for index in texts.indices { free(pointers[index]) }
    pointers.deallocate()
  }
  return body(pointers)
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result)
  -> Result
{
  guard let text else { return body(nil) }
  return text.withCString { body($0) }
}
