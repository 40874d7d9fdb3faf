import { type Digest, FolderPath, type ProjectName, SteadError } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'

/** What the database says of where files of runs, logged models and versions are. */
export interface RootStore {
  /** The run's artifact URI. */
  ofRun(projectId: string, run: string): Promise<string | undefined>
  ofLoggedModel(projectId: string, model: string): Promise<string | undefined>
  /** A file of a version's bundle. */
  inVersion(
    projectId: string,
    version: { model: string; number: number; path: string },
  ): Promise<{ digest: Digest; size: number } | 'no version' | 'no file'>
}

/** A folder of the project's tree, and the URI that names it for others. */
export interface Root {
  readonly folder: FolderPath
  readonly uri: string
}

export interface Roots {
  /** Fails with run_not_found, or with invalid_request where the files are kept outside of this server. */
  ofRun(project: ProjectName, run: string): Promise<Root>
  ofLoggedModel(project: ProjectName, model: string): Promise<Root>
  /** Fails with version_not_found or file_not_found. */
  inVersion(
    project: ProjectName,
    version: { model: string; number: number; path: string },
  ): Promise<{ digest: Digest; size: number }>
}

export function createRoots(store: RootStore, projects: Pick<Projects, 'idOf'>): Roots {
  return {
    async ofRun(project, run) {
      const uri = await store.ofRun(await projects.idOf(project), run)
      if (uri === undefined) throw new SteadError('run_not_found', `Run with id=${run} not found`)
      return { uri, folder: folderAt(uri) }
    },
    async ofLoggedModel(project, model) {
      const uri = await store.ofLoggedModel(await projects.idOf(project), model)
      if (uri === undefined)
        throw new SteadError('logged_model_not_found', `Logged model with ID '${model}' not found.`)
      return { uri, folder: folderAt(uri) }
    },
    async inVersion(project, version) {
      const found = await store.inVersion(await projects.idOf(project), version)
      const { model, number, path } = version
      if (found === 'no version')
        throw new SteadError('version_not_found', `Model Version (name=${model}, version=${number}) not found`)
      if (found === 'no file') throw new SteadError('file_not_found', `There is no file "${path}".`, { where: 'path' })
      return found
    },
  }
}

/** The folder that an artifact URI names. Its host, where it has one, is this server by whatever name. */
export function folderAt(uri: string): FolderPath {
  const [, path] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*?)\/?$/.exec(uri) ?? []
  if (path === undefined)
    throw new SteadError('invalid_request', `These files are kept at ${uri}, which is not within this server.`, {
      where: 'artifact_uri',
    })
  const folder = FolderPath.safeParse(path)
  if (!folder.success) throw new SteadError('invalid_request', 'Invalid path', { where: 'artifact_uri' })
  return folder.data
}
