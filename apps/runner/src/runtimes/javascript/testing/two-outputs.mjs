const xy = { datatype: 'FP32', shape: [-1, 2] }
export const signature = {
  inputs: [{ name: 'x', ...xy }],
  outputs: [
    { name: 'plus', ...xy },
    { name: 'minus', ...xy },
  ],
}
export const load =
  () =>
  ({ x }) => ({
    plus: { shape: x.shape, data: x.data.map((value) => value + 1) },
    minus: { shape: x.shape, data: x.data.map((value) => value - 1) },
  })
