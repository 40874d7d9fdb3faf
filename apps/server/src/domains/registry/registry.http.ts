import {
  createVersion,
  deleteAlias,
  deleteModel,
  deleteVersion,
  getModel,
  getVersion,
  listModels,
  listVersions,
  setAlias,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Registry } from './registry.ts'

export function serveRegistry(mount: Mount, registry: Registry): void {
  mount(listModels, async ({ params, query }) => {
    const { items, next } = await registry.listModels(params.project, query)
    return { models: items, next }
  })
  mount(getModel, ({ params }) => registry.getModel(params.project, params.model))
  mount(deleteModel, ({ params }, { actor }) => registry.deleteModel(params.project, params.model, actor))
  mount(listVersions, async ({ params, query }) => {
    const { items, next } = await registry.listVersions(params.project, params.model, query)
    return { versions: items, next }
  })
  mount(createVersion, async ({ params, body }, { actor, reply }) => {
    const { version, created } = await registry.createVersion(params.project, params.model, body, actor)
    const answer = { ...version, created }
    return created ? answer : reply.code(200).send(answer)
  })
  mount(getVersion, ({ params }) => registry.getVersion(params.project, params.model, params.version))
  mount(deleteVersion, ({ params }, { actor }) =>
    registry.deleteVersion(params.project, params.model, params.version, actor),
  )
  mount(setAlias, ({ params, body }, { actor }) =>
    registry.setAlias(params.project, params.model, params.alias, body.version, actor),
  )
  mount(deleteAlias, ({ params }, { actor }) => registry.deleteAlias(params.project, params.model, params.alias, actor))
}
