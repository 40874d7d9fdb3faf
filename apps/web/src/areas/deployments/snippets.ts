import type { Datatype, Deployment, InferenceRequest, TensorSpec } from '@stead/contracts'
import { withScheme } from './deployment-page.tsx'
import { fieldsOf } from './try-fields.ts'
import { cellsOf as flat, readField, requestOf, zeroOf } from './try-values.ts'

export type Language = 'curl' | 'python' | 'typescript' | 'grpc'

export const LANGUAGES: readonly Language[] = ['curl', 'python', 'typescript', 'grpc']

/** Values of an input that would fill more than a screen are made by the code instead of written into it. */
const MOST_VALUES = 64

/** A call that runs as it is, made from the contract and one of the runners. */
export function snippetOf(
  language: Language,
  { name, table: { contract } }: Deployment,
  runner: { readonly rest: string; readonly grpc: string },
  example: InferenceRequest | undefined,
): string {
  const request = example ?? emptyRequest(contract.inputs)
  const address = `${withScheme(runner.rest)}/v2/models/${encodeURIComponent(name)}/infer`
  const outputs = contract.outputs.map((output) => output.name)
  switch (language) {
    case 'curl':
      return curl(address, request)
    case 'typescript':
      return typescript(address, request)
    case 'python':
      return python('http', withScheme(runner.rest).replace(/^https?:\/\//, ''), name, request, outputs)
    case 'grpc':
      return python('grpc', runner.grpc.replace(/^https?:\/\//, ''), name, request, outputs)
  }
}

function emptyRequest(inputs: readonly TensorSpec[]): InferenceRequest {
  const fields = fieldsOf({ inputs: [...inputs], outputs: [] })
  const row = fields.map((field) => {
    if (field.kind === 'image') return Array<number>(field.count ?? 1).fill(0)
    const read = readField(field, zeroOf(field))
    return read.value ?? [0]
  })
  return requestOf(fields, [row])
}

const isLarge = (request: InferenceRequest) => request.inputs.some(({ data }) => cellsOf(data).length > MOST_VALUES)
const cellsOf = (data: unknown) => flat(data) as (number | string | boolean)[]

/** Inputs a line each: short enough to read, whole enough to send. */
function jsonOf({ inputs }: InferenceRequest): string {
  const lines = inputs.map((input) => `  ${JSON.stringify(input)}`)
  return `{"inputs": [\n${lines.join(',\n')}\n]}`
}

/** Within single quotes of a shell. */
const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function curl(address: string, request: InferenceRequest): string {
  const call = `curl ${shellQuoted(address)} \\\n  -H 'content-type: application/json' \\\n  -d `
  if (!isLarge(request)) return call + shellQuoted(jsonOf(request))
  const zeros = `python3 -c ${shellQuoted(largeJson(request))}`
  return `${zeros} > request.json\n\n${call}@request.json`
}

/** Python that prints a request too long to be written down. */
function largeJson({ inputs }: InferenceRequest): string {
  const made = inputs.map(({ name, datatype, shape, data }) => {
    const head = `"name": ${JSON.stringify(name)}, "datatype": "${datatype}", "shape": ${JSON.stringify(shape)}`
    return `{${head}, "data": ${valuesInPython(cellsOf(data), datatype as Datatype)}}`
  })
  return `import json; print(json.dumps({"inputs": [${made.join(', ')}]}))`
}

function typescript(address: string, request: InferenceRequest): string {
  const inputs = request.inputs.map(({ name, datatype, shape, data }) => {
    const cells = cellsOf(data)
    const values =
      cells.length > MOST_VALUES
        ? `Array(${cells.length}).fill(${JSON.stringify(cells[0])})`
        : JSON.stringify(cells).replaceAll(',', ', ')
    return `      { name: ${quoted(name)}, datatype: '${datatype}', shape: [${shape.join(', ')}], data: ${values} },`
  })
  return [
    `const response = await fetch(${quoted(address)}, {`,
    `  method: 'POST',`,
    `  headers: { 'content-type': 'application/json' },`,
    `  body: JSON.stringify({`,
    `    inputs: [`,
    ...inputs,
    `    ],`,
    `  }),`,
    `})`,
    `if (!response.ok) throw new Error(((await response.json()) as { error: string }).error)`,
    ``,
    `type Output = { name: string; datatype: string; shape: number[]; data: (number | string | boolean)[] }`,
    `const { outputs } = (await response.json()) as { outputs: Output[] }`,
    `console.log(response.headers.get('stead-version'), outputs)`,
  ].join('\n')
}

/** A text as TypeScript writes it. */
const quoted = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

const NUMPY: Readonly<Record<Datatype, string>> = {
  BOOL: 'np.bool_',
  UINT8: 'np.uint8',
  UINT16: 'np.uint16',
  UINT32: 'np.uint32',
  UINT64: 'np.uint64',
  INT8: 'np.int8',
  INT16: 'np.int16',
  INT32: 'np.int32',
  INT64: 'np.int64',
  FP16: 'np.float16',
  BF16: 'np.float32',
  FP32: 'np.float32',
  FP64: 'np.float64',
  BYTES: 'np.object_',
}

function python(
  protocol: 'http' | 'grpc',
  address: string,
  name: string,
  { inputs }: InferenceRequest,
  outputs: readonly string[],
): string {
  const lines = inputs.flatMap((input, index) => {
    const datatype = input.datatype as Datatype
    const variable = inputs.length === 1 ? 'tensor' : `tensor_${index + 1}`
    const values = valuesInPython(cellsOf(input.data), datatype)
    const shape = JSON.stringify(input.shape).replaceAll(',', ', ')
    return [
      `${variable} = triton.InferInput(${JSON.stringify(input.name)}, ${shape}, "${datatype}")`,
      `${variable}.set_data_from_numpy(np.array(${values}, dtype=${NUMPY[datatype]}).reshape(${shape}))`,
    ]
  })
  const tensors = inputs.map((_, index) => (inputs.length === 1 ? 'tensor' : `tensor_${index + 1}`))
  return [
    `# pip install "tritonclient[${protocol}]"`,
    `import numpy as np`,
    `import tritonclient.${protocol} as triton`,
    ``,
    `client = triton.InferenceServerClient(${JSON.stringify(address)})`,
    ...lines,
    `answer = client.infer(${JSON.stringify(name)}, [${tensors.join(', ')}])`,
    ...outputs.map((output) => `print(${JSON.stringify(output)}, answer.as_numpy(${JSON.stringify(output)}))`),
  ].join('\n')
}

function valuesInPython(cells: readonly (number | string | boolean)[], datatype: Datatype): string {
  const one = (cell: number | string | boolean) => {
    if (typeof cell === 'boolean') return cell ? 'True' : 'False'
    return datatype === 'BYTES' ? JSON.stringify(String(cell)) : String(cell)
  }
  if (cells.length > MOST_VALUES) return `[${one(cells[0] ?? 0)}] * ${cells.length}`
  return `[${cells.map(one).join(', ')}]`
}
