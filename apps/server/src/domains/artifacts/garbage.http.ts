import { collectGarbage, findGarbage } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Projects } from '../projects/projects.ts'
import type { Garbage } from './garbage.ts'

export function serveGarbage(mount: Mount, garbage: Garbage, projects: Pick<Projects, 'idOf'>): void {
  mount(findGarbage, async ({ params }) => garbage.find(await projects.idOf(params.project)))
  mount(collectGarbage, async ({ params, query: { seconds, after } }) =>
    garbage.collect(await projects.idOf(params.project), {
      forMs: seconds === undefined ? undefined : seconds * 1_000,
      after,
    }),
  )
}
