import type { ExperimentId } from '@stead/contracts'
import { SlidersHorizontal } from 'lucide-react'
import { runs as words } from '../../strings/runs.ts'
import { IconButton } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { ColumnPicker } from './column-picker.tsx'
import type { UnreadKeys } from './column-picker.tsx'
import type { KnownKeys } from './columns.ts'
import { GroupPicker } from './group-picker.tsx'
import type { Lifecycle } from './look.ts'
import css from './runs-page.module.css'
import type { LookInUse } from './use-look.ts'
import { ViewsMenu } from './views-menu.tsx'

const STATES: readonly Lifecycle[] = ['active', 'deleted', 'all']

/** How the runs are shown: grouped, under which columns, as which view. */
export function TableTools({
  experiment,
  known,
  unread,
  inUse,
  shown,
  judgedBy,
  onColumns,
  onExport,
}: {
  experiment: ExperimentId
  known: KnownKeys
  unread: UnreadKeys | undefined
  inUse: LookInUse
  shown: readonly string[]
  judgedBy: number
  onColumns: (columns: readonly string[] | undefined) => void
  onExport: () => void
}) {
  const { look, change } = inUse
  const tick = (isOn: boolean) => (isOn ? { hint: words.chosen } : {})
  return (
    <div className={css.buttons}>
      <GroupPicker known={known} by={look.group} onChange={(group) => change({ group })} />
      <ColumnPicker
        known={known}
        unread={unread}
        shown={shown}
        differ={look.diff}
        judgedBy={judgedBy}
        onChange={onColumns}
        onDiffer={(diff) => change({ diff })}
      />
      <ViewsMenu experiment={experiment} inUse={inUse} />
      <Menu
        label={words.options}
        trigger={<IconButton label={words.options} icon={<SlidersHorizontal />} />}
        items={[
          ...STATES.map((state) => ({
            label: words.show[state],
            ...tick(look.state === state),
            onSelect: () => change({ state }),
          })),
          { label: words.nest, ...tick(look.nest), onSelect: () => change({ nest: !look.nest }) },
          { label: words.bars, ...tick(look.bars), onSelect: () => change({ bars: !look.bars }) },
          { label: words.exportShown, onSelect: onExport },
        ]}
      />
    </div>
  )
}
