import { isDrawable } from './measure.ts'

/** The exponential moving average, corrected for its beginning: s = w·s + (1 − w)·v from s = 0, divided by 1 − wⁿ after
 *  n values, so that the first values are not drawn towards zero (Kingma and Ba 2015, section 3). `weight` is 0 for the
 *  values themselves and less than 1. What is no finite number is passed over and stays a gap. */
export function smoothed(values: Float64Array, weight: number): Float64Array {
  const result = new Float64Array(values.length)
  let sum = 0
  let missing = 1
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (!isDrawable(value)) {
      result[index] = NaN
      continue
    }
    sum = weight * sum + (1 - weight) * value
    missing *= weight
    result[index] = sum / (1 - missing)
  }
  return result
}
