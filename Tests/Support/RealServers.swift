// Servers of other people in front of the scripted one: nginx (TLS, HTTP/2, gzip, a gateway's habits) and tinyproxy.
// They show what the scripted server cannot: that the client gets along with a server nobody wrote for it.
//
//     @Test(.enabled(if: RealServers.canRun(.nginx), RealServers.hint)) func http2() async throws {
//       let upstream = try ScriptedServer([…])
//       let nginx = try await Nginx.start(upstream: upstream.port)
//       … nginx.url("/proxy/v1/models"), trusting nginx.certificateFile …
//       try await nginx.stop()
//     }
//
// Where a program is absent its tests are skipped; under CI (`CI=true`) they run and fail, saying what to install.

import Foundation

#if canImport(Testing)
  import Testing
#endif

/// What is installed.
package enum RealServers {
  package enum Program: String, Sendable {
    case nginx
    case tinyproxy
    case openssl
  }

  package static let nginxPath = path(of: .nginx)
  package static let tinyproxyPath = path(of: .tinyproxy)

  #if canImport(Testing)
    package static let hint: Comment = "nginx, openssl or tinyproxy is not installed"
  #endif

  /// Whether tests with this program run: it is installed, or this is CI, where it has to be.
  package static func canRun(_ program: Program) -> Bool {
    if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
    return path(of: program) != nil && (program != .nginx || path(of: .openssl) != nil)
  }

  static func path(of program: Program) -> String? {
    let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    return (search + ":/usr/sbin:/usr/local/sbin").split(separator: ":").map { "\($0)/\(program)" }
      .first { access($0, X_OK) == 0 }
  }

  static func requiredPath(of program: Program) throws -> String {
    guard let path = path(of: program) else {
      throw SupportError("\(program) is not installed (apt-get install \(program))")
    }
    return path
  }

  /// Starts a server on `count` free ports. A port may be taken by another between its choice and the start: then
  /// the program ends and others are tried.
  static func start(
    _ program: Program, ports count: Int, in directory: TemporaryDirectory,
    arguments: ([Int]) throws -> [String]
  ) async throws -> (process: RunningProcess, ports: [Int]) {
    let path = try requiredPath(of: program)
    var complaint = ""
    for _ in 0..<5 {
      let ports = try freePorts(count)
      let process = try RunningProcess.start(try arguments(ports), program: path, home: directory)
      if try await onOwnThread({ try answers(process, ports) }) { return (process, ports) }
      complaint = process.text(.stderr) + process.text()
    }
    throw SupportError("\(program) does not start: \(complaint.suffix(2000))")
  }

  private static func freePorts(_ count: Int) throws -> [Int] {
    let listeners = try (0..<count).map { _ in try listenOnLoopback() }
    for listener in listeners { close(listener.descriptor) }
    return listeners.map(\.port)
  }

  /// Waits until all ports take connections; false when the process ends before. Blocks.
  private static func answers(_ process: RunningProcess, _ ports: [Int]) throws -> Bool {
    let deadline = monotonicSeconds() + generousDeadline
    for port in ports {
      while true {
        if let descriptor = try? connectToLoopback(port: port) {
          close(descriptor)
          break
        }
        if process.hasEnded { return false }
        if monotonicSeconds() > deadline { throw SupportError("port \(port) takes no connections") }
        usleep(5000)
      }
    }
    return !process.hasEnded
  }
}

