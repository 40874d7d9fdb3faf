import {
  changeExperiment,
  createExperiment,
  deleteExperiment,
  deleteView,
  getExperiment,
  listExperiments,
  listViews,
  putView,
  restoreExperiment,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { ExperimentSearch } from './experiment-search.ts'
import type { Experiments } from './experiments.ts'

export function serveExperiments(mount: Mount, experiments: Experiments, search: ExperimentSearch): void {
  mount(listExperiments, async ({ params, query }) => {
    const id = await experiments.projectId(params.project)
    const { limit, after, ...asked } = query
    const found = await search.summarizeExperiments(id, { ...asked, orderBy: 'latest runs', limit, token: after })
    const all = [...found.experiments]
    // A first page that is the last has counted them.
    const isWhole = after === undefined && found.nextToken === undefined
    const total = isWhole ? all.length : await search.countExperiments(id, asked)
    return { experiments: all, next: found.nextToken ?? null, total }
  })
  mount(getExperiment, ({ params }) => experiments.summary(params.project, params.experiment))
  mount(createExperiment, async ({ params, body }, { actor }) => {
    const made = await experiments.create(params.project, body, actor)
    return experiments.summary(params.project, made.id)
  })
  mount(changeExperiment, async ({ params, body }, { actor }) => {
    await experiments.change(params.project, params.experiment, body, actor)
    return experiments.summary(params.project, params.experiment)
  })
  mount(deleteExperiment, ({ params, query }, { actor }) =>
    query.purge === 'true'
      ? experiments.purge(params.project, params.experiment, actor)
      : experiments.delete(params.project, params.experiment, actor),
  )
  mount(restoreExperiment, async ({ params }, { actor }) => {
    await experiments.restore(params.project, params.experiment, actor)
    return experiments.summary(params.project, params.experiment)
  })
  mount(listViews, async ({ params }) => ({ views: await experiments.views(params.project, params.experiment) }))
  mount(putView, ({ params, body }) =>
    experiments.putView(params.project, params.experiment, { name: params.view, document: body.document }),
  )
  mount(deleteView, ({ params }) => experiments.removeView(params.project, params.experiment, params.view))
}
