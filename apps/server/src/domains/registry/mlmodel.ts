import { SteadError, TensorSpec } from '@stead/contracts'
import type { Datatype, Signature } from '@stead/contracts'
import { parse } from 'yaml'
import { z } from 'zod'

/** What the file `MLmodel` at the root of a model of MLflow says of it, as far as it decides how the model is served.
 *  Read by YAML's core schema: a tag in the text makes no object of any kind. */
export interface MlModel {
  /** `onnx`, `sklearn`, `python_function`, …, in the order of the file. */
  readonly flavors: readonly string[]
  /** The ONNX graph, beside the file. */
  readonly graph: string | undefined
  /** Empty on the side that is not declared, or that has a kind for which there is no tensor. */
  readonly signature: Signature
}

export const MOST_BYTES = 4 * 1024 * 1024

const Flavor = z.looseObject({ data: z.string().optional() })
const Document = z.looseObject({
  flavors: z.record(z.string(), Flavor.nullable().catch(null)).default({}),
  signature: z.looseObject({ inputs: z.string().nullish(), outputs: z.string().nullish() }).nullish().catch(undefined),
})

/** Fails with `model_unreadable`. */
export function readMlModel(text: string): MlModel {
  const { flavors, signature } = documentIn(text)
  return {
    flavors: Object.keys(flavors),
    graph: flavors.onnx?.data,
    signature: {
      inputs: tensorsIn(signature?.inputs, 'input'),
      outputs: tensorsIn(signature?.outputs, 'output'),
    },
  }
}

function documentIn(text: string): z.infer<typeof Document> {
  try {
    return Document.parse(parse(text, { schema: 'core', maxAliasCount: 100, logLevel: 'silent', uniqueKeys: false }))
  } catch (error) {
    const because = error instanceof z.ZodError ? 'it is no description of a model' : (error as Error).message
    throw new SteadError('model_unreadable', `the file MLmodel cannot be read: ${because.split('\n')[0]}`, {
      where: 'MLmodel',
    })
  }
}

const Column = z.object({ type: z.string(), name: z.union([z.string(), z.number()]).optional() })
const Tensor = z.object({
  type: z.literal('tensor'),
  name: z.union([z.string(), z.number()]).optional(),
  'tensor-spec': z.object({ dtype: z.string(), shape: z.array(z.number().int().min(-1)) }),
})
const Specs = z.array(z.union([Tensor, Column])).max(1024)

/** One column is a vector of rows of any number. */
const ROWS = [-1]

/** The tensors of one side of a signature; none where one of them cannot be told. */
function tensorsIn(json: string | null | undefined, what: 'input' | 'output'): TensorSpec[] {
  if (!json) return []
  const specs = Specs.safeParse(jsonIn(json)).data ?? []
  const tensors = specs.map((spec, index) => tensorOf(spec, specs.length === 1 ? what : `${what}_${index}`))
  const known = tensors.filter((tensor) => tensor !== undefined)
  const named = new Set(known.map(({ name }) => name))
  return named.size === specs.length ? known : []
}

function tensorOf(spec: z.infer<typeof Tensor> | z.infer<typeof Column>, unnamed: string): TensorSpec | undefined {
  const name = spec.name === undefined || spec.name === '' ? unnamed : String(spec.name)
  const [datatype, shape] =
    'tensor-spec' in spec
      ? [datatypeOf(spec['tensor-spec'].dtype), spec['tensor-spec'].shape]
      : [COLUMN_TYPES.get(spec.type), ROWS]
  return datatype && TensorSpec.safeParse({ name, datatype, shape }).data
}

const COLUMN_TYPES: ReadonlyMap<string, Datatype> = new Map([
  ['boolean', 'BOOL'],
  ['integer', 'INT32'],
  ['long', 'INT64'],
  ['float', 'FP32'],
  ['double', 'FP64'],
  ['string', 'BYTES'],
  ['binary', 'BYTES'],
])

const NUMPY_TYPES: ReadonlyMap<string, Datatype> = new Map([
  ['bool', 'BOOL'],
  ['float16', 'FP16'],
  ['float32', 'FP32'],
  ['float64', 'FP64'],
  ['object', 'BYTES'],
  ['str', 'BYTES'],
  ['bytes', 'BYTES'],
  ...(['int', 'uint'] as const).flatMap((kind) =>
    ([8, 16, 32, 64] as const).map((bits): [string, Datatype] => [
      `${kind}${bits}`,
      kind === 'int' ? `INT${bits}` : `UINT${bits}`,
    ]),
  ),
])

/** Texts of fixed length are written `<U7` and `|S7`. */
const datatypeOf = (dtype: string): Datatype | undefined =>
  /^[<>|=]?[USa]\d*$/.test(dtype) ? 'BYTES' : NUMPY_TYPES.get(dtype)

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
