import type { ImportParts } from './import-parts.ts'
import { leave } from './import-parts.ts'
import { MlflowRefusal, pagesOf } from './mlflow-client.ts'
import type { MlflowServer } from './mlflow-client.ts'
import { recordOf } from './mlflow-documents.ts'
import type { MlflowModel, MlflowVersion } from './mlflow-documents.ts'

const PROMPTS = "tag.`mlflow.prompt.is_prompt` = 'true'"

export async function importModels(parts: ImportParts): Promise<void> {
  for await (const model of modelsOf(parts.source)) {
    parts.signal.throwIfAborted()
    try {
      await importModel(model, parts)
    } catch (error) {
      leave(parts, 'model', model.name, error)
    }
    parts.onStep()
  }
}

/** Prompts are models, which are listed only where they are asked for; older servers have none. */
async function* modelsOf(source: MlflowServer): AsyncGenerator<MlflowModel, void> {
  const search = (filter: object) =>
    pagesOf<MlflowModel>(
      (page) => source.call('GET', 'registered-models/search', { max_results: 100, ...filter, ...page }),
      'registered_models',
    )
  const told = new Set<string>()
  for await (const model of search({})) {
    told.add(model.name)
    yield model
  }
  try {
    for await (const model of search({ filter: PROMPTS })) if (!told.has(model.name)) yield model
  } catch (error) {
    if (!(error instanceof MlflowRefusal)) throw error
  }
}

async function importModel(found: MlflowModel, parts: ImportParts): Promise<void> {
  const { source, target, journal, summary } = parts
  const { name } = found
  if (journal.has('model', name)) summary.known.model += 1
  else {
    const tags = (found.tags ?? []).map(({ key, value = '' }) => ({ key, value }))
    await target
      .call('POST', 'registered-models/create', { name, description: found.description ?? '', tags })
      .catch(unless('RESOURCE_ALREADY_EXISTS'))
    await journal.done('model', name)
    summary.taken.model += 1
  }
  const versions = await versionsOf(source, found)
  const there = new Map(
    (await versionsOf(target, found)).map((version) => [recordOf(version.tags)[ORIGIN], version.version]),
  )
  const ordered = versions.toSorted((a, b) => Number(a.version) - Number(b.version))
  for (const version of ordered) {
    const id = `${name}/${version.version}`
    const here = journal.noted('version', id) ?? there.get(originOf(version, source))
    if (here !== undefined) {
      // It was made, and what should have noted it was cut off.
      if (!journal.has('version', id)) await journal.done('version', id, here)
      summary.known.version += 1
    } else
      await importVersion(version, parts).catch((error: unknown) =>
        leave(parts, 'version', `${name} ${version.version}`, error),
      )
  }
  await importAliases(name, parts)
}

/** By which an imported version is known again. */
const ORIGIN = 'stead.importedFrom'

const originOf = ({ name, version }: MlflowVersion, source: MlflowServer) => `${source.url}#${name}/${version}`

async function versionsOf(server: MlflowServer, { name, tags }: MlflowModel): Promise<MlflowVersion[]> {
  const mark = name.includes("'") ? '"' : "'"
  const isPrompt = recordOf(tags)['mlflow.prompt.is_prompt'] === 'true'
  const filter = `name = ${mark}${name}${mark}${isPrompt ? ` AND ${PROMPTS}` : ''}`
  const versions: MlflowVersion[] = []
  const pages = pagesOf<MlflowVersion>(
    (page) => server.call('GET', 'model-versions/search', { filter, max_results: 200, ...page }),
    'model_versions',
  )
  for await (const version of pages) versions.push(version)
  return versions
}

/** The source lists no aliases with models: they are told by the model itself. */
async function importAliases(name: string, parts: ImportParts): Promise<void> {
  const { source, target, journal, summary } = parts
  const { registered_model: model } = (await source.call('GET', 'registered-models/get', { name })) as {
    registered_model?: MlflowModel
  }
  for (const { alias, version } of model?.aliases ?? []) {
    const here = journal.noted('version', `${name}/${version}`)
    if (here === undefined) continue
    try {
      await target.call('POST', 'registered-models/alias', { name, alias, version: here })
      summary.taken.alias += 1
    } catch (error) {
      leave(parts, 'alias', `${name}@${alias}`, error)
    }
  }
}

async function importVersion(version: MlflowVersion, parts: ImportParts): Promise<void> {
  const { source, target, journal, summary } = parts
  const { name } = version
  const tags = { ...recordOf(version.tags), [ORIGIN]: originOf(version, source) }
  const wanted = Number(version.version)
  const made = (await createVersion(
    target,
    {
      name,
      source: sourceOf(version, parts),
      run_id: version.run_id || undefined,
      run_link: version.run_link || undefined,
      description: version.description ?? '',
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    },
    wanted,
  )) as { model_version: MlflowVersion }
  const here = made.model_version.version
  if (version.current_stage && version.current_stage !== 'None')
    await target.call('POST', 'model-versions/transition-stage', {
      name,
      version: here,
      stage: version.current_stage,
      archive_existing_versions: false,
    })
  await journal.done('version', `${name}/${version.version}`, here)
  summary.taken.version += 1
  if (Number(here) !== wanted)
    summary.left.push({
      what: 'version',
      name: `${name} ${wanted}`,
      because: `it is version ${here} here: that number was taken`,
    })
}

/** Numbers of versions that were deleted stay free on both sides: what is made under one is removed again. */
async function createVersion(target: MlflowServer, fields: object, wanted: number): Promise<Record<string, unknown>> {
  for (;;) {
    const made = await target.call('POST', 'model-versions/create', fields)
    const { name, version } = made.model_version as MlflowVersion
    if (Number(version) >= wanted) return made
    await deleteVersion(target, name, version)
  }
}

const deleteVersion = async (target: MlflowServer, name: string, version: string) => {
  await target.call('DELETE', 'model-versions/delete', { name, version })
}

/** What the platform has of a version's files are the runs and logged models that it was made of. */
function sourceOf({ source = '', run_id: run }: MlflowVersion, { journal }: ImportParts): string {
  const [, loggedModel] = /(?:^models:\/|\/models\/)(m-[\w-]+)(?:\/|$)/.exec(source) ?? []
  const imported = loggedModel === undefined ? undefined : journal.noted('logged-model', loggedModel)
  if (imported !== undefined) return imported
  const within = run ? `/${run}/artifacts/` : undefined
  if (within === undefined || !source.includes(within) || !journal.has('run', run ?? '')) return source
  return `runs:/${run}/${source.slice(source.indexOf(within) + within.length)}`
}

const unless = (code: string) => (error: unknown) => {
  if (!(error instanceof MlflowRefusal && error.code === code)) throw error
}
