import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownPath } from './own-path.ts'

test.for(['/', '/models', '/p/default/models?q=x&sort=name#top', '/p/default/deployments/a%2Fb'])(
  '%j is a place of the console',
  (to) => expect(ownPath(to)).toBe(to),
)

test.for([
  '',
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/.//evil.example/',
  '/x/..//evil.example/',
  '/\t/evil.example/',
  '\\\\evil.example',
  'javascript:alert(1)',
  'models',
  '/api/v1/session/sso',
  '/sign-in?to=/',
  `/${'a'.repeat(2_000)}`,
])('%j is none, and stands for the root', (to) => expect(ownPath(to)).toBe('/'))

test('however it is written, a browser that follows it stays on this server', () => {
  const piece = fc.constantFrom('/', '\\', '.', '..', '\t', '\n', ' ', '@', ':', '?', '#', '%2f', '%5c', 'evil.example')
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 8 }), (pieces) => {
      const led = new URL(ownPath(pieces.join('')), 'https://stead.example')
      expect(led.origin).toBe('https://stead.example')
    }),
    { numRuns: 2_000 },
  )
})
