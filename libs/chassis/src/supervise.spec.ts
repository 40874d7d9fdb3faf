import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createSupervisor, type ChildSpec, type SuperviseOptions, type Supervisor } from './supervise.ts'

const PROCESS_MODULE = JSON.stringify(new URL('./supervised-process.ts', import.meta.url).href)
const WAIT = { timeout: 60_000, interval: 10 }

const running: Supervisor[] = []
const directories: string[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()))
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function setup(options: Partial<SuperviseOptions> = {}) {
  const lines: string[] = []
  const said: string[] = []
  const say = (...words: [string] | [object, string]) => void said.push(words.at(-1) as string)
  const supervisor = createSupervisor({
    log: { info: say, warn: say, error: say },
    backoff: { firstMs: 1, longestMs: 8 },
    output: (line, stream) => void lines.push(`${stream}: ${line}`),
    ...options,
  })
  running.push(supervisor)
  return { supervisor, lines, said }
}

function script(name: string, source: string, more: Partial<ChildSpec> = {}): ChildSpec {
  return { name, command: process.execPath, args: ['--input-type=module', '-e', source], ...more }
}

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'supervise-'))
  directories.push(directory)
  return directory
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const pidOf = ({ state }: { state: { pid?: number | undefined } | object }) =>
  ('pid' in state ? state.pid : undefined) as number
const IDLE = 'setInterval(() => {}, 1000)'

test('what dies is started again, under a new process id', async () => {
  const { supervisor, said } = setup()
  const child = supervisor.start(script('server', IDLE))
  await child.firstReady
  const first = pidOf(child)
  process.kill(first, 'SIGKILL')
  await vi.waitUntil(() => child.state.is === 'ready' && pidOf(child) !== first, WAIT)
  expect(isAlive(pidOf(child))).toBe(true)
  expect(said).toContain('server ended: killed by SIGKILL; it is started again')
})

test('every line of a child bears its name, also the last one without an end', async () => {
  const { supervisor, lines } = setup()
  supervisor.start(script('runner', `process.stdout.write('é one\\r\\n\\ntwo'); process.stderr.write('three\\n')`))
  await vi.waitUntil(() => lines.length >= 4, WAIT)
  expect(lines.slice(0, 4).toSorted()).toEqual([
    'stderr: runner | three',
    'stdout: runner | ',
    'stdout: runner | two',
    'stdout: runner | é one',
  ])
})

test('a child that reports is ready only then', async () => {
  const { supervisor } = setup()
  const go = join(scratch(), 'go')
  const child = supervisor.start(
    script(
      'server',
      `import { existsSync } from 'node:fs'
       import { reportReady } from ${PROCESS_MODULE}
       console.log('up')
       setInterval(() => existsSync(${JSON.stringify(go)}) && reportReady(), 5)`,
      { ready: 'message' },
    ),
  )
  await vi.waitUntil(() => pidOf(child), WAIT)
  expect(child.state.is).toBe('starting')
  writeFileSync(go, '')
  await child.firstReady
  expect(child.state).toMatchObject({ is: 'ready' })
})

test('a probe is asked until it says yes; one that throws says not yet', async () => {
  const { supervisor } = setup({ probeEveryMs: 1 })
  let asked = 0
  const ready = async () => {
    asked += 1
    if (asked === 1) throw new Error('connection refused')
    return asked === 4
  }
  await supervisor.start(script('server', IDLE, { ready })).firstReady
  expect(asked).toBe(4)
})

test('a child that keeps ending while it starts, for one reason, is told of plainly, and tried on', async () => {
  const { supervisor, said, lines } = setup()
  const source = `console.error('port 7070 is taken'); process.exit(3)`
  const child = supervisor.start(script('server', source, { ready: 'message' }))
  await vi.waitUntil(() => lines.length >= 5, WAIT)
  const plainly = said.filter((line) => line.startsWith('server cannot start'))
  expect(plainly).toEqual([
    'server cannot start; it ended 3 times the same way: exit code 3, saying "port 7070 is taken". ' +
      'It will be tried again, but something has to change first.',
  ])
  expect(said.filter((line) => line.includes('ended while starting'))).toHaveLength(2)
  expect(child.state.is).not.toBe('stopped')
})

test('a command that does not exist is told of like any other end', async () => {
  const { supervisor, said } = setup()
  const child = supervisor.start({ name: 'ghost', command: '/nowhere/ghost' })
  await vi.waitUntil(() => said.some((line) => line.startsWith('ghost cannot start')), WAIT)
  expect(said.join('\n')).toMatch(/could not be started \(.*ENOENT\)/)
  await supervisor.stop()
  await expect(child.firstReady).rejects.toThrow('stopped before it was ready')
})

test('waits between restarts grow up to the longest, and fall back once the child was steady', async () => {
  const waits: number[] = []
  const { supervisor } = setup({ backoff: { firstMs: 1, longestMs: 4 }, log: logOf(waits) })
  supervisor.start(script('a', 'process.exit(1)', { ready: 'message' }))
  await vi.waitUntil(() => waits.length >= 3, WAIT)
  expect(waits.slice(0, 3)).toEqual([1, 2, 4])

  const steadyWaits: number[] = []
  const steady = setup({ backoff: { firstMs: 1, longestMs: 4 }, log: logOf(steadyWaits), steadyMs: 0 })
  steady.supervisor.start(script('b', 'process.exit(1)', { ready: 'started' }))
  await vi.waitUntil(() => steadyWaits.length >= 3, WAIT)
  expect(steadyWaits.slice(0, 3)).toEqual([1, 1, 1])
})

