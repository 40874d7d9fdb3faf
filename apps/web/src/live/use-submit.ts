import { SteadError } from '@stead/contracts'
import type { ErrorCode } from '@stead/contracts'
import { useState } from 'react'
import { sentenceOf } from './failure.ts'

/** What was wrong, by the field it is about; `whole` where it is about none. */
export type Problems = Readonly<Record<string, string | undefined>>

/** Carries out what a form asks for, once at a time, and brings a refusal back to its field: the one that the server
 *  names, or the one that the code is about. What was typed stays. */
export function useSubmit(fields: readonly string[], byCode: Partial<Record<ErrorCode, string>> = {}) {
  const [busy, setBusy] = useState(false)
  const [problems, setProblems] = useState<Problems>({})
  const submit = async (wrong: Problems, act: () => Promise<unknown>) => {
    setProblems(wrong)
    if (busy || Object.values(wrong).some((problem) => problem !== undefined)) return
    setBusy(true)
    try {
      await act()
    } catch (error) {
      setProblems(problemsOf(error, fields, byCode))
    }
    setBusy(false)
  }
  const mend = (field: string) => setProblems((before) => ({ ...before, [field]: undefined, whole: undefined }))
  return { busy, problems, submit, mend }
}

function problemsOf(error: unknown, fields: readonly string[], byCode: Partial<Record<ErrorCode, string>>): Problems {
  if (!(error instanceof SteadError)) return { whole: sentenceOf(error) }
  const path = error.where?.replace(/^(body|path|query)\./, '').split('.') ?? []
  const field = path.find((part) => fields.includes(part)) ?? byCode[error.code] ?? 'whole'
  const said = sentenceOf(error)
  return { [field]: error.where !== undefined && field !== 'whole' ? said.replace(`${error.where}: `, '') : said }
}
