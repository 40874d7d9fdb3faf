import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const LAUNCHER = fileURLToPath(new URL('../bin/stead.mjs', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const majorOf = (node: string) =>
  Number(/^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 0)
const oldNode = [...new Set((process.env.PATH ?? '').split(delimiter))]
  .map((folder) => join(folder, 'node'))
  .find((node) => existsSync(node) && [18, 20, 22].includes(majorOf(node)))

const nodes = [
  ['this Node', process.execPath] as const,
  ...(oldNode === undefined ? [] : [['an older Node', oldNode] as const]),
]

describe.each(nodes)('the launcher under %s', (_name, node) => {
  const run = (...args: string[]) => spawnSync(node, [LAUNCHER, ...args], { encoding: 'utf8' })

  test('prints the version without a warning', () => {
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('passes the exit code on', () => {
    expect(run('status', '--url', 'http://127.0.0.1:9')).toMatchObject({ status: 4, stdout: '' })
    expect(run('banana').status).toBe(2)
  })

  test('ends at SIGINT and SIGTERM, even while it waits for an answer', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const child = spawn(node, [LAUNCHER, 'status', '--url', url], { stdio: ['ignore', 'pipe', 'pipe'] })
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
      const ended = once(child, 'exit')
      await once(silent, 'request')
      child.kill(signal)
      expect([await ended, stderr]).toEqual([[code, null], 'stead: interrupted\n'])
    }
    silent.closeAllConnections()
    silent.close()
  })

  test('does not mind a reader that has seen enough', () => {
    const line = `"${node}" "${LAUNCHER}" --help; echo "$?" >&2`
    expect(spawnSync('sh', ['-c', `( sleep 0.3; ${line} ) | true`], { encoding: 'utf8' })).toMatchObject({
      stderr: '0\n',
    })
  })
})
