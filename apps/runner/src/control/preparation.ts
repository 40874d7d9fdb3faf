import type { Clock } from '@stead/chassis'
import type { DeploymentName, Preparation, RunnerReport } from '@stead/contracts'
import type { Seat } from '../engines/seat.ts'
import { answerProblem, readGolden } from '../inference/golden.ts'
import { orders, ordered } from '../routing/table.ts'
import type { StageClock } from './bundles.ts'
import type { ReachFailpoint } from './failpoints.ts'

export interface PreparationParts {
  readonly report: (report: RunnerReport) => void
  readonly failpoint: ReachFailpoint
  readonly clock: Clock
  readonly deployment: DeploymentName
  readonly signal: AbortSignal
  /** Rejects when a commit could not be kept on this runner. */
  ensureRoom(): Promise<void>
  /** Lets every front end connect to the new engines, so that the first request after the commit need not. */
  connect(): Promise<void>
}

/** The first phase of a change on this runner: every version loaded, warm and checked, told stage by stage; ends with
 *  one `prepared` or one `refused`. Traffic notices nothing of it. */
export async function prepareVersions(
  asked: Preparation,
  seats: readonly Seat[],
  parts: PreparationParts,
): Promise<void> {
  const { report, failpoint, deployment, signal } = parts
  const about = { deployment, preparation: asked.id }
  let current = { version: asked.versions[0]!, check: 'fetching' }
  try {
    if (seats.length < asked.versions.length) throw new Error('the server did not say what the version consists of')
    for (const seat of seats) {
      const { version } = seat.bundle
      const stage: StageClock = (name, act) => {
        current = { version, check: name }
        return timed(name, act)
      }
      current = { version, check: 'fetching' }
      await seat.ensure({ evict: true, stage, signal })
      if (asked.check.includes(version)) await checkGolden(seat, version)
    }
    failpoint('engine-loaded')
    current = { ...current, check: 'journal' }
    await parts.ensureRoom()
    await parts.connect()
    signal.throwIfAborted()
    report({ kind: 'prepared', ...about })
    failpoint('prepared-reported')
  } catch (error) {
    if (signal.aborted) return
    report({ kind: 'refused', ...about, version: current.version, check: current.check, reason: messageOf(error) })
  }

  async function timed<T>(name: string, act: () => Promise<T>): Promise<T> {
    const start = parts.clock.monotonic()
    const tell = (ok: boolean, reason?: string) =>
      report({
        kind: 'stage',
        ...about,
        name,
        version: current.version,
        ms: Math.round((parts.clock.monotonic() - start) * 100) / 100,
        ok,
        ...(reason === undefined ? {} : { reason }),
      })
    try {
      const result = await act()
      if (name === 'verifying') failpoint('artifact-fetched')
      tell(true)
      return result
    } catch (error) {
      if (!signal.aborted) tell(false, messageOf(error))
      throw error
    }
  }

  async function checkGolden(seat: Seat, version: Preparation['versions'][number]): Promise<void> {
    const { contract } = asked
    const { inputOrder, outputOrder } = orders(contract, seat.bundle.signature)
    for (const golden of asked.golden) {
      current = { version, check: `golden ${golden.name}` }
      await timed(current.check, async () => {
        const { loaded } = seat
        if (!loaded) throw new Error('the engine ended while it was checked')
        const request = readGolden(golden, contract)
        const answer = await loaded.host.infer(loaded.slot, ordered(request.inputs, inputOrder), {
          timeoutMs: asked.config.loadTimeoutMs,
          signal,
        })
        const outputs = outputOrder ? outputOrder.map((at) => answer.outputs[at]) : answer.outputs
        const problem = answerProblem(golden.assertion, contract, outputs)
        if (problem) throw new Error(problem)
      })
    }
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
