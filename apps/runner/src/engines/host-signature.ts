import type { Signature, TensorSpec } from '@stead/contracts'
import type { Tensor } from '../inference/tensor.ts'
import { ELEMENT_BYTES } from './protocol.ts'

interface Shaped {
  readonly inputs: readonly (Tensor | undefined)[]
  readonly wanted: readonly number[] | undefined
}

/** The signature an engine is spoken to with: the declared one, if the model has every tensor of it, else its own.
 *  Positions on the wire count in this one. */
export function signatureInEffect(declared: Signature | undefined, found: Signature | undefined): Signature {
  if (declared === undefined) {
    if (found === undefined) throw new Error('The model does not say what it takes and gives, and nobody declared it')
    return found
  }
  if (found === undefined) return declared
  for (const input of found.inputs) fits(input, declared.inputs, 'the declared inputs')
  for (const input of declared.inputs) fits(input, found.inputs, "the model's inputs")
  for (const output of declared.outputs) fits(output, found.outputs, "the model's outputs")
  return declared
}

function fits(spec: TensorSpec, among: readonly TensorSpec[], where: string): void {
  const other = among.find(({ name }) => name === spec.name)
  if (other === undefined) throw new Error(`'${spec.name}' is not among ${where}`)
  if (other.datatype !== spec.datatype)
    throw new Error(`'${spec.name}' is ${spec.datatype}, but among ${where} it is ${other.datatype}`)
}

/** What is wrong with a request, as far as the host needs it right: types, sizes and that nothing is missing. */
export function inputFault({ inputs: specs, outputs }: Signature, { inputs, wanted }: Shaped): string | undefined {
  for (let position = 0; position < specs.length; position++) {
    const spec = specs[position] as TensorSpec
    const input = inputs[position]
    if (input === undefined) return `Input '${spec.name}' is missing`
    if (input.datatype !== spec.datatype) return `Input '${spec.name}' is ${input.datatype} instead of ${spec.datatype}`
    if (!isWhole(input))
      return `The bytes of input '${spec.name}' are not those of its shape [${input.shape.join(', ')}]`
  }
  if (wanted !== undefined)
    for (const position of wanted) if (position >= outputs.length) return `There is no output ${position}`
  return undefined
}

/** Whether a tensor has exactly the bytes of its shape: joined with others, any other would shift their rows. */
function isWhole({ datatype, shape, data }: Tensor): boolean {
  let elements = 1
  for (let dim = 0; dim < shape.length; dim++) elements *= shape[dim] as number
  const width = ELEMENT_BYTES[datatype]
  if (width > 0) return elements * width === data.length
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let at = 0
  while (elements > 0 && at + 4 <= data.length) {
    at += 4 + view.getUint32(at, true)
    elements--
  }
  return elements === 0 && at === data.length
}

/** A request of zeros, with 1 for every variable dimension but the first, which is `rows` where it is variable. */
export function zeroInputs({ inputs }: Signature, rows: number): Tensor[] {
  return inputs.map(({ name, datatype, shape: spec }) => {
    const shape = spec.map((size, dim) => (size >= 0 ? size : dim === 0 ? rows : 1))
    const elements = shape.reduce((product, size) => product * size, 1)
    // An empty string is a length of four zero bytes.
    return { name, datatype, shape, data: new Uint8Array(elements * (ELEMENT_BYTES[datatype] || 4)) }
  })
}
