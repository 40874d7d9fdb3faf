import { collectGarbage } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Projects } from '../projects/projects.ts'
import type { Garbage } from './garbage.ts'

export function serveGarbage(mount: Mount, garbage: Garbage, projects: Pick<Projects, 'idOf'>): void {
  mount(collectGarbage, async ({ params }) => garbage.collect(await projects.idOf(params.project)))
}
