import { z } from 'zod'
import { RunnerStatus } from './deployments.ts'
import { Instant } from './names.ts'
import { endpoint } from './endpoint.ts'
import { LostSecret } from './webhooks.ts'

export const backupInstallation = endpoint({
  act: 'installation.backup',
  method: 'GET',
  path: '/api/v1/backup',
  says: 'Streams a consistent archive of all tables and artifacts, taken while everything runs.',
  streams: { out: 'octets' },
  fails: [],
})

export const restoreInstallation = endpoint({
  act: 'installation.restore',
  method: 'POST',
  path: '/api/v1/restore',
  says: 'Puts an archive in place of what is here, whole or not at all. Keys are in no archive: webhooks whose secrets cannot be used here are named.',
  query: z.object({ replace: z.enum(['true', 'false']).default('false') }),
  streams: { in: 'octets' },
  returns: z.object({
    tables: z.record(z.string(), z.number().int()),
    artifacts: z.number().int(),
    lostSecrets: z.array(LostSecret),
  }),
  fails: ['home_not_empty', 'invalid_request', 'digest_mismatch', 'storage_full'],
})

export const openApi = endpoint({
  act: 'installation.describe',
  method: 'GET',
  path: '/api/v1/openapi.json',
  says: 'Describes this API in OpenAPI 3.1.',
  returns: z.record(z.string(), z.json()),
  fails: [],
})

export const serverHealth = endpoint({
  act: 'installation.health',
  method: 'GET',
  path: '/api/v1/health',
  says: 'Tells that the server and its database answer.',
  returns: z.object({ ready: z.boolean(), version: z.string() }),
  fails: [],
})

/** Storage and processes, for those who run the installation. Sizes in bytes. */
export const Platform = z.object({
  version: z.string(),
  startedAt: Instant,
  database: z.object({ kind: z.enum(['embedded', 'postgres']), size: z.number().int().nullable() }),
  artifacts: z.object({
    kind: z.enum(['files', 's3']),
    place: z.string(),
    count: z.number().int(),
    size: z.number().int(),
    /** Room left beside them; null where that cannot be known. */
    free: z.number().int().nullable(),
  }),
  /** Uploads that were begun and not finished. */
  uploads: z.object({ count: z.number().int(), size: z.number().int() }),
  runners: z.array(RunnerStatus),
})
export type Platform = z.infer<typeof Platform>

export const readPlatform = endpoint({
  act: 'installation.inspect',
  method: 'GET',
  path: '/api/v1/platform',
  says: 'Reads storage, sizes and the health of the runners.',
  returns: Platform,
  fails: [],
})
