import { createHash, randomBytes } from 'node:crypto'
import { TOKEN_PREFIXES } from '@stead/contracts'
import { openDatabase } from '../../apps/server/src/database/database.ts'
import { migrate } from '../../apps/server/src/database/migrate.ts'
import { createOwner } from '../../apps/server/src/domains/people/create-owner.sql.ts'

/** Makes an owner of the installation in a home that no server has open, which closes it, and an API token of theirs. */
export async function closeHome(home: string): Promise<{ token: string }> {
  const database = await openDatabase({ kind: 'embedded', home })
  try {
    await migrate(database.kysely)
    await createOwner(database.kysely, { name: 'ada', password: 'a long and private sentence' })
    const { id } = await database.kysely.selectFrom('people').select('id').executeTakeFirstOrThrow()
    const token = TOKEN_PREFIXES.person + randomBytes(32).toString('base64url')
    const hash = createHash('sha256').update(token).digest('hex')
    await database.kysely
      .insertInto('tokens')
      .values({ id: 'law', kind: 'person', hash, hint: token.slice(0, 16), name: 'law', person_id: id })
      .execute()
    return { token }
  } finally {
    await database.close()
  }
}
