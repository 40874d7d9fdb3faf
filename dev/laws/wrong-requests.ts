/** A tensor that is right but for the changes. */
export const input = (changes: object) => ({ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2], ...changes })
/** Lists within lists. */
export const deep = (levels: number, inner = '1') => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`
/** Bodies of an inference for a model of rows of two, each with what is wrong of it. In latin1, for not all are text. */
export const WRONG: readonly (readonly [says: string, body: string])[] = [
  ['nothing', ''],
  ['no JSON', '{"inputs": ['],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1')],
  ['no object', '[1, 2]'],
  ['null', 'null'],
  ['no inputs', '{}'],
  ['inputs of no list', '{"inputs": {"0": 1}}'],
  ['an input of no object', '{"inputs": [null]}'],
  ['an unknown input', JSON.stringify({ inputs: [input({ name: 'z' })] })],
  ['a name of the prototype', JSON.stringify({ inputs: [input({ name: '__proto__' })] })],
  ['an input twice', JSON.stringify({ inputs: [input({}), input({})] })],
  ['another datatype', JSON.stringify({ inputs: [input({ datatype: 'INT64' })] })],
  ['an unknown datatype', JSON.stringify({ inputs: [input({ datatype: 'FP8' })] })],
  ['words for numbers', JSON.stringify({ inputs: [input({ data: ['a', 'b'] })] })],
  ['null for a number', '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,null]}]}'],
  ['too few values', JSON.stringify({ inputs: [input({ data: [1] })] })],
  ['too many values', JSON.stringify({ inputs: [input({ data: [1, 2, 3] })] })],
  ['a ragged matrix', JSON.stringify({ inputs: [input({ shape: [2, 2], data: [[1], [2, 3, 4]] })] })],
  ['a negative size', JSON.stringify({ inputs: [input({ shape: [-1, 2] })] })],
  ['negative sizes whose product fits', JSON.stringify({ inputs: [input({ shape: [-1, -2] })] })],
  ['a huge size', JSON.stringify({ inputs: [input({ shape: [2 ** 52, 2] })] })],
  ['a size beyond all', '{"inputs":[{"name":"x","datatype":"FP32","shape":[1e308,2],"data":[1,2]}]}'],
  ['a broken size', JSON.stringify({ inputs: [input({ shape: [0.5, 4] })] })],
  ['a size as text', JSON.stringify({ inputs: [input({ shape: ['1', 2] })] })],
  ['another rank', JSON.stringify({ inputs: [input({ shape: [2] })] })],
  ['a shape of many dimensions', JSON.stringify({ inputs: [input({ shape: Array(10_000).fill(1) })] })],
  ['an unknown output', JSON.stringify({ inputs: [input({})], outputs: [{ name: 'z' }] })],
  ['a wrong parameter', JSON.stringify({ inputs: [input({})], parameters: { priority: -1 } })],
  ['data nested too deep', `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":${deep(100_000)}}]}`],
  ['parameters nested too deep', `{"inputs":[],"parameters":{"a":${deep(100_000)}}}`],
]
