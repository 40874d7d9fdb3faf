import type { Context } from './command.ts'
import { Failure, UsageError } from './failures.ts'

/** What is gone for good wants a yes: in the line, or typed. */
export async function agreeToPurge(what: string, yes: boolean, line: string, context: Context): Promise<void> {
  if (yes) return
  const { ask } = context.terminal
  if (!ask || context.json) throw new UsageError('what is purged cannot be restored: this wants a yes', `${line} --yes`)
  const answer = await ask(`Purge ${what}, with all files, for good? Type yes: `)
  if (answer.trim() !== 'yes') throw new Failure('nothing was purged')
}
