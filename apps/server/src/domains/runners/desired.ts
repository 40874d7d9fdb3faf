import type { DeploymentName, DesiredDeployment, DesiredEvent } from '@stead/contracts'

/** What every runner should be doing, level-triggered: subscribers get a snapshot, then numbered deltas without a gap. */
export interface Desired {
  readonly revision: number
  put(deployment: DesiredDeployment): void
  remove(name: DeploymentName): void
  get(name: DeploymentName): DesiredDeployment | undefined
  /** Forgets everything and tells every subscriber the new whole; generations may begin anew. */
  replaceAll(deployments: DesiredDeployment[]): void
  /** `tell` is called at once with a snapshot; returns how to stop. */
  subscribe(tell: (event: DesiredEvent) => void): () => void
}

export function createDesired(): Desired {
  const deployments = new Map<DeploymentName, DesiredDeployment>()
  const subscribers = new Set<(event: DesiredEvent) => void>()
  let revision = 0

  const tellAll = (event: DesiredEvent) => {
    for (const tell of subscribers) tell(event)
  }
  const snapshot = (): DesiredEvent => ({ kind: 'snapshot', revision, deployments: [...deployments.values()] })

  return {
    get revision() {
      return revision
    },
    get: (name) => deployments.get(name),
    put(deployment) {
      deployments.set(deployment.name, deployment)
      tellAll({ kind: 'delta', revision: ++revision, deployment })
    },
    remove(name) {
      const gone = deployments.get(name)
      if (!gone) return
      deployments.delete(name)
      tellAll({ kind: 'removed', revision: ++revision, name, id: gone.id })
    },
    replaceAll(all) {
      deployments.clear()
      for (const deployment of all) deployments.set(deployment.name, deployment)
      revision += 1
      tellAll(snapshot())
    },
    subscribe(tell) {
      subscribers.add(tell)
      tell(snapshot())
      return () => void subscribers.delete(tell)
    },
  }
}
