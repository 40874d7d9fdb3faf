import type { Signature } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import type { EngineAnswer, EngineLink } from '../engines/link.ts'
import { createLane } from './lane.ts'
import { createMeter } from './meter.ts'
import type { ServedVersion } from './served.ts'

const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, 2] })
const signature: Signature = { inputs: [spec('x')], outputs: [spec('y')] }
const without: ServedVersion = {
  key: 'k',
  version: 1,
  runtime: 'onnx',
  signature,
  engine: null,
  failed: null,
  callable: true,
}
const withEngine: ServedVersion = { ...without, engine: { id: 'e', socketPath: 's', slot: 0 } }
const answer: EngineAnswer = { outputs: [], queueNs: 0, computeNs: 0, batchRows: 1, batchRequests: 1 }
const link: EngineLink = {
  slot: 0,
  signature,
  inFlight: 0,
  lost: new Promise(() => {}),
  infer: async () => answer,
  close: () => {},
}

function laneOf() {
  const wanted: string[] = []
  const released: string[] = []
  const lane = createLane(without, createMeter(), {
    connect: async () => link,
    wanted: (key) => wanted.push(key),
    released: (engine) => released.push(engine),
  })
  return { lane, wanted, released }
}

describe('a request for a version that is not loaded', () => {
  test('has it loaded, waits, and is answered', async () => {
    const { lane, wanted } = laneOf()
    await lane.point(without, 8, false)
    const asked = lane.infer({ inputs: [] }, false)
    expect(wanted).toEqual(['k'])
    await lane.point(withEngine, 8, false)
    expect(await asked).toBe(answer)
  })

  test('asks again when a table still names no engine: what it asked for may have come and gone', async () => {
    const { lane, wanted } = laneOf()
    await lane.point(without, 8, false)
    const asked = lane.infer({ inputs: [] }, false)
    await lane.point(without, 8, false)
    expect(wanted).toEqual(['k', 'k'])
    await lane.point(withEngine, 8, false)
    await asked
  })

  test('is refused when the deployment is parked until it is loaded', async () => {
    const { lane, wanted } = laneOf()
    await lane.point(without, 8, false)
    const asked = lane.infer({ inputs: [] }, false)
    await lane.point(without, 8, true).catch(() => {})
    await expect(asked).rejects.toMatchObject({ kind: 'parked' })
    expect(wanted).toEqual(['k'])
  })

  test('is refused at the bound of those who wait, when the version failed, and when it retires', async () => {
    const { lane } = laneOf()
    await lane.point(without, 1, false)
    const first = lane.infer({ inputs: [] }, false)
    await expect(lane.infer({ inputs: [] }, false)).rejects.toMatchObject({ kind: 'queue_full' })
    await lane.point({ ...without, failed: 'it is broken' }, 1, false)
    await expect(first).rejects.toMatchObject({ kind: 'not_ready', message: expect.stringContaining('it is broken') })
    await lane.point(without, 1, false)
    const last = lane.infer({ inputs: [] }, false)
    lane.retire()
    await expect(last).rejects.toMatchObject({ kind: 'not_ready' })
  })

  test('an engine is released once a table names another', async () => {
    const { lane, released } = laneOf()
    await lane.point(withEngine, 8, false)
    await lane.infer({ inputs: [] }, false)
    await lane.point(without, 8, false)
    expect(released).toEqual(['e'])
  })
})
