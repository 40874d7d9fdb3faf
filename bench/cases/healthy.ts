import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { layDatabase } from '../../dev/laws/template.ts'
import { freePort } from '../../dev/laws/platform.ts'
import { fileOf } from '../processes.ts'
import { shownSpread } from '../report.ts'
import { median, spread } from '../statistics.ts'
import type { BenchCase } from './bench-case.ts'

const LAUNCHER = fileOf('../apps/cli/bin/stead.mjs')
const PATIENCE_MS = 60_000

/** How long a server alone takes until it says that it is healthy. */
export const healthy: BenchCase = async (_generator, { quick }) => {
  const home = await mkdtemp(join(tmpdir(), 'stead-bench-'))
  try {
    await layDatabase(home)
    const ways = {
      'on an existing home': ['--home', home],
      ephemeral: ['--ephemeral'],
    } as const
    const took: Record<keyof typeof ways, number[]> = { 'on an existing home': [], ephemeral: [] }
    // The first of each fills the compile cache and makes the template.
    for (let at = -1; at < (quick ? 3 : 7); at++) {
      for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
        const milliseconds = await untilHealthy(ways[way])
        if (at >= 0) took[way].push(milliseconds)
      }
    }
    const says = (way: string) => `from \`stead server\`, ${way}, to healthy`
    return {
      title: 'Healthy',
      about:
        'From the start of `stead server` to the first answer of `GET /health`, on a home that is there and `--ephemeral`.',
      targets: Object.entries(took).map(([way, values]) => ({
        says: says(way),
        figure: median(values) / 1000,
        bound: 2,
        better: 'less' as const,
        unit: 's' as const,
      })),
      tables: [
        { columns: ['', 'ms'], rows: Object.entries(took).map(([way, values]) => [way, shownSpread(spread(values))]) },
      ],
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function untilHealthy(args: readonly string[]): Promise<number> {
  const port = await freePort()
  const { PATH = '', HOME = '' } = process.env
  const began = performance.now()
  const child = spawn(process.execPath, [LAUNCHER, 'server', ...args, '--port', `${port}`], {
    env: { PATH, HOME, STEAD_LOG: 'error' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const ended = Promise.withResolvers<void>()
  child.once('close', () => ended.resolve())
  try {
    while (!(await isHealthy(port))) {
      if (child.exitCode !== null || performance.now() - began > PATIENCE_MS)
        throw new Error(`stead server did not become healthy: ${said}`)
      await pause(5)
    }
    return performance.now() - began
  } finally {
    child.kill('SIGTERM')
    await ended.promise
  }
}

const isHealthy = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    ({ status }) => status === 200,
    () => false, // not there yet
  )
