import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { leaveOut } from '../../../../dev/services/left-out.ts'
import { startPostgres, type TestPostgres } from '../../../../dev/services/postgres.ts'
import { lockDatabase } from './server-lock.ts'

let server: TestPostgres | undefined
let missing = ''
beforeAll(async () => {
  const started = await startPostgres()
  if ('missing' in started) leaveOut('the lock of a server on its database', (missing = started.missing))
  else server = started
})
beforeEach((context) => context.skip(server === undefined, missing))
afterAll(() => server?.stop())

const never = (reason: string) => {
  throw new Error(reason)
}

test('a second server is refused while the first holds the database, and let in afterwards', async () => {
  const url = await server!.createDatabase()
  const first = await lockDatabase(url, never)
  await expect(lockDatabase(url, never)).rejects.toThrow('Another Stead server uses this database')
  await first.release()
  const second = await lockDatabase(url, never)
  await second.release()
})

test('a server whose session breaks takes its lock again', async () => {
  const url = await server!.createDatabase()
  const lock = await lockDatabase(url, never)
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  const holders = async () => {
    const { rows } = await other.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and granted and pid <> pg_backend_pid()`,
    )
    return rows.map(({ pid }) => pid)
  }
  const [before] = await holders()
  await other.query('select pg_terminate_backend($1)', [before])
  for (;;) {
    const [now] = await holders()
    if (now !== undefined && now !== before) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await expect(lockDatabase(url, never)).rejects.toThrow('Another Stead server uses this database')
  await other.end()
  await lock.release()
})
