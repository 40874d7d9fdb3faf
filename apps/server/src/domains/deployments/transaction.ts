import { randomUUID } from 'node:crypto'
import { SteadError } from '@stead/contracts'
import type {
  ChangeKind,
  DeploymentName,
  DesiredDeployment,
  Event,
  Generation,
  RouteTable,
  Stage,
  Transcript,
  VersionBundle,
  VersionNumber,
} from '@stead/contracts'
import type { Clock } from '@stead/chassis'
import type { GoldenStore } from '../golden/golden.store.ts'
import type { Projects } from '../projects/projects.ts'
import type { Desired } from '../runners/desired.ts'
import type { Changes, ChangeUnderWay } from './changes.ts'
import type { Commit, DeploymentRecord, DeploymentRef, DeploymentStore, Refusal } from './deployments.store.ts'
import { rollbackTarget } from './history.ts'
import type { InForce } from './in-force.ts'
import type { Lanes, Turn } from './lanes.ts'
import { heaviest } from './plans.ts'
import type { Plan, Planner } from './plans.ts'
import type { Rollout } from './rollout.ts'
import { fittingGolden, retold } from './transcript.ts'
import type { Stages } from './transcript.ts'

/** Who asks for a change, and on what condition. */
export interface ChangeRequest {
  readonly expectedGeneration?: Generation | undefined
  readonly reason: string
  readonly actor: string
  readonly idempotencyKey: string | undefined
  readonly onStage: (stage: Stage) => void
}

/** Takes every runner to the table of a plan, or leaves all of them where they are: prepare, commit, follow,
 *  acknowledge. */
export interface Transaction {
  change(ref: DeploymentRef, kind: ChangeKind, planner: Planner, request: ChangeRequest): Promise<Transcript>
  /** The first table of a deployment that is not there yet. */
  create(
    ref: DeploymentRef,
    firstTable: () => Promise<RouteTable>,
    request: ChangeRequest,
    owner?: string | null,
  ): Promise<Transcript>
}

export interface TransactionParts {
  readonly store: DeploymentStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly golden: Pick<GoldenStore, 'list'>
  readonly find: (ref: DeploymentRef) => Promise<DeploymentRecord>
  readonly inForce: InForce
  readonly changes: Changes
  readonly lanes: Lanes
  readonly desired: Desired
  readonly rollout: Rollout
  readonly clock: Clock
  readonly publish: (event: Event) => void
}

type Named = Pick<DeploymentRecord, 'id' | 'projectId' | 'name'>

