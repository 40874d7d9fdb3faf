import type { Admission, DeploymentName, DesiredDeployment, DesiredEvent } from '@stead/contracts'

/** What every runner should be doing, level-triggered: subscribers get a snapshot, then numbered deltas without a gap. */
export interface Desired {
  readonly revision: number
  put(deployment: DesiredDeployment): void
  remove(name: DeploymentName): void
  get(name: DeploymentName): DesiredDeployment | undefined
  /** Forgets everything and tells every subscriber the new whole; generations may begin anew. */
  replaceAll(deployments: DesiredDeployment[]): void
  /** Tells every subscriber who may call from now on. It is told whole each time, so it takes no number of its own. */
  admit(admission: Admission): void
  /** `tell` is called at once with a snapshot and who may call; returns how to stop. */
  subscribe(tell: (event: DesiredEvent) => void): () => void
}

export function createDesired(): Desired {
  const deployments = new Map<DeploymentName, DesiredDeployment>()
  const subscribers = new Set<(event: DesiredEvent) => void>()
  let revision = 0
  let admitted: Admission | undefined

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
    admit(admission) {
      admitted = admission
      tellAll({ kind: 'admission', revision, admission })
    },
    subscribe(tell) {
      subscribers.add(tell)
      tell(snapshot())
      if (admitted) tell({ kind: 'admission', revision, admission: admitted })
      return () => void subscribers.delete(tell)
    },
  }
}
