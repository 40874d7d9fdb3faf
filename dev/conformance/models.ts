import type { Datatype } from '@stead/contracts'
import { onnxModel, tensor } from '../fixtures/onnx/writer.ts'

/** Two elements of every datatype at the edges of what it holds, each as text. BF16 is not among those of ONNX
 *  Runtime for Node. */
export const SAMPLES: Readonly<Record<Datatype, readonly [string, string]>> = {
  BOOL: ['true', 'false'],
  UINT8: ['0', '255'],
  UINT16: ['1', '65535'],
  UINT32: ['2', '4294967295'],
  UINT64: ['9007199254740993', '18446744073709551615'],
  INT8: ['-128', '127'],
  INT16: ['-32768', '32767'],
  INT32: ['-2147483648', '2147483647'],
  INT64: ['-9223372036854775808', '9007199254740993'],
  FP16: ['-0.000244140625', '65504.0'],
  BF16: ['-1.5', '256.0'],
  FP32: ['0.10000000149011612', '-3.4028234663852886e+38'],
  FP64: ['0.1', '1.7976931348623157e+308'],
  BYTES: ['', 'Grüße an 东京 🌍'],
}
export const DATATYPES = Object.keys(SAMPLES) as Datatype[]
export const ONNX_DATATYPES = DATATYPES.filter((datatype) => datatype !== 'BF16')

/** For each datatype an input `in_<datatype>` [-1, 2], which comes back as `out_<datatype>`. */
export function echoOnnx(datatypes: readonly Datatype[] = ONNX_DATATYPES): Uint8Array {
  return onnxModel({
    inputs: datatypes.map((datatype) => tensor(`in_${datatype}`, datatype, ['batch', 2])),
    outputs: datatypes.map((datatype) => tensor(`out_${datatype}`, datatype, ['batch', 2])),
    nodes: datatypes.map((datatype) => ({
      op: 'Identity',
      inputs: [`in_${datatype}`],
      outputs: [`out_${datatype}`],
      attributes: {},
    })),
  })
}

const spec = (prefix: string) => (datatype: Datatype) => ({ name: `${prefix}_${datatype}`, datatype, shape: [-1, 2] })

/** The same in JavaScript, for every datatype. */
export const echoJavascript = {
  files: {
    'index.mjs': `export const load = () => (tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name.replace('in_', 'out_'), tensor]))
`,
  },
  signature: { inputs: DATATYPES.map(spec('in')), outputs: DATATYPES.map(spec('out')) },
}

const one = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, 1] })

/** Answers `y` = `x` after as many milliseconds as the first x says; raises where it is negative. */
export const patient = {
  files: {
    'index.mjs': `export const load = () => async ({ x }) => {
  if (x.data[0] < 0) throw new RangeError('x is in the past')
  await new Promise((resolve) => setTimeout(resolve, x.data[0]))
  return { y: x }
}
`,
  },
  signature: { inputs: [one('x')], outputs: [one('y')] },
}
