// Misbehaves as its first input says.
const xy = { datatype: 'FP32', shape: [-1] }
export const signature = { inputs: [{ name: 'x', ...xy }], outputs: [{ name: 'y', ...xy }] }

const ways = {
  1: () =>
    setTimeout(() => {
      throw new Error('thrown later')
    }, 1),
  2: () => void Promise.reject(new Error('rejected later')),
  3: () => process.exit(9),
  4: () => {
    while (true);
  },
  5: () => new Promise(() => undefined),
  6: () => ({ y: { data: 'nonsense' } }),
  7: () => ({}),
  8: () => ({ y: { shape: [3], data: [1] } }),
  9: () => {
    throw 'a string'
  },
}

export function load() {
  return async ({ x }) => (await ways[x.data[0]]?.()) ?? { y: x }
}
