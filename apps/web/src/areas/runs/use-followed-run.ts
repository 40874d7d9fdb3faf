import type { Run } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useChangedRuns } from '../../live/live.tsx'
import { readings } from '../../live/stale.ts'

/** Keeps a run fresh while it is on the screen. */
export function useFollowedRun(project: string, run: Run | undefined): void {
  const queries = useQueryClient()
  const id = run?.id
  const hear = useCallback(
    ({ runs }: { readonly runs: readonly string[] }) => {
      // An experiment that changed as a whole is told without runs.
      if (id !== undefined && (runs.length === 0 || runs.includes(id)))
        void queries.invalidateQueries({ queryKey: readings.run(project, id) })
    },
    [queries, project, id],
  )
  useChangedRuns(project, run?.experiment, hear)
}
