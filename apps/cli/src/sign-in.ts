import type { CallOf, createToken } from '@stead/contracts'
import type { Context } from './command.ts'
import { Failure, UsageError } from './failures.ts'

type NewToken = CallOf<typeof createToken>['body']

/** Makes a token for a person by their password, for whoever has no token yet. Nothing is kept here, and the session
 *  that it takes is ended again. */
export async function createTokenByPassword(person: string, body: NewToken, context: Context) {
  const { url, project, terminal } = context
  const password = await passwordOf(person, context)
  const { connect } = await import('./connect.ts')
  // A token counts for more than a session, and one that has expired would be in the way.
  const platform = connect({ url, project, token: undefined, signal: terminal.signal })
  const { contracts } = platform
  const signedIn = await platform.open(contracts.signIn, { body: { name: person, password } })
  await signedIn.body?.cancel()
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';', 1)[0]
  if (cookie === undefined)
    throw new Failure(
      'the server signed nobody in',
      'While an installation is open to this machine no token is needed.',
    )
  const headers = { cookie }
  try {
    const made = await platform.open(contracts.createToken, { body, headers })
    return contracts.ApiToken.extend(contracts.NewSecret.shape).parse(await made.json())
  } finally {
    await platform.open(contracts.signOut, { headers })
  }
}

async function passwordOf(person: string, { terminal }: Context): Promise<string> {
  const typed = terminal.askSecretly
    ? await terminal.askSecretly(`Password of ${person}: `)
    : (await terminal.readInput()).split(/\r?\n/, 1)[0]
  if (typed) return typed
  throw new UsageError('the password is empty', 'Type it, or give it as the first line of standard input.')
}
