import { createHistogram, fakeClock } from '@stead/chassis'
import type { Clock } from '@stead/chassis'
import { DeploymentName, ProjectName, RunnerName, VersionNumber } from '@stead/contracts'
import type { Figure } from '@stead/contracts'
import { expect, test } from 'vitest'
import { createFigures } from './figures.ts'
import type { KeptFigure } from './figures.store.ts'

const deployment = DeploymentName.parse('sums')
const version = VersionNumber.parse(1)
const latency = createHistogram()
latency.record(500)
const one: Figure = {
  requests: 1,
  errors: {},
  rows: 1,
  executions: 1,
  shadowed: 0,
  queue: 1,
  latency: { ...latency.encode(), buckets: [...latency.encode().buckets] },
}

test.for([-7200, -1, 1, 7200])(
  'a wall clock set by %i s while figures come in loses and doubles none of them',
  async (jump) => {
    const machine = fakeClock('2026-01-01T12:00:00Z')
    let set = 0
    const clock: Clock = {
      now: () => new Date(machine.now().getTime() + set * 1000),
      monotonic: machine.monotonic,
      sleep: machine.sleep,
    }
    const kept: KeptFigure[] = []
    const figures = createFigures({
      clock,
      store: {
        add: async (figuresOfStep) => void kept.push(...figuresOfStep),
        read: async () => [],
        sums: async () => new Map(),
        forgetBefore: async () => {},
      },
      deployments: { find: async () => ({ id: 'a' }) as never, records: () => [] },
      projects: { idOf: async () => 'default' },
      desired: { get: () => ({ id: 'a' }) as never },
    })
    const takeForTenSeconds = async () => {
      for (let second = 0; second < 10; second++) {
        figures.take(RunnerName.parse('runner-0'), [{ deployment, version, figure: one }])
        await machine.advance(1000)
      }
    }
    await takeForTenSeconds()
    await figures.flush()
    set = jump
    await takeForTenSeconds()
    await figures.flush()
    for (const step of [10, 300] as const) {
      const counted = kept.filter((figure) => figure.step === step).map(({ figure }) => figure.requests)
      expect(counted.reduce((sum, requests) => sum + requests, 0)).toBe(20)
    }
    // The new time is the one that a reader asks by: what came after the jump is there at once.
    const ref = { project: ProjectName.parse('default'), deployment }
    const now = Math.floor(clock.now().getTime() / 1000)
    const seen = await figures.read(ref, { step: 1, from: now - 10, to: now })
    expect(seen.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThanOrEqual(10)
  },
)
