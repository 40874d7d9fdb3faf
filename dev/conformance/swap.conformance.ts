import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from '../laws/counts.ts'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { startTriton, tritonPython } from './triton.ts'
import type { TritonClient } from './triton.ts'

const found = await tritonPython()
if ('missing' in found) leaveOut('foreign clients: a hot swap', found.missing)

interface Told {
  answers: Record<string, Record<string, number>>
  wrong: unknown[]
  errors: string[]
}
const LOOPS = { http: ['plain', 'several', 'asyncio'], grpc: ['plain', 'several', 'stream', 'asyncio'] }
const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

describe.skipIf('missing' in found)('a hot swap under tritonclient', () => {
  let platform: Platform
  let clients: TritonClient[]
  beforeAll(async () => {
    platform = await startPlatform({ frontEnds: 2 })
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
    await platform.deploy('sums', 'adder', 1)
    const python = 'python' in found ? found.python : ''
    clients = (['http', 'grpc'] as const).map((protocol) => startTriton(python, protocol, platform.runners[0]!))
  })
  afterAll(async () => {
    await Promise.all((clients ?? []).map((client) => client.stop()))
    await platform?.stop()
  })

  test('fails no request of any kind of client, and each answer is of the version it names', async () => {
    for (const client of clients)
      await client.do('startLoad', { name: 'sums', model: 'sums', loops: LOOPS[client.protocol] })
    /** Resolves when every loop has been answered that many more times. */
    const everyLoopGoesOn = async (times: number) => {
      for (const client of clients) {
        const counts = () => client.do<Record<string, number>>('progress', { name: 'sums' })
        const before = await counts()
        const isThere = (now: Record<string, number>) =>
          LOOPS[client.protocol].every((loop) => (now[loop] ?? 0) >= (before[loop] ?? 0) + times)
        while (!isThere(await counts())) await pause()
      }
    }
    await everyLoopGoesOn(3)
    const swaps = counted({ test: 6, conformance: 60, soak: 300 })
    for (let swap = 1; swap <= swaps; swap++) {
      const { detached } = await platform.swap('sums', swap % 2 === 1 ? 2 : 1)
      expect(detached).toEqual([])
      if (swap % 10 === 0) await everyLoopGoesOn(2)
    }
    await everyLoopGoesOn(3)
    for (const client of clients) {
      const { answers, wrong, errors } = await client.do<Told>('stopLoad', { name: 'sums' })
      expect(errors).toEqual([])
      expect(wrong).toEqual([])
      for (const loop of LOOPS[client.protocol])
        expect(Object.keys(answers[loop] ?? {}).toSorted(), `${client.protocol} ${loop}`).toEqual(['1', '2'])
    }
  })
})
