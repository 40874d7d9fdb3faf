import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { getRun, ProjectName, RunId } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../../../apps/server/src/scratch-server.fixture.ts'

const project = ProjectName.parse('default')
let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(() => server.close())

/** A program that begins a run and a part of it, logs, tells their ids, and goes on by `then`. */
async function program(then: string) {
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const source = `
    import { createClient } from ${at('../client.ts')}
    import { createTracking } from ${at('./node.ts')}
    const tracking = createTracking(createClient({ url: ${JSON.stringify(server.url)} }), { everyMs: 60_000 })
    const run = await tracking.startRun({ remembers: false, measures: false })
    const part = await run.child()
    part.log({ loss: 0.5 })
    const stay = setInterval(() => {}, 1_000)
    ${then}
    console.log(run.id + ' ' + part.id)
  `
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  for await (const line of createInterface({ input: child.stdout })) {
    const [run, part] = line.split(' ').map((id) => RunId.parse(id))
    return { child, ended, run: run!, part: part!, said: () => said }
  }
  throw new Error(said)
}

const read = (run: RunId) => server.client.call(getRun, { params: { project, run } })

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the runs of a program that %s ends are killed, with all they logged',
  async (signal) => {
    const { child, ended, run, part } = await program('')
    child.kill(signal)
    expect(await ended).toEqual([null, signal])
    expect(await read(run)).toMatchObject({ status: 'KILLED', endedAt: expect.any(Number) })
    expect(await read(part)).toMatchObject({ status: 'KILLED', metrics: { loss: { value: 0.5 } } })
  },
)

test.each(['throw new Error("burnt")', 'void Promise.reject(new Error("burnt"))'])(
  'the runs of a program that falls have failed, and it falls as ever: %s',
  async (fault) => {
    const { ended, run, part, said } = await program(`setTimeout(() => { ${fault} }, 50)`)
    expect(await ended).toEqual([1, null])
    expect(said()).toContain('Error: burnt')
    expect([(await read(run)).status, (await read(part)).status]).toEqual(['FAILED', 'FAILED'])
  },
)

test('a program that listens itself decides itself', async () => {
  const finish = `process.once('SIGTERM', async () => { await part.end(); await run.end(); clearInterval(stay) })`
  const { child, ended, run } = await program(finish)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect((await read(run)).status).toBe('FINISHED')
})

test('of a run that has ended nothing stays behind in the process', async () => {
  const rest = `await part.end(); await run.end(); clearInterval(stay)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException'])
      if (process.listenerCount(signal) > 0) process.exitCode = 3`
  expect(await (await program(rest)).ended).toEqual([0, null])
})

test('of a program that was killed without a word, what it had sent is there', async () => {
  const { child, ended, run, part } = await program('await part.flush()')
  child.kill('SIGKILL')
  await ended
  expect((await read(run)).status).toBe('RUNNING')
  const { status, metrics } = await read(part)
  expect({ status, loss: metrics.loss?.value }).toEqual({ status: 'RUNNING', loss: 0.5 })
})
