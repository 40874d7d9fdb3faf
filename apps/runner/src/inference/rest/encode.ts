import { type ChosenOutput, chooseOutputs } from '../classify.ts'
import { numbersOf } from '../elements.ts'
import type { InferAnswer, RequestParameters } from '../request.ts'
import type { Tensor } from '../tensor.ts'
import { printJson } from './json.ts'
import { jsonValues } from './values.ts'

export interface EncodedAnswer {
  readonly body: Buffer | string
  readonly headers: Readonly<Record<string, string>>
}

const JSON_HEADERS = Object.freeze({ 'content-type': 'application/json' })
const SPACES = ['', ' ', '  ', '   ', '    ', '     ', '      ', '       ']

/** Encodes an answer of `POST /v2/models/{m}/infer`. With a raw output it is a JSON header followed by the raw
 *  tensors, in the outputs' order; the header is padded so that the first begins at a multiple of 8.
 *
 *  JSON has no NaN and no infinities: each is printed as null, and the output then has the parameter
 *  `nonfinite: true`. Refuses what JSON cannot hold (16-bit floats, BYTES that are no UTF-8) and says to ask for
 *  binary data. */
export function encodeInfer(answer: InferAnswer): EncodedAnswer {
  const chosen = chooseOutputs(answer)
  let text = `{"model_name":${quoted(answer.modelName)},"model_version":${quoted(answer.modelVersion)}`
  if (answer.id !== undefined) text += `,"id":${JSON.stringify(answer.id)}`
  if (answer.parameters !== undefined) text += `,"parameters":${printedParameters(answer.parameters)}`
  text += ',"outputs":['
  let tailSize = 0
  let isBinary = false
  for (let i = 0; i < chosen.length; i++) {
    const { tensor, binary } = chosen[i]!
    if (i > 0) text += ','
    text += `{"name":${quoted(tensor.name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(',')}]`
    if (binary) {
      isBinary = true
      tailSize += tensor.data.length
      text += `,"parameters":{"binary_data_size":${tensor.data.length}}}`
    } else text += printValues(tensor)
  }
  text += ']}'
  return isBinary ? withTail(text, chosen, tailSize) : { body: text, headers: JSON_HEADERS }
}

function withTail(text: string, chosen: readonly ChosenOutput[], tailSize: number): EncodedAnswer {
  const textSize = Buffer.byteLength(text)
  const padding = SPACES[-textSize & 7]!
  const headerSize = textSize + padding.length
  const body = Buffer.allocUnsafe(headerSize + tailSize)
  body.write(text + padding, 0)
  let at = headerSize
  for (const { tensor, binary } of chosen) {
    if (!binary) continue
    body.set(tensor.data, at)
    at += tensor.data.length
  }
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': `${headerSize}`,
  }
  return { body, headers }
}

const QUOTED_LIMIT = 4096
const quotes = new Map<string, string>()

/** Names of models and tensors recur with every request. */
function quoted(name: string): string {
  const known = quotes.get(name)
  if (known !== undefined) return known
  if (quotes.size === QUOTED_LIMIT) quotes.clear()
  const made = JSON.stringify(name)
  quotes.set(name, made)
  return made
}

let lastPrinted: RequestParameters | undefined
let lastText = ''

/** The stamps of a generation are one frozen object, which need not be printed again for every answer. */
function printedParameters(parameters: RequestParameters): string {
  if (parameters === lastPrinted) return lastText
  const text = printJson(parameters)
  if (Object.isFrozen(parameters)) {
    lastPrinted = parameters
    lastText = text
  }
  return text
}

/** The output's members after its shape, and its closing brace. Everything goes through one JSON.stringify,
 *  which prints numbers faster than joining them one by one. */
function printValues(tensor: Tensor): string {
  const { datatype } = tensor
  if (datatype === 'INT64' || datatype === 'INT32') return `,"data":[${(numbersOf(tensor) as Int32Array).join(',')}]}`
  const { values, areFinite } = jsonValues(tensor)
  return `,"data":${JSON.stringify(values)}${areFinite ? '}' : ',"parameters":{"nonfinite":true}}'}`
}
