import { Digest, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import type { ModelGraph, Version } from '@stead/contracts'
import { expect, test } from 'vitest'
import * as models from '../../../../../dev/fixtures/onnx/models.ts'
import { createGraphs } from './graphs.ts'
import { readModelGraph } from './onnx/model-graph.ts'

const PROJECT = ProjectName.parse('default')
const MODEL = ModelName.parse('weather')
const digestOf = (version: number) => Digest.parse(`sha256:${String(version).padStart(64, '0')}`)

/** Versions whose file is called by their number; each opening of one is noted. */
function shelf() {
  const opened: number[] = []
  let lost = false
  const getVersion = async (_project: unknown, _model: unknown, version: VersionNumber) =>
    ({ runtime: 'onnx', files: [{ path: 'model.onnx', digest: digestOf(version), size: 1 }] }) as unknown as Version
  const open = async (digest: Digest) => {
    opened.push(Number(digest.slice(-10)))
    if (lost) throw new Error('disk gone')
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield models.addConstant(1)
    }
    return { stream: stream(), size: 1 } as never
  }
  const graphs = createGraphs({ getVersion }, { open })
  const read = (version: number): Promise<ModelGraph> => graphs.read(PROJECT, MODEL, VersionNumber.parse(version))
  return { opened, read, lose: (is: boolean) => void (lost = is) }
}

test('a file is read once for all who ask, while its graph is among those last used', async () => {
  const { opened, read } = shelf()
  const [one, other] = await Promise.all([read(1), read(1)])
  expect(one).toBe(other)
  for (let version = 2; version <= 8; version++) await read(version)
  await read(1)
  expect(opened).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  await read(9)
  await read(1)
  expect(opened).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  await read(2)
  expect(opened.at(-1)).toBe(2)
})

test('a reading that failed is not remembered', async () => {
  const { read, lose } = shelf()
  lose(true)
  await expect(read(1)).rejects.toThrow('disk gone')
  lose(false)
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield models.addConstant(1)
  }
  expect(await read(1)).toEqual(await readModelGraph(bytes()))
})
