import type { AuditEntry } from './audit.ts'

/** What an entry's hash is taken over, after the hash before it and a line feed. */
export type AuditedFacts = Omit<AuditEntry, 'previous' | 'hash'>

/** What the first entry of a chain follows. */
export const CHAIN_BEGINS = `sha256:${'0'.repeat(64)}`

/** JSON with sorted keys and no spaces: the same text for the same facts, whoever writes it. */
export function canonicalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalOf(field)}`)
  return `{${fields.join(',')}}`
}
