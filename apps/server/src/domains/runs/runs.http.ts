import {
  changeRun,
  columnValues,
  createRun,
  deleteRuns,
  forkRun,
  getRun,
  groupRuns,
  logToRun,
  moveRuns,
  restoreRuns,
  runColumns,
  searchRuns,
  tagRuns,
} from '@stead/contracts'
import type { MetricValue, ProjectName } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Purging } from './purging.ts'
import type { RunSearch } from './run-search.ts'
import type { Runs } from './runs.ts'

const pairs = (all: Readonly<Record<string, string>>) => Object.entries(all).map(([key, value]) => ({ key, value }))
const numberIn = (value: MetricValue): number => Number(value)

export function serveRuns(mount: Mount, runs: Runs, purging: Pick<Purging, 'purgeRuns'>): void {
  mount(createRun, ({ params, body }, { actor }) =>
    runs.create(params.project, { ...body, user: body.user ?? actor, tags: pairs(body.tags) }),
  )
  mount(getRun, ({ params }) => runs.get(params.project, params.run))
  mount(changeRun, async ({ params, body }) => {
    await runs.change(params.project, [params.run], body)
    return runs.get(params.project, params.run)
  })
  mount(logToRun, async ({ params, body }) => {
    const now = Date.now()
    const metrics = body.metrics.map(({ value, timestamp = now, ...metric }) => ({
      ...metric,
      timestamp,
      value: numberIn(value),
    }))
    await runs.log(params.project, params.run, { metrics, params: pairs(body.params), tags: pairs(body.tags) })
  })
  mount(forkRun, ({ params, body }, { actor }) => runs.fork(params.project, params.run, body, actor))
  mount(deleteRuns, async ({ params, body }, { actor }) => ({
    runs: body.purge
      ? await purging.purgeRuns(params.project, body.runs, actor)
      : await runs.delete(params.project, body.runs, actor),
  }))
  mount(restoreRuns, async ({ params, body }, { actor }) => ({
    runs: await runs.restore(params.project, body.runs, actor),
  }))
  mount(tagRuns, async ({ params, body }) => {
    await runs.change(params.project, body.runs, { tags: body.tags })
    return { runs: new Set(body.runs).size }
  })
  mount(moveRuns, async ({ params, body }, { actor }) => ({
    runs: await runs.move(params.project, body.runs, body.experiment, actor),
  }))
}

export interface RunSearchParts {
  readonly search: RunSearch
  readonly projectId: (project: ProjectName) => Promise<string>
  /** The row of an experiment that is there. */
  readonly mustBe: (project: ProjectName, experiment: number) => Promise<unknown>
}

export function serveRunSearch(mount: Mount, { search, projectId, mustBe }: RunSearchParts): void {
  mount(searchRuns, async ({ params, body }) => {
    const id = await projectId(params.project)
    const { experiments, filter, lifecycle, orderBy, columns, limit, after } = body
    const asked = { experiments, filter, lifecycle }
    const found = await search.searchRuns(id, { ...asked, orderBy, columns, limit, token: after })
    const total = body.count ? await search.countRuns(id, asked) : null
    return { runs: [...found.runs], next: found.nextToken ?? null, total }
  })
  mount(groupRuns, async ({ params, body }) => {
    const { groups, total } = await search.groupRuns(await projectId(params.project), body)
    return { groups: groups.map(({ values, ...group }) => ({ ...group, values: [...values] })), total }
  })
  mount(runColumns, async ({ params }) => {
    await mustBe(params.project, params.experiment)
    const {
      metrics,
      params: ofParams,
      tags,
    } = await search.runColumns(await projectId(params.project), [params.experiment])
    return { metrics: [...metrics], params: [...ofParams], tags: [...tags] }
  })
  mount(columnValues, async ({ params, query }) => {
    await mustBe(params.project, params.experiment)
    const id = await projectId(params.project)
    return { values: await search.columnValues(id, params.experiment, query.column, query.search) }
  })
}
