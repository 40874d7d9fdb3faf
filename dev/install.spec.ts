import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

// A workspace with a stand-in for npm that notes how it was called and leaves behind what the test asks for.
const NPM = `
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
writeFileSync('called.json', JSON.stringify({ args: process.argv.slice(2), env: process.env }))
if (process.env.FAKE_NPM === 'fails') { console.error('E404 no such package'); process.exit(7) }
rmSync('node_modules', { recursive: true, force: true })
mkdirSync('node_modules/.bin', { recursive: true })
const node = process.env.FAKE_NPM === 'old' ? process.env.OLD_NODE : process.execPath
if (process.env.FAKE_NPM !== 'without node') symlinkSync(node, 'node_modules/.bin/node')
`

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stead-install-'))
  mkdirSync(join(root, 'dev'))
  copyFileSync(join(import.meta.dirname, 'install.mjs'), join(root, 'dev', 'install.mjs'))
  writeFileSync(join(root, 'npm.mjs'), NPM)
  writeFileSync(join(root, 'old-node'), '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 })
  lock('1.0.0')
})
afterEach(() => rmSync(root, { recursive: true }))

const lock = (version: string) =>
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/x': { version } } }),
  )

function install(env: Record<string, string> = {}) {
  rmSync(join(root, 'called.json'), { force: true })
  // npm itself is called npm-cli.js; a link keeps the name that the script looks for.
  if (!existsSync(join(root, 'npm-cli.js'))) symlinkSync(join(root, 'npm.mjs'), join(root, 'npm-cli.js'))
  const given = {
    ...process.env,
    npm_execpath: join(root, 'npm-cli.js'),
    npm_node_execpath: process.execPath,
    OLD_NODE: join(root, 'old-node'),
    ...env,
  }
  const done = spawnSync(process.execPath, ['dev/install.mjs'], { cwd: root, encoding: 'utf8', env: given })
  return { status: done.status, says: done.stderr, called: calledNpm() }
}

function calledNpm(): { args: string[]; env: Record<string, string> } | undefined {
  const file = join(root, 'called.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

test('installs once, telling so in one line, and then not again until the lock file changes', () => {
  const first = install()
  expect(first).toMatchObject({ status: 0, called: { args: expect.arrayContaining(['ci']) } })
  expect(first.says.trim().split('\n')).toHaveLength(1)
  expect(install()).toEqual({ status: 0, says: '', called: undefined })
  lock('2.0.0')
  expect(install().called).toBeDefined()
  expect(install().called).toBeUndefined()
})

test('takes over what npm was told by hand to install, if it is what the lock file names', () => {
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true })
  symlinkSync(process.execPath, join(root, 'node_modules', '.bin', 'node'))
  const notes = (version: string) =>
    writeFileSync(
      join(root, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/x': { version } } }),
    )
  notes('1.0.0')
  expect(install()).toEqual({ status: 0, says: '', called: undefined })
  rmSync(join(root, 'node_modules', '.stead-installed'))
  notes('0.9.0')
  expect(install().called).toBeDefined()
})

test('makes the database that servers begin with, once and after all is installed', () => {
  const program = "import { appendFileSync } from 'node:fs'\nappendFileSync('made', process.version)"
  writeFileSync(join(root, 'dev', 'template.ts'), program)
  install()
  install()
  expect(readFileSync(join(root, 'made'), 'utf8')).toBe(process.version)
})

test('does not pass on settings of the npm command that it runs under', () => {
  const { called } = install({
    npm_config_omit: 'dev optional',
    NPM_CONFIG_WORKSPACE: 'stead',
    npm_config_dry_run: 'true',
    NODE_ENV: 'production',
    npm_config_cache: '/tmp/kept',
  })
  const names = Object.keys(called?.env ?? {}).map((name) => name.toLowerCase())
  expect(names).toContain('npm_config_cache')
  for (const name of ['npm_config_omit', 'npm_config_workspace', 'npm_config_dry_run', 'node_env'])
    expect(names).not.toContain(name)
  expect(called?.args).toEqual(expect.arrayContaining(['--include=dev', '--include=optional']))
})

test('shows what npm said when it failed, gives advice, and tries again the next time', () => {
  const failed = install({ FAKE_NPM: 'fails' })
  expect(failed.status).toBe(1)
  expect(failed.says).toContain('E404 no such package')
  expect(failed.says).toContain('Check that the npm registry can be reached')
  expect(install().called).toBeDefined()
})

test('refuses a Node that is too old, and names the package that should have brought a newer one', () => {
  const failed = install({ FAKE_NPM: 'old' })
  expect(failed.status).toBe(1)
  expect(failed.says).toContain('node_modules/.bin/node is v20.1.0')
  expect(existsSync(join(root, 'node_modules', '.stead-installed'))).toBe(false)
})

test('does without the package where the Node that is there is new enough', () => {
  expect(install({ FAKE_NPM: 'without node' }).status).toBe(0)
})
