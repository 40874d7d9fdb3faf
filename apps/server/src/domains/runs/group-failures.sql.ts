import { sqlFailure } from '../../database/failures.ts'
import type { Outcome } from './groups.ts'

/** Values that cannot be, constraints, limits, and transactions that stood in each other's way. */
const OF_A_CALL = ['22', '23', '40', '54']

/** Throws what one of the calls may be the reason for, so that they are taken one by one. Any other failure, such as a
 *  database that does not answer, is all of theirs: asking again for each would only make everybody wait. */
export async function asGroup<Call, Answer>(
  calls: readonly Call[],
  write: () => Promise<readonly Outcome<Answer>[]>,
): Promise<readonly Outcome<Answer>[]> {
  try {
    return await write()
  } catch (error) {
    if (OF_A_CALL.includes(sqlFailure(error)?.code.slice(0, 2) ?? '')) throw error
    return calls.map(() => ({ error }))
  }
}
