import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import {
  boolean,
  duration,
  EnvironmentError,
  integer,
  list,
  oneOf,
  port,
  readEnvironment,
  size,
  text,
  url,
  type EnvironmentProblem,
} from './environment.ts'

const VARIABLES = {
  STEAD_PORT: port({ default: 7070 }),
  STEAD_DATA: text({ required: true }),
  STEAD_LEASE: duration({ default: 5000, min: 100, max: 60_000 }),
  STEAD_ENGINE_MEMORY: size(),
  STEAD_DATABASE_URL: url({ protocols: ['postgres:', 'postgresql:'] }),
  STEAD_OFFLINE: boolean({ default: false }),
  STEAD_ALLOWED_HOSTS: list({ default: [] }),
  STEAD_LOG: oneOf(['debug', 'info'], { default: 'info' }),
  STEAD_THREADS: integer({ min: 1 }),
  STEAD_TOKEN: duration({ secret: true }),
}

function problemsOf(env: Record<string, string>): readonly EnvironmentProblem[] {
  try {
    readEnvironment(VARIABLES, env)
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems
    throw error
  }
  return []
}

test('text becomes typed values', () => {
  const { values, warnings } = readEnvironment(VARIABLES, {
    STEAD_PORT: '8080',
    STEAD_DATA: '/data',
    STEAD_LEASE: '10s',
    STEAD_ENGINE_MEMORY: '2GiB',
    STEAD_DATABASE_URL: 'postgres://db/stead',
    STEAD_OFFLINE: 'Yes',
    STEAD_ALLOWED_HOSTS: 'a.example, b.example,,',
    STEAD_LOG: 'debug',
    STEAD_THREADS: '4',
  })
  expect(values).toEqual({
    STEAD_PORT: 8080,
    STEAD_DATA: '/data',
    STEAD_LEASE: 10_000,
    STEAD_ENGINE_MEMORY: 2 ** 31,
    STEAD_DATABASE_URL: new URL('postgres://db/stead'),
    STEAD_OFFLINE: true,
    STEAD_ALLOWED_HOSTS: ['a.example', 'b.example'],
    STEAD_LOG: 'debug',
    STEAD_THREADS: 4,
    STEAD_TOKEN: undefined,
  })
  expect(warnings).toEqual([])
  expectTypeOf(values.STEAD_PORT).toEqualTypeOf<number>()
  expectTypeOf(values.STEAD_DATA).toEqualTypeOf<string>()
  expectTypeOf(values.STEAD_THREADS).toEqualTypeOf<number | undefined>()
  expectTypeOf(values.STEAD_LOG).toEqualTypeOf<'debug' | 'info'>()
})

test('what is unset or empty takes its default', () => {
  const { values } = readEnvironment(VARIABLES, { STEAD_DATA: 'd', STEAD_PORT: '', STEAD_THREADS: '' })
  expect(values).toMatchObject({ STEAD_PORT: 7070, STEAD_LEASE: 5000, STEAD_ALLOWED_HOSTS: [], STEAD_LOG: 'info' })
  expect(values.STEAD_THREADS).toBeUndefined()
})

test('every fault is told at once, with variable, value and what is expected', () => {
  const problems = problemsOf({
    STEAD_PORT: '70000',
    STEAD_LEASE: '10',
    STEAD_ENGINE_MEMORY: 'lots',
    STEAD_DATABASE_URL: 'mysql://db',
    STEAD_OFFLINE: 'maybe',
    STEAD_LOG: 'loud',
    STEAD_THREADS: '0',
  })
  expect(problems.map(({ message }) => message)).toEqual([
    'STEAD_PORT is "70000"; expected a port number from 0 to 65535, such as 7070.',
    'STEAD_DATA is not set; expected some text.',
    'STEAD_LEASE is "10"; expected a duration such as 500ms, 30s or 10m, at least 100ms, at most 60000ms.',
    'STEAD_ENGINE_MEMORY is "lots"; expected a size such as 512MB or 2GiB.',
    'STEAD_DATABASE_URL is "mysql://db"; expected a URL beginning with postgres:// or postgresql://.',
    'STEAD_OFFLINE is "maybe"; expected true or false.',
    'STEAD_LOG is "loud"; expected one of debug, info.',
    'STEAD_THREADS is "0"; expected a whole number, at least 1.',
  ])
})

test('a secret and a password within a URL are never repeated', () => {
  const messages = problemsOf({
    STEAD_DATA: 'd',
    STEAD_TOKEN: 'hunter2',
    STEAD_DATABASE_URL: 'mysql://me:hun@ter2@db/stead',
  }).map(({ message, value }) => `${message} ${value}`)
  expect(messages).toHaveLength(2)
  expect(messages.join()).not.toMatch(/hun|ter2/)
  expect(messages.join()).toContain('mysql://me:***@db/stead')
})

test('an unknown variable of ours is warned of, with the nearest name if one is near', () => {
  const env = {
    STEAD_DATA: 'd',
    STEAD_PROT: '1',
    STEAD_ALOWED_HOST: 'a',
    STEAD_XYZZY: '1',
    OTHER_PORT: '1',
    STEAD_UP: '1',
  }
  const { warnings } = readEnvironment(VARIABLES, env, { alsoKnown: ['STEAD_UP'] })
  expect(warnings.map(({ variable, nearest }) => [variable, nearest])).toEqual([
    ['STEAD_ALOWED_HOST', 'STEAD_ALLOWED_HOSTS'],
    ['STEAD_PROT', 'STEAD_PORT'],
    ['STEAD_XYZZY', undefined],
  ])
  expect(warnings[1]?.message).toContain('Did you mean STEAD_PORT?')
})

test('a misspelt name is mentioned beside the missing variable it was meant for', () => {
  expect(() => readEnvironment(VARIABLES, { STEAD_DTA: 'd' })).toThrow(
    /STEAD_DATA is not set[^]*Did you mean STEAD_DATA/,
  )
})

test('whatever the environment holds, reading either gives values or names the variables at fault', () => {
  const env = fc.dictionary(fc.constantFrom(...Object.keys(VARIABLES)), fc.string())
  fc.assert(
    fc.property(env, (found) => {
      for (const { variable } of problemsOf(found)) expect(Object.keys(VARIABLES)).toContain(variable)
    }),
  )
})
