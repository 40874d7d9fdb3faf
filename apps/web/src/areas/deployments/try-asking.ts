import { SteadError, tryDeployment } from '@stead/contracts'
import type { Deployment, InferenceRequest, Trial, VersionNumber } from '@stead/contracts'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { tries as words } from '../../strings/tries.ts'
import { rowsOf } from './route-table-rows.ts'

/** Who is asked: a version, or whichever one the route table sends the request to. */
export type Asked = number | 'routed'

export interface Answer {
  readonly asked: Asked
  /** What the runner said, which may be a refusal. */
  readonly trial?: Trial
  /** Why there is no answer, where the server did not pass the request on. */
  readonly failure?: { readonly says: string; readonly where: string | undefined }
}

export interface Answers {
  readonly request: InferenceRequest
  readonly at: number
  readonly answers: readonly Answer[]
}

/** Everyone who can be asked, and those who serve, who are asked unless somebody chooses. */
export function askable(deployment: Deployment): { all: readonly Asked[]; usual: readonly Asked[] } {
  const rows = rowsOf(deployment, [])
  return {
    all: [...rows.map(({ version }) => version), 'routed'],
    usual: rows.filter(({ role }) => role === 'serving').map(({ version }) => version),
  }
}

/** Asks several versions the same, side by side. */
export function useAsking({ project, name }: Deployment) {
  const [answers, setAnswers] = useState<Answers>()
  const [busy, setBusy] = useState(false)
  const ask = async (request: InferenceRequest, whom: readonly Asked[], key: string): Promise<Answers> => {
    setBusy(true)
    const one = async (asked: Asked): Promise<Answer> => {
      const body = {
        request,
        ...(asked === 'routed' ? (key === '' ? {} : { key }) : { version: asked as VersionNumber }),
      }
      try {
        return { asked, trial: await client.call(tryDeployment, { params: { project, deployment: name }, body }) }
      } catch (error) {
        return {
          asked,
          failure: { says: sentenceOf(error), where: error instanceof SteadError ? error.where : undefined },
        }
      }
    }
    const all = { request, at: Date.now(), answers: await Promise.all(whom.map(one)) }
    setAnswers(all)
    setBusy(false)
    return all
  }
  return { answers, busy, ask }
}

/** The runner's own words for a refusal. */
export function refusalOf({ status, answer }: Trial): string | undefined {
  if (status < 400) return undefined
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined
  return typeof error === 'string' ? error : JSON.stringify(answer)
}

export function nameOf({ asked, trial }: Answer): string {
  if (asked !== 'routed') return `v${asked}`
  return trial?.version ? words.routedTo.replace('{version}', String(trial.version)) : words.asRouted
}
