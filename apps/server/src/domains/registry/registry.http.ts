import {
  changeModel,
  changeVersion,
  createModel,
  createVersion,
  deleteAlias,
  deleteModel,
  deleteVersion,
  getModel,
  getVersion,
  listModels,
  listVersions,
  modelServing,
  setAlias,
  versionGraph,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Curation } from './curation.ts'
import type { Graphs } from './graphs.ts'
import type { Registry } from './registry.ts'
import type { Serving } from './serving.ts'

export function serveRegistry(
  mount: Mount,
  registry: Registry,
  curation: Curation,
  serving: Serving,
  graphs: Graphs,
): void {
  mount(listModels, async ({ params, query }) => {
    const page = { ...query, serving: query.serving === 'true', prompts: query.prompts === 'true' }
    const { items, next, total } = await registry.listModels(params.project, page)
    return { models: items, next, total }
  })
  mount(getModel, ({ params }) => registry.getModel(params.project, params.model))
  mount(createModel, ({ params, body }, { actor }) => curation.createModel(params.project, body, actor))
  mount(changeModel, ({ params, body }, { actor }) => curation.changeModel(params.project, params.model, body, actor))
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
  mount(changeVersion, ({ params, body }, { actor }) =>
    curation.changeVersion(params.project, params.model, params.version, body, actor),
  )
  mount(deleteVersion, ({ params }, { actor }) =>
    registry.deleteVersion(params.project, params.model, params.version, actor),
  )
  mount(setAlias, ({ params, body }, { actor }) =>
    registry.setAlias(params.project, params.model, params.alias, body.version, actor),
  )
  mount(deleteAlias, ({ params }, { actor }) => registry.deleteAlias(params.project, params.model, params.alias, actor))
  mount(modelServing, async ({ params, query }) => ({
    spans: await serving.spans(params.project, params.model, query),
  }))
  mount(versionGraph, ({ params }) => graphs.read(params.project, params.model, params.version))
}
