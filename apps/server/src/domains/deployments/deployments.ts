import { randomUUID } from 'node:crypto'
import { DEFAULT_SERVING, SteadError } from '@stead/contracts'
import type {
  AliasName,
  ChangeKind,
  Deployment,
  DeploymentName,
  DesiredDeployment,
  Event,
  Generation,
  GenerationRecord,
  ModelName,
  Parked,
  ProjectName,
  Route,
  ServingConfigPatch,
  Shadow,
  Stage,
  Transcript,
  VersionBundle,
  VersionNumber,
} from '@stead/contracts'
import type { Clock } from '@stead/chassis'
import type { GoldenStore } from '../golden/golden.store.ts'
import type { Projects } from '../projects/projects.ts'
import type { Registry } from '../registry/registry.ts'
import type { Desired } from '../runners/desired.ts'
import type { Presence } from '../runners/presence.ts'
import type { Commit, DeploymentRecord, DeploymentStore, Refusal } from './deployments.store.ts'
import { rollbackTarget } from './history.ts'
import { createLanes } from './lanes.ts'
import type { Turn } from './lanes.ts'
import { firstTable, heaviest, planPark, planRollback, planSwap, planTraffic, planWake } from './plans.ts'
import type { Plan, Planner } from './plans.ts'
import type { Rollout } from './rollout.ts'
import { fittingGolden, gatherStages, retold } from './transcript.ts'
import type { Stages } from './transcript.ts'

/** Who asks for a change, and on what condition. */
export interface ChangeRequest {
  readonly expectedGeneration?: Generation | undefined
  readonly reason: string
  readonly actor: string
  readonly idempotencyKey: string | undefined
  readonly onStage: (stage: Stage) => void
}

export interface DeploymentRef {
  readonly project: ProjectName
  readonly deployment: DeploymentName
}

