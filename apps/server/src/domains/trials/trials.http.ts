import { tryDeployment } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Trials } from './trials.ts'

export function serveTrials(mount: Mount, trials: Trials): void {
  mount(tryDeployment, ({ params, body }, { request, signal }) => trials.try(params, body, request.id, signal))
}
