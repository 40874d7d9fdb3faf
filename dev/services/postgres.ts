import { existsSync } from 'node:fs'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { oneMaker } from './cache.ts'
import { freePort, run, startServer, untilListening } from './children.ts'

/** A throw-away PostgreSQL server of our own. */
export interface TestPostgres {
  /** Creates an empty database and gives its URL. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
}

export type TestPostgresOrReason = TestPostgres | { readonly missing: string }

/** Starts a real PostgreSQL in a temporary directory, or says why there is none. */
export async function startPostgres(): Promise<TestPostgresOrReason> {
  const binaries = (await findBinaries()) ?? (await installBinaries())
  if (binaries === undefined) return { missing: 'PostgreSQL (initdb) is not installed and could not be installed' }
  try {
    return await startCluster(binaries)
  } catch (error) {
    return { missing: `PostgreSQL did not start: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function findBinaries(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const packaged = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join('/usr/lib/postgresql', version, 'bin'))
  const candidates = [...(process.env.PATH ?? '').split(delimiter), ...packaged]
  return candidates.find(
    (directory) => existsSync(join(directory, 'initdb')) && existsSync(join(directory, 'postgres')),
  )
}

async function installBinaries(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  return oneMaker('postgresql', async () => {
    const found = await findBinaries()
    if (found !== undefined) return found
    const options = { timeout: 180_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    await run('apt-get', ['update'], options).catch(() => undefined)
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], options).catch(() => undefined)
    return findBinaries()
  })
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const user of ['postgres', 'nobody']) {
    const id = async (flag: string) => Number((await run('id', [flag, user])).stdout)
    try {
      return { uid: await id('-u'), gid: await id('-g') }
    } catch {
      // the next one
    }
  }
  throw new Error('there is neither a user postgres nor a user nobody to run it as')
}

async function startCluster(binaries: string): Promise<TestPostgres> {
  const user = await unprivileged()
  const directory = await mkdtemp(join(tmpdir(), 'stead-pg-'))
  if (user !== undefined) await chown(directory, user.uid, user.gid)
  const cluster = join(directory, 'data')
  const as = { ...user, cwd: directory }
  try {
    await run(
      join(binaries, 'initdb'),
      ['-D', cluster, '-U', 'stead', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      as,
    )
    const port = await freePort()
    // Durability is not under test here: the machine does not lose power between two statements.
    const speed = ['-c', 'fsync=off', '-c', 'shared_buffers=32MB', '-c', 'max_connections=60']
    const where = ['-D', cluster, '-p', String(port), '-h', '127.0.0.1', '-k', directory]
    const server = startServer(join(binaries, 'postgres'), [...where, ...speed], as)
    await untilListening(port, server)
    return describeCluster(port, async () => {
      await server.stop('SIGQUIT')
      await rm(directory, { recursive: true, force: true })
    })
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

function describeCluster(port: number, stop: () => Promise<void>): TestPostgres {
  const url = (database: string) => `postgres://stead@127.0.0.1:${port}/${database}`
  let databases = 0
  return {
    async createDatabase() {
      const name = `stead_${++databases}`
      const client = await connectPatiently(url('postgres'))
      await client.query(`create database ${name}`)
      await client.end()
      return url(name)
    },
    stop,
  }
}

/** The server listens a moment before it lets anybody in. */
async function connectPatiently(url: string): Promise<pg.Client> {
  for (;;) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      return client
    } catch (error) {
      const startingUp = error instanceof Error && 'code' in error && error.code === '57P03'
      if (!startingUp) throw error
      await pause(50)
    }
  }
}
