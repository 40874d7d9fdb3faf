import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  AliasName,
  BundlePath,
  DeploymentName,
  ENDPOINTS,
  ERRORS,
  ModelName,
  NewAliasName,
  SteadError,
  VersionNumber,
} from './index.ts'

const endpoints = Object.entries(ENDPOINTS)

describe('endpoints', () => {
  test('each has an address of its own, an act, a sentence, and failures that exist', () => {
    expect(endpoints.length).toBeGreaterThan(30)
    const addresses = endpoints.map(([, { method, path }]) => `${method} ${path.replaceAll(/:[a-zA-Z]+/g, ':')}`)
    expect(new Set(addresses).size).toBe(addresses.length)
    for (const [name, { act, says, fails, path }] of endpoints) {
      expect(act, name).toMatch(/^[a-z-]+\.[a-z]+$/)
      expect(says, name).toMatch(/^[A-Z].*\.$/)
      for (const code of fails) expect(ERRORS[code], `${name}: ${code}`).toBeDefined()
      expect(path.includes(':project') ? fails : [...fails, 'project_not_found'], name).toContain('project_not_found')
    }
  })

  test('each describes exactly the parameters of its path', () => {
    for (const [name, { path, params }] of endpoints) {
      const inPath = new Set([...path.matchAll(/:([a-zA-Z]+)/g)].map(([, key]) => key))
      const described = new Set(Object.keys((params as unknown as { shape?: object } | undefined)?.shape ?? {}))
      expect(described, name).toEqual(inPath)
    }
  })
})

describe('errors', () => {
  test('each says what was wrong and what to do, and becomes its body', () => {
    for (const [code, { says, fix, status }] of Object.entries(ERRORS)) {
      expect(`${says}${fix}`, code).toMatch(/\.$|: .+$/)
      expect(status).toBeGreaterThanOrEqual(400)
    }
    expect(new SteadError('no_runner').toBody()).toEqual({
      error: { code: 'no_runner', message: ERRORS.no_runner.says, fix: ERRORS.no_runner.fix },
    })
  })
})

describe('names', () => {
  test('no model name and no bundle path climbs, whatever its spelling', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const model = ModelName.safeParse(text)
        if (model.success) expect(text).not.toMatch(/[/\\:\p{Cc}]|^\.{1,2}$/u)
        const path = BundlePath.safeParse(text)
        if (path.success)
          expect(new URL(encodeURI(text).replaceAll(/%25/g, '%'), 'http://h/a/b/').pathname.startsWith('/a/b/')).toBe(
            true,
          )
      }),
    )
    for (const path of ['..', '../x', 'a/../b', '/x', 'a//b', './a', 'a\\..\\b', 'a\0b', ''])
      expect(BundlePath.safeParse(path).success, path).toBe(false)
  })

  test('an alias is never mistaken for a version number', () => {
    for (const text of ['1', 'v1', 'V1', '007', 'latest', 'Latest', '..', 'a/b', ''])
      expect(NewAliasName.safeParse(text).success, text).toBe(false)
    for (const text of ['champion', '_a-1', 'größte', '1.x']) expect(NewAliasName.parse(text)).toBe(text)
    // MLflow's clients may have given what nobody else would.
    expect(AliasName.safeParse('007').success).toBe(true)
    expect(z.union([VersionNumber, AliasName]).parse('007')).toBe(7)
    expect(VersionNumber.safeParse(0).success).toBe(false)
  })

  test('a deployment name is safe as one segment of any address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (DeploymentName.safeParse(text).success) expect(encodeURIComponent(text)).toBe(text)
      }),
    )
    for (const text of ['.', '..', 'a/b', 'a:b', '-a', 'a.', ''])
      expect(DeploymentName.safeParse(text).success, text).toBe(false)
  })
})
