import type { ProjectName, RunRow } from '@stead/contracts'
import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { comparison as words } from '../../strings/comparison.ts'
import { runQuery, versionsOfRunQuery } from '../runs/runs.queries.ts'
import { comparedRow } from './comparison-rows.ts'
import type { ComparedRow } from './comparison-rows.ts'

/** Each takes two readings of its own. */
const MOST = 12
const NONE: readonly ComparedRow[] = []

/** The data that some runs read, and what was registered of them. */
export function useMadeRows(project: ProjectName, runs: readonly RunRow[]): readonly ComparedRow[] {
  const asked = runs.length <= MOST ? runs : []
  const datasets = useQueries({
    queries: asked.map(({ id }) => runQuery(project, id)),
    combine: (all) =>
      all.map(({ data }) => data?.datasets.map(({ name, digest }) => `${name}@${digest}`).join(', ') ?? '').join('\n'),
  })
  const versions = useQueries({
    queries: asked.map(({ id }) => versionsOfRunQuery(project, id)),
    combine: (all) =>
      all
        .map(({ data }) => data?.versions.map(({ model, version }) => `${model} v${version}`).join(', ') ?? '')
        .join('\n'),
  })
  const count = asked.length
  return useMemo(() => {
    if (count === 0) return NONE
    const row = (key: string, lines: string) =>
      comparedRow(
        'made',
        key,
        lines.split('\n').map((line) => (line === '' ? undefined : line)),
      )
    return [row(words.datasets, datasets), row(words.registered, versions)].filter(({ values }) =>
      values.some((value) => value !== undefined),
    )
  }, [count, datasets, versions])
}
