import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SteadError } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { fakeInstallation } from './fake-installation.fixture.ts'

const PASSWORD = 'correct horse battery'

const { given, run, asked, calls } = fakeInstallation()

const person = (more: object = {}) => ({
  name: 'bo',
  displayName: 'Bo B.',
  isInstallationOwner: false,
  hasPassword: true,
  createdAt: '2026-01-02T03:04:05.000Z',
  seenAt: null,
  isDisabled: false,
  ...more,
})

test('people are listed with what they own and how they sign in', async () => {
  const people = [
    person(),
    person({ name: 'ada', isInstallationOwner: true, hasPassword: false }),
    person({ name: 'cy', isDisabled: true }),
  ]
  await given({ listPeople: () => ({ people }) })
  const { stdout } = await run('access people')
  expect(stdout).toMatch(/^bo +Bo B\. +password +never$/m)
  expect(stdout).toMatch(/^ada +Bo B\. +owner +single sign-on +never$/m)
  expect(stdout).toMatch(/^cy +Bo B\. +disabled +never$/m)
  expect(JSON.parse((await run('access people --json')).stdout)).toEqual({ people })
})

describe('a person is added', () => {
  test('with a password from standard input, which is nowhere in what is printed', async () => {
    await given({ createPerson: () => person() })
    const { code, stdout, stderr } = await run('access people add bo --owner', { input: `${PASSWORD}\n` })
    expect(code).toBe(0)
    expect(asked('createPerson')?.body).toEqual({ name: 'bo', isInstallationOwner: true, password: PASSWORD })
    expect(stdout + stderr).not.toContain(PASSWORD)
  })

  test('with one typed twice at a terminal, or without any for single sign-on', async () => {
    await given({ createPerson: () => person() })
    await run('access people add bo', { answer: PASSWORD })
    expect(asked('createPerson')?.body).toMatchObject({ password: PASSWORD })
    await run('access people add bo@example.org --no-password --display-name Bo')
    expect(calls().at(-1)?.request.body).toEqual({
      name: 'bo@example.org',
      displayName: 'Bo',
      isInstallationOwner: false,
    })
  })

  test('not with one that is empty or too short, and then nobody is asked', async () => {
    await given({})
    expect((await run('access people add bo', { input: '' })).code).toBe(2)
    const short = await run('access people add bo', { input: 'short' })
    expect(short.code).toBe(2)
    expect(short.stderr).toContain('at least 12 characters')
    expect(calls()).toEqual([])
  })
})

test('only what is given is changed', async () => {
  await given({ changePerson: ({ body }) => person({ ...(body as object), password: undefined }) })
  const { stdout } = await run('access people change bo --disable --owner no')
  expect(stdout).toBe('bo (Bo B.) is disabled\n')
  expect(asked('changePerson')?.body).toEqual({ isDisabled: true, isInstallationOwner: false })
  const renewed = await run('access people change bo --password', { input: PASSWORD })
  expect(renewed.stdout).toBe('bo (Bo B.) is enabled, with a new password\n')
  expect(calls().at(-1)?.request.body).toEqual({ password: PASSWORD })
  expect((await run('access people change bo')).code).toBe(2)
  expect((await run('access people change bo --disable --enable')).code).toBe(2)
})

test('a person who answers for deployments is not removed, and these are named', async () => {
  await given({
    deletePerson: () => {
      throw new SteadError('owns_running', '"bo" answers for forecast')
    },
  })
  const { code, stderr } = await run('access people remove bo')
  expect(code).toBe(3)
  expect(stderr).toContain('"bo" answers for forecast')
  expect(stderr).toContain('stead access hand-over')
})

test('an owner is made on the home itself, by the whole program, while no server runs', () => {
  const home = mkdtempSync(join(tmpdir(), 'stead-owner-'))
  const create = (name: string, input: string) =>
    spawnSync(
      process.execPath,
      [fileURLToPath(new URL('../bin/stead.mjs', import.meta.url)), 'access', 'create-owner', name, '--home', home],
      { input, encoding: 'utf8', env: { PATH: process.env.PATH } },
    )
  try {
    const made = create('ada', `${PASSWORD}\n`)
    expect(made.stderr).toBe('')
    expect(made.stdout).toContain('ada owns this installation')
    expect(made.status).toBe(0)
    const again = create('ada', `${PASSWORD}\n`)
    expect(again.stderr).toContain('No owner was made: there is a person "ada" already')
    expect(again.status).toBe(1)
    expect(create('bo', 'short\n').stderr).toContain('at least 12 characters')
    expect(create('bo', '').stderr).toContain('There was no password')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
