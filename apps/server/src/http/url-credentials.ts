import { credentialIn } from '@stead/chassis'
import { SteadError, TOKEN_PREFIXES } from '@stead/contracts'

const PREFIXES = Object.values(TOKEN_PREFIXES)

/** Refuses the target of a request that carries a credential, with `token_in_url`: it has been seen by then, but not
 *  everybody after us needs to see it as well. The refusal has nothing of it. */
export function refuseUrlCredentials(target: string): void {
  const where = credentialIn(target, PREFIXES)
  if (where !== undefined) throw new SteadError('token_in_url', undefined, { where })
}
