import type { InstallationStatus } from '@stead/contracts'
import manifest from '../../../package.json' with { type: 'json' }
import type { Deployments } from '../deployments/deployments.ts'
import type { Presence } from '../runners/presence.ts'

export const VERSION: string = manifest.version

/** The whole at a glance: what `stead status` prints. */
export interface Installation {
  status(): Promise<InstallationStatus>
  /** Whether the database answers. */
  ready(): Promise<boolean>
}

export interface InstallationParts {
  readonly database: InstallationStatus['database']
  /** Where the artifacts are, for people to read. */
  readonly artifacts: string
  readonly presence: Presence
  readonly deployments: Deployments
  readonly ping: () => Promise<unknown>
}

export function createInstallation({
  database,
  artifacts,
  presence,
  deployments,
  ping,
}: InstallationParts): Installation {
  return {
    status: async () => ({
      version: VERSION,
      database,
      artifacts,
      runners: presence.statuses(),
      deployments: await deployments.list(),
    }),
    ready: () =>
      ping().then(
        () => true,
        () => false,
      ),
  }
}
