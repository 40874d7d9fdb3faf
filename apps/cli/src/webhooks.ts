import type { CallOf, createWebhook, DeliveryAttempt, Webhook } from '@stead/contracts'
import type { Context, OptionSpecs } from './command.ts'
import type { Platform } from './connect.ts'
import { Failure, UsageError } from './failures.ts'

type Asked = CallOf<typeof createWebhook>['body']

export const EVENTS_OPTION = {
  takes: 'LIST',
  many: true,
  says: 'What to tell of, with commas between, like registered_model.created,model_version.created; "all" is all there is.',
} as const

export const SECRET_OPTIONS = {
  'secret-stdin': { says: 'The secret that signs deliveries is the first line of standard input.' },
  'no-secret': { says: 'Deliveries are not signed.' },
} as const satisfies OptionSpecs

/** Names of events, from one option with commas or from several. */
export function eventsFrom(given: readonly string[], { contracts }: Platform): Asked['events'] {
  const known = contracts.WEBHOOK_EVENTS
  const names = given.flatMap((list) => list.split(',')).map((name) => name.trim())
  if (names.includes('all')) return [...known]
  return [...new Set(names)].map((name) => {
    const event = known.find((one) => one === name)
    if (event === undefined)
      throw new UsageError(`"${name}" is no event that webhooks are told of`, `There are: ${known.join(', ')}`)
    return event
  })
}

/** The secret as asked for, `null` for none, undefined where nothing was said of it. It is never an argument, which other
 *  users of the machine could read. */
export async function secretFrom(
  options: { readonly 'secret-stdin': boolean; readonly 'no-secret': boolean },
  question: string | undefined,
  { terminal, json }: Context,
): Promise<string | null | undefined> {
  if (options['secret-stdin'] && options['no-secret'])
    throw new UsageError('either --secret-stdin or --no-secret, not both')
  if (options['no-secret']) return null
  if (options['secret-stdin']) {
    const [line] = (await terminal.readInput()).split(/\r?\n/, 1)
    if (line) return line
    throw new UsageError('standard input holds no secret', 'Give it as the first line, or leave --secret-stdin out.')
  }
  if (question === undefined || json || !terminal.askSecretly) return undefined
  return (await terminal.askSecretly(question)) || null
}

/** One by its id or its name. Names need not be unique, as with MLflow: where several have it, the id decides. */
export async function findWebhook(platform: Platform, given: string): Promise<Webhook> {
  const { webhooks } = await platform.call(platform.contracts.listWebhooks, {})
  const byId = webhooks.find(({ id }) => id === given)
  if (byId) return byId
  const named = webhooks.filter(({ name }) => name === given)
  const [first] = named
  if (first && named.length === 1) return first
  if (!first) throw new Failure(`there is no webhook "${given}" in this project`, 'See: stead webhooks')
  throw new Failure(
    `${named.length} webhooks are named "${given}"`,
    `Use an id: ${named.map(({ id }) => id).join(', ')}`,
  )
}

/** `answered 200 after 12 ms`, or why there was no answer. */
export const attemptText = ({ status, error, took }: DeliveryAttempt): string =>
  status === null ? (error ?? 'no answer') : `answered ${status} after ${took} ms`
