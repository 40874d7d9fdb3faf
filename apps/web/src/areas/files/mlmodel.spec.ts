import { expect, test } from 'vitest'
import { loadingLines, readMlModel, registeringLines, shellWord, uriOf } from './mlmodel.ts'

const ID = `m-${'0123456789abcdef'.repeat(2)}`
const SAMPLE = `artifact_path: mlflow-artifacts:/1/models/${ID}/artifacts
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
  sklearn:
    code: null
    sklearn_version: 1.9.1
mlflow_version: 3.11.2.dev0
model_id: ${ID}
model_size_bytes: 1722
run_id: 3f6e0ad6a5ab4b6fb3a0a4a5d6e7f809
saved_input_example_info:
  artifact_path: input_example.json
  serving_input_path: ../../../etc/passwd
signature:
  inputs: '[{"type": "double", "name": "wind", "required": true}, {"type": "array", "items":
    {"type": "long"}, "name": "days", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: '[{"name": "alpha", "type": "double", "default": 0.5, "shape": null}]'
utc_time_created: '2026-11-21 00:18:57.635443'
`

test('an MLmodel file tells what the model is, takes, gives and needs', () => {
  const model = readMlModel(SAMPLE)
  expect(model).toMatchObject({ modelId: ID, size: 1722, mlflowVersion: '3.11.2.dev0', runPath: undefined })
  expect(model.flavors.map(({ name }) => name)).toEqual(['python_function', 'sklearn'])
  expect(model.flavors[0]!.facts[0]).toEqual({ name: 'env.conda', value: 'conda.yaml' })
  expect(model.flavors[1]!.facts).toEqual([{ name: 'sklearn_version', value: '1.9.1' }])
  expect(model.environment).toEqual(['conda.yaml', 'python_env.yaml', 'requirements.txt'])
  expect(model.signature).toEqual({
    inputs: [
      { name: 'wind', type: 'double', isRequired: true },
      { name: 'days', type: 'list of long', isRequired: false },
    ],
    outputs: [{ name: '', type: 'int64 (-1)', isRequired: true }],
    params: [{ name: 'alpha', type: 'double', isRequired: false, preset: '0.5' }],
  })
})

test('a path that leads out of the model is not followed', () => {
  expect(readMlModel(SAMPLE).examples).toEqual(['input_example.json'])
})

test('the lines that load it name it by its id, or by its run', () => {
  const model = readMlModel(SAMPLE)
  expect(uriOf(model)).toBe(`models:/${ID}`)
  expect(loadingLines(uriOf(model)!, 'http://host/p/sample', model)).toBe(`import mlflow, mlflow.sklearn

mlflow.set_tracking_uri("http://host/p/sample")
model = mlflow.pyfunc.load_model("models:/${ID}")
predictions = model.predict(data)

native = mlflow.sklearn.load_model("models:/${ID}")`)
  expect(uriOf(readMlModel('run_id: abc\nartifact_path: model'))).toBe('runs:/abc/model')
})

test('what a file says does not become code in the lines that one copies', () => {
  const hostile = readMlModel(`model_id: 'm-"); import os #'
run_id: '"); import os #'
artifact_path: 'x"); import os; ("'
flavors: {"os; import evil": {a: 1}}`)
  expect(uriOf(hostile)).toBeUndefined()
  expect(loadingLines('runs:/a/x"); import os; ("', undefined, hostile)).toContain(
    String.raw`load_model("runs:/a/x\"); import os; (\"")`,
  )
  expect(loadingLines('models:/a', undefined, hostile)).not.toContain('evil')
  expect(registeringLines('models:/a', 'x")')).toContain(String.raw`"x\")"`)
  expect(shellWord("x'; rm -rf ~")).toBe(String.raw`'x'\''; rm -rf ~'`)
})

test('a signature that cannot be read takes nothing from the rest', () => {
  const model = readMlModel("flavors: []\nsignature:\n  inputs: 'no json'\n  outputs: '{}'\n  params: null")
  expect(model.signature).toEqual({ inputs: undefined, outputs: undefined, params: [] })
  expect(readMlModel('just text').flavors).toEqual([])
  const deep = `[{"name":"x","type":"array","items":${'{"type":"array","items":'.repeat(500)}{}${'}'.repeat(500)}}]`
  expect(readMlModel(`signature:\n  inputs: '${deep}'`).signature!.inputs![0]!.type).toContain('…')
})
