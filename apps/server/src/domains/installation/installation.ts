import type { Clock } from '@stead/chassis'
import type { InstallationStatus, Platform } from '@stead/contracts'
import manifest from '../../../package.json' with { type: 'json' }
import type { ArtifactOwners } from '../artifacts/artifacts.ts'
import type { Deployments } from '../deployments/deployments.ts'
import type { Presence } from '../runners/presence.ts'
import type { Uploads } from '../uploads/uploads.ts'

export const VERSION: string = manifest.version

/** The whole at a glance: what `stead status` prints. */
export interface Installation {
  status(): Promise<InstallationStatus>
  /** What it takes and how much room is left. What cannot be measured is null, and does not keep the rest back. */
  platform(): Promise<Platform>
  /** Whether the database answers. */
  ready(): Promise<boolean>
}

/** Where the artifacts are. */
export interface ArtifactPlace {
  readonly kind: Platform['artifacts']['kind']
  /** For people to read. */
  readonly place: string
  readonly free: () => Promise<number | null>
}

export interface InstallationParts {
  readonly database: { readonly kind: InstallationStatus['database']; readonly size: () => Promise<number> }
  readonly artifacts: ArtifactPlace
  readonly owners: Pick<ArtifactOwners, 'total'>
  readonly uploads: Pick<Uploads, 'total'>
  readonly presence: Presence
  readonly deployments: Deployments
  readonly clock: Pick<Clock, 'now'>
  readonly ping: () => Promise<unknown>
}

export function createInstallation(parts: InstallationParts): Installation {
  const { database, artifacts, owners, uploads, presence, deployments, clock, ping } = parts
  const startedAt = clock.now().toISOString()
  return {
    status: async () => ({
      version: VERSION,
      database: database.kind,
      artifacts: artifacts.place,
      runners: presence.statuses(),
      deployments: await deployments.list(),
    }),
    async platform() {
      const [size, free, stored, unfinished] = await Promise.all([
        database.size().catch(() => null),
        artifacts.free().catch(() => null),
        owners.total(),
        uploads.total(),
      ])
      return {
        version: VERSION,
        startedAt,
        database: { kind: database.kind, size },
        artifacts: { kind: artifacts.kind, place: artifacts.place, ...stored, free },
        uploads: unfinished,
        runners: presence.statuses(),
      }
    },
    ready: () =>
      ping().then(
        () => true,
        () => false,
      ),
  }
}
