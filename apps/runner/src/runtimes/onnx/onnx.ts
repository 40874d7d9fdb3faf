import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Datatype, Signature, TensorSpec } from '@stead/contracts'
import * as ort from 'onnxruntime-node'
import { InferenceFailure } from '../../inference/failure.ts'
import type { Tensor } from '../../inference/tensor.ts'
import { alignedBytes, readTexts, writeTexts } from '../elements.ts'
import type { LoadedModel, LoadOptions, ModelRuntime } from '../runtime.ts'

type Numeric = Exclude<Datatype, 'BYTES' | 'BF16'>
type ElementArray = ort.Tensor.DataTypeMap[Exclude<ort.Tensor.Type, 'string'>]

interface Elements {
  readonly type: Exclude<ort.Tensor.Type, 'string'>
  readonly width: number
  view(bytes: Uint8Array): ElementArray
}

const ELEMENTS: Readonly<Record<Numeric, Elements>> = {
  BOOL: elements('bool', Uint8Array),
  UINT8: elements('uint8', Uint8Array),
  UINT16: elements('uint16', Uint16Array),
  UINT32: elements('uint32', Uint32Array),
  UINT64: elements('uint64', BigUint64Array),
  INT8: elements('int8', Int8Array),
  INT16: elements('int16', Int16Array),
  INT32: elements('int32', Int32Array),
  INT64: elements('int64', BigInt64Array),
  FP16: elements('float16', Uint16Array),
  FP32: elements('float32', Float32Array),
  FP64: elements('float64', Float64Array),
}
const DATATYPE_OF = new Map<string, Datatype>([
  ...Object.entries(ELEMENTS).map(([datatype, { type }]) => [type, datatype as Datatype] as const),
  ['string', 'BYTES'],
])

keepHalvesAsIntegers()

/** ONNX Runtime loads and runs on the thread that asks, which is why models live in hosts of their own. */
export const onnxRuntime: ModelRuntime = {
  format: 'onnx',
  async load(dir, files, options, signal) {
    const file = (files.length > 0 ? files : readdirSync(dir)).toSorted().find((name) => name.endsWith('.onnx'))
    if (file === undefined) throw new Error('The version holds no .onnx file')
    signal.throwIfAborted()
    const session = await ort.InferenceSession.create(join(dir, file), sessionOptions(options))
    try {
      return loadedModel(session, { inputs: specs(session.inputMetadata), outputs: specs(session.outputMetadata) })
    } catch (refusal) {
      await session.release()
      throw refusal
    }
  },
}

/** ONNX Runtime's JavaScript prefers a Float16Array where there is one, which its native part (1.30) takes for empty.
 *  It looks once, at the first tensor: let it see none. */
function keepHalvesAsIntegers(): void {
  const present = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array')
  if (present === undefined) return
  Reflect.deleteProperty(globalThis, 'Float16Array')
  try {
    void new ort.Tensor('uint8', new Uint8Array(1), [1])
  } finally {
    Object.defineProperty(globalThis, 'Float16Array', present)
  }
}

function sessionOptions({ threads }: LoadOptions): ort.InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Spinning threads would burn CPU that other engines of this machine need.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  }
}

function loadedModel(session: ort.InferenceSession, signature: Signature): LoadedModel {
  return {
    signature,
    async run(inputs, outputs) {
      const feeds: Record<string, ort.Tensor> = {}
      for (const input of inputs) feeds[input.name] = toOrt(input)
      const results = await session.run(feeds, outputs).catch(explain)
      return outputs.map((name) => fromOrt(name, results[name]))
    },
    unload: () => session.release().catch(() => undefined),
  }
}

/** ONNX Runtime's errors are sentences without a code. */
function explain(error: Error): never {
  const message = error.message.slice(0, 500)
  const invalid = /Got invalid dimensions|Unexpected input data type|is missing in 'feeds'|Invalid rank/.test(message)
  throw new InferenceFailure(invalid ? 'invalid' : 'model_failed', message, { cause: error })
}

function toOrt({ name, datatype, shape, data }: Tensor): ort.Tensor {
  if (datatype === 'BYTES') return new ort.Tensor('string', readTexts({ name, datatype, shape, data }), shape)
  if (datatype === 'BF16') throw new InferenceFailure('unsupported', `'${name}': ONNX Runtime for Node has no BF16`)
  const { type, width, view } = ELEMENTS[datatype]
  return new ort.Tensor(type, view(alignedBytes(data, width)), shape)
}

function fromOrt(name: string, tensor: ort.Tensor | undefined): Tensor {
  const datatype = tensor === undefined ? undefined : DATATYPE_OF.get(tensor.type)
  if (tensor === undefined || datatype === undefined) throw new Error(`The model gave no '${name}'`)
  if (datatype === 'BYTES') return { name, datatype, shape: tensor.dims, data: writeTexts(tensor.data as string[]) }
  const { buffer, byteOffset, byteLength } = tensor.data as ElementArray
  return { name, datatype, shape: tensor.dims, data: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength) }
}

function specs(metadata: readonly ort.InferenceSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((value) => {
    if (!value.isTensor)
      throw new Error(
        `'${value.name}' is no tensor but a sequence or a map. Export the model without (for scikit-learn: zipmap=False)`,
      )
    const datatype = DATATYPE_OF.get(value.type)
    if (datatype === undefined)
      throw new Error(`'${value.name}' has elements of type ${value.type}, which cannot be served`)
    const dimensionNames = value.shape.map((size) => (typeof size === 'string' && size !== '' ? size : null))
    return {
      name: value.name,
      datatype,
      shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)),
      ...(dimensionNames.some((name) => name !== null) && { dimensionNames }),
    }
  })
}

function elements<Type extends Elements['type']>(
  type: Type,
  TypedArray: { new (buffer: ArrayBuffer, offset: number, length: number): ElementArray; BYTES_PER_ELEMENT: number },
): Elements {
  const width = TypedArray.BYTES_PER_ELEMENT
  return {
    type,
    width,
    view: (bytes) => new TypedArray(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / width),
  }
}
