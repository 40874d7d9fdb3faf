import { UsageError } from './failures.ts'

/** `--tag team=solar` and its like: everything after the first `=` is the value. */
export function pairsOf(option: string, given: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--${option} is written KEY=VALUE; got "${text}"`)
    pairs[text.slice(0, at)] = text.slice(at + 1)
  }
  return pairs
}
