import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Digest, Instant } from './names.ts'
import { InProject } from './projects.ts'

/** The audit log: every change of state and every denied attempt, in a chain of hashes for each project and one for the
 *  installation. docs/audit.md says how an entry is hashed, so that anybody can check a log without Stead. */

/** The chain of what belongs to no project. */
export const INSTALLATION_CHAIN = 'installation'

export const AuditEntry = z.object({
  /** A project's id, or `installation`. */
  chain: z.string(),
  /** Counts from 1 without a gap. */
  sequence: z.number().int().min(1),
  at: Instant,
  outcome: z.enum(['done', 'denied']),
  /** What was done: the kind of its event, or the act that was denied. */
  act: z.string(),
  actor: z.string(),
  /** The id of the token, session or join token that was shown; never its secret. */
  credential: z.string().nullable(),
  /** The address that the request came from; null for what the server did by itself. */
  from: z.string().nullable(),
  request: z.string().nullable(),
  /** On what: `forecast`, `weather/8`, `member ada`. */
  subject: z.string(),
  /** Of the object, where it has one. */
  digest: Digest.nullable(),
  before: z.json(),
  after: z.json(),
  reason: z.string(),
  /** How often, for denied attempts that were alike within a minute. */
  times: z.number().int().min(1),
  /** SHA-256 over the hash before it and this entry. */
  previous: Digest,
  hash: Digest,
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** Signed proof of how far a chain had come, kept and exported outside of the database. */
export const AuditCheckpoint = z.object({
  chain: z.string(),
  sequence: z.number().int().min(0),
  head: Digest,
  at: Instant,
  /** Ed25519 over the canonical form of the other fields, in base64. */
  signature: z.string(),
  /** SHA-256 of the public key (SPKI, DER). */
  key: Digest,
})
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>

const AuditQuery = z.object({
  before: z.coerce.number().int().optional(),
  actor: z.string().max(250).optional(),
  /** Only of this noun or act: `deployment`, `deployment.swapped`. */
  act: z.string().max(100).optional(),
  subject: z.string().max(600).optional(),
  outcome: z.enum(['done', 'denied']).optional(),
  from: Instant.optional(),
  until: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

const AuditPage = z.object({
  /** Newest first. */
  entries: z.array(AuditEntry),
  next: z.number().int().nullable(),
  /** The newest checkpoint; what is not younger was whole when this was answered, unless `broken` names an entry. */
  verified: z.object({ sequence: z.number().int(), at: Instant }).nullable(),
  broken: z.object({ sequence: z.number().int(), why: z.string() }).nullable(),
})
export type AuditPage = z.infer<typeof AuditPage>

export const listAudit = endpoint({
  act: 'audit.list',
  method: 'GET',
  path: '/api/v1/projects/:project/audit',
  says: 'Lists the audit log of a project, newest first, and how far it is verified.',
  params: InProject,
  query: AuditQuery,
  returns: AuditPage,
  fails: ['project_not_found', 'forbidden'],
})

export const exportAudit = endpoint({
  act: 'audit.export',
  method: 'GET',
  path: '/api/v1/projects/:project/audit/export',
  says: 'Streams the audit log of a project as JSON lines: the public key, every entry in order, every checkpoint; it sets a checkpoint first.',
  params: InProject,
  streams: { out: 'octets' },
  fails: ['project_not_found', 'forbidden'],
})

export const listInstallationAudit = endpoint({
  act: 'installation.audit',
  method: 'GET',
  path: '/api/v1/audit',
  says: 'Lists the audit log of what belongs to no project: people, sign-ins, runners, denied strangers.',
  query: AuditQuery,
  returns: AuditPage,
  fails: ['unauthenticated', 'forbidden'],
})

export const exportInstallationAudit = endpoint({
  act: 'installation.audit',
  method: 'GET',
  path: '/api/v1/audit/export',
  says: 'Streams the audit log of the installation as JSON lines, like that of a project.',
  streams: { out: 'octets' },
  fails: ['unauthenticated', 'forbidden'],
})
