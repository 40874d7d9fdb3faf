import { createHash } from 'node:crypto'
import { Digest, SteadError } from '@stead/contracts'
import type {
  AliasName,
  BundlePath,
  Event,
  Model,
  ModelName,
  ProjectName,
  Provenance,
  Runtime,
  Signature,
  Version,
  VersionFile,
  VersionNumber,
} from '@stead/contracts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import type { Projects } from '../projects/projects.ts'
import { readOnnx } from './onnx/onnx-signature.ts'
import type { ModelFilter, PageOf, RegistryStore } from './registry.store.ts'

export interface VersionRequest {
  readonly files: readonly { path: BundlePath; digest: Digest }[]
  readonly runtime?: Runtime | undefined
  readonly signature?: Signature | undefined
  readonly provenance: Provenance
  readonly description: string
  readonly ifNew: boolean
}

export interface Registry {
  getModel(project: ProjectName, model: ModelName): Promise<Model>
  listModels(
    project: ProjectName,
    page: { after?: string | undefined; limit: number } & ModelFilter,
  ): Promise<PageOf<Model> & { total: number }>
  deleteModel(project: ProjectName, model: ModelName, actor: string): Promise<void>
  getVersion(project: ProjectName, model: ModelName, version: VersionNumber): Promise<Version>
  /** A number, an alias, or nothing for the newest. */
  resolveVersion(
    project: ProjectName,
    model: ModelName,
    version: VersionNumber | AliasName | undefined,
  ): Promise<Version>
  /** From where clients of MLflow download it. */
  locationOf(project: ProjectName, version: Pick<Version, 'model' | 'version'>): Promise<string>
  listVersions(
    project: ProjectName,
    model: ModelName,
    page: { after?: string | undefined; limit: number },
  ): Promise<PageOf<Version>>
  createVersion(
    project: ProjectName,
    model: ModelName,
    request: VersionRequest,
    actor: string,
  ): Promise<{ version: Version; created: boolean }>
  deleteVersion(project: ProjectName, model: ModelName, version: VersionNumber, actor: string): Promise<void>
  setAlias(
    project: ProjectName,
    model: ModelName,
    alias: AliasName,
    version: VersionNumber,
    actor: string,
  ): Promise<Model>
  deleteAlias(project: ProjectName, model: ModelName, alias: AliasName, actor: string): Promise<void>
  /** As `deleteAlias`, but one that is not there is gone already. */
  dropAlias(project: ProjectName, model: ModelName, alias: AliasName, actor: string): Promise<void>
}

/** Reads bytes of the project's own artifacts only, so that a digest known from elsewhere opens nothing. */
export type OwnArtifacts = Pick<ArtifactStore, 'open'> & {
  sizeIn(projectId: string, digest: Digest): Promise<number | undefined>
}

