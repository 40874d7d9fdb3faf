import { randomUUID } from 'node:crypto'
import { DEFAULT_SERVING, DeploymentName, Digest, ModelName } from '@stead/contracts'
import type { Generation, VersionNumber } from '@stead/contracts'
import { expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlRegistryStore } from '../registry/registry.sql.ts'
import { sqlDeploymentStore } from './deployments.sql.ts'
import type { Commit } from './deployments.store.ts'

const MODEL = ModelName.parse('forecast')
const NAME = DeploymentName.parse('forecast')
const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1] }
const SIGNATURE = { inputs: [tensor], outputs: [tensor] }

const commit = (generation: number, version: number, held = [version], idempotencyKey?: string): Commit => ({
  kind: generation === 1 ? 'deploy' : 'swap',
  table: {
    generation: generation as Generation,
    model: MODEL,
    contract: SIGNATURE,
    routes: [{ version: version as VersionNumber, weight: 100 }],
    shadows: [],
    config: DEFAULT_SERVING,
    parked: null,
  },
  restores: null,
  reason: '',
  actor: 'test',
  stages: [],
  idempotencyKey,
  change: { id: `change-${generation}`, startedAt: '2026-01-01T00:00:00.000Z' },
  holds: held.map((one) => ({ model: MODEL, version: one as VersionNumber })),
})

async function storesWith({ kysely }: Database, versions: number) {
  const registry = sqlRegistryStore(kysely)
  for (let number = 1; number <= versions; number++) {
    const digest = Digest.parse(`sha256:${number.toString(16).padStart(64, '0')}`)
    const version = {
      digest,
      runtime: 'onnx',
      signature: SIGNATURE,
      files: [],
      provenance: {},
      description: '',
    } as const
    await registry.addVersion('default', MODEL, { ...version, files: [] }, false, 'test')
  }
  return { registry, deployments: sqlDeploymentStore(kysely) }
}
const made = <T extends object>(outcome: T | string): T => {
  if (typeof outcome === 'string') throw new Error(`not committed: ${outcome}`)
  return outcome
}

const removed = (outcome: object | string) => (typeof outcome === 'object' ? 'removed' : outcome)

describeOnDatabases('the store of deployments', (databases) => {
  test('of several commits that expect the same generation exactly one succeeds', async () => {
    const { deployments } = await storesWith(await databases.open(), 2)
    const { record } = made(await deployments.create('default', NAME, commit(1, 1), randomUUID()))
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => deployments.commit(record, commit(2, 2))))
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(5)
    expect((await deployments.find('default', NAME))?.current).toMatchObject({ generation: 2 })
    expect(await deployments.generations(record.id, undefined, 10)).toHaveLength(2)
  })

  test('of several that take a name at once exactly one gets it', async () => {
    const { deployments } = await storesWith(await databases.open(), 1)
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => deployments.create('default', NAME, commit(1, 1), randomUUID())),
    )
    expect(outcomes.filter((outcome) => outcome === 'name_taken')).toHaveLength(3)
  })

  test('a held version cannot be deleted; one that nothing holds any more can', async () => {
    const { deployments, registry } = await storesWith(await databases.open(), 3)
    const remove = async (version: number) =>
      removed(await registry.removeVersion('default', MODEL, version as VersionNumber, 'test'))
    const first = made(await deployments.create('default', NAME, commit(1, 1), randomUUID()))
    const second = made(await deployments.commit(first.record, commit(2, 2, [2, 1])))
    expect([await remove(1), await remove(2)]).toEqual(['held', 'held'])
    expect(await registry.removeModel('default', MODEL, 'test')).toBe('held')
    made(await deployments.commit(second.record, commit(3, 3, [3, 2])))
    expect([await remove(1), await remove(2), await remove(3)]).toEqual(['removed', 'held', 'held'])
    expect(await remove(1)).toBe('absent')
    await deployments.remove(first.record, 'test')
    expect(await registry.removeModel('default', MODEL, 'test')).toMatchObject({ kind: 'model.deleted' })
  })

  test('a deletion and a commit of the same version at once leave either the version held or the commit undone', async () => {
    const { deployments, registry } = await storesWith(await databases.open(), 6)
    const { record } = made(await deployments.create('default', NAME, commit(1, 1), randomUUID()))
    let current = record
    for (let version = 2; version <= 6; version++) {
      const [removal, outcome] = await Promise.all([
        registry.removeVersion('default', MODEL, version as VersionNumber, 'test').then(removed),
        deployments.commit(current, commit(current.current.generation + 1, version)),
      ])
      expect([removal, typeof outcome]).toEqual(outcome === 'version_gone' ? ['removed', 'string'] : ['held', 'object'])
      if (typeof outcome === 'object') current = outcome.record
    }
  })

  test('a commit is found by its key and tells what it wrote', async () => {
    const { deployments } = await storesWith(await databases.open(), 2)
    const { record } = made(await deployments.create('default', NAME, commit(1, 1), randomUUID()))
    made(await deployments.commit(record, commit(2, 2, [2], 'once')))
    expect(await deployments.byIdempotencyKey(record.id, 'once')).toMatchObject({ generation: 2, kind: 'swap' })
    expect(await deployments.byIdempotencyKey(record.id, 'other')).toBeUndefined()
  })
})
