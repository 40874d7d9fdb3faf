import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import { redactText } from './redact.ts'

/** Letters that JSON, URLs and cookies leave as they are. */
const secret = fc.stringMatching(/^[A-Za-z0-9_-]{24,43}$/)

/** All the ways in which a request, an error or a setting has had a secret in it. */
const SPOKEN: readonly ((secret: string) => unknown)[] = [
  (s) => ({ headers: { authorization: `Bearer ${s}` } }),
  (s) => ({ headers: { authorization: s } }),
  (s) => ({ headers: { cookie: `a=b; stead_session=${s}` } }),
  (s) => ({ headers: { 'set-cookie': [`stead_session=${s}; Path=/; HttpOnly`] } }),
  (s) => ({ headers: { 'x-api-key': s } }),
  (s) => ({ headers: new Headers({ authorization: `Basic ${s}`, 'x-api-key': s }) }),
  (s) => ({ rawHeaders: ['Host', 'a', 'X-Api-Key', s, 'Cookie', `x=${s}`] }),
  (s) => ({ entries: [['Authorization', s]] }),
  (s) => ({ body: { password: s, currentPassword: s, newPassword: s, client_secret: s } }),
  (s) => ({ body: JSON.stringify({ name: 'x', password: s }) }),
  (s) => ({ form: `grant_type=x&client_secret=${s}&code=1` }),
  (s) => ({ url: `/api/v1/status?token=${s}&a=1` }),
  (s) => ({ url: `/api/v1/status?a=1&key=${s}` }),
  (s) => ({ url: `/api/v1/sign-in/callback?code=${s}&state=x` }),
  (s) => ({ url: `postgres://me:${s}@db/stead` }),
  (s) => ({ path: `/api/v1/models/stead_key_${s}` }),
  (s) => ({ said: `GET / HTTP/1.1\r\nX-Api-Key: ${s}\r\nCookie: stead_session=${s}; b=${s}\r\nAccept: */*` }),
  (s) => ({ said: `STEAD_TOKEN=${s} stead runner` }),
  (s) => ({ said: `authorization: ${s}` }),
  (s) => new Error(`cannot reach https://me:${s}@host/`),
  (s) => new Error('outer', { cause: new Error(`"password":"${s}" is not valid JSON`) }),
  (s) => new AggregateError([new Error(`stead_pat_${s} was refused`)]),
  (s) => Object.assign(new Error('no'), { request: { headers: { Authorization: `Bearer ${s}` } } }),
  (s) => ({ session: { sessionToken: s, idToken: s, refresh_token: s } }),
]

test('no secret comes into a line, however it was said', () => {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const logs = (['json', 'lines'] as const).map((format) => createLog({ name: 'x', format, colour: false, write }))
  fc.assert(
    fc.property(secret, fc.nat(SPOKEN.length - 1), fc.nat(4), (text, which, depth) => {
      let said = SPOKEN[which]!(text)
      for (let level = 0; level < depth; level++) said = level % 2 ? [said] : { inside: said }
      for (const log of logs) {
        log.error({ err: said }, 'a request failed')
        log.child({ said }).info(redactText(JSON.stringify(said) ?? ''))
        if (said instanceof Error) log.warn(said, said.message)
      }
      const written = lines.splice(0).join('\n')
      expect(written).toContain('a request failed')
      expect(written).not.toContain(text)
    }),
    { numRuns: 500 },
  )
})

test('a whole request of a real port says nothing of its secrets', async () => {
  const lines: string[] = []
  const log = createLog({ name: 'x', format: 'json', write: (line) => void lines.push(line) })
  const server = createServer((request: IncomingMessage, response) => {
    const { method, url, headers, rawHeaders } = request
    log.info({ method, url, headers, rawHeaders }, `${method} ${url}`)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const headers = {
    authorization: 'Basic bWU6aHVudGVyMg==',
    cookie: 'theme=hunter2',
    'x-api-key': 'hunter2',
    accept: 'a/b',
  }
  await fetch(`http://127.0.0.1:${port}/sign-in?password=hunter2&a=kept`, { headers })
  server.close()
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toMatch(/hunter2|bWU6/)
  expect(lines[0]).toContain('a=kept')
  expect(lines[0]).toContain('a/b')
})

test.each([
  ['the tokens of GPT are 17, key=value pairs are kept', 'the tokens of GPT are 17, key=value pairs are kept'],
  ['took 17 tokens: fine', 'took 17 tokens: fine'],
  ['GET /api/v1/me/tokens/17?a=1', 'GET /api/v1/me/tokens/17?a=1'],
  ['author: me', 'author: me'],
  ['http://127.0.0.1:7070/p/default?q=x', 'http://127.0.0.1:7070/p/default?q=x'],
  ['basic facts', 'basic facts'],
  ['stead_pat_abcdef was revoked', 'stead_pat_[hidden] was revoked'],
  ['?token=abc&limit=1', '?token=[hidden]&limit=1'],
  ['{"password":"a\\"b","name":"c"}', '{"password":[hidden],"name":"c"}'],
  ['Cookie: a="b"; c=d\r\nAccept: e', 'Cookie: [hidden]\r\nAccept: e'],
])('%j becomes %j', (text, redacted) => {
  expect(redactText(text)).toBe(redacted)
})

test('hiding twice hides no more', () => {
  fc.assert(
    fc.property(secret, fc.nat(SPOKEN.length - 1), (text, which) => {
      const once = redactText(JSON.stringify(SPOKEN[which]!(text)))
      expect(redactText(once)).toBe(once)
    }),
  )
})
