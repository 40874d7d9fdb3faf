import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  corrupt,
  failing,
  identity,
  withExternalData,
  externalWeights,
  withZipMap,
} from '../../../../../dev/fixtures/onnx/models.ts'
import { floats as constants, integers, onnxModel, tensor } from '../../../../../dev/fixtures/onnx/writer.ts'
import { floats, valuesOf } from '../../engines/testing/frames.ts'
import { describeRuntime, type ModelShelf } from '../testing/describe-runtime.ts'
import { onnxRuntime } from './onnx.ts'

const write = (dir: string, bytes: Uint8Array) => writeFileSync(join(dir, 'model.onnx'), bytes)
const node = (op: string, inputs: readonly string[], outputs: readonly string[]) => ({ op, inputs, outputs })

const shelf: ModelShelf = {
  add: (dir, k) => write(dir, failing({ when: 'negative', k })),
  identity: (dir, datatype) => write(dir, identity(datatype, [-1, -1])),
  fixed: (dir) =>
    write(
      dir,
      onnxModel({
        inputs: [tensor('x', 'FP32', [1, 2])],
        outputs: [tensor('y', 'FP32', [1, 2])],
        nodes: [node('Add', ['x', 'one'], ['y'])],
        initializers: [constants('one', [], [1])],
      }),
    ),
  twoOutputs: (dir) =>
    write(
      dir,
      onnxModel({
        inputs: [tensor('x', 'FP32', ['n', 2])],
        outputs: [tensor('plus', 'FP32', ['n', 2]), tensor('minus', 'FP32', ['n', 2])],
        nodes: [node('Add', ['x', 'one'], ['plus']), node('Sub', ['x', 'one'], ['minus'])],
        initializers: [constants('one', [], [1])],
      }),
    ),
  mixing: (dir) =>
    write(
      dir,
      onnxModel({
        inputs: [tensor('x', 'FP32', ['n', 2])],
        outputs: [tensor('y', 'FP32', ['m', 2])],
        nodes: [node('ReduceSum', ['x', 'axes'], ['y'])],
        initializers: [integers('axes', [1], [0])],
      }),
    ),
  corrupt: (dir) => write(dir, corrupt()),
}

describeRuntime('onnx', shelf, { datatypes: { BF16: 'ONNX Runtime for Node has no BF16' } })

describe('an ONNX model', () => {
  async function loaded(files: Readonly<Record<string, Uint8Array>>) {
    const dir = mkdtempSync(join(tmpdir(), 'st-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes)
    const options = { threads: 1, signature: undefined }
    return onnxRuntime.load(dir, Object.keys(files), options, new AbortController().signal)
  }

  test('whose output is no tensor is refused with what to do', async () => {
    await expect(loaded({ 'm.onnx': withZipMap() })).rejects.toThrow(/output_probability.*zipmap=False/)
  })

  test('finds its external data beside it', async () => {
    const model = await loaded({ 'm.onnx': withExternalData(), 'weights.bin': externalWeights(4) })
    const [y] = await model.run([floats('x', [1, 2], [1, 2])], ['y'])
    expect(valuesOf(y)).toEqual([5, 6])
  })

  test('that is given rows of another width says invalid', async () => {
    const model = await loaded({ 'm.onnx': failing({ when: 'negative' }) })
    await expect(model.run([floats('x', [1, 3], [1, 2, 3])], ['y'])).rejects.toMatchObject({ kind: 'invalid' })
  })

  test('reads inputs that are not aligned', async () => {
    const model = await loaded({ 'm.onnx': identity('FP64', [-1]) })
    const whole = new Uint8Array(8 * 2 + 3)
    const data = whole.subarray(3)
    data.set(new Uint8Array(Float64Array.of(1.5, -2).buffer))
    const [y] = await model.run([{ name: 'x', datatype: 'FP64', shape: [2], data }], ['y'])
    expect(Buffer.from(y?.data ?? [])).toEqual(Buffer.from(data))
  })

  test('names its variable dimensions', async () => {
    const { signature } = await loaded({ 'm.onnx': failing({ when: 'negative' }) })
    expect(signature?.inputs).toEqual([
      { name: 'x', datatype: 'FP32', shape: [-1, 2], dimensionNames: ['batch', null] },
    ])
  })
})
