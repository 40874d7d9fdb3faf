import { redactText } from '@stead/chassis'
import { ERRORS, TOKEN_PREFIXES } from '@stead/contracts'
import type { SteadError } from '@stead/contracts'
import { expect, test } from 'vitest'
import { refuseUrlCredentials } from './url-credentials.ts'

const SECRET = 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE'

function refusalOf(target: string): SteadError | undefined {
  try {
    refuseUrlCredentials(target)
    return undefined
  } catch (error) {
    return error as SteadError
  }
}

test.each(Object.entries(TOKEN_PREFIXES))(
  'a secret of a %s is refused in an address, and hidden in a log',
  (_, prefix) => {
    for (const target of [`/api/v1/status?x=${prefix}${SECRET}`, `/p/${encodeURIComponent(prefix)}${SECRET}`]) {
      const refusal = refusalOf(target)
      expect(refusal).toMatchObject({ code: 'token_in_url', status: 400 })
      expect(JSON.stringify(refusal?.toBody())).not.toContain('Zm9v')
    }
    expect(redactText(`GET /p/${prefix}${SECRET} came`)).toBe(`GET /p/${prefix}[hidden] came`)
  },
)

test('the refusal says where it stood and what to do', () => {
  expect(refusalOf('/api/v1/status?a=1&access_token=x')?.toBody()).toEqual({
    error: {
      code: 'token_in_url',
      message: ERRORS.token_in_url.says,
      fix: ERRORS.token_in_url.fix,
      where: 'query.access_token',
    },
  })
  expect(refusalOf('/api/v1/status?limit=1')).toBeUndefined()
})
