import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

export interface ServerLock {
  release(): Promise<void>
}

/** Held by the one server that writes to a database. */
const SERVER_LOCK = 7_070_003
const RETRY_MS = 500

/** Keeps a second server away from a PostgreSQL database for as long as this one's session lasts. A session that breaks is
 *  opened again; `onLost` is called if another server was faster, and this one must stop. */
export async function lockDatabase(url: string, onLost: (reason: string) => void): Promise<ServerLock> {
  let released = false
  let session = await takeLock(url, regain)
  if (session === undefined)
    throw new Error('Another Stead server uses this database. Stop it first, or give this one another database.')

  function regain(): void {
    if (!released) void retry()
  }
  async function retry(): Promise<void> {
    while (!released) {
      try {
        session = await takeLock(url, regain)
        if (session === undefined && !released) onLost('another server has taken the database over')
        return
      } catch {
        await pause(RETRY_MS)
      }
    }
  }
  return {
    async release() {
      released = true
      await session?.end().catch(() => undefined)
    },
  }
}

async function takeLock(url: string, onEnd: () => void): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'stead lock',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => undefined) // its end says the same
  await client.connect()
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [SERVER_LOCK])
  if (rows[0]?.taken !== true) {
    await client.end()
    return undefined
  }
  client.once('end', onEnd)
  return client
}
