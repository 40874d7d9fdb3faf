import { setTimeout as pause } from 'node:timers/promises'
import { startPlatform } from '../../dev/laws/platform.ts'
import { startPostgres } from '../../dev/services/postgres.ts'
import { fileOf, residentBytes } from '../processes.ts'
import { shown } from '../report.ts'
import type { Table } from '../report.ts'
import { INFER_PATH, portOf, samples, startWeather } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'

const MB = 1e6

/** What the runner holds after many swaps. */
export const swapMemory: BenchCase = async (generator, { quick }) => {
  const counts = quick ? [50, 100, 200] : [100, 350, 600]
  const platform = await startWeather({ env: { NODE_OPTIONS: `--import ${fileOf('collect.ts')}` } })
  try {
    const runner = platform.runners[0]!
    const held: number[] = []
    const load = { protocol: 'rest' as const, port: portOf(runner.rest), path: INFER_PATH, connections: 2, pids: [] }
    let swapped = 0
    for (const count of counts) {
      const swapOn = async () => {
        for (; swapped < count; swapped++) await platform.swap('weather', swapped % 2 === 0 ? 2 : 1)
      }
      await generator.during({ ...load, warmMs: 0, requests: await samples({ unchecked: true }) }, swapOn)
      held.push(await residentAfterCollection(runner.pid))
    }
    const [first, last] = [held[0]!, held.at(-1)!]
    return {
      title: 'What the runner holds after swaps',
      about:
        'Resident bytes of the runner’s process, after a collection in all its threads, under two connections of load. Engine hosts are other processes.',
      targets: [
        {
          says: `resident size after swap ${counts.at(-1)}, above that after swap ${counts[0]}`,
          figure: (last / first - 1) * 100,
          bound: 5,
          better: 'less',
          unit: '%',
        },
      ],
      tables: [table(counts.map((count, at) => [`after swap ${count}`, held[at]!]))],
    }
  } finally {
    await platform.stop()
  }
}

/** The least of several looks: a collection lets pages go some time after it. */
async function residentAfterCollection(pid: number): Promise<number> {
  let least = Infinity
  for (let look = 0; look < 6; look++) {
    process.kill(pid, 'SIGUSR2')
    await pause(250)
    least = Math.min(least, residentBytes(pid))
  }
  return least
}

/** What the server takes while nobody asks for anything. */
export const idleMemory: BenchCase = async () => {
  const embedded = await residentWhenIdle({})
  const postgres = await startPostgres()
  if ('missing' in postgres) throw new Error(postgres.missing)
  try {
    const onPostgres = await residentWhenIdle({ STEAD_DATABASE_URL: await postgres.createDatabase() })
    const target = (database: string, bytes: number, bound: number) =>
      ({
        says: `resident size of the idle server, ${database}`,
        figure: bytes / MB,
        bound,
        better: 'less',
        unit: 'MB',
      }) as const
    return {
      title: 'Idle',
      about: 'Resident bytes of an empty installation, five seconds after it was up.',
      targets: [
        target('on its embedded database', embedded.server, 350),
        target('on PostgreSQL', onPostgres.server, 200),
      ],
      tables: [
        table([
          ['server, with its embedded database', embedded.server],
          ['server, on PostgreSQL', onPostgres.server],
          ['runner, with one front end', embedded.runner],
        ]),
      ],
    }
  } finally {
    await postgres.stop()
  }
}

async function residentWhenIdle(env: Record<string, string>): Promise<{ server: number; runner: number }> {
  const platform = await startPlatform({ env })
  try {
    await pause(5_000)
    return { server: residentBytes(platform.server.pid), runner: residentBytes(platform.runners[0]!.pid) }
  } finally {
    await platform.stop()
  }
}

const table = (rows: readonly (readonly [string, number])[]): Table => ({
  columns: ['', 'MB'],
  rows: rows.map(([name, bytes]) => [name, shown(bytes / MB)]),
})
