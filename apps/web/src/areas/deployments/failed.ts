/** Failures that are nobody's fault here: requests that could never be answered, and those that a parked deployment
 *  refuses because it was told to. */
const NOT_OURS = new Set(['invalid', 'not_found', 'too_large', 'unsupported', 'parked'])

/** How many of these errors were ours, and not the caller's. */
export const failedOf = (errors: Readonly<Record<string, number>>): number =>
  Object.entries(errors).reduce((sum, [kind, count]) => (NOT_OURS.has(kind) ? sum : sum + count), 0)
