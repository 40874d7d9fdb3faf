import type { Signature } from '@stead/contracts'
import { InferenceFailure } from './failure.ts'
import type { Tensor } from './tensor.ts'

/** Parameters as the caller sent them: free-form, and integers beyond 2^53 are bigints. */
export type RequestParameters = Readonly<Record<string, unknown>>

export interface RequestedOutput {
  /** Position in `signature.outputs`. */
  readonly index: number
  readonly binary: boolean
  /** How many of the highest values are wanted instead of the tensor; 0 asks for the tensor itself. */
  readonly classification: number
}

/** One request, whatever protocol carried it. */
export interface InferRequest {
  readonly id: string | undefined
  /** In the order of `signature.inputs`, one each. The bytes may be views of the request's body. */
  readonly inputs: readonly Tensor[]
  /** Undefined asks for every output. */
  readonly outputs: readonly RequestedOutput[] | undefined
  readonly binaryOutput: boolean
  /** 0 is the version's default, 1 the most urgent. */
  readonly priority: number
  readonly timeoutMicros: number | undefined
  readonly parameters: RequestParameters
}

/** What a front end gives to an encoder. `outputs` follows `signature.outputs`; an output that nobody requested
 *  may be left undefined. `requested` selects and orders; undefined answers everything. */
export interface InferAnswer {
  readonly modelName: string
  readonly modelVersion: string
  readonly id: string | undefined
  readonly parameters: RequestParameters | undefined
  readonly outputs: readonly (Tensor | undefined)[]
  readonly requested: readonly RequestedOutput[] | undefined
  /** Whether outputs travel raw when `requested` is undefined. */
  readonly binary: boolean
}

export const NO_PARAMETERS: RequestParameters = Object.freeze(Object.create(null) as Record<string, unknown>)

/** A signature's names, looked up once per signature and not once per request. */
export interface SignatureIndex {
  readonly inputs: ReadonlyMap<string, number>
  readonly outputs: ReadonlyMap<string, number>
  /** Whether an input has integers that a double cannot hold. */
  readonly hasWideIntegers: boolean
}

const indexes = new WeakMap<Signature, SignatureIndex>()

export function indexOf(signature: Signature): SignatureIndex {
  const known = indexes.get(signature)
  if (known !== undefined) return known
  const made: SignatureIndex = {
    inputs: new Map(signature.inputs.map((spec, position) => [spec.name, position])),
    outputs: new Map(signature.outputs.map((spec, position) => [spec.name, position])),
    hasWideIntegers: signature.inputs.some(({ datatype }) => datatype === 'INT64' || datatype === 'UINT64'),
  }
  indexes.set(signature, made)
  return made
}

export function invalid(message: string, cause?: unknown): InferenceFailure {
  return new InferenceFailure('invalid', message, cause === undefined ? undefined : { cause })
}

/** How an error message shows a value of the caller's: never more than a few words of it. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  return `${value as number | bigint | boolean}`
}

/** The input's position. Refuses names the signature does not have and names given twice. */
export function placeInput(index: SignatureIndex, signature: Signature, name: unknown, taken: unknown[]): number {
  if (typeof name !== 'string') throw invalid(`an input's name must be a string, got ${shown(name)}`)
  const position = index.inputs.get(name)
  if (position === undefined) {
    const names = signature.inputs.map((spec) => JSON.stringify(spec.name)).join(', ')
    throw invalid(`unknown input ${shown(name)}: the inputs are ${names}`)
  }
  if (taken[position] !== undefined) throw invalid(`input ${shown(name)} is given twice`)
  return position
}

export function requireEveryInput(signature: Signature, given: readonly unknown[]): void {
  for (const [position, spec] of signature.inputs.entries()) {
    if (given[position] === undefined) throw invalid(`input ${JSON.stringify(spec.name)} (${spec.datatype}) is missing`)
  }
}

export function refuseSharedMemory(name: string, parameters: RequestParameters): void {
  if (parameters.shared_memory_region !== undefined) {
    throw new InferenceFailure(
      'unsupported',
      `${JSON.stringify(name)} names a shared memory region; send its data instead: shared memory is not offered`,
    )
  }
}

export function requestOutput(
  index: SignatureIndex,
  name: unknown,
  parameters: RequestParameters,
  binaryOutput: boolean,
): RequestedOutput {
  const position = typeof name === 'string' ? index.outputs.get(name) : undefined
  if (position === undefined) {
    throw invalid(`unknown output ${shown(name)}: the outputs are ${[...index.outputs.keys()].map(shown).join(', ')}`)
  }
  if (parameters === NO_PARAMETERS) return { index: position, binary: binaryOutput, classification: 0 }
  refuseSharedMemory(name as string, parameters)
  return {
    index: position,
    binary: flagOf(parameters, 'binary_data', binaryOutput),
    classification: wholeOf(parameters, 'classification'),
  }
}

export function refuseRepeatedOutputs(requested: readonly RequestedOutput[], signature: Signature): void {
  if (requested.length < 2) return
  const seen = new Set<number>()
  for (const { index } of requested) {
    if (seen.has(index)) throw invalid(`output ${shown(signature.outputs[index]?.name)} is requested twice`)
    seen.add(index)
  }
}

export function flagOf(parameters: RequestParameters, key: string, otherwise: boolean): boolean {
  const value = parameters[key]
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean') throw invalid(`parameter ${key} must be true or false, got ${shown(value)}`)
  return value
}

/** A whole number from 0 on; absent is 0. */
export function wholeOf(parameters: RequestParameters, key: string): number {
  const value = parameters[key]
  if (value === undefined) return 0
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(`parameter ${key} must be a whole number from 0 to 2^53 - 1, got ${shown(value)}`)
  }
  return value
}

/** The protocol's `timeout` is in microseconds, and 0 means none was set. */
export function timeoutOf(parameters: RequestParameters): number | undefined {
  return wholeOf(parameters, 'timeout') || undefined
}
