import { randomUUID } from 'node:crypto'
import { AccountName, DeploymentName, ProjectName } from '@stead/contracts'
import type { Event, Grants, Role } from '@stead/contracts'
import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { describe, expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import type { Tables } from '../../database/tables.ts'
import { sqlMemberStore } from './members.sql.ts'
import { createMembers } from './members.ts'
import { sqlOwnershipStore } from './ownership.sql.ts'
import { createOwnership } from './ownership.ts'
import { addPerson, auditOf } from './people.fixture.ts'
import { ownerOf, type Principal } from '../access/principal.ts'

const PROJECT = ProjectName.parse('default')
const LOCAL: Principal = { kind: 'local' }
const named = (name: string) => AccountName.parse(name)
const grants = (roles: Grants['roles'], denies: string[] = []): Grants => ({ roles, denies })
const OWNER = grants(['owner'])

function start(kysely: Kysely<Tables>) {
  const told: Event[] = []
  const parts = { projects: { idOf: async () => 'default' }, publish: (event: Event) => void told.push(event) }
  return {
    kysely,
    told,
    members: createMembers({ store: sqlMemberStore(kysely), ...parts }),
    ownership: createOwnership({ store: sqlOwnershipStore(kysely), ...parts }),
    deploy: (name: string, owner: string | null) => addDeployment(kysely, name, owner),
  }
}

async function addDeployment(kysely: Kysely<Tables>, name: string, owner: string | null): Promise<DeploymentName> {
  const [id, model] = [randomUUID(), randomUUID()]
  await kysely.insertInto('models').values({ id: model, project_id: 'default', name: model }).execute()
  await kysely
    .insertInto('deployments')
    .values({ id, project_id: 'default', name, model_id: model, generation: 1, owner })
    .execute()
  return DeploymentName.parse(name)
}

const NAMES = ['ada', 'bob', 'cyd', 'dan']
const someone = fc.nat({ max: NAMES.length - 1 })
/** What one of them does to another, or to themselves: new grants, or none. */
const deed = fc.record({
  by: someone,
  to: someone,
  after: fc.option(
    fc.record({
      roles: fc.subarray<Role>(['owner', 'operator', 'viewer'], { minLength: 1 }),
      denies: fc.subarray(['member.*', 'member.remove', 'deployment.swap']),
    }),
    { nil: undefined },
  ),
})
const isOwner = ({ roles, denies }: Grants) =>
  roles.includes('owner') && !denies.some((denial) => denial.startsWith('member.'))

describeOnDatabases('members', (databases) => {
  const open = async () => start((await databases.open()).kysely)

  test('a person who is made a member is listed with their roles, in the order of the table, each once', async () => {
    const { kysely, members } = await open()
    const ada = await addPerson(kysely, 'ada')
    const set = await members.set(PROJECT, ada.name, grants(['operator', 'viewer', 'operator'], ['b', 'a']), LOCAL)
    expect(set).toMatchObject({ name: 'ada', roles: ['viewer', 'operator'], denies: ['a', 'b'], isInherited: false })
    expect(await members.list(PROJECT)).toEqual([set])
  })

  test('owners of the installation are listed as owners who inherit it, with what they are denied', async () => {
    const { kysely, members } = await open()
    const eve = await addPerson(kysely, 'eve', { isOwner: true })
    expect(await members.list(PROJECT)).toMatchObject([
      { name: 'eve', roles: ['owner'], denies: [], isInherited: true },
    ])
    await members.set(PROJECT, eve.name, grants(['viewer'], ['deployment.swap']), LOCAL)
    expect(await members.list(PROJECT)).toMatchObject([
      { name: 'eve', roles: ['owner'], denies: ['deployment.swap'], isInherited: true },
    ])
  })

  test('a change is in the audit log with what was before and after, and in the activity feed; no change is in neither', async () => {
    const { kysely, members, told } = await open()
    const [eve, ada] = [await addPerson(kysely, 'eve', { isOwner: true }), await addPerson(kysely, 'ada')]
    await members.set(PROJECT, ada.name, grants(['viewer']), eve)
    await members.set(PROJECT, ada.name, grants(['operator'], ['golden.*']), eve)
    await members.set(PROJECT, ada.name, grants(['operator'], ['golden.*']), eve)
    await members.remove(PROJECT, ada.name, eve)
    const entry = { chain: 'default', actor: 'eve', subject: 'member ada' }
    expect(await auditOf(kysely)).toEqual([
      { ...entry, act: 'member.set', before: null, after: grants(['viewer']) },
      { ...entry, act: 'member.set', before: grants(['viewer']), after: grants(['operator'], ['golden.*']) },
      { ...entry, act: 'member.removed', before: grants(['operator'], ['golden.*']), after: null },
    ])
    expect(told.map(({ kind, subject, actor }) => [kind, subject, actor])).toEqual([
      ['member.set', 'member ada', 'eve'],
      ['member.set', 'member ada', 'eve'],
      ['member.removed', 'member ada', 'eve'],
    ])
  })

  test('nobody is made a member who is not there, and nobody is removed who is none', async () => {
    const { kysely, members } = await open()
    const ada = await addPerson(kysely, 'ada')
    await expect(members.set(PROJECT, named('bob'), OWNER, LOCAL)).rejects.toMatchObject({ code: 'person_not_found' })
    for (const name of ['ada', 'bob'])
      await expect(members.remove(PROJECT, named(name), LOCAL)).rejects.toMatchObject({ code: 'member_not_found' })
    const eve = await addPerson(kysely, 'eve', { isOwner: true })
    await expect(members.remove(PROJECT, eve.name, ada)).rejects.toThrow('owns the installation')
    expect(await auditOf(kysely)).toEqual([])
  })

  describe('a project that has owners', () => {
    const LOSSES: Record<string, Grants | undefined> = {
      'becomes an operator': grants(['operator']),
      'is denied to change members': grants(['owner'], ['member.*']),
      'is denied to remove members': grants(['owner'], ['member.remove']),
      'is removed': undefined,
    }
    const lose = async (
      { members }: ReturnType<typeof start>,
      name: AccountName,
      to: Grants | undefined,
      by: Principal,
    ) => (to ? members.set(PROJECT, name, to, by) : members.remove(PROJECT, name, by))

    test.for(Object.entries(LOSSES))('keeps one: the last, whoever asks, not %s', async ([, to]) => {
      const all = await open()
      const [eve, ada] = [await addPerson(all.kysely, 'eve', { isOwner: true }), await addPerson(all.kysely, 'ada')]
      await addPerson(all.kysely, 'off', { isDisabled: true })
      for (const name of ['ada', 'off']) await all.members.set(PROJECT, named(name), OWNER, LOCAL)
      for (const by of [LOCAL, eve, ada])
        await expect(lose(all, ada.name, to, by)).rejects.toMatchObject({ code: 'last_owner' })
      expect((await all.members.list(PROJECT)).find(({ name }) => name === 'ada')).toMatchObject(OWNER)
    })

    test.for(Object.entries(LOSSES))('has none of them lock themselves out: not %s', async ([, to]) => {
      const all = await open()
      const [ada, bob] = [await addPerson(all.kysely, 'ada'), await addPerson(all.kysely, 'bob')]
      for (const { name } of [ada, bob]) await all.members.set(PROJECT, name, OWNER, LOCAL)
      await expect(lose(all, ada.name, to, ada)).rejects.toMatchObject({ code: 'locks_out' })
      if (to?.roles.includes('owner'))
        await expect(lose(all, ada.name, to, bob)).rejects.toMatchObject({ code: 'invalid_request' })
      else await lose(all, ada.name, to, bob)
    })

    test('an owner of the installation may give up being one of them', async () => {
      const { kysely, members } = await open()
      const [eve, ada] = [await addPerson(kysely, 'eve', { isOwner: true }), await addPerson(kysely, 'ada')]
      for (const { name } of [eve, ada]) await members.set(PROJECT, name, OWNER, LOCAL)
      await members.remove(PROJECT, eve.name, eve)
      expect(await members.list(PROJECT)).toMatchObject([{ name: 'ada' }, { name: 'eve', isInherited: true }])
    })

    test('keeps one, however many leave at once', async () => {
      const { kysely, members } = await open()
      const people = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => addPerson(kysely, name)))
      for (const { name } of people) await members.set(PROJECT, name, OWNER, LOCAL)
      const outcomes = await Promise.allSettled(people.map(({ name }) => members.remove(PROJECT, name, LOCAL)))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
      expect(await members.list(PROJECT)).toMatchObject([OWNER])
    })
  })

  test('whatever owners do to one another, one of them stays, and nobody steps down by themselves', async () => {
    const { kysely } = await databases.open()
    const people = await Promise.all(NAMES.map((name) => addPerson(kysely, name)))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(deed, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), async (rounds) => {
        const id = randomUUID()
        await kysely.insertInto('projects').values({ id, name: id }).execute()
        const projects = { idOf: async () => id }
        const members = createMembers({ store: sqlMemberStore(kysely), projects, publish: () => {} })
        const inCharge = async () => (await members.list(PROJECT)).filter(isOwner).map(({ name }) => name)
        for (const { name } of people.slice(0, 2)) await members.set(PROJECT, name, OWNER, LOCAL)
        for (const round of rounds) {
          const before = await inCharge()
          // The gate lets nobody else come this far.
          const deeds = round.filter(({ by }) => before.includes(people[by]!.name))
          await Promise.allSettled(
            deeds.map(({ by, to, after }) =>
              after
                ? members.set(PROJECT, people[to]!.name, after, people[by]!)
                : members.remove(PROJECT, people[to]!.name, people[by]!),
            ),
          )
          const left = await inCharge()
          expect(left).not.toEqual([])
          const byOthers = new Set(deeds.filter(({ by, to }) => by !== to).map(({ to }) => people[to]!.name))
          for (const name of before) if (!byOthers.has(name)) expect(left).toContain(name)
        }
      }),
      { numRuns: 30 },
    )
  })

  describe('whoever answers for deployments', () => {
    test('is not removed until they are handed over, and is told which', async () => {
      const { kysely, members, ownership, deploy } = await open()
      const [ada, bob] = [await addPerson(kysely, 'ada'), await addPerson(kysely, 'bob')]
      for (const { name } of [ada, bob]) await members.set(PROJECT, name, grants(['operator']), LOCAL)
      const both = [await deploy('a', ownerOf(ada)), await deploy('b', ownerOf(ada))]
      expect(await members.list(PROJECT)).toMatchObject([{ name: 'ada', deployments: ['a', 'b'] }, { deployments: [] }])
      await expect(members.remove(PROJECT, ada.name, LOCAL)).rejects.toMatchObject({
        code: 'owns_running',
        message: '"ada" answers for a, b',
        details: { deployments: ['a', 'b'] },
      })
      for (const deployment of both) await ownership.handOver({ project: PROJECT, deployment }, 'bob', LOCAL)
      await members.remove(PROJECT, ada.name, LOCAL)
      expect(await members.list(PROJECT)).toMatchObject([{ name: 'bob', deployments: ['a', 'b'] }])
    })

    test('is told in the record, by name, before and after', async () => {
      const { kysely, members, ownership, deploy, told } = await open()
      const ada = await addPerson(kysely, 'ada')
      await members.set(PROJECT, ada.name, grants(['viewer']), LOCAL)
      const deployment = await deploy('forecast', null)
      for (let round = 0; round < 2; round++)
        expect(await ownership.handOver({ project: PROJECT, deployment }, 'ada', LOCAL)).toBe('ada')
      expect(told.slice(1)).toMatchObject([
        { kind: 'deployment.handed-over', subject: 'forecast', document: { from: null, to: 'ada' } },
      ])
      expect((await auditOf(kysely)).at(-1)).toMatchObject({
        act: 'deployment.handed-over',
        before: { owner: null },
        after: { owner: 'ada' },
      })
    })

    test('is one of the project who can sign in', async () => {
      const { kysely, members, ownership, deploy } = await open()
      await addPerson(kysely, 'stranger')
      await addPerson(kysely, 'off', { isDisabled: true })
      await members.set(PROJECT, named('off'), grants(['viewer']), LOCAL)
      const deployment = await deploy('forecast', null)
      const to = (owner: string) => ownership.handOver({ project: PROJECT, deployment }, owner, LOCAL)
      for (const owner of ['stranger', 'off', 'nobody', 'service:ci'])
        await expect(to(owner)).rejects.toMatchObject({ code: 'member_not_found', where: 'body.owner' })
      for (const owner of ['', 'service:', 'No Name', 'person:ada'])
        await expect(to(owner)).rejects.toMatchObject({ code: 'invalid_request' })
      await addPerson(kysely, 'eve', { isOwner: true })
      expect(await to('eve')).toBe('eve')
      const absent = { project: PROJECT, deployment: DeploymentName.parse('none') }
      await expect(ownership.handOver(absent, 'eve', LOCAL)).rejects.toMatchObject({ code: 'deployment_not_found' })
    })
  })
})
