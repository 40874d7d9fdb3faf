import fc from 'fast-check'
import { expect, test } from 'vitest'
import { credentialIn } from './url-credentials.ts'

const PREFIXES = ['acme_pat_', 'acme_key_']
const SECRET = 'acme_pat_Zm9vYmFyYmF6cXV4'
const find = (target: string) => credentialIn(target, PREFIXES)

test.each([
  ['/api?token=x', 'query.token'],
  ['/api?a=1&access_token=x', 'query.access_token'],
  ['/api?ACCESS-TOKEN=x', 'query.ACCESS-TOKEN'],
  ['/api?apiKey=x', 'query.apiKey'],
  ['/api?x-api-key=x', 'query.x-api-key'],
  ['/api?a=1;password=x', 'query.password'],
  ['/api?%74oken=x', 'query.token'],
  ['/api?%2574oken=x', 'query.token'],
  ['/api?token', 'query.token'],
  ['/api?token[]=x', 'query.token[]'],
  ['//x?key=', 'query.key'],
  [`/api?q=${SECRET}`, 'query.q'],
  [`/api?q=before${SECRET}`, 'query.q'],
  [`/api?q=%61cme%5Fpat%5FZm9v`, 'query.q'],
  [`/api?q=%2561cme%255Fpat%255FZm9v`, 'query.q'],
  [`/api?${SECRET}=1`, 'query'],
  [`/api?${SECRET}`, 'query'],
  [`/api?a b${SECRET}=1`, 'query'],
  [`/api?acme_p&at_x=${SECRET}`, 'query.at_x'],
  [`/api/${SECRET}`, 'path'],
  [`/api/acme%5fkey%5fabc?x=1`, 'path'],
  [`/%zz/${SECRET}`, 'path'],
  ['http://me:hunter2@host/api', 'authority'],
])('%s holds a credential in its %s', (target, where) => {
  expect(find(target)).toBe(where)
})

test.each([
  '/',
  '*',
  '/api/v1/projects/default/models/tokens',
  '/api/v1/me/tokens/17',
  '/api?state=abc&code=x&session_state=y',
  '/api?monkey=banana&keys=3&author=me&q=token',
  '/api?q=50%25&limit=10',
  '/api?q=%',
  '/sign-in?return=%2Fp%2Fdefault%2Fmodels',
  '/api?q=me@example.com',
])('%s holds none', (target) => {
  expect(find(target)).toBeUndefined()
})

test('a secret is found however it is escaped, and never told', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9_-]{8,43}$/).map((tail) => `acme_key_${tail}`)
  const escaped = fc.tuple(
    secret,
    fc.array(fc.boolean(), { minLength: 52, maxLength: 52 }),
    fc.integer({ max: 2, min: 0 }),
  )
  const noise = fc.stringMatching(/^[a-z/&?=.%0-9-]{0,20}$/)
  fc.assert(
    fc.property(escaped, noise, noise, ([text, which, again], before, after) => {
      let written = Array.from(text, (c, at) => (which[at] ? `%${c.charCodeAt(0).toString(16)}` : c)).join('')
      for (let round = 0; round < again; round++) written = written.replaceAll('%', '%25')
      const where = find(`/${before.replaceAll('%', '')}${written}${after}`)
      expect(where).toMatch(/^(path|query)/)
      expect(where).not.toContain(text.slice(0, 9))
    }),
  )
})
