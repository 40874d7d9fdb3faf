import { deploymentFigures, projectFigures } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { namesIn } from '../../http/names.ts'
import type { Figures } from './figures.ts'

export function serveFigures(mount: Mount, figures: Figures): void {
  mount(deploymentFigures, async ({ params, query }) => ({
    step: query.step,
    points: await figures.read(params, query),
  }))
  mount(projectFigures, ({ params, query: { names, span, parts } }) =>
    figures.glance(params.project, { names: namesIn(names), span, parts }),
  )
}
