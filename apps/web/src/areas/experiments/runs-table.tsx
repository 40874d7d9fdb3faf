import type { ExperimentSummary } from '@stead/contracts'
import { useEffect } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { tell } from '../../ui/toast.tsx'
import { Empty, Failure, Waiting } from '../../ui/waiting.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { allMatching } from './bulk.ts'
import type { UnreadKeys } from './column-picker.tsx'
import { compressColumns } from './columns.ts'
import type { KnownKeys } from './columns.ts'
import { complaintOf } from './complaint.ts'
import { FilterBar } from './filter-bar.tsx'
import { sortedBy } from './look.ts'
import { NoRuns } from './no-runs.tsx'
import { MAIN } from './run-store.ts'
import { RunsGrid } from './runs-grid.tsx'
import css from './runs-page.module.css'
import { TableFoot } from './table-foot.tsx'
import { TableTools } from './table-tools.tsx'
import { JUDGED_BY } from './use-columns.ts'
import { useExport } from './use-export.ts'
import type { LookInUse } from './use-look.ts'
import { askedOf } from './use-runs.ts'
import { failureOf, useTable } from './use-table.ts'
import type { TableInUse } from './use-table.ts'

const AGAIN_MS = 5_000
const MOST_SELECTED = 10_000

/** The table with everything around it: what is asked above, what matches below. */
export function RunsTable({
  experiment,
  known,
  newest,
  unread,
  inUse,
  onSeen,
}: {
  experiment: ExperimentSummary
  known: KnownKeys
  /** Of the newest runs alone: by them it is chosen what is shown before anybody has chosen. */
  newest: KnownKeys
  unread: UnreadKeys | undefined
  inUse: LookInUse
  /** The first rows are there. */
  onSeen: () => void
}) {
  const { look, change } = inUse
  const table = useTable(experiment, { known, newest }, inUse)
  const isSeen = table.groups ? !table.groups.isPending : table.main?.isOld === false || failureOf(table) !== undefined
  useEffect(() => {
    if (isSeen) onSeen()
  }, [isSeen, onSeen])
  const csv = useExport(experiment, table.columns)
  return (
    <>
      <div className={css.tools}>
        <FilterBar
          experiment={experiment.id}
          value={look.filter}
          known={known}
          complaint={complaintOf(failureOf(table))}
          onChange={(filter) => change({ filter })}
        />
        <TableTools
          experiment={experiment.id}
          known={known}
          unread={unread}
          inUse={inUse}
          shown={table.chosen}
          judgedBy={Math.min(JUDGED_BY, table.ids.length)}
          onColumns={(columns) => change({ cols: columns && compressColumns(columns, known) })}
          onExport={() => void csv(askedOf(look))}
        />
      </div>
      <Panel label={say(words.table, { experiment: experiment.name })} className={css.table ?? ''}>
        <Content experiment={experiment} inUse={inUse} table={table} />
        <TableFoot
          look={look}
          total={table.total}
          groups={table.groups?.data}
          read={table.groups ? undefined : table.main?.ids.length}
          isNested={table.isNested}
          fresh={table.fresh}
          onFresh={table.readAgain}
        />
      </Panel>
      <Selected experiment={experiment} inUse={inUse} table={table} onExport={csv} />
    </>
  )
}

interface PartProps {
  readonly experiment: ExperimentSummary
  readonly inUse: LookInUse
  readonly table: TableInUse
}

function Content({ experiment, inUse, table }: PartProps) {
  const { look, change } = inUse
  const { store, groups, main, pins } = table
  const failure = failureOf(table)
  const isUnread = groups ? groups.data === undefined : main === undefined || (main.isOld && main.ids.length === 0)
  if (isUnread && complaintOf(failure))
    return (
      <Empty
        title={words.filterWrong}
        says={words.filterWrongSays}
        act={<Button onClick={() => change({ filter: '' })}>{words.clearFilter}</Button>}
      />
    )
  if (isUnread && failure)
    return (
      <Failure
        key={groups?.errorUpdateCount}
        what={words.what}
        why={sentenceOf(failure)}
        retryInMs={AGAIN_MS}
        onRetry={() => (groups ? void groups.refetch() : store.more(MAIN))}
      />
    )
  if (isUnread) return <Waiting what={words.what} rows={10} />
  const isEmpty = groups ? groups.data?.groups.length === 0 : main?.isOld === false && main.ids.length === 0
  if (isEmpty && pins.length === 0) return <NoRuns experiment={experiment.id} look={look} onLook={change} />
  return <Grid experiment={experiment} inUse={inUse} table={table} />
}

function Grid({ experiment, inUse: { look, change }, table }: PartProps) {
  const { ids, groups, main, selection } = table
  const isAll = ids.length > 0 && ids.every((run) => selection.selected.has(run))
  return (
    <RunsGrid
      label={say(words.table, { experiment: experiment.name })}
      project={table.project}
      store={table.store}
      rows={table.rows}
      columns={table.columns}
      sort={look.sort}
      onSort={(by, isMore) => change({ sort: sortedBy(look.sort, by, isMore, isHighFirst(by)) })}
      scales={table.scales}
      selected={selection.selected}
      chosen={isAll ? 'all' : selection.selected.size > 0 ? 'some' : 'none'}
      onChooseAll={() => (isAll ? selection.clear() : selection.set(ids))}
      pins={table.pins}
      current={table.current}
      acts={table.acts}
      isOld={groups ? groups.isPlaceholderData : (main?.isOld ?? false)}
      isNested={table.isNested}
      readsOn={!groups}
      onTop={table.onTop}
    />
  )
}

const isHighFirst = (by: string) => by.startsWith('metrics.') || by.endsWith('_time')

function Selected({
  experiment,
  inUse: { look },
  table,
  onExport,
}: PartProps & { onExport: ReturnType<typeof useExport> }) {
  const { project, ids, total, selection } = table
  const selected = [...selection.selected]
  if (selected.length === 0) return null
  const isAll = ids.length > 0 && ids.every((run) => selection.selected.has(run))
  const selectMatching = () =>
    void allMatching(project, experiment.id, askedOf(look), MOST_SELECTED).then(selection.set, (error: unknown) =>
      tell(sentenceOf(error), { failed: true }),
    )
  const isMore = isAll && total !== undefined && total > selected.length
  return (
    <BulkBar
      experiment={experiment.id}
      selected={selected}
      infoOf={table.store.info}
      more={isMore ? { count: Math.min(total, MOST_SELECTED), select: selectMatching } : undefined}
      onExport={() => void onExport(selected)}
      onClear={selection.clear}
      onDone={table.onDone}
    />
  )
}
