import type { Signature } from '@stead/contracts'
import { InferenceFailure } from '../inference/failure.ts'
import { type Account, type EngineAnswer, type EngineJob, HostConnection } from './link-connection.ts'
import { KIND } from './protocol.ts'

export type { EngineAnswer, EngineJob } from './link-connection.ts'

/** A front end's way to one engine. */
export interface EngineLink {
  readonly slot: number
  /** The order of inputs and outputs on this link. */
  readonly signature: Signature
  /** Requests the host has not answered yet, those whose callers already heard `deadline` among them. */
  readonly inFlight: number
  /** Resolves when the host is gone or the link is closed. */
  readonly lost: Promise<void>
  /** Rejects with an InferenceFailure: queue_full, deadline, invalid, too_large, unsupported, model_failed, not_ready,
   *  engine_lost. Requests of one turn of the event loop go out in one write. */
  infer(job: EngineJob): Promise<EngineAnswer>
  /** Rejects what is in flight. The socket closes with the last link to its host. */
  close(): void
}

interface Shared {
  readonly connection: Promise<HostConnection>
  links: number
}

/** One socket per host and thread, however many of its engines are linked to. */
const connections = new Map<string, Shared>()

export async function connectEngine(socketPath: string, slot: number): Promise<EngineLink> {
  const shared = share(socketPath)
  let connection: HostConnection | undefined
  try {
    connection = await shared.connection
    const opened = (await connection.ask(KIND.open, slot, {})) as { credits: number; signature: Signature }
    return createLink(connection, slot, opened, () => release(socketPath, shared, connection))
  } catch (error) {
    release(socketPath, shared, connection)
    throw error
  }
}

function createLink(
  connection: HostConnection,
  slot: number,
  { credits, signature }: { readonly credits: number; readonly signature: Signature },
  release: () => void,
): EngineLink {
  const account: Account = { slot, outputs: signature.outputs, inFlight: 0 }
  const { promise: closing, resolve } = Promise.withResolvers<void>()
  let closed = false
  return {
    slot,
    signature,
    get inFlight() {
      return account.inFlight
    },
    lost: Promise.race([connection.lost, closing]),
    infer(job) {
      if (closed) return Promise.reject(new InferenceFailure('not_ready', 'The link to this engine is closed'))
      if (job.inputs.length !== signature.inputs.length)
        return Promise.reject(
          new InferenceFailure('invalid', `${job.inputs.length} inputs instead of ${signature.inputs.length}`),
        )
      // The host grants more than it can hold, so nobody is refused here whom it would have taken.
      if (account.inFlight >= credits)
        return Promise.reject(new InferenceFailure('queue_full', `${account.inFlight} requests are with this engine`))
      return connection.infer(account, job)
    },
    close() {
      if (closed) return
      closed = true
      connection.abandon(account)
      release()
      resolve()
    },
  }
}

function share(socketPath: string): Shared {
  const known = connections.get(socketPath)
  if (known !== undefined) {
    known.links++
    return known
  }
  const shared: Shared = { connection: HostConnection.open(socketPath, 'data'), links: 1 }
  connections.set(socketPath, shared)
  shared.connection.then(
    ({ lost }) => lost.then(() => forget(socketPath, shared)),
    () => forget(socketPath, shared),
  )
  return shared
}

function release(socketPath: string, shared: Shared, connection: HostConnection | undefined): void {
  if (--shared.links > 0) return
  forget(socketPath, shared)
  connection?.close()
}

/** A host that comes back at the same path is another one. */
function forget(socketPath: string, shared: Shared): void {
  if (connections.get(socketPath) === shared) connections.delete(socketPath)
}
