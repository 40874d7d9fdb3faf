import { AccountName, Password, Person, SteadError } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { createPasswordHashing } from './password-hashing.ts'
import { insertPerson } from './people.sql.ts'

export interface NewOwner {
  readonly name: string
  readonly displayName?: string
  readonly password: string
}

/** Makes a person who owns the installation, which closes it to all others. Beside the server, for there is nobody yet
 *  whom it could ask. */
export async function createOwner(kysely: Kysely<Tables>, owner: NewOwner): Promise<Person> {
  const name = fitting(AccountName, owner.name, 'name')
  const passwordHash = await createPasswordHashing().hash(fitting(Password, owner.password, 'password'))
  const made = await kysely.transaction().execute((transaction) =>
    insertPerson(transaction, {
      name,
      displayName: owner.displayName ?? name,
      passwordHash,
      isInstallationOwner: true,
    }),
  )
  if (!made) throw new SteadError('name_taken', `there is a person "${name}" already`, { where: 'name' })
  return Person.parse(made)
}

function fitting<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new SteadError('invalid_request', parsed.error.issues[0]?.message, { where })
}
