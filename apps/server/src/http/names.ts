import { DeploymentName } from '@stead/contracts'

/** The deployments that a query names with commas between; undefined where it names none because it wants all. What
 *  cannot be a name is passed over like a name that is not there. */
export function namesIn(query: string | undefined): DeploymentName[] | undefined {
  if (query === undefined) return undefined
  return [...new Set(query.split(','))].flatMap((name) => DeploymentName.safeParse(name).data ?? [])
}
