import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { createShutdown } from './shutdown.ts'

function setup({ deadlineMs = 5000 } = {}) {
  const said: string[] = []
  const codes: number[] = []
  const signals = new EventEmitter()
  const say = (...words: [string] | [object, string]) => void said.push(words.at(-1) as string)
  const exit = (code: number) => void codes.push(code)
  const shutdown = createShutdown({ log: { info: say, error: say }, deadlineMs, signals, exit })
  return { shutdown, said, codes, signals }
}

const forever = () => new Promise<void>(() => {})

test('steps run one after another, the last added first, and the process leaves with 0', async () => {
  const { shutdown, codes } = setup()
  const done: string[] = []
  for (const name of ['database', 'server', 'listener']) {
    shutdown.on(name, async () => {
      done.push(`${name} begins`)
      await Promise.resolve()
      done.push(`${name} ends`)
    })
  }
  expect(await shutdown.begin('test')).toBe(0)
  expect(done.filter((line) => line.endsWith('begins'))).toEqual([
    'listener begins',
    'server begins',
    'database begins',
  ])
  expect(done.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends'])
  expect(codes).toEqual([0])
})

test('beginning twice runs each step once and leaves once', async () => {
  const { shutdown, codes, signals } = setup()
  let runs = 0
  shutdown.on('count', () => void (runs += 1))
  const first = shutdown.begin('one')
  signals.emit('SIGTERM', 'SIGTERM')
  signals.emit('SIGINT', 'SIGINT')
  expect(await Promise.all([first, shutdown.begin('two')])).toEqual([0, 0])
  expect([runs, codes]).toEqual([1, [0]])
})

test('a step that throws is named, the steps after it still run, and the code is 1', async () => {
  const { shutdown, said, codes } = setup()
  const done: string[] = []
  shutdown.on('database', () => void done.push('database'))
  shutdown.on('listener', () => {
    throw new Error('no')
  })
  shutdown.on('journal', () => Promise.reject(new Error('no')))
  await shutdown.begin('test')
  expect(done).toEqual(['database'])
  expect(codes).toEqual([1])
  expect(said).toContain('shutdown step "listener" failed')
  expect(said).toContain('shutdown step "journal" failed')
})

test('a step that outlasts the deadline is named and the code is 1', async () => {
  const { shutdown, said, codes } = setup({ deadlineMs: 30 })
  let reached = false
  shutdown.on('database', () => void (reached = true))
  shutdown.on('listener', forever)
  expect(await shutdown.begin('test')).toBe(1)
  expect(codes).toEqual([1])
  expect(reached).toBe(false)
  expect(said).toContain('shutdown step "listener" was not done within 30 ms')
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s begins an orderly shutdown and aborts its signal',
  async (name) => {
    const { shutdown, codes, signals } = setup()
    expect(shutdown.signal.aborted).toBe(false)
    signals.emit(name, name)
    expect(shutdown.signal.aborted).toBe(true)
    await shutdown.begin('wait')
    expect(codes).toEqual([0])
  },
)

test('a second SIGINT leaves at once with 130; SIGTERM again does not', () => {
  const { shutdown, codes, signals } = setup()
  shutdown.on('listener', forever)
  for (const name of ['SIGTERM', 'SIGTERM', 'SIGINT']) signals.emit(name, name)
  expect(codes).toEqual([])
  signals.emit('SIGINT', 'SIGINT')
  expect(codes).toEqual([130])
  void shutdown
})

test('a step taken back does not run; one added during shutdown does', async () => {
  const { shutdown } = setup()
  const done: string[] = []
  const takeBack = shutdown.on('gone', () => void done.push('gone'))
  shutdown.on('late', () => {
    shutdown.on('added', () => void done.push('added'))
  })
  takeBack()
  takeBack()
  await shutdown.begin('test')
  expect(done).toEqual(['added'])
})

test('a disposed shutdown leaves the signals alone', () => {
  const { shutdown, signals } = setup()
  shutdown.dispose()
  expect(signals.eventNames()).toEqual([])
})

const PROCESS = `
  import { createShutdown } from ${JSON.stringify(new URL('./shutdown.ts', import.meta.url).href)}
  const say = (...words) => console.log(words.at(-1))
  const shutdown = createShutdown({ log: { info: say, error: say }, deadlineMs: 60_000 })
  shutdown.on('wait', () => process.argv[1] === 'hang' ? new Promise(() => {}) : undefined)
  setInterval(() => {}, 1000)
  console.log('up')`

test.each([
  ['SIGTERM ends a real process with 0', 'obey', ['SIGTERM'], 0],
  ['SIGINT twice ends a hanging process with 130', 'hang', ['SIGINT', 'SIGINT'], 130],
] as const)('%s', async (_, manner, signals, code) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROCESS, manner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  for (const signal of signals) {
    await once(child.stdout, 'data')
    child.kill(signal)
  }
  expect(await exited).toEqual([code, null])
})
