import type { Datatype, Signature, TensorSpec } from '@stead/contracts'

/** One thing to fill in. Its id is what a CSV header calls it. */
export interface TryField {
  readonly id: string
  readonly input: TensorSpec
  readonly kind: 'number' | 'text' | 'bool' | 'list' | 'image' | 'none'
  /** Its place among the elements of one row of the input. */
  readonly index: number
  /** How many values it takes; undefined when any number of them will do. */
  readonly count: number | undefined
  readonly image?: ImageLayout
}

export interface ImageLayout {
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
  readonly channelsFirst: boolean
}

/** An input with at most so many elements has a field for each. */
const MOST_FIELDS = 16
const IMAGE_TYPES: readonly Datatype[] = ['UINT8', 'FP32']
/** Datatypes that the protocol's JSON has no form for. */
const BINARY_ONLY: readonly Datatype[] = ['FP16', 'BF16']

/** The form of a contract: a field for each element of small inputs, a list or an image for larger ones. */
export const fieldsOf = ({ inputs }: Signature): TryField[] => inputs.flatMap(fieldsOfInput)

function fieldsOfInput(input: TensorSpec): TryField[] {
  const of = (more: Partial<TryField> & Pick<TryField, 'kind'>): TryField => ({
    id: input.name,
    input,
    index: 0,
    count: 1,
    ...more,
  })
  if (BINARY_ONLY.includes(input.datatype)) return [of({ kind: 'none', count: 0 })]
  const image = imageLayoutOf(input)
  if (image) return [of({ kind: 'image', image, count: image.channels * image.height * image.width })]
  const count = elementsOfRow(input)
  if (count === undefined || count > MOST_FIELDS) return [of({ kind: 'list', count })]
  const kind = input.datatype === 'BYTES' ? 'text' : input.datatype === 'BOOL' ? 'bool' : 'number'
  if (count === 1) return [of({ kind })]
  return Array.from({ length: count }, (_, index) => of({ kind, index, id: `${input.name}[${index}]` }))
}

/** A variable first dimension counts rows, as every runtime here takes it. */
export const hasRows = ({ shape }: TensorSpec): boolean => shape[0] === -1

const rowShape = (input: TensorSpec) => (hasRows(input) ? input.shape.slice(1) : input.shape)

/** How many elements one row has; undefined where the contract leaves that open. */
function elementsOfRow(input: TensorSpec): number | undefined {
  const shape = rowShape(input)
  return shape.includes(-1) ? undefined : shape.reduce((product, size) => product * size, 1)
}

/** The shape of so many rows of so many elements in all. One open dimension takes what is there, further ones are 1. */
export function shapeOf(input: TensorSpec, rows: number, elements: number): number[] {
  const inner = rowShape(input)
  const known = inner.filter((size) => size !== -1).reduce((product, size) => product * size, 1)
  const open = inner.lastIndexOf(-1)
  const filled = inner.map((size, at) => (size !== -1 ? size : at === open ? elements / rows / known : 1))
  return hasRows(input) ? [rows, ...filled] : filled
}

function imageLayoutOf({ shape, datatype }: TensorSpec): ImageLayout | undefined {
  const [batch, a, b, c] = shape
  if (shape.length !== 4 || !IMAGE_TYPES.includes(datatype) || (batch !== -1 && batch !== 1)) return undefined
  const isSize = (size: number | undefined) => size !== undefined && size >= 8 && size <= 4096
  if ((a === 1 || a === 3) && isSize(b) && isSize(c)) return { channels: a, height: b!, width: c!, channelsFirst: true }
  if ((c === 1 || c === 3) && isSize(a) && isSize(b))
    return { channels: c, height: a!, width: b!, channelsFirst: false }
  return undefined
}
