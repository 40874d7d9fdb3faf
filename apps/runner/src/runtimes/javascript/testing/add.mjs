// y = x + k, the k being what the test writes beside it; raises where any x is negative.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const xy = { datatype: 'FP32', shape: [-1, 2] }
export const signature = { inputs: [{ name: 'x', ...xy }], outputs: [{ name: 'y', ...xy }] }

export async function load(dir) {
  const k = Number(readFileSync(join(dir, 'k.txt'), 'utf8'))
  return async ({ x }) => {
    if (x.data.some((value) => value < 0)) throw new RangeError('x is negative')
    return { y: { datatype: 'FP32', shape: x.shape, data: x.data.map((value) => value + k) } }
  }
}
