/** A value at a place of the unit square. */
export interface Sample {
  readonly x: number
  readonly y: number
  readonly z: number
}

/** Values on `size` × `size` nodes of the unit square, row by row from y = 0; NaN where no sample is near. */
export interface Grid {
  readonly size: number
  readonly values: Float64Array
}

/** Interpolates by inverse distance (Shepard 1968): every node is the mean of all samples, weighted by 1 ⁄ d³, and so
 *  never above or below all of them. Nodes farther than `reach` from every sample stay empty: nothing is known there. */
export function interpolate(samples: readonly Sample[], size: number, reach: number): Grid {
  const values = new Float64Array(size * size).fill(NaN)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      values[row * size + column] = valueAt(samples, column / (size - 1), row / (size - 1), reach)
  return { size, values }
}

function valueAt(samples: readonly Sample[], x: number, y: number, reach: number): number {
  let nearest = Infinity
  let sum = 0
  let weights = 0
  for (const sample of samples) {
    const squared = (sample.x - x) ** 2 + (sample.y - y) ** 2
    // Far less than a node's distance to the next: on a sample its own value outweighs all others.
    const weight = 1 / (squared * Math.sqrt(squared) + 1e-12)
    if (squared < nearest) nearest = squared
    sum += weight * sample.z
    weights += weight
  }
  return nearest <= reach * reach ? sum / weights : NaN
}

/** The value between four nodes, in proportion; NaN where one of them is empty. */
export function valueOn({ size, values }: Grid, x: number, y: number): number {
  const across = x * (size - 1)
  const up = y * (size - 1)
  const column = Math.min(Math.floor(across), size - 2)
  const row = Math.min(Math.floor(up), size - 2)
  const at = row * size + column
  const lower = values[at]! + (values[at + 1]! - values[at]!) * (across - column)
  const upper = values[at + size]! + (values[at + size + 1]! - values[at + size]!) * (across - column)
  return lower + (upper - lower) * (up - row)
}
