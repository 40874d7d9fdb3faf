import type {
  Change,
  ChangeKind,
  DeploymentName,
  Event,
  Generation,
  GenerationRecord,
  Lane,
  ModelName,
  ProjectName,
  RouteTable,
  Stage,
  VersionBundle,
  VersionNumber,
} from '@stead/contracts'

/** A deployment by its names. */
export interface DeploymentRef {
  readonly project: ProjectName
  readonly deployment: DeploymentName
}

/** A deployment and the generation it is at. */
export interface DeploymentRecord {
  readonly id: string
  readonly projectId: string
  readonly project: ProjectName
  readonly name: DeploymentName
  readonly createdAt: string
  readonly current: GenerationRecord
}

/** What a commit writes, whole or not at all: the generation, the versions it holds, the event, the entry of the audit
 *  log, the idempotency key. */
export interface Commit {
  readonly kind: ChangeKind
  readonly table: RouteTable
  readonly restores: Generation | null
  readonly reason: string
  readonly actor: string
  readonly stages: Stage[]
  readonly idempotencyKey: string | undefined
  /** The change that leads to it. */
  readonly change: { readonly id: string; readonly startedAt: string }
  /** Versions that cannot be deleted while this generation is the current one. */
  readonly holds: readonly { model: ModelName; version: VersionNumber }[]
}

export interface Refusal {
  readonly kind: ChangeKind
  readonly version: VersionNumber | null
  readonly reason: string
  readonly stages: Stage[]
  readonly at: string
  /** What was refused before its turn came is no change yet: it has no id, and led to no table. */
  readonly change: string | null
  readonly startedAt: string | null
  readonly after: RouteTable | null
  readonly code: string
  /** Why its caller wanted it. */
  readonly because: string
}

/** A change that somebody gave up before it was committed. */
export interface Aborted {
  readonly change: string
  readonly kind: ChangeKind
  readonly after: RouteTable
  readonly reason: string
}

/** Deployments and their generations. `create` and `commit` are atomic; of several commits that expect the same
 *  generation exactly one succeeds. A version named in `holds` exists when the commit returns. */
export interface DeploymentStore {
  list(projectId?: string): Promise<DeploymentRecord[]>
  find(projectId: string, name: DeploymentName): Promise<DeploymentRecord | undefined>
  create(
    projectId: string,
    name: DeploymentName,
    first: Commit,
    id: string,
    /** Who answers for it: `person:` or `account:` and an id. */
    owner?: string | null,
  ): Promise<{ record: DeploymentRecord; event: Event } | 'name_taken' | 'version_gone'>
  commit(
    record: DeploymentRecord,
    next: Commit,
  ): Promise<{ record: DeploymentRecord; event: Event } | 'conflict' | 'version_gone'>
  /** Completes the stages of a committed generation with those that came after its commit. */
  complete(deploymentId: string, generation: Generation, stages: Stage[]): Promise<void>
  remove(record: DeploymentRecord, actor: string): Promise<Event>
  generation(deploymentId: string, generation: Generation): Promise<GenerationRecord | undefined>
  generations(deploymentId: string, before: number | undefined, limit: number): Promise<GenerationRecord[]>
  /** A change that was committed or refused, with what is kept of it. */
  change(record: DeploymentRecord, id: string): Promise<Change | undefined>
  /** The deployments of a project, or those named, over the time from `from` (ISO 8601) to now, in order of name. */
  lanes(projectId: string, names: readonly DeploymentName[] | undefined, from: string): Promise<Lane[]>
  byIdempotencyKey(deploymentId: string, key: string): Promise<GenerationRecord | undefined>
  bundles(projectId: string, model: ModelName, versions: readonly VersionNumber[]): Promise<VersionBundle[]>
  refused(record: Pick<DeploymentRecord, 'projectId' | 'name'>, refusal: Refusal, actor: string): Promise<Event>
  aborted(record: Pick<DeploymentRecord, 'projectId' | 'name'>, aborted: Aborted, actor: string): Promise<Event>
  /** The newest refusal of each deployment that no later commit has answered. */
  openRefusals(): Promise<Map<DeploymentName, Refusal>>
}
