import { colourNow } from '../chart/colours.ts'

const CATEGORIES = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `var(--c${number})`)

/** The colour of whatever has none of its own. */
export const REST = 'var(--c-rest)'

/** Categorical colours in the order they are handed out; grey beyond the eighth. */
export const colourAt = (index: number): string => CATEGORIES[index] ?? REST

const RAMP = [1, 2, 3, 4].map((number) => `var(--ramp-${number})`)
/** Finer steps cannot be told apart, and each colour has to be parsed by the canvas. */
const RAMP_STEPS = 32
const mixed = new Map<number, string>()
let mixedOf = ''

/** The colour of a share between 0 and 1 of the ramp from low to high, for canvases. */
export function rampColour(share: number): string {
  // Another theme has another ramp.
  const first = colourNow(RAMP[0]!)
  if (first !== mixedOf) mixed.clear()
  mixedOf = first
  const step = Math.round(Math.min(Math.max(share, 0), 1) * RAMP_STEPS)
  const known = mixed.get(step)
  if (known !== undefined) return known
  const at = (step / RAMP_STEPS) * (RAMP.length - 1)
  const low = Math.min(Math.floor(at), RAMP.length - 2)
  const part = ((at - low) * 100).toFixed(1)
  const colour = `color-mix(in oklab, ${colourNow(RAMP[low + 1]!)} ${part}%, ${colourNow(RAMP[low]!)})`
  mixed.set(step, colour)
  return colour
}

/** The whole ramp, for style sheets. */
export const RAMP_GRADIENT = `linear-gradient(in oklab to right, ${RAMP.join(', ')})`