/// nginx on two loopback ports, TLS with HTTP/1.1 and HTTP/2, and plain HTTP. Both serve:
/// - `/proxy/…`: the upstream, unbuffered both ways; `/proxy-gzip/…`: the same, compressed
/// - `/text`: 64 KB of JSON text, compressed where the client takes it
/// - `/bad-gateway`: 502 with an HTML page
/// - `/redirect`: 307 to `/proxy/redirected`; `/redirect-elsewhere`: 307 to the same on `localhost`, another host
package final class Nginx: Sendable {
  package let tlsPort: Int
  package let plainPort: Int
  /// The self-signed certificate for 127.0.0.1 and localhost, PEM.
  package let certificateFile: String
  /// What `/text` gives.
  package let text: String
  private let process: RunningProcess

  /// - Parameter upstream: port on 127.0.0.1 that `/proxy/` passes to.
  package static func start(upstream: Int = 1) async throws -> Nginx {
    let directory = try TemporaryDirectory("nginx")
    let certificate = directory.file("certificate.pem")
    let key = directory.file("key.pem")
    let made = try await runProgram(
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate,
      ], program: try RealServers.requiredPath(of: .openssl))
    guard made.exit == .code(0) else { throw SupportError("openssl req: \(made.errorText)") }
    let text = "[" + (0..<8000).map { "\($0 % 1000)" }.joined(separator: ", ") + "]"
    try directory.write("root/text", text)
    let (process, ports) = try await RealServers.start(.nginx, ports: 2, in: directory) { ports in
      let file = try directory.write(
        "nginx.conf", configuration(directory, tls: ports[0], plain: ports[1], upstream: upstream))
      return ["-c", file, "-p", directory.path, "-e", "stderr"]
    }
    return Nginx(process, tls: ports[0], plain: ports[1], certificateFile: certificate, text: text)
  }

  private init(_ process: RunningProcess, tls: Int, plain: Int, certificateFile: String, text: String) {
    self.process = process
    tlsPort = tls
    plainPort = plain
    self.certificateFile = certificateFile
    self.text = text
  }

  /// `https://127.0.0.1:PORT` and the path.
  package func url(_ path: String) -> String { "https://127.0.0.1:\(tlsPort)\(path)" }

  package func stop() async throws {
    process.send(SIGTERM)
    try await process.wait()
  }

  private static func configuration(_ directory: TemporaryDirectory, tls: Int, plain: Int, upstream: Int) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(directory.path)/\($0);" }.joined(separator: "\n  ")
    let proxy = """
      proxy_pass http://127.0.0.1:\(upstream)/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 600s;
      """
    return """
      daemon off;
      master_process off;
      pid \(directory.path)/nginx.pid;
      error_log stderr warn;
      events { worker_connections 4096; }
      http {
        access_log off;
        \(temporary)
        client_max_body_size 0;
        default_type application/json;
        gzip_min_length 1;
        gzip_proxied any;
        gzip_types *;
        server {
          listen 127.0.0.1:\(plain);
          listen 127.0.0.1:\(tls) ssl http2;
          ssl_certificate \(directory.path)/certificate.pem;
          ssl_certificate_key \(directory.path)/key.pem;
          root \(directory.path)/root;
          location /proxy/ {
            \(proxy)
          }
          location /proxy-gzip/ {
            gzip on;
            \(proxy)
          }
          location /text { gzip on; }
          location /bad-gateway {
            default_type text/html;
            return 502 "<html>\\n<head><title>502 Bad Gateway</title></head>\\n<body>a gateway's page</body>\\n</html>\\n";
          }
          location = /redirect { return 307 $scheme://$http_host/proxy/redirected; }
          location = /redirect-elsewhere { return 307 http://localhost:\(plain)/proxy/redirected; }
        }
      }
      """
  }
}

/// tinyproxy on a loopback port: a forward proxy for HTTP and CONNECT, with a user and password where asked.
package final class Tinyproxy: Sendable {
  package let port: Int
  private let user: String?
  private let process: RunningProcess

  /// - Parameter user: `NAME:PASSWORD`, without which the proxy answers 407.
  package static func start(user: String? = nil) async throws -> Tinyproxy {
    let directory = try TemporaryDirectory("tinyproxy")
    let (process, ports) = try await RealServers.start(.tinyproxy, ports: 1, in: directory) { ports in
      var lines = [
        "Port \(ports[0])", "Listen 127.0.0.1", "Timeout 600", "MaxClients 500", "Allow 127.0.0.1", "LogLevel Connect",
        "PidFile \"\(directory.path)/tinyproxy.pid\"",
      ]
      if let user { lines.append("BasicAuth " + user.replacingOccurrences(of: ":", with: " ")) }
      return ["-d", "-c", try directory.write("tinyproxy.conf", lines.joined(separator: "\n") + "\n")]
    }
    return Tinyproxy(process, port: ports[0], user: user)
  }

  private init(_ process: RunningProcess, port: Int, user: String?) {
    self.process = process
    self.port = port
    self.user = user
  }

  /// With the user and password in it.
  package var url: String { "http://\(user.map { $0 + "@" } ?? "")127.0.0.1:\(port)" }

  /// What it has logged: a line `CONNECT …` or `Request …` shows that a call went through it.
  package var log: String { process.text() + process.text(.stderr) }

  package func stop() async throws {
    process.send(SIGTERM)
    try await process.wait()
  }
}
