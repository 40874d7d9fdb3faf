import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addConstant } from '../../../../dev/fixtures/onnx/models.ts'
import { exitReason } from './host-exit.ts'
import { type HostOptions, type HostProcess, startHost } from './host-process.ts'
import { connectEngine } from './link.ts'
import { floats, valuesOf } from './testing/frames.ts'

const batching = { maxRows: 8, maxDelayMs: 0, preferredRows: [], maxQueue: 16 }
const LIMITS = { timeoutMs: 60_000 }

interface Stage {
  readonly host: HostProcess
  readonly dir: string
  readonly lines: string[]
}

async function stage(
  runtime: 'onnx' | 'javascript',
  model: string,
  options: Partial<HostOptions> = {},
): Promise<Stage> {
  const base = mkdtempSync(join(tmpdir(), 'st-'))
  const dir = join(base, 'model')
  mkdirSync(dir)
  if (runtime === 'onnx') writeFileSync(join(dir, 'model.onnx'), addConstant(3))
  else copyFileSync(join(import.meta.dirname, `../runtimes/javascript/testing/${model}.mjs`), join(dir, 'index.mjs'))
  const lines: string[] = []
  const host = await startHost({
    runtime,
    socketDir: base,
    modelDirs: [dir],
    log: (line) => lines.push(line),
    ...options,
  })
  onTestFinished(async () => {
    await host.kill()
    rmSync(base, { recursive: true })
  })
  return { host, dir, lines }
}

const load = ({ host, dir }: Stage, limits = LIMITS) => host.load(0, { dir, files: [], batching, threads: 1 }, limits)

async function unruly() {
  const set = await stage('javascript', 'unruly')
  await load(set)
  const link = await connectEngine(set.host.socketPath, 0)
  return { ...set, act: (way: number) => link.infer({ inputs: [floats('x', [1], [way])] }) }
}

describe('a host', () => {
  test('can be started as a spare, before its model is known', async () => {
    const set = await stage('onnx', 'add', { modelDirs: undefined })
    await load(set)
    await set.host.warm(0, {}, LIMITS)
    expect(valuesOf((await set.host.infer(0, [floats('x', [1, 2], [1, 2])])).outputs[0])).toEqual([4, 5])
    expect(await set.host.rss()).toBeGreaterThan(10 * 2 ** 20)
  })

  test('gets none of the environment but what it needs', async () => {
    process.env.STEAD_SECRET = 'a secret'
    onTestFinished(() => void delete process.env.STEAD_SECRET)
    const { host } = await stage('onnx', 'add')
    const names = readFileSync(`/proc/${host.pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => entry.split('=')[0])
    const allowed = ['MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_', 'LANG', 'TZ', 'NODE_COMPILE_CACHE', '']
    expect(names.filter((name) => !allowed.includes(name as string))).toEqual([])
    expect(names).toContain('MALLOC_TRIM_THRESHOLD_')
  })

  test('that is killed says so, loses what it held and leaves no socket', async () => {
    const set = await unruly()
    const held = set.act(5)
    held.catch(() => undefined)
    await set.host.stats()
    process.kill(set.host.pid, 'SIGKILL')
    expect(await set.host.exited).toMatchObject({ signal: 'SIGKILL', reason: /perhaps out of memory/ })
    await expect(held).rejects.toMatchObject({ kind: 'engine_lost' })
    await expect(set.act(0)).rejects.toMatchObject({ kind: 'engine_lost' })
    expect(existsSync(set.host.socketPath)).toBe(false)
    await expect(set.host.stats()).rejects.toThrow()
  })

  test('ends when its supervisor does', async () => {
    const { host } = await stage('onnx', 'add')
    const { HostConnection } = await import('./link-connection.ts')
    const second = await HostConnection.open(host.socketPath, 'control')
    second.close()
    expect(await host.exited).toMatchObject({ code: 0 })
  })

  test('that hangs in a load is given up in time, and can be killed', async () => {
    const set = await stage('javascript', 'hanging')
    await expect(load(set, { timeoutMs: 1500 })).rejects.toThrow('Loading took longer than 1500 ms')
    expect(await set.host.kill()).toMatchObject({ signal: 'SIGKILL', reason: 'it was stopped' })
    expect(set.lines).toContain('loading for ever')
  })

  test('is given up when the asker changes its mind', async () => {
    const set = await stage('javascript', 'hanging')
    const abort = new AbortController()
    const loading = set.host.load(
      0,
      { dir: set.dir, files: [], batching, threads: 1 },
      { ...LIMITS, signal: abort.signal },
    )
    abort.abort(new Error('superseded'))
    await expect(loading).rejects.toThrow('superseded')
  })

  test('that runs out of heap says so to whoever waits for the load', async () => {
    const set = await stage('javascript', 'hungry', { memory: 64 * 2 ** 20 })
    await expect(load(set)).rejects.toThrow(/memory/)
    expect((await set.host.exited).reason).toMatch(/memory/)
  })

  test('refuses a socket path that the system would cut', async () => {
    const long = join(tmpdir(), 'x'.repeat(100))
    await expect(startHost({ runtime: 'onnx', socketDir: long, log: () => undefined })).rejects.toThrow(/too long/)
  })
})

describe('a JavaScript model', () => {
  test.each([
    [6, /no data/],
    [7, /no tensor 'y'/],
    [8, /1 elements where its shape has 3/],
    [9, /a string/],
  ])('that answers nonsense (%i) fails its request and goes on', async (way, message) => {
    const { act } = await unruly()
    await expect(act(way)).rejects.toMatchObject({ kind: 'model_failed', message: expect.stringMatching(message) })
    expect(valuesOf((await act(0)).outputs[0])).toEqual([0])
  })

  test.each([
    [1, /code 70.*thrown later/s],
    [2, /code 70.*rejected later/s],
    [3, /code 9/],
  ])('that breaks outside of any call (%i) ends its host, with the reason', async (way, reason) => {
    const { act, host } = await unruly()
    act(way).catch(() => undefined)
    expect((await host.exited).reason).toMatch(reason)
    await expect(act(0)).rejects.toMatchObject({ kind: 'engine_lost' })
  })
})

test('the reason of an exit names the supervisor, the memory or the last words', () => {
  const ending = { code: null, signal: null, lines: [], killed: false, overMemory: false } as const
  expect(exitReason({ ...ending, signal: 'SIGKILL', overMemory: true, killed: true })).toMatch(
    /more memory than it may/,
  )
  expect(exitReason({ ...ending, signal: 'SIGSEGV', lines: ['oh'] })).toBe(
    'it was ended by SIGSEGV, its last words:\noh',
  )
  expect(exitReason({ ...ending, code: 1 })).toBe('it exited with code 1')
})
