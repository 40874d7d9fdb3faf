import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText, nested, type Sample, signatureOf, someSamples } from './arbitraries.ts'
import { decodeModelInfer, encodeModelInfer } from './grpc/codec.ts'
import { readRequest, readResponse, type WireRequest, writeRequest } from './grpc/messages.ts'
import { inferencePackage } from './grpc/services.ts'
import { type InferAnswer, NO_PARAMETERS } from './request.ts'
import { decodeInfer } from './rest/decode.ts'
import { encodeInfer } from './rest/encode.ts'
import type { Tensor } from './tensor.ts'

const RUNS = { numRuns: 200 }

/** Plain bytes, so that a Buffer and a Uint8Array with the same content are the same. */
const plain = (tensors: readonly Tensor[]) => tensors.map((tensor) => ({ ...tensor, data: [...tensor.data] }))
const tensorsOf = (samples: readonly Sample[]) => samples.map(({ tensor }) => tensor)

function jsonInput({ tensor, cells }: Sample, isNested: boolean) {
  const { name, datatype, shape } = tensor
  return { name, datatype, shape, data: isNested ? nested(cells!, shape) : cells }
}

function binaryInput({ name, datatype, shape, data }: Tensor) {
  return { name, datatype, shape, parameters: { binary_data_size: data.length } }
}

/** A body in which inputs without a JSON form, and those that `isBinary` picks, travel raw. */
function mixedBody(samples: readonly Sample[], isBinary: readonly boolean[], isNested: boolean) {
  const raw = samples.map(({ cells }, i) => cells === undefined || isBinary[i] === true)
  const inputs = samples.map((sample, i) => (raw[i] ? binaryInput(sample.tensor) : jsonInput(sample, isNested)))
  const header = Buffer.from(jsonText({ id: 'é1', inputs }))
  const tail = samples.filter((_, i) => raw[i]).map(({ tensor }) => tensor.data)
  return { body: Buffer.concat([header, ...tail]), headers: { 'inference-header-content-length': `${header.length}` } }
}

const wireRequest = (samples: readonly Sample[]): WireRequest => ({
  modelName: 'm',
  modelVersion: '',
  id: '',
  parameters: NO_PARAMETERS,
  inputs: samples.map(({ tensor }) => ({
    ...tensor,
    shape: [...tensor.shape],
    parameters: NO_PARAMETERS,
    contents: [],
  })),
  outputs: [],
  raw: samples.map(({ tensor }) => tensor.data),
})

const CONTENTS_FIELD: Readonly<Record<string, string>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
}

const service = inferencePackage['inference.GRPCInferenceService'] as unknown as {
  ModelInfer: { requestSerialize(message: object): Buffer }
}

function typedRequest(samples: readonly Sample[]): Buffer {
  return service.ModelInfer.requestSerialize({
    model_name: 'm',
    inputs: samples.map(({ tensor, cells }) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: tensor.shape,
      contents: { [CONTENTS_FIELD[tensor.datatype]!]: cells!.map(typedCell(tensor.datatype)) },
    })),
  })
}

const typedCell = (datatype: string) => (cell: unknown) =>
  typeof cell === 'bigint' ? `${cell}` : datatype === 'BYTES' ? Buffer.from(cell as string) : cell

test('JSON, nested JSON, binary and mixed requests decode to the bytes of the tensors they carry', () => {
  fc.assert(
    fc.property(someSamples, fc.array(fc.boolean(), { maxLength: 3 }), fc.boolean(), (samples, isBinary, isNested) => {
      const { body, headers } = mixedBody(samples, isBinary, isNested)
      const request = decodeInfer(body, headers, signatureOf(samples))
      expect(plain(request.inputs)).toEqual(plain(tensorsOf(samples)))
      expect(request.id).toBe('é1')
    }),
    RUNS,
  )
})

test('inputs may come in any order and are put in that of the signature', () => {
  fc.assert(
    fc.property(someSamples, (samples) => {
      const { body, headers } = mixedBody(samples.toReversed(), [true, false, true], false)
      expect(plain(decodeInfer(body, headers, signatureOf(samples)).inputs)).toEqual(plain(tensorsOf(samples)))
    }),
    RUNS,
  )
})

test('gRPC requests with raw and with typed contents decode to the same bytes as JSON', () => {
  fc.assert(
    fc.property(someSamples, (samples) => {
      const expected = plain(tensorsOf(samples))
      const signature = signatureOf(samples)
      const raw = readRequest(writeRequest(wireRequest(samples)))
      expect(plain(decodeModelInfer(raw, signature).inputs)).toEqual(expected)
      if (samples.some(({ cells }) => cells === undefined)) return
      expect(plain(decodeModelInfer(readRequest(typedRequest(samples)), signature).inputs)).toEqual(expected)
    }),
    RUNS,
  )
})

const answerOf = (samples: readonly Sample[], binary: boolean): InferAnswer => ({
  modelName: 'forecast',
  modelVersion: '7',
  id: 'é1',
  parameters: { generation: 12 },
  outputs: tensorsOf(samples),
  requested: undefined,
  binary,
})

/** Reads an answer back as if its outputs were the inputs of a request: the two have the same form. */
function readBack(body: Buffer | string, headers: Readonly<Record<string, string>>, samples: readonly Sample[]) {
  const bytes = Buffer.from(body)
  const length = headers['inference-header-content-length']
  const header = length === undefined ? bytes : bytes.subarray(0, Number(length))
  const renamed = Buffer.from(header.toString().replace('"outputs":', '"inputs":'))
  const whole = Buffer.concat([renamed, bytes.subarray(header.length)])
  const sizes = length === undefined ? {} : { 'inference-header-content-length': `${renamed.length}` }
  return decodeInfer(whole, sizes, signatureOf(samples))
}

test('JSON and binary answers read back exactly', () => {
  fc.assert(
    fc.property(someSamples, fc.boolean(), (samples, isBinary) => {
      const binary = isBinary || samples.some(({ cells }) => cells === undefined)
      const { body, headers } = encodeInfer(answerOf(samples, binary))
      const back = readBack(body, headers, samples)
      expect(plain(back.inputs)).toEqual(plain(tensorsOf(samples)))
      expect(back.id).toBe('é1')
      expect(back.parameters).toEqual({ generation: 12 })
      if (binary) expect(Number(headers['inference-header-content-length']) % 8).toBe(0)
    }),
    RUNS,
  )
})

test('gRPC answers read back exactly', () => {
  fc.assert(
    fc.property(someSamples, (samples) => {
      const back = readResponse(encodeModelInfer(answerOf(samples, false)))
      const tensors = back.outputs.map(({ name, datatype, shape }, i) => ({
        name,
        datatype,
        shape,
        data: back.raw[i]!,
      }))
      expect(plain(tensors as Tensor[])).toEqual(plain(tensorsOf(samples)))
      expect(back).toMatchObject({ modelName: 'forecast', modelVersion: '7', id: 'é1' })
      expect({ ...back.parameters }).toEqual({ generation: 12 })
    }),
    RUNS,
  )
})
