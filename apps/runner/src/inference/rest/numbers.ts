/** Powers of ten that a double holds exactly. */
const TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** A double that prints as a short decimal and reads back to the same float32.
 *  A float32 printed as the double it is takes up to 17 digits; nine always suffice, and seven or eight usually do.
 *  Dividing an integer by an exact power of ten rounds to the very double that the short decimal names.
 *  It costs what it saves in printing, and answers come out at half the size. */
export function shorten(value: number): number {
  const size = value < 0 ? -value : value
  if (!(size >= 1e-13 && size < 1e7)) return value
  let digits = 6
  if (size < 1) while (size * TEN[digits]! < 1e6) digits++
  else while (size >= TEN[7 - digits]!) digits--
  for (let tried = 0; tried < 3; tried++, digits++) {
    const scale = TEN[digits]!
    const short = Math.round(value * scale) / scale
    if (Math.fround(short) === value) return short
  }
  return value
}
