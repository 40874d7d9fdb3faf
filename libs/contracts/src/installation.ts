import { z } from 'zod'
import { endpoint } from './endpoint.ts'

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
  says: 'Puts an archive in place of what is here, whole or not at all.',
  query: z.object({ replace: z.enum(['true', 'false']).default('false') }),
  streams: { in: 'octets' },
  returns: z.object({ tables: z.record(z.string(), z.number().int()), artifacts: z.number().int() }),
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
