import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { ConsumerKey, SteadError, TOKEN_PREFIXES } from '@stead/contracts'
import type { Consumer, ConsumerName, DeploymentName, Event, Limits, ProjectName, UsagePoint } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import type { Admissions } from './admission.ts'
import type { Change, ConsumerStore, KeptConsumer } from './consumers.store.ts'
import { DAY_MS, type Usage } from './usage.ts'

export interface ConsumerRef {
  readonly project: ProjectName
  readonly consumer: ConsumerName
}

export interface AskedKey {
  readonly name: string
  readonly deployments: readonly DeploymentName[] | null
  readonly days: number | null
}

/** What is given of limits; the others stay as they are. */
type SomeLimits = { readonly [K in keyof Limits]?: Limits[K] | undefined }

/** Those who call deployments. A change has reached the connected runners' streams when its promise resolves. */
export interface Consumers {
  list(project: ProjectName): Promise<Consumer[]>
  create(
    project: ProjectName,
    asked: { name: ConsumerName; description: string; limits: SomeLimits },
    actor: string,
  ): Promise<Consumer>
  change(
    ref: ConsumerRef,
    asked: { description?: string | undefined; limits?: SomeLimits | undefined },
    actor: string,
  ): Promise<Consumer>
  remove(ref: ConsumerRef, actor: string): Promise<void>
  /** The only time that the secret is told. */
  createKey(ref: ConsumerRef, asked: AskedKey, actor: string): Promise<ConsumerKey & { secret: string }>
  revokeKey(ref: ConsumerRef, key: string, actor: string): Promise<void>
  usage(ref: ConsumerRef, asked: { days: number; step: 'hour' | 'day' }): Promise<UsagePoint[]>
}

export interface ConsumerParts {
  readonly store: ConsumerStore
  readonly usage: Pick<Usage, 'used' | 'read'>
  readonly projects: Pick<Projects, 'idOf'>
  readonly admissions: Pick<Admissions, 'refresh'>
  readonly clock: Clock
  publish(event: Event): void
}

export const NO_LIMITS: Limits = { rate: null, burst: null, perDay: null, perMonth: null }
const HINT_LENGTH = 16

export function createConsumers({ store, usage, projects, admissions, clock, publish }: ConsumerParts): Consumers {
  const changeOf = async ({ project, consumer }: ConsumerRef, actor: string): Promise<Change> => ({
    projectId: await projects.idOf(project),
    consumer,
    actor,
  })

  async function find({ project, consumer }: ConsumerRef): Promise<KeptConsumer> {
    const found = await store.find(await projects.idOf(project), consumer)
    if (!found) throw notFound(consumer)
    return found
  }

  async function changed(event: Event): Promise<void> {
    publish(event)
    await admissions.refresh()
  }

  const told = ({ id, name, description, limits, createdAt, keys }: KeptConsumer): Consumer => ({
    name,
    description,
    limits,
    createdAt,
    keys: keys.map((key) => ConsumerKey.parse(key)),
    used: usage.used(id),
  })

  return {
    list: async (project) => (await store.list(await projects.idOf(project))).map(told),
    async create(project, { name, description, limits }, actor) {
      const projectId = await projects.idOf(project)
      const consumer = { name, description, limits: limitsOf(NO_LIMITS, limits) }
      const event = await store.create(projectId, consumer, actor)
      if (event === 'name_taken') throw new SteadError('name_taken', `there is a consumer "${name}" already`)
      await changed(event)
      return told(await find({ project, consumer: name }))
    },
    async change(ref, { description, limits = {} }, actor) {
      const event = await store.change(await changeOf(ref, actor), (before) => ({
        description: description ?? before.description,
        limits: limitsOf(before.limits, limits),
      }))
      if (event === 'gone') throw notFound(ref.consumer)
      await changed(event)
      return told(await find(ref))
    },
    async remove(ref, actor) {
      const event = await store.remove(await changeOf(ref, actor))
      if (event === 'gone') throw notFound(ref.consumer)
      await changed(event)
    },
    async createKey(ref, { name, deployments, days }, actor) {
      const secret = TOKEN_PREFIXES.key + randomBytes(32).toString('base64url')
      const made = await store.addKey(await changeOf(ref, actor), {
        name,
        hash: createHash('sha256').update(secret).digest('hex'),
        hint: secret.slice(0, HINT_LENGTH),
        deployments: deployments && [...new Set(deployments)],
        expiresAt: days === null ? null : new Date(clock.now().getTime() + days * DAY_MS).toISOString(),
      })
      if (made === 'gone') throw notFound(ref.consumer)
      if (made === 'name_taken')
        throw new SteadError('name_taken', `consumer "${ref.consumer}" has a key "${name}" already`)
      if ('missing' in made)
        throw new SteadError('deployment_not_found', `there is no deployment "${made.missing.join('", "')}"`, {
          where: 'body.deployments',
        })
      await changed(made.event)
      return { ...made.key, secret }
    },
    async revokeKey(ref, key, actor) {
      const event = await store.removeKey(await changeOf(ref, actor), key)
      if (event === 'gone') throw notFound(ref.consumer)
      if (event === 'key_gone')
        throw new SteadError('key_not_found', `consumer "${ref.consumer}" has no key "${key.slice(0, 100)}"`)
      await changed(event)
    },
    usage: async (ref, { days, step }) => usage.read((await find(ref)).id, days, step),
  }
}

const notFound = (name: ConsumerName) => new SteadError('consumer_not_found', `there is no consumer "${name}"`)

function limitsOf(before: Limits, given: SomeLimits): Limits {
  const limits = { ...before }
  for (const name of Object.keys(NO_LIMITS) as (keyof Limits)[]) {
    const limit = given[name]
    if (limit !== undefined) limits[name] = limit
  }
  if (limits.rate === null && limits.burst !== null)
    throw new SteadError(
      'invalid_request',
      'body.limits.burst: a burst is what a rate allows at once; set a rate too',
      {
        where: 'body.limits.burst',
      },
    )
  return limits
}
