import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { copyDatabase } from './copying.ts'
import { createExtendedQuery } from './extended-query.ts'
import { packFailure, type SqlFailure } from './failures.ts'
import { PARSERS } from './values.ts'

/** The thread of the embedded database: it owns PGlite, which stalls whatever thread it runs on. */

export interface ThreadPlace {
  readonly directory: string
  /** A database to be copied there first: here, because that stalls a thread as well. */
  readonly copies: string | undefined
}

export type ToThread =
  | { readonly is: 'query'; readonly id: number; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly is: 'close' }

export type FromThread =
  | { readonly is: 'ready' }
  | { readonly is: 'unusable'; readonly failure: SqlFailure }
  | {
      readonly is: 'answer'
      readonly id: number
      readonly rows: unknown[]
      readonly affected: number
      readonly command: string
    }
  | { readonly is: 'failure'; readonly id: number; readonly failure: SqlFailure }
  | { readonly is: 'closed' }

const port = parentPort
if (port === null) throw new Error('The database thread runs only as a worker thread.')
const say = (message: FromThread) => port.postMessage(message)

const { directory, copies } = workerData as ThreadPlace
if (copies !== undefined) copyDatabase(copies, directory)
const SETTINGS = [
  'timezone=UTC',
  // Instead of 128 MB: the pages come from the operating system's cache anyway, and an idle server stays small.
  'shared_buffers=16MB',
  // Everybody waits for an `analyze`: to look at a fifth of the rows takes a fifth of the time, and says as much.
  'default_statistics_target=20',
]
const pglite = new PGlite({
  dataDir: directory,
  parsers: { ...PARSERS },
  startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])],
})

const query = createExtendedQuery(pglite)

try {
  await pglite.waitReady
  port.on('message', (message: ToThread) => void (message.is === 'query' ? answer(message) : close()))
  say({ is: 'ready' })
} catch (error) {
  say({ is: 'unusable', failure: packFailure(error) })
}

async function answer({ id, sql, parameters }: ToThread & { is: 'query' }): Promise<void> {
  try {
    say({ is: 'answer', id, ...(await query(sql, parameters)) })
  } catch (error) {
    say({ is: 'failure', id, failure: packFailure(error) })
  }
}

async function close(): Promise<void> {
  await pglite.close().catch(() => undefined) // its journal brings back whatever a failed shutdown left
  say({ is: 'closed' })
  port?.close()
}
