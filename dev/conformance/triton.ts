import { pythonWith, startClient } from './python.ts'
import type { ForeignClient } from './python.ts'

/** NVIDIA's client as it is published, with the standard gRPC services' stubs beside it. */
export const tritonPython = () =>
  pythonWith([
    'tritonclient[http,grpc]>=2.60',
    'grpcio-health-checking>=1.60',
    'grpcio-reflection>=1.60',
    'prometheus-client>=0.20',
    'openapi-spec-validator>=0.7.1',
    'requests>=2.31',
  ])

/** A tensor whose elements are text, see clients/tensors.py. */
export interface AskedTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly values: readonly string[]
  /** Over HTTP whether it travels raw or in the JSON; raw unless said otherwise. */
  readonly binary?: boolean
}

export interface Asked {
  readonly model: string
  readonly inputs: readonly AskedTensor[]
  readonly outputs?: readonly { name: string; binary?: boolean; classes?: number }[]
  readonly version?: string
  readonly id?: string
  /** tritonclient's own arguments. */
  readonly [argument: string]: unknown
}

export interface Answer {
  readonly model: string
  readonly version: string
  readonly id: string | null
  readonly parameters: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<Record<string, { datatype: string; shape: number[]; values: string[] }>>
}
export type Outcome = Answer | { readonly error: { type: string; status: string | null; message: string } }

export type Protocol = 'http' | 'grpc'

/** tritonclient in a process of its own, over one of its protocols. */
export interface TritonClient extends ForeignClient {
  readonly protocol: Protocol
  infer(asked: Asked): Promise<Answer>
}

export function startTriton(python: string, protocol: Protocol, runner: { rest: string; grpc: string }): TritonClient {
  const address = protocol === 'http' ? runner.rest.replace('http://', '') : runner.grpc
  const client = startClient(python, 'triton.py', [protocol, address])
  return { ...client, protocol, infer: (asked) => client.do('infer', asked) }
}

/** Rows of one FP32 input, as the fixtures' models take them. */
export const fp32 = (rows: readonly (readonly number[])[], name = 'x'): AskedTensor => ({
  name,
  datatype: 'FP32',
  shape: [rows.length, rows[0]?.length ?? 0],
  values: rows.flat().map(String),
})

export const numbers = (answer: Answer, output = 'y') => answer.outputs[output]!.values.map(Number)
