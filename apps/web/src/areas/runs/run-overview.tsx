import { changeRun } from '@stead/contracts'
import type { Run } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useMay } from '../../frame/may.ts'
import { WithSide } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { run as words } from '../../strings/run.ts'
import { measure } from '../../ui/plot/measure.ts'
import { Description, NOTE_TAG } from './description.tsx'
import { KeyedTable } from './keyed-table.tsx'
import type { KeyedRow } from './keyed-rows.ts'
import { isSystem } from './metric-groups.ts'
import { RunChildren } from './run-children.tsx'
import { RunDatasets } from './run-datasets.tsx'
import { RunFacts } from './run-facts.tsx'
import { RunMade } from './run-made.tsx'
import { useRunReading } from './run-page.tsx'
import { runKey } from './runs.queries.ts'
import { TagsPanel } from './tags-panel.tsx'
import type { TagChange } from './tags-panel.tsx'

/** What a run was given and what came of it, on one page. */
export function RunOverview() {
  const run = useRunReading().data
  const { because } = useMay('run.change')
  const setTags = useSetTags(run)
  const metrics = useMemo(() => metricRows(run), [run])
  const params = useMemo(() => Object.entries(run?.params ?? {}).map(([key, text]): KeyedRow => ({ key, text })), [run])
  if (!run) return null
  return (
    <WithSide
      side={
        <>
          <RunFacts run={run} />
          <RunMade run={run} />
          <TagsPanel name={run.name} tags={run.tags} because={because} onChange={setTags} />
        </>
      }
    >
      <Description
        key={run.id}
        text={run.tags[NOTE_TAG] ?? ''}
        because={because}
        onSave={(text) => setTags({ [NOTE_TAG]: text === '' ? null : text })}
      />
      <KeyedTable
        title={words.metrics}
        search={words.searchMetrics}
        none={words.noMetrics}
        rows={metrics}
        show={measured}
        figures
      />
      <KeyedTable title={words.params} search={words.searchParams} none={words.noParams} rows={params} />
      <RunDatasets run={run} />
      <RunChildren run={run} />
    </WithSide>
  )
}

const measured = ({ text }: KeyedRow) => <span title={text}>{measure(Number(text))}</span>

/** What the machine did stands in its own tab. */
const metricRows = (run: Run | undefined): KeyedRow[] =>
  Object.entries(run?.metrics ?? {})
    .filter(([key]) => !isSystem(key))
    .map(([key, { value, step }]) => ({ key, text: String(value), step }))

function useSetTags(run: Run | undefined): (change: TagChange) => Promise<void> {
  const project = useProject()
  const queries = useQueryClient()
  return async (change) => {
    if (!run) return
    const after = await client.call(changeRun, { params: { project, run: run.id }, body: { tags: change } })
    queries.setQueryData(runKey(project, run.id), after)
  }
}
