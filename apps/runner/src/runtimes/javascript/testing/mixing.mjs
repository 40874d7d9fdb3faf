const xy = { datatype: 'FP32', shape: [-1, 2] }
export const signature = { inputs: [{ name: 'x', ...xy }], outputs: [{ name: 'y', ...xy }] }
export const load =
  () =>
  ({ x }) => {
    const sums = [0, 0]
    x.data.forEach((value, at) => (sums[at % 2] += value))
    return { y: { shape: [1, 2], data: sums } }
  }
