// An indexing run put together for the command line: the store's own model where it has one, the person's for a new one,
// converters, progress.

import Models
import Retrieval
import Storage

struct IndexRun: Sendable {
  var indexing: Indexing
  let display: IndexDisplay
  let target: Target?

  /// - Throws: a model or a dimension that is not the store's, unless it is made anew; what is wrong with the model.
  init(
    _ store: String, _ session: EmbedSession, _ display: ProgressDisplay, _ chunks: EmbedChunkFlags?, rebuilds: Bool
  ) async throws(Failure) {
    let reader = try rebuilds ? try? StoreReader.open(store) : IndexRun.existing(store)
    var dimensions = session.flags.dimensions
    var embedder: Embedder?
    var target: Target?
    if let reader, !rebuilds {
      if reader.model.isEmpty, session.flags.model == nil {
        throw Failure("\(store): nobody knows the model of its vectors, so no text can be added (-m MODEL)", .usage)
      }
      let settings: IndexSettings
      do throws(StoreError) { settings = try IndexSettings(reader) } catch { throw error.failure }
      if let dimensions, dimensions != reader.dimension {
        throw StoreError(path: store, kind: .dimension(stored: reader.dimension, given: dimensions)).failure
      }
      dimensions = settings.dimensions
    }
    let isPlain =
      session.flags.model == Indexing.noModel || (session.flags.model == nil && reader?.model == Indexing.noModel)
    if !isPlain {
      let stored = reader.flatMap { $0.model.isEmpty || $0.model == Indexing.noModel ? nil : $0.model }
      let found = try await session.target(stored)
      if let reader, !rebuilds, found.name != reader.model {
        throw StoreError(path: store, kind: .model(stored: reader.model, given: found.name)).failure
      }
      target = found
      embedder = try session.embedder(found, dimensions: dimensions)
    } else if let reader, !rebuilds, reader.model != Indexing.noModel {
      throw StoreError(path: store, kind: .model(stored: reader.model, given: Indexing.noModel)).failure
    }
    self.target = target
    self.display = IndexDisplay(program: session.program, session: session, display: display)
    indexing = Indexing(store: store, embedder: embedder)
    indexing.rebuilds = rebuilds
    indexing.reader.converter = TextConversion.converter(session.program.environment)
    let shown = self.display
    indexing.progress = { shown.show($0) }
    let asked = dimensions
    indexing.change = { settings in
      chunks?.apply(&settings)
      settings.dimensions = asked
    }
  }

  /// The store that is there; nil where there is none.
  static func existing(_ store: String) throws(Failure) -> StoreReader? {
    do throws(StoreError) {
      return try StoreReader.open(store)
    } catch  where error.kind == .notFound {
      return nil
    } catch {
      throw error.failure
    }
  }
}
