import { importRun, logDatasets } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { ImportRun } from './run-import.ts'
import type { Runs } from './runs.ts'

export function serveRunImport(mount: Mount, take: ImportRun, runs: Pick<Runs, 'addInputs'>): void {
  mount(importRun, ({ params, body }, { actor }) => take(params.project, params.run, body, actor))
  mount(logDatasets, async ({ params, body }) => {
    const datasets = body.datasets.map((dataset) => ({
      ...dataset,
      tags: Object.entries(dataset.tags).map(([key, value]) => ({ key, value })),
    }))
    await runs.addInputs(params.project, params.run, datasets, [])
  })
}