export function createTransaction(parts: TransactionParts): Transaction {
  const { store, projects, golden, find, inForce, changes, lanes, desired, rollout, clock, publish } = parts

  /** A failure that says something about the version or the runners is remembered as the reason in the status. */
  async function remembering<T>(
    record: Pick<DeploymentRecord, 'projectId' | 'name'>,
    refused: Pick<Refusal, 'kind' | 'version' | 'after'>,
    { actor, reason: because }: ChangeRequest,
    change: ChangeUnderWay | undefined,
    attempt: () => Promise<T>,
  ): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof SteadError) || !REMEMBERED.has(error.code)) throw error
      const stages = change?.stages.list ?? []
      const refusal: Refusal = {
        ...refused,
        reason: error.message,
        stages,
        at: clock.now().toISOString(),
        change: change?.id ?? null,
        startedAt: change?.startedAt ?? null,
        code: error.code,
        because,
      }
      inForce.refused(record.name, refusal)
      publish(await store.refused(record, refusal, actor))
      throw new SteadError(error.code, error.message, {
        where: error.where ?? refused.kind,
        details: { ...(error.details as object | undefined), stages },
      })
    }
  }

  const planOrRefuse = (record: DeploymentRecord, kind: ChangeKind, planner: Planner, request: ChangeRequest) =>
    remembering(record, { kind, version: null, after: null }, request, undefined, () => planner(record))

  async function prepare(
    before: DesiredDeployment,
    { id }: Named,
    { check, table }: Plan,
    bundles: VersionBundle[],
    turn: Turn,
    stages: Stages,
  ): Promise<void> {
    const requests = check.length > 0 ? fittingGolden(await golden.list(id), table.contract, stages) : []
    await stages.time('prepare', () =>
      rollout.prepare({ desired: before, table, bundles, check, golden: requests }, turn, stages.add),
    )
  }

  async function acknowledge(
    record: DeploymentRecord,
    from: VersionNumber | null,
    bundles: VersionBundle[],
    { id, stages, committed }: ChangeUnderWay,
    event: Event,
  ): Promise<Transcript> {
    inForce.committed(record)
    committed(record.current.committedAt)
    publish(event)
    const state = await inForce.desiredOf(record, bundles)
    const detached = await stages.time('acknowledge', () => rollout.follow(state))
    await store.complete(record.id, record.current.generation, stages.list)
    return {
      deployment: record.name,
      kind: record.current.kind,
      from,
      to: heaviest(record.current),
      generation: record.current.generation,
      change: id,
      stages: stages.list,
      detached,
    }
  }

  /** After a commit that failed the runners are told what the database says: it may even have been written, and only
   *  the answer lost. Throws the error again. */
  async function withdraw(ref: DeploymentRef, before: DesiredDeployment, error: unknown): Promise<never> {
    const record = await find(ref).catch(() => undefined)
    const now = record === undefined ? before : await inForce.desiredOf(record).catch(() => before)
    // A restore may have removed it meanwhile.
    if (desired.get(now.name)?.id === now.id) {
      if (record) inForce.put(record)
      desired.put(now)
    }
    throw error
  }

  async function commitOf(
    record: DeploymentRecord,
    { kind, table, restores }: Plan,
    change: ChangeUnderWay,
    request: ChangeRequest,
  ): Promise<Commit> {
    // What a rollback would return to is held as well, so that it cannot be deleted from under it.
    const earlier =
      kind === 'park' || kind === 'wake' || kind === 'rollback' ? await rollbackTarget(store, record) : record.current
    const held = [table, ...(earlier ? [earlier] : [])].flatMap(({ model, routes, shadows }) =>
      [...routes, ...shadows].map(({ version }) => ({ model, version })),
    )
    return { kind, table, restores, ...written(change, request), holds: held }
  }

  return {
    async change(ref, kind, planner, request) {
      const early = await find(ref)
      const repeated = request.idempotencyKey && (await store.byIdempotencyKey(early.id, request.idempotencyKey))
      if (repeated) return retold(store, early, repeated)
      refuseMoved(early, request.expectedGeneration)
      // A plan that cannot be is refused here, before it could push an older change aside.
      const foreseen = await planOrRefuse(early, kind, planner, request)

      return lanes.run(ref.deployment, async (turn) => {
        const record = await find(ref)
        refuseMoved(record, request.expectedGeneration)
        const isForeseen = record.current.generation === early.current.generation
        const plan = isForeseen ? foreseen : await planOrRefuse(record, kind, planner, request)
        const before = inForce.tableOf(record)
        const about = { project: record.project, deployment: record.name, kind: plan.kind, before, after: plan.table }
        const { reason, actor } = request
        return changes.run({ ...about, reason, actor }, turn, request.onStage, (change) =>
          remembering(record, refusable(plan), request, change, async () => {
            const bundles = await inForce.bundlesOf(record, plan.table)
            const untouched = await inForce.desiredOf(record)
            if (plan.load) await prepare(untouched, record, plan, bundles, turn, change.stages)
            else turn.hold()
            const committed = await change.stages
              .time('commit', async () =>
                taken(await store.commit(record, await commitOf(record, plan, change, request)), record.name),
              )
              .catch((error: unknown) => withdraw(ref, untouched, error))
            return acknowledge(committed.record, heaviest(record.current), bundles, change, committed.event)
          }),
        )
      })
    },

    async create({ project, deployment }, firstTable, request, owner) {
      const projectId = await projects.idOf(project)
      return lanes.run(deployment, async (turn) => {
        const there = await store.find(projectId, deployment)
        const repeated =
          there && request.idempotencyKey && (await store.byIdempotencyKey(there.id, request.idempotencyKey))
        if (there && repeated) return retold(store, there, repeated)
        if (there || desired.get(deployment)) throw nameTaken(deployment)
        const table = await firstTable()
        const plan: Plan = { kind: 'deploy', table, restores: null, check: [], load: true }
        const draft: Named = { id: randomUUID(), projectId, name: deployment }
        const about = { project, deployment, kind: plan.kind, before: null, after: table }
        const { reason, actor } = request
        return changes.run({ ...about, reason, actor }, turn, request.onStage, (change) =>
          remembering(draft, refusable(plan), request, change, async () => {
            const bundles = await inForce.bundlesOf(draft, table)
            try {
              await prepare(nothingYet(project, draft), draft, plan, bundles, turn, change.stages)
              const holds = table.routes.map(({ version }) => ({ model: table.model, version }))
              const commit: Commit = { kind: plan.kind, table, restores: null, ...written(change, request), holds }
              const made = await change.stages.time('commit', async () =>
                taken(await store.create(projectId, deployment, commit, draft.id, owner), deployment),
              )
              return await acknowledge(made.record, null, bundles, change, made.event)
            } catch (error) {
              if (desired.get(deployment)?.table === null) desired.remove(deployment)
              throw error
            }
          }),
        )
      })
    },
  }
}

/** Failures that say something about the version or the runners, as opposed to the request. */
const REMEMBERED = new Set(['checks_failed', 'contract_broken', 'runtime_missing', 'no_runner'])

const refusable = ({ kind, table }: Plan) => ({ kind, version: heaviest(table), after: table })

const written = ({ id, startedAt, stages }: ChangeUnderWay, { reason, actor, idempotencyKey }: ChangeRequest) => ({
  change: { id, startedAt },
  stages: stages.list,
  reason,
  actor,
  idempotencyKey,
})

/** What the runners are told of a deployment before its first commit. */
const nothingYet = (project: DeploymentRef['project'], { id, name }: Named): DesiredDeployment => ({
  project,
  name,
  id,
  table: null,
  versions: [],
  preparation: null,
  recording: null,
})

function refuseMoved({ name, current }: DeploymentRecord, expected: Generation | undefined): void {
  if (expected === undefined || expected === current.generation) return
  throw new SteadError(
    'generation_conflict',
    `deployment "${name}" is at generation ${current.generation}, not ${expected}`,
    { details: { generation: current.generation } },
  )
}

const nameTaken = (name: DeploymentName) =>
  new SteadError('name_taken', `the deployment name "${name}" is taken; names are unique in the whole installation`)

function taken<T extends object>(outcome: T | 'conflict' | 'name_taken' | 'version_gone', name: DeploymentName): T {
  if (outcome === 'name_taken') throw nameTaken(name)
  if (outcome === 'version_gone')
    throw new SteadError(
      'version_not_found',
      'the version was deleted, or its model renamed, while it was being prepared',
    )
  if (outcome === 'conflict') throw new SteadError('generation_conflict')
  return outcome
}
