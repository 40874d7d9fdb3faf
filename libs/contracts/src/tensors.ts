import { z } from 'zod'

/** Bytes per element by Open Inference Protocol datatype; 0 where elements have no fixed size. */
export const DATATYPE_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: 0,
} as const

export const Datatype = z.enum(Object.keys(DATATYPE_BYTES) as [keyof typeof DATATYPE_BYTES])
export type Datatype = keyof typeof DATATYPE_BYTES

/** A dimension of -1 is variable. */
export const Dimension = z
  .number()
  .int()
  .min(-1)
  .max(2 ** 40)

export const TensorSpec = z.object({
  name: z.string().min(1).max(512),
  datatype: Datatype,
  shape: z.array(Dimension).max(16),
  /** Names of the variable dimensions where the graph gives them, by position; null for the others. */
  dimensionNames: z.array(z.string().nullable()).max(16).optional(),
})
export type TensorSpec = z.infer<typeof TensorSpec>

/** What a version takes and gives, in the order of its graph. Empty where it is not known. */
export const Signature = z.object({
  inputs: z.array(TensorSpec).max(1024),
  outputs: z.array(TensorSpec).max(1024),
})
export type Signature = z.infer<typeof Signature>

/** As those declare it who know it. */
export const DeclaredSignature = z.object({
  inputs: Signature.shape.inputs.min(1),
  outputs: Signature.shape.outputs.min(1),
})
