import { randomUUID } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { type Assessment, type ProjectName, SteadError, type TraceId } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import { missing } from './traces.ts'
import type { AssessmentStore } from './traces.store.ts'

export type NewAssessment = Omit<Assessment, 'id' | 'valid' | 'createdAt' | 'updatedAt'> &
  Partial<Pick<Assessment, 'createdAt' | 'updatedAt'>>
/** What is to be another; metadata are merged. */
export type AssessmentChange = { readonly [K in 'name' | 'rationale']?: Assessment[K] | undefined } & {
  readonly metadata?: Assessment['metadata'] | undefined
  /** Of which kind it must be, for a value of one kind fits no other. */
  readonly value?: Pick<Assessment, 'kind' | 'value' | 'error'> | undefined
}

/** What is said of traces: feedback, expectations, issues. */
export interface Assessments {
  add(project: ProjectName, trace: TraceId, assessment: NewAssessment): Promise<Assessment>
  get(project: ProjectName, trace: TraceId, id: string): Promise<Assessment>
  change(project: ProjectName, trace: TraceId, id: string, change: AssessmentChange): Promise<Assessment>
  /** One that is gone already is no failure. */
  remove(project: ProjectName, trace: TraceId, id: string): Promise<void>
}

interface AssessmentParts {
  readonly store: AssessmentStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly traces: { find(projectId: string, ids: readonly TraceId[]): Promise<readonly unknown[]> }
  readonly clock: Pick<Clock, 'now'>
}

export const completed = (assessment: NewAssessment, now: number): Assessment => ({
  createdAt: now,
  updatedAt: now,
  ...assessment,
  id: `a-${randomUUID().replaceAll('-', '')}`,
  valid: true,
})

export function createAssessments({ store, projects, traces, clock }: AssessmentParts): Assessments {
  const now = () => clock.now().getTime()

  async function absent(projectId: string, trace: TraceId, id: string): Promise<never> {
    if ((await traces.find(projectId, [trace])).length === 0)
      throw new SteadError('trace_not_found', `Trace with request_id '${trace}' not found`)
    throw new SteadError('assessment_not_found', `Assessment with ID '${id}' not found for trace '${trace}'`)
  }

  return {
    async add(project, trace, given) {
      const projectId = await projects.idOf(project)
      const assessment = completed(given, now())
      const outcome = await store.add(projectId, trace, assessment)
      if (outcome === 'gone') missing(trace)
      if (outcome === 'nothing to override') await absent(projectId, trace, assessment.overrides ?? '')
      return assessment
    },
    async get(project, trace, id) {
      const projectId = await projects.idOf(project)
      return (await store.find(projectId, trace, id)) ?? absent(projectId, trace, id)
    },
    async change(project, trace, id, { value, metadata = {}, ...change }) {
      const projectId = await projects.idOf(project)
      const changed = await store.change(projectId, trace, id, (before) => {
        if (value !== undefined && value.kind !== before.kind) throw otherKind(value.kind, before.kind)
        const given = Object.fromEntries(Object.entries(change).filter(([, told]) => told !== undefined))
        return {
          ...before,
          ...given,
          ...value,
          metadata: { ...before.metadata, ...metadata },
          updatedAt: Math.max(now(), before.updatedAt),
        }
      })
      return changed ?? absent(projectId, trace, id)
    },
    async remove(project, trace, id) {
      if ((await store.remove(await projects.idOf(project), trace, id)) === 'gone') missing(trace)
    },
  }
}

const titled = (kind: Assessment['kind']) =>
  kind === 'expectation' ? 'an Expectation' : kind === 'issue' ? 'an Issue' : 'a Feedback'

const otherKind = (wanted: Assessment['kind'], there: Assessment['kind']) =>
  new SteadError('invalid_request', `Cannot update ${wanted} value on ${titled(there)} assessment.`, { where: wanted })
