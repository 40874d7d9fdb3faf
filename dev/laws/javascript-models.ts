import type { Signature } from '@stead/contracts'

/** What `addConstant` of the ONNX fixtures takes and gives, so that versions of both runtimes keep one contract. */
export const SUMS: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
}

const asSource = (value: unknown) => JSON.stringify(value)

/** `y = x + k` in JavaScript. `atLoad` runs in the body of `load`, `atRun` in that of `predict`, before the sum;
 *  both may await, and find the rows in `x`. */
export function javascriptSums({
  k,
  atLoad = '',
  atRun = '',
  says,
}: {
  k: number
  atLoad?: string
  atRun?: string
  /** A signature that the model itself exports. */
  says?: Signature
}): Record<string, string> {
  return {
    'index.mjs': `
${says ? `export const signature = ${asSource(says)}` : ''}
export async function load() {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  ${atLoad}
  return async ({ x }) => {
    ${atRun}
    return { y: { ...x, data: x.data.map((value) => value + ${k}) } }
  }
}
`,
  }
}
