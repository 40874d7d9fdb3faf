import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AccountName, Instant, Label } from './names.ts'
import { Password, Profile } from './sessions.ts'

/** The people of an installation; what each may do in a project is said by its members. */

export const Person = Profile.extend({
  createdAt: Instant,
  seenAt: Instant.nullable(),
  /** Cannot sign in, and their tokens do not work. */
  isDisabled: z.boolean(),
})
export type Person = z.infer<typeof Person>

const OnePerson = z.object({ person: AccountName })

export const listPeople = endpoint({
  act: 'person.list',
  method: 'GET',
  path: '/api/v1/people',
  says: 'Lists the people of the installation.',
  returns: z.object({ people: z.array(Person) }),
  fails: ['unauthenticated', 'forbidden'],
})

export const createPerson = endpoint({
  act: 'person.create',
  method: 'POST',
  path: '/api/v1/people',
  says: 'Adds a person, with a first password, or without one for single sign-on.',
  status: 201,
  body: z.object({
    name: AccountName,
    displayName: Label.optional(),
    password: Password.optional(),
    isInstallationOwner: z.boolean().default(false),
  }),
  returns: Person,
  fails: ['unauthenticated', 'forbidden', 'invalid_request', 'name_taken'],
})

export const changePerson = endpoint({
  act: 'person.change',
  method: 'PATCH',
  path: '/api/v1/people/:person',
  says: 'Disables or enables a person, makes them owner of the installation or not, or sets a new password.',
  params: OnePerson,
  body: z.object({
    displayName: Label.optional(),
    password: Password.optional(),
    isInstallationOwner: z.boolean().optional(),
    isDisabled: z.boolean().optional(),
  }),
  returns: Person,
  fails: ['unauthenticated', 'forbidden', 'invalid_request', 'person_not_found', 'last_owner', 'locks_out'],
})

export const deletePerson = endpoint({
  act: 'person.delete',
  method: 'DELETE',
  path: '/api/v1/people/:person',
  says: 'Removes a person with their sessions, tokens and memberships. What they did stays told.',
  status: 204,
  params: OnePerson,
  fails: ['unauthenticated', 'forbidden', 'person_not_found', 'last_owner', 'locks_out', 'owns_running'],
})
