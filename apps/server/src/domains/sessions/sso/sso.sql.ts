import { AccountName } from '@stead/contracts'
import { type Kysely, type Selectable, type Transaction } from 'kysely'
import { isUniqueViolation } from '../../../database/failures.ts'
import type { People } from '../../../database/tables-access.ts'
import type { Tables } from '../../../database/tables.ts'
import { appendAudit } from '../../audit/audit.sql.ts'
import { insertPerson } from '../../people/people.sql.ts'
import type { Claims } from './provider.ts'
import type { SsoStore } from './sso.ts'

export function sqlSsoStore(kysely: Kysely<Tables>): SsoStore {
  const personOf: SsoStore['personOf'] = (claims, creates) =>
    kysely.transaction().execute(async (transaction) => {
      const found = (await tied(transaction, claims)) ?? (await tie(transaction, claims))
      if (found) return found.is_disabled ? undefined : applicantIn(found)
      return creates ? create(transaction, claims) : undefined
    })
  return {
    // Whoever comes twice at once for the first time is found the second time.
    personOf: (claims, creates) =>
      personOf(claims, creates).catch((error: unknown) => {
        if (isUniqueViolation(error, 'people_sso_unique')) return personOf(claims, creates)
        throw error
      }),
  }
}

const tied = (transaction: Transaction<Tables>, { issuer, subject }: Claims) =>
  transaction
    .selectFrom('people')
    .selectAll()
    .where('sso_issuer', '=', issuer)
    .where('sso_subject', '=', subject)
    .executeTakeFirst()

/** The first time: the name decides before the e-mail address, should they name two people. */
async function tie(transaction: Transaction<Tables>, claims: Claims): Promise<Selectable<People> | undefined> {
  for (const name of namesOf(claims)) {
    const person = await transaction
      .updateTable('people')
      .set({ sso_issuer: claims.issuer, sso_subject: claims.subject })
      .where('name', '=', name)
      .where('sso_subject', 'is', null)
      .where('is_disabled', '=', false)
      .returningAll()
      .executeTakeFirst()
    if (!person) continue
    await appendAudit(transaction, {
      projectId: null,
      act: 'person.changed',
      subject: `person ${name}`,
      actor: name,
      before: { issuer: null },
      after: { issuer: claims.issuer },
      reason: 'first single sign-on',
    })
    return person
  }
  return undefined
}

async function create(transaction: Transaction<Tables>, claims: Claims) {
  const { issuer, subject } = claims
  const [name] = namesOf(claims)
  if (name === undefined) return undefined
  const sso = { issuer, subject }
  const displayName = (claims.displayName ?? name).slice(0, 100)
  const made = await insertPerson(
    transaction,
    { name, displayName, passwordHash: null, isInstallationOwner: false, sso },
    name,
  )
  return made && { id: made.id, name, passwordHash: null }
}

const applicantIn = (row: Selectable<People>) => ({ id: row.id, name: row.name, passwordHash: row.password_hash })

const namesOf = ({ preferredUsername, email }: Claims): AccountName[] =>
  [preferredUsername, email].flatMap((name) => AccountName.safeParse(name?.toLowerCase()).data ?? [])
