import { metricHistory } from '@stead/contracts'
import type { RunId } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Histories } from './histories.ts'

export function serveHistories(mount: Mount, histories: Histories): void {
  mount(metricHistory, async ({ params, body }) => ({
    series: (await histories.read(params.project, body)).map(({ run, points, ...series }) => ({
      ...series,
      run: run as RunId,
      points: [...points],
    })),
  }))
}
