import { missing, optional, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Assessments } from './assessments.ts'
import { assessmentChangeIn, assessmentIn, assessmentOut, traceId } from './traces.wire.ts'

export function serveAssessmentsToMlflow(mount: MlflowMount, assessments: Assessments): void {
  const all = { path: 'traces/:trace_id/assessments', versions: ['3.0'] } as const
  const one = { path: 'traces/:trace_id/assessments/:assessment_id', versions: ['3.0'] } as const
  const named = { trace_id: required('string'), assessment_id: required('string') }
  mount(
    { ...all, act: 'trace.log', method: 'POST', takes: { trace_id: required('string'), assessment: required('any') } },
    async (input, { project }) => {
      const trace = traceId('trace_id', input.trace_id)
      return { assessment: assessmentOut(trace, await assessments.add(project, trace, assessmentIn(input.assessment))) }
    },
  )
  mount({ ...one, act: 'trace.get', method: 'GET', takes: named }, async (input, { project }) => {
    const trace = traceId('trace_id', input.trace_id)
    return { assessment: assessmentOut(trace, await assessments.get(project, trace, input.assessment_id)) }
  })
  mount(
    {
      ...one,
      act: 'trace.log',
      method: 'PATCH',
      takes: { ...named, assessment: required('any'), update_mask: optional('any') },
    },
    async (input, { project }) => {
      const trace = traceId('trace_id', input.trace_id)
      const change = assessmentChangeIn(input.assessment, maskIn(input.update_mask))
      return { assessment: assessmentOut(trace, await assessments.change(project, trace, input.assessment_id, change)) }
    },
  )
  mount({ ...one, act: 'trace.log', method: 'DELETE', takes: named }, async (input, { project }) => {
    await assessments.remove(project, traceId('trace_id', input.trace_id), input.assessment_id)
    return {}
  })
}

/** `feedback,assessmentName`, as protobuf writes a mask in JSON, or `{ paths: [...] }`. */
function maskIn(mask: unknown): string[] {
  const paths =
    typeof mask === 'string'
      ? mask.split(',')
      : typeof mask === 'object' && mask !== null && 'paths' in mask && Array.isArray(mask.paths)
        ? mask.paths.map(String)
        : []
  const named = paths.filter((path) => path !== '')
  if (named.length === 0) throw missing('update_mask')
  return named.map((path) => path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}
