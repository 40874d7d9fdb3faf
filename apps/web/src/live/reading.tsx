import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure, Waiting } from '../ui/waiting.tsx'
import { isRefused, sentenceOf } from './failure.ts'

const AGAIN_MS = 5_000

/** A reading on the screen: grey bars until it is there, the failure in its place, old data while newer is read. */
export function Reading<T>({
  of,
  what,
  rows,
  children,
}: {
  of: UseQueryResult<T>
  /** In words, as in "Still reading the engines". */
  what: string
  rows?: number
  children: (data: T) => ReactNode
}) {
  if (of.data !== undefined) return <>{children(of.data)}</>
  if (of.isError)
    return (
      <Failure
        key={of.errorUpdateCount}
        what={what}
        why={sentenceOf(of.error)}
        onRetry={() => void of.refetch()}
        // Who may not read it may not in five seconds either.
        {...(isRefused(of.error) ? {} : { retryInMs: AGAIN_MS })}
      />
    )
  return <Waiting what={what} {...(rows ? { rows } : {})} />
}
