import { SteadError } from '@stead/contracts'
import type { Digest, ModelGraph, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import { readModelGraph } from './onnx/model-graph.ts'
import { graphFileOf, type Registry } from './registry.ts'

export interface Graphs {
  /** The graph of an ONNX version; others have none. */
  read(project: ProjectName, model: ModelName, version: VersionNumber): Promise<ModelGraph>
}

/** A large graph takes some megabytes. */
const KEPT = 8

export function createGraphs(
  registry: Pick<Registry, 'getVersion'>,
  { open }: Pick<ArtifactStore, 'open'>,
  read: (bytes: AsyncIterable<Uint8Array>) => Promise<ModelGraph> = readModelGraph,
): Graphs {
  // By digest, the one used longest ago first. Who asks while a file is being read waits for the same reading.
  const graphs = new Map<Digest, Promise<ModelGraph>>()

  async function readFile(digest: Digest): Promise<ModelGraph> {
    const { stream } = await open(digest)
    return read(stream)
  }

  function remembered(digest: Digest): Promise<ModelGraph> {
    const graph = graphs.get(digest) ?? readFile(digest)
    graphs.delete(digest)
    graphs.set(digest, graph)
    for (const oldest of graphs.keys()) if (graphs.size > KEPT) graphs.delete(oldest)
    // A file that could not be read now may be there the next time.
    graph.catch(() => graphs.get(digest) === graph && graphs.delete(digest))
    return graph
  }

  return {
    async read(project, model, version) {
      const { runtime, files } = await registry.getVersion(project, model, version)
      const file = runtime === 'onnx' ? graphFileOf(files) : undefined
      if (!file)
        throw new SteadError('graph_not_found', `version ${version} of model "${model}" (${runtime}) has no ONNX file`)
      return remembered(file.digest)
    },
  }
}
