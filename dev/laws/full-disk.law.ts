import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeploymentName, parkDeployment, ProjectName } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { leaveOut } from '../services/left-out.ts'
import { mountTinyDisk } from '../services/tiny-disk.ts'
import type { TinyDisk } from '../services/tiny-disk.ts'
import { SUMS } from './javascript-models.ts'
import { startLoad } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'

const mounted = [await mountTinyDisk(), await mountTinyDisk()]
const disks = mounted.filter((disk): disk is TinyDisk => 'path' in disk)
for (const disk of mounted) if ('missing' in disk) leaveOut('full disks', disk.missing)

describe.skipIf(disks.length < 2)('a full disk', () => {
  const [home, artifacts] = disks as [TinyDisk, TinyDisk]
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ env: { STEAD_RUNNER_HOME: home.path, STEAD_ARTIFACTS: artifacts.path } })
    for (const k of [1, 2, 3]) await platform.push('adder', addConstant(k))
    await platform.deploy('sums', 'adder', 1)
    await platform.swap('sums', 2)
  })
  afterAll(async () => {
    await platform?.stop()
    await Promise.all(disks.map((disk) => disk.remove()))
  })

  /** Takes every byte there is, and gives them back. */
  async function fill({ path }: TinyDisk): Promise<() => Promise<void>> {
    const ballast = join(path, 'ballast')
    await expect(writeFile(ballast, Buffer.alloc(9 * 2 ** 20))).rejects.toMatchObject({ code: 'ENOSPC' })
    return () => rm(ballast)
  }

  test('of a runner refuses a swap clearly, to a new version and to one that stands by, and traffic goes on', async () => {
    const load = startLoad(platform.runners, 'sums', { rest: 0, grpc: 1, openPerSecond: 40 })
    const before = await platform.deployment('sums')
    const empty = await fill(home)
    try {
      await expect(platform.swap('sums', 3)).rejects.toMatchObject({
        code: 'checks_failed',
        where: 'fetching',
        message: expect.stringContaining('ENOSPC: no space left on device'),
      })
      // Nothing of it need be fetched or loaded; only the commit could not be kept.
      await expect(platform.swap('sums', 1)).rejects.toMatchObject({
        code: 'checks_failed',
        where: 'journal',
        message: expect.stringContaining('the disk of the runner is full'),
      })
      const after = await platform.deployment('sums')
      expect(after.table).toEqual(before.table)
      expect(after.lastFailure).toMatchObject({ version: 1, reason: expect.stringContaining('"journal"') })
      expect(after.engines.find(({ version }) => version === 2)).toMatchObject({ state: 'serving', restarts: 0 })
    } finally {
      await empty()
    }
    expect(await platform.swap('sums', 3)).toMatchObject({ to: 3, generation: 3, detached: [] })
    const shots = await load.stop()
    expect(shots.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(shots.filter(({ sent, got, version }) => got !== sent + version)).toEqual([])
  })

  test('under a commit that needs no preparation is caught up with as soon as there is room', async () => {
    const empty = await fill(home)
    const { generation } = (await platform.deployment('sums')).table
    const parking = platform.client.call(parkDeployment, {
      params: { project: ProjectName.parse('default'), deployment: DeploymentName.parse('sums') },
      body: { until: 'request', reason: '' },
    })
    try {
      await until('it is committed', async () => {
        expect((await platform.deployment('sums')).table.generation).toBe(generation + 1)
      })
      await new Promise((resolve) => setTimeout(resolve, 500))
    } finally {
      await empty()
    }
    expect(await parking).toMatchObject({ kind: 'park', detached: [] })
    expect(await platform.swap('sums', 1)).toMatchObject({ to: 1, detached: [] })
  })

  test('of the artifact store is told as 507, and what serves is not disturbed', async () => {
    const before = await platform.deployment('sums')
    await expect(
      platform.push('large', { 'index.mjs': randomBytes(9 * 2 ** 20) }, { runtime: 'javascript', signature: SUMS }),
    ).rejects.toMatchObject({ code: 'storage_full', status: 507 })
    const empty = await fill(artifacts)
    try {
      await expect(platform.push('adder', addConstant(4))).rejects.toMatchObject({ code: 'storage_full', status: 507 })
      expect((await platform.deployment('sums')).table).toEqual(before.table)
    } finally {
      await empty()
    }
    const { version } = await platform.push('adder', addConstant(4))
    expect(await platform.swap('sums', version)).toMatchObject({ to: version, detached: [] })
  })
})
