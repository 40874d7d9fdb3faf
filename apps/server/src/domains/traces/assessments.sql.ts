import { Assessment, type TraceId } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { textOf } from './span-facts.ts'
import { holdTrace } from './trace-rows.sql.ts'
import type { AssessmentStore } from './traces.store.ts'

export function sqlAssessmentStore(kysely: Kysely<Tables>): AssessmentStore {
  const holding = <T>(
    projectId: string,
    id: TraceId,
    work: (transaction: Transaction<Tables>, trace: number) => Promise<T>,
  ) => holdTrace(kysely, projectId, id, work)
  return {
    add: (projectId, id, assessment) =>
      holding(projectId, id, async (transaction, trace) => {
        if (assessment.overrides !== null && !(await validate(transaction, trace, assessment.overrides, false)))
          return 'nothing to override' as const
        await insertAssessment(transaction, trace, assessment)
        return 'done' as const
      }),
    async find(projectId, id, assessment) {
      const { rows } = await sql`select ${COLUMNS} from assessments as a join traces as t on t.id = a.trace
        where t.project_id = ${projectId} and t.trace_id = ${id} and a.id = ${assessment}`.execute(kysely)
      return rows[0] === undefined ? undefined : assessmentIn(rows[0])
    },
    async change(projectId, id, assessment, next) {
      const changed = await holding(projectId, id, async (transaction, trace) => {
        const { rows } = await sql`select ${COLUMNS} from assessments as a
          where a.trace = ${trace} and a.id = ${assessment}`.execute(transaction)
        if (rows[0] === undefined) return undefined
        const after = next(assessmentIn(rows[0]))
        await insertAssessment(transaction, trace, after)
        return after
      })
      return changed === 'gone' ? undefined : changed
    },
    remove: (projectId, id, assessment) =>
      holding(projectId, id, async (transaction, trace) => {
        const { rows } = await sql<{ overrides: string | null }>`delete from assessments
          where trace = ${trace} and id = ${assessment} returning overrides`.execute(transaction)
        const overridden = rows[0]?.overrides
        if (typeof overridden === 'string') await validate(transaction, trace, overridden, true)
        return 'done' as const
      }),
  }
}

const COLUMNS = sql`a.document, a.id, a.kind, a.name, a.valid, a.overrides,
  a.created_at as "createdAt", a.updated_at as "updatedAt"`

function assessmentIn(row: unknown): Assessment {
  const { document, ...rest } = row as { document: object }
  return Assessment.parse({ ...document, ...rest })
}

async function validate(
  transaction: Transaction<Tables>,
  trace: number,
  id: string,
  isValid: boolean,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update assessments set valid = ${isValid}
    where trace = ${trace} and id = ${id}`.execute(transaction)
  return Number(numAffectedRows ?? 0) > 0
}

/** In place of the one with its id, where there is one. */
export async function insertAssessment(
  transaction: Transaction<Tables>,
  trace: number,
  { id, kind, name, valid, overrides, createdAt, updatedAt, ...document }: Assessment,
): Promise<void> {
  const { value } = document
  const number = typeof value === 'number' ? value : null
  const row = {
    name,
    value: value === null ? null : textOf(value),
    number,
    valid,
    overrides,
    document,
    updated_at: updatedAt,
  }
  await transaction
    .insertInto('assessments')
    .values({ ...row, trace, id, kind, created_at: createdAt })
    .onConflict((conflict) => conflict.columns(['trace', 'id']).doUpdateSet(row))
    .execute()
}