export interface Deployments {
  /** Tells the runners of everything that is committed; called at start and after a restore. */
  load(): Promise<void>
  list(project?: ProjectName): Promise<Deployment[]>
  get(ref: DeploymentRef): Promise<Deployment>
  find(ref: DeploymentRef): Promise<DeploymentRecord>
  history(ref: DeploymentRef, before: number | undefined, limit: number): Promise<GenerationRecord[]>
  create(
    ref: DeploymentRef,
    asked: { model: ModelName; version?: VersionNumber | AliasName | undefined; config: ServingConfigPatch },
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
}

export function createDeployments(parts: DeploymentParts): Deployments {
  const { store, registry, projects, golden, desired, presence, rollout, clock, publish } = parts
  const lanes = createLanes()
  const refusals = new Map<DeploymentName, Refusal>()

  async function find({ project, deployment }: DeploymentRef): Promise<DeploymentRecord> {
    const record = await store.find(await projects.idOf(project), deployment)
    if (!record) throw new SteadError('deployment_not_found', `there is no deployment "${deployment}"`)
    return record
  }

  async function bundlesOf(
    record: Pick<DeploymentRecord, 'projectId'>,
    { table }: Pick<Plan, 'table'>,
  ): Promise<VersionBundle[]> {
    return store.bundles(record.projectId, table.model, [
      ...new Set([...table.routes, ...table.shadows].map(({ version }) => version)),
    ])
  }

  async function desiredOf(record: DeploymentRecord, bundles?: VersionBundle[]): Promise<DesiredDeployment> {
    return {
      project: record.project,
      name: record.name,
      id: record.id,
      table: tableOf(record.current),
      versions: bundles ?? (await bundlesOf(record, { table: record.current })),
      preparation: null,
      recording: desired.get(record.name)?.recording ?? null,
    }
  }

  function expect(record: DeploymentRecord, expected: Generation | undefined): void {
    if (expected === undefined || expected === record.current.generation) return
    throw new SteadError(
      'generation_conflict',
      `deployment "${record.name}" is at generation ${record.current.generation}, not ${expected}`,
      { details: { generation: record.current.generation } },
    )
  }

  /** Runs `change` with stages gathered; a failure before the commit is remembered as the reason in the status. */
  async function attempt<T>(
    record: Pick<DeploymentRecord, 'projectId' | 'name'>,
    kind: ChangeKind,
    version: VersionNumber | null,
    request: ChangeRequest,
    change: (stages: Stages) => Promise<T>,
  ): Promise<T> {
    const stages = gatherStages(clock, request.onStage)
    try {
      return await change(stages)
    } catch (error) {
      if (error instanceof SteadError && REMEMBERED.has(error.code)) {
        const refusal: Refusal = {
          kind,
          version,
          reason: error.message,
          stages: stages.list,
          at: clock.now().toISOString(),
        }
        refusals.set(record.name, refusal)
        publish(await store.refused(record, refusal, request.actor))
        throw new SteadError(error.code, error.message, {
          where: error.where ?? kind,
          details: { ...(error.details as object | undefined), stages: stages.list },
        })
      }
      throw error
    }
  }

  async function prepare(
    before: DesiredDeployment,
    record: Pick<DeploymentRecord, 'id' | 'projectId'>,
    plan: Plan,
    bundles: VersionBundle[],
    turn: Turn,
    stages: Stages,
  ): Promise<void> {
    const requests =
      plan.check.length > 0 ? fittingGolden(await golden.list(record.id), plan.table.contract, stages) : []
    await stages.time('prepare', () =>
      rollout.prepare(
        { desired: before, table: plan.table, bundles, check: plan.check, golden: requests },
        turn,
        stages.add,
      ),
    )
  }

  async function acknowledge(
    record: DeploymentRecord,
    from: VersionNumber | null,
    bundles: VersionBundle[],
    stages: Stages,
    event: Event,
  ): Promise<Transcript> {
    refusals.delete(record.name)
    publish(event)
    const state = await desiredOf(record, bundles)
    const detached = await stages.time('acknowledge', () => rollout.follow(state))
    await store.complete(record.id, record.current.generation, stages.list)
    return {
      deployment: record.name,
      kind: record.current.kind,
      from,
      to: heaviest(record.current),
      generation: record.current.generation,
      stages: stages.list,
      detached,
    }
  }

  async function change(
    ref: DeploymentRef,
    kind: ChangeKind,
    planner: Planner,
    request: ChangeRequest,
  ): Promise<Transcript> {
    const early = await find(ref)
    const repeated = request.idempotencyKey && (await store.byIdempotencyKey(early.id, request.idempotencyKey))
    if (repeated) return retold(store, early, repeated)
    expect(early, request.expectedGeneration)
    // A plan that cannot be is refused here, before it could push an older change aside.
    const foreseen = await planOrRefuse(early, kind, planner, request)
    return lanes.run(ref.deployment, async (turn) => {
      const record = await find(ref)
      expect(record, request.expectedGeneration)
      const plan =
        record.current.generation === early.current.generation
          ? foreseen
          : await planOrRefuse(record, kind, planner, request)
      return attempt(record, plan.kind, heaviest(plan.table), request, async (stages) => {
        const bundles = await bundlesOf(record, plan)
        const before = await desiredOf(record)
        if (plan.load) await prepare(before, record, plan, bundles, turn, stages)
        else turn.hold()
        const committed = await stages
          .time('commit', async () =>
            taken(await store.commit(record, await commitOf(record, plan, stages, request)), record.name),
          )
          .catch((error: unknown) => withdraw(ref, before, error))
        return acknowledge(committed.record, heaviest(record.current), bundles, stages, committed.event)
      })
    })
  }

  /** After a commit that failed the runners are told what the database says: it may even have been written, and only
   *  the answer lost. Throws the error again. */
  async function withdraw(ref: DeploymentRef, before: DesiredDeployment, error: unknown): Promise<never> {
    const now = await find(ref)
      .then((record) => desiredOf(record))
      .catch(() => before)
    // A restore may have removed it meanwhile.
    if (desired.get(now.name)?.id === now.id) desired.put(now)
    throw error
  }

  async function planOrRefuse(
    record: DeploymentRecord,
    kind: ChangeKind,
    planner: Planner,
    request: ChangeRequest,
  ): Promise<Plan> {
    return attempt(record, kind, null, request, () => planner(record))
  }

  async function commitOf(
    record: DeploymentRecord,
    { kind, table, restores }: Plan,
    stages: Stages,
    { reason, actor, idempotencyKey }: ChangeRequest,
  ): Promise<Commit> {
    // What a rollback would return to is held as well, so that it cannot be deleted from under it.
    const earlier =
      kind === 'park' || kind === 'wake' || kind === 'rollback' ? await rollbackTarget(store, record) : record.current
    const held = [table, ...(earlier ? [earlier] : [])].flatMap(({ model, routes, shadows }) =>
      [...routes, ...shadows].map(({ version }) => ({ model, version })),
    )
    return { kind, table, restores, reason, actor, idempotencyKey, stages: stages.list, holds: held }
  }

  async function create(
    { project, deployment }: DeploymentRef,
    asked: Parameters<Deployments['create']>[1],
    request: ChangeRequest,
  ): Promise<Transcript> {
    const projectId = await projects.idOf(project)
    return lanes.run(deployment, async (turn) => {
      const there = await store.find(projectId, deployment)
      const repeated =
        there && request.idempotencyKey && (await store.byIdempotencyKey(there.id, request.idempotencyKey))
      if (there && repeated) return retold(store, there, repeated)
      if (there || desired.get(deployment)) throw nameTaken(deployment)
      const table = await firstTable(registry, { project }, asked)
      const plan: Plan = { kind: 'deploy', table, restores: null, check: [], load: true }
      const draft = { id: randomUUID(), projectId, name: deployment }
      const before: DesiredDeployment = {
        project,
        name: deployment,
        id: draft.id,
        table: null,
        versions: [],
        preparation: null,
        recording: null,
      }
      return attempt(draft, 'deploy', heaviest(table), request, async (stages) => {
        const bundles = await bundlesOf(draft, plan)
        try {
          await prepare(before, draft, plan, bundles, turn, stages)
          const commit: Commit = {
            kind: 'deploy',
            table,
            restores: null,
            reason: request.reason,
            actor: request.actor,
            idempotencyKey: request.idempotencyKey,
            stages: stages.list,
            holds: table.routes.map(({ version }) => ({ model: table.model, version })),
          }
          const made = await stages.time('commit', async () =>
            taken(await store.create(projectId, deployment, commit, draft.id), deployment),
          )
          return await acknowledge(made.record, null, bundles, stages, made.event)
        } catch (error) {
          if (desired.get(deployment)?.table === null) desired.remove(deployment)
          throw error
        }
      })
    })
  }

  function statusOf(record: DeploymentRecord): Deployment {
    const runners = presence.statuses()
    const refusal = refusals.get(record.name)
    return {
      project: record.project,
      name: record.name,
      table: tableOf(record.current),
      createdAt: record.createdAt,
      urls: runners.filter((runner) => runner.connected).map(({ name, rest, grpc }) => ({ runner: name, rest, grpc })),
      engines: runners.flatMap(({ name, connected, engines }) =>
        connected
          ? engines.filter((engine) => engine.deployment === record.name).map((engine) => ({ ...engine, runner: name }))
          : [],
      ),
      lastFailure: refusal
        ? {
            at: refusal.at,
            kind: refusal.kind,
            version: refusal.version,
            reason: refusal.reason,
            stages: refusal.stages,
          }
        : null,
    }
  }

  return {
    find,
    create,
    async load() {
      refusals.clear()
      for (const [name, refusal] of await store.openRefusals()) refusals.set(name, refusal)
      desired.replaceAll(await Promise.all((await store.list()).map((record) => desiredOf(record))))
    },
    list: async (project) =>
      (await store.list(project === undefined ? undefined : await projects.idOf(project))).map(statusOf),
    get: async (ref) => statusOf(await find(ref)),
    history: async (ref, before, limit) => store.generations((await find(ref)).id, before, limit),
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
        refusals.delete(record.name)
        desired.remove(record.name)
      }),
  }
}

/** Failures that say something about the version or the runners, as opposed to the request. */
const REMEMBERED = new Set(['checks_failed', 'contract_broken', 'runtime_missing', 'no_runner'])

const nameTaken = (name: DeploymentName) =>
  new SteadError('name_taken', `the deployment name "${name}" is taken; names are unique in the whole installation`)

function taken<T extends object>(outcome: T | 'conflict' | 'name_taken' | 'version_gone', name: DeploymentName): T {
  if (outcome === 'name_taken') throw nameTaken(name)
  if (outcome === 'version_gone')
    throw new SteadError('version_not_found', 'the version was deleted while it was being prepared')
  if (outcome === 'conflict') throw new SteadError('generation_conflict')
  return outcome
}

function tableOf({ generation, model, contract, routes, shadows, config, parked }: GenerationRecord) {
  return { generation, model, contract, routes, shadows, config: { ...DEFAULT_SERVING, ...config }, parked }
}
