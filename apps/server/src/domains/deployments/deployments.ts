import { SteadError } from '@stead/contracts'
import type {
  AliasName,
  Change,
  Deployment,
  DeploymentName,
  Event,
  Generation,
  GenerationRecord,
  Lane,
  ModelName,
  Parked,
  ProjectName,
  Route,
  ServingConfigPatch,
  Shadow,
  Transcript,
  VersionNumber,
} from '@stead/contracts'
import type { Clock } from '@stead/chassis'
import type { GoldenStore } from '../golden/golden.store.ts'
import type { Projects } from '../projects/projects.ts'
import type { Registry } from '../registry/registry.ts'
import type { Desired } from '../runners/desired.ts'
import type { Presence } from '../runners/presence.ts'
import { createChanges } from './changes.ts'
import type { DeploymentRecord, DeploymentRef, DeploymentStore } from './deployments.store.ts'
import { createInForce } from './in-force.ts'
import { createLanes } from './lanes.ts'
import { firstTable, planPark, planRollback, planSwap, planTraffic, planWake } from './plans.ts'
import { withModelRenamed } from './renamed.ts'
import type { Rollout } from './rollout.ts'
import { createTransaction } from './transaction.ts'
import type { ChangeRequest } from './transaction.ts'

export interface Deployments {
  /** Tells the runners of everything that is committed; called at start and after a restore. */
  load(): Promise<void>
  list(project?: ProjectName): Promise<Deployment[]>
  get(ref: DeploymentRef): Promise<Deployment>
  find(ref: DeploymentRef): Promise<DeploymentRecord>
  /** Those of the names that are there, without asking the database. */
  seen(names: readonly DeploymentName[]): Deployment[]
  /** All that are there, without asking the database. */
  records(): Iterable<DeploymentRecord>
  history(ref: DeploymentRef, before: number | undefined, limit: number): Promise<GenerationRecord[]>
  /** What served since `from` (epoch seconds; six hours ago if left out), of the named deployments that are there or of all. */
  lanes(
    project: ProjectName,
    asked: { names?: readonly DeploymentName[] | undefined; from?: number | undefined },
  ): Promise<Lane[]>
  getChange(ref: DeploymentRef, id: string): Promise<Change>
  /** Gives a change up. One that has ended without a commit is told as it is. */
  abort(ref: DeploymentRef, id: string, asked: { reason: string; actor: string }): Promise<Change>
  create(
    ref: DeploymentRef,
    asked: {
      model: ModelName
      version?: VersionNumber | AliasName | undefined
      config: ServingConfigPatch
      /** Who answers for it: `person:` or `account:` and an id. */
      owner?: string | null
    },
    request: ChangeRequest,
  ): Promise<Transcript>
  swap(
    ref: DeploymentRef,
    asked: {
      version: VersionNumber | AliasName
      model?: ModelName | undefined
      repurpose: boolean
      config: ServingConfigPatch
    },
    request: ChangeRequest,
  ): Promise<Transcript>
  rollback(
    ref: DeploymentRef,
    asked: { generation?: Generation | undefined },
    request: ChangeRequest,
  ): Promise<Transcript>
  traffic(
    ref: DeploymentRef,
    asked: { routes: Route[]; shadows: Shadow[] },
    request: ChangeRequest,
  ): Promise<Transcript>
  park(ref: DeploymentRef, until: Parked, request: ChangeRequest): Promise<Transcript>
  wake(ref: DeploymentRef, request: ChangeRequest): Promise<Transcript>
  remove(ref: DeploymentRef, actor: string): Promise<void>
  /** A model has another name, which is in the tables already: runners and readers are told. No generation is made, for
   *  what serves is the same. */
  modelRenamed(project: ProjectName, from: ModelName, to: ModelName): Promise<void>
}

export interface DeploymentParts {
  readonly store: DeploymentStore
  readonly registry: Registry
  readonly projects: Projects
  readonly golden: Pick<GoldenStore, 'list'>
  readonly desired: Desired
  readonly presence: Presence
  readonly rollout: Rollout
  readonly clock: Clock
  readonly publish: (event: Event) => void
  /** Hears of each deployment whose table, refusal or change under way is another. */
  readonly onChanged: (name: DeploymentName) => void
}

