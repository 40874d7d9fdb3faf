import { describe, expect, test } from 'vitest'
import { readMlModel } from './mlmodel.ts'

/** As the client of 3.11 writes it: long texts folded over several lines. */
const SKLEARN = `artifact_path: mlflow-artifacts:/1/models/m-455cab0670d94492bcff6e348f8895ed/artifacts
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
    skops_trusted_types: null
is_signature_from_type_hint: false
mlflow_version: 3.11.1
model_id: m-455cab0670d94492bcff6e348f8895ed
model_size_bytes: 1643
prompts: null
signature:
  inputs: '[{"type": "double", "name": "a long column name number 0", "required":
    true}, {"type": "double", "name": "a long column name number 1", "required": true},
    {"type": "long", "name": "a long column name number 2", "required": true}, {"type":
    "boolean", "name": "it''s number 3", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
  params: null
type_hint_from_example: false
utc_time_created: '2026-11-21 12:57:01.358406'
`

const withSignature = (inputs: unknown, outputs: unknown = [{ type: 'double' }]) =>
  readMlModel(
    `flavors: {python_function: {}}\nsignature: ${JSON.stringify({ inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs) })}`,
  ).signature

test('a description is read as the client writes it', () => {
  expect(readMlModel(SKLEARN)).toEqual({
    flavors: ['python_function', 'sklearn'],
    graph: undefined,
    signature: {
      inputs: [
        { name: 'a long column name number 0', datatype: 'FP64', shape: [-1] },
        { name: 'a long column name number 1', datatype: 'FP64', shape: [-1] },
        { name: 'a long column name number 2', datatype: 'INT64', shape: [-1] },
        { name: "it's number 3", datatype: 'BOOL', shape: [-1] },
      ],
      outputs: [{ name: 'output', datatype: 'FP64', shape: [-1] }],
    },
  })
})

test('the graph of an ONNX model is named', () => {
  const text =
    'flavors:\n  onnx:\n    code: null\n    data: model.onnx\n    onnx_version: 1.19.0\n  python_function:\n    data: model.onnx\n'
  expect(readMlModel(text)).toMatchObject({ flavors: ['onnx', 'python_function'], graph: 'model.onnx' })
})

describe('a signature', () => {
  test.each([
    ['boolean', 'BOOL'],
    ['integer', 'INT32'],
    ['long', 'INT64'],
    ['float', 'FP32'],
    ['double', 'FP64'],
    ['string', 'BYTES'],
    ['binary', 'BYTES'],
  ])('has a column of type %s as a vector of %s', (type, datatype) => {
    expect(withSignature([{ type, name: 'c' }]).inputs).toEqual([{ name: 'c', datatype, shape: [-1] }])
  })

  test.each([
    ['float32', 'FP32'],
    ['float16', 'FP16'],
    ['uint8', 'UINT8'],
    ['int16', 'INT16'],
    ['bool', 'BOOL'],
    ['object', 'BYTES'],
    ['<U12', 'BYTES'],
    ['|S3', 'BYTES'],
  ])('has a tensor of dtype %s as one of %s', (dtype, datatype) => {
    const spec = { type: 'tensor', 'tensor-spec': { dtype, shape: [-1, 28, 28] } }
    expect(withSignature([spec]).inputs).toEqual([{ name: 'input', datatype, shape: [-1, 28, 28] }])
  })

  test('gives unnamed columns their places for names', () => {
    expect(withSignature([{ type: 'double' }, { type: 'long' }]).inputs.map(({ name }) => name)).toEqual([
      'input_0',
      'input_1',
    ])
    expect(withSignature([{ type: 'double', name: 3 }]).inputs).toMatchObject([{ name: '3' }])
  })

  test.each([
    [
      'a datetime',
      [
        { type: 'datetime', name: 'at' },
        { type: 'double', name: 'x' },
      ],
    ],
    ['an object', [{ type: 'object', properties: { a: { type: 'string' } }, name: 'o' }]],
    ['an array', [{ type: 'array', items: { type: 'double' }, name: 'a' }]],
    ['a dtype of dates', [{ type: 'tensor', 'tensor-spec': { dtype: 'datetime64[ns]', shape: [-1] } }]],
    [
      'two columns of one name',
      [
        { type: 'double', name: 'x' },
        { type: 'double', name: 'x' },
      ],
    ],
    ['nothing that could be one', { some: 'thing' }],
  ])('with %s is left empty on that side', (_, inputs) => {
    expect(withSignature(inputs)).toEqual({ inputs: [], outputs: [{ name: 'output', datatype: 'FP64', shape: [-1] }] })
  })
})

test.each([
  ['', 'flavors'],
  ['{', 'a text that ends early'],
  ['- a', 'a list'],
  ['flavors: 3', 'flavors that are none'],
  ['a: !!python/object/apply:os.system ["true"]', 'a tag of Python'],
  [
    `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from(
      { length: 9 },
      (_, at) =>
        `b${at}: &b${at} [${Array(9)
          .fill(at === 0 ? '*a' : `*b${at - 1}`)
          .join(', ')}]`,
    ).join('\n')}`,
    'a bomb of aliases',
  ],
])('what is no description makes no model: %j', (text) => {
  try {
    expect(readMlModel(text)).toMatchObject({ flavors: [], graph: undefined })
  } catch (error) {
    expect(error).toMatchObject({ code: 'model_unreadable', message: expect.stringContaining('MLmodel') })
  }
})
