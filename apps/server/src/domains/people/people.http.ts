import { changePerson, createPerson, deletePerson, listPeople } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { People } from './people.ts'

export function servePeople(mount: Mount, people: People): void {
  mount(listPeople, async () => ({ people: await people.list() }))
  mount(createPerson, ({ body }) => people.create(body))
  mount(changePerson, ({ params, body }, { principal }) => people.change(params.person, body, principal))
  mount(deletePerson, ({ params }, { principal }) => people.remove(params.person, principal))
}
