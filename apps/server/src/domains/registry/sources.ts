import { AliasName, BundlePath, FolderPath, ModelName, SteadError, VersionNumber } from '@stead/contracts'
import type { Digest, ProjectName, Runtime, Signature, Version, VersionFile } from '@stead/contracts'
import type { Readable } from 'node:stream'
import { MOST_BYTES, readMlModel, type MlModel } from './mlmodel.ts'
import { readOnnx } from './onnx/onnx-signature.ts'
import { graphFileOf, type Registry } from './registry.ts'
import { readSource, type Source } from './source.ts'

/** Where runs and logged models keep their files. Ids are unique in the installation; those of another project are not
 *  found. */
export interface SourceStore {
  runLocation(projectId: string, run: string): Promise<string | undefined>
  loggedModel(projectId: string, id: string): Promise<LoggedPlace | undefined>
  /** The last one of this name that the run made. */
  loggedModelNamed(projectId: string, run: string, name: string): Promise<LoggedPlace | undefined>
}
export interface LoggedPlace {
  readonly id: string
  readonly location: string
  readonly run: string | null
}

/** All files below a folder of the project's tree. */
export interface FileTree {
  under(
    project: ProjectName,
    folder: FolderPath,
  ): AsyncIterable<{ readonly path: string; readonly digest: Digest; readonly size: number }>
}

export interface SourceAsked {
  readonly source: string
  readonly run: string | null
  readonly loggedModel: string | null
  readonly isPrompt: boolean
}

/** What a source turned out to be. */
export interface Sourced {
  /** From where clients download it; null for a version that was pushed. */
  readonly location: string | null
  readonly run: string | null
  readonly loggedModel: string | null
  readonly files: VersionFile[]
  readonly runtime: Runtime
  /** Empty where it is not known. */
  readonly signature: Signature
}

export interface Sources {
  /** What lies at a source now. What is elsewhere, or not there, has no files: it is registered all the same, and
   *  cannot be deployed. */
  find(project: ProjectName, projectId: string, asked: SourceAsked): Promise<Sourced>
}

export interface SourceParts {
  readonly store: SourceStore
  readonly tree: FileTree
  readonly open: (digest: Digest) => Promise<{ stream: Readable }>
  readonly registry: Pick<Registry, 'resolveVersion' | 'locationOf'>
}

type Place = Pick<Sourced, 'location' | 'run' | 'loggedModel'>

const MOST_FILES = 10_000
const NOTHING: Signature = { inputs: [], outputs: [] }

