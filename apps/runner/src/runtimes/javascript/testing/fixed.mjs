const xy = { datatype: 'FP32', shape: [1, 2] }
export const signature = { inputs: [{ name: 'x', ...xy }], outputs: [{ name: 'y', ...xy }] }
export const load =
  () =>
  ({ x }) => ({ y: { shape: x.shape, data: Array.from(x.data, (value) => value + 1) } })
