import type { DesiredDeployment, ModelName } from '@stead/contracts'

/** What runners are told of a deployment, with another name of its model wherever the old one stands. */
export function withModelRenamed(told: DesiredDeployment, from: ModelName, to: ModelName): DesiredDeployment {
  const renamed = <T extends { readonly model: ModelName }>(one: T): T =>
    one.model === from ? { ...one, model: to } : one
  return {
    ...told,
    table: told.table && renamed(told.table),
    versions: told.versions.map(renamed),
    preparation: told.preparation && renamed(told.preparation),
  }
}
