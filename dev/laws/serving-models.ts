import type { Signature } from '@stead/contracts'

/** A JavaScript version to push: its files, and what it declares. */
export interface JavascriptModel {
  readonly files: Record<string, string>
  readonly more: { runtime: 'javascript'; signature: Signature }
}

const xy = (shape: number[]): Signature => ({
  inputs: [{ name: 'x', datatype: 'FP32', shape }],
  outputs: [{ name: 'y', datatype: 'FP32', shape }],
})
const model = (source: string, shape: number[]): JavascriptModel => ({
  files: { 'index.mjs': source },
  more: { runtime: 'javascript', signature: xy(shape) },
})

/** Printed once per load, where the runner's log shows it. */
export const LOADED = 'a gated model is loaded'

/** `x` [gate, label] in, `y` [the number of this run, label] out; every run is alone. At gate 0 a run does not wait;
 *  at a positive gate it waits until the test opens it; at a negative one it blocks its whole process meanwhile. */
export const gated = (remark = ''): JavascriptModel =>
  model(
    `// ${remark}
import { existsSync } from 'node:fs'
import { join } from 'node:path'
let runs = 0
export function load(dir) {
  console.log(${JSON.stringify(LOADED)})
  const isOpen = (gate) => existsSync(join(dir, 'gate-' + Math.abs(gate)))
  const never = new Int32Array(new SharedArrayBuffer(4))
  return async ({ x }) => {
    const [gate, label] = x.data
    const number = ++runs
    while (gate < 0 && !isOpen(gate)) Atomics.wait(never, 0, 0, 5)
    while (gate > 0 && !isOpen(gate)) await new Promise((resolve) => setTimeout(resolve, 5))
    return { y: { shape: [2], data: [number, label] } }
  }
}
`,
    [2],
  )

/** Keeps the contract of addConstant, but fails for values above 500 and never answers one of 13. */
export const unfit = (): JavascriptModel =>
  model(
    `export const load = () => async ({ x }) => {
  if (x.data[0] > 500) throw new RangeError('more than this model bears')
  if (x.data[0] === 13) await new Promise(() => {})
  return { y: { shape: x.shape, data: x.data.map(() => -1) } }
}
`,
    [-1, 2],
  )
