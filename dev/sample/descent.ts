import type { Example } from './weather.ts'

export interface Settings {
  readonly learningRate: number
  /** How strongly large weights are held back. */
  readonly decay: number
  readonly batch: number
  readonly epochs: number
  readonly seed: number
}

/** y = bias + Σ weights · features, in the features' own units. */
export interface Line {
  readonly bias: number
  readonly weights: readonly number[]
}

export interface Judgement {
  readonly mae: number
  readonly rmse: number
}

/** Fits a line by stochastic gradient descent on the squared error, on features brought to one scale. `onEpoch` hears of
 *  the line after every epoch. */
export function descend(
  examples: readonly Example[],
  settings: Settings,
  onEpoch: (line: Line, epoch: number) => void,
): Line {
  const scales = scalesOf(examples)
  const rows = examples.map(({ features, target }) => ({
    x: features.map((value, at) => (value - scales[at]!.mean) / scales[at]!.deviation),
    target,
  }))
  const weights = scales.map(() => 0)
  let bias = 0
  const dice = createDice(settings.seed)
  let line = unscaled(bias, weights, scales)
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = shuffled(rows, dice)
    for (let from = 0; from < order.length; from += settings.batch) {
      const batch = order.slice(from, from + settings.batch)
      const errors = batch.map(({ x, target }) => bias + dot(weights, x) - target)
      const rate = settings.learningRate / batch.length
      for (const at of weights.keys()) {
        const slope = batch.reduce((sum, { x }, row) => sum + errors[row]! * x[at]!, 0)
        weights[at] = weights[at]! - rate * slope - settings.learningRate * settings.decay * weights[at]!
      }
      bias -= rate * errors.reduce((sum, error) => sum + error, 0)
    }
    line = unscaled(bias, weights, scales)
    onEpoch(line, epoch)
  }
  return line
}

export const foretell = ({ bias, weights }: Line, features: readonly number[]): number => bias + dot(weights, features)

export function judge(examples: readonly Example[], predict: (features: readonly number[]) => number): Judgement {
  const errors = examples.map(({ features, target }) => predict(features) - target)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return { mae: mean(errors.map(Math.abs)), rmse: Math.sqrt(mean(errors.map((error) => error * error))) }
}

interface Scale {
  readonly mean: number
  readonly deviation: number
}

function scalesOf(examples: readonly Example[]): Scale[] {
  return examples[0]!.features.map((_, at) => {
    const values = examples.map(({ features }) => features[at]!)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    return { mean, deviation: Math.sqrt(variance) }
  })
}

function unscaled(bias: number, weights: readonly number[], scales: readonly Scale[]): Line {
  const own = weights.map((weight, at) => weight / scales[at]!.deviation)
  return { bias: bias - own.reduce((sum, weight, at) => sum + weight * scales[at]!.mean, 0), weights: own }
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0)

function shuffled<T>(items: readonly T[], dice: () => number): T[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(dice() * (at + 1))
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

/** The same throws for the same seed: xorshift32 (Marsaglia 2003). */
function createDice(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
