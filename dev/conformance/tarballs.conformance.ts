import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { packAll } from '../pack.ts'

describe('the published packages, installed in an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stead-install-'))
  let platform: Platform
  beforeAll(async () => {
    const tarballs = packAll(join(folder, 'tarballs'))
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: folder, stdio: 'pipe' })
    platform = await startPlatform({ runners: 0 })
  }, 300_000)
  afterAll(async () => {
    await platform?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const stead = (...args: string[]) =>
    spawnSync(join(folder, 'node_modules/.bin/stead'), args, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: folder, STEAD_URL: platform.url },
    })

  test('the command line talks to a platform', () => {
    const { status, stdout } = stead('status', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ database: 'embedded', deployments: [] })
  })

  test('the SDK and the contracts are importable, with types that a strict program can use', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `
      import { createClient, UnreachableError } from '@stead/sdk'
      import { createTracking, type TrackedRun } from '@stead/sdk/tracking'
      import { installationStatus, type InstallationStatus } from '@stead/contracts'
      const client = createClient({ url: process.argv[2] as string })
      const status: InstallationStatus = await client.call(installationStatus, {})
      const id = await createTracking(client).run((run: TrackedRun) => (run.log({ loss: 1 }), run.id))
      console.log(status.database, typeof UnreachableError, id.length)
    `,
    )
    expect(execFileSync(process.execPath, ['use.ts', platform.url], { cwd: folder, encoding: 'utf8' })).toBe(
      'embedded function 32\n',
    )
    const tsc = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname
    const types = new URL('../../node_modules/@types', import.meta.url).pathname
    const checked = spawnSync(
      process.execPath,
      [
        tsc,
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'esnext',
        '--types',
        'node',
        '--typeRoots',
        types,
        'use.ts',
      ],
      { cwd: folder, encoding: 'utf8' },
    )
    expect(checked.stdout).toBe('')
  })

  test('the commands that start the platform say that it is not part of the package', () => {
    const { status, stderr } = stead('up')
    expect(status).toBe(1)
    expect(stderr).toContain('not part of this package')
  })
})
