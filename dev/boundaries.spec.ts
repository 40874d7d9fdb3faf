import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkBoundaries } from './boundaries.ts'
import { RULES, violationsOf } from './boundaries/rules.ts'
import { readSource } from './boundaries/source.ts'
import { silentBoundaries } from './lint-proofs.ts'

const broken = (path: string, text: string) => [
  ...new Set(violationsOf(readSource(path, text)).map(({ rule }) => rule)),
]

describe('reading a source', () => {
  test('finds every way of mentioning another module, with its line', () => {
    const text = [
      "import { a } from './a.ts'",
      "import './b.ts'",
      "import type { C } from './c.ts'",
      "export * from './d.ts'",
      "export { e } from './e.ts'",
      "const f = () => import('./f.ts')",
      "type G = import('./g.ts').G",
    ].join('\n')
    const { references } = readSource('libs/sdk/src/x.ts', text)
    const seen = references.map(({ target, line }) => `${line} ${target}`).toSorted()
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, at) => `${at + 1} libs/sdk/src/${name}.ts`))
    expect(references.filter((one) => one.isTypeOnly).map((one) => one.specifier)).toEqual(['./c.ts', './g.ts'])
    expect(references.filter((one) => one.isLazy).map((one) => one.specifier)).toEqual(['./f.ts'])
  })

  test('does not take text or comments for imports', () => {
    const text = 'const text = "import { a } from \'fastify\'" // import { b } from "kysely"'
    expect(readSource('apps/server/src/x.ts', text).references).toEqual([])
  })

  test.each([
    'process.env.HOME',
    "process['env']",
    'const { env } = process',
    'const { ...all } = process',
    "import { env } from 'node:process'",
  ])('sees that %s touches the environment', (text) => expect(readSource('x.ts', text).environment).toEqual([1]))

  test('refuses what it cannot parse instead of passing it', () => {
    expect(() => readSource('x.ts', 'import { from')).toThrow('x.ts')
  })
})

describe('the arrows between packages', () => {
  test('let the server use contracts and chassis but not the SDK', () => {
    expect(broken('apps/server/src/a.ts', "import '@stead/contracts'; import '@stead/chassis'")).toEqual([])
    expect(broken('apps/server/src/a.ts', "import '@stead/sdk'")).toEqual(['package-arrows'])
    expect(broken('apps/server/src/a.spec.ts', "import '@stead/sdk'")).toEqual([])
  })

  test('let nothing of ours into contracts and chassis, not even a type', () => {
    expect(broken('libs/contracts/src/a.ts', "import type { Log } from '@stead/chassis'")).toEqual(['package-arrows'])
    expect(broken('libs/chassis/src/a.ts', "import type { Digest } from '@stead/contracts'")).toEqual([
      'package-arrows',
    ])
  })

  test('let only the commands that run the platform use the chassis', () => {
    expect(broken('apps/cli/src/commands/up.ts', "import '@stead/chassis'")).toEqual([])
    expect(broken('apps/cli/src/commands/update.ts', "import '@stead/chassis'")).toEqual(['package-arrows'])
  })

  test('see through a relative path into another package', () => {
    expect(broken('apps/runner/src/a.ts', "import '../../server/src/start.ts'")).toEqual([
      'package-arrows',
      'apps-never-import-apps',
      'packages-by-name',
    ])
  })

  test('let a package import its own files and the world', () => {
    expect(
      broken('apps/runner/src/a.ts', "import './b.ts'; import '../package.json'; import 'node:fs'; import 'zod'"),
    ).toEqual([])
  })
})

describe('inside the server', () => {
  test.each([
    'wiring.ts',
    'start.ts',
    'main.ts',
    'domains/registry/registry.spec.ts',
    'domains/golden/golden.sql.ts',
    'database/migrate.ts',
  ])('%s may import an adapter', (name) => {
    const up = '../'.repeat(name.split('/').length - 1) || './'
    expect(broken(`apps/server/src/${name}`, `import '${up}domains/registry/registry.sql.ts'`)).toEqual([])
  })

  test.each([
    './registry.sql.ts',
    '../artifacts/artifacts.s3.ts',
    '../artifacts/artifacts.files.ts',
    '../../database/tables.ts',
  ])('a use case may not import %s', (specifier) => {
    expect(broken('apps/server/src/domains/registry/registry.ts', `import '${specifier}'`)).toEqual([
      'adapters-only-in-wiring',
    ])
  })

  test('a use case may not import its own endpoints', () => {
    expect(broken('apps/server/src/domains/registry/registry.ts', "import './registry.http.ts'")).toEqual([
      'use-cases-know-no-framework',
    ])
    expect(
      broken(
        'apps/server/src/domains/registry/registry.http.ts',
        "import './registry.ts'; import type {} from 'fastify'",
      ),
    ).toEqual([])
  })
})

describe('files and folders', () => {
  test('an index lists what it exports; only the contracts are exported whole', () => {
    expect(broken('libs/chassis/src/index.ts', "export { a } from './a.ts'\nexport type { B } from './b.ts'")).toEqual(
      [],
    )
    expect(broken('libs/chassis/src/index.ts', 'export const a = 1')).toEqual(['index-is-a-list'])
    expect(broken('libs/contracts/src/index.ts', "export * from './a.ts'")).toEqual([])
  })

  test('a file that also holds something of its own is not a barrel', () => {
    expect(broken('apps/runner/src/a.ts', "export { b } from './b.ts'\nexport const a = 1")).toEqual([])
    expect(broken('apps/runner/src/index.ts', "export { b } from './b.ts'")).toEqual(['no-barrels'])
  })

  test('only the folder is judged, not the file', () => {
    expect(broken('libs/sdk/src/common/a.ts', '')).toEqual(['no-catch-all-folders'])
    expect(broken('libs/sdk/src/common.ts', '')).toEqual([])
  })
})

describe('the whole check', () => {
  const root = mkdtempSync(join(tmpdir(), 'stead-boundaries-'))
  afterAll(() => rmSync(root, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  test('reads tracked and new files, not ignored ones nor the proofs, and reports what does not parse', () => {
    spawnSync('git', ['init', '--quiet'], { cwd: root })
    expect(checkBoundaries(root)).toEqual({ files: 0, violations: [] })
    write('.gitignore', 'node_modules/\n')
    write('libs/sdk/src/wrong.ts', "\nimport '@stead/server'")
    write('libs/sdk/src/torn.ts', 'import {')
    write('libs/sdk/node_modules/x/index.ts', "import '@stead/server'")
    write('dev/lint-proof/x.ts', "import '@stead/server'")
    const { files, violations } = checkBoundaries(root)
    expect(files).toBe(2)
    expect(violations.map(({ rule, path, line }) => `${path}:${line} ${rule}`)).toEqual([
      'libs/sdk/src/torn.ts:1 readable',
      'libs/sdk/src/wrong.ts:2 package-arrows',
    ])
  })

  test('a folder that is no repository is an error, not a success', () => {
    expect(() => checkBoundaries(tmpdir())).toThrow('git could not list the files')
  })

  test('every rule has a file that breaks it, and reports it', () => {
    expect(RULES.length).toBeGreaterThan(10)
    expect(silentBoundaries()).toEqual([])
  })
})
