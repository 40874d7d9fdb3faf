import type { Datatype, Signature } from '@stead/contracts'
import fc from 'fast-check'
import type { Tensor } from './tensor.ts'

/** A random tensor, with its elements as JSON text would name them. The bytes are laid down here by DataView,
 *  independently of the codecs they judge. */
export interface Sample {
  readonly tensor: Tensor
  /** Undefined for datatypes without a JSON form. */
  readonly cells: readonly unknown[] | undefined
}

type Put = (view: DataView, at: number, value: never) => void

interface Kind {
  readonly width: number
  readonly element: fc.Arbitrary<unknown>
  readonly put: Put
  readonly hasJson: boolean
}

const kind = <T>(
  width: number,
  element: fc.Arbitrary<T>,
  put: (view: DataView, at: number, value: T) => void,
): Kind => ({
  width,
  element,
  put: put as Put,
  hasJson: true,
})

const finite = { noNaN: true, noDefaultInfinity: true }
const bits16 = fc.integer({ min: 0, max: 0xffff })

const KINDS: Readonly<Record<Exclude<Datatype, 'BYTES'>, Kind>> = {
  BOOL: kind(1, fc.boolean(), (view, at, value) => view.setUint8(at, Number(value))),
  UINT8: kind(1, fc.integer({ min: 0, max: 255 }), (view, at, value) => view.setUint8(at, value)),
  INT8: kind(1, fc.integer({ min: -128, max: 127 }), (view, at, value) => view.setInt8(at, value)),
  UINT16: kind(2, bits16, (view, at, value) => view.setUint16(at, value, true)),
  INT16: kind(2, fc.integer({ min: -0x8000, max: 0x7fff }), (view, at, value) => view.setInt16(at, value, true)),
  UINT32: kind(4, fc.integer({ min: 0, max: 0xffffffff }), (view, at, value) => view.setUint32(at, value, true)),
  INT32: kind(4, fc.integer(), (view, at, value) => view.setInt32(at, value, true)),
  UINT64: kind(8, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (view, at, value) => view.setBigUint64(at, value, true)),
  INT64: kind(8, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (view, at, value) =>
    view.setBigInt64(at, value, true),
  ),
  FP32: kind(4, fc.float(finite), (view, at, value) => view.setFloat32(at, value, true)),
  FP64: kind(8, fc.double(finite), (view, at, value) => view.setFloat64(at, value, true)),
  FP16: { ...kind(2, bits16, (view, at, value) => view.setUint16(at, value, true)), hasJson: false },
  BF16: { ...kind(2, bits16, (view, at, value) => view.setUint16(at, value, true)), hasJson: false },
}

export const DATATYPES: readonly Datatype[] = [...(Object.keys(KINDS) as (keyof typeof KINDS)[]), 'BYTES']

export function sampleOf(name: string, datatype: Datatype): fc.Arbitrary<Sample> {
  return fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape): fc.Arbitrary<Sample> => {
    const count = shape.reduce((product, size) => product * size, 1)
    const many = { minLength: count, maxLength: count }
    if (datatype === 'BYTES') {
      return fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), many).map((cells) => ({
        tensor: { name, datatype, shape, data: stringBytes(cells) },
        cells,
      }))
    }
    const { element, hasJson } = KINDS[datatype]
    return fc.array(element, many).map((cells) => ({
      tensor: { name, datatype, shape, data: numberBytes(datatype, cells) },
      cells: hasJson ? cells : undefined,
    }))
  })
}

export const anySample = (name: string): fc.Arbitrary<Sample> =>
  fc.constantFrom(...DATATYPES).chain((datatype) => sampleOf(name, datatype))

/** One to three tensors with names of their own. */
export const someSamples: fc.Arbitrary<Sample[]> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => anySample(`tensor ${i} ü`))))

/** A signature that takes and gives what the samples are, with every size free. */
export function signatureOf(samples: readonly Sample[]): Signature {
  const specs = samples.map(({ tensor }) => ({
    name: tensor.name,
    datatype: tensor.datatype,
    shape: tensor.shape.map(() => -1),
  }))
  return { inputs: specs, outputs: specs }
}

function numberBytes(datatype: Exclude<Datatype, 'BYTES'>, cells: readonly unknown[]): Uint8Array {
  const { width, put } = KINDS[datatype]
  const view = new DataView(new ArrayBuffer(cells.length * width))
  for (const [i, cell] of cells.entries()) put(view, i * width, cell as never)
  return new Uint8Array(view.buffer)
}

function stringBytes(cells: readonly string[]): Uint8Array {
  return Buffer.concat(
    cells.map((cell) => {
      const text = Buffer.from(cell)
      return Buffer.concat([Buffer.from(Uint32Array.of(text.length).buffer), text])
    }),
  )
}

/** JSON text that keeps bigints and negative zero exact. */
export function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value === 'bigint') return `${value}`
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${jsonText(inner)}`).join(',')}}`
}

/** Flat elements, nested as the shape says. A tensor without elements stays flat. */
export function nested(cells: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  if (shape.length < 2 || cells.length === 0) return cells
  const [rows = 0, ...inner] = shape
  const width = cells.length / rows
  return Array.from({ length: rows }, (_, row) => nested(cells.slice(row * width, (row + 1) * width), inner))
}
