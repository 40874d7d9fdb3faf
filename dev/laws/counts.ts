/** Every law runs in every suite, at a count that the suite has time for. */
export function counted(counts: { test: number; conformance: number; soak?: number }): number {
  const suite = process.env.STEAD_SUITE ?? 'test'
  if (suite === 'soak') return counts.soak ?? counts.conformance
  return suite === 'conformance' ? counts.conformance : counts.test
}
