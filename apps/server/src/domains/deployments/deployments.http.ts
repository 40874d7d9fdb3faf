import {
  abortChange,
  createDeployment,
  deleteDeployment,
  deploymentHistory,
  getChange,
  getDeployment,
  listDeployments,
  listLanes,
  parkDeployment,
  rollbackDeployment,
  setTraffic,
  swapDeployment,
  wakeDeployment,
} from '@stead/contracts'
import type { Generation } from '@stead/contracts'
import { namesIn } from '../../http/names.ts'
import type { Caller, Mount } from '../../http/mount.ts'
import { ownerOf } from '../access/principal.ts'
import type { Deployments } from './deployments.ts'
import type { ChangeRequest } from './transaction.ts'

export function serveDeployments(mount: Mount, deployments: Deployments): void {
  mount(listDeployments, async ({ params }) => ({ deployments: await deployments.list(params.project) }))
  mount(getDeployment, ({ params }) => deployments.get(params))
  mount(deploymentHistory, async ({ params, query }) => {
    const generations = await deployments.history(params, query.before, query.limit)
    return { generations, next: generations.length === query.limit ? (generations.at(-1)?.generation ?? null) : null }
  })
  mount(getChange, ({ params }) => deployments.getChange(params, params.change))
  mount(abortChange, ({ params, body: { reason } }, { actor }) =>
    deployments.abort(params, params.change, { reason, actor }),
  )
  mount(listLanes, async ({ params, query: { names, from } }) => ({
    lanes: await deployments.lanes(params.project, { names: namesIn(names), from }),
  }))
  mount(createDeployment, ({ params, body }, caller) =>
    deployments.create(
      { project: params.project, deployment: body.name },
      { ...body, owner: ownerOf(caller.principal) },
      requestOf(body, caller),
    ),
  )
  mount(swapDeployment, ({ params, body }, caller) => deployments.swap(params, body, requestOf(body, caller)))
  mount(rollbackDeployment, ({ params, body }, caller) => deployments.rollback(params, body, requestOf(body, caller)))
  mount(setTraffic, ({ params, body }, caller) => deployments.traffic(params, body, requestOf(body, caller)))
  mount(parkDeployment, ({ params, body }, caller) => deployments.park(params, body.until, requestOf(body, caller)))
  mount(wakeDeployment, ({ params, body }, caller) => deployments.wake(params, requestOf(body, caller)))
  mount(deleteDeployment, ({ params }, { actor }) => deployments.remove(params, actor))
}

function requestOf(
  body: { reason: string; expectedGeneration?: Generation | undefined },
  { actor, idempotencyKey, onStage }: Caller,
): ChangeRequest {
  return { reason: body.reason, expectedGeneration: body.expectedGeneration, actor, idempotencyKey, onStage }
}
