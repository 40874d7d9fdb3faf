import { randomUUID } from 'node:crypto'
import { SteadError } from '@stead/contracts'
import type {
  DesiredDeployment,
  GoldenRequest,
  ModelName,
  Preparation,
  RouteTable,
  RunnerName,
  RunnerReport,
  Stage,
  VersionBundle,
  VersionNumber,
} from '@stead/contracts'
import type { Clock } from '@stead/chassis'
import type { Desired } from '../runners/desired.ts'
import type { Presence } from '../runners/presence.ts'
import type { Turn } from './lanes.ts'

/** The two waits of a change on the runners: all members ready before the commit, all at the new table after it. */
export interface Rollout {
  prepare(asked: PreparationRequest, turn: Turn, onStage: (stage: Stage) => void): Promise<void>
  /** Publishes a committed table and returns the runners that have not followed because they lost their lease. */
  follow(deployment: DesiredDeployment): Promise<RunnerName[]>
  /** Hears what runners report while a change is under way. */
  onReport(runner: RunnerName, report: RunnerReport): void
}

export interface PreparationRequest {
  /** The state that traffic sees meanwhile, unchanged. */
  readonly desired: DesiredDeployment
  readonly table: RouteTable
  readonly bundles: readonly VersionBundle[]
  readonly check: readonly VersionNumber[]
  readonly golden: readonly GoldenRequest[]
}

const NEVER = new AbortController().signal
/** How long runners that are alive may take to flip before the caller is told to look for himself. */
const ACKNOWLEDGE_MS = 30_000
/** Beyond the load time-out a runner itself keeps: fetching the files and starting a host. */
const PREPARE_SLACK_MS = 300_000

export function createRollout(desired: Desired, presence: Presence, clock: Clock): Rollout {
  /** By deployment id: who was a member when its change under way began. */
  const begunWith = new Map<string, RunnerName[]>()
  // A recording may begin or end while a change is under way, and is not part of it.
  const put = (deployment: DesiredDeployment) =>
    desired.put({ ...deployment, recording: desired.get(deployment.name)?.recording ?? null })
  const listeners = new Map<string, (runner: RunnerName, report: RunnerReport) => void>()

  const isWarm = (name: RunnerName, model: ModelName, versions: readonly VersionNumber[], deployment: string) => {
    const engines = presence.statuses().find((status) => status.name === name)?.engines ?? []
    return versions.every((version) =>
      engines.some(
        (engine) =>
          engine.deployment === deployment &&
          engine.model === model &&
          engine.version === version &&
          (engine.state === 'serving' || engine.state === 'standby' || engine.state === 'ready'),
      ),
    )
  }

  function membersWith(bundles: readonly VersionBundle[]): RunnerName[] {
    const members = presence.members()
    if (members.length === 0) throw new SteadError('no_runner')
    for (const { runtime, version } of bundles) {
      const without = members.find((name) => !presence.hasRuntime(name, runtime))
      if (without)
        throw new SteadError(
          'runtime_missing',
          `version ${version} needs the runtime "${runtime}", which runner "${without}" does not have`,
        )
    }
    return members
  }

  /** After a start, the runners of the server before are waited for as long as their leases could last. */
  async function settled(signal: AbortSignal = NEVER): Promise<void> {
    while (!presence.isSettled() && !signal.aborted) await presence.changed(signal)
  }

  return {
    onReport(runner, report) {
      if (report.kind === 'stage' || report.kind === 'refused') listeners.get(report.preparation)?.(runner, report)
    },

    async prepare({ desired: before, table, bundles, check, golden }, turn, onStage) {
      const versions = bundles.map((bundle) => bundle.version)
      const preparation: Preparation = {
        id: randomUUID(),
        model: table.model,
        versions,
        check: [...check],
        golden: golden.map(({ name, request, assertion }) => ({ name, request, assertion })),
        config: table.config,
        contract: table.contract,
      }
      await settled(turn.signal)
      turn.signal.throwIfAborted()
      const members = membersWith(bundles)
      let refused: SteadError | undefined
      listeners.set(preparation.id, (runner, report) => {
        if (report.kind === 'stage')
          onStage({
            name: report.name,
            version: report.version,
            runner,
            ms: report.ms,
            ok: report.ok,
            ...(report.reason === undefined ? {} : { reason: report.reason }),
          })
        if (report.kind === 'refused')
          refused = new SteadError(
            'checks_failed',
            `version ${report.version} failed its check "${report.check}" on runner "${runner}": ${report.reason}`,
            { where: report.check },
          )
      })
      const isUnderWay = () => desired.get(before.name)?.preparation?.id === preparation.id
      const deadline = clock.monotonic() + table.config.loadTimeoutMs + PREPARE_SLACK_MS
      begunWith.set(before.id, members)
      put({
        ...before,
        versions: [...before.versions, ...bundles.filter((bundle) => !holds(before.versions, bundle))],
        preparation,
      })
      try {
        if (!members.every((name) => isWarm(name, table.model, versions, before.name))) turn.yieldToNewer()
        for (;;) {
          turn.signal.throwIfAborted()
          if (!isUnderWay())
            throw new SteadError('superseded', 'a restore replaced this deployment before the change was committed')
          if (refused) throw refused
          if (membersWith(bundles).every((name) => presence.hasPrepared(name, preparation.id))) break
          if (clock.monotonic() > deadline)
            throw new SteadError('checks_failed', 'the runners did not get ready in time', { where: 'prepare' })
          await presence.changed(turn.signal)
        }
        turn.hold()
      } catch (error) {
        begunWith.delete(before.id)
        // What a restore has put in place is newer than what was before this change.
        if (isUnderWay()) put(before)
        throw error
      } finally {
        listeners.delete(preparation.id)
        presence.forgetPreparation(preparation.id)
      }
    },

    async follow(deployment) {
      const generation = deployment.table?.generation ?? 0
      // Whoever lost its lease while the others prepared serves on by itself, and is named.
      const members = [...new Set([...(begunWith.get(deployment.id) ?? []), ...presence.members()])]
      begunWith.delete(deployment.id)
      put(deployment)
      const behind = (name: RunnerName) => presence.acknowledged(name, deployment.id) !== generation
      const patience = AbortSignal.timeout(ACKNOWLEDGE_MS)
      for (;;) {
        const late = presence.members().filter((name) => members.includes(name) && behind(name))
        if (late.length === 0) return members.filter(behind)
        if (patience.aborted) {
          throw new SteadError(
            'acknowledgement_late',
            `generation ${generation} is committed; ${late.join(', ')} did not confirm it within ${ACKNOWLEDGE_MS / 1000} s`,
          )
        }
        await presence.changed(patience)
      }
    },
  }
}

function holds(bundles: readonly VersionBundle[], one: VersionBundle): boolean {
  return bundles.some((bundle) => bundle.model === one.model && bundle.version === one.version)
}
