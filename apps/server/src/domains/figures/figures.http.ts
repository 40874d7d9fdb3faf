import { deploymentFigures } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Figures } from './figures.ts'

export function serveFigures(mount: Mount, figures: Figures): void {
  mount(deploymentFigures, async ({ params, query }) => ({
    step: query.step,
    points: await figures.read(params, query),
  }))
}
