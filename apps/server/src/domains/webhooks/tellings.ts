import { type Event, WEBHOOK_EVENTS, type WebhookEvent } from '@stead/contracts'
import type { Subject, Telling } from './webhooks.store.ts'

/** What webhooks are told of events of the registry, in the words of MLflow's webhooks. */

/** Kinds of events that webhooks can be told of. */
export const TOLD_KINDS = [
  'model.created',
  'model.tag-set',
  'model.tag-deleted',
  'version.created',
  'version.tag-set',
  'version.tag-deleted',
  'alias.set',
  'alias.deleted',
] as const

const PROMPT_TEXT = 'mlflow.prompt.text'

/** The model and version that an event is about, by its subject: `weather`, `weather/8`, `weather@champion`. */
export function subjectOf({ kind, subject }: Pick<Event, 'kind' | 'subject'>): {
  model: string
  version: number | undefined
  alias: string | undefined
} {
  const mark = kind.startsWith('version.') ? '/' : kind.startsWith('alias.') ? '@' : undefined
  const at = mark === undefined ? -1 : subject.lastIndexOf(mark)
  if (at === -1) return { model: subject, version: undefined, alias: undefined }
  const [model, rest] = [subject.slice(0, at), subject.slice(at + 1)]
  return mark === '/' ? { model, version: Number(rest), alias: undefined } : { model, version: undefined, alias: rest }
}

/** Undefined where there is nothing to tell: tags of registered models, for one, are told of for prompts alone. */
export function tellingOf(event: Event, about: Subject): Telling | undefined {
  const { model: name, version, alias } = subjectOf(event)
  const { key, value, version: aimed } = event.document
  const ofVersion = { name, version: String(version) }
  const said = (named: string, data: Record<string, unknown>): Telling | undefined => {
    const told = nameOf(named, about.isPrompt)
    return told && { event: told, data }
  }
  switch (event.kind) {
    case 'model.created':
      return said('registered_model.created', {
        name,
        tags: about.model?.tags ?? {},
        description: about.model?.description ?? '',
      })
    case 'model.tag-set':
      return about.isPrompt ? said('prompt_tag.set', { name, key, value }) : undefined
    case 'model.tag-deleted':
      return about.isPrompt ? said('prompt_tag.deleted', { name, key }) : undefined
    case 'version.created':
      return said('model_version.created', { ...ofVersion, ...versionTold(about) })
    case 'version.tag-set':
      return said('model_version_tag.set', { ...ofVersion, key, value })
    case 'version.tag-deleted':
      return said('model_version_tag.deleted', { ...ofVersion, key })
    case 'alias.set':
      return said('model_version_alias.created', { name, alias, version: JSON.stringify(aimed) })
    case 'alias.deleted':
      return said('model_version_alias.deleted', { name, alias })
    default:
      return undefined
  }
}

function versionTold({ isPrompt, version }: Subject): Record<string, unknown> {
  const { source = '', run = null, description = '', tags = {} } = version ?? {}
  return isPrompt
    ? { template: tags[PROMPT_TEXT] ?? '', tags, description }
    : { source, run_id: run, tags, description }
}

const PROMPT_NAMES: Readonly<Record<string, string>> = {
  registered_model: 'prompt',
  model_version: 'prompt_version',
  model_version_tag: 'prompt_version_tag',
  model_version_alias: 'prompt_alias',
}

function nameOf(named: string, isPrompt: boolean): WebhookEvent | undefined {
  const [entity = '', action = ''] = named.split('.')
  const name = `${(isPrompt && PROMPT_NAMES[entity]) || entity}.${action}`
  return WEBHOOK_EVENTS.find((event) => event === name)
}

/** What is sent: the same bytes at every attempt. */
export function bodyOf({ event, data }: Telling, at: string): string {
  const [entity, action] = event.split('.')
  return JSON.stringify({ entity, action, timestamp: at, data })
}

/** To try a webhook with. */
export function exampleOf(event: WebhookEvent): Telling {
  const isPrompt = event.startsWith('prompt')
  const of = { name: isPrompt ? 'example_prompt' : 'example_model' }
  const described = { tags: { example_key: 'example_value' }, description: 'An example' }
  const [entity = '', action = ''] = event.split('.')
  if (entity === 'registered_model' || entity === 'prompt') return { event, data: { ...of, ...described } }
  if (entity === 'model_version')
    return { event, data: { ...of, version: '1', source: 'models:/123', run_id: 'abcd1234abcd5678', ...described } }
  if (entity === 'prompt_version')
    return { event, data: { ...of, version: '1', template: 'Hello {{name}}!', ...described } }
  if (entity.endsWith('_alias'))
    return { event, data: { ...of, alias: 'example_alias', ...(action === 'created' ? { version: '1' } : {}) } }
  const version = entity === 'prompt_tag' ? {} : { version: '1' }
  const value = action === 'set' ? { value: 'example_value' } : {}
  return { event, data: { ...of, ...version, key: 'example_key', ...value } }
}