const LANES_MS = 6 * 3_600_000

export function createDeployments(parts: DeploymentParts): Deployments {
  const { store, registry, projects, desired, publish } = parts
  const lanes = createLanes()
  const changes = createChanges(parts.clock, parts.onChanged)
  const inForce = createInForce({ ...parts, changes })

  async function find({ project, deployment }: DeploymentRef): Promise<DeploymentRecord> {
    const record = await store.find(await projects.idOf(project), deployment)
    if (!record) throw new SteadError('deployment_not_found', `there is no deployment "${deployment}"`)
    return record
  }
  const { change, create } = createTransaction({ ...parts, find, inForce, changes, lanes })

  async function getChange(ref: DeploymentRef, id: string): Promise<Change> {
    const found = changes.find(ref, id) ?? (await store.change(await find(ref), id))
    if (!found) throw new SteadError('change_not_found', `deployment "${ref.deployment}" has no change "${id}"`)
    return found
  }

  async function abort(
    ref: DeploymentRef,
    id: string,
    { reason, actor }: { reason: string; actor: string },
  ): Promise<Change> {
    const because = `${actor} aborted the change${reason === '' ? '' : `: ${reason}`}; traffic was not touched`
    const aborted = await changes.abort(ref, id, because)
    if (!aborted) {
      const known = await getChange(ref, id)
      if (known.committedAt !== null) throw new SteadError('change_committed')
      return known
    }
    const { kind, after } = aborted.change
    if (aborted.isAborted) {
      const record = { projectId: await projects.idOf(ref.project), name: ref.deployment }
      publish(await store.aborted(record, { change: id, kind, after, reason }, actor))
    }
    return aborted.change
  }

  return {
    find,
    getChange,
    abort,
    seen: inForce.seen,
    records: inForce.records,
    async load() {
      changes.forgetEnded()
      const refusals = await store.openRefusals()
      const records = await store.list()
      const wanted = await Promise.all(records.map((record) => inForce.desiredOf(record)))
      inForce.replaceAll(records, refusals)
      desired.replaceAll(wanted)
    },
    list: async (project) =>
      inForce.statusOf(await store.list(project === undefined ? undefined : await projects.idOf(project))),
    async get(ref) {
      const [deployment] = inForce.statusOf([await find(ref)])
      return deployment!
    },
    history: async (ref, before, limit) => store.generations((await find(ref)).id, before, limit),
    async lanes(project, { names, from }) {
      const now = parts.clock.now().getTime()
      const asked = from === undefined ? now - LANES_MS : from * 1000
      const begin = new Date(Math.min(Math.max(asked, 0), now)).toISOString()
      return store.lanes(await projects.idOf(project), names, begin)
    },
    create: (ref, asked, request) => create(ref, () => firstTable(registry, ref, asked), request, asked.owner),
    swap: (ref, asked, request) =>
      change(ref, asked.repurpose ? 'repurpose' : 'swap', planSwap(registry, asked), request),
    rollback: (ref, asked, request) => change(ref, 'rollback', planRollback(registry, store, asked), request),
    traffic: (ref, asked, request) => change(ref, 'traffic', planTraffic(registry, asked), request),
    park: (ref, until, request) => change(ref, 'park', planPark(until), request),
    wake: (ref, request) => change(ref, 'wake', planWake(), request),
    remove: (ref, actor) =>
      lanes.run(ref.deployment, async (turn) => {
        const record = await find(ref)
        turn.hold()
        publish(await store.remove(record, actor))
        inForce.removed(record.name)
        desired.remove(record.name)
      }),
    async modelRenamed(project, from, to) {
      const projectId = await projects.idOf(project)
      for (const { projectId: owner, name, current } of inForce.records()) {
        if (owner !== projectId || current.model !== from) continue
        const record = await store.find(projectId, name)
        if (record) inForce.put(record)
        const told = desired.get(name)
        if (told) desired.put(withModelRenamed(told, from, to))
      }
    },
  }
}
