import type { Clock } from '@stead/chassis'
import type { Deployment, DeploymentName, ProjectName } from '@stead/contracts'
import type { Presence } from '../runners/presence.ts'
import type { Deployments } from './deployments.ts'

/** Tells readers how deployments are as that changes. Nothing of it is on the way of a change: who touches a deployment
 *  only leaves a note, and what is told comes from memory. */
export interface Watching {
  /** Tells how each named deployment is, now and whenever that is another, until the signal aborts. Each is told at most
   *  every 200 ms, and its last state always. One that is not there is told once it is. */
  watch(asked: Watched, tell: (deployment: Deployment) => void, signal: AbortSignal): void
  /** Something about it may be another now. */
  touch(name: DeploymentName): void
  /** Looks at what runners tell of their engines until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

export interface Watched {
  readonly names: readonly DeploymentName[]
  /** Deployments of other projects are passed over. */
  readonly project?: ProjectName | undefined
}

export interface WatchingParts {
  readonly deployments: Pick<Deployments, 'seen'>
  readonly presence: Pick<Presence, 'changed'>
  readonly clock: Clock
}

interface Follower {
  /** What it was told last of each deployment it watches. */
  readonly told: Map<DeploymentName, string>
  tell(deployment: Deployment, text: string): void
}

const EVERY_MS = 200

export function createWatching({ deployments, presence, clock }: WatchingParts): Watching {
  const followers = new Map<DeploymentName, Set<Follower>>()
  const touched = new Set<DeploymentName>()
  let isDue = false
  let lookedAt = -Infinity

  function look(): void {
    isDue = false
    lookedAt = clock.monotonic()
    const names = [...touched]
    touched.clear()
    tell(names, (name) => followers.get(name) ?? [])
  }

  function tell(names: readonly DeploymentName[], to: (name: DeploymentName) => Iterable<Follower>): void {
    for (const deployment of deployments.seen(names)) {
      const text = JSON.stringify(deployment)
      for (const follower of to(deployment.name)) follower.tell(deployment, text)
    }
  }

  function touch(name: DeploymentName): void {
    if (!followers.has(name)) return
    touched.add(name)
    if (isDue) return
    isDue = true
    void clock.sleep(Math.max(0, lookedAt + EVERY_MS - clock.monotonic())).then(look)
  }

  function add(name: DeploymentName, follower: Follower): void {
    followers.set(name, (followers.get(name) ?? new Set()).add(follower))
  }

  function remove(name: DeploymentName, follower: Follower): void {
    const left = followers.get(name)
    left?.delete(follower)
    if (left?.size === 0) followers.delete(name)
  }

  return {
    touch,
    watch({ names, project }, onChange, signal) {
      if (signal.aborted) return
      const follower: Follower = {
        told: new Map(),
        tell(deployment, text) {
          const isOurs = project === undefined || deployment.project === project
          if (!isOurs || follower.told.get(deployment.name) === text) return
          follower.told.set(deployment.name, text)
          onChange(deployment)
        },
      }
      for (const name of names) add(name, follower)
      signal.addEventListener('abort', () => names.forEach((name) => remove(name, follower)), { once: true })
      tell(names, () => [follower])
    },
    async run(signal) {
      while (!signal.aborted) {
        await presence.changed(signal)
        for (const name of followers.keys()) touch(name)
      }
    },
  }
}
