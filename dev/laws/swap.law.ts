import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { startLoad } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

describe('swapping under load, with two runners of two front ends each', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ runners: 2, frontEnds: 2 })
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
    await platform.deploy('sums', 'adder', 1)
  })
  afterAll(() => platform.stop())

  test('loses no request, answers as the version it stamps, and never with the old one after the acknowledgement', async () => {
    const swaps = counted({ test: 60, conformance: 400, soak: 1000 })
    const load = startLoad(platform.runners, 'sums', { rest: 48, grpc: 16, openPerSecond: 50 })
    const acknowledged: { at: number; generation: number }[] = []
    for (let swap = 1; swap <= swaps; swap++) {
      const { generation, detached } = await platform.swap('sums', swap % 2 === 1 ? 2 : 1)
      expect(detached).toEqual([])
      acknowledged.push({ at: performance.now(), generation })
    }
    const shots = await load.stop()

    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(shots.filter(({ version, sent, got }) => got !== sent + version)).toEqual([])
    for (const protocol of ['rest', 'grpc'] as const)
      expect(new Set(shots.filter((shot) => shot.protocol === protocol).map((shot) => shot.version))).toEqual(
        new Set([1, 2]),
      )
    // The last swap acknowledged before a request was sent bounds its generation from below.
    const late = shots.filter(
      (shot) => shot.generation < (acknowledged.findLast(({ at }) => at < shot.sentAt)?.generation ?? 0),
    )
    expect(late).toEqual([])
    expect(shots.length).toBeGreaterThan(swaps)
  })
})

describe('swapping where nothing stands by', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ frontEnds: 2, env: { STEAD_STANDBY: '1ms' } })
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
    await platform.deploy('sums', 'adder', 1)
  })
  afterAll(() => platform.stop())

  test('an engine that is retired under load answers what it had admitted', async () => {
    const load = startLoad(platform.runners, 'sums', { rest: 12, grpc: 4, openPerSecond: 20 })
    for (let swap = 1; swap <= counted({ test: 10, conformance: 60, soak: 300 }); swap++) {
      const { stages } = await platform.swap('sums', swap % 2 === 1 ? 2 : 1)
      // Each swap loads anew, which shows that the engine before was let go.
      expect(stages.map(({ name }) => name)).toContain('loading')
    }
    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(shots.filter(({ version, sent, got }) => got !== sent + version)).toEqual([])
  })
})
