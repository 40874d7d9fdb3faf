import type { Session, Sessions } from './sessions.ts'

const EVERY_MS = 60_000

/** As many changes as a thousand, and a tenth of the rows, are worth going through a table. */
const DUE = `select relname as name from pg_stat_user_tables
  where greatest(n_mod_since_analyze, n_ins_since_vacuum, n_dead_tup) > 1000 + 0.1 * n_live_tup order by relname`

/** What PostgreSQL does by itself and the embedded database does not: takes away rows that are gone, marks pages that all
 *  may see, so that an index answers alone, and counts what the planner goes by. Tells the tables it went through. */
export async function sweep(sessions: Sessions): Promise<string[]> {
  const { rows } = await once(sessions, async (session) => {
    await session.query('select pg_stat_force_next_flush()', [])
    return session.query(DUE, [])
  })
  const names = (rows as { name: string }[]).map(({ name }) => name)
  // Everybody waits for a session: between two tables they have their turn.
  for (const name of names) await once(sessions, (session) => session.query(`vacuum (analyze) "${name}"`, []))
  return names
}

async function once<T>(sessions: Sessions, act: (session: Session) => Promise<T>): Promise<T> {
  const session = await sessions.acquire()
  try {
    return await act(session)
  } finally {
    session.release()
  }
}

/** Sweeps every minute, until it is stopped. */
export function keepSwept(sessions: Sessions): { stop(): Promise<void> } {
  let sweeping: Promise<unknown> = Promise.resolve()
  let isStopped = false
  const timer = setInterval(() => {
    // A database that does not answer is told by those who ask it for something.
    sweeping = sweeping.then(() => (isStopped ? [] : sweep(sessions))).catch(() => [])
  }, EVERY_MS)
  timer.unref()
  return {
    async stop() {
      isStopped = true
      clearInterval(timer)
      await sweeping
    },
  }
}
