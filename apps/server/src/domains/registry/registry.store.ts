import type {
  AliasName,
  Digest,
  Event,
  Model,
  ModelName,
  Provenance,
  Runtime,
  Signature,
  Version,
  VersionFile,
  VersionNumber,
} from '@stead/contracts'

/** The tag by which MLflow's clients know a prompt from a model. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt'

/** Where a version comes from, as the client that registered it said. */
export interface Origin {
  readonly source: string
  /** What the source was when the version was made: from where clients of MLflow download it. */
  readonly location: string | null
  readonly run: string | null
  readonly runLink: string
  readonly loggedModel: string | null
  readonly tags: Readonly<Record<string, string>>
}

export interface NewVersion {
  readonly digest: Digest
  readonly runtime: Runtime
  readonly signature: Signature
  readonly files: VersionFile[]
  readonly provenance: Provenance
  readonly description: string
  /** Undefined for a bundle that was pushed. */
  readonly origin?: Origin | undefined
}

export interface PageOf<T> {
  readonly items: T[]
  readonly next: string | null
}

export interface ModelFilter {
  /** A part of the name or of an alias, without case, or the beginning of a version's digest. */
  readonly search?: string | undefined
  /** Only models that a deployment names now. */
  readonly serving?: boolean | undefined
  /** Prompts as well, which are left out otherwise. */
  readonly prompts?: boolean | undefined
}

/** Models and their versions. Numbers are given in order, without gaps under concurrency, and never twice, even
 *  after a deletion. A version never changes once it is there; `removeVersion` and `removeModel` answer 'held'
 *  while a deployment holds one of the versions. Every change is written together with its event, which names the
 *  actor; where nothing changed there is none. */
export interface RegistryStore {
  findModel(projectId: string, model: ModelName): Promise<Model | undefined>
  /** By name; `total` counts the pages before and after as well. */
  listModels(
    projectId: string,
    page: { after?: string | undefined; limit: number } & ModelFilter,
  ): Promise<PageOf<Model> & { total: number }>
  removeModel(projectId: string, model: ModelName, actor: string): Promise<Event | 'absent' | 'held'>
  findVersion(projectId: string, model: ModelName, version: VersionNumber): Promise<Version | undefined>
  /** From where clients of MLflow download a version; null for one that was pushed. */
  findLocation(projectId: string, model: ModelName, version: VersionNumber): Promise<string | null | undefined>
  listVersions(
    projectId: string,
    model: ModelName,
    page: { after?: string | undefined; limit: number },
  ): Promise<PageOf<Version>>
  /** Makes the model if it is new, which is an event before that of the version. With `ifNew`, a version of the same
   *  digest is returned instead of making one, without an event. */
  addVersion(
    projectId: string,
    model: ModelName,
    version: NewVersion,
    ifNew: boolean,
    actor: string,
  ): Promise<{ version: Version; events: readonly Event[] }>
  /** Undefined where there is no such model. The logged model that it is of is told. */
  addVersionTo(
    projectId: string,
    model: ModelName,
    version: NewVersion,
    actor: string,
  ): Promise<{ version: Version; event: Event } | undefined>
  removeVersion(
    projectId: string,
    model: ModelName,
    version: VersionNumber,
    actor: string,
  ): Promise<Event | 'absent' | 'held'>
  findAlias(projectId: string, model: ModelName, alias: AliasName): Promise<VersionNumber | undefined>
  /** Undefined where there is no such version. */
  setAlias(
    projectId: string,
    model: ModelName,
    alias: AliasName,
    version: VersionNumber,
    actor: string,
  ): Promise<Event | undefined>
  /** Undefined where there is none. */
  removeAlias(projectId: string, model: ModelName, alias: AliasName, actor: string): Promise<Event | undefined>
}
