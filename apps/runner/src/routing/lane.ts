import type { Signature } from '@stead/contracts'
import type { EngineAnswer, EngineJob, EngineLink } from '../engines/link.ts'
import { monotonicNs } from '../engines/protocol-clock.ts'
import { InferenceFailure } from '../inference/failure.ts'
import type { Meter } from './meter.ts'
import type { EngineAddress, ServedVersion } from './served.ts'

/** Where a front end sends the requests of one version. It outlives the engines that serve the version one after
 *  another: while there is none, requests wait here, and whoever can load one is told that it is wanted. */
export interface Lane {
  readonly key: string
  readonly version: number
  readonly signature: Signature
  readonly runtime: string
  readonly meter: Meter
  /** Resolves with the engine's answer; after admission nothing but the engine's own end can lose it. */
  infer(job: EngineJob, idempotent: boolean): Promise<EngineAnswer>
  /** For a copy that answers nobody: dropped unless an engine is there. */
  offer(job: EngineJob): Promise<EngineAnswer> | undefined
  /** Takes the engine, or the lack of one, that the newest table names. Resolves once it can be used. `parked` says
   *  that none will be loaded, whoever waits. */
  point(version: ServedVersion, maxWaiting: number, parked: boolean): Promise<void>
  /** The version left the table: requests that wait are refused, and the engine is let go after its last answer. */
  retire(): void
}

export interface LaneParts {
  connect(address: EngineAddress): Promise<EngineLink>
  /** A request waits for this version to be loaded. */
  wanted(key: string): void
  /** The last request of an engine that is no longer pointed at has been answered. */
  released(engine: string): void
}

interface Waiter {
  resolve(link: EngineLink): void
  reject(error: Error): void
}

/** Requests wait this long for a version that is being loaded, unless their own deadline is earlier. */
const PATIENCE_MS = 120_000

export function createLane({ key, version, signature, runtime }: ServedVersion, meter: Meter, parts: LaneParts): Lane {
  let address: EngineAddress | null = null
  let link: EngineLink | undefined
  let failed: string | null = null
  let maxWaiting = 1
  let retired = false
  const waiters = new Set<Waiter>()

  /** Lets an engine go once nothing of it is under way. */
  function release(gone: EngineAddress, through: EngineLink | undefined): void {
    if (through && through.inFlight > 0) return void setTimeout(release, 5, gone, through)
    through?.close()
    parts.released(gone.id)
  }

  function refuseWaiters(error: InferenceFailure): void {
    for (const waiter of waiters) waiter.reject(error)
    waiters.clear()
  }

  function available(deadlineMs: number | undefined): Promise<EngineLink> {
    if (link) return Promise.resolve(link)
    if (retired)
      return Promise.reject(
        new InferenceFailure('not_ready', `version ${version} no longer serves; send the request again`),
      )
    if (failed !== null) {
      // What stood in the way, such as want of memory, may have passed: it is tried again for the requests after.
      parts.wanted(key)
      return Promise.reject(new InferenceFailure('not_ready', `version ${version} cannot be loaded: ${failed}`))
    }
    if (waiters.size >= maxWaiting)
      return Promise.reject(
        new InferenceFailure('queue_full', `${maxWaiting} requests wait for version ${version} already`),
      )
    parts.wanted(key)
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        waiters.delete(waiter)
      }
      const waiter: Waiter = {
        resolve(found) {
          end()
          resolve(found)
        },
        reject(error) {
          end()
          reject(error)
        },
      }
      const timer = setTimeout(
        () =>
          waiter.reject(
            new InferenceFailure(
              deadlineMs === undefined ? 'not_ready' : 'deadline',
              `version ${version} was not loaded in time`,
            ),
          ),
        deadlineMs ?? PATIENCE_MS,
      )
      waiters.add(waiter)
      meter.waiting(waiters.size)
    })
  }

  async function connectTo(next: EngineAddress): Promise<void> {
    const made = await parts.connect(next)
    if (address?.id !== next.id) return release(next, made)
    link = made
    // An engine that goes away by itself leaves the lane waiting for its successor.
    void made.lost.then(() => {
      if (link === made) link = undefined
    })
    for (const waiter of waiters) waiter.resolve(made)
  }

  const remaining = (job: EngineJob) =>
    job.deadlineNs === undefined ? undefined : Math.max(0, (Number(job.deadlineNs) - monotonicNs()) / 1e6)

  function inferThrough(found: EngineLink, job: EngineJob, idempotent: boolean): Promise<EngineAnswer> {
    const answer = found.infer(job)
    return idempotent ? answer.catch((error: unknown) => inferAgain(found, job, error)) : answer
  }

  async function inferAgain(through: EngineLink, job: EngineJob, error: unknown): Promise<EngineAnswer> {
    if (!(error instanceof InferenceFailure) || error.kind !== 'engine_lost') throw error
    // What it held is told before the loss itself is.
    if (link === through) link = undefined
    return (await available(remaining(job))).infer(job)
  }

  return {
    key,
    version,
    signature,
    runtime,
    meter,
    infer(job, idempotent) {
      if (link) return inferThrough(link, job, idempotent)
      return available(remaining(job)).then((found) => inferThrough(found, job, idempotent))
    },
    offer: (job) => link?.infer(job),
    async point(next, most, parked) {
      maxWaiting = most
      failed = next.failed
      if (failed !== null)
        refuseWaiters(new InferenceFailure('not_ready', `version ${version} cannot be loaded: ${failed}`))
      // Who waits was let in before: what was asked for then may have been loaded and parked again meanwhile.
      if (parked) refuseWaiters(new InferenceFailure('parked', 'the deployment is parked; load it first'))
      else if (!next.engine && waiters.size > 0) parts.wanted(key)
      if (next.engine?.id === address?.id) return
      const before = address
      const through = link
      address = next.engine
      link = undefined
      if (next.engine) await connectTo(next.engine).catch(() => {})
      if (before) release(before, through)
    },
    retire() {
      retired = true
      const before = address
      const through = link
      address = null
      link = undefined
      refuseWaiters(new InferenceFailure('not_ready', `version ${version} no longer serves; send the request again`))
      if (before) release(before, through)
    },
  }
}
