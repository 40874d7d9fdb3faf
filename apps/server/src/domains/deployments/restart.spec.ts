import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@stead/chassis'
import {
  deploymentHistory,
  DeploymentName,
  getDeployment,
  getVersion,
  LEASE_MS,
  listModels,
  ModelName,
  swapDeployment,
} from '@stead/contracts'
import type { VersionNumber } from '@stead/contracts'
import { createClient, type Client } from '@stead/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { layDatabase } from '../../../../../dev/laws/template.ts'
import { configFrom } from '../../config.ts'
import { readServerEnvironment } from '../../env.ts'
import { DEFAULT, deploy, pushVersion } from '../../scratch-server.fixture.ts'
import { type RunningServer, startServer } from '../../start.ts'
import { startFakeRunner } from '../runners/fake-runner.fixture.ts'

const SUMS = { project: DEFAULT, deployment: DeploymentName.parse('sums') }
const v = (number: number) => number as VersionNumber

let home: string
let server: RunningServer | undefined
/** Before the server that runs could have counted anything. */
let startedAt = 0
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'stead-restart-'))
  await layDatabase(home)
})
afterEach(async () => {
  await server?.close()
  await rm(home, { recursive: true, force: true })
})

/** Ends the server that runs, if any, and starts one on the same home. */
async function startAgain(): Promise<Client> {
  await server?.close()
  server = undefined
  const config = configFrom(readServerEnvironment({ STEAD_HOME: home, STEAD_PORT: '0', STEAD_LOG: 'silent' }))
  startedAt = performance.now()
  server = await startServer(config, { log: createLog({ name: 'server', level: 'silent' }) })
  return createClient({ url: server.url })
}
const swap = (client: Client, version: number, idempotencyKey?: string) =>
  client.call(swapDeployment, {
    params: SUMS,
    body: { version: v(version) },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })

test('a server that starts again has the same models, deployments, generations and failures, and the same answer for a key', async () => {
  const first = await startAgain()
  const runner = await startFakeRunner(first, 'runner-0')
  for (const number of [1, 2, 3]) await pushVersion(first, 'sums', `export const n = ${number}`)
  await deploy(first, 'sums', 'sums', v(1))
  const swapped = await swap(first, 2, 'once')
  runner.refuse('kept-answer')
  await expect(swap(first, 3)).rejects.toMatchObject({ code: 'checks_failed' })
  const read = async (client: Client) => ({
    models: await client.call(listModels, { params: { project: DEFAULT }, query: {} }),
    version: await client.call(getVersion, {
      params: { project: DEFAULT, model: ModelName.parse('sums'), version: v(2) },
    }),
    history: await client.call(deploymentHistory, { params: SUMS, query: {} }),
    table: (await client.call(getDeployment, { params: SUMS })).table,
    lastFailure: (await client.call(getDeployment, { params: SUMS })).lastFailure,
  })
  const before = await read(first)
  expect(before.lastFailure).not.toBeNull()
  await runner.fallSilent()

  const second = await startAgain()
  expect(await read(second)).toEqual(before)
  // No runner is there yet: what was done already needs none.
  expect(await swap(second, 2, 'once')).toEqual(swapped)
  await expect(swap(second, 1, 'once')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  const back = await startFakeRunner(second, 'runner-0')
  expect(back.desired.get('sums')).toMatchObject({ table: before.table, preparation: null })
  expect(await swap(second, 3)).toMatchObject({ from: 2, to: 3, generation: 3 })
  await back.fallSilent()
})

test('a server that starts again waits for the runners of the one before, and for none that does not come back longer than a lease', async () => {
  const first = await startAgain()
  const runners = await Promise.all(['here', 'late', 'lost'].map((name) => startFakeRunner(first, name)))
  for (const number of [1, 2, 3]) await pushVersion(first, 'sums', `export const n = ${number}`)
  await deploy(first, 'sums', 'sums', v(1))
  for (const runner of runners) await runner.fallSilent()

  const second = await startAgain()
  const here = await startFakeRunner(second, 'here')
  let ended = false
  const swapping = swap(second, 2).finally(() => (ended = true))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(ended).toBe(false)
  expect(here.desired.get('sums')?.preparation).toBeNull()
  const late = await startFakeRunner(second, 'late')
  expect(await swapping).toMatchObject({ generation: 2, detached: [] })
  // Not a bound on speed: "lost" may have served on until its lease had ended.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(LEASE_MS)
  expect(late.desired.get('sums')?.table?.generation).toBe(2)
  expect(late.told.some((event) => event.kind === 'delta' && event.deployment.preparation !== null)).toBe(true)
  await here.fallSilent()
  await late.fallSilent()
})
