import type {
  ChangeKind,
  DeploymentName,
  Event,
  Generation,
  GenerationRecord,
  ModelName,
  ProjectName,
  RouteTable,
  Stage,
  VersionBundle,
  VersionNumber,
} from '@stead/contracts'

/** A deployment and the generation it is at. */
export interface DeploymentRecord {
  readonly id: string
  readonly projectId: string
  readonly project: ProjectName
  readonly name: DeploymentName
  readonly createdAt: string
  readonly current: GenerationRecord
}

/** What a commit writes, whole or not at all: the generation, the versions it holds, the event, the idempotency key. */
export interface Commit {
  readonly kind: ChangeKind
  readonly table: RouteTable
  readonly restores: Generation | null
  readonly reason: string
  readonly actor: string
  readonly stages: Stage[]
  readonly idempotencyKey: string | undefined
  /** Versions that cannot be deleted while this generation is the current one. */
  readonly holds: readonly { model: ModelName; version: VersionNumber }[]
}

export interface Refusal {
  readonly kind: ChangeKind
  readonly version: VersionNumber | null
  readonly reason: string
  readonly stages: Stage[]
  readonly at: string
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
  byIdempotencyKey(deploymentId: string, key: string): Promise<GenerationRecord | undefined>
  bundles(projectId: string, model: ModelName, versions: readonly VersionNumber[]): Promise<VersionBundle[]>
  refused(record: Pick<DeploymentRecord, 'projectId' | 'name'>, refusal: Refusal, actor: string): Promise<Event>
  /** The newest refusal of each deployment that no later commit has answered. */
  openRefusals(): Promise<Map<DeploymentName, Refusal>>
}
