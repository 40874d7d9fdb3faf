import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { inferUrl, rest, rows } from './load.ts'
import { hostsOf } from './processes.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { ask, pair, pause, settled, valuesOf } from './serving.ts'
import { gated, LOADED } from './serving-models.ts'

const VERSIONS = 5
const MOST = 4 * 2 ** 30

describe('many deployments on one runner', () => {
  const count = counted({ test: 12, conformance: 500 })
  // Less than all of them take even when they share hosts, so that some have to be parked.
  const bound = counted({ test: 160, conformance: 512 }) * 2 ** 20
  const timeout = counted({ test: 120_000, conformance: 3_600_000 })
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ env: { STEAD_ENGINE_MEMORY: String(bound), STEAD_LOG: 'info' } })
    for (let k = 1; k <= VERSIONS; k++) await platform.push('adder', addConstant(k))
    const { files, more } = gated('many')
    await platform.push('counted', files, more)
  })
  afterAll(() => platform.stop())

  const nameOf = (at: number) => `many-${at}`
  const versionOf = (at: number) => (at % VERSIONS) + 1
  const runner = () => platform.runners[0]!

  async function answers(at: number): Promise<void> {
    const { status, json, text } = await rest(inferUrl(runner().rest, nameOf(at)), rows([[at, at]]))
    expect([status, json.outputs?.[0]?.data[0]], `${nameOf(at)}: ${text}`).toEqual([200, at + versionOf(at)])
  }
  const enginesNow = async () => (await platform.runnerStatuses())[0]!.engines

  test(
    'all answer within the memory there is; the idle ones are parked, and load once when they are asked',
    async () => {
      await platform.deploy('counted', 'counted', 1)
      let most = await memoryOf(runner().pid)
      for (let at = 0; at < count; at++) {
        // Nobody is parked who was asked a moment ago, so a burst of deploys may have to wait.
        await settled(
          () => platform.deploy(nameOf(at), 'adder', versionOf(at)).then(() => true, refusedForRoom),
          30_000,
        )
        await answers(at)
        if (at % 10 === 0) most = Math.max(most, await memoryOf(runner().pid))
      }
      expect(most).toBeLessThan(MOST)
      await pause(1_500)
      const engines = await enginesNow()
      expect(new Set(engines.map(({ deployment }) => deployment)).size).toBe(count + 1)
      const parked = engines.filter(({ state }) => state === 'parked').map(({ deployment }) => deployment as string)
      expect(parked.length).toBeGreaterThan(0)
      expect(parked.length).toBeLessThan(count)

      // The first deployment of all was idle longest. It loads once, however many ask for it.
      expect(parked).toContain('counted')
      const loads = () => runner().output().split(LOADED).length - 1
      expect(loads()).toBe(1)
      const labels = Array.from({ length: 40 }, (_, label) => label)
      const got = await Promise.all(labels.map((label) => ask(runner().rest, 'counted', pair(0, label))))
      expect(got.map((answer) => valuesOf(answer)[1])).toEqual(labels)
      expect(loads()).toBe(2)

      // Round once more, in an order that finds most of them parked.
      for (let at = 0; at < count; at++) {
        await settled(
          () =>
            answers(at).then(
              () => true,
              () => false,
            ),
          30_000,
        )
        await answers(at)
        if (at % 10 === 0) most = Math.max(most, await memoryOf(runner().pid))
      }
      expect(most).toBeLessThan(MOST)
      expect((await enginesNow()).filter(({ restarts }) => restarts > 0)).toEqual([])
    },
    timeout,
  )
})

function refusedForRoom(error: Error): boolean {
  if (error.message.includes('STEAD_ENGINE_MEMORY')) return false
  throw error
}

/** Private bytes of the supervisor and its hosts: what ending them would give back. */
async function memoryOf(pid: number): Promise<number> {
  const all = await Promise.all([pid, ...(await hostsOf(pid))].map(privateOf))
  return all.reduce((sum, bytes) => sum + bytes, 0)
}

async function privateOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce(
    (sum, [, kilobytes]) => sum + Number(kilobytes) * 1024,
    0,
  )
}
