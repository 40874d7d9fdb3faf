import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CATALOGUE } from './catalogue.ts'
import { stead } from './fake-terminal.fixture.ts'
import { locate } from './locate.ts'
import { parse } from './parse.ts'

const LAUNCHER = fileURLToPath(new URL('../bin/stead.mjs', import.meta.url))
const lines = CATALOGUE.map(({ words }) => words.map((word) => (word === '*' ? 'forecast' : word)))

describe('help', () => {
  test.each(lines)('of %s %s %s names its usage, its options and an example', async (...words) => {
    const args = words.filter((word) => word !== undefined)
    const { code, stdout, stderr } = await stead([...args, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^stead [a-z]+/m)
    expect(stdout).toContain('--json')
    expect(stdout).toContain('Examples')
  })

  test('of the whole names every command', async () => {
    const { code, stdout } = await stead(['--help'])
    expect(code).toBe(0)
    for (const { summary } of CATALOGUE) expect(stdout).toContain(summary)
    expect((await stead([])).stdout).toBe(stdout)
    expect((await stead(['help', 'swap'])).stdout).toBe((await stead(['swap', '--help'])).stdout)
  })

  test('of a group lists its commands', async () => {
    const { code, stdout } = await stead(['golden', '--help'])
    expect(code).toBe(0)
    expect(stdout.match(/golden DEPLOYMENT/g)).toHaveLength(4)
  })

  test('gives examples that the commands take', async () => {
    for (const { load, words } of CATALOGUE) {
      const { examples } = await load()
      expect(examples.length, words.join(' ')).toBeGreaterThan(0)
      for (const example of examples) {
        const line = example.replace(/^echo .*\| /, '').replace(/ > .*$/, '')
        const [program, ...args] = (line.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) =>
          word.replace(/^['"]|['"]$/g, ''),
        )
        const located = locate(args)
        expect(program).toBe('stead')
        if (located.is !== 'command') throw new Error(`"${example}" names no command`)
        expect(located.entry.words).toEqual(words)
        parse(await located.entry.load(), located.args)
      }
    }
  })

  test('loads neither the contracts nor the client nor zod', () => {
    const watch = `import { registerHooks } from 'node:module'
      registerHooks({ resolve(name, context, next) {
        if (/zod|@stead|pino/.test(name)) process.stdout.write('LOADED ' + name)
        return next(name, context)
      } })`
    const run = (...args: string[]) =>
      spawnSync(
        process.execPath,
        ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, LAUNCHER, ...args],
        { encoding: 'utf8' },
      )
    for (const args of [['--help'], ['swap', '--help'], ['up', '--help'], ['--version']]) {
      const { status, stdout, stderr } = run(...args)
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' })
      expect(stdout).not.toContain('LOADED')
    }
    // The proof that the watch sees what it is there for.
    expect(run('projects', '--url', 'http://127.0.0.1:9').stdout).toContain('LOADED zod')
  })
})
