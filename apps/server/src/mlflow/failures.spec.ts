import { type ErrorCode, ERRORS, SteadError } from '@stead/contracts'
import { expect, test } from 'vitest'
import { toldAsMlflow } from './failures.ts'

const codes = Object.keys(ERRORS) as ErrorCode[]

test.for(codes)(
  '%s is told with a status of its kind: a mistake of the caller is never one that clients repeat',
  (code) => {
    const { status, body } = toldAsMlflow(new SteadError(code, 'why'))
    expect(Math.floor(status / 100)).toBe(Math.floor(ERRORS[code].status / 100))
    expect(body).toEqual({ error_code: expect.stringMatching(/^[A-Z_]+$/) as string, message: 'why' })
    if (status < 500) expect(body.error_code).not.toBe('INTERNAL_ERROR')
  },
)

test('that no runner has the runtime is the choice of the caller, not a failure of the server', () => {
  expect(ERRORS.runtime_missing.status).toBe(409)
})
