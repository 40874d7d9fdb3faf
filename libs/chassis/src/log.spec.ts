import { spawn } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatLine } from './log-lines.ts'
import { createLog, type LogOptions } from './log.ts'
import { redact, redactText } from './redact.ts'

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({ name: 'server', format: 'json', ...options, write: (line) => lines.push(line) })
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, entries }
}

test('a line is one JSON object with level, time, name and fields', () => {
  const { log, entries } = capture()
  log.child({ domain: 'registry' }).info({ rows: 3 }, '100% of %d rows read')
  expect(entries()).toEqual([
    expect.objectContaining({
      level: 'info',
      name: 'server',
      domain: 'registry',
      rows: 3,
      msg: '100% of %d rows read',
    }),
  ])
  expect(entries()[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
})

test('lines below the level are not written', () => {
  const { log, lines } = capture({ level: 'warn' })
  log.info('quiet')
  log.child({}).debug('quiet')
  log.warn('loud')
  expect(lines).toHaveLength(1)
  expect([log.isLevelEnabled('info'), log.isLevelEnabled('error')]).toEqual([false, true])
})

test.each([
  'authorization',
  'Proxy-Authorization',
  'cookie',
  'set-cookie',
  'token',
  'accessToken',
  'password',
  'passwd',
  'clientSecret',
  'apiKey',
  'api_key',
  'x-api-key',
  'API_KEY',
  'apikey',
  'private-key',
  'key',
  'credentials',
])('a field named %s is hidden at any depth, in children and grandchildren too', (name) => {
  const { log, lines } = capture()
  const request = { headers: [{ [name]: 'hunter2', nested: { [name]: ['hunter2'] } }] }
  log.info({ [name]: 'hunter2', request }, 'called')
  log
    .child({ [name]: 'hunter2' })
    .child({ request })
    .child({ [name]: { deep: 'hunter2' } })
    .info('called')
  log.error(Object.assign(new Error('no'), { [name]: 'hunter2', cause: { [name]: 'hunter2' } }), 'failed')
  expect(lines).toHaveLength(3)
  expect(lines.join()).not.toContain('hunter2')
})

test('names that only resemble a secret stay, and so do flags', () => {
  const kept = { monkey: 'banana', keys: 3, donkey: 'grey', hasToken: true, cookie: undefined, secret: null }
  expect(redact(kept)).toEqual(kept)
})

test('passwords in URLs and credentials in text are hidden', () => {
  expect(redactText('cannot reach postgres://me:hun@ter2@db/stead, retrying')).toBe(
    'cannot reach postgres://me:[hidden]@db/stead, retrying',
  )
  expect(redactText('sent Authorization: Bearer abc.DEF-123')).toBe('sent Authorization: Bearer [hidden]')
  expect(redactText('see http://localhost:7070/a@b')).toBe('see http://localhost:7070/a@b')
  const { log, lines } = capture()
  log.warn({ url: 'http://a:hunter2@b' }, 'http://a:hunter2@b')
  log.warn('http://a:hunter2@b')
  expect(lines).toHaveLength(2)
  expect(lines.join()).not.toContain('hunter2')
})

test('an error is written with its type, message, stack and causes', () => {
  const { log, entries } = capture()
  log.error({ err: new TypeError('outer', { cause: new Error('inner') }) }, 'failed')
  log.error(new RangeError('bare'), 'failed')
  expect(entries()).toMatchObject([
    { err: { type: 'TypeError', message: 'outer', stack: expect.any(String), cause: { message: 'inner' } } },
    { err: { type: 'RangeError', message: 'bare' } },
  ])
})

test('whatever is logged, it is one line of JSON and the logger does not throw', () => {
  const circular: Record<string, unknown> = { big: 10n, bytes: new Uint8Array(9), map: new Map([['token', 'x']]) }
  circular.self = circular
  const { log, lines } = capture()
  fc.assert(
    fc.property(
      fc.object({ withBigInt: true, withMap: true, withSet: true, withDate: true }),
      fc.string(),
      (fields, message) => {
        log.info({ circular, fields }, message)
        const line = lines.pop() ?? ''
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(JSON.parse(line)).toMatchObject({
          circular: { self: '[circular]', big: '10', map: { token: '[hidden]' } },
        })
      },
    ),
  )
})

test('on a terminal a line is short, and fields follow the message', () => {
  const { log, lines } = capture({ format: 'lines', colour: false })
  log.info({ port: 7070, path: '/a b' }, 'listening')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}server {2}listening {2}port=7070 {2}path="\/a b"\n$/)
})

test('on a terminal an error shows its stack and cause below', () => {
  const { log, lines } = capture({ format: 'lines', colour: false })
  log.error(new Error('outer', { cause: new Error('inner') }), 'failed')
  expect(lines[0]).toMatch(/failed\n {4}Error: outer\n {4} +at [^]*\n {2}caused by:\n {4}Error: inner\n/)
})

test('a message can neither forge a line nor move the cursor', () => {
  const { log, lines } = capture({ format: 'lines', colour: false })
  log.info({ 'a\nb': 'c\u001b[2Jd\n' }, 'one\n14:00:00 INFO  server  two\u001b[31m\u009b')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.slice(0, -1)).not.toMatch(/\p{Cc}/u)
})

test('text that is no log line is shown as it is', () => {
  expect(formatLine('plain\n', false)).toBe('plain')
  expect(formatLine('17', true)).toBe('17')
})

test('by default JSON goes to stderr when that is no terminal, and the last words of a dying process arrive', async () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)}
    createLog({ name: 'dying' }).fatal({ password: 'hunter2' }, 'last words')
    process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
  expect(out.join('')).toBe('')
  expect(JSON.parse(err.join(''))).toMatchObject({ name: 'dying', msg: 'last words', password: '[hidden]' })
})
