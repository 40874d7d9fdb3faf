import type { Context } from './command.ts'
import { UsageError } from './failures.ts'

/** A password for somebody: typed twice and unseen, or the first line of standard input. Never an argument, which
 *  other users of the machine could read. */
export async function readNewPassword(person: string, { terminal }: Context): Promise<string> {
  const typed = terminal.askSecretly
    ? await typeTwice(person, terminal.askSecretly)
    : (await terminal.readInput()).split(/\r?\n/, 1)[0]
  if (typed) return typed
  throw new UsageError('the password is empty', 'Type it, or give it as the first line of standard input.')
}

async function typeTwice(person: string, ask: (question: string) => Promise<string>): Promise<string> {
  const typed = await ask(`New password of ${person}, at least 12 characters: `)
  if (typed === (await ask('The same again: '))) return typed
  throw new UsageError('the two passwords are not the same')
}
