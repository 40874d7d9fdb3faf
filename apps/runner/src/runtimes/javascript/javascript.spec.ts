import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TensorSpec } from '@stead/contracts'
import { floats } from '../../engines/testing/frames.ts'
import { describeRuntime } from '../testing/describe-runtime.ts'
import { fromPlain, toPlain } from './plain.ts'

export function place(dir: string, name: string): void {
  copyFileSync(join(import.meta.dirname, 'testing', `${name}.mjs`), join(dir, 'index.mjs'))
}

describeRuntime('javascript', {
  add(dir, k) {
    place(dir, 'add')
    writeFileSync(join(dir, 'k.txt'), String(k))
  },
  identity(dir, datatype) {
    place(dir, 'identity')
    writeFileSync(join(dir, 'datatype.txt'), datatype)
  },
  fixed: (dir) => place(dir, 'fixed'),
  twoOutputs: (dir) => place(dir, 'two-outputs'),
  mixing: (dir) => place(dir, 'mixing'),
  corrupt: (dir) => writeFileSync(join(dir, 'index.mjs'), 'export const load = {{'),
})

describe('a tensor as a JavaScript model sees it', () => {
  const spec: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1] }

  test('has the typed array of its datatype', () => {
    expect(toPlain(floats('x', [2], [1, 2])).data).toEqual(Float32Array.of(1, 2))
    const wide = {
      name: 'x',
      datatype: 'INT64',
      shape: [1],
      data: new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255]),
    } as const
    expect(toPlain(wide).data).toEqual(BigInt64Array.of(-1n))
    const half = { name: 'x', datatype: 'FP16', shape: [1], data: new Uint8Array([0, 0x3c]) } as const
    expect(toPlain(half).data).toEqual(Float16Array.of(1))
  })

  test('may come back as a plain array without datatype or shape', () => {
    expect(fromPlain('y', { data: [1, 2] }, spec)).toEqual(floats('y', [2], [1, 2]))
  })

  test.each([
    [{ data: [1], shape: [2] }, /1 elements where its shape has 2/],
    [{ data: [1], shape: [-1] }, /no shape of whole numbers/],
    [{ data: 'text' }, /no data/],
    [{ data: Float64Array.of(1) }, /Float64Array where FP32/],
    [{ data: [1], datatype: 'FP64' }, /FP64 where the signature has FP32/],
    [{ data: [1], datatype: 'toString' }, /datatype toString/],
    [undefined, /no tensor 'y'/],
  ])('is refused where it is wrong: %j', (value, message) => {
    expect(() => fromPlain('y', value, spec)).toThrow(message)
  })
})
