import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../dev/laws/platform.ts'
import { httpRequest, openConnection } from '../http-client.ts'
import { fileOf } from '../processes.ts'
import { shownSpread } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { INFER_PATH, samples, startWeather } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'

const LAUNCHER = fileOf('../apps/cli/bin/stead.mjs')

/** How long it takes until the first prediction, and until the command line answers. */
export const start: BenchCase = async (_generator, { quick }) => {
  const home = await mkdtemp(join(tmpdir(), 'stead-bench-'))
  try {
    const platform = await startWeather({ home })
    for (const one of [...platform.runners, platform.server]) one.kill('SIGTERM')
    await Promise.all([...platform.runners, platform.server].map(({ exited }) => exited))
    const [first] = await samples()
    const request = httpRequest(INFER_PATH, first!.body)
    const firstPredictions: number[] = []
    // The first start fills the compile cache, as the one that made a user's home did.
    for (let at = -1; at < (quick ? 2 : 5); at++) {
      const took = await firstPrediction(home, request)
      if (at >= 0) firstPredictions.push(took)
    }
    const helps: number[] = []
    for (let at = -1; at < (quick ? 5 : 11); at++) {
      const took = await helpTime()
      if (at >= 0) helps.push(took)
    }
    return {
      title: 'Starting',
      about:
        'From `stead up` on a home with one deployment to the first right answer over REST, and from `stead --help` to its end.',
      targets: [
        {
          says: 'first prediction after `stead up`',
          figure: median(firstPredictions) / 1000,
          bound: 3,
          better: 'less',
          unit: 's',
        },
        { says: '`stead --help`', figure: median(helps), bound: 200, better: 'less', unit: 'ms' },
      ],
      tables: [
        {
          columns: ['', 'ms'],
          rows: [
            ['first prediction after `stead up`', shownSpread(spread(firstPredictions))],
            ['`stead --help`', shownSpread(spread(helps))],
          ],
        },
      ],
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function firstPrediction(home: string, request: Buffer): Promise<number> {
  const [port, rest, grpc] = [await freePort(), await freePort(), await freePort()]
  const { PATH = '', HOME = '' } = process.env
  const began = performance.now()
  const child = spawn(process.execPath, [LAUNCHER, 'up'], {
    env: {
      PATH,
      HOME,
      STEAD_HOME: home,
      STEAD_PORT: `${port}`,
      STEAD_RUNNER_PORT: `${rest}`,
      STEAD_GRPC_PORT: `${grpc}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  let hasEnded = false
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      hasEnded = true
      resolve()
    }),
  )
  try {
    while (!(await answers(rest, request))) {
      if (hasEnded || performance.now() - began > 60_000) throw new Error(`stead up gave no prediction: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return performance.now() - began
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

async function answers(port: number, request: Buffer): Promise<boolean> {
  try {
    const connection = await openConnection(port)
    try {
      return (await connection.ask(request)).status === 200
    } finally {
      connection.close()
    }
  } catch {
    return false // not there yet
  }
}

function helpTime(): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LAUNCHER, '--help'], { stdio: 'ignore' })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(performance.now() - began) : reject(new Error(`stead --help ended with ${code}`)),
    )
  })
}
