/** A version's part of the traffic, in per cent with one decimal. All of them make 100. */
export interface Share {
  readonly version: number
  readonly share: number
}

const round = (value: number) => Math.round(value * 10) / 10

/** Weights as shares of 100. */
export function sharesFrom(routes: readonly { version: number; weight: number }[]): Share[] {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0)
  return evened(
    routes.map(({ version, weight }) => ({
      version,
      share: total === 0 ? 100 / routes.length : (weight / total) * 100,
    })),
  )
}

/** One share is set; the others keep their proportions in what is left. */
export function withShare(shares: readonly Share[], version: number, wanted: number): Share[] {
  if (shares.length === 1) return [{ version: shares[0]!.version, share: 100 }]
  const share = round(Math.min(Math.max(wanted, 0), 100))
  const others = shares.filter((one) => one.version !== version)
  const left = others.reduce((sum, one) => sum + one.share, 0)
  const scaled = others.map((one) => ({
    ...one,
    share: left === 0 ? (100 - share) / others.length : (one.share / left) * (100 - share),
  }))
  return evened(
    shares.map((one) =>
      one.version === version ? { version, share } : scaled.find((other) => other.version === one.version)!,
    ),
    version,
  )
}

/** A further version, with a little of what the others had. */
export const withVersion = (shares: readonly Share[], version: number, share = 10): Share[] =>
  withShare([...shares, { version, share: 0 }], version, share)

/** What a version had goes to the others. */
export function without(shares: readonly Share[], version: number): Share[] {
  const rest = shares.filter((one) => one.version !== version)
  return rest.length === 0 ? [...shares] : sharesFrom(rest.map((one) => ({ version: one.version, weight: one.share })))
}

/** Rounded, with what rounding left over given to the largest that was not just set. */
function evened(shares: readonly Share[], kept?: number): Share[] {
  const rounded = shares.map((one) => ({ ...one, share: round(one.share) }))
  const over = round(100 - rounded.reduce((sum, { share }) => sum + share, 0))
  if (over === 0) return rounded
  const largest = rounded.filter(({ version }) => version !== kept).toSorted((a, b) => b.share - a.share)[0]
  return rounded.map((one) => (one === largest ? { ...one, share: round(one.share + over) } : one))
}
