// Every instruction set beside the reference. The comparison itself is in C (Tests/CKernelCheck), so that the one for
// another processor can be built alone and run under an emulator, where both are installed.

import CKernelCheck
import CVectorKernels
import Foundation
import Support
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

// The comparison takes seconds and holds its state in variables: one at a time, on a thread of its own.
@Suite(.serialized) struct KernelTests {
  @Test(
    "an instruction set computes what the reference does, for every length up to 300",
    arguments: ["scalar", "avx2", "neon"])
  func agrees(name: String) async throws {
    let (differences, message) = try await onOwnThread {
      guard let kernels = awl_kernels_named(name) else { return (0, "") }
      var message = [CChar](repeating: 0, count: 200)
      let differences = Int(kernel_check(kernels, 300, &message, message.count))
      return (differences, String(decoding: message.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    #expect(differences == 0, "\(message)")
  }

  @Test("the comparison notices a kernel that is wrong")
  func canFail() {
    var message = [CChar](repeating: 0, count: 200)
    var broken = awl_kernels_scalar().pointee
    broken.int8_sums = { _, _, count, _, out in for row in 0..<count { out?[row] = 1 } }
    #expect(kernel_check(&broken, 20, &message, message.count) > 0)
  }

  @Test("the best is taken, an unknown name is none")
  func choice() {
    #if arch(x86_64)
      #expect(awl_kernels_named("neon") == nil)
      #expect(awl_kernels_best() == (awl_kernels_named("avx2") ?? awl_kernels_named("scalar")))
    #elseif arch(arm64)
      #expect(awl_kernels_named("avx2") == nil)
      #expect(awl_kernels_best() == awl_kernels_named("neon"))
    #endif
    #expect(awl_kernels_named("avx512") == nil)
    #expect(String(cString: awl_kernels_scalar().pointee.name) == "scalar")
  }

  @Test("NEON computes what the reference does (under qemu-user, where a cross compiler is installed)")
  func emulated() async throws {
    let compiler = "/usr/bin/aarch64-linux-gnu-gcc"
    let emulator = "/usr/bin/qemu-aarch64"
    guard FileManager.default.isExecutableFile(atPath: compiler), FileManager.default.isExecutableFile(atPath: emulator)
    else {
      print("skipped: install qemu-user and gcc-aarch64-linux-gnu")
      return
    }
    let status = try await onOwnThread {
      let program = FileManager.default.temporaryDirectory.appending(path: "kernel-check-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: program) }
      let kernels = root.appending(path: "Sources/CVectorKernels")
      let check = root.appending(path: "Tests/CKernelCheck")
      let sources = try FileManager.default.contentsOfDirectory(atPath: kernels.path).filter { $0.hasSuffix(".c") }
      let build = try Process.run(
        URL(filePath: compiler),
        arguments: ["-O2", "-w", "-ffp-contract=off", "-static", "-DKERNEL_CHECK_MAIN", "-o", program]
          + ["-I", kernels.appending(path: "include").path, "-I", check.appending(path: "include").path]
          + sources.map { kernels.appending(path: $0).path } + [check.appending(path: "check.c").path, "-lm"])
      build.waitUntilExit()
      guard build.terminationStatus == 0 else { return build.terminationStatus }
      let run = try Process.run(URL(filePath: emulator), arguments: [program, "neon"])
      run.waitUntilExit()
      return run.terminationStatus
    }
    #expect(status == 0)
  }
}
