import { hash } from 'node:crypto'

export interface Arm {
  readonly version: number
  readonly weight: number
}

/** Chooses an arm for a key: weighted rendezvous hashing, score −w / ln u with u from SHA-256 of salt, arm and key
 *  (Schindelhauer and Schomaker 2005). The same key goes the same way in every process; raising one arm's share moves
 *  keys only into that arm. Arms of weight 0 are never chosen. */
export function assign<A extends Arm>(arms: readonly A[], salt: string, key: string): A {
  let best: A | undefined
  let bestScore = 0
  for (const arm of arms) {
    if (arm.weight <= 0) continue
    const score = -arm.weight / Math.log(uniform(`${salt}\n${arm.version}\n${key}`))
    if (best === undefined || score > bestScore) {
      best = arm
      bestScore = score
    }
  }
  if (!best) throw new Error('no arm has any weight')
  return best
}

/** Chooses by weight alone. `dice` is uniform in [0, 1). */
export function draw<A extends Arm>(arms: readonly A[], dice: () => number): A {
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0)
  let rest = dice() * total
  for (const arm of arms) {
    rest -= arm.weight
    if (rest < 0) return arm
  }
  const last = arms.findLast((arm) => arm.weight > 0)
  if (!last) throw new Error('no arm has any weight')
  return last
}

/** A number in (0, 1) from the first 52 bits of the hash. */
function uniform(text: string): number {
  const digest = hash('sha256', text, 'buffer')
  const bits = (digest.readUInt32LE(0) % 2 ** 20) * 2 ** 32 + digest.readUInt32LE(4)
  return (bits + 0.5) / 2 ** 52
}
