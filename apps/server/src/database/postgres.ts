import pg from 'pg'
import type { Session, Sessions } from './sessions.ts'
import { createStatementNames } from './statement-names.ts'
import { PARSERS } from './values.ts'

const OLDEST_VERSION = 15

/** Sessions of a PostgreSQL server, from a pool. */
export async function openPostgres(url: string, connections = 10): Promise<Sessions> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'stead',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    lock_timeout: 15_000,
    idle_in_transaction_session_timeout: 60_000,
    // Compiling a statement of a thousand clauses takes minutes, and running it milliseconds.
    options: '-c timezone=UTC -c jit=off',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => PARSERS[oid] ?? pg.types.getTypeParser(oid, format),
    },
  })
  // An idle connection that breaks is dropped by the pool; unheard, its error would end the process.
  pool.on('error', () => undefined)
  try {
    await refuseOldServer(pool)
  } catch (error) {
    await pool.end()
    throw error
  }
  const nameOf = createStatementNames()
  return { acquire: async () => lend(await pool.connect(), nameOf), end: () => pool.end() }
}

function lend(client: pg.PoolClient, nameOf: (sql: string) => string | undefined): Session {
  // Between two statements of a transaction nobody else hears that the connection broke; the next statement fails.
  const unheard = () => undefined
  client.on('error', unheard)
  return {
    async query(sql, parameters) {
      const statement = { name: nameOf(sql), text: sql, values: [...parameters] }
      const { rows, rowCount, command } = await client.query<Record<string, unknown>>(statement)
      return { rows, command, ...(rowCount === null ? {} : { affected: rowCount }) }
    },
    release(broken) {
      client.off('error', unheard)
      client.release(broken)
    },
  }
}

async function refuseOldServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ server_version_num: string }>('show server_version_num')
  const major = Math.floor(Number(rows[0]?.server_version_num) / 10_000)
  if (major >= OLDEST_VERSION) return
  throw new Error(`This PostgreSQL server is version ${major}; Stead needs ${OLDEST_VERSION} or newer.`)
}