function logOf(waits: number[]): SuperviseOptions['log'] {
  const note = (...words: [string] | [object, string]) => {
    const [fields] = words
    if (typeof fields === 'object' && 'restartInMs' in fields) waits.push(fields.restartInMs as number)
  }
  return { info: note, warn: note, error: note }
}

test('stopping lets every child end by itself, restarts none, and starts no other', async () => {
  const { supervisor, lines } = setup()
  const polite = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); console.log('up'); ${IDLE}`
  const children = ['a', 'b'].map((name) => supervisor.start(script(name, polite)))
  await vi.waitUntil(() => lines.length === 2, WAIT)
  const pids = children.map(pidOf)
  await Promise.all([supervisor.stop(), supervisor.stop()])
  expect(lines.slice(2).toSorted()).toEqual(['stdout: a | bye', 'stdout: b | bye'])
  expect(children.map(({ state }) => state.is)).toEqual(['stopped', 'stopped'])
  expect(pids.map(isAlive)).toEqual([false, false])
  expect(() => supervisor.start(script('c', IDLE))).toThrow(/stopping/)
})

test('a child that will not end is killed after the deadline, with its own children', async () => {
  const { supervisor, lines, said } = setup({ stopDeadlineMs: 50 })
  const source = `
    import { spawn } from 'node:child_process'
    process.on('SIGTERM', () => {})
    const grandchild = spawn(process.execPath, ['-e', ${JSON.stringify(IDLE)}])
    console.log(grandchild.pid)
    ${IDLE}`
  supervisor.start(script('stubborn', source))
  await vi.waitUntil(() => lines.length === 1, WAIT)
  const grandchild = Number(lines[0]?.split('| ')[1])
  expect(isAlive(grandchild)).toBe(true)
  await supervisor.stop()
  expect(said).toContain('stubborn did not end within 50 ms of SIGTERM; it is killed')
  await vi.waitUntil(() => !isAlive(grandchild), WAIT)
})

test('what a dead child leaves behind does not live on', async () => {
  const { supervisor, lines } = setup({ backoff: { firstMs: 3_600_000, longestMs: 3_600_000 } })
  const source = `
    import { spawn } from 'node:child_process'
    const grandchild = spawn(process.execPath, ['-e', ${JSON.stringify(IDLE)}])
    process.stdout.write(grandchild.pid + '\\n', () => process.kill(process.pid, 'SIGKILL'))`
  supervisor.start(script('crasher', source))
  await vi.waitUntil(() => lines.length === 1, WAIT)
  await vi.waitUntil(() => !isAlive(Number(lines[0]?.split('| ')[1])), WAIT)
})

test('stopping does not wait out a long pause before a restart', async () => {
  const { supervisor } = setup({ backoff: { firstMs: 3_600_000, longestMs: 3_600_000 } })
  const child = supervisor.start(script('a', 'process.exit(1)'))
  await vi.waitUntil(() => child.state.is === 'waiting', WAIT)
  await supervisor.stop()
  expect(child.state.is).toBe('stopped')
})

test('a slow start is mentioned and left to go on', async () => {
  const { supervisor, said } = setup({ slowStartMs: 5 })
  const child = supervisor.start(script('slow', IDLE, { ready: 'message' }))
  await vi.waitUntil(() => said.includes('slow is still starting after 5 ms'), WAIT)
  expect(child.state.is).toBe('starting')
})

test('two children cannot have one name', () => {
  const { supervisor } = setup()
  supervisor.start(script('a', IDLE))
  expect(() => supervisor.start(script('a', IDLE))).toThrow(/already/)
})

test('the environment is added to ours, or replaces it', async () => {
  const { supervisor, lines } = setup()
  const source = `console.log(process.env.MINE, process.env.PATH !== undefined); ${IDLE}`
  supervisor.start(script('with', source, { env: { MINE: 'yes' } }))
  supervisor.start(script('bare', source, { env: { MINE: 'yes' }, bareEnv: true }))
  await vi.waitUntil(() => lines.length === 2, WAIT)
  expect(lines.toSorted()).toEqual(['stdout: bare | yes false', 'stdout: with | yes true'])
})

test('a child learns that its supervisor is gone, however that ended', async () => {
  const gone = join(scratch(), 'gone')
  const childSource = `
    import { writeFileSync } from 'node:fs'
    import { reportReady, whenOrphaned } from ${PROCESS_MODULE}
    whenOrphaned(() => { writeFileSync(${JSON.stringify(gone)}, ''); process.exit(0) })
    reportReady()
    ${IDLE}`
  const parentSource = `
    import { createSupervisor } from ${JSON.stringify(new URL('./supervise.ts', import.meta.url).href)}
    const log = { info() {}, warn() {}, error() {} }
    const spec = ${JSON.stringify(script('child', childSource, { ready: 'message' }))}
    await createSupervisor({ log }).start(spec).firstReady
    console.log('ready')`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', parentSource], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(parent.stdout, 'data')
  parent.kill('SIGKILL')
  await vi.waitUntil(() => existsSync(gone), WAIT)
})
