import { credentialIn } from '@stead/chassis'
import { SteadError, TOKEN_PREFIXES } from '@stead/contracts'
import { isMlflowPath } from '../mlflow/project.ts'

const PREFIXES = Object.values(TOKEN_PREFIXES)

/** Refuses the target of a request that carries a credential, with `token_in_url`: it has been seen by then, but not
 *  everybody after us needs to see it as well. The refusal has nothing of it. */
export function refuseUrlCredentials(target: string): void {
  const where = credentialIn(isMlflowPath(target) ? withoutNamesOfKeys(target) : target, PREFIXES)
  if (where !== undefined) throw new SteadError('token_in_url', undefined, { where })
}

/** In MLflow's protocol `key` names a metric, a param or a tag; what it holds is looked at all the same. */
const withoutNamesOfKeys = (target: string) => target.replaceAll(/(?<=[?&])key=/g, 'name=')
