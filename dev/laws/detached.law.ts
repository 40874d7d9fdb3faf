import { afterAll, beforeAll, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { inferUrl, rest, rows } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform, RunnerProcess } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ runners: 2 })
  for (const k of [1, 2, 3]) await platform.push('adder', addConstant(k))
  await platform.deploy('sums', 'adder', 1)
})
afterAll(() => platform?.stop())

async function answer(runner: RunnerProcess) {
  const { status, headers, json } = await rest(inferUrl(runner.rest, 'sums'), rows([[10, 10]]))
  return {
    status,
    version: headers['stead-version'],
    generation: headers['stead-generation'],
    got: json.outputs?.[0]?.data[0],
  }
}

const isConnected = async (name: string) =>
  (await platform.runnerStatuses()).find((runner) => runner.name === name)!.connected

test('a swap waits for the lease of a runner that stands still, names it, and it follows when it goes on', async () => {
  const [working, still] = platform.runners as [RunnerProcess, RunnerProcess]
  still.kill('SIGSTOP')
  try {
    const swapping = platform.swap('sums', 2).then(async (transcript) => ({
      transcript,
      // Until the lease has ended, the runner might still answer with the old version unmarked.
      wasMember: await isConnected('runner-1'),
    }))
    const { transcript, wasMember } = await swapping
    expect(transcript).toMatchObject({ to: 2, generation: 2, detached: ['runner-1'] })
    expect(wasMember).toBe(false)
    expect(await answer(working)).toEqual({ status: 200, version: '2', generation: '2', got: 12 })
  } finally {
    still.kill('SIGCONT')
  }
  await until('the runner that stood still has followed', async () => {
    expect(await answer(still)).toEqual({ status: 200, version: '2', generation: '2', got: 12 })
  })
  await until('it is a member again', async () => {
    if (!(await isConnected('runner-1'))) throw new Error('not yet')
  })
  expect(await platform.swap('sums', 3)).toMatchObject({ generation: 3, detached: [] })
  for (const runner of [working, still]) expect(await answer(runner)).toMatchObject({ version: '3', generation: '3' })
})
