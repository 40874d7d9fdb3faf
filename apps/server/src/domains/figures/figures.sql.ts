import { VersionNumber } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { mergeFigures, readFigure } from './figure.ts'
import type { FigureStore, KeptFigure, KeptStep } from './figures.store.ts'
import { ofStep, readSpanSums } from './span-sums.sql.ts'

/** Rows of one statement: each takes six of the 65,535 parameters there may be. */
const BATCH = 1000
/** Rows of one read, so that a long history does not hold up the others. */
const PAGE = 2000

export function sqlFigureStore(kysely: Kysely<Tables>): FigureStore {
  return {
    add: (figures) => kysely.transaction().execute((transaction) => add(transaction, figures)),
    async read(deploymentId, step, from, to) {
      const found: KeptFigure[] = []
      for (let after = { at: from, version: 0 }; ;) {
        const page = await kysely
          .selectFrom('figures')
          .select(['version', 'at', 'document'])
          .where('deployment_id', '=', deploymentId)
          .where(ofStep(step))
          .where(sql<boolean>`(at, version) > (${moment(after.at)}::timestamptz, ${after.version}::integer)`)
          .where('at', '<', moment(to))
          .orderBy('at')
          .orderBy('version')
          .limit(PAGE)
          .execute()
        for (const row of page) found.push(...readRow(deploymentId, step, row))
        const last = page.at(-1)
        if (page.length < PAGE || last === undefined) return found
        after = { at: seconds(last.at), version: last.version }
      }
    },
    sums: (deploymentIds, span) => readSpanSums(kysely, deploymentIds, span),
    async forgetBefore(step, at) {
      await kysely.deleteFrom('figures').where('step', '=', step).where('at', '<', moment(at)).execute()
    },
  }
}

const moment = (at: number) => new Date(at * 1000).toISOString()
const seconds = (instant: string) => Date.parse(instant) / 1000

function readRow(
  deploymentId: string,
  step: KeptStep,
  row: { version: number; at: string; document: unknown },
): KeptFigure[] {
  const figure = readFigure(row.document)
  return figure ? [{ deploymentId, version: VersionNumber.parse(row.version), step, at: seconds(row.at), figure }] : []
}

/** Reads, merges and writes: a step may have been begun before a restart of the server. */
async function add(transaction: Transaction<Tables>, figures: readonly KeptFigure[]): Promise<void> {
  const projects = await lockDeployments(transaction, figures)
  for (let start = 0; start < figures.length; start += BATCH) {
    const batch = figures.slice(start, start + BATCH).filter(({ deploymentId }) => projects.has(deploymentId))
    if (batch.length === 0) continue
    const known = await readKnown(transaction, batch)
    const rows = batch.map((one) => {
      const before = known.get(keyOf(one.deploymentId, one.version, one.step, one.at))
      return {
        deployment_id: one.deploymentId,
        project_id: projects.get(one.deploymentId) ?? '',
        version: one.version,
        step: one.step,
        at: moment(one.at),
        document: before ? mergeFigures(before, one.figure) : one.figure,
      }
    })
    await transaction
      .insertInto('figures')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['deployment_id', 'version', 'step', 'at'])
          .doUpdateSet(({ ref }) => ({ document: ref('excluded.document') })),
      )
      .execute()
  }
}

/** The projects of those deployments that are there, and stay until the commit. */
async function lockDeployments(
  transaction: Transaction<Tables>,
  figures: readonly KeptFigure[],
): Promise<Map<string, string>> {
  const ids = [...new Set(figures.map(({ deploymentId }) => deploymentId))]
  if (ids.length === 0) return new Map()
  const rows = await transaction
    .selectFrom('deployments')
    .select(['id', 'project_id'])
    .where('id', 'in', ids)
    .forKeyShare()
    .execute()
  return new Map(rows.map(({ id, project_id }) => [id, project_id]))
}

async function readKnown(transaction: Transaction<Tables>, batch: readonly KeptFigure[]) {
  const keys = batch.map(
    (one) =>
      sql`(${one.deploymentId}::text, ${one.version}::integer, ${one.step}::integer, ${moment(one.at)}::timestamptz)`,
  )
  const rows = await transaction
    .selectFrom('figures')
    .select(['deployment_id', 'version', 'step', 'at', 'document'])
    .where(sql<boolean>`(deployment_id, version, step, at) in (${sql.join(keys)})`)
    .execute()
  return new Map(
    rows.map((row) => [keyOf(row.deployment_id, row.version, row.step, seconds(row.at)), readFigure(row.document)]),
  )
}

const keyOf = (deploymentId: string, version: number, step: number, at: number) =>
  `${deploymentId} ${version} ${step} ${at}`
