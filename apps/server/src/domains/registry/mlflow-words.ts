import { AliasName, ModelName, ModelStage, SteadError, VersionNumber } from '@stead/contracts'
import { MlflowError } from '../../mlflow/failures.ts'
import { missing } from '../../mlflow/message.ts'
import { checkKey } from '../runs/limits.ts'
import type { ModelCard, VersionCard } from './catalog.store.ts'
import { pushedLocation } from './registry.ts'

/** Models and versions in the words of MLflow's protocol: what clients send, what they are told, and how failures read. */

export function registeredModel({ model, latest }: ModelCard): object {
  const aliases = Object.entries(model.aliases).map(([alias, version]) => ({ alias, version: String(version) }))
  return {
    name: model.name,
    creation_timestamp: Date.parse(model.createdAt),
    last_updated_timestamp: Date.parse(model.updatedAt),
    user_id: model.user,
    description: model.description,
    ...listed('latest_versions', latest.map(modelVersion)),
    ...listed('tags', tagList(model.tags)),
    ...listed('aliases', aliases),
  }
}

export function modelVersion(card: VersionCard): object {
  return {
    name: card.model,
    version: String(card.version),
    creation_timestamp: Date.parse(card.createdAt),
    last_updated_timestamp: Date.parse(card.updatedAt),
    user_id: card.user,
    current_stage: card.stage,
    description: card.description,
    // A bundle that was pushed has its files here.
    source: card.source === '' ? pushedLocation(card.model, card.version) : card.source,
    run_id: card.run ?? '',
    run_link: card.runLink,
    status: 'READY',
    ...listed('tags', tagList(card.tags)),
    ...listed('aliases', card.aliases),
  }
}

const tagList = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([key, value]) => ({ key, value }))

/** Empty lists are left out. */
export const listed = <T>(name: string, list: readonly T[]) => (list.length > 0 ? { [name]: list } : {})

const noModel = (name: string) =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`)
const noVersion = (name: string, version: string) =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`)

/** A name that is asked for. What cannot be one belongs to nothing. */
export function nameIn(text: string): ModelName {
  const name = ModelName.safeParse(text)
  if (!name.success) throw noModel(text)
  return name.data
}

/** A name that is given. */
export function newNameIn(text: string, parameter: 'name' | 'new_name'): ModelName {
  if (text.trim() === '') throw missing(parameter)
  const name = ModelName.safeParse(text)
  if (name.success) return name.data
  if (/[/:]/.test(text)) throw refused(`Invalid model name '${text}'. Names cannot contain '/' or ':'.`)
  throw refused(
    `Invalid value ${JSON.stringify(text)} for parameter '${parameter}' supplied: ${name.error.issues[0]?.message}`,
  )
}

export function versionIn(model: string, text: string): VersionNumber {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw refused(`Parameter 'version' must be an integer, got '${text}'.`)
  const number = VersionNumber.safeParse(text.trim())
  if (!number.success) throw noVersion(model, text)
  return number.data
}

const STAGES = new Map(ModelStage.options.map((stage) => [stage.toLowerCase(), stage]))

export function stageIn(text: string): ModelStage {
  const stage = STAGES.get(text.toLowerCase())
  if (stage) return stage
  throw refused(`Invalid Model Version stage: ${text}. Value must be one of ${ModelStage.options.join(', ')}.`)
}

export function aliasIn(text: string): AliasName {
  if (text.length > 255) throw refused("'Registered model alias name' exceeds the maximum length of 255 characters")
  const alias = AliasName.safeParse(text)
  if (alias.success) return alias.data
  if (/^v\d+$/i.test(text)) throw refused(`Version alias name '${text}' is reserved.`)
  throw refused(`Invalid alias name: '${text}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`)
}

export const isLatest = (alias: string): boolean => alias.toLowerCase() === 'latest'

export function newAliasIn(text: string): AliasName {
  if (isLatest(text)) throw refused("'latest' alias name (case insensitive) is reserved.")
  return aliasIn(text)
}

const LONGEST_TAG = 100_000

export interface GivenTag {
  readonly key: string
  readonly value?: string | undefined
}

export function tagIn({ key, value = '' }: GivenTag): [string, string] {
  checkKey(key, 'key')
  if (value.length > LONGEST_TAG)
    throw refused(
      key === 'mlflow.prompt.text'
        ? `Prompt text exceeds max length of ${LONGEST_TAG} characters.`
        : `'value' exceeds the maximum length of ${LONGEST_TAG} characters`,
    )
  return [key, value]
}

/** Of a tag that is given twice the last counts. */
export const tagsIn = (tags: readonly GivenTag[] = []): Record<string, string> => Object.fromEntries(tags.map(tagIn))

export const latestNotFound = (name: string) =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', `Latest version not found for model ${name}.`)

/** Failures of our own as this protocol tells them. Whoever asks for a version hears of the version. */
export async function inMlflowWords<T>(about: { name: string; version?: string }, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof SteadError)) throw error
    // A version or a model that a source names is another.
    if (error.where === 'source') throw error
    const { name, version } = about
    if (error.code === 'version_not_found' || (error.code === 'model_not_found' && version !== undefined))
      throw noVersion(name, version ?? '')
    throw error.code === 'model_not_found' ? noModel(name) : error
  }
}

const refused = (message: string) => new MlflowError('INVALID_PARAMETER_VALUE', message)
