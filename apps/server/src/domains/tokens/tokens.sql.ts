import { randomUUID } from 'node:crypto'
import { ACT_NAMES, ApiToken } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isForeignKeyViolation, isUniqueViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { TokenOwner, TokenStore, TokenToKeep } from './tokens.store.ts'

export function sqlTokenStore(kysely: Kysely<Tables>): TokenStore {
  return {
    list: (owner) => readTokens(kysely, owner),
    async create(owner, token) {
      try {
        return await kysely.transaction().execute((transaction) => create(transaction, owner, token))
      } catch (error) {
        if (isUniqueViolation(error, 'tokens_by_owner')) return 'name_taken'
        if (isForeignKeyViolation(error)) return 'owner_gone'
        throw error
      }
    },
    revoke: (owner, id) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .deleteFrom('tokens')
          .where('id', '=', id)
          .where(belongsTo(owner))
          .returning(['name'])
          .executeTakeFirst()
        if (!row) return false
        await record(transaction, owner, { act: 'token.revoked', name: row.name, before: { id } })
        return true
      }),
  }
}

async function create(transaction: Transaction<Tables>, owner: TokenOwner, token: TokenToKeep): Promise<ApiToken> {
  const { name, hash, hint, projects, acts, expiresAt } = token
  const row = await transaction
    .insertInto('tokens')
    .values({
      id: randomUUID(),
      kind: owner.kind,
      hash,
      hint,
      name,
      person_id: owner.kind === 'person' ? owner.id : null,
      account_id: owner.kind === 'account' ? owner.id : null,
      projects,
      acts,
      expires_at: expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await record(transaction, owner, {
    act: 'token.created',
    name,
    after: { id: row.id, projects, acts, expiresAt },
  })
  return readToken(row)
}

type OwnerKey = { readonly kind: 'person' | 'account'; readonly id: string } | { readonly kind: 'runner' }

const belongsTo = (owner: OwnerKey) => {
  if (owner.kind === 'runner') return sql<boolean>`kind = 'runner'`
  return owner.kind === 'person' ? sql<boolean>`person_id = ${owner.id}` : sql<boolean>`account_id = ${owner.id}`
}

/** The oldest first. */
export async function readTokens(db: Kysely<Tables>, owner: OwnerKey): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom('tokens')
    .selectAll()
    .where(belongsTo(owner))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(readToken)
}

interface Row {
  readonly id: string
  readonly name: string
  readonly hint: string
  readonly projects: unknown
  readonly acts: unknown
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
}

const readToken = ({ id, name, hint, projects, acts, created_at, expires_at, last_used_at }: Row): ApiToken =>
  ApiToken.parse({
    id,
    name,
    hint,
    projects,
    // An act that this Stead does not know allows nothing.
    acts: Array.isArray(acts) ? acts.filter((act) => ACT_NAMES.includes(act)) : acts,
    createdAt: created_at,
    expiresAt: expires_at,
    lastUsedAt: last_used_at,
  })

interface Told {
  readonly act: 'token.created' | 'token.revoked'
  readonly name: string
  readonly before?: object
  readonly after?: object
}

async function record(transaction: Transaction<Tables>, owner: TokenOwner, { act, name, ...states }: Told) {
  const whose = owner.kind === 'account' ? `service:${owner.name}` : owner.kind === 'person' ? owner.name : 'runners'
  const projectId = owner.kind === 'account' ? owner.projectId : null
  await appendAudit(transaction, { projectId, act, subject: `token ${name} of ${whose}`, ...states })
}
