import type { Signature } from '@stead/contracts'
import type { Tensor } from '../inference/tensor.ts'

/** Only where every input and output has a variable first dimension can that be taken for rows. */
export function isBatchable({ inputs, outputs }: Signature): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === -1)
}

/** The rows of a request of a batchable signature; 0 if its tensors do not agree, or have none. */
export function rowsOf(tensors: readonly (Tensor | undefined)[]): number {
  const rows = tensors[0]?.shape[0] ?? 0
  for (const tensor of tensors) if (tensor === undefined || tensor.shape[0] !== rows) return 0
  return rows
}

interface Shaped {
  readonly inputs: readonly (Tensor | undefined)[]
  /** Positions of the outputs asked for; undefined for all. */
  readonly wanted: readonly number[] | undefined
}

/** Whether two requests of one signature can share a run: same types, same shapes beyond the rows, same outputs. */
export function alike(a: Shaped, b: Shaped): boolean {
  for (let position = 0; position < a.inputs.length; position++)
    if (!sameBeyondRows(a.inputs[position], b.inputs[position])) return false
  if (a.wanted === b.wanted) return true
  if (a.wanted === undefined || b.wanted === undefined || a.wanted.length !== b.wanted.length) return false
  for (let at = 0; at < a.wanted.length; at++) if (a.wanted[at] !== b.wanted[at]) return false
  return true
}

function sameBeyondRows(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.datatype !== b.datatype || a.shape.length !== b.shape.length) return false
  for (let dim = 1; dim < a.shape.length; dim++) if (a.shape[dim] !== b.shape[dim]) return false
  return true
}

/** The inputs of alike requests, one after the other. Each joined tensor has a buffer of its own, hence is aligned. */
export function joinRows(requests: readonly Shaped[], rows: number): Tensor[] {
  const first = requests[0] as Shaped
  return first.inputs.map((input, position) => {
    const { name, datatype, shape } = input as Tensor
    let bytes = 0
    for (const { inputs } of requests) bytes += (inputs[position] as Tensor).data.length
    const data = new Uint8Array(bytes)
    let at = 0
    for (const { inputs } of requests) {
      const part = (inputs[position] as Tensor).data
      if (part.length <= 64) for (let byte = 0; byte < part.length; byte++) data[at + byte] = part[byte] as number
      else data.set(part, at)
      at += part.length
    }
    return { name, datatype, shape: [rows, ...shape.slice(1)], data }
  })
}

/** Finds where rows begin in a tensor's bytes: `at(row)` for row 0 up to and including the number of rows. */
export function rowOffsets(tensor: Tensor): (row: number) => number {
  const rows = tensor.shape[0] as number
  if (tensor.datatype !== 'BYTES') {
    const stride = rows === 0 ? 0 : tensor.data.length / rows
    return (row) => row * stride
  }
  const perRow = tensor.shape.slice(1).reduce((product, size) => product * size, 1)
  const view = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength)
  const offsets = [0]
  let at = 0
  for (let row = 0; row < rows; row++) {
    for (let element = 0; element < perRow; element++) at += 4 + view.getUint32(at, true)
    offsets.push(at)
  }
  return (row) => offsets[row] as number
}