export function createSources({ store, tree, open, registry }: SourceParts): Sources {
  async function placeOf(projectId: string, source: Source, asked: SourceAsked): Promise<Place> {
    const place = { location: asked.source, run: asked.run, loggedModel: asked.loggedModel }
    if (source.is === 'logged-model') {
      const found = await store.loggedModel(projectId, source.id)
      if (!found)
        throw new SteadError(
          'logged_model_not_found',
          `Unable to fetch model from model URI source artifact location '${asked.source}'. Logged model with ID '${source.id}' not found.`,
          { where: 'source' },
        )
      return { location: found.location, run: asked.run ?? found.run, loggedModel: asked.loggedModel ?? found.id }
    }
    if (source.is !== 'run') return place
    const root = await store.runLocation(projectId, source.run)
    return root === undefined ? place : { ...place, location: source.path === '' ? root : `${root}/${source.path}` }
  }

  async function filesAt(project: ProjectName, location: string | null): Promise<VersionFile[]> {
    const folder = folderOf(location)
    const files: VersionFile[] = []
    if (folder === undefined) return files
    for await (const { path, digest, size } of tree.under(project, folder)) {
      if (files.length === MOST_FILES)
        throw new SteadError('invalid_request', `"${location}" has more than ${MOST_FILES} files`, { where: 'source' })
      const below = folder === '' ? path : path.slice(folder.length + 1)
      const parsed = BundlePath.safeParse(below)
      if (!parsed.success)
        throw new SteadError(
          'invalid_request',
          `"${path}" cannot be a file of a version: ${parsed.error.issues[0]?.message}`,
          {
            where: 'source',
          },
        )
      files.push({ path: parsed.data, digest, size })
    }
    return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  }

  async function read(project: ProjectName, projectId: string, source: Source, asked: SourceAsked) {
    const place = await placeOf(projectId, source, asked)
    const files = await filesAt(project, place.location)
    if (files.length > 0 || source.is !== 'run') return { ...place, files }
    // Since 3.0 a run's models lie beside it; `runs:/id/name` goes on meaning them.
    const model = await store.loggedModelNamed(projectId, source.run, source.path)
    if (!model) return { ...place, files }
    const { location, id } = model
    return { ...place, location, loggedModel: place.loggedModel ?? id, files: await filesAt(project, location) }
  }

  async function mlModelIn(files: readonly VersionFile[]): Promise<MlModel | undefined> {
    const file = files.find(({ path }) => path === 'MLmodel')
    if (!file || file.size > MOST_BYTES) return undefined
    const chunks: Buffer[] = []
    for await (const chunk of (await open(file.digest)).stream) chunks.push(chunk as Buffer)
    // A description that cannot be read must not keep a model from being registered.
    return ignoring(['model_unreadable'], () => readMlModel(Buffer.concat(chunks).toString('utf8')))
  }

  async function describe(files: VersionFile[]): Promise<Pick<Sourced, 'runtime' | 'signature'>> {
    const described = await mlModelIn(files)
    const graph = described ? graphNamed(described, files) : graphFileOf(files)
    if (!graph) return { runtime: 'python', signature: described?.signature ?? NOTHING }
    // Why it cannot be read is told to whoever wants to deploy it.
    const facts = await ignoring(['model_unreadable', 'model_unsupported'], async () =>
      readOnnx((await open(graph.digest)).stream),
    )
    return { runtime: 'onnx', signature: facts?.signature ?? NOTHING }
  }

  return {
    async find(project, projectId, asked) {
      const source = readSource(asked.source, { isPrompt: asked.isPrompt, ofLoggedModel: asked.loggedModel !== null })
      if (source.is === 'version') return copyOf(project, await versionNamed(project, source), asked)
      const found = await read(project, projectId, source, asked)
      return { ...found, ...(await describe(found.files)) }
    },
  }

  async function versionNamed(project: ProjectName, { model, version }: Source & { is: 'version' }): Promise<Version> {
    const name = ModelName.safeParse(model)
    const number = VersionNumber.safeParse(version)
    const alias = AliasName.safeParse(version)
    if (!name.success || (!number.success && !alias.success))
      throw new SteadError('version_not_found', `model "${model}" has no version ${version}`, { where: 'source' })
    const asked = number.data ?? (/^latest$/i.test(version) ? undefined : alias.data)
    return registry.resolveVersion(project, name.data, asked)
  }

  async function copyOf(project: ProjectName, version: Version, { run, loggedModel }: SourceAsked): Promise<Sourced> {
    const { files, runtime, signature } = version
    return {
      location: await registry.locationOf(project, version),
      run: run ?? version.run,
      loggedModel: loggedModel ?? version.loggedModel,
      files,
      runtime,
      signature,
    }
  }
}

/** The graph that the description names; another file with that ending would be taken for it by the runners. */
function graphNamed({ flavors, graph }: MlModel, files: readonly VersionFile[]): VersionFile | undefined {
  if (!flavors.includes('onnx')) return undefined
  const first = graphFileOf(files)
  return graph === undefined || first?.path === graph ? first : undefined
}

/** A folder of the tree: `mlflow-artifacts:/1/…`, whatever server it names. */
function folderOf(location: string | null): FolderPath | undefined {
  const [, path] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.+)$/.exec(location ?? '') ?? []
  return path === undefined ? undefined : FolderPath.safeParse(path.replace(/\/+$/, '')).data
}

async function ignoring<T>(codes: readonly string[], read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SteadError && codes.includes(error.code)) return undefined
    throw error
  }
}
