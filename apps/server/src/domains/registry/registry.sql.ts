import { randomUUID } from 'node:crypto'
import { Digest, type Event, type ModelName, SteadError, Version, VersionNumber } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isForeignKeyViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { holdArtifacts } from '../artifacts/artifacts.sql.ts'
import { recordChange } from '../audit/record.sql.ts'
import { removeAlias, setAlias } from './alias-rows.sql.ts'
import { countModels, passing, readModels } from './model-rows.sql.ts'
import type { NewVersion, Origin, PageOf, RegistryStore } from './registry.store.ts'
import { tellLoggedModel } from './logged-model-link.sql.ts'
import { addTags, touchModel } from './tag-rows.sql.ts'
import { versionRows } from './version-rows.sql.ts'

type Db = Kysely<Tables>

export function sqlRegistryStore(kysely: Db): RegistryStore {
  return {
    async findModel(projectId, model) {
      const named = sql<boolean>`models.project_id = ${projectId} and models.name = ${model}`
      return (await readModels(kysely, named, { limit: 1 }))[0]
    },
    async listModels(projectId, { after, limit, ...filter }) {
      const all = passing(projectId, filter)
      const models = await readModels(kysely, all, { after, limit: limit + 1 })
      const page = pageOf(models, limit, (last) => last.name)
      // A first page that is the last has counted them.
      const isWhole = after === undefined && page.next === null
      return { ...page, total: isWhole ? page.items.length : await countModels(kysely, all) }
    },
    removeModel: (projectId, model, actor) =>
      removal(kysely, async (transaction) => {
        const row = await transaction
          .deleteFrom('models')
          .where('project_id', '=', projectId)
          .where('name', '=', model)
          .returning(['description', 'last_version as lastVersion'])
          .executeTakeFirst()
        return (
          row && recordChange(transaction, { projectId, kind: 'model.deleted', subject: model, actor, before: row })
        )
      }),
    async findVersion(projectId, model, version) {
      const row = await versionRows(kysely, projectId, model).where('versions.number', '=', version).executeTakeFirst()
      return row && Version.parse(row)
    },
    async findLocation(projectId, model, version) {
      const row = await kysely
        .selectFrom('versions')
        .innerJoin('models', 'models.id', 'versions.model_id')
        .select('versions.location')
        .where('models.project_id', '=', projectId)
        .where('models.name', '=', model)
        .where('versions.number', '=', version)
        .executeTakeFirst()
      return row?.location
    },
    async listVersions(projectId, model, { after, limit }) {
      const rows = await versionRows(kysely, projectId, model)
        .where('versions.number', '<', after === undefined ? 2 ** 31 - 1 : numberIn(after))
        .orderBy('versions.number', 'desc')
        .limit(limit + 1)
        .execute()
      return pageOf(
        rows.map((row) => Version.parse(row)),
        limit,
        (last) => String(last.version),
      )
    },
    addVersion: (projectId, model, version, ifNew, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const made = await addVersion(transaction, { projectId, model, actor }, version, { ifNew, makesModel: true })
        return made ?? Promise.reject(new Error(`the model "${model}" went while a version of it was made`))
      }),
    addVersionTo: (projectId, model, version, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const made = await addVersion(transaction, { projectId, model, actor }, version, {})
        const event = made?.events.at(-1)
        return made && event && { version: made.version, event }
      }),
    removeVersion: (projectId, model, version, actor) =>
      removal(kysely, async (transaction) => {
        const row = await transaction
          .deleteFrom('versions')
          .using('models')
          .whereRef('models.id', '=', 'versions.model_id')
          .where('models.project_id', '=', projectId)
          .where('models.name', '=', model)
          .where('versions.number', '=', version)
          .returning(['versions.digest', 'versions.runtime', 'versions.files', 'versions.provenance'])
          .executeTakeFirst()
        if (!row) return undefined
        await touchModel(transaction, projectId, model)
        const { digest, ...before } = row
        const subject = `${model}/${version}`
        const change = { projectId, kind: 'version.deleted', subject, actor, digest: Digest.parse(digest), before }
        return recordChange(transaction, change)
      }),
    async findAlias(projectId, model, alias) {
      const row = await kysely
        .selectFrom('aliases')
        .innerJoin('models', 'models.id', 'aliases.model_id')
        .select('aliases.version_number')
        .where('models.project_id', '=', projectId)
        .where('models.name', '=', model)
        .where('aliases.alias', '=', alias)
        .executeTakeFirst()
      return row && VersionNumber.parse(row.version_number)
    },
    setAlias: (projectId, model, alias, version, actor) =>
      setAlias(kysely, { projectId, model, alias, actor }, version),
    removeAlias: (projectId, model, alias, actor) => removeAlias(kysely, { projectId, model, alias, actor }),
  }
}