export function createRegistry(
  store: RegistryStore,
  artifacts: OwnArtifacts,
  projects: Projects,
  publish: (event: Event) => void,
): Registry {
  const noModel = (model: ModelName) => new SteadError('model_not_found', `there is no model "${model}"`)
  const noVersion = (model: ModelName, version: VersionNumber | AliasName) =>
    new SteadError('version_not_found', `model "${model}" has no version ${version}`)

  async function getModel(project: ProjectName, model: ModelName): Promise<Model> {
    const found = await store.findModel(await projects.idOf(project), model)
    if (!found) throw noModel(model)
    return found
  }

  async function getVersion(project: ProjectName, model: ModelName, version: VersionNumber): Promise<Version> {
    const found = await store.findVersion(await projects.idOf(project), model, version)
    if (found) return found
    await getModel(project, model)
    throw noVersion(model, version)
  }

  async function locate(projectId: string, files: VersionRequest['files']): Promise<VersionFile[]> {
    const paths = new Set<string>()
    const located: VersionFile[] = []
    for (const { path, digest } of files) {
      if (paths.has(path))
        throw new SteadError('invalid_request', `the file "${path}" is listed twice`, { where: 'body.files' })
      paths.add(path)
      const size = await artifacts.sizeIn(projectId, digest)
      if (size === undefined)
        throw new SteadError('artifact_not_found', `"${path}": there is no artifact ${digest}`, { where: 'body.files' })
      located.push({ path, digest, size })
    }
    return located.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  }

  async function describe(
    files: VersionFile[],
    request: VersionRequest,
  ): Promise<{ runtime: Runtime; signature: Signature }> {
    const runtime = request.runtime ?? runtimeOf(files)
    const graph = runtime === 'onnx' ? graphFileOf(files) : undefined
    if (!graph) {
      if (!request.signature)
        throw new SteadError('signature_missing', `a ${runtime} version declares its signature; none was given`, {
          where: 'body.signature',
        })
      return { runtime, signature: request.signature }
    }
    const facts = await readOnnx((await artifacts.open(graph.digest)).stream)
    const missing = facts.externalData.filter(
      (location) => !files.some((file) => file.path === besides(graph.path, location)),
    )
    if (missing.length > 0) {
      throw new SteadError(
        'model_unsupported',
        `"${graph.path}" keeps weights in ${missing.map((name) => `"${name}"`).join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not in the bundle; push the folder that holds them all`,
        { where: 'body.files' },
      )
    }
    return { runtime, signature: facts.signature }
  }

  async function dropAlias(project: ProjectName, model: ModelName, alias: AliasName, actor: string) {
    await getModel(project, model)
    const event = await store.removeAlias(await projects.idOf(project), model, alias, actor)
    if (event) publish(event)
    return event
  }

  return {
    getModel,
    getVersion,
    listModels: async (project, page) => store.listModels(await projects.idOf(project), page),

    async deleteModel(project, model, actor) {
      const projectId = await projects.idOf(project)
      const outcome = await store.removeModel(projectId, model, actor)
      if (outcome === 'absent') throw noModel(model)
      if (outcome === 'held') throw new SteadError('version_held', `a deployment holds a version of model "${model}"`)
      publish(outcome)
    },

    async resolveVersion(project, model, version) {
      if (typeof version === 'number') return getVersion(project, model, version)
      if (version === undefined) {
        const { latestVersion } = await getModel(project, model)
        if (latestVersion === null) throw new SteadError('version_not_found', `model "${model}" has no version`)
        return getVersion(project, model, latestVersion)
      }
      const number = await store.findAlias(await projects.idOf(project), model, version)
      if (number !== undefined) return getVersion(project, model, number)
      await getModel(project, model)
      throw noVersion(model, version)
    },

    async locationOf(project, { model, version }) {
      const location = await store.findLocation(await projects.idOf(project), model, version)
      return location ?? pushedLocation(model, version)
    },

    async listVersions(project, model, page) {
      await getModel(project, model)
      return store.listVersions(await projects.idOf(project), model, page)
    },

    async createVersion(project, model, request, actor) {
      const projectId = await projects.idOf(project)
      const files = await locate(projectId, request.files)
      const { runtime, signature } = await describe(files, request)
      const { version, events } = await store.addVersion(
        projectId,
        model,
        {
          digest: manifestDigest(files),
          runtime,
          signature,
          files,
          provenance: request.provenance,
          description: request.description,
        },
        request.ifNew,
        actor,
      )
      for (const event of events) publish(event)
      return { version, created: events.length > 0 }
    },

    async deleteVersion(project, model, version, actor) {
      const projectId = await projects.idOf(project)
      const outcome = await store.removeVersion(projectId, model, version, actor)
      if (outcome === 'held')
        throw new SteadError('version_held', `a deployment holds version ${version} of model "${model}"`)
      if (outcome === 'absent') {
        await getModel(project, model)
        throw noVersion(model, version)
      }
      publish(outcome)
    },

    async setAlias(project, model, alias, version, actor) {
      const projectId = await projects.idOf(project)
      await getVersion(project, model, version)
      const event = await store.setAlias(projectId, model, alias, version, actor)
      if (!event) throw noVersion(model, version)
      publish(event)
      return getModel(project, model)
    },

    async deleteAlias(project, model, alias, actor) {
      const event = await dropAlias(project, model, alias, actor)
      if (!event) throw new SteadError('alias_not_found', `model "${model}" has no alias "${alias}"`)
    },

    async dropAlias(project, model, alias, actor) {
      await dropAlias(project, model, alias, actor)
    },
  }
}

/** The files of every version are read there, as in a folder that never changes (see `version-tree.ts`). */
export const pushedLocation = (model: ModelName, version: VersionNumber): string =>
  `mlflow-artifacts:/models/${model}/${version}`

/** SHA-256 over the sorted paths and digests: two bundles are the same exactly when their files are. */
export function manifestDigest(files: readonly VersionFile[]): Digest {
  const hash = createHash('sha256')
  for (const { path, digest } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(JSON.stringify([path, digest]) + '\n')
  return Digest.parse(`sha256:${hash.digest('hex')}`)
}

/** The file of an ONNX version that holds its graph. */
export const graphFileOf = (files: readonly VersionFile[]): VersionFile | undefined =>
  files.find((file) => file.path.endsWith('.onnx'))

function runtimeOf(files: readonly VersionFile[]): Runtime {
  const graphs = files.filter((file) => file.path.endsWith('.onnx'))
  if (graphs.length === 1) return 'onnx'
  if (graphs.length > 1)
    throw new SteadError(
      'invalid_request',
      `the bundle has ${graphs.length} .onnx files; push the one to serve, with the files it needs`,
      { where: 'body.files' },
    )
  if (files.some((file) => /^index\.m?js$/.test(file.path))) return 'javascript'
  throw new SteadError(
    'invalid_request',
    'no .onnx file and no index.mjs in the bundle, so its runtime is not known; name it',
    { where: 'body.runtime' },
  )
}

/** Where an external-data location points, as a path of the bundle. */
function besides(graph: string, location: string): string {
  const folder = graph.includes('/') ? graph.slice(0, graph.lastIndexOf('/') + 1) : ''
  return folder + location.replace(/^\.\//, '')
}
