import { expect, test } from 'vitest'
import { rowsIn, schemaColumns, sourceOf } from './dataset-schema.ts'

test('columns are told with their type and whether they are needed', () => {
  const schema = JSON.stringify({
    mlflow_colspec: [
      { type: 'double', name: 'temp', required: true },
      { type: { type: 'array' }, name: ['a', 'b'] },
      { type: 'long' },
    ],
  })
  expect(schemaColumns(schema)).toEqual([
    { name: 'temp', type: 'double', isRequired: true },
    { name: 'a.b', type: '{"type":"array"}', isRequired: undefined },
    { name: '#3', type: 'long', isRequired: undefined },
  ])
})

test('tensors are told by the part that they are', () => {
  const tensor = (name?: string) => ({ name, 'tensor-spec': { dtype: 'float32', shape: [-1, 28] } })
  const schema = JSON.stringify({ mlflow_tensorspec: { features: [tensor('image')], targets: [tensor()] } })
  expect(schemaColumns(schema)).toEqual([
    { name: 'features.image', type: 'float32 (-1, 28)', isRequired: undefined },
    { name: 'targets', type: 'float32 (-1, 28)', isRequired: undefined },
  ])
})

test('what is no schema that is known has no columns, and nothing fails', () => {
  for (const schema of [null, '', 'pandas', '[]', '{"mlflow_tensorspec": 3}', '{"columns": []}'])
    expect(schemaColumns(schema)).toBeUndefined()
})

test('the rows are found under each name that clients use', () => {
  expect(rowsIn('{"num_rows": 150}')).toBe(150)
  expect(rowsIn('{"features_shape": [70, 4]}')).toBe(70)
  expect(rowsIn('{"features_shape": {"x": 3}}')).toBe(3)
  expect([null, 'x', '{}'].map(rowsIn)).toEqual([undefined, undefined, undefined])
})

test('only an address of the web becomes a link', () => {
  expect(sourceOf('{"url": "https://example.org/a.csv"}')).toEqual({
    url: 'https://example.org/a.csv',
    text: 'https://example.org/a.csv',
  })
  expect(sourceOf('{"uri": "javascript:alert(1)"}')).toEqual({ text: 'javascript:alert(1)' })
  expect(sourceOf('warehouse')).toEqual({ text: 'warehouse' })
})
