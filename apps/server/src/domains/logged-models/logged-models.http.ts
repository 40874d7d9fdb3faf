import {
  changeLoggedModel,
  deleteLoggedModel,
  getLoggedModel,
  importLoggedModel,
  listLoggedModels,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { ImportLoggedModel } from './logged-model-import.ts'
import type { LoggedModels } from './logged-models.ts'

export function serveLoggedModels(mount: Mount, loggedModels: LoggedModels, take: ImportLoggedModel): void {
  mount(listLoggedModels, async ({ params, query }) => {
    const { experiment, after, ...asked } = query
    const experiments = experiment === undefined ? undefined : [experiment]
    const { items, nextToken } = await loggedModels.search(params.project, { ...asked, experiments, token: after })
    return { loggedModels: [...items], next: nextToken ?? null }
  })
  mount(getLoggedModel, ({ params }) => loggedModels.get(params.project, params.model))
  mount(changeLoggedModel, async ({ params, body }) => {
    await loggedModels.changeTags(params.project, params.model, body.tags)
    return loggedModels.get(params.project, params.model)
  })
  mount(importLoggedModel, ({ params, body }) => take(params.project, { ...body, id: params.model }))
  mount(deleteLoggedModel, ({ params }) => loggedModels.remove(params.project, params.model))
}
