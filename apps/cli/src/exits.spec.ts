import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { stead } from './fake-terminal.fixture.ts'

/** A port that nobody listens on. */
async function deadUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

describe('a line that is not understood leaves with 2 and a hint', () => {
  test.each([
    [['swpa', 'forecast'], 'Did you mean: stead swap'],
    [['banana'], 'stead --help'],
    [['golden', 'forecast', 'recrod'], 'Did you mean "record"?'],
    [['golden', 'forecast'], 'See: stead golden --help'],
    [['model'], 'See: stead model --help'],
    [['model', 'psuh', 'a', 'b'], 'Did you mean "push"?'],
    [['--jsno', 'status'], 'stead --help'],
    [['swap', 'forecast'], '--version is missing'],
    [['swap', '--version', '2'], 'DEPLOYMENT is missing'],
    [['swap', 'forecast', '--verison', '2'], 'Did you mean --version?'],
    [['traffic', 'forecast', '2:90'], '2=90 3=10'],
    [['traffic', 'forecast'], 'SPLIT is missing'],
    [['model', 'alias', 'weather', 'champion'], '--remove'],
    [['delete', 'forecast'], 'stead delete forecast --yes'],
    [['predict', 'forecast', '--data', '{oops'], '--data @FILE'],
    [['predict', 'forecast', '--data', '[1]'], '"instances"'],
    [['golden', 'forecast', 'add', '--data', '{}', '--assert', 'range'], '--min'],
    [['golden', 'forecast', 'add', '--data', '{}', '--assert', 'valid', '--min', '1'], '--min goes with range'],
    [['golden', 'forecast', 'add', '--data', '{}', '--assert', 'exact'], '--expect is missing'],
    [['status', '--url', 'ftp://x'], 'http://127.0.0.1:7070'],
    [['status', '--url', 'http://me:secret@x'], 'STEAD_TOKEN'],
    [['history', '..'], 'deployment name'],
    [['models', '--project', '../x'], 'project name'],
    [['model', 'push', 'a/b', 'package.json'], 'no name of a model'],
  ])('%j', async (args, hint) => {
    const { code, stdout, stderr } = await stead([...args], { env: { STEAD_URL: 'http://127.0.0.1:9' } })
    expect(stderr).toContain(hint)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('with --json the reason is the one document on stdout', async () => {
    const { code, stdout, stderr } = await stead(['swap', 'forecast', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'usage',
        message: '--version is missing',
        fix: expect.stringContaining('--version N|ALIAS') as string,
      },
    })
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  })
})

describe('a platform that does not answer', () => {
  test('is named with its address and how to start it, and the code is 4', async () => {
    const url = await deadUrl()
    for (const args of [['status'], ['swap', 'forecast', '--version', '2'], ['events', '--follow'], ['models']]) {
      const { code, stderr } = await stead([...args, '--url', url])
      expect(code).toBe(4)
      expect(stderr).toContain(url)
      expect(stderr).toContain('stead up')
    }
  })

  test('is told as a document with --json', async () => {
    const url = await deadUrl()
    const { code, stdout } = await stead(['status', '--json'], { env: { STEAD_URL: url } })
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'unreachable', message: expect.stringContaining(url) as string },
    })
  })
})