async function addVersion(
  transaction: Transaction<Tables>,
  { projectId, model, actor }: { projectId: string; model: ModelName; actor: string },
  version: NewVersion,
  { ifNew = false, makesModel = false },
): Promise<{ version: Version; events: readonly Event[] } | undefined> {
  const user = userOf(actor)
  const newModel =
    makesModel &&
    (await transaction
      .insertInto('models')
      .values({ id: randomUUID(), project_id: projectId, name: model, user_name: user })
      .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
      .returning('id')
      .executeTakeFirst())
  // The model's row is the queue for numbers: whoever holds it is the only one to add a version.
  const row = await transaction
    .selectFrom('models')
    .select(['id', 'last_version'])
    .where('project_id', '=', projectId)
    .where('name', '=', model)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return undefined
  const { id, last_version } = row
  const known = versionRows(transaction, projectId, model)
  if (ifNew) {
    const same = await known
      .where('versions.digest', '=', version.digest)
      .orderBy('versions.number', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (same) return { version: Version.parse(same), events: [] }
  }
  await holdFiles(transaction, projectId, version.files)
  const number = last_version + 1
  const now = sql<string>`now()`
  await transaction.updateTable('models').set({ last_version: number, updated_at: now }).where('id', '=', id).execute()
  const versionId = randomUUID()
  const { origin } = version
  await transaction
    .insertInto('versions')
    .values({
      id: versionId,
      model_id: id,
      project_id: projectId,
      number,
      digest: version.digest,
      runtime: version.runtime,
      signature: version.signature,
      files: version.files,
      size: version.files.reduce((sum, file) => sum + file.size, 0),
      provenance: version.provenance,
      description: version.description,
      ...(origin ? originColumns(origin) : {}),
      user_name: user,
    })
    .execute()
  await addTags(transaction, { table: 'version_tags', id: versionId, projectId }, origin?.tags ?? {})
  const made = await known.where('versions.number', '=', number).executeTakeFirstOrThrow()
  if (origin?.loggedModel) await tellLoggedModel(transaction, projectId, origin.loggedModel, { model, number })
  const { digest, runtime, files, provenance } = version
  const after = { runtime, files, provenance, ...(origin ? { source: origin.source, run: origin.run } : {}) }
  const change = { projectId, kind: 'version.created', subject: `${model}/${number}`, actor, digest, after }
  const events = newModel ? [await recordNewModel(transaction, { projectId, model, actor })] : []
  return { version: Version.parse(made), events: [...events, await recordChange(transaction, change)] }
}

/** As one that is made without a version. */
const recordNewModel = (
  transaction: Transaction<Tables>,
  { projectId, model, actor }: { projectId: string; model: ModelName; actor: string },
) => {
  const after = { description: '', tags: {} }
  return recordChange(transaction, { projectId, kind: 'model.created', subject: model, actor, after })
}

/** What was there a moment ago may have been collected since. */
async function holdFiles(transaction: Transaction<Tables>, projectId: string, files: NewVersion['files']) {
  const held = await holdArtifacts(
    transaction,
    projectId,
    files.map(({ digest }) => digest),
  )
  const gone = files.find(({ digest }) => !held.has(digest))
  if (gone) throw new SteadError('artifact_not_found', `"${gone.path}": there is no artifact ${gone.digest}`)
}

const originColumns = (origin: Origin) => ({
  source: origin.source,
  location: origin.location,
  run_id: origin.run,
  run_link: origin.runLink,
  logged_model_id: origin.loggedModel,
})

/** Whoever is on the machine of an open installation has no name that would tell anything. */
export const userOf = (actor: string): string => (actor === 'local' ? '' : actor)

async function removal(
  kysely: Db,
  remove: (transaction: Transaction<Tables>) => Promise<Event | undefined>,
): Promise<Event | 'absent' | 'held'> {
  try {
    return (await kysely.transaction().execute(remove)) ?? 'absent'
  } catch (error) {
    if (isForeignKeyViolation(error)) return 'held'
    throw error
  }
}

/** One row more than asked for tells whether there is another page. */
function pageOf<T>(rows: T[], limit: number, keyOf: (last: T) => string): PageOf<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? keyOf(last) : null }
}

function numberIn(after: string): number {
  if (/^\d{1,10}$/.test(after)) return Math.min(Number(after), 2 ** 31 - 1)
  throw new SteadError('invalid_request', 'query.after: not the end of a page of versions', { where: 'query.after' })
}
