import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SteadError } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAILPOINTS } from '../../apps/runner/src/control/failpoints.ts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { inferUrl, rest, rows } from './load.ts'
import { start, startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'

/** From this one on, the change is on the runner's disk. */
const KEPT = FAILPOINTS.indexOf('journal-written')

describe('a runner that dies in the middle of a swap', () => {
  let platform: Platform
  let version = 1
  beforeAll(async () => {
    platform = await startPlatform()
    await platform.push('adder', addConstant(1))
    await platform.deploy('sums', 'adder', 1)
  })
  afterAll(() => platform?.stop())

  /** Which version and generation answer, of several requests: always the same, and with that version's result. */
  async function answering() {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, value) =>
        rest(inferUrl(platform.runners[0]!.rest, 'sums'), rows([[value, value]])).then((answer) => ({ value, answer })),
      ),
    )
    const seen = answers.map(({ value, answer: { status, headers, json } }) => {
      const stamped = Number(headers['stead-version'])
      expect({ status, got: json.outputs?.[0]?.data[0] }).toEqual({ status: 200, got: value + stamped })
      return { version: stamped, generation: Number(headers['stead-generation']) }
    })
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1)
    return seen[0]!
  }

  async function committed() {
    const { table } = await platform.deployment('sums')
    return { version: Number(table.routes[0]!.version), generation: Number(table.generation) }
  }

  test.for(FAILPOINTS.map((name, at) => ({ name, at })))(
    'at "$name" comes back with exactly one of the two tables, and its caller hears the truth',
    async ({ name, at }) => {
      platform.runners[0]!.kill('SIGKILL')
      const armed = await platform.restartRunner(0, { STEAD_FAILPOINT: name })
      const before = await committed()

      const target = await platform.push('adder', addConstant(++version))
      const swapping = platform.swap('sums', target.version).then(
        ({ generation, to }) => ({ version: Number(to), generation: Number(generation) }),
        (error: unknown) => error as SteadError,
      )
      const died = await Promise.race([armed.exited, swapping.then((outcome) => ({ outcome }))])
      expect(died).toEqual({ code: null, signal: 'SIGKILL' })

      // Nobody but the runner's own disk can tell it what to serve while the server stands still.
      platform.server.kill('SIGSTOP')
      try {
        await platform.restartRunnerAlone(0)
        const after = { version: Number(target.version), generation: before.generation + 1 }
        expect(await answering()).toEqual(at < KEPT ? before : after)
      } finally {
        platform.server.kill('SIGCONT')
      }

      const outcome = await swapping
      const now = await committed()
      if (outcome instanceof SteadError) {
        expect(outcome.code).toBe('no_runner')
        expect(now).toEqual(before)
      } else {
        expect(outcome).toEqual({ version: Number(target.version), generation: before.generation + 1 })
        expect(now).toEqual(outcome)
      }
      await until('the runner serves what the server committed', async () => {
        if (JSON.stringify(await answering()) !== JSON.stringify(now)) throw new Error('not yet')
      })
    },
  )
})

test('the failpoints in the list are those in the code', async () => {
  const sources = join(import.meta.dirname, '../../apps/runner/src')
  const files = (await readdir(sources, { recursive: true })).filter((path) => /(?<!\.spec)\.ts$/.test(path))
  const texts = await Promise.all(files.map((path) => readFile(join(sources, path), 'utf8')))
  const reached = texts.flatMap((text) => [...text.matchAll(/\bfailpoint\('([^']+)'\)/g)].map(([, name]) => name))
  expect(reached).toHaveLength(FAILPOINTS.length)
  expect(new Set(reached)).toEqual(new Set(FAILPOINTS))
})

test('a runner that is to die at a place it does not know says so and does not start', async () => {
  const runner = start('runner', { STEAD_FAILPOINT: 'nowhere' })
  expect(await runner.exited).toEqual({ code: 1, signal: null })
  expect(runner.output()).toContain('STEAD_FAILPOINT is \\"nowhere\\"')
})
