import type { Model, Version } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import type { Platform } from '../connect.ts'
import { UsageError } from '../failures.ts'
import { age, size, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['name?'],
  options: {
    search: {
      takes: 'TEXT',
      says: 'Only models with this in their name or an alias, or with a version of this digest.',
    },
    serving: { says: 'Only models that a deployment serves.' },
  },
  examples: ['stead models', 'stead models --search weather --serving', 'stead models weather'],
  async run({ arguments: { name }, options: { search, serving } }, context) {
    if (name !== undefined && (search !== undefined || serving))
      throw new UsageError('--search and --serving are for the list of models', 'Leave out the name of the model.')
    const platform = await context.connect()
    if (name !== undefined) return tellVersions(name, platform, context)
    const filter = { ...(search === undefined ? {} : { search }), ...(serving ? { serving: 'true' as const } : {}) }
    return tellModels(filter, platform, context)
  },
})

interface Filter {
  readonly search?: string
  readonly serving?: 'true'
}

async function tellModels(filter: Filter, platform: Platform, context: Context): Promise<void> {
  const { listModels: list } = platform.contracts
  const models: Model[] = await everyPage(async (after) => {
    const page = await platform.call(list, { query: { limit: 1000, ...filter, ...after } })
    return { items: page.models, next: page.next }
  })
  if (context.json) return context.document({ models })
  if (models.length === 0) {
    const isWhole = Object.keys(filter).length === 0
    return context.note(
      isWhole ? 'there is no model yet; push one with: stead model push NAME PATH' : 'there is no such model',
    )
  }
  const aliases = (model: Model) =>
    Object.entries(model.aliases)
      .map(([alias, version]) => `${alias}=${version}`)
      .join(' ')
  const rows = models.map((model) => [
    model.name,
    `${model.latestVersion ?? '-'}`,
    `${model.versions}`,
    aliases(model),
    age(model.createdAt, Date.now()),
    model.deployments.join(' '),
    model.description,
  ])
  const head = ['MODEL', 'LATEST', 'VERSIONS', 'ALIASES', 'CREATED', 'SERVES', 'DESCRIPTION']
  context.print(...table(head, rows, context.paint))
}

async function tellVersions(model: string, platform: Platform, context: Context): Promise<void> {
  const { listVersions } = platform.contracts
  const versions: Version[] = await everyPage(async (after) => {
    const page = await platform.call(listVersions, { params: { model }, query: { limit: 1000, ...after } })
    return { items: page.versions, next: page.next }
  })
  if (context.json) return context.document({ model, versions })
  const rows = versions.map((version) => [
    `${version.version}`,
    version.aliases.join(' '),
    version.runtime,
    size(version.size),
    age(version.createdAt, Date.now()),
    version.digest.slice(7, 19),
    version.description,
  ])
  context.print(
    ...table(['VERSION', 'ALIASES', 'RUNTIME', 'SIZE', 'CREATED', 'DIGEST', 'DESCRIPTION'], rows, context.paint),
  )
}

async function everyPage<T>(
  read: (after: { after?: string }) => Promise<{ items: readonly T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = []
  for (let after: { after?: string } | undefined = {}; after;) {
    const { items, next }: { items: readonly T[]; next: string | null } = await read(after)
    all.push(...items)
    after = next === null ? undefined : { after: next }
  }
  return all
}
