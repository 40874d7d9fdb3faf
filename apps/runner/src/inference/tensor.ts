import type { Datatype } from '@stead/contracts'

/** A tensor as it travels: raw little-endian row-major bytes.
 *  BOOL is one byte an element; BYTES is, per element, a little-endian u32 length and that many bytes.
 *  The bytes may be a view at any offset of a larger buffer: copy before viewing them as wider elements. */
export interface Tensor {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: Uint8Array
}
