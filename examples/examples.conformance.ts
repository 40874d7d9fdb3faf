import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tritonPython } from '../dev/conformance/triton.ts'
import { startPlatform } from '../dev/laws/platform.ts'
import type { Platform } from '../dev/laws/platform.ts'
import { leaveOut } from '../dev/services/left-out.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const runFile = promisify(execFile)
const found = await tritonPython()
if ('missing' in found) leaveOut('examples: triton-client.py', found.missing)

describe('the examples run as they are written', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform()
  })
  afterAll(() => platform?.stop())

  const run = async (program: string, parameters: readonly string[]) =>
    (await runFile(program, parameters, { cwd: root, env: { ...process.env, STEAD_URL: platform.url } })).stdout
  const node = (...parameters: string[]) =>
    run(process.execPath, ['--disable-warning=ExperimentalWarning', ...parameters])
  const stead = (line: string) => node('apps/cli/src/main.ts', ...words(line))

  test('hot-swap.ts swaps and rolls back, and no call fails', async () => {
    const said = await node('examples/hot-swap.ts', platform.url)
    expect(said).toMatch(/swap: version 1 → 2, generation 2/)
    expect(said).toMatch(/rollback: version 2 → 1, generation 3/)
    expect(said).toMatch(/version 1 gave \d+ answers/)
    expect(said).toMatch(/version 2 gave \d+ answers/)
    expect(said).toMatch(/^0 calls failed$/m)
  })

  test('hot-swap.ts can be run again', async () => {
    expect(await node('examples/hot-swap.ts', platform.url)).toMatch(/^0 calls failed$/m)
  })

  test('javascript-model/README.md: every command, in its order', async () => {
    const lines = (await readFile(new URL('./javascript-model/README.md', import.meta.url), 'utf8')).match(
      /^ {4}npx .*$/gm,
    )
    expect(lines).toHaveLength(3)
    const said = []
    for (const line of lines!) said.push(await stead(line.trim().replace('npx stead ', '')))
    expect(said[0]).toContain('apparent-temperature version 1')
    expect(said[1]).toContain('comfort serves apparent-temperature version 1')
    // 30 + 0.33 · 25.4 − 0.7 · 2 − 4: see the formula.
    expect(said[2]).toMatch(/33\.0|32\.9/)
    expect(said[2]).toContain('find shade')
  })

  test.skipIf('missing' in found)('triton-client.py gets the same answer over both protocols', async () => {
    await stead('model push weather dev/sample/models/weather-v1.onnx')
    await stead('deploy forecast --model weather --version 1')
    const { rest, grpc } = platform.runners[0]!
    const said = await run('python' in found ? found.python : '', [
      'examples/triton-client.py',
      rest.slice('http://'.length),
      grpc,
    ])
    expect(said).toBe('tritonclient.http: version 1 says 6.2 °C\ntritonclient.grpc: version 1 says 6.2 °C\n')
  })
})

/** A command line as a shell would split it: by spaces, but not within single quotes. */
function words(line: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'))
}
