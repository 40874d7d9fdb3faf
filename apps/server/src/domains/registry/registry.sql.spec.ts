import { Digest, ModelName } from '@stead/contracts'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlRegistryStore } from './registry.sql.ts'
import type { NewVersion } from './registry.store.ts'

const MODEL = ModelName.parse('forecast')
const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1] }
const version = (digit: number): NewVersion => ({
  digest: Digest.parse(`sha256:${digit.toString(16).padStart(64, '0')}`),
  runtime: 'onnx',
  signature: { inputs: [tensor], outputs: [tensor] },
  files: [],
  provenance: {},
  description: '',
})

describeOnDatabases('the store of the registry', (databases) => {
  test('numbers versions without gap or double, however many are added to a new model at once', async () => {
    const store = sqlRegistryStore((await databases.open()).kysely)
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => store.addVersion('default', MODEL, version(at), false)),
    )
    expect(made.map((one) => one.version.version).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    )
    expect(await store.findModel('default', MODEL)).toMatchObject({ versions: 20, latestVersion: 20 })
  })

  test('makes one version of the same files, however many ask for it only if it is new', async () => {
    const store = sqlRegistryStore((await databases.open()).kysely)
    const made = await Promise.all(
      Array.from({ length: 10 }, () => store.addVersion('default', MODEL, version(1), true)),
    )
    expect(made.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(made.map((one) => one.version.version))).toEqual(new Set([1]))
  })
})
